"""What rides in one message, and what becomes of it when that message does not go."""

from schemas.calls import ErrorClass
from schemas.times import HOUR, MINUTE, SECOND
from streams import topics
from tests.driver import START
from tests.sending import ABSENT, ANN, BOB, FOR_NOW, Post
from tests.unit.rules import rules_with


def two(post: Post, kind: str = "stock_shortage", apart: int = 2 * SECOND) -> None:
    """Two orders of one customer with the same trouble, shortly after one another, past the first's hold."""
    post.notify(kind, order="A0001")
    post.wait(apart)
    post.notify(kind, order="A0002")
    post.wait(3 * SECOND)


def packed(post: Post) -> list[str | None]:
    """Why each told of what it did."""
    return [sent.value.get("packed") for sent in post.written(topics.DECISIONS.name)]


def test_two_orders_ride_in_one_message() -> None:
    post = Post()
    post.profile(ANN)
    two(post)
    call = post.accept()
    assert set(call.request.variables.values()) >= {"A0001", "A0002"}
    assert post.decisions == [
        ("A0001-stock_shortage", "sent", "accepted"),
        ("A0002-stock_shortage", "merged", "accepted"),
    ]
    (receipt,) = post.receipts
    assert receipt["order_ids"] == ["A0001", "A0002"]
    assert receipt["segments"] == 1
    post.wait(10 * MINUTE)
    assert not post.sends


def test_each_decision_says_why_it_went_with_others_or_alone() -> None:
    for kinds, said in (
        (("stock_shortage", "stock_shortage"), ["merged", "merged"]),
        (("stock_shortage", "order_cancelled"), ["nothing_in_common", None]),  # for the last nothing waited any more
        (("stock_shortage",), [None]),
    ):
        post = Post()
        post.profile(ANN)
        for number, kind in enumerate(kinds):
            post.notify(kind, order=f"A000{number}")
        post.accept_all(within=10 * SECOND)
        assert packed(post) == said


def test_nothing_goes_later_for_company() -> None:
    post = Post()
    post.profile(ANN)
    two(post, apart=6 * SECOND)
    assert {order for call in post.sends for order in call.request.variables.values()} >= {"A0001"}
    assert all("A0002" not in call.request.variables.values() for call in post.sends)


def test_who_may_still_pay_is_left_alone_for_a_while() -> None:
    post = Post()
    post.profile(ANN)
    post.notify("payment_failed", order="A0001")
    post.notify("stock_shortage", order="A0001")
    post.wait(5 * SECOND)
    assert "A0001" in post.send().request.variables.values()
    post.accept()
    assert [command for command, _, _ in post.decisions] == ["A0001-stock_shortage"]
    post.settle("payment_failed", order="A0001")
    post.wait(10 * MINUTE)
    assert ("A0001-payment_failed", "settled", "resolved") in post.decisions


def test_contacts_have_each_a_message_of_all() -> None:
    post = Post()
    post.profile(ANN, BOB)
    two(post)
    assert len(post.sends) == 2
    for call in post.sends:
        assert set(call.request.variables.values()) >= {"A0001", "A0002"}
        post.accept(call, message_id=call.notification_id)
    assert [outcome for _, outcome, _ in post.decisions] == ["sent", "merged"]


def test_a_message_that_was_refused_for_now_goes_again_with_all() -> None:
    post = Post()
    post.profile(ANN)
    two(post)
    post.refuse_for_now()
    post.wait(3 * SECOND)
    call = post.accept()
    assert set(call.request.variables.values()) >= {"A0001", "A0002"}
    assert [outcome for _, outcome, _ in post.decisions] == ["sent", "merged"]


def test_what_is_settled_while_the_message_is_refused_rides_no_more() -> None:
    post = Post()
    post.profile(ANN)
    two(post)
    call = post.send()
    post.settle("stock_shortage", order="A0002")
    post.finish(call, None)
    post.wait(3 * SECOND)
    assert "A0002" not in post.accept().request.variables.values()
    assert sorted(post.decisions) == [
        ("A0001-stock_shortage", "sent", "accepted"),
        ("A0002-stock_shortage", "settled", "resolved"),
    ]


def test_what_is_settled_when_the_message_was_taken_was_told() -> None:
    post = Post()
    post.profile(ANN)
    two(post)
    post.settle("stock_shortage", order="A0002")
    post.accept()
    assert [outcome for _, outcome, _ in post.decisions] == ["sent", "merged"]


def test_a_text_of_several_that_is_refused_leaves_each_its_own() -> None:
    post = Post()
    post.profile(ANN)
    two(post)
    merged = post.refuse(ErrorClass.TEMPLATE)
    post.wait(3 * SECOND)
    calls = post.sends
    assert len(calls) == 2
    assert all(call.request.template != merged.request.template for call in calls)
    for call in calls:
        post.accept(call, message_id=call.notification_id)
    assert [outcome for _, outcome, _ in post.decisions] == ["sent", "sent"]
    assert packed(post) == ["no_way", "no_way"]


def test_a_provider_that_has_no_text_for_several_tells_each_alone() -> None:
    post = Post(providers=("tencent",))
    post.profile(ANN)
    post.notify("stock_shortage", order="A-LONG-NUMBER-0001")
    post.notify("stock_shortage", order="A-LONG-NUMBER-0002")
    post.wait(5 * SECOND)
    assert len(post.sends) in (1, 2)
    for call in post.sends:
        post.accept(call, message_id=call.notification_id)
    assert {outcome for _, outcome, _ in post.decisions} <= {"sent", "merged"}
    assert len(post.decisions) == 2


def test_what_is_in_doubt_together_is_told_in_no_other_text_message() -> None:
    post = Post()
    post.profile(ANN)
    two(post)
    post.no_answer()
    post.wait(10 * MINUTE)
    assert not post.sends
    assert post.outcomes == [("failed", "in_doubt")] * 2


def test_a_number_that_says_stop_meanwhile_stops_all_of_it() -> None:
    post = Post()
    post.profile(ANN)
    two(post)
    post.refuse(ErrorClass.OPTED_OUT)
    post.wait(SECOND)
    assert not post.sends
    assert post.outcomes == [("suppressed", "opted_out")] * 2


def test_orders_of_different_merchants_and_audiences_ride_apart() -> None:
    post = Post()
    post.profile(ANN)
    post.notify("stock_shortage", order="A0001", merchant_id="m1")
    post.notify("stock_shortage", order="A0002", merchant_id="m2")
    post.wait(5 * SECOND)
    assert len(post.sends) == 2


def test_an_attempt_that_died_with_its_owner_keeps_all_that_rode_in_it() -> None:
    post = Post(rules=rules_with("[kinds.stock_shortage]\nchannels = ['sms', 'inbox']"))
    post.profile(ANN)
    two(post)
    post.driver.restart()
    post.wait(10 * MINUTE)
    assert sorted(message["order_ids"][0] for message in post.inbox) == ["A0001", "A0002"]
    assert post.outcomes == [("sent", "accepted")] * 2


def test_what_the_contact_wants_to_hear_no_more_of_rides_along_no_more() -> None:
    post = Post(now=START + 23 * HOUR)
    hours = {"quiet_hours": {"from": "22:00", "to": "07:00", "time_zone": "Asia/Shanghai"}}
    ann = {"contact_id": "k0", "role": "buyer", "phone": ANN}
    post.customer(ann, preferences=hours)
    post.notify("stock_shortage", order="A0001")
    post.notify("address_undeliverable", order="A0002")
    post.held()
    post.customer(ann, preferences=hours | {"muted_kinds": ["address_undeliverable"]})
    post.wait(8 * HOUR)
    assert "A0001" in post.send().request.variables.values()
    assert "A0002" not in post.send().request.variables.values()


def test_what_rode_in_a_message_that_was_refused_takes_no_step_while_it_is_held() -> None:
    rules = rules_with("[kinds.payment_failed]\npatience = '0s'\nchannels = ['sms', 'inbox']")
    post = Post(rules=rules)
    post.profile(ANN)
    post.notify("payment_failed", order="A0002")
    post.notify("stock_shortage", order="A0001")
    post.wait(6 * SECOND)
    post.refuse(ErrorClass.BAD_NUMBER)
    post.wait(MINUTE)
    assert all("A0002" not in message["order_ids"] for message in post.inbox if message["kinds"] == ["payment_failed"])
    post.settle("payment_failed", order="A0002")
    post.wait(10 * MINUTE)
    assert ("A0002-payment_failed", "settled", "resolved") in post.decisions


def test_of_what_rode_in_a_message_that_was_taken_after_all_good_news_is_news() -> None:
    post = Post()
    post.profile(ANN)
    two(post)
    call = post.no_answer()
    while post.outcomes == [] and not post.sends:
        post.wait(SECOND)
        for question in post.questions:
            post.finish(question, ABSENT)
    for again in post.sends:
        post.finish(again, FOR_NOW)
    post.report(call)
    post.wait(SECOND)
    assert sorted(outcome for _, outcome, _ in post.decisions) == ["merged", "sent"]
    for order in ("A0001", "A0002"):
        post.settle("stock_shortage", order=order)
        post.notify("stock_replenished", order=order, urgency="routine", subject=f"{order}:stock_replenished")
    post.wait(MINUTE)
    news = [message["order_ids"] for message in post.inbox if message["kinds"] == ["stock_replenished"]]
    assert sorted(news) == [["A0001"], ["A0002"]]
