"""What the sender shows for as long as it lasts, whoever has it meanwhile: open breakers, storms, doubts."""

from schemas.times import HOUR, MINUTE, SECOND
from streams.policy.breaker import FIRST_PAUSE
from tests.sending import ANN, BOB, Post
from tests.unit.test_sender_failover import NO_CONNECTION, TIMEOUT, waiting
from tests.unit.test_sender_storm import DROP, GUARD_OFF, TELL, Flood


def test_a_breaker_is_open_until_a_probe_finds_the_provider_well() -> None:
    post = Post()
    assert post.driver.lasting == {}
    waiting(post, 30)
    assert post.driver.lasting["breakers_open aliyun"] == (0, 0)
    while post.sends:
        post.finish(post.sends[0], NO_CONNECTION)
    assert post.driver.lasting["breakers_open aliyun"] == (1, 0)
    post.driver.restart()
    assert post.driver.lasting["breakers_open aliyun"] == (1, 0)
    post.wait(FIRST_PAUSE)
    post.accept(post.send())
    assert post.driver.lasting["breakers_open aliyun"] == (0, 0)


def test_a_doubt_is_open_with_its_age_until_it_is_resolved_or_given_up() -> None:
    post = Post()
    for customer, phone in (("c1", ANN), ("c2", BOB)):
        post.profile(phone, customer=customer)
        post.notify(order=f"A-{customer}", customer=customer)
    post.held()
    first, second = post.sends
    assert post.driver.lasting["doubts_open aliyun"] == (0, 0)
    post.finish(first, TIMEOUT)
    post.wait(4 * SECOND)
    assert post.driver.lasting["doubts_open aliyun"] == (1, 4)
    post.finish(second, TIMEOUT)
    assert post.driver.lasting["doubts_open aliyun"] == (2, 4)
    post.report(first)
    assert post.driver.lasting["doubts_open aliyun"] == (1, 4)
    post.wait(10 * MINUTE)
    assert post.outcomes[-1] == ("failed", "in_doubt")
    assert post.driver.lasting["doubts_open aliyun"] == (0, 0)


def test_a_storm_holds_until_it_is_over() -> None:
    post = Flood()
    post.silent(99)
    post.held()
    post.told()
    assert "storms_holding carrier:sf" not in post.driver.lasting
    post.silent(200, first=99)
    post.wait(8 * HOUR, step=5 * MINUTE)
    assert post.driver.lasting["storms_holding carrier:sf"] == (1, 0), "though nothing new came for hours"
    post.driver.restart()
    assert post.driver.lasting["storms_holding carrier:sf"] == (1, 0)
    post.heard_of(range(99, 295))
    post.told_within(45 * MINUTE)
    assert "storms_holding carrier:sf" not in post.driver.lasting


def test_a_storm_that_an_operator_has_told_or_that_nobody_guards_against_holds_nothing() -> None:
    post = Flood()
    post.silent(200)
    held = {"storms_holding carrier:sf": (1, 0)}
    assert post.driver.lasting == held
    for rules, lasting in ((TELL, {}), (GUARD_OFF, {}), (DROP, held)):
        post.driver.rules = rules
        assert post.driver.lasting == lasting
