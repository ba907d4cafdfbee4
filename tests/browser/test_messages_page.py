"""The page of messages in a real browser, on a desk and on a telephone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.unit.rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "messages.html"

OVERFLOWING = """() => [...document.querySelectorAll("body *")]
    .filter(e => getComputedStyle(e).display !== "inline" && e.scrollWidth > e.clientWidth + 1)
    .map(e => `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`)"""
UNSEEN = """() => [...document.querySelectorAll("article")]
    .filter(e => !e.querySelector("figure")?.getBoundingClientRect().height).map(e => e.id)"""
FRAMES = """() => [...document.querySelectorAll("iframe")].map(e => {
    const page = e.contentDocument.documentElement
    return {subject: e.title, wide: page.scrollWidth - e.clientWidth, tall: page.scrollHeight - e.clientHeight}})"""


@pytest.fixture(params=[1280, 390])
def shown(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 900}, offline=True)
    page = context.new_page()
    page.goto(PAGE.as_uri())
    yield page
    context.close()


def test_nothing_runs_over_its_edge_or_is_hidden(shown: Page) -> None:
    assert shown.evaluate("document.documentElement.scrollWidth") <= shown.viewport_size["width"]  # type: ignore[index]
    assert shown.evaluate(OVERFLOWING) == []
    assert shown.evaluate(UNSEEN) == []
    assert shown.locator("article").count() > len(RULES.templates) + len(RULES.mail.texts)


def test_a_mail_is_shown_whole(shown: Page) -> None:
    frames = shown.evaluate(FRAMES)
    assert len(frames) > len(RULES.mail.texts)
    assert [frame for frame in frames if frame["wide"] > 0 or frame["tall"] > 0] == []


def test_a_closed_push_on_android_is_one_line_and_the_whole_is_read_elsewhere(shown: Page) -> None:
    lines = shown.evaluate("""() => [...document.querySelectorAll(".note .one")].map(e => e.clientHeight)""")
    assert lines
    assert max(lines) < 2 * min(lines)
