"""The vendors of a run, each with a temper of its own: one may be down while the other is well."""

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any, TypeVar

import msgspec

from agents.gateways.gateway import AnyGateway
from orderbell.commands.rules import shown
from orderbell.standins.aliyun.texts import Texts as AliyunTexts
from orderbell.standins.tencent.texts import Texts as TencentTexts
from orderbell.standins.wechat.templates import Templates
from schemas.rules import Provider
from streams.clock import Clock
from streams.policy.rules import Rules
from tests.oracle.evidence import Attempt, Disturbance, Replied, Reported
from tests.simulation import mail
from tests.simulation.aliyun import Aliyun
from tests.simulation.jpush import JPush
from tests.simulation.mail import MailHost
from tests.simulation.manner import Manner
from tests.simulation.news import Push
from tests.simulation.plan import Temper
from tests.simulation.tencent import Tencent
from tests.simulation.vendor import Vendor
from tests.simulation.wechat import Wechat

T = TypeVar("T")
_LONGEST_AT_TENCENT = 6
"""The vendor's limit of a variable, for accounts opened since 2024."""


def manners(rules: Rules) -> Mapping[Provider, Manner]:
    """Those of all vendors, who have approved the texts of ``rules``: a message in other words, or without one of its
    variables, is refused."""
    texts = msgspec.json.encode(shown(rules))
    aliyun = Aliyun(AliyunTexts.of_rules(texts))
    tencent = Tencent(TencentTexts.of_rules(texts, _LONGEST_AT_TENCENT))
    return {"aliyun": aliyun, "tencent": tencent, "jpush": JPush(), "wechat": Wechat(Templates.of_rules(texts))}


class Vendors:
    """Those with a temper, in that order."""

    def __init__(
        self,
        seed: int,
        tempers: Mapping[Provider, Temper],
        clock: Clock,
        push: Push,
        manners: Mapping[Provider, Manner],
    ) -> None:
        self._seed = seed
        self._replies: Counter[str] = Counter()
        self._asked = {n: Vendor(seed, its, clock, push, manners[n]) for n, its in tempers.items() if n in manners}
        self._mail = {name: MailHost(seed, its, clock) for name, its in tempers.items() if name == mail.NAME}
        self._vendors: dict[Provider, Vendor | MailHost] = {**self._asked, **self._mail}
        self._sms = [vendor for name, vendor in self._asked.items() if manners[name].channel == "sms"]

    @property
    def servers(self) -> dict[str, Callable[[Any], Coroutine[Any, Any, Any]]]:
        """What connects a protocol with a host."""
        return {host.host: host.connect for host in self._mail.values()}

    def gateways(self) -> dict[str, AnyGateway]:
        """Those of one worker."""
        return {name: vendor.gateway() for name, vendor in self._vendors.items()}

    def reply(self, number: str, content: str) -> None:
        """The owner of a number answers what came last, or, where nothing did, something of long ago."""
        self._replies[number] += 1
        random = Random(f"{self._seed}/reply/{number}/{self._replies[number]}")
        if not self._sms:
            return
        any_ = random.choice(self._sms)
        last = max(self._sms, key=lambda vendor: vendor.told_at(number))
        (last if last.told_at(number) else any_).reply(number, content)

    # What is known in the end.

    @property
    def attempts(self) -> list[Attempt]:
        """Every request to send a message that was written."""
        return sorted(self._all(lambda vendor: vendor.attempts), key=lambda attempt: attempt.begun_at)

    @property
    def reported(self) -> list[Reported]:
        """What became of messages, once for each, whether or not its push was lost."""
        return self._all(lambda vendor: vendor.reported)

    @property
    def replied(self) -> list[Replied]:
        """What was written back, once for each."""
        return self._all(lambda vendor: vendor.replied)

    @property
    def disturbances(self) -> list[Disturbance]:
        """When one of them was not well."""
        return self._all(lambda vendor: vendor.disturbances)

    @property
    def befell(self) -> Counter[str]:
        """What went wrong, by vendor and way."""
        return Counter(
            {f"{name} {what}": count for name, vendor in self._vendors.items() for what, count in vendor.befell.items()}
        )

    def _all(self, of: Callable[[Vendor | MailHost], list[T]]) -> list[T]:
        return [one for vendor in self._vendors.values() for one in of(vendor)]
