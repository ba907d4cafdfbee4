"""The oracle reads telephone numbers as far as the contract is sure."""

import pytest

from tests.oracle.numbers import Phone, masks, read


@pytest.mark.parametrize(
    "written",
    ["13900000001", "139 0000 0001", "139-0000-0001", "+8613900000001", "0086 139 0000 0001", "tel:+86-139-0000-0001"],
)
def test_a_mobile_number_may_be_written_in_many_ways(written: str) -> None:
    assert read(written) == Phone("13900000001", True)


@pytest.mark.parametrize("written", ["", "12", "无", "见备注"])
def test_what_is_no_number_is_surely_none(written: str) -> None:
    assert read(written) == Phone(None, True)


@pytest.mark.parametrize("written", ["010-62511234", "+44 7400 123456"])
def test_of_other_numbers_the_contract_does_not_say_whether_they_are_told(written: str) -> None:
    assert not read(written).sure


def test_a_number_from_abroad_has_its_countrys_code() -> None:
    assert read("+44 7400 123456").number == "447400123456"


@pytest.mark.parametrize(
    ("shown", "number", "right"),
    [
        ("139****0001", "13900000001", True),
        ("+44****3456", "447400123456", True),
        ("139****0002", "13900000001", False),
        ("+45****3456", "447400123456", False),
        ("13900000001", "13900000001", False),
    ],
)
def test_a_masked_number_is_known_again(shown: str, number: str, right: bool) -> None:
    assert masks(shown, number) == right
