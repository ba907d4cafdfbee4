"""The page of messages shows all that the default rules can say, and each text reads as it should."""

import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from orderbell.messages_page.page import page
from tests.unit.rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "messages.html"

SMS = re.compile(r'<figure class="sms"><figcaption>([^<]*)</figcaption><p>([^<]*)</p><small>([^<]*)</small>')
BROKEN = re.compile(r"\$\{|[，；：、。]{2}|[（“][，；：、。）”]|None|nan|[已到在](?:小时|天|个工作日)|】.*【")
"""An empty slot, a stop that is doubled, a value that is none, a second signature."""


@cache
def made() -> str:
    return page(RULES)


def articles() -> dict[str, str]:
    return dict(re.findall(r'<article id="([^"]*)">(.*?)</article>\n', made(), re.DOTALL))


def test_the_page_is_that_of_the_default_rules() -> None:
    assert PAGE.read_text(encoding="utf-8") == made(), "python -m orderbell.messages_page > docs/messages.html"


def test_every_text_of_the_default_rules_is_on_the_page() -> None:
    cards = {f"card-{template.template_id}" for templates in RULES.cards.values() for template in templates}
    mails = {f"mail-{text_id}" for text_id in RULES.mail.texts}
    assert {*RULES.templates, *cards, *mails} <= articles().keys()


@pytest.mark.parametrize("template_id", list(RULES.templates))
def test_a_text_message_is_shown_as_both_vendors_send_it_or_is_said_never_to_go(template_id: str) -> None:
    shown = articles()[template_id]
    for vendor in ("Aliyun", "Tencent"):
        assert f"<figcaption>{vendor}, longest" in shown or f"{vendor}: not sent today" in shown
    assert "<figcaption>Aliyun, longest" in shown


def test_cards_and_mails_are_shown() -> None:
    for article_id, shown in articles().items():
        if article_id.startswith(("card-", "mail-")):
            assert "<figure" in shown, article_id


def test_no_text_has_an_empty_slot_or_a_doubled_stop() -> None:
    texts = [unescape(text) for text in re.findall(r"<(?:p|p class=\"\w+\"|dd|pre|h4|b)>([^<]*)</", made())]
    assert len(texts) > 1000
    assert [text for text in texts if BROKEN.search(text)] == []


def test_a_text_message_of_the_default_rules_is_one_segment() -> None:
    found = SMS.findall(made())
    assert len(found) > len(RULES.templates)
    assert {counted.split(", ")[1] for _, _, counted in found} == {"1 segment"}


def test_what_is_shown_is_what_is_counted() -> None:
    for caption, text, counted in SMS.findall(made()):
        assert counted.startswith(f"{len(unescape(text))} units"), caption
