"""What the sender shows for as long as it lasts, whoever has it meanwhile: open breakers, storms, doubts."""

from schemas.times import HOUR, MINUTE, SECOND
from streams.policy.breaker import FIRST_PAUSE
from tests.sending import ANN, BOB, Post
from tests.unit.test_sender_failover import NO_CONNECTION, TIMEOUT, waiting
from tests.unit.test_sender_storm import DROP, GUARD_OFF, TELL, Flood, swollen


def lasting(post: Post) -> dict[str, tuple[int, float]]:
    """What lasts: how much, and for how many seconds the oldest."""
    return {" ".join((t.gauge, *t.labels)): (t.number, t.oldest) for t in post.driver.lasting}


def test_a_breaker_is_open_until_a_probe_finds_the_provider_well() -> None:
    post = Post()
    assert lasting(post) == {}
    waiting(post, 30)
    assert lasting(post)["breakers_open aliyun"] == (0, 0)
    while post.sends:
        post.finish(post.sends[0], NO_CONNECTION)
    assert lasting(post)["breakers_open aliyun"] == (1, 0)
    post.driver.restart()
    assert lasting(post)["breakers_open aliyun"] == (1, 0)
    post.wait(FIRST_PAUSE)
    post.accept(post.send())
    assert lasting(post)["breakers_open aliyun"] == (0, 0)


def test_a_doubt_is_open_with_its_age_until_it_is_resolved_or_given_up() -> None:
    post = Post()
    for customer, phone in (("c1", ANN), ("c2", BOB)):
        post.profile(phone, customer=customer)
        post.notify(order=f"A-{customer}", customer=customer)
    post.held()
    first, second = post.sends
    assert lasting(post)["doubts_open aliyun"] == (0, 0)
    post.finish(first, TIMEOUT)
    post.wait(4 * SECOND)
    assert lasting(post)["doubts_open aliyun"] == (1, 4)
    post.finish(second, TIMEOUT)
    assert lasting(post)["doubts_open aliyun"] == (2, 4)
    post.report(first)
    assert lasting(post)["doubts_open aliyun"] == (1, 4)
    post.wait(10 * MINUTE)
    assert post.outcomes[-1] == ("failed", "in_doubt")
    assert lasting(post)["doubts_open aliyun"] == (0, 0)


def test_a_storm_holds_until_it_is_over() -> None:
    post = Flood()
    post.silent(99)
    post.held()
    post.told()
    assert "storms_holding carrier:sf" not in lasting(post)
    post.silent(200, first=99)
    post.wait(8 * HOUR, step=5 * MINUTE)
    assert lasting(post)["storms_holding carrier:sf"] == (1, 0), "though nothing new came for hours"
    post.driver.restart()
    assert lasting(post)["storms_holding carrier:sf"] == (1, 0)
    post.heard_of(range(99, 295))
    post.told_within(45 * MINUTE)
    assert "storms_holding carrier:sf" not in lasting(post)


def test_so_does_one_of_a_kind() -> None:
    assert lasting(swollen())["storms_holding kind:payment_failed"] == (1, 0)


def test_a_storm_that_an_operator_has_told_or_that_nobody_guards_against_holds_nothing() -> None:
    post = Flood()
    post.silent(200)
    held = {"storms_holding carrier:sf": (1, 0)}
    assert lasting(post) == held
    for rules, lasts in ((TELL, {}), (GUARD_OFF, {}), (DROP, held)):
        post.driver.rules = rules
        assert lasting(post) == lasts
