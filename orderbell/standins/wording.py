"""What is the same at both vendors: how a time is written, what a text is billed as, what a value may not hold."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
VARIABLE = re.compile(r"\$\{(\w+)\}")
"""A variable, as the rules write it."""
URL = re.compile(r"https?:|www\.|[a-z0-9-]\.(com|cn|net|org|cc|top)\b", re.IGNORECASE)


def local_time(at: float) -> str:
    """As the vendors write times."""
    return f"{datetime.fromtimestamp(at, SHANGHAI):%Y-%m-%d %H:%M:%S}"


def segments(text: str) -> int:
    """How many messages a text is billed as."""
    length = len(text.encode("utf-16-le")) // 2
    return 1 if length <= 70 else -(-length // 67)
