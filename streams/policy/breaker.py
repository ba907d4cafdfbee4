"""Whether a provider is to be asked at all: the circuit breaker (Nygard, *Release It!*).

Closed while all is well. What goes ill counts one, what goes well takes one off; at ``OPENS_AT`` it opens, and at once
where the provider says that nothing of ours can go. Open, it lets nothing through for a pause, then one call as a
probe. That one closes it, or the pause doubles.
"""

from enum import Enum
from typing import NamedTuple

from schemas.calls import ErrorClass, SendResult
from schemas.times import SECOND, Micros

OPENS_AT = 5
"""How many more calls must have gone ill than well."""
FIRST_PAUSE: Micros = 5 * SECOND
LONGEST_PAUSE: Micros = 30 * SECOND
"""An outage is over this long before it is noticed at the most."""
PROBE_LASTS: Micros = 15 * SECOND
"""How long a probe's result is waited for: by then no call is under way any more."""


class Health(Enum):
    """What a call's result says of its provider."""

    WELL = "well"
    """It answered, be it with a no to this message."""
    ILL = "ill"
    """It did not, or says itself that it is in trouble."""
    CLOSED_TO_US = "closed_to_us"
    """It takes nothing from us: no money, no rights."""
    UNSAID = "unsaid"
    """Nothing: it was not asked, or asked too often."""


_OF_CLASS = {
    ErrorClass.UNREACHABLE: Health.ILL,
    ErrorClass.RETRY_LATER: Health.ILL,
    ErrorClass.BALANCE: Health.CLOSED_TO_US,
    ErrorClass.CONFIGURATION: Health.CLOSED_TO_US,
    ErrorClass.RATE_LIMITED: Health.UNSAID,
    ErrorClass.DAY_LIMIT: Health.UNSAID,
}


def health(result: SendResult) -> Health:
    """What a result says. Of a message that never left us only that the provider could not be reached says anything."""
    if result.outcome == "unknown":
        return Health.ILL
    if result.outcome == "not_sent" and result.error_class is not ErrorClass.UNREACHABLE:
        return Health.UNSAID
    if result.error_class is None:
        return Health.WELL
    return _OF_CLASS.get(result.error_class, Health.WELL)


class Breaker(NamedTuple):
    """``opens_at``: when a probe may go, 0 while it is closed. ``probe_until``: one is under way till then."""

    ill: int = 0
    pause: Micros = 0
    opens_at: Micros = 0
    probe_until: Micros = 0

    @property
    def closed(self) -> bool:
        """Whether all may go."""
        return not self.opens_at

    def next_at(self) -> Micros:
        """The first moment at which something may go, as far as is known."""
        return max(self.opens_at, self.probe_until)

    def began(self, now: Micros) -> "Breaker":
        """A call began. While it is open that one is the probe."""
        return self if self.closed else self._replace(probe_until=now + PROBE_LASTS)

    def after(self, said: Health, now: Micros) -> "Breaker":
        """After a call's result."""
        if said is Health.UNSAID:
            return self if self.closed else self._replace(probe_until=0)
        if said is Health.WELL:
            return self._replace(ill=max(0, self.ill - 1)) if self.closed else Breaker()
        if self.closed:
            ill = OPENS_AT if said is Health.CLOSED_TO_US else self.ill + 1
            return Breaker(ill=ill) if ill < OPENS_AT else Breaker(ill, FIRST_PAUSE, now + FIRST_PAUSE)
        if not self.probe_until:
            return self  # a call that began before it opened
        pause = min(2 * self.pause, LONGEST_PAUSE)
        return Breaker(self.ill, pause, now + pause)
