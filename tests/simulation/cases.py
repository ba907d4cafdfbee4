"""Plans that once failed, shrunk and kept: each is played by every run of the tests."""

from pathlib import Path

import msgspec

from tests.simulation.plan import Plan

FOLDER = Path(__file__).parent / "cases"


def kept() -> list[Path]:
    """The files of all that is kept."""
    return sorted(FOLDER.glob("*.json"))


def read(path: Path) -> Plan:
    """The plan in a file."""
    return msgspec.json.decode(path.read_bytes(), type=Plan)


def keep(plan: Plan, promise: str) -> Path:
    """Writes a plan down under the promise that it broke."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{promise}-{plan.seed}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n")
    return path
