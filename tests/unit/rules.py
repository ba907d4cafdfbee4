"""Rules for tests: the defaults, and what a test lays over them."""

from functools import lru_cache

from orderbell.defaults import DEFAULT_RULES
from streams.policy.rules import Rules
from streams.policy.rules_file import load

DEFAULTS = DEFAULT_RULES.read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def rules_with(overlay: str) -> Rules:
    """The defaults with the TOML text ``overlay`` laid over them; errors call it ``own.toml``. Made once: rules never
    change."""
    return load(DEFAULTS, overlay, "own.toml")


RULES = load(DEFAULTS)
