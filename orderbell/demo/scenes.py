"""What scenes are made of: events that are published, and the ending that each exception must have."""

import asyncio
from datetime import timedelta
from typing import Any, NamedTuple

from orderbell.demo.stage import Stage
from orderbell.demo.town import Person
from orderbell.demo.upstream import Event
from schemas.outputs import Outcome, Reason
from schemas.words import Audience

PACE = 0.12
"""Seconds between two events, for eyes to follow."""

TOLD = (Outcome.SENT, Reason.ACCEPTED)
MERGED = (Outcome.MERGED, Reason.ACCEPTED)


class Ending(NamedTuple):
    """What must become of an exception for one audience, or of good news (which has a ``kind``)."""

    event_id: str
    person: Person
    order_id: str
    outcome: Outcome
    reason: Reason
    audience: Audience = "buyer"
    kind: str | None = None

    @property
    def by_sms(self) -> bool:
        """Whether a text message told it: what is wrong, to who does not want cards in their place."""
        return self.outcome == Outcome.SENT and self.kind is None and self.person.openid is None


class Scenes:
    """Scenes on a stage. ``endings`` are written down as the exceptions are published."""

    def __init__(self, stage: Stage, endings: list[Ending]) -> None:
        self._stage = stage
        self._seen = stage.seen
        self.endings = endings

    async def _wrong(
        self,
        kind: str,
        person: Person,
        order_id: str,
        ending: tuple[Outcome, Reason] = TOLD,
        **fields: Any,
    ) -> Event:
        """An exception."""
        event = await self._order(kind, person, order_id, **fields)
        self._ends(event, person, order_id, ending)
        return event

    async def _order(self, kind: str, person: Person, order_id: str, **fields: Any) -> Event:
        event = self._stage.upstream.order(kind, order_id, person.customer_id, **fields)
        return await self._publish(event._replace(title=f"{order_id} {person.name} {kind}"))

    async def _parcel(self, kind: str, tracking_no: str, ago: timedelta, **fields: Any) -> Event:
        return await self._publish(self._stage.upstream.parcel(kind, tracking_no, ago, **fields))

    async def _publish(self, event: Event) -> Event:
        await asyncio.sleep(PACE)
        return await self._stage.publish(event)

    def _ends(
        self,
        event: Event,
        person: Person,
        order_id: str,
        ending: tuple[Outcome, Reason],
        audience: Audience = "buyer",
        kind: str | None = None,
    ) -> None:
        self.endings.append(Ending(event.event_id, person, order_id, *ending, audience, kind))

    def _note(self, text: str) -> None:
        self._stage.show.note(text)
