"""Which provider takes a message now.

The rules' order decides, and what each of them stands for at the moment: it may have refused this very message, be
switched off, be closed by its breaker, have no free slot. One that is merely busy is waited for, since that passes in
a blink; one that can't be had for longer is passed over, and so is one that hangs.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from schemas.outputs import Outcome, Reason
from schemas.rules import Provider, SmsProvider
from schemas.times import SECOND, Micros
from schemas.words import Channel
from streams.operators.sending import counted, gate, line, share, spend
from streams.operators.sending.desk import Desk
from streams.operators.sending.hold import Later
from streams.operators.sending.line import InLine
from streams.operators.sending.outbox import Bar, Notification
from streams.operators.sending.words import Message
from streams.policy.carriers import carrier_of
from streams.policy.channels import PROVIDER
from streams.policy.contacts import Reached
from streams.policy.verdict import Verdict

NO_PROVIDER = Verdict(Outcome.FAILED, Reason.NO_PROVIDER)
OVER_BUDGET = Verdict(Outcome.SUPPRESSED, Reason.OVER_BUDGET)
NO_TEXT = Verdict(Outcome.FAILED, Reason.TEMPLATE_REFUSED)

BUSY_PAUSE: Micros = SECOND // 10
RATE_PAUSE: Micros = gate.BURST // 2
CLOSED_PAUSE: Micros = SECOND
"""How soon the head of a line looks again: for a slot, if no call ends before; at a provider that has had what its rate
allows; at one that is switched off or fails."""


class Way(NamedTuple):
    """Through this provider, in these words."""

    provider: Provider
    message: Message


class Full(NamedTuple):
    """Whatever the message, the provider takes none now. ``passes``: in a blink, so no other provider is to have it."""

    pause: Micros
    passes: bool = False


def full(desk: Desk, channel: Channel, *, first: bool) -> InLine | None:
    """The line for the providers of a channel where none takes anything now, be the message what it may."""
    found = {provider: _full(desk, provider, first=first) for provider in _listed(desk, channel)}
    pauses = [now_full.pause for now_full in found.values() if now_full is not None]
    if not pauses or len(pauses) < len(found):
        return None
    return line.waits_for(" ".join(found), desk.now + min(pauses), first=first)


def first_sms(desk: Desk) -> SmsProvider | None:
    """The provider of text messages that the rules have first, of those that have a gateway."""
    return next((provider for provider in desk.rules.providers if provider in desk.ways.providers), None)


def find(
    desk: Desk, notification: Notification, to: Reached, words: Callable[[Provider], Message | None], *, first: bool
) -> Way | InLine | Later | Verdict:
    """The way on which the message goes now; or when to look again; or how it ends, since nobody takes it.

    ``words`` are those for a provider, ``None`` where there are none. ``first``: before others, where not all can go.
    """
    listed = _listed(desk, notification.channel)
    if not listed:
        return NO_PROVIDER
    tasks, merchant = desk.ways.tasks, notification.merchant_id
    listed = [provider for provider in listed if not spend.used_up(desk.turn, provider, merchant, tasks)]
    if not listed:
        return OVER_BUDGET
    if notification.bars and not desk.retries.may_retry(desk.now):
        return line.waits_for("a retry", desk.retries.next_at(), first=first)
    listed.sort(key=lambda provider: desk.gate(provider).hangs(desk.now))
    full, later = dict[Provider, Micros](), list[Micros]()
    for number, provider in enumerate(listed, start=1):
        answer = _answer(desk, notification, to, provider, words, first=first)
        if isinstance(answer, Message):
            rest = ((p, _answer(desk, notification, to, p, words, first=first)) for p in listed[number:])
            return _arriving(desk, notification, to, Way(provider, answer), rest)
        if isinstance(answer, Full):
            full[provider] = answer.pause
            if answer.passes:
                break
        if isinstance(answer, Later):
            later.append(answer.at)
    at = min(later, default=None)
    if full:
        return line.waits_for(" ".join(full), desk.now + min(full.values()), first=first, at=at)
    if at is not None:
        return Later(at)
    return next((bar.ends for bar in reversed(notification.bars) if bar.ends is not None), NO_TEXT)


def _listed(desk: Desk, channel: Channel) -> list[Provider]:
    """The channel's providers that have a gateway, in the rules' order."""
    known: tuple[Provider, ...] = desk.rules.providers if channel == "sms" else (PROVIDER[channel],)
    return [provider for provider in known if provider in desk.ways.providers]


def _arriving(
    desk: Desk, notification: Notification, to: Reached, way: Way, others: Iterable[tuple[Provider, object]]
) -> Way:
    """The way, or another where what goes on it no longer arrives."""
    if notification.channel != "sms":
        return way
    carrier = carrier_of(to.address)
    template = way.message.template_id
    if not share.collapsed(desk.turn, way.provider, carrier, template):
        return way
    texts = {provider: text for provider, text in others if isinstance(text, Message)}
    other = share.prefers_other(desk.turn, way.provider, texts, carrier, template)
    return way if other is None else Way(other, texts[other])


def _answer(
    desk: Desk,
    notification: Notification,
    to: Reached,
    provider: Provider,
    words: Callable[[Provider], Message | None],
    *,
    first: bool,
) -> Message | Full | Later | None:
    """``None``: never. What is cheap to find out comes first."""
    bar = barred(notification, provider)
    if bar is not None and bar.ends is not None:
        return None
    if bar is not None and bar.until > desk.now:
        return Later(bar.until)
    if (now_full := _full(desk, provider, first=first)) is not None:
        return now_full
    text = words(provider)
    if text is None:
        return None
    limits = desk.rules.limits.get(provider)
    if limits is None:
        return text
    free_at = counted.free_at(desk, to.contact_id, provider, text.template_id, limits.number_limit)
    return Later(free_at) if free_at else text


def _full(desk: Desk, provider: Provider, *, first: bool) -> Full | None:
    to = desk.gate(provider)
    if provider in desk.rules.file.switched_off.providers or not to.open(desk.now):
        return Full(CLOSED_PAUSE)
    if not to.in_rate(desk.now, first):
        return Full(RATE_PAUSE)
    return None if to.has_slot(desk.now, desk.ways.slots, first) else Full(BUSY_PAUSE, passes=True)


def barred(notification: Notification, provider: str) -> Bar | None:
    """How a provider refused the notification, if it did."""
    return next((bar for bar in notification.bars if bar.provider == provider), None)
