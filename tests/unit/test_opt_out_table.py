"""What is known of who said stop."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.opt_outs import OptOut
from schemas.times import SECOND, instant
from streams.operators.opt_out_table import OptOutTable
from streams.policy.opt_outs import Hasher, ledger_key
from tests.clock import START

HASHER = Hasher("secret")
ANN, BEN = "+8613900000001", "+8613900000002"


def _said(number: str, at: int, *, stopped: bool = True, scope: Any = "all") -> tuple[bytes, bytes]:
    word = OptOut(scope=scope, stopped=stopped, at=instant(at), source="reply", provider="aliyun")
    return ledger_key(HASHER(number), scope).encode(), msgspec.json.encode(word)


def _table(*said: tuple[bytes, bytes | None]) -> OptOutTable:
    table = OptOutTable(HASHER)
    for key, value in said:
        table.apply(key, value, START)
    return table


def test_a_stop_holds_for_its_number_alone() -> None:
    table = _table(_said(ANN, START))
    assert table.stopped(ANN)
    assert table.stopped_marketing(ANN)
    assert not table.stopped(BEN)
    assert not table.stopped_marketing(BEN)
    assert len(table) == 1


def test_a_stop_of_marketing_leaves_the_rest_and_undoes_no_stop_of_everything() -> None:
    table = _table(_said(ANN, START, scope="marketing"))
    assert table.stopped_marketing(ANN)
    assert not table.stopped(ANN)
    table = _table(_said(ANN, START), _said(ANN, START + SECOND, scope="marketing"))
    assert table.stopped(ANN)


def test_an_older_stop_pushed_again_does_not_undo_a_lift() -> None:
    table = _table(_said(ANN, START), _said(ANN, START + SECOND, stopped=False), _said(ANN, START))
    assert not table.stopped(ANN)


def test_after_a_lift_only_a_later_stop_stops_again() -> None:
    lifted = (_said(ANN, START), _said(ANN, START + SECOND, stopped=False), _said(ANN, START))
    assert _table(*lifted, _said(ANN, START + 2 * SECOND)).stopped(ANN)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=6), st.data())
def test_the_order_in_which_they_come_and_come_again_does_not_matter(
    said: list[tuple[int, bool]], data: st.DataObject
) -> None:
    records = [_said(ANN, START + after * SECOND, stopped=stopped) for after, stopped in said]
    again = data.draw(st.permutations(records + records))
    latest = max(said)
    assert _table(*again).stopped(ANN) == _table(*records).stopped(ANN) == latest[1]


@given(st.integers(-2, 2), st.booleans())
def test_a_stop_is_held_where_it_would_change_nothing(after: int, lifted: bool) -> None:
    table = _table(_said(ANN, START, stopped=not lifted))
    at = START + after * SECOND
    assert table.holds(HASHER(ANN), "all", at) == (at < START or (at == START and not lifted))
    assert not table.holds(HASHER(ANN), "marketing", at)
    assert not table.holds(HASHER(BEN), "all", at)


def test_a_tombstone_forgets() -> None:
    key, value = _said(ANN, START)
    assert not _table((key, value), (key, None)).stopped(ANN)


def test_what_can_not_be_read_stops_its_number() -> None:
    key, _ = _said(ANN, START)
    assert _table((key, b'{"scope":"everything"}')).stopped(ANN)
    assert _table((key, b"\xff")).stopped(ANN)


def test_a_record_without_a_number_is_left() -> None:
    _, value = _said(ANN, START)
    assert len(_table((b"nonsense", value), (b"", value), (b"abcd", value), (b"\xff", value))) == 0
    table = OptOutTable(HASHER)
    table.apply(None, value, START)
    assert len(table) == 0
