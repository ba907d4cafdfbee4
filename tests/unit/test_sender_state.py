"""What the sender remembers, how much at most, and that all of it ends."""

import pytest

from schemas.times import DAY, HOUR, MINUTE, SECOND
from streams.operators.sending import gate, queue, retries
from streams.operators.sending import outbox as parts
from tests.driver import record, rfc3339
from tests.sending import ANN, Post


def test_a_customer_of_whom_nothing_is_open_has_no_entry() -> None:
    post = Post()
    post.profile(ANN)
    post.profile("not a number")
    assert not post.driver.entries


def test_a_decided_command_is_known_for_a_week_and_then_nothing_is_left() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.report(post.held().accept())
    post.wait(7 * DAY - MINUTE)
    post.notify()
    assert len(post.outcomes) == 1
    post.wait(2 * MINUTE)
    assert b"c1" not in post.driver.entries
    post.wait(7 * DAY)
    assert set(post.driver.entries) <= {retries.KEY, gate.key("aliyun"), queue.key("aliyun")}


def test_of_too_many_open_notices_the_oldest_of_the_least_urgent_goes() -> None:
    post = Post()
    post.profile(ANN)
    post.ledger.is_fresh = False
    post.notify("payment_failed", order="first")
    post.notify("shipment_stalled", order="stalled")
    for number in range(parts.MOST_OPEN - 2):
        post.notify("payment_failed", order=f"A{number}")
    assert not post.outcomes
    post.notify("payment_failed", order="more")
    assert post.decisions == [("stalled-shipment_stalled", "failed", "overflow")]
    post.notify("payment_failed", order="yet-more")
    assert post.decisions[1] == ("first-payment_failed", "failed", "overflow")
    box = post.outbox()
    assert box is not None
    assert len(box.notices) == parts.MOST_OPEN


def test_of_what_is_remembered_the_oldest_leaves_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.operators.sending.due.MOST", 3)
    post = Post()
    for number in range(5):
        post.settle(order=f"A{number}")
        post.settle("*", order=f"A{number}")
        post.wait(SECOND)
    box = post.outbox()
    assert box is not None
    assert [settled.subject for settled in box.settles] == [f"A{n}:payment_failed" for n in (2, 3, 4)]
    assert [closed.order_id for closed in box.closed] == ["A2", "A3", "A4"]


def test_of_too_many_messages_that_await_a_report_the_oldest_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.operators.sending.due.MOST", 2)
    post = Post()
    post.profile(ANN)
    for number in range(3):
        post.notify(order=f"A{number}")
        post.accept(post.held().send())
    assert [(r["order_ids"], r["status"]) for r in post.receipts if r["status"] == "no_report"] == [
        (["A0"], "no_report")
    ]


def test_the_state_survives_its_changelog_at_every_point() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.driver.restart()
    call = post.held().send()
    post.driver.restart()
    post.wait(20 * SECOND)
    post.driver.restart()
    post.report(call)
    assert post.outcomes == [("sent", "accepted")]
    assert [status for _, status, _ in post.states] == ["unknown", "accepted", "delivered"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": "*"}, "bad_value"),
        ({"kind": "stock_forecast"}, "bad_value"),
        ({"notify_by": None}, "missing_field"),
        ({"action": "settle"}, "missing_field"),
        ({"customer_id": "c2"}, "key_mismatch"),
        ({"occurred_at": "yesterday"}, "bad_value"),
    ],
)
def test_a_command_that_is_none_changes_nothing(fields: dict[str, str | None], reason: str) -> None:
    command = {
        "command_id": "x",
        "action": "notify",
        "kind": "payment_failed",
        "subject": "A1:payment_failed",
        "audience": "buyer",
        "urgency": "urgent",
        "customer_id": "c1",
        "order_id": "A1",
        "facts": {},
        "event_id": "e1",
        "occurred_at": rfc3339(0),
        "detected_at": rfc3339(0),
        "notify_by": rfc3339(0),
        "rules": "r",
    } | fields
    post = Post()
    post.driver.feed(record("notification-commands", "c1", command))
    (letter,) = [sent.value for sent in post.written("dead-letters")]
    assert letter["reason"] == reason
    assert not post.driver.entries


def test_many_customers_share_one_task_without_touching_each_other() -> None:
    post = Post()
    for number in range(20):
        post.profile(f"139000000{number:02}", customer=f"c{number}")
        post.notify(order=f"A{number}", customer=f"c{number}")
    post.settle(order="A3", customer="c4")
    post.held().accept_all()
    assert sorted(post.decisions) == sorted((f"A{n}-payment_failed", "sent", "accepted") for n in range(20))
    post.wait(HOUR)
    assert not post.sends


def test_contacts_beyond_what_an_outbox_holds_end_the_notice_and_not_the_partition() -> None:
    post = Post()
    post.profile(*(f"139{number:08d}" for number in range(parts.MOST + 1)))
    post.notify()
    post.held()
    assert post.outcomes == [("failed", "overflow")]
    assert not post.sends


def test_what_changes_nothing_is_not_written() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    call = post.held().accept()
    post.report(call)
    before = post.driver.changes
    post.notify()
    post.report(call)
    post.profile(ANN)
    assert post.driver.changes == before
