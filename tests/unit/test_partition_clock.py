from schemas.times import MINUTE, SECOND
from streams.engine.partition_clock import PartitionClock

NOW = 1_000 * MINUTE


def test_it_follows_the_records_while_up_to_a_minute_behind() -> None:
    clock = PartitionClock()
    clock.read_to(NOW - MINUTE, NOW)
    assert clock.now == NOW - MINUTE


def test_it_stands_still_while_further_behind() -> None:
    clock = PartitionClock()
    clock.read_to(NOW - MINUTE - SECOND, NOW)
    assert clock.now == 0


def test_it_never_runs_ahead_of_the_wall_clock_nor_back() -> None:
    clock = PartitionClock()
    clock.read_to(NOW + MINUTE, NOW)
    assert clock.now == NOW
    clock.caught_up(NOW - SECOND)
    assert clock.now == NOW


def test_it_takes_the_wall_clock_of_the_moment_at_which_the_end_was_asked_for() -> None:
    clock = PartitionClock()
    clock.caught_up(NOW)
    assert clock.now == NOW
