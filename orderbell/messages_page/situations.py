"""What may have happened where a template's conditions hold, so that it is seen whether and how it is told."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import cast

from orderbell.messages_page import values
from orderbell.messages_page.values import NOW, Facts, Numbers
from schemas.rules import MailWhen, Paid, When
from schemas.words import Audience, NoticeKind
from streams.policy.case import Case
from streams.policy.template import Template

_PAID: dict[Paid, Facts] = {"yes": {"paid": True}, "no": {"paid": False}, "unknown": {}}
_OF_PARCELS: tuple[NoticeKind, ...] = ("shipment_stalled", "shipment_resumed", "delay_forecast")
_WHERE_PAID_MATTERS: tuple[NoticeKind, ...] = ("stock_shortage", "order_cancelled")
_MIXED: tuple[NoticeKind, ...] = ("payment_failed", "stock_shortage", "shipment_stalled", "address_undeliverable")
_MOST = 14  # cases that are told at once


@dataclass(frozen=True, slots=True)
class To:
    """Whom something is told, and when."""

    audience: Audience
    when: When | MailWhen

    def case(self, kind: NoticeKind, known: Facts, numbers: Numbers, order: int, thing: int | None = None) -> Case:
        """What happened to an order, or to the ``thing``-th of several goods or parcels of it."""
        if kind == "stock_shortage" and thing is not None:
            known = {**known, "sku": str(thing)}
        return Case(
            kind=kind,
            order_id=numbers.orders[order],
            facts=known,
            now=NOW,
            tracking_no=numbers.parcels[order if thing is None else thing] if kind in _OF_PARCELS else None,
            audience=self.audience,
            tier=self.when.tier or "regular",
        )


def facts(kind: NoticeKind, when: When | MailWhen, names: Iterable[str]) -> Iterator[Facts]:
    """Facts of which the conditions hold and that give the variables values, the longest first."""
    paid: Iterable[Paid] = (when.paid,) if isinstance(when.paid, str) else when.paid or _PAID
    if kind not in _WHERE_PAID_MATTERS:
        paid = ("unknown",)
    known = [options for name in names if (options := values.of(name, kind))]
    for chosen in product(*known, [_PAID[word] for word in paid]):
        merged: Facts = {"unique": True} if when.unique else {}
        for each in chosen:
            merged = {**merged, **each}
        yield merged


def alone(
    kind: NoticeKind, audience: Audience, when: When | MailWhen, names: Iterable[str], numbers: Numbers
) -> Iterator[Case]:
    """Single cases that a template with these variables may tell."""
    to = To(audience, when)
    for known in facts(kind, when, names):
        yield to.case(kind, known, numbers, 0)


def waiting(template: Template, names: Sequence[str], numbers: Numbers) -> Iterator[tuple[Case, ...]]:
    """Cases that the template may tell in one text: one, or several where it is for several."""
    if template.kind == "*":
        yield from _of_kinds(template, numbers)
        return
    kind = cast(NoticeKind, template.kind)
    if all(most == 1 for _, most in template.counts):
        yield from ((case,) for case in alone(kind, template.audience, template.when, names, numbers))
        return
    to = To(template.audience, template.when)
    for known in facts(kind, template.when, names):
        differs = "reason" if "reason1" in names else "item" if "item" not in names else None
        differing = [{**known, **fact} for fact in values.of(differs, kind)] if differs else [known]
        for orders, things in _sizes(template):
            yield tuple(
                to.case(kind, differing[order % len(differing)], numbers, order, thing if things > 1 else None)
                for order in range(orders)
                for thing in range(things)
            )


def _sizes(template: Template) -> Iterator[tuple[int, int]]:
    """How many orders, and how many goods or parcels of each: many of either, or two of both."""
    _, orders, goods, parcels = template.counts
    for several in _within(orders, (2, 3, 4, 5, 6, 7)):
        yield several, 1
    things = {"stock_shortage": _within(goods, (2, 12)), "shipment_stalled": _within(parcels, (2, 3))}
    for each in things.get(template.kind, ()):
        for several in _within(orders, (1, 2)):
            yield several, each


def _of_kinds(template: Template, numbers: Numbers) -> Iterator[tuple[Case, ...]]:
    """Exceptions of several kinds: all of one order, or so many orders of each kind."""
    to = To(template.audience, template.when)
    kinds, orders, _, _ = template.counts
    for several, each in product(_within(kinds, (2, 3, 4)), (1, 2, 3) if orders[1] > 1 else (0,)):
        if several * each <= len(numbers.orders):
            yield tuple(
                to.case(kind, next(facts(kind, template.when, ("reason", "hours"))), numbers, place * each + order)
                for place, kind in enumerate(_MIXED[:several])
                for order in range(max(each, 1))
            )


def _within(bounds: tuple[int, int], numbers: tuple[int, ...]) -> list[int]:
    return [number for number in numbers if bounds[0] <= number <= bounds[1]]
