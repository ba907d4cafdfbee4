"""Mails as a telephone shows them: every kind at its extremes, by day and by night."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import pytest
from playwright.sync_api import Browser, Page

from schemas.rules import Mechanism
from schemas.times import micros
from schemas.words import Audience, NoticeKind, Tier
from streams.policy.case import Case
from streams.policy.mail import Mail, written
from streams.policy.rules import Rules
from tests.unit.rules import RULES

WIDTH = 360
READABLE = 4.5  # WCAG 2.2, 1.4.3
NOW = micros(datetime(2026, 11, 30, 8, tzinfo=UTC))
ALL: frozenset[Mechanism] = frozenset(get_args(Mechanism))

LONGEST: dict[str, Any] = {
    "name": "W" * 64,
    "item_name": "国" * 64,
    "alternatives": [{"name": "W" * 64}],
    "reason": "other",
    "amount": "999999999999999.99",
    "refund_days": "100-150",
    "expected_days": "100-150",
    "hours": 9999,
    "cause": "capacity",
    "area": "新疆维吾尔自治区克孜勒苏柯尔克孜自治州",
    "pay_by": "2027-12-31T23:59:00+08:00",
    "restock_at": "2027-12-31",
    "last_update_at": "2025-12-31T23:59:00+08:00",
    "phone_tail": "0001",
}
USUAL: dict[str, Any] = LONGEST | {
    "name": "经典款黑色小羊皮菱格链条包 金扣",
    "item_name": "HERMES Kelly 28 Togo & Co",
    "alternatives": [{"name": "小号链条包"}],
    "amount": "5000.00",
    "refund_days": "3-5",
    "expected_days": 2,
    "hours": 36,
    "area": "杭州市余杭区",
}

CONSIGNORS: tuple[NoticeKind, ...] = ("stock_shortage", "order_cancelled", "stock_forecast")
TOLD: tuple[tuple[NoticeKind, Audience], ...] = (
    *((kind, "buyer") for kind in get_args(NoticeKind)),
    *((kind, "consignor") for kind in CONSIGNORS),
)


def all_kept(case: Case, rules: Rules) -> frozenset[Mechanism]:
    return ALL


def none_kept(case: Case, rules: Rules) -> frozenset[Mechanism]:
    return frozenset()


def of_kind(kind: NoticeKind, audience: Audience) -> Iterator[Mail]:
    """Each text of a kind, with nothing known, as it usually is, and with all as long as it can be."""
    for facts, number in (({}, "1"), (USUAL, "A20261123000001"), (LONGEST, "W" * 64)):
        for tier in get_args(Tier):
            for paid in (True, False, None):
                for unique in (True, False):
                    known = {**facts, "paid": paid, "unique": unique}
                    case = Case(kind, number, known, NOW, number, audience=audience, tier=tier)
                    for kept in (all_kept, none_kept):
                        mail = written([case], RULES, kept)
                        assert mail is not None
                        yield mail


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    scheme: Literal["light", "dark"] = request.param
    context = browser.new_context(viewport={"width": WIDTH, "height": 740}, color_scheme=scheme, offline=True)
    yield context.new_page()
    context.close()


SEEN = """() => {
    const rgb = text => text.match(/[0-9.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b]
        .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = rgb(getComputedStyle(e).backgroundColor);
            if (colour.length < 4 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    const seen = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, element = node.parentElement;
        if (!node.textContent.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect(), style = getComputedStyle(element);
        const [a, b] = [light(rgb(style.color)), light(behind(element))].sort((x, y) => y - x);
        seen.push({
            text: node.textContent, left: box.left, right: box.right, height: box.height,
            size: parseFloat(style.fontSize), contrast: (a + 0.05) / (b + 0.05),
        });
    }
    const pictures = [...document.querySelectorAll('*')].filter(e =>
        getComputedStyle(e).backgroundImage !== 'none' || e.matches('img,svg,picture,video,iframe,a,script,link'));
    return {width: document.documentElement.scrollWidth, seen, pictures: pictures.length};
}"""


def look_at(page: Page, mail: Mail) -> None:
    page.set_content(mail.html)
    found = page.evaluate(SEEN)
    assert found["width"] <= WIDTH, mail.subject
    assert found["pictures"] == 0
    for seen in found["seen"]:
        assert 0 <= seen["left"] < seen["right"] <= WIDTH, seen
        assert seen["height"] > 0, seen
        assert seen["size"] >= 13, seen
        assert seen["contrast"] >= READABLE, seen
    shown = page.inner_text("body")
    for line in mail.plain.splitlines():
        for part in line.lstrip("·[]/ 0123456789").split("："):
            assert part.strip(" .") in shown, line


@pytest.mark.parametrize(("kind", "audience"), TOLD)
def test_each_text_is_read_on_a_telephone(page: Page, kind: NoticeKind, audience: Audience) -> None:
    mails = {mail.html: mail for mail in of_kind(kind, audience)}
    for mail in mails.values():
        look_at(page, mail)


def test_a_mail_of_many_is_read_on_a_telephone(page: Page) -> None:
    cases = [
        Case(kind, order, {**facts, "paid": True}, NOW, "SF1234567890123")
        for facts, order in ((USUAL, "A20261123000001"), (LONGEST, "W" * 64))
        for kind in get_args(NoticeKind)
    ]
    mail = written(cases, RULES, all_kept)
    assert mail is not None
    look_at(page, mail)
    assert page.locator("h2").count() == len(cases)


def test_what_upstream_and_operators_write_runs_nothing(page: Page) -> None:
    hostile = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
    case = Case("stock_shortage", "A1", {"name": hostile}, NOW)
    mail = written([case], RULES)
    assert mail is not None
    look_at(page, mail)
    assert page.title() == mail.subject
