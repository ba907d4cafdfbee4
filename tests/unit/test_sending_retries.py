"""The budget of retries."""

from schemas.times import MINUTE, SECOND
from streams.operators.sending.retries import FIRST_ONES, LENT, RETRY, Retries

NOW = 1_764_000_000 * SECOND


def retries(budget: Retries, now: int) -> int:
    """How many retries may go at once."""
    count = 0
    while budget.may_retry(now):
        budget, count = budget.went(now, again=True), count + 1
    return count


def test_an_outage_does_not_become_a_storm() -> None:
    budget = Retries()
    assert retries(budget, NOW) == LENT // RETRY + 1
    for _ in range(LENT // RETRY + 1):
        budget = budget.went(NOW, again=True)
    assert not budget.may_retry(NOW)
    assert retries(budget, NOW + 10 * SECOND) == 10 * SECOND // RETRY


def test_messages_that_go_for_the_first_time_pay_for_retries() -> None:
    budget = Retries()
    while budget.may_retry(NOW):
        budget = budget.went(NOW, again=True)
    for _ in range(FIRST_ONES):
        budget = budget.went(NOW, again=False)
    assert retries(budget, NOW) == 1


def test_what_is_not_used_is_not_saved_up() -> None:
    budget = Retries()
    for _ in range(10_000):
        budget = budget.went(NOW, again=False)
    assert retries(budget, NOW + MINUTE) == LENT // RETRY + 1
