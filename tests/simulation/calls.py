"""The requests that a simulated vendor was asked to send messages by, as attempts of ours.

A vendor that can't be asked is posted the same message again where no answer came, under the same id: that is one
attempt, whose answer is the last that says anything of it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from tests.oracle.evidence import Attempt
from tests.simulation.line import Call, Heard
from tests.simulation.manner import Manner, Words, plain

_NOTHING = Heard("")


def attempts(calls: Iterable[Call], manner: Manner, ours: Callable[[str], str]) -> Iterator[Attempt]:
    """``ours`` is our own id by the one that the vendor knows."""
    for same in _together(calls):
        first, heard = same[0], _heard([call.heard for call in same], manner.words)
        yield Attempt(
            out_id=ours(first.asked.out_id),
            number=plain(first.asked.number),
            text=manner.text(first.request),
            begun_at=first.written_at,
            ended_at=same[-1].ended_at,
            taken=any(call.taken for call in same),
            answer=heard.word,
            code=heard.code,
            provider=manner.name,
            channel=manner.channel,
        )


def _together(calls: Iterable[Call]) -> Iterator[list[Call]]:
    groups: dict[tuple[str, str], list[Call]] = {}
    for call in calls:
        asked = call.asked
        if not asked.single:
            yield [call]
        else:
            groups.setdefault((asked.single, asked.out_id), []).append(call)
    yield from groups.values()


def _heard(all_: Sequence[Heard], words: Words) -> Heard:
    """What whoever asked knows in the end. A no to the second post goes for the first if it is lasting."""
    said = [heard for heard in all_ if heard.code not in words.stale] or list(all_[-1:])
    first, *again = said
    for heard in again:
        if first.word == "neither" and (heard.word == "yes" or heard.code in words.had):
            first = Heard(heard.back, "yes")
        elif first.word == "neither" and heard.code in words.lasting:
            first = heard
    return first
