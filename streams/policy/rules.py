"""The rules in force, as the program uses them: durations in micros, windows and zones read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from schemas.rules import Provider, ProviderLimits, RulesFile, SmsProvider
from schemas.times import Micros
from schemas.words import Audience, Channel, NoticeKind, RuledKind, Tier
from streams.policy.channels import RATE
from streams.policy.mail_text import MailWords
from streams.policy.push_rules import PushRules
from streams.policy.sensitive_words import SensitiveWords
from streams.policy.template import Template
from streams.policy.wechat_template import CardTemplate
from streams.policy.window import Window
from streams.policy.working_days import WorkingDays

Step = tuple[Channel, ...]
"""What is sent at once."""


@dataclass(frozen=True, slots=True)
class KindRules:
    """The rules of one kind. ``plans`` are the steps for each tier."""

    within: Micros
    repeat_window: Micros
    merge_hold: Micros
    patience: Micros
    expire_after: Micros
    window: Window
    plans: Mapping[Tier, tuple[Step, ...]]
    silent: frozenset[Channel]
    repeat_in_doubt: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force. They never change: a reload makes new ones.

    ``hash`` tells one set of rules from another. ``templates`` stand in the order in which they are tried, and so do
    the ``cards`` of what is told to whom. ``file`` is what they were made of. ``for_one`` holds the notices that tell
    one exception, by kind and audience; ``for_several`` those that tell several, by audience; ``with_coupon`` the
    marketing texts, which tell one exception and a coupon that was given for it.
    """

    hash: str
    signature: str
    profile_wait: Micros
    time_zone: ZoneInfo
    providers: tuple[SmsProvider, ...]
    price: Decimal
    prices: Mapping[Provider, Decimal]
    limits: Mapping[Provider, ProviderLimits]
    sensitive: SensitiveWords
    step_wait: Micros
    high_value: Decimal
    task_within: Micros
    coupon_amount: Decimal
    coupon_period: Micros
    coupon_valid: Micros
    confirm_every: Micros
    daily_cap: int
    kinds: Mapping[RuledKind, KindRules]
    after: Micros
    after_by_carrier: Mapping[str, Micros]
    templates: Mapping[str, Template]
    push: PushRules
    mail: MailWords
    working_days: WorkingDays
    cards: Mapping[tuple[NoticeKind, Audience], tuple[CardTemplate, ...]]
    card_url: str | None
    file: RulesFile
    for_one: Mapping[tuple[str, Audience], tuple[Template, ...]] = field(init=False, repr=False, compare=False)
    for_several: Mapping[Audience, tuple[Template, ...]] = field(init=False, repr=False, compare=False)
    with_coupon: Mapping[tuple[str, Audience], tuple[Template, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        one: dict[tuple[str, Audience], tuple[Template, ...]] = {}
        several: dict[Audience, tuple[Template, ...]] = {}
        coupon: dict[tuple[str, Audience], tuple[Template, ...]] = {}
        for template in self.templates.values():
            if not template.enabled:
                continue
            if template.tells((1, 1, 1, 1)):
                place, found = (
                    (template.kind, template.audience),
                    one if template.category == "notification" else coupon,
                )
                found[place] = (*found.get(place, ()), template)
            if template.category == "notification" and any(most > 1 for _, most in template.counts):
                several[template.audience] = (*several.get(template.audience, ()), template)
        object.__setattr__(self, "for_one", one)
        object.__setattr__(self, "for_several", several)
        object.__setattr__(self, "with_coupon", coupon)

    def tells(self, kind: RuledKind) -> bool:
        """Whether anybody is to be told of ``kind``: good news may be switched off."""
        return any(self.kinds[kind].plans.values())

    def rate(self, provider: Provider) -> int:
        """How many messages a second the account takes at a provider."""
        if provider == "jpush":
            return self.push.rate
        return self.limits[provider].rate if provider in self.limits else RATE[provider]

    def stall_after(self, carrier: str | None) -> Micros:
        """The silence after which a shipment of ``carrier`` is stalled."""
        return self.after if carrier is None else self.after_by_carrier.get(carrier, self.after)

    def price_of(self, provider: Provider) -> Decimal:
        """CNY a segment: the provider's own price, else that of all SMS; nothing where none is sent."""
        return self.prices.get(provider, Decimal(0))
