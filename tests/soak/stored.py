"""Evidence in a file, for a look afterwards."""

from pathlib import Path

import msgspec

from tests.oracle.evidence import Evidence

_NAME = "evidence.json"


def store(evidence: Evidence, folder: Path) -> None:
    """Writes it into ``folder``."""
    (folder / _NAME).write_bytes(msgspec.json.encode(evidence))


def load(folder: Path) -> Evidence:
    """Reads it back."""
    return msgspec.json.decode((folder / _NAME).read_bytes(), type=Evidence)
