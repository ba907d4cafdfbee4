"""What is asked of a soak."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

TOKEN = "callbackTokenOfTheSoak"
KEY = ("soak-access-key-id", "soak-access-key-secret")
"""Words that stand nowhere else, so that a log can be searched for them."""

Mode = Literal["chaos", "calm", "recovery"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """``rate`` is in events a second, ``every`` the seconds between two troubles."""

    mode: Mode = "chaos"
    minutes: float = 3
    seed: int = 1
    rate: float = 20
    every: float = 4
    workers: int = 3
    kills: int = 10
    """How often recovery is measured."""
    folder: Path
