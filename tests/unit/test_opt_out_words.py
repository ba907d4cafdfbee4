"""What the command line reads of one number, and what may be kept as evidence."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.opt_out_words import SCOPES, Words
from schemas.opt_outs import OptOut, Scope
from schemas.times import SECOND, instant
from streams.operators.opt_out_table import OptOutTable
from streams.policy.evidence import LONGEST, why_not
from streams.policy.opt_outs import Hasher, ledger_key
from tests.clock import START

HASHER = Hasher("secret")
ANN, BEN = "+8613900000001", "+8613900000002"

_records = st.tuples(
    st.sampled_from([ANN, BEN]),
    st.sampled_from(SCOPES),
    st.one_of(
        st.none(),
        st.just(b'{"scope":"everything"}'),
        st.builds(
            lambda after, stopped, source: msgspec.json.encode(
                OptOut(scope="all", stopped=stopped, at=instant(START + after * SECOND), source=source)
            ),
            st.integers(0, 3),
            st.booleans(),
            st.sampled_from(["reply", "receipt", "call", "operator"]),
        ),
    ),
)


@given(st.lists(_records, max_size=8))
def test_it_says_what_the_workers_hold(records: list[tuple[str, Scope, bytes | None]]) -> None:
    table, words = OptOutTable(HASHER), Words(HASHER(ANN))
    for at, (number, scope, value) in enumerate(records, start=START):
        key = ledger_key(HASHER(number), scope).encode()
        table.apply(key, value, at)
        words.apply(key, value, at)
    stopped, marketing = words.stop("all") is not None, words.stop("marketing") is not None
    assert (table.stopped(ANN), table.stopped_marketing(ANN)) == (stopped, stopped or marketing)


@pytest.mark.parametrize(
    "evidence",
    [
        "turned SMS on again in the account page, ticket 4711",
        "账户页面重新开启短信 2026-11-24 20:36",
        "2026-11-24T20:36:15Z, ticket SN-20261124",
        "x" * LONGEST,
    ],
)
def test_evidence_says_how_the_owner_asked(evidence: str) -> None:
    assert why_not(evidence, ANN) is None


@pytest.mark.parametrize(
    "evidence",
    [
        *("", "  ", "x" * (LONGEST + 1), "two\nlines"),
        *(
            "called from 13900000001",
            "139-0000-0001",
            "139 0000 0001 called",
            "１３９００００００１",
            "+86 13900000001",
        ),
        *("called from 0571-87654321", "+44 7911 123456", "ends in 0000001", "13700000007 is a friend's"),
        *("wrote from ann@example.com", "ann＠example.com"),
    ],
)
def test_evidence_tells_neither_a_number_nor_an_address(evidence: str) -> None:
    why = why_not(evidence, ANN)
    assert why is not None
    assert "\n" not in why
    assert not any(character.isdecimal() for character in why.replace(str(LONGEST), ""))


@given(
    st.text(st.characters(blacklist_categories=["Cc", "Cs", "N"]), max_size=40),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", " ", "-", ".", " - "]),
    st.text(st.characters(blacklist_categories=["Cc", "Cs", "N"]), max_size=40),
)
def test_no_mobile_number_passes_however_it_is_written(before: str, number: str, between: str, after: str) -> None:
    assert why_not(before + between.join((number[:3], number[3:7], number[7:])) + after, ANN) is not None
