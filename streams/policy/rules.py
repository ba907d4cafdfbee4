"""The rules in force, as the program uses them: durations in micros, windows and zones read."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from schemas.rules import ProviderLimits, RulesFile, SmsProvider
from schemas.times import Micros
from schemas.words import Channel, Kind
from streams.policy.sensitive_words import SensitiveWords
from streams.policy.template import Template
from streams.policy.window import Window


@dataclass(frozen=True, slots=True)
class KindRules:
    """The rules of one kind. A step of ``channels`` is what is sent at once."""

    within: Micros
    repeat_window: Micros
    merge_hold: Micros
    expire_after: Micros
    window: Window
    channels: tuple[tuple[Channel, ...], ...]
    repeat_in_doubt: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force. They never change: a reload makes new ones.

    ``hash`` tells one set of rules from another. ``templates`` stand in the order in which they are tried.
    ``file`` is what they were made of.
    """

    hash: str
    signature: str
    profile_wait: Micros
    time_zone: ZoneInfo
    providers: tuple[SmsProvider, ...]
    price: Decimal
    limits: Mapping[SmsProvider, ProviderLimits]
    sensitive: SensitiveWords
    daily_cap: int
    kinds: Mapping[Kind, KindRules]
    after: Micros
    after_by_carrier: Mapping[str, Micros]
    templates: Mapping[str, Template]
    file: RulesFile

    def stall_after(self, carrier: str | None) -> Micros:
        """The silence after which a shipment of ``carrier`` is stalled."""
        return self.after if carrier is None else self.after_by_carrier.get(carrier, self.after)
