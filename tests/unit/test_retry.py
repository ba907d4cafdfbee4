"""What follows from a provider's no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calls import ErrorClass
from schemas.outputs import Outcome, Reason
from schemas.times import MINUTE, SECOND
from streams.policy.retry import Retry, at_provider, everywhere
from streams.policy.verdict import Verdict

NOW = 1_764_000_000 * SECOND
PASSING = (
    ErrorClass.RETRY_LATER,
    ErrorClass.RATE_LIMITED,
    ErrorClass.UNREACHABLE,
    ErrorClass.BALANCE,
    ErrorClass.CONFIGURATION,
    ErrorClass.DAY_LIMIT,
    ErrorClass.NOT_NOW,
    ErrorClass.NUMBER_UNAVAILABLE,
)


def pause(refusal: ErrorClass, attempt: int, notify_by: int = NOW + 5 * MINUTE) -> int:
    then = at_provider(refusal, "n-1", attempt, NOW, notify_by)
    assert isinstance(then, Retry)
    return then.at - NOW


@pytest.mark.parametrize(
    ("refusal", "ends"),
    [
        (ErrorClass.OPTED_OUT, Verdict(Outcome.SUPPRESSED, Reason.OPTED_OUT)),
        (ErrorClass.BAD_NUMBER, Verdict(Outcome.FAILED, Reason.BAD_NUMBER)),
        (ErrorClass.TEMPLATE, Verdict(Outcome.FAILED, Reason.TEMPLATE_REFUSED)),
        (ErrorClass.CONTENT, Verdict(Outcome.FAILED, Reason.CONTENT_REFUSED)),
        (ErrorClass.DRY_RUN, Verdict(Outcome.SUPPRESSED, Reason.DRY_RUN)),
        (ErrorClass.UNKNOWN, Verdict(Outcome.FAILED, Reason.PROVIDER_REFUSED)),
    ],
)
def test_what_repeating_does_not_mend_ends(refusal: ErrorClass, ends: Verdict) -> None:
    assert at_provider(refusal, "n-1", 1, NOW, NOW + MINUTE) == ends


@given(st.sampled_from(PASSING), st.integers(1, 10_000), st.integers(-MINUTE, 10 * MINUTE), st.text(max_size=40))
def test_what_mends_itself_is_tried_again_between_a_second_and_twelve_minutes_later(
    refusal: ErrorClass, attempt: int, left: int, notification_id: str
) -> None:
    then = at_provider(refusal, notification_id, attempt, NOW, NOW + left)
    assert isinstance(then, Retry)
    assert SECOND <= then.at - NOW <= 12 * MINUTE
    assert then == at_provider(refusal, notification_id, attempt, NOW, NOW + left)


def test_pauses_double_from_a_second_to_a_minute_while_it_can_be_in_time() -> None:
    for attempt, seconds in enumerate((1, 2, 4, 8, 16, 32, 60, 60), start=1):
        assert seconds * SECOND <= pause(ErrorClass.RETRY_LATER, attempt) <= seconds * SECOND * 6 // 5


def test_when_it_is_late_already_pauses_grow_to_ten_minutes() -> None:
    assert 10 * MINUTE <= pause(ErrorClass.UNREACHABLE, 11, notify_by=NOW) <= 12 * MINUTE


@pytest.mark.parametrize(
    ("refusal", "least"),
    [
        (ErrorClass.BALANCE, MINUTE),
        (ErrorClass.CONFIGURATION, MINUTE),
        (ErrorClass.DAY_LIMIT, 10 * MINUTE),
        (ErrorClass.NOT_NOW, 10 * MINUTE),
    ],
)
def test_what_takes_a_human_or_another_day_is_not_hurried(refusal: ErrorClass, least: int) -> None:
    assert pause(refusal, 1) >= least


@pytest.mark.parametrize("refusal", ErrorClass)
def test_every_class_has_an_answer(refusal: ErrorClass) -> None:
    assert isinstance(at_provider(refusal, "n-1", 1, NOW, NOW), Retry | Verdict)


def test_notifications_that_were_refused_together_come_back_apart() -> None:
    moments = {at_provider(ErrorClass.RETRY_LATER, f"n-{number}", 7, NOW, NOW + 5 * MINUTE) for number in range(100)}
    assert len(moments) > 80


@pytest.mark.parametrize("refusal", ErrorClass)
def test_what_is_so_of_the_number_or_of_a_dry_run_is_so_everywhere(refusal: ErrorClass) -> None:
    assert everywhere(refusal) == (refusal in (ErrorClass.OPTED_OUT, ErrorClass.BAD_NUMBER, ErrorClass.DRY_RUN))
