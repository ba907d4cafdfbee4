import pytest

from schemas.times import DAY, HOUR, MINUTE, SECOND
from streams.policy.durations import duration


@pytest.mark.parametrize(
    ("text", "length"),
    [("90s", 90 * SECOND), ("5m", 5 * MINUTE), ("24h", DAY), ("7d", 7 * DAY), ("0s", 0), ("036h", 36 * HOUR)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, length: int) -> None:
    assert duration(text) == length


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "1.5h", "5M", "1w", "1h30m", "٥m", "1234567s", "5m\n"])
def test_all_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration like 90s, 5m, 24h or 7d"):
        duration(text)
