"""What a former version left is gone on with: nothing is lost, and nobody is told twice.

``tests/upgrade/format-1.jsonl`` is what the program at commit 0777199 left, the last one that wrote format 1 and knew
text messages only. It was made in a checkout of that commit, with ``tests/upgrade`` copied there:

    git worktree add ../former 0777199 && cp -r tests/upgrade ../former/tests && cd ../former
    python -m tests.upgrade.record tests/upgrade/format-1.jsonl

There are all records of all topics, of the changelogs what compaction leaves. When the state's format changes again,
``kept`` gets another file, made by the last version that wrote the one before.
"""

from collections import Counter
from typing import Any

import pytest

from schemas.times import HOUR, MINUTE, SECOND
from streams import topics
from streams.engine.state import Meta
from streams.engine.table import Codec
from streams.errors import UnreadableState
from streams.operators.sending.outbox import Outbox
from streams.operators.sending.stored import CODEC
from tests.callbacks import a_report
from tests.upgrade import record
from tests.upgrade.shop import Shop
from tests.upgrade.story import LATER, NUMBERS, STOPS, out_id

TOLD = (
    *("told", "accepted", "accepted-too", "calling", "calling-taken", "dropped", "lost-tencent", "settled-lost"),
    *("held", "refused", "erased", "two", LATER, "night", "silent"),
)


async def left_by(version: str) -> Shop:
    return record.kept(1) if version == "commit 0777199" else record.read(record.written(await record.recorded()))


async def gone_on(shop: Shop) -> Shop:
    """A worker takes over half a minute later, and the morning comes."""
    shop.clock.advance(25 * SECOND)
    await shop.customer(LATER, NUMBERS[LATER])
    await shop.parcel("moving", "shipment.scanned", shop.clock.now())
    await shop.order("told", "payment.failed", reason="card_error")
    await shop.order("told", "payment.failed", reason="card_error", event_id="once-more")
    shop.start()
    await shop.live(5 * MINUTE)
    for name in ("accepted", "calling-taken"):
        await shop.report("aliyun", a_report(out_id=out_id(shop, name)))
    await shop.live(STOPS + 5 * HOUR + 5 * MINUTE - shop.clock.now(), step=MINUTE)
    await shop.kill()
    return shop


@pytest.mark.parametrize("version", ["commit 0777199", "this version"])
async def test_what_was_under_way_ends_once_and_each_telephone_has_rung_once(version: str) -> None:
    shop = await gone_on(await left_by(version))
    assert not shop.watcher.failures
    assert not shop.written(topics.DEAD_LETTERS)

    decisions = shop.written(topics.DECISIONS)
    ended = {d["customer_id"]: (d["outcome"], d["reason"]) for d in decisions if d["event_id"] != "once-more"}
    assert ended == dict.fromkeys(TOLD, ("sent", "accepted")) | {
        "settled-dropped": ("settled", "resolved"),
        "erased-lost": ("suppressed", "erased"),
    }
    commands = [c["command_id"] for c in shop.written(topics.COMMANDS) if c["action"] == "notify"]
    assert Counter(d["command_id"] for d in decisions if d["outcome"] != "duplicate") == dict.fromkeys(commands, 1)
    assert [d["outcome"] for d in decisions if d["customer_id"] == "told"] == ["sent", "duplicate"]

    nobody = {NUMBERS["settled-dropped"], NUMBERS["moving"]}
    assert Counter(number for number, _ in shop.rung) == dict.fromkeys(set(NUMBERS.values()) - nobody, 1)
    receipts = shop.written(topics.RECEIPTS)
    assert set(Counter(receipt["receipt_id"] for receipt in receipts).values()) == {1}
    delivered = {receipt["customer_id"] for receipt in receipts if receipt["status"] == "delivered"}
    assert delivered == {"told", "accepted", "calling-taken", "lost-tencent"}


async def test_a_message_in_doubt_is_asked_about_with_the_number_that_it_went_to() -> None:
    shop = record.kept(1)
    shop.clock.advance(25 * SECOND)
    shop.start()
    await shop.live(MINUTE)
    asked = {request.number for request in shop.asked}
    in_doubt = ("dropped", "lost-tencent", "calling", "calling-taken", "settled-dropped", "settled-lost", "two-second")
    assert asked == {NUMBERS[name] for name in in_doubt}
    await shop.kill()


async def test_a_customer_whom_the_former_version_had_erased_loses_its_name_too() -> None:
    shop = record.kept(1)
    table = topics.changelog("sender").name
    assert b"erased" in shop.kafka.table(table)
    shop.start()
    await shop.live(MINUTE)
    assert b"erased" not in shop.kafka.table(table)
    assert sum(key.startswith(b"*erased/") for key in shop.kafka.table(table)) == 1
    await shop.kill()


def sender_entries(version: int) -> dict[bytes, bytes]:
    entries = record.kept(version).kafka.table(topics.changelog("sender").name)
    return {key: value for key, value in entries.items() if not key.startswith(b"\0")}


def test_what_is_kept_is_in_the_former_format_and_what_is_written_in_this_one() -> None:
    for value in sender_entries(1).values():
        assert value[0] == 1
        assert CODEC.encode(CODEC.decode(value))[0] == 2


def test_the_former_format_is_read_as_well_where_it_was_written_by_a_version_on_the_way_to_this_one() -> None:
    """Such wrote the first format's number, and ``address`` and ``halted`` as they are now."""
    for value in sender_entries(1).values():
        entry = CODEC.decode(value)
        assert CODEC.decode(b"\1" + CODEC.encode(entry)[1:]) == _once_forgotten(entry)


def _once_forgotten(entry: Any) -> Any:
    """An erased customer's outbox has one thing more to be forgotten at once."""
    if isinstance(entry, Outbox) and entry.erased:
        entry.done = (entry.done[0], *entry.done)
    return entry


def test_a_format_that_is_not_known_is_refused_in_words() -> None:
    with pytest.raises(UnreadableState, match="the state has format 3, this version of the program reads 1, 2"):
        CODEC.decode(b"\3" + CODEC.encode(Outbox())[1:])


async def test_state_of_a_newer_version_waits_for_that_version(capsys: pytest.CaptureFixture[str]) -> None:
    """After a rollback: nothing is done, nothing is lost, one line says why."""
    shop = record.kept(1)
    sender = topics.changelog("sender").name
    shop.kafka.append(sender, 0, b"c1", b"\3" + CODEC.encode(Outbox())[1:])
    before = len(shop.kafka.records(sender))
    shop.start()
    await shop.live(SECOND)
    assert set(shop.watcher.failures) == {"sender: UnreadableState"}
    assert "the state has format 3, this version of the program reads 1, 2" in capsys.readouterr().out
    assert len(shop.kafka.records(sender)) == before
    await shop.kill()


def test_positions_have_the_format_that_they_always_had() -> None:
    """Whoever rolls back must be able to read them."""
    for task in topics.SOURCES:
        table = record.kept(1).kafka.table(topics.changelog(task).name)
        if b"\0offsets" in table:
            assert table[b"\0offsets"] == Codec(Meta).encode(Codec(Meta).decode(table[b"\0offsets"]))
