"""Whether what advertises was allowed to go, and goes with what was given: a coupon in the text of a late parcel.

A marketing text ends as the law wants it to, which is how it is known. It goes to a buyer who agreed, between 08:00 and
20:00 by the shop's clock and the buyer's, never to who replied R or more, never by Tencent, and for one coupon. No mail
tells of one: by law it would be an advertisement, to be marked as one in its subject.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from schemas.customers import Customer
from schemas.times import HOUR, SECOND, Micros, instant
from tests.oracle.case import Case, Sent
from tests.oracle.defects import Defects
from tests.oracle.outputs import Outputs
from tests.oracle.people import People
from tests.oracle.stops import Stops
from tests.oracle.ways import way

ENDS = "拒收请回复R"
_COUPON = "元券"
"""What a mail would say that tells of one."""
OPENS, CLOSES = 8 * HOUR, 20 * HOUR
_SHOP = "Asia/Shanghai"
TAKES_COUPONS = frozenset({"aliyun"})
"""The vendors of text messages that do."""
CALL_WITHIN: Micros = 6 * SECOND
"""How long after the look at all this a call may begin."""


class Advertising:
    """Judges the marketing texts of all cases."""

    def __init__(self, people: People, stops: Stops, out: Outputs, defects: Defects) -> None:
        self._people = people
        self._stops = stops
        self._granted = {grant.what.command_id: grant.at for grant in out.grants}
        self._defects = defects

    def judge(self, cases: Sequence[Case]) -> None:
        """All that is forbidden, and what the decisions say of it."""
        for case in cases:
            told = [sent for sent in case.sent if sent.attempt.text.endswith(ENDS)]
            mails = [sent for sent in case.sent if sent.attempt.channel == "email" and _COUPON in sent.attempt.text]
            for sent in told:
                self._lawful(case, sent)
            for sent in mails:
                self._blame(case, sent.attempt.begun_at, {"by mail": True})
            decided = case.decided
            if decided is not None and decided.decision.coupon == "in_message" and not told:
                self._defects.add("unexplained", case.id, "a decision says that a coupon was told", at=decided.at)
            if len({sent.attempt.number for sent in told}) < len(told):
                self._defects.add("twice", case.id, "advertised to one number once more")

    def _lawful(self, case: Case, sent: Sent) -> None:
        attempt, begun = sent.attempt, sent.attempt.begun_at
        versions = self._people.during(case.customer_id, begun - CALL_WITHIN, begun)
        buyers = [version.customer for version in versions if version.customer is not None]
        wrong = {
            "with no coupon": not self._granted.get(case.id, begun + 1) <= begun,
            "of several": len(sent.together) > 1,
            "of something urgent": case.notice.command.urgency == "urgent",
            "to a consignor": case.notice.command.audience != "buyer",
            "by who takes none": attempt.provider not in TAKES_COUPONS,
            "without consent": not any(buyer.marketing_consent for buyer in buyers),
            "to another than the buyer": not any(_is_buyers(buyer, attempt.number) for buyer in buyers),
            "outside its hours": not any(may_go(buyer, begun) for buyer in buyers),
            "to who said R": begun > self._stops.advertise_no_more.get(attempt.number, begun),
        }
        self._blame(case, begun, wrong)

    def _blame(self, case: Case, begun: Micros, wrong: Mapping[str, bool]) -> None:
        for what, is_so in wrong.items():
            if is_so:
                self._defects.add("forbidden", case.id, f"advertised {what}", begun=begun)


def _is_buyers(customer: Customer, number: str) -> bool:
    ways = (way(customer, contact, "sms") for contact in customer.contacts if contact.role == "buyer")
    return any(found is not None and found.address in (number, "") for found in ways)


def may_go(customer: Customer, at: Micros) -> bool:
    """Whether something that advertises may go by text message then, by the shop's clock and the customer's."""
    hours = None if customer.preferences is None else customer.preferences.quiet_hours
    zones = {_SHOP} if hours is None else {_SHOP, hours.time_zone}
    return all(OPENS <= _clock(at, ZoneInfo(zone)) < CLOSES for zone in zones)


def _clock(at: Micros, zone: ZoneInfo) -> Micros:
    local = instant(at).astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=local.fold)
    return (local - midnight) // timedelta(microseconds=1)
