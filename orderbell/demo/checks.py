"""What must have come of the story, held against what was seen: topics and telephones, nothing else."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from agents.rules_source import read_rules
from orderbell.defaults import DEFAULT_RULES
from orderbell.demo.care_checks import care_promises
from orderbell.demo.check import Check
from orderbell.demo.scenes import Ending
from orderbell.demo.seen import Seen
from orderbell.demo.stage import RULES
from orderbell.demo.story import POISON
from orderbell.demo.town import CHEN, HE, LIN, LYU, WU, ZHAO, ZHENG, ZHOU
from schemas.outputs import Outcome
from schemas.words import KINDS, RULED_KINDS


def checks(seen: Seen, endings: Sequence[Ending]) -> list[Check]:
    """All promises of the story."""
    return [Check(promise, "; ".join(problems)) for promise, problems in _promises(seen, endings)]


def _promises(seen: Seen, endings: Sequence[Ending]) -> Iterator[tuple[str, list[str]]]:
    told = [ending for ending in endings if ending.by_sms]
    yield "each of the five kinds was told", _kinds(seen)
    yield f"{len(told)} notices, each once and on the right telephone, and no other", _telephones(seen, told)
    yield f"{len(endings)} exceptions, each with the one outcome that it must have", _outcomes(seen, endings)
    yield "a scan that came late saved its parcel from a false alarm", _silence(seen, WU.customer_id)
    yield "an event that came twice changed nothing", _once(seen, endings)
    yield "what could not be read is kept as it came", _dead_letters(seen)
    yield "Aliyun's answer and report were lost: it was asked, and nothing was sent again", _asked(seen)
    yield "Aliyun had no money of ours: the message went by Tencent, once", _failed_over(seen)
    yield "who said stop to one vendor was told no more by either", _stopped(seen)
    yield "the worker killed in mid-call: nothing lost, nobody told twice", _survived(seen)
    yield "every message to a telephone that is on was delivered, in one segment, and paid for once", _receipts(seen)
    yield from care_promises(seen)


def _kinds(seen: Seen) -> list[str]:
    told = {decision.kind for decision in seen.outcomes(Outcome.SENT)}
    return [f"{kind} was not" for kind in KINDS if kind not in told]


def _telephones(seen: Seen, told: Sequence[Ending]) -> list[str]:
    times = {ending.order_id: len(seen.told(ending.person.number, ending.order_id)) for ending in told}
    problems = [f"{order_id} came {count} times" for order_id, count in times.items() if count != 1]
    if len(seen.messages) != len(told):
        problems.append(f"{len(seen.messages)} messages came in all")
    return problems


def _outcomes(seen: Seen, endings: Sequence[Ending]) -> list[str]:
    expected = {(e.event_id, e.audience): (e.outcome, e.reason) for e in endings}
    found = {(d.event_id, d.audience): (d.outcome, d.reason) for d in seen.decisions}
    problems = [
        f"{' '.join(what)} ended {' '.join(found.get(what, ('not at all',)))} in place of {' '.join(must)}"
        for what, must in expected.items()
        if found.get(what) != must
    ]
    problems += [f"{' '.join(what)} ended {' '.join(found[what])}" for what in found.keys() - expected.keys()]
    return problems + _twice(seen)


def _twice(seen: Seen) -> list[str]:
    counted = Counter((decision.event_id, decision.audience) for decision in seen.decisions)
    return [f"{' '.join(what)} ended {times} times" for what, times in counted.items() if times > 1]


def _silence(seen: Seen, customer_id: str) -> list[str]:
    return [f"{c.kind} was found of {c.order_id}" for c in seen.commands if c.customer_id == customer_id]


def _once(seen: Seen, endings: Sequence[Ending]) -> list[str]:
    again = {e.event_id for e in endings if e.person in (LIN, CHEN)}
    notifies = Counter(c.event_id for c in seen.commands if c.action == "notify" and c.event_id in again)
    return [f"{event_id} gave {times} commands" for event_id, times in notifies.items() if times > 1]


def _dead_letters(seen: Seen) -> list[str]:
    found = [(letter.topic, letter.reason, letter.value) for letter in seen.dead_letters]
    return [] if found == [(POISON.topic, "not_json", POISON.value)] else [f"{len(found)} dead letters, not that one"]


def _asked(seen: Seen) -> list[str]:
    states = [(vendor, status) for vendor, status, _ in seen.states(ZHOU.customer_id, "A1005")]
    must = [("aliyun", status) for status in ("unknown", "accepted", "delivered")]
    return [] if states == must else [f"the message was {_listed(states)}"]


def _failed_over(seen: Seen) -> list[str]:
    states = [(vendor, status) for vendor, status, _ in seen.states(HE.customer_id, "A1012")]
    must = [("aliyun", "rejected"), ("tencent", "accepted"), ("tencent", "delivered")]
    problems = [] if states == must else [f"the message was {_listed(states)}"]
    if [message.provider for message in seen.told(HE.number, "A1012")] != ["tencent"]:
        problems.append("it did not arrive by Tencent")
    return problems


def _listed(states: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{status} ({vendor})" for vendor, status in states) or "never heard of"


def _stopped(seen: Seen) -> list[str]:
    problems = []
    for person in (ZHAO, HE):
        came = sum(message.number == person.number for message in seen.messages)
        if came != 1:
            problems.append(f"{came} messages came for {person.customer_id}")
    if len(seen.opt_outs) != 2:
        problems.append(f"{len(seen.opt_outs)} stops were noted")
    return problems


def _survived(seen: Seen) -> list[str]:
    came = [message for message in seen.messages if message.number == ZHENG.number]
    statuses = [receipt.status for receipt in seen.receipts if receipt.customer_id == ZHENG.customer_id]
    if len(came) != 1 or statuses[-2:] != ["accepted", "delivered"]:
        return [f"{len(came)} messages came; they were {', '.join(statuses) or 'never heard of'}"]
    return []


def _receipts(seen: Seen) -> list[str]:
    price = read_rules(DEFAULT_RULES, RULES).price
    taken = [receipt for receipt in seen.of_sms if receipt.status == "accepted"]
    delivered = {receipt.notification_id for receipt in seen.of_sms if receipt.status == "delivered"}
    reached = [receipt for receipt in taken if receipt.customer_id != LYU.customer_id]
    problems = [f"{r.notification_id} was not delivered" for r in reached if r.notification_id not in delivered]
    problems += [f"{r.notification_id} has {r.segments} segments" for r in taken if r.segments != 1]
    problems += [f"{r.notification_id} cost {r.cost}" for r in taken if r.cost != format(price * r.segments, "f")]
    if len(taken) != len(seen.messages):
        problems.append(f"{len(taken)} receipts of {len(seen.messages)} messages")
    return problems


def changed_rules() -> list[str]:
    """What the demo's rules change, one line for each kind."""
    usual, ours = (msgspec.to_builtins(read_rules(DEFAULT_RULES, overlay).file)["kinds"] for overlay in (None, RULES))
    return [
        f"{kind}: " + ", ".join(f"{k} {usual[kind][k]} → {v}" for k, v in ours[kind].items() if v != usual[kind][k])
        for kind in RULED_KINDS
        if ours[kind] != usual[kind]
    ]
