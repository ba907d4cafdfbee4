"""Reads the rules from their files."""

from pathlib import Path

from streams.errors import Misconfigured
from streams.policy.rules import Rules
from streams.policy.rules_file import load


def read_rules(defaults: Path, overlay: Path | None) -> Rules:
    """The rules in ``defaults`` with the file ``overlay`` laid over them.

    Raises ``Misconfigured``, one line with file and key.
    """
    if overlay is None:
        return load(_text(defaults))
    return load(_text(defaults), _text(overlay), str(overlay))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Misconfigured(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{path}: not UTF-8 at byte {error.start}") from None
