"""What all tests share."""

from collections.abc import Generator

import pytest
from hypothesis import settings

# Deadlines of single examples measure the machine, not the code; pytest-timeout bounds each test as a whole.
settings.register_profile("orderbell", deadline=None)
settings.load_profile("orderbell")

_ORDER = {folder: number for number, folder in enumerate(("simulation", "integration", "browser", "unit"))}


def pytest_addoption(parser: pytest.Parser) -> None:
    """An option for where all that tests need must be there."""
    parser.addoption("--no-skips", action="store_true", help="a test that is skipped has failed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, lest one process be left with it at the end. What computes stands before what
    waits, so that each of them runs beside the other."""
    items.sort(key=lambda item: _ORDER.get(item.path.parent.name, 0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Makes a failure of a skip, where none is allowed."""
    report = yield
    if report.skipped and item.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which --no-skips forbids: {report.longrepr}"
    return report
