"""Reads the rules from their files, and holds those in force."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import structlog

from streams.errors import Misconfigured
from streams.policy.rules import Rules
from streams.policy.rules_file import load

log = structlog.get_logger()


def read_rules(defaults: Path, overlay: Path | None) -> Rules:
    """The rules in ``defaults`` with the file ``overlay`` laid over them.

    Raises ``Misconfigured``, one line with file and key.
    """
    if overlay is None:
        return load(_text(defaults))
    return load(_text(defaults), _text(overlay), str(overlay))


class RulesSource:
    """The rules in force. ``changed`` is run when others have come into force, ``refused`` after a bad file."""

    def __init__(self, defaults: Path, overlay: Path | None) -> None:
        self._defaults = defaults
        self._overlay = overlay
        self.current = read_rules(defaults, overlay)
        self.changed: Callable[[], None] = lambda: None
        self.refused: Callable[[], None] = lambda: None

    def reload(self) -> Rules:
        """Reads the files again. A bad one changes nothing, is logged on one line, and raises ``Misconfigured``."""
        try:
            rules = read_rules(self._defaults, self._overlay)
        except Misconfigured as error:
            log.error("rules_refused", error=str(error), rules=self.current.hash)
            self.refused()
            raise
        former, self.current = self.current, rules
        log.info("rules_in_force", rules=rules.hash)
        for key, old, new in _switched(former, rules):
            log.warning("switched", key=key, old=old, new=new, rules=rules.hash)
        self.changed()
        return rules


def _switched(former: Rules, rules: Rules) -> Iterator[tuple[str, Any, Any]]:
    """Each switch, and word on a storm, that an operator has changed: its key, what stood there and what stands now."""
    for table in ("switched_off", "storm"):
        old, new = (msgspec.to_builtins(getattr(r.file, table)) for r in (former, rules))
        for key in new:
            if old[key] != new[key]:
                yield f"{table}.{key}", old[key], new[key]
    if former.file.storm_guard != rules.file.storm_guard:
        yield "storm_guard", former.file.storm_guard, rules.file.storm_guard


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Misconfigured(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{path}: not UTF-8 at byte {error.start}") from None
