"""A message in the words of its channel, as its gateway takes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.calls import CardRequest, MailRequest, PushRequest, Request, SendRequest
from schemas.rules import Provider, SmsProvider
from schemas.times import Micros
from streams.policy.care import mechanisms
from streams.policy.carriers import carrier_of
from streams.policy.case import Case
from streams.policy.cost import cost_of
from streams.policy.inbox import InboxText, inbox_text
from streams.policy.mail import written
from streams.policy.merging import told
from streams.policy.packing import Group, pack
from streams.policy.push import push_text
from streams.policy.push_options import push_options
from streams.policy.rules import Rules
from streams.policy.templates import choose
from streams.policy.text import Text, render, units
from streams.policy.wechat import card


@dataclass(frozen=True, slots=True)
class Message:
    """What goes: ``write`` makes the request, of the id that the vendor echoes and the moment by which to begin.

    ``units`` and ``segments`` count it whole, ``price`` is CNY for all of it.
    """

    template_id: str
    units: int
    segments: int
    price: Decimal
    write: Callable[[str, Micros], Request]


def message(cases: Sequence[Case], rules: Rules, provider: Provider, address: str) -> Message | None:
    """What tells ``cases`` by ``provider`` to whom is reached at ``address``; ``None`` where it has no words for it.

    The coupon of a single case is told with it by text message.
    """
    if provider == "aliyun" or provider == "tencent":
        return _sms(cases, rules, provider, address)
    if provider == "jpush":
        return _push(cases, rules, address)
    if provider == "wechat" and len(cases) == 1:
        return _card(cases[0], rules, address)
    return _mail(cases, rules, address) if provider == "smtp" else None


def _sms(cases: Sequence[Case], rules: Rules, provider: SmsProvider, number: str) -> Message | None:
    text = told(cases, rules, provider, carrier_of(number))
    return None if text is None else _of_text(text, rules, provider, number)


def packed(cases: Sequence[Case], rules: Rules, provider: SmsProvider, number: str) -> tuple[Group, ...]:
    """How ``cases`` go in the fewest segments."""
    return pack(cases, rules, provider, carrier_of(number))


def _of_text(text: Text, rules: Rules, provider: SmsProvider, number: str) -> Message:
    marketing = rules.templates[text.template_id].category == "marketing"

    def write(out_id: str, call_by: Micros) -> Request:
        return SendRequest(
            number=number,
            signature=rules.signature,
            template=text.provider_template,
            variables=text.variables,
            out_id=out_id,
            call_by=call_by,
            marketing=marketing,
        )

    return Message(text.template_id, text.units, text.segments, cost_of(text.segments, rules, provider), write)


def _push(cases: Sequence[Case], rules: Rules, address: str) -> Message | None:
    text = push_text(cases, rules)
    if text is None:
        return None
    options = push_options(cases, text, rules)

    def write(out_id: str, call_by: Micros) -> Request:
        return PushRequest(
            devices=tuple(address.split()),
            title=text.title,
            body=text.body,
            shorter=text.shorter,
            order_id=cases[0].order_id,
            options=options,
            out_id=out_id,
            call_by=call_by,
        )

    return Message(text.template_id, units(text.title) + units(text.body), 1, Decimal(0), write)


def _mail(cases: Sequence[Case], rules: Rules, address: str) -> Message | None:
    mail = written(cases, rules)
    if mail is None:
        return None

    def write(out_id: str, call_by: Micros) -> Request:
        return MailRequest(
            to=address, subject=mail.subject, plain=mail.plain, html=mail.html, out_id=out_id, call_by=call_by
        )

    template_id = "+".join(dict.fromkeys(mail.text_ids))
    return Message(template_id, units(mail.plain), 1, Decimal(0), write)


def _card(case: Case, rules: Rules, openid: str) -> Message | None:
    told = card(case, rules, mechanisms(case, rules))
    if told is None:
        return None

    def write(out_id: str, call_by: Micros) -> Request:
        return CardRequest(
            openid=openid,
            template=told.provider_template,
            fields=told.fields,
            url=told.url,
            out_id=out_id,
            call_by=call_by,
        )

    return Message(told.template_id, told.units, 1, Decimal(0), write)


def inbox(cases: Sequence[Case], rules: Rules) -> InboxText | None:
    """The message for the inbox; ``None`` where the rules hold no words for it."""
    body = _body(cases, rules)
    return None if body is None else inbox_text(cases, *body)


def _body(cases: Sequence[Case], rules: Rules) -> tuple[str, str] | None:
    """The template and the words of what is told, without a signature."""
    template = choose(rules, cases[0], mechanisms(cases[0], rules))
    text = None if template is None else render(template, cases[0], rules)
    return None if text is None else (text.template_id, text.text.partition("】")[2])
