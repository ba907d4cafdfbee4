"""Workers die at the worst moments: each exception still has one outcome, and each telephone is told once."""

import asyncio
import signal

from tests.integration.shop import Shop, until


def _number(index: int) -> str:
    return f"138{index:08d}"


async def _trouble(shop: Shop, count: int, since: int = 0) -> None:
    """So many customers, each with one order in trouble."""
    for index in range(since, since + count):
        await shop.customer(f"{shop.id}-c{index}", _number(index))
    for index in range(since, since + count):
        await shop.order("stock.shortage", f"{shop.id}-o{index}", f"{shop.id}-c{index}", sku="s", name="风衣")


async def _all_told_once(shop: Shop, count: int) -> None:
    customers = [f"{shop.id}-c{index}" for index in range(count)]

    def missing() -> list[str]:
        return [c for c in customers if not shop.outcomes(c) or "delivered" not in shop.statuses(c)]

    await until(lambda: not missing(), lambda: f"{missing()} of {count}")
    for index, customer in enumerate(customers):
        assert shop.outcomes(customer) == [("stock_shortage", "sent", "accepted")]
        assert len(shop.texts(_number(index))) == 1
        assert shop.statuses(customer).count("accepted") == 1
        assert shop.statuses(customer).count("delivered") == 1


DEATHS = [
    ("before_commit", "orders"),
    ("in_commit", "orders"),
    ("after_commit", "orders"),
    ("before_commit", "sender"),
    ("in_commit", "sender"),
    ("after_commit", "sender"),
    ("before_call", "sender"),
    ("after_call", "sender"),
]
"""Where a worker dies, and in whose turn. One after another, since what is in doubt is asked for 45 s later."""


async def test_workers_killed_inside_a_turn_lose_and_double_nothing(shop: Shop) -> None:
    for number, (at, task) in enumerate(DEATHS):
        # Static membership, so that the successor need not wait for the dead one's session to end.
        victim = shop.worker(
            module="tests.integration.dying_worker",
            DIE_AT=at,
            DIE_TASK=f"-{task}-",
            DIE_ONCE=str(shop.folder / f"died-{number}"),
            ORDERBELL_INSTANCE=shop.id,
        )
        await victim.launch()
        await _trouble(shop, 5, since=5 * number)
        assert await victim.ended() == -signal.SIGKILL, f"{at} of {task}"
    await shop.worker(ORDERBELL_INSTANCE=shop.id).start()
    await _all_told_once(shop, 5 * len(DEATHS))


async def test_a_frozen_worker_that_wakes_after_another_took_over_changes_nothing(shop: Shop) -> None:
    zombie = await shop.worker(callbacks=False).start()
    await _trouble(shop, 8)
    await until(lambda: all(shop.outcomes(f"{shop.id}-c{index}") for index in range(8)))
    zombie.signal(signal.SIGSTOP)
    await _trouble(shop, 8, since=8)
    await shop.worker().start()
    await until(lambda: all(shop.outcomes(f"{shop.id}-c{index}") for index in range(16)))
    zombie.signal(signal.SIGCONT)
    await _trouble(shop, 8, since=16)
    # Their reports were pushed to a port that nobody listened on, and come again with the vendor's second try.
    await _all_told_once(shop, 24)


async def test_workers_that_join_and_leave_share_the_work_and_lose_nothing(shop: Shop) -> None:
    first = await shop.worker().start()
    await _trouble(shop, 10)
    second = await shop.worker(callbacks=False).start()
    await _trouble(shop, 10, since=10)
    assert await second.stop() == 0
    await _trouble(shop, 10, since=20)
    third = shop.worker(callbacks=False)
    await asyncio.gather(third.launch(), _trouble(shop, 10, since=30))
    await until(third.ready)
    await _all_told_once(shop, 40)
    assert await first.stop() == 0
    assert await third.stop() == 0
