"""The delivered share of a road: what is counted, when it has collapsed, which road is taken, and that it all ends."""

from collections.abc import Mapping
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from streams.engine.table import Overlay
from streams.engine.turn import Turn
from streams.metrics import Metrics
from streams.operators.sending import gate, queue, retries, share
from streams.operators.sending.desk import State
from streams.operators.sending.share import ENOUGH, PROBE_EVERY, REPORTS_WITHIN, SLOT, WINDOW, Share
from tests.driver import NOON
from tests.sending import Post, accepted
from tests.unit.rules import RULES

ROAD = b"*share/aliyun/mobile/pay_1"
JUDGED = SLOT + REPORTS_WITHIN
"""When what began at ``NOON``, where a slot begins, is judged."""


def turn(at: Micros, entries: Mapping[bytes, Share] | None = None) -> Turn[Any, Any]:
    return Turn(Overlay(dict(entries or {})), {}, RULES, now=at, wall=at)


def a_road(accepted: int, delivered: int, at: Micros = NOON) -> Share:
    return Share().add(at, at, accepted, delivered)


def test_a_road_collapses_when_fewer_than_half_of_enough_messages_arrive() -> None:
    assert a_road(ENOUGH, ENOUGH // 2 - 1).collapsed(NOON + JUDGED)
    assert not a_road(ENOUGH, ENOUGH // 2).collapsed(NOON + JUDGED)
    assert not a_road(ENOUGH - 1, 0).collapsed(NOON + JUDGED)


def test_it_is_judged_when_reports_have_had_their_time_and_until_the_window_is_over() -> None:
    road = a_road(ENOUGH, 0)
    assert not road.collapsed(NOON + JUDGED - 1)
    assert road.collapsed(NOON + JUDGED)
    assert road.collapsed(NOON + SLOT + WINDOW - 1)
    assert not road.collapsed(NOON + SLOT + WINDOW)


def passed(entries: dict[bytes, Share], until: Micros) -> dict[bytes, Share]:
    """The entries after whatever falls due until then, each at its own moment, which must lie ahead."""
    at = 0
    while ROAD in entries and (deadline := entries[ROAD].deadline or 0) <= until:
        assert deadline > at
        this = turn(at := deadline, entries)
        share.due(this, ROAD, entries[ROAD])
        this.apply()
        entries = dict(this.state.base.items())
    return entries


News = st.tuples(
    st.integers(0, 3 * HOUR),  # when the attempt began
    st.integers(0, 2 * HOUR),  # how much later it was accepted
    st.integers(0, 2 * HOUR),  # how much later again it was reported
    st.sampled_from([("delivered", None), ("undelivered", "template"), ("undelivered", "bad_number"), None]),
)


@given(st.lists(News, max_size=40))
def test_what_is_counted_is_what_a_full_count_says_and_all_of_it_leaves(told: list[Any]) -> None:
    acts = []
    for began, until_accepted, until_reported, report in told:
        acts.append((NOON + began + until_accepted, 0, began, None))
        if report is not None:
            acts.append((NOON + began + until_accepted + until_reported, 1, began, report))
    entries: dict[bytes, Share] = {}
    expected: dict[int, list[int]] = {}
    now = NOON
    for now, _, began, report in sorted(acts, key=lambda act: act[:2]):
        entries = passed(entries, now)
        this, started_at = turn(now, entries), NOON + began
        if report is None:
            share.accepted(this, "aliyun", "mobile", "pay_1", started_at)
        else:
            share.reported(this, "aliyun", "mobile", "pay_1", started_at, *report)
        this.apply()
        entries = dict(this.state.base.items())
        if (started_at // SLOT + 1) * SLOT + WINDOW > now:
            count = expected.setdefault(started_at // SLOT, [0, 0])
            count[0] += report is None
            count[0] -= report == ("undelivered", "bad_number")
            count[1] += report == ("delivered", None)
        living = {n: tuple(c) for n, c in expected.items() if (n + 1) * SLOT + WINDOW > now and c[0]}
        found = entries.get(ROAD, Share()).slots
        assert {slot.number: slot[1:] for slot in found} == living
        assert all(0 <= slot.delivered <= slot.accepted for slot in found)
        assert len(found) <= WINDOW // SLOT + 2
    assert not passed(entries, now + WINDOW + 2 * SLOT + HOUR)


@given(st.integers(-DAY, DAY))
def test_a_clock_that_jumps_leaves_no_road_behind(jump: Micros) -> None:
    road = a_road(3, 1).add(NOON + jump, NOON + jump, 1, 0)
    deadline = road.deadline
    assert deadline is not None
    assert deadline > road.looked_at


def test_a_message_takes_the_other_road_and_one_a_minute_probes_the_collapsed() -> None:
    entries = {ROAD: a_road(ENOUGH, 0)}
    taken = []
    for second in range(0, 150, 10):
        this = turn(NOON + JUDGED + second * SECOND, entries)
        taken.append(share.prefers_other(this, "aliyun", ("aliyun", "tencent"), "mobile", "pay_1"))
        Metrics().apply(this.counts)
        this.apply()
        entries = dict(this.state.base.items())
    assert [at for at, other in enumerate(taken) if other is None] == [0, 6, 12]
    assert {other for other in taken if other is not None} == {"tencent"}
    assert PROBE_EVERY == MINUTE


def test_where_the_other_is_no_better_or_nobody_knows_the_carrier_the_road_is_kept() -> None:
    at = NOON + JUDGED
    down = msgspec.structs.replace(a_road(ENOUGH, 0), probed_at=at)
    both = turn(at, {ROAD: down, b"*share/tencent/mobile/pay_1": down})
    assert share.prefers_other(both, "aliyun", ("tencent",), "mobile", "pay_1") is None
    assert not both.counts
    alone = turn(at, {ROAD: down})
    assert share.prefers_other(alone, "aliyun", ("tencent",), "mobile", "pay_1") == "tencent"
    assert share.prefers_other(alone, "aliyun", (), "mobile", "pay_1") is None
    assert share.prefers_other(alone, "aliyun", ("tencent",), None, "pay_1") is None
    assert share.prefers_other(alone, "aliyun", ("tencent",), "unicom", "pay_1") is None
    assert share.prefers_other(alone, "aliyun", ("tencent",), "mobile", "pay_2") is None
    assert share.prefers_other(alone, "tencent", ("aliyun",), "mobile", "pay_1") is None
    assert not alone.state.changes


# In the sender.


def sent(post: Post, count: int = ENOUGH) -> list[Any]:
    """So many messages to as many customers of China Mobile, each accepted."""
    for n in range(count):
        post.profile(f"139{n:08d}", customer=f"c{n}")
        post.notify(order=f"A{n}", customer=f"c{n}")
    calls = post.held().accept_all()
    assert len(calls) == count
    return calls


def road(post: Post) -> Share:
    (key,) = (key for key in post.driver.entries if key.startswith(b"*share/"))
    entry: State = post.driver.entries[key]
    assert key.startswith(b"*share/aliyun/mobile/")
    assert isinstance(entry, Share)
    return entry


def turned(post: Post) -> list[str]:
    return [what[-1] for what in post.driver.counts if what[0] == "roads_turned"]


def test_a_carrier_that_drops_without_a_word_is_found_out_and_forgiven_within_the_window() -> None:
    post = Post()
    sent(post)
    assert not turned(post)
    post.wait(JUDGED)
    assert turned(post) == ["collapsed"]
    assert road(post).collapsed(post.now)
    post.driver.restart()
    post.wait(WINDOW)
    assert turned(post) == ["collapsed", "well"]
    assert [(level, event) for level, event, _ in post.driver.said] == [
        ("warning", "road_collapsed"),
        ("info", "road_well"),
    ]
    Metrics().apply(post.driver.counts)
    assert not [key for key in post.driver.entries if key.startswith(b"*share/")]
    post.wait(15 * DAY)
    assert set(post.driver.entries) <= {retries.KEY, gate.key("aliyun"), queue.key("aliyun")}


def test_messages_that_arrive_leave_the_road_well_however_often_their_reports_come() -> None:
    post = Post()
    for call in sent(post):
        post.report(call)
        post.report(call)
        post.report(call, "undelivered", reason="template")
    post.wait(JUDGED)
    assert not turned(post)
    (slot,) = road(post).slots
    assert (slot.accepted, slot.delivered) == (ENOUGH, ENOUGH)


def test_what_failed_because_of_the_number_says_nothing_of_the_road() -> None:
    post = Post()
    for n, call in enumerate(sent(post, 2 * ENOUGH)):
        if n % 4:
            post.report(call, "undelivered", reason=("bad_number", "number_unavailable", "opted_out")[n % 3])
        else:
            post.report(call)
    post.wait(JUDGED)
    assert not turned(post)
    (slot,) = road(post).slots
    assert (slot.accepted, slot.delivered) == (ENOUGH // 2, ENOUGH // 2)


def test_foreign_numbers_are_counted_on_no_road() -> None:
    post = Post()
    post.profile("+447911123456")
    post.notify()
    post.report(post.held().accept())
    assert not [key for key in post.driver.entries if key.startswith(b"*share/")]


def test_a_report_that_overtakes_its_acceptance_counts_once() -> None:
    post = Post()
    post.profile("13900000001")
    post.notify()
    call = post.held().send()
    post.report(call)
    post.finish(call, accepted())
    (slot,) = road(post).slots
    assert (slot.accepted, slot.delivered) == (1, 1)
