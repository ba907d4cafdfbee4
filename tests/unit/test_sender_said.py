"""What the sender says for the log: of whom somebody has to look after, and nothing personal."""

import pytest

from schemas.calls import ErrorClass
from schemas.times import DAY
from tests.sending import ANN, Post


def said(post: Post) -> list[tuple[str, str, dict[str, str | int]]]:
    return [(level, event, dict(fields)) for level, event, fields in post.driver.said]


def test_a_notice_that_could_not_be_told_is_said_with_its_reason_and_command() -> None:
    post = Post()
    post.profile(ANN)
    command = post.notify()
    post.held().refuse(ErrorClass.TEMPLATE)
    assert post.outcomes == [("failed", "template_refused")]
    failed = {"kind": "payment_failed", "reason": "template_refused", "command_id": command}
    assert ("warning", "notice_failed", failed) in said(post)
    assert ANN not in repr(post.driver.said)


def test_so_is_one_that_came_too_late() -> None:
    post = Post()
    post.ledger.is_fresh = False
    post.profile(ANN)
    post.notify()
    post.wait(2 * DAY)
    assert post.outcomes == [("expired", "overtaken")]
    assert [(event, fields["reason"]) for _, event, fields in said(post)] == [("notice_failed", "overtaken")]


@pytest.mark.parametrize("phone", [None, "010-12345678"])
def test_one_that_lacks_the_customers_data_is_only_counted(phone: str | None) -> None:
    post = Post()
    post.profile(phone)
    post.notify()
    post.held()
    assert [outcome for outcome, _ in post.outcomes] == ["failed"]
    assert said(post) == []


def test_a_notice_that_is_told_says_nothing() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.held().report(post.accept())
    assert said(post) == []
