"""Until when Kafka keeps what was erased, by the configuration that our topics are declared with."""

import pytest

from schemas.times import DAY, HOUR
from streams.policy.keeping import CLEANING, keeping
from streams.topics import BEATEN, CUSTOMERS, OPT_OUTS, TOPICS, Topic

DEFAULTS = {
    "segment.ms": "604800000",
    "max.compaction.lag.ms": "9223372036854775807",
    "delete.retention.ms": "86400000",
    "retention.ms": "604800000",
}
"""Kafka's own."""
ERASED = 1_764_000_000_000_000


def of(topic: Topic, **config: str) -> dict[str, str]:
    return DEFAULTS | topic.config | {name.replace("_", "."): value for name, value in config.items()}


@pytest.mark.parametrize("topic", BEATEN, ids=lambda topic: topic.name)
def test_from_our_compacted_topics_what_was_erased_is_gone_within_a_day(topic: Topic) -> None:
    kept = keeping(of(topic))
    replaced, null = kept.replaced(ERASED), kept.null(ERASED)
    assert replaced is not None
    assert null is not None
    assert ERASED + HOUR < replaced < null <= ERASED + DAY


def test_all_that_is_compacted_and_ours_has_its_segments_closed_but_what_names_nobody() -> None:
    compacted = {topic.name for topic in TOPICS if "compact" in topic.config["cleanup.policy"]}
    assert {topic.name for topic in BEATEN} == compacted - {OPT_OUTS.name, CUSTOMERS.name}


def test_a_profile_of_others_is_gone_within_a_day_and_that_it_was_erased_outlasts_a_week_without_us() -> None:
    kept = keeping(of(CUSTOMERS))
    replaced, null = kept.replaced(ERASED), kept.null(ERASED)
    assert replaced is not None
    assert null is not None
    assert replaced <= ERASED + DAY
    assert null >= ERASED + 7 * DAY


@pytest.mark.parametrize("topic", [t for t in TOPICS if not t.compacted], ids=lambda topic: topic.name)
def test_from_the_others_a_record_goes_with_its_segment(topic: Topic) -> None:
    assert topic.days is not None
    segment = 7 * DAY if topic.external else DAY
    assert keeping(of(topic)).unreplaced(ERASED) == ERASED + topic.days * DAY + segment + CLEANING


def test_without_a_lag_compaction_has_no_end_and_without_a_retention_nothing_has() -> None:
    kept = keeping(DEFAULTS | {"cleanup.policy": "compact"})
    assert kept.replaced(ERASED) is kept.null(ERASED) is kept.unreplaced(ERASED) is None
    assert keeping(DEFAULTS | {"cleanup.policy": "delete", "retention.ms": "-1"}).unreplaced(ERASED) is None


def test_where_both_are_at_work_the_earlier_takes_it() -> None:
    config = DEFAULTS | {"cleanup.policy": "compact,delete", "retention.ms": "3600000", "segment.ms": "3600000"}
    assert keeping(config).replaced(ERASED) == ERASED + 3 * HOUR
    assert keeping(config | {"max.compaction.lag.ms": "1"}).replaced(ERASED) == ERASED + 3 * HOUR


def test_a_segment_is_closed_at_its_time_or_when_it_ought_to_be_cleaned() -> None:
    config = DEFAULTS | {"cleanup.policy": "compact", "max.compaction.lag.ms": "7200000"}
    assert keeping(config).replaced(ERASED) == ERASED + 5 * HOUR
    assert keeping(config | {"segment.ms": "3600000"}).replaced(ERASED) == ERASED + 4 * HOUR
