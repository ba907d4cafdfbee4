"""The three ways in which something can go wrong, by what is to be done about it."""

from typing import Literal

DeadLetterReason = Literal[
    "not_json", "missing_field", "wrong_type", "bad_value", "key_mismatch", "too_large", "null_value", "defect"
]


class Invalid(Exception):
    """Will never be valid: goes to the dead letters with ``reason``, and the stream goes on."""

    def __init__(self, reason: DeadLetterReason, error: str) -> None:
        super().__init__(error)
        self.reason: DeadLetterReason = reason


class Unavailable(Exception):
    """Try later: what was begun is given up whole, and taken up anew after a pause."""


class UnreadableState(Unavailable):
    """State in a format that this version of the program can't read: one that can has to take over."""


def place(error: BaseException) -> str:
    """File and line where it was raised. An exception's own text may quote what is personal, so it is not told."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"


class Misconfigured(Exception):
    """The program is called or configured wrongly. The text is one line that names the place; the exit code is 2."""
