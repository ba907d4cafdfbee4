"""One part of the page for each template: what is sent of it, under its conditions."""

from collections.abc import Iterable, Iterator
from html import escape

import msgspec

from orderbell.messages_page import likeness
from orderbell.messages_page.extremes import Shown
from orderbell.messages_page.letters import ShownMail, cards
from schemas.rules import MailWhen, Mechanism, When
from schemas.words import Audience
from streams.operators.sending import words
from streams.policy.case import Case
from streams.policy.push import push_text
from streams.policy.rules import Rules
from streams.policy.wechat_template import CardTemplate


def article(
    of: str, article_id: str, conditions: Iterable[str], unsent: str | None, figures: Iterable[str], prefix: str = ""
) -> str:
    """A part with its heading; ``unsent`` says why nothing of it goes today."""
    chips = "".join(f"<span>{escape(condition)}</span>" for condition in conditions)
    chips += f'<span class="unsent">not sent today: {escape(unsent)}</span>' if unsent else ""
    anchor = f"{prefix}{article_id}"
    return (
        f'<article id="{anchor}"><h3>{of} <a href="#{anchor}"><code>{article_id}</code></a> {chips}</h3>'
        f'<div class="row">{"".join(figures)}</div></article>\n'
    )


def text(each: Shown, rules: Rules) -> str:
    """A text message's template at both vendors, and push and inbox where it tells one exception alone."""
    template, figures = each.template, list[str]()
    for provider, (samples, unsent) in each.by.items():
        vendor = likeness.VENDORS[provider]
        figures += [likeness.sms(one.text, f"{vendor}, {extreme}", rules, provider) for extreme, one in samples.items()]
        if unsent != each.unsent:
            figures.append(f'<p class="never">{vendor}: not sent today: {unsent}</p>')
    if each.alone is not None:
        figures += _same_words(each.alone, rules)
    conditions = _conditions(template.audience, template.when, template.needs)
    return article("Text message", template.template_id, conditions, each.unsent, figures)


def _same_words(case: Case, rules: Rules) -> Iterator[str]:
    pushed, put = push_text([case], rules), words.inbox([case], rules)
    if pushed is not None:
        yield likeness.push(pushed, "Push, longest", rules)
    if put is not None:
        yield likeness.inbox(put, "Inbox, longest")


def card(template: CardTemplate, rules: Rules) -> str:
    """A card of WeChat's."""
    made = cards(template, rules)
    figures = [
        likeness.card(each, template, f"WeChat, {extreme}", rules)
        for each, extreme in zip(made, ("longest", "shortest"), strict=False)
    ]
    conditions = _conditions(template.audience, template.when, template.needs)
    return article("WeChat card", template.template_id, conditions, None if made else "never taken", figures, "card-")


def mail(each: ShownMail) -> str:
    """A mail's text."""
    figures = [likeness.mail(each.longest, "Mail, all is known")]
    if each.shortest != each.longest:
        figures.append(likeness.mail(each.shortest, "Mail, little is known"))
    conditions = _conditions(each.text.audience, each.text.when, each.text.needs)
    return article("Mail", each.text.text_id, conditions, each.unsent, figures, "mail-")


def _conditions(audience: Audience, when: When | MailWhen, needs: Iterable[Mechanism]) -> Iterator[str]:
    if audience == "consignor":
        yield audience
    for name, value in msgspec.to_builtins(when).items():
        yield f"{name}: {' or '.join(value) if isinstance(value, list | tuple) else str(value).lower()}"
    yield from (f"needs {name}" for name in sorted(needs))
