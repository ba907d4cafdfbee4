"""A real browser, where there is one."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

_ALONE = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it. While it is open an event loop runs, and no asynchronous test can: so it is closed
    with the module."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium; .ci/run installs one")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=_ALONE)
        yield opened
        opened.close()
