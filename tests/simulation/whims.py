"""What a vendor of a certain temper makes of one request and of one message. Times are seconds."""

from random import Random
from typing import Literal, NamedTuple

from tests.simulation.manner import No, Words
from tests.simulation.plan import Temper

TRUTHFUL_AFTER = 39.0
"""From how long after a request was written a question about it is answered truthfully.

Where a vendor can say "not known" at all, the sender believes in it from 45 s after it began a call, and it writes
within 5 s (``call_by``).
"""
_TAKEN_WITHIN = 28.0

How = Literal["answer", "no", "page", "reset", "cut", "nonsense"]
TROUBLES = ("refuse", "hang", "page_before", "page_after", "reset", "garbled", "no", "limited")

_REFUSALS = ("connect_failed", "connect_failed", "dns_failed", "tls_failed")


class Course(NamedTuple):
    """How a request goes. ``troubles``: the ways of its temper that show in it."""

    connects_after: float
    refusal: str | None
    """There is no connection; a word that says why."""
    takes_after: float | None
    """After it was written the account does what was asked, or never."""
    answers_after: float | None
    """After it was written something comes back, or never."""
    how: How
    no: No
    troubles: tuple[str, ...]


class Fate(NamedTuple):
    """What becomes of a message that was taken. ``troubles``: the ways of its temper that show in it."""

    err_code: str
    known_after: float | None
    """After it was taken the vendor knows what became of it, or never."""
    pushed_after: float | None
    """After it is known the report is pushed, or never."""
    again_after: float | None
    """After it was pushed it is pushed again, answered or not."""
    interim: bool
    """A report without news comes first."""
    hidden_for: float
    """For how long after the request was written no question finds the message."""
    troubles: tuple[str, ...]


def course(random: Random, temper: Temper, words: Words, *, question: bool = False) -> Course:
    """How the next request goes."""
    trouble = _trouble(random, temper, question)
    connects_after, takes_after, answers_after = (random.uniform(0.005, 0.1) for _ in range(3))
    slow = random.random() < temper.slow
    if slow:
        match random.randrange(3):
            case 0:
                connects_after += random.choice((8, 8, 70)) * random.uniform(0.06, 1)
            case 1:
                takes_after += random.uniform(0.5, 14)
            case _:
                answers_after += random.uniform(0.5, 14)
    early = not question and random.random() < temper.early
    if early:
        answers_after += random.uniform(0.3, 4)
    taken = trouble is None or trouble == "page_after" or (trouble in ("hang", "reset", "garbled") and _coin(random))
    if trouble is not None and _coin(random):
        takes_after = min(takes_after + random.choice((0.5, 5, 12, 25)) * random.random(), _TAKEN_WITHIN)
    elif taken:
        answers_after += takes_after
    if trouble == "refuse" and _coin(random):
        connects_after += random.uniform(1, 8)
    busy = question or trouble == "limited"
    noes = random.choices(words.busy) if busy else random.choices(list(words.noes), list(words.noes.values()))
    return Course(
        connects_after=connects_after,
        refusal=random.choice(_REFUSALS) if trouble == "refuse" else None,
        takes_after=takes_after if taken else None,
        answers_after=None if trouble == "hang" else answers_after,
        how=_how(random, trouble),
        no=noes[0],
        troubles=tuple(way for way in (trouble, "slow" if slow else None, "early" if early else None) if way),
    )


def refused(how: Course, no: No, way: str) -> Course:
    """The same course with the vendor's own no at its end, where it had an answer."""
    if how.how != "answer" or how.answers_after is None or how.refusal is not None:
        return how
    return how._replace(takes_after=None, how="no", no=no, troubles=(*how.troubles, way))


def fate(random: Random, temper: Temper, words: Words, *, early: bool) -> Fate:
    """What becomes of the next message. ``early``: its report must not wait for the answer to the request."""
    chances = {way: random.random() < getattr(temper, way) for way in ("fails", "lost", "late", "again", "forgetful")}
    known_after = 0.01 if early else random.choice((5, 5, 20, 60, 600)) * random.random() + 0.5
    pushed_after: float | None = 0.0
    if chances["late"] and not early:
        hours = random.choice((1, 3, 12, 60)) * random.uniform(0.5, 1) * 3_600
        known_after, pushed_after = (known_after, hours) if _coin(random) else (hours, 0.0)
    elif chances["lost"] and not early:
        pushed_after = None
    return Fate(
        err_code=_failure(random, words) if chances["fails"] else words.delivered,
        known_after=known_after,
        pushed_after=pushed_after,
        again_after=random.choice((0.0, 2, 600, 7_200, 200_000)) * random.random() if chances["again"] else None,
        interim=chances["again"] and random.random() < 0.3,
        hidden_for=random.uniform(1, TRUTHFUL_AFTER) if chances["forgetful"] else 0.0,
        troubles=tuple(way for way, chance in chances.items() if chance),
    )


def dropped(random: Random, to_be: Fate, words: Words) -> Fate:
    """The same message at a carrier that drops it: it says that it failed, or nothing at all."""
    if _coin(random):
        return to_be._replace(known_after=None, pushed_after=None, troubles=("drops",))
    return to_be._replace(err_code=_failure(random, words), troubles=(*to_be.troubles, "drops"))


def _failure(random: Random, words: Words) -> str:
    return random.choices(list(words.failures), list(words.failures.values()))[0]


def _trouble(random: Random, temper: Temper, question: bool) -> str | None:
    met = [way for way in TROUBLES if random.random() < getattr(temper, way)]
    if question and random.random() < temper.forgetful:
        met.append(random.choice(("hang", "page_before", "reset", "garbled", "no")))
    return random.choice(met) if met else None


def _how(random: Random, trouble: str | None) -> How:
    match trouble:
        case "no" | "limited":
            return "no"
        case "page_before" | "page_after":
            return "page"
        case "reset":
            return "reset"
        case "garbled":
            return "cut" if _coin(random) else "nonsense"
        case _:
            return "answer"


def _coin(random: Random) -> bool:
    return random.random() < 0.5
