"""Finds in Kafka's own words why it ended."""

import re
from pathlib import Path

_EXCEPTION = re.compile(r"^(?:Caused by: |Exception in thread \S+ )?(?:[a-z]\w*\.)+(\w+(?:Exception|Error)): (\S.*)$")
_ERROR = re.compile(r"^\S+ (?:ERROR|FATAL) (\S.*)$")
LONGEST = 300


class Remainder:
    """What is written to a file from now on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._start = path.stat().st_size if path.exists() else 0

    def lines(self) -> list[str]:
        """The lines written since; all of the file's where it was begun anew meanwhile."""
        if not self.path.exists():
            return []
        with open(self.path, "rb") as file:
            if self._start <= self.path.stat().st_size:
                file.seek(self._start)
            return file.read().decode(errors="replace").splitlines()


def cause(log: list[str], output: list[str]) -> str | None:
    """The likeliest cause, on one line, or None where nothing was said.

    First what Java itself said on stderr, where a dying one speaks; then the last exception in Kafka's log,
    which is the innermost of the last error; then the last error.
    """
    if said := _java_said(output):
        return said[:LONGEST]
    exceptions = [": ".join(match.groups()) for line in log if (match := _EXCEPTION.match(line))]
    errors = exceptions or [match[1] for line in log if (match := _ERROR.match(line))]
    return errors[-1][:LONGEST] if errors else None


def _java_said(output: list[str]) -> str:
    """All but warnings, or of a crash, which is told in a box of comments, the first line of it."""
    crash = [line.removeprefix("# ") for line in output if line.startswith("# ")]
    said = [line.strip() for line in output if line.strip() and not re.match(r"#|WARNING:|OpenJDK .*warning:", line)]
    return crash[0] if crash else "; ".join(said)
