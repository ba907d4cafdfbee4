"""The page itself."""

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Literal, NamedTuple

from orderbell.messages_page import articles
from orderbell.messages_page.beside import beside, together
from orderbell.messages_page.extremes import shown
from orderbell.messages_page.letters import mails
from schemas.words import NoticeKind
from streams.policy.inbox import TITLES
from streams.policy.rules import Rules

_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_SIZE = """
for (const frame of document.querySelectorAll("iframe")) {
  const fit = () => { frame.style.height = frame.contentDocument.body.offsetHeight + "px" }
  frame.addEventListener("load", fit)
  addEventListener("resize", fit)
  if (frame.contentDocument?.readyState === "complete") fit()
}
"""
_HEAD = """<p>All messages that the <a href="../orderbell/default_rules.toml">default rules</a> can make, as they
arrive: each template with values as long as they may be, and as short. The words are the program's own; numbers, names
and dates are made up. <b>Numbers cut</b>: an order's or a parcel's number is too long to stand whole and is named by
its end. Push and inbox use the words of the text message, and stand beside those that tell one exception. Under each
text message stands what vendors bill: up to 70 units are one segment.</p>
<p>Generated from the rules (<code>python -m orderbell.messages_page &gt; docs/messages.html</code>). What can be
changed in them, <a href="rules.md">rules.md</a> says.</p>"""

_KINDS: Mapping[NoticeKind | Literal["*"], str] = {
    "payment_failed": "A payment failed",
    "stock_shortage": "Out of stock",
    "shipment_stalled": "A parcel without news",
    "order_cancelled": "An order was cancelled",
    "address_undeliverable": "An address that can't be delivered to",
    "*": "Several kinds in one text message",
    "stock_replenished": "Good news: goods are back",
    "shipment_resumed": "Good news: a parcel moves again",
    "contact_invalid": "Contact data that proved wrong",
    "contact_check": "Contact data to look through",
    "delay_forecast": "Forecast: a parcel may come late",
    "stock_forecast": "Forecast: goods may run out",
}


class _Section(NamedTuple):
    section_id: str
    title: str
    shown: str


def page(rules: Rules) -> str:
    """The page of these rules, which stands by itself: HTML without anything to load."""
    parts = list(_sections(rules))
    links = "".join(f'<a href="#{part.section_id}">{escape(part.title)}</a>' for part in parts)
    body = "".join(
        f'<section id="{part.section_id}"><h2>{escape(part.title)}</h2>\n{part.shown}</section>\n' for part in parts
    )
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n<title>Orderbell: the messages</title>\n'
        f"<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>The messages</h1>\n{_HEAD}\n<nav>{links}</nav></header>\n"
        f"<main>\n{body}</main>\n<script>{_SIZE}</script>\n</body>\n</html>\n"
    )


def _sections(rules: Rules) -> Iterator[_Section]:
    notices = [template for template in rules.templates.values() if template.category == "notification"]
    marketing = [template for template in rules.templates.values() if template.category == "marketing"]
    for kind, title in _KINDS.items():
        parts = [articles.text(shown(template, rules), rules) for template in notices if template.kind == kind]
        parts += [
            articles.card(template, rules)
            for (told, _), templates in rules.cards.items()
            for template in templates
            if told == kind
        ]
        parts += [articles.mail(mails(text, rules)) for text in rules.mail.texts.values() if text.kind == kind]
        chinese = "" if kind == "*" or kind not in TITLES else f" {TITLES[kind]}"
        yield _Section("several" if kind == "*" else kind, f"{title}{chinese}", "".join(parts))
    yield _Section(
        "coupons", "Coupons: marketing", "".join(articles.text(shown(template, rules), rules) for template in marketing)
    )
    yield _Section("with-a-notice", "What comes with a notice", beside(rules))
    yield _Section("together", "Several exceptions in one push or mail", together(rules))
