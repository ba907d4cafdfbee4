"""Who waits for a slot, a retry, a ledger: in which order they go, and what it costs to wait."""

from typing import Any

from schemas.calls import ErrorClass, SendResult
from schemas.times import MINUTE, SECOND
from streams.operators.sending.route import BUSY_PAUSE
from tests.sending import Post
from tests.unit.rules import rules_with

BOTH = ("aliyun", "tencent")
SOON = "[kinds.payment_failed]\nmerge_hold = '1s'\n"
WRONG_TEXT = SendResult(outcome="rejected", error_class=ErrorClass.TEMPLATE, code="isv.NO")


def come(post: Post, numbers: range, tier: str = "regular", **command: Any) -> None:
    """Customers with a notice each, whose hold is over one after the other."""
    for number in numbers:
        post.profile(f"139{number:08}", customer=f"c{number}", tier=tier)
        post.notify(order=f"A{number}", customer=f"c{number}", **command)
        post.wait(SECOND // 50)


def hasty(rules: str = "", **more: Any) -> Post:
    """A sender that holds nothing for long."""
    return Post(rules=rules_with(SOON + rules), **more)


def full(slots: int, waiting: int, rules: str = "") -> Post:
    """A sender whose slots are taken, with so many that wait."""
    post = hasty(rules, slots=slots)
    come(post, range(slots + waiting))
    post.wait(SECOND)
    assert len(post.sends) == slots
    return post


def told(post: Post) -> list[str]:
    """The customers whose messages are under way."""
    return [call.customer_id for call in post.sends]


def test_when_a_call_ends_whoever_waits_longest_goes_in_the_same_turn() -> None:
    post = full(3, 4)
    post.accept(post.sends[1])
    assert told(post) == ["c0", "c2", "c3"]
    post.accept(post.sends[0])
    assert told(post) == ["c2", "c3", "c4"]


def test_to_wait_for_a_slot_costs_nothing_that_is_written_and_one_look_in_a_while() -> None:
    post = full(4, 200)
    before, turns, until = post.driver.changes, 0, post.now + SECOND
    while post.driver.next_deadline is not None and post.driver.next_deadline <= until:
        post.driver.advance_to(post.driver.next_deadline)
        turns += 1
    assert post.driver.changes == before
    assert turns <= SECOND // BUSY_PAUSE + 1


def test_the_urgent_and_the_vips_do_not_stand_behind_the_rest() -> None:
    post = hasty(slots=4)
    come(post, range(10), urgency="routine")
    come(post, range(10, 12), tier="vip", urgency="routine")
    come(post, range(12, 14))
    post.wait(SECOND)
    assert told(post) == ["c0", "c1", "c2", "c10"]
    for _ in range(4):
        post.accept(post.sends[0])
    assert told(post) == ["c11", "c12", "c13"], "one slot is for the first ones alone"
    post.accept(post.sends[0])
    assert told(post) == ["c12", "c13", "c3"]


def test_what_is_settled_while_it_waits_leaves_the_line_and_holds_up_nobody() -> None:
    post = full(3, 3)
    post.settle(order="A3", customer="c3")
    assert post.outcomes == [("settled", "resolved")]
    post.accept(post.sends[0])
    assert told(post) == ["c1", "c2", "c4"]


def test_what_expires_while_it_waits_ends_at_its_time() -> None:
    post = full(3, 0, "expire_after = '10s'\n[kinds.stock_shortage]\nmerge_hold = '1s'")
    come(post, range(3, 5), kind="stock_shortage")
    come(post, range(5, 6))
    post.wait(9 * SECOND)
    assert not post.outcomes
    post.wait(SECOND)
    assert post.outcomes == [("expired", "overtaken")]


def test_one_that_can_only_go_by_another_holds_up_nobody_behind_it() -> None:
    post = hasty(providers=BOTH, slots=4)
    come(post, range(4))
    post.wait(SECOND)
    while by_aliyun := [call for call in post.sends if call.provider == "aliyun"]:
        post.finish(by_aliyun[0], WRONG_TEXT)
    assert [call.provider for call in post.sends] == ["tencent"] * 4
    come(post, range(4, 24))
    post.wait(SECOND)
    refused = [call for call in post.sends if call.provider == "aliyun"]
    assert told(post)[4:] == ["c4", "c5", "c6", "c7"]
    for call in refused:
        post.finish(call, WRONG_TEXT)
    while by_aliyun := [call for call in post.sends if call.provider == "aliyun"]:
        post.accept(by_aliyun[0])
    assert len(post.outcomes) == 16, "all but those that tencent must take, which answers nobody"


def test_whoever_takes_over_finds_those_that_waited() -> None:
    post = full(3, 2)
    post.driver.restart()
    post.wait(16 * SECOND)
    assert told(post) == ["c3", "c4"]


def test_a_ledger_that_can_be_relied_on_again_lets_all_go_within_a_second() -> None:
    post = hasty()
    post.ledger.is_fresh = False
    come(post, range(8))
    post.wait(SECOND)
    assert not post.sends
    before = post.driver.changes
    post.wait(MINUTE)
    assert post.driver.changes == before
    post.ledger.is_fresh = True
    post.wait(SECOND)
    assert len(post.sends) == 8


def test_an_operator_who_switches_a_provider_on_is_heard_at_once() -> None:
    post = hasty('[switched_off]\nproviders = ["aliyun"]')
    come(post, range(4))
    post.wait(SECOND)
    before = post.driver.changes
    post.wait(MINUTE)
    assert (post.driver.changes, post.sends) == (before, [])
    post.driver.rules = rules_with(SOON)
    post.wait(0)
    assert len(post.sends) == 4
