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
        """The lines written since."""
        if not self.path.exists():
            return []
        with open(self.path, "rb") as file:
            file.seek(self._start)
            return file.read().decode(errors="replace").splitlines()


def cause(log: list[str], output: list[str]) -> str | None:
    """The likeliest cause, on one line: the innermost exception of the last error logged, the error, Java's last word.

    Where one error follows from another it is the last exception that Kafka names as the cause.
    """
    for lines in (log, output):
        for pattern in (_EXCEPTION, _ERROR):
            found = [match for line in lines if (match := pattern.match(line))]
            if found:
                return ": ".join(found[-1].groups())[:LONGEST]
    spoken = [line.strip() for line in output if line.strip()]
    return spoken[-1][:LONGEST] if spoken else None
