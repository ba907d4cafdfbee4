"""What comes beside a notice, and how a push and a mail tell several exceptions."""

from collections.abc import Mapping
from html import escape

from orderbell.messages_page import likeness, values
from orderbell.messages_page.articles import article
from orderbell.messages_page.situations import To
from orderbell.messages_page.values import LONG
from schemas.outputs import Action
from schemas.rules import When
from schemas.words import KINDS, Channel, Kind
from streams.operators.sending.addresses import RENEW
from streams.operators.sending.gifts import VIEW_COUPON
from streams.policy import care, mail
from streams.policy.case import Case
from streams.policy.inbox import InboxText
from streams.policy.push import push_text
from streams.policy.rules import Rules

_ADDRESSES: Mapping[Channel, str] = {"sms": "+8613900000001", "email": "", "push": "", "wechat": ""}
_TASKS: tuple[tuple[Kind, care.TaskReason], ...] = (("payment_failed", "vip"), ("order_cancelled", "high_value"))
_ONE_EACH = "each tells one exception"


def beside(rules: Rules) -> str:
    """What is put into the inbox beside a notice, and what the human reads who is to follow up."""
    coupon = care.coupon_words(values.coupon(rules))
    figures = [
        likeness.inbox(_put(coupon, VIEW_COUPON), "Inbox, a coupon for a new customer"),
        likeness.inbox(_put(care.CONFIRMATION, RENEW), "Inbox, confirmed long ago"),
    ]
    figures += [
        likeness.inbox(_put(care.renewal_words(channel, address), RENEW), f"Inbox, {channel} proved wrong")
        for channel, address in _ADDRESSES.items()
    ]
    tasks = [
        f'<figure class="task"><figcaption>{reason}</figcaption><p>{escape(care.note(kind, reason))}</p></figure>'
        for kind, reason in _TASKS
    ]
    return article("Inbox", "beside", (), None, figures) + article("Task for a human", "tasks", (), None, tasks)


def _put(words: tuple[str, str], action: Action) -> InboxText:
    return InboxText("", *words, (action,))


def together(rules: Rules) -> str:
    """Several exceptions in one push, and in one mail."""
    waiting = [*_cases("payment_failed", 2), *(case for kind in KINDS for case in _cases(kind, 9))]
    pushes = [
        likeness.push(text, f"Push, {len(cases)} exceptions", rules)
        for cases in (waiting[:2], waiting[1:5], waiting[5:25])
        if (text := push_text(cases, rules))
    ]
    one_of_each = [case for kind in KINDS for case in _cases(kind, 1)]
    letter = mail.written(one_of_each, rules)
    mails = [] if letter is None else [likeness.mail(letter, f"Mail, {len(one_of_each)} exceptions")]
    return article("Push", "pushes", (), _ONE_EACH, pushes) + article("Mail", "mails", (), _ONE_EACH, mails)


def _cases(kind: Kind, count: int) -> list[Case]:
    names = ("item", "reason", "hours", "cause", "amount", "days", "date", "area")
    known = dict[str, object](paid=True)
    for name in names:
        for fact in values.of(name, kind)[:1]:
            known |= fact
    return [To("buyer", When()).case(kind, known, LONG, order) for order in range(count)]
