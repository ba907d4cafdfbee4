"""Access tokens by ``stable_token`` (vendor documentation): asking changes nothing, but when it is to.

In a token's last five minutes whoever asks gets the next one, and both hold until the first ends. A forced refresh ends
all there are; it works every 30 s at most and 20 times a day, and else gives the token that is in force.
"""

import itertools
from typing import NamedTuple

LASTS = 7_200
_NEXT_BEFORE_ITS_END = 300
_FORCED_EVERY = 30
_FORCED_A_DAY = 20
_DAY_SECONDS = 24 * 3600


class Token(NamedTuple):
    """A token, and when it ends."""

    text: str
    until: float


class Tokens:
    """Those of one account. Moments are seconds."""

    def __init__(self, lasts: int = LASTS) -> None:
        self._lasts = lasts
        self._counter = itertools.count(1)
        self._valid: list[Token] = []
        self._known: set[str] = set()
        self._forced: list[float] = []

    def ask(self, now: float, *, force: bool = False) -> Token:
        """The token in force, or a new one."""
        if force and self._may_force(now):
            self._forced.append(now)
            self.end_all()
        if not self._valid or self._valid[-1].until - now <= min(_NEXT_BEFORE_ITS_END, self._lasts / 2):
            self._valid.append(Token(f"90_standin-{next(self._counter):04}", now + self._lasts))
            self._known.add(self._valid[-1].text)
        return self._valid[-1]

    def end_all(self) -> None:
        """None of those that were given out holds any more."""
        self._valid.clear()

    def refuse(self, text: str, now: float) -> int | None:
        """The code for why a token does not hold, or ``None``."""
        found = next((token for token in self._valid if token.text == text), None)
        if found is not None:
            return None if now < found.until else 42001
        return 40001 if text in self._known else 40014

    def _may_force(self, now: float) -> bool:
        self._forced = [at for at in self._forced if at > now - _DAY_SECONDS]
        return len(self._forced) < _FORCED_A_DAY and (not self._forced or now - self._forced[-1] >= _FORCED_EVERY)
