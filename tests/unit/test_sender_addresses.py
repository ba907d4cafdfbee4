"""What is asked about addresses, in the inbox: of whom wants that, each once, and only of what did prove wrong."""

from schemas.calls import ErrorClass, SendResult
from schemas.times import DAY, MINUTE, SECOND
from tests.driver import rfc3339
from tests.sending import ABSENT, ANN, BOB, Post

BAD = SendResult(outcome="rejected", error_class=ErrorClass.BAD_NUMBER, code="isv.MOBILE_NUMBER_ILLEGAL")


def contacts(*phones: str, **fields: object) -> list[dict[str, object]]:
    return [{"contact_id": f"k{n}", "role": "buyer", "phone": phone} | fields for n, phone in enumerate(phones)]


def test_each_wrong_number_of_one_notice_is_asked_for_by_itself() -> None:
    post = Post()
    post.profile(ANN, BOB)
    post.notify()
    post.held()
    for call in post.sends:
        post.finish(call, BAD)
    assert [message["kinds"] for message in post.inbox] == [["contact_invalid"]] * 2
    assert len({message["message_id"] for message in post.inbox}) == 2


def test_of_a_number_that_the_customer_has_changed_meanwhile_nothing_is_asked() -> None:
    for now, asked in ((BOB,), []), ((), []), ((ANN,), ["k0"]), ((BOB, ANN), ["k1"]):
        post = Post()
        post.profile(ANN)
        post.notify()
        told = post.held().accept()
        post.customer(*contacts(*now))
        post.report(told, "undelivered", reason="bad_number")
        assert [message["contact_id"] for message in post.inbox] == asked


def test_who_does_not_want_the_inbox_is_asked_and_given_nothing_there() -> None:
    post = Post()
    old = {"verified_at": rfc3339(post.now - 181 * DAY)}
    post.customer(*contacts(ANN, **old), tier="new", preferences={"channels": ["sms"]})
    post.notify()
    post.held()
    post.finish(post.send(), BAD)
    assert post.coupons
    assert not post.inbox


def test_who_has_muted_a_question_is_not_asked() -> None:
    post = Post()
    old = {"verified_at": rfc3339(post.now - 181 * DAY)}
    post.customer(*contacts(ANN, **old), preferences={"muted_kinds": ["contact_check", "contact_invalid"]})
    post.notify()
    post.held()
    post.finish(post.send(), BAD)
    assert not post.inbox


def test_a_number_that_took_the_place_of_a_wrong_one_is_not_called_wrong() -> None:
    post = Post()
    post.profile(ANN)
    post.notify(order="A1")
    first = post.held().no_answer()
    post.profile(BOB)
    while not post.sends:
        post.wait(SECOND)
        for question in post.questions:
            post.finish(question, ABSENT)
    assert post.send().request.number == f"+86{BOB}"
    post.report(first, "undelivered", reason="bad_number")
    post.accept()
    post.wait(MINUTE)
    post.notify(order="A2")
    assert post.held().send().request.number == f"+86{BOB}"


def test_who_has_given_another_number_meanwhile_is_not_asked_to() -> None:
    post = Post()
    post.customer(*contacts(ANN))
    post.notify()
    first = post.held().accept()
    post.customer(*contacts(BOB))
    post.report(first, "undelivered", reason="bad_number")
    assert not post.inbox
