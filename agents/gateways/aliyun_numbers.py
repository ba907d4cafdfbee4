"""Telephone numbers as Aliyun writes them: 11 digits in mainland China, else with the country's code; no sign."""

from streams.policy.contacts import normalise


def vendors_number(number: str) -> str:
    """An E.164 number as Aliyun takes it."""
    return number.removeprefix("+86").removeprefix("+")


def our_number(number: str) -> str | None:
    """A number as Aliyun tells it, in E.164; ``None`` where it can't be read."""
    return normalise(number) or (normalise(f"+{number}") if number[:1].isdecimal() else None)
