"""What a provider says not to know although it was asked to send it."""

from itertools import pairwise

import pytest

from schemas.calls import QueryResult
from schemas.times import DAY, MINUTE, SECOND
from tests.sending import ABSENT, ANN, Post


@pytest.fixture
def post() -> Post:
    post = Post()
    post.profile(ANN)
    post.notify()
    return post.held()


def test_what_one_provider_lost_goes_by_the_other() -> None:
    post = Post(providers=("aliyun", "tencent"))
    post.profile(ANN)
    post.notify()
    post.held()
    post.no_answer()
    post.wait(45 * SECOND)
    post.finish(post.questions[-1], ABSENT)
    assert post.send().provider == "tencent"


def test_what_a_provider_knows_late_is_not_sent_a_third_time(post: Post) -> None:
    post.no_answer()
    post.wait(45 * SECOND)
    post.finish(post.questions[-1], ABSENT)
    post.wait(SECOND)
    assert post.no_answer().attempt == 2
    post.wait(5 * SECOND)
    of_the_first = next(
        question for question in post.questions if question.attempt == 1 and question.asked_at == post.now
    )
    post.finish(of_the_first, QueryResult(found="delivered", message_id="m-1"))
    assert post.outcomes == [("sent", "accepted")]
    post.wait(45 * SECOND)
    for question in post.questions:
        post.finish(question, ABSENT)
    post.wait(DAY)
    assert not post.sends


def test_one_that_loses_everything_is_asked_ever_more_rarely(post: Post) -> None:
    begun = [post.now]
    for _ in range(6):
        post.no_answer()
        while not post.sends:
            post.wait(5 * SECOND)
            for question in post.questions:
                post.finish(question, ABSENT)
        begun.append(post.now)
    pauses = [later - sooner for sooner, later in pairwise(begun)]
    assert pauses == sorted(pauses)
    assert 45 * SECOND <= pauses[0] <= MINUTE
    assert 10 * MINUTE <= pauses[-1] <= 12 * MINUTE
