"""Makes rules that the program can use of a rules file that has the right shape, and checks what they mean."""

import hashlib
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from schemas import rules as written
from schemas.times import Micros
from schemas.words import KINDS, RULED_KINDS, Channel, RuledKind, Tier
from streams.policy.channels import SILENT
from streams.policy.durations import duration
from streams.policy.mail_compiler import compiled_mail, compiled_working_days
from streams.policy.push_rules import compiled_push
from streams.policy.rules import KindRules, Rules, Step
from streams.policy.rules_shape import Misplaced, under
from streams.policy.sensitive_words import SensitiveWords
from streams.policy.telling import untold
from streams.policy.template_compiler import compiled_template
from streams.policy.text import units
from streams.policy.wechat_compiler import card_url, compiled_cards
from streams.policy.window import Window

T = TypeVar("T")

_PRICE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_STORMS = ("carrier", "kind", "customer")
_SIGNATURE = 6  # characters of the longest, by the wire contract


def compiled(file: written.RulesFile) -> Rules:
    """The rules that ``file`` writes down. Raises ``Misplaced``."""
    stalls = file.kinds.shipment_stalled
    price = _read("sms.price", _price, file.sms.price)
    rules = Rules(
        hash=hash_of(file),
        signature=_read("signature", _signature, file.signature),
        profile_wait=_read("profile_wait", duration, file.profile_wait),
        time_zone=_read("time_zone", _zone, file.time_zone),
        providers=_read("sms.providers", _providers, file.sms.providers),
        price=price,
        prices={
            provider: price if own is None else _read(f"sms.{provider}.price", _price, own)
            for provider in get_args(written.SmsProvider)
            for own in (getattr(file.sms, provider).price,)
        },
        limits={
            provider: _limits(getattr(file.sms, provider), f"sms.{provider}")
            for provider in get_args(written.SmsProvider)
        },
        sensitive=_read("sensitive_words", SensitiveWords, file.sensitive_words),
        step_wait=_read("step_wait", _some_time, file.step_wait),
        high_value=_read("high_value", _price, file.high_value),
        task_within=_read("task_within", _some_time, file.task_within),
        coupon_amount=_read("coupon_amount", _price, file.coupon_amount),
        coupon_period=_read("coupon_period", _some_time, file.coupon_period),
        coupon_valid=_read("coupon_valid", _some_time, file.coupon_valid),
        confirm_every=_read("confirm_every", _some_time, file.confirm_every),
        daily_cap=_read("daily_cap", _some, file.daily_cap),
        kinds={kind: _kind(getattr(file.kinds, kind), f"kinds.{kind}", off=kind not in KINDS) for kind in RULED_KINDS},
        after=_read("kinds.shipment_stalled.after", _some_time, stalls.after),
        after_by_carrier={
            carrier: _read(under("kinds.shipment_stalled.after_by_carrier", carrier), _some_time, after)
            for carrier, after in stalls.after_by_carrier.items()
        },
        templates={
            template_id: compiled_template(template_id, template) for template_id, template in file.templates.items()
        },
        push=compiled_push(file.push),
        mail=compiled_mail(file.mail),
        working_days=compiled_working_days(file.working_days),
        cards=compiled_cards(file.wechat),
        card_url=card_url(file.wechat),
        file=file,
    )
    _budget(file.budget)
    _read("storm.customer_daily", _some, file.storm.customer_daily)
    for name in file.storm.answers:
        _read(under("storm.answers", name), _storm, name)
    for kind in RULED_KINDS:
        if rules.tells(kind):
            _tells(rules, kind)
    return rules


def hash_of(file: written.RulesFile) -> str:
    """Twelve hex digits that tell these rules from others: equal for equal rules, however they were laid."""
    plain = msgspec.to_builtins(file)
    # The order of texts decides which is taken; that of any other table's keys nothing.
    plain["templates"] = list(plain["templates"].items())
    plain["mail"]["texts"] = list(plain["mail"]["texts"].items())
    plain["wechat"]["templates"] = list(plain["wechat"]["templates"].items())
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()[:12]


def _read(place: str, parse: Callable[..., T], value: object) -> T:
    try:
        return parse(value)
    except ValueError as error:
        raise Misplaced(place, str(error)) from None


def _kind(kind: written.KindRules, place: str, *, off: bool) -> KindRules:
    """``off``: the kind may be told by no channel at all."""
    return KindRules(
        within=_read(f"{place}.within", _some_time, kind.within),
        repeat_window=_read(f"{place}.repeat_window", duration, kind.repeat_window),
        merge_hold=_read(f"{place}.merge_hold", duration, kind.merge_hold),
        patience=_read(f"{place}.patience", duration, kind.patience),
        expire_after=_read(f"{place}.expire_after", _some_time, kind.expire_after),
        window=_read(f"{place}.window", Window.parse, kind.window),
        plans=_plans(kind, place, _steps_or_none if off else _steps),
        silent=_read(f"{place}.silent", _silent, kind.silent),
        repeat_in_doubt=kind.repeat_in_doubt,
    )


def _limits(limits: written.ProviderLimits, place: str) -> written.ProviderLimits:
    for name in ("rate", "number_limit", "variable_limit"):
        _read(f"{place}.{name}", _some, getattr(limits, name))
    if limits.marketing and place == "sms.tencent":
        raise Misplaced(f"{place}.marketing", "Tencent takes no coupons, and of those all marketing texts tell")
    return limits


def _budget(budget: written.Budget) -> None:
    for provider in budget.providers:
        _read(under("budget.providers", provider), _provider, provider)
    for table in ("providers", "merchants"):
        for name, amount in getattr(budget, table).items():
            _read(under(f"budget.{table}", name), _price, amount)
    _read("budget.marketing_percent", _percent, budget.marketing_percent)


def _provider(name: str) -> None:
    if name not in get_args(written.Provider):
        raise ValueError(f"unknown provider; known here: {', '.join(get_args(written.Provider))}")


def _percent(number: int) -> None:
    if not 0 <= number <= 100:
        raise ValueError(f"expected 0 to 100, got {number}")


def _some(number: int) -> int:
    if number < 1:
        raise ValueError(f"expected 1 or more, got {number}")
    return number


def _storm(name: str) -> None:
    what, colon, its = name.partition(":")
    if what not in _STORMS or not colon or not its or (what == "kind" and its not in RULED_KINDS):
        raise ValueError(f"expected a storm's name like carrier:sf, kind:payment_failed, customer:c1, got {name!r}")


def _some_time(text: str) -> Micros:
    length = duration(text)
    if not length:
        raise ValueError(f"expected more than no time, got {text!r}")
    return length


def _signature(text: str) -> str:
    if not 1 <= units(text) <= _SIGNATURE or not text.isalnum():
        raise ValueError(f"expected 1 to {_SIGNATURE} letters or digits, without brackets, got {text!r}")
    return text


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"expected an IANA time zone like Asia/Shanghai, got {name!r}") from None


def _providers(names: tuple[written.SmsProvider, ...]) -> tuple[written.SmsProvider, ...]:
    if not names or len(set(names)) < len(names):
        raise ValueError("expected at least one provider, each once")
    return names


def _price(text: str) -> Decimal:
    if not _PRICE.fullmatch(text):
        raise ValueError(f"expected a price in CNY like 0.045, got {text!r}")
    return Decimal(text)


def _plans(
    kind: written.KindRules, place: str, parse: Callable[[written.Steps], tuple[Step, ...]]
) -> dict[Tier, tuple[Step, ...]]:
    for_all = _read(f"{place}.channels", parse, kind.channels)
    own = {tier: getattr(kind.channels_by_tier, tier) for tier in get_args(Tier)}
    return {
        tier: for_all if steps is None else _read(f"{place}.channels_by_tier.{tier}", parse, steps)
        for tier, steps in own.items()
    }


def _steps(steps: written.Steps) -> tuple[Step, ...]:
    plan = tuple(tuple(map(_channel, (step,) if isinstance(step, str) else step)) for step in steps)
    names = [name for step in plan for name in step]
    if not names or not all(plan) or len(set(names)) < len(names):
        raise ValueError("expected at least one channel, each once")
    return plan


def _steps_or_none(steps: written.Steps) -> tuple[Step, ...]:
    return _steps(steps) if steps else ()


def _channel(name: str) -> Channel:
    for channel in get_args(Channel):
        if name == channel:
            return cast(Channel, channel)
    raise ValueError(f"unknown channel {name!r}; known here: {', '.join(get_args(Channel))}")


def _silent(names: tuple[str, ...]) -> frozenset[Channel]:
    silent = frozenset(map(_channel, names))
    if loud := silent - SILENT:
        raise ValueError(f"{', '.join(sorted(loud))} may ring; silent are {', '.join(sorted(SILENT))}")
    return silent


def _tells(rules: Rules, kind: RuledKind) -> None:
    """Sees to it that a buyer can be told of the kind. At a further provider it is a warning that one can't."""
    provider: written.SmsProvider = "aliyun" if "aliyun" in rules.providers else rules.providers[0]
    if state := untold(rules, kind, provider):
        raise Misplaced("templates", f"none tells {kind} when nothing but the order is known ({state}) by {provider}")
