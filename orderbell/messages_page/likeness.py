"""What each channel shows of a message, as HTML: a likeness of a telephone around the program's own words."""

from html import escape

from schemas.rules import SmsProvider
from streams.policy.inbox import InboxText
from streams.policy.mail import Mail
from streams.policy.push import PushText
from streams.policy.rules import Rules
from streams.policy.text import Text
from streams.policy.wechat import Card
from streams.policy.wechat_template import CardTemplate, Field

VENDORS: dict[SmsProvider, str] = {"aliyun": "Aliyun", "tencent": "Tencent"}

_MAKERS = {"meizu": "Meizu"}
_LABELS = {
    "order": "订单编号",
    "tracking": "物流单号",
    "item": "商品名称",
    "reason": "原因",
    "amount": "退款金额",
    "time": "通知时间",
    "last_update": "最近更新",
    "cause": "物流状态",
    "hours": "物流状态",
    "area": "地址问题",
}


def sms(text: Text, caption: str, rules: Rules, provider: SmsProvider) -> str:
    """A text message in its bubble, and what it costs."""
    cost = text.segments * rules.price_of(provider)
    segments = "1 segment" if text.segments == 1 else f"{text.segments} segments"
    counted = f"{text.units} units, {segments}, ¥{cost.normalize():f}"
    return _figure("sms", caption, f"<p>{escape(text.text)}</p>", counted)


def push(text: PushText, caption: str, rules: Rules) -> str:
    """A push: as one line, which is what a closed one shows on Android; as up to four on a locked iPhone; and as the
    phone makers whose channels take less have it."""
    title, app = escape(text.title), escape(rules.signature)
    ways = [("Android, closed", "one", text.body), ("iPhone, locked", "four", text.body)]
    ways += [(f"by the channel of {_MAKERS.get(maker, maker)}", "all", words) for maker, words in text.shorter.items()]
    notes = "".join(
        f'<small>{way}</small><div class="note"><i>{app}</i><b>{title}</b><p class="{lines}">{escape(body)}</p></div>'
        for way, lines, body in ways
    )
    return _figure("push", caption, notes, f"{len(text.body)} characters")


def inbox(text: InboxText, caption: str) -> str:
    """A message of the inbox with its actions."""
    actions = "".join(f"<span>{escape(action.label)}</span>" for action in text.actions)
    body = f"<b>{escape(text.title)}</b><p>{escape(text.body)}</p><nav>{actions}</nav>"
    return _figure("inbox", caption, body, ", ".join(action.action for action in text.actions))


def card(card: Card, template: CardTemplate, caption: str, rules: Rules) -> str:
    """A card. The names of its rows are WeChat's, by the template that is chosen there; here they are likely ones."""
    rows = "".join(f"<dt>{_label(field)}</dt><dd>{escape(card.fields[field.name])}</dd>" for field in template.fields)
    link = "<nav>查看详情</nav>" if card.url else ""
    body = f"<b>{escape(rules.signature)}</b><dl>{rows}</dl>{link}"
    return _figure("card", caption, body, ", ".join(field.name for field in template.fields))


def _label(field: Field) -> str:
    plain = "订单状态" if field.type == "phrase" else "温馨提示"
    return next((_LABELS[name] for name in field.variables if name in _LABELS), plain)


def mail(mail: Mail, caption: str) -> str:
    """A mail as readers show it, and its plain text."""
    page = f'<iframe title="{escape(mail.subject)}" sandbox="allow-same-origin" srcdoc="{escape(mail.html)}"></iframe>'
    plain = f"<details><summary>plain text</summary><pre>{escape(mail.plain)}</pre></details>"
    return _figure("mail", caption, f"<h4>{escape(mail.subject)}</h4>{page}{plain}", "")


def _figure(of: str, caption: str, shown: str, counted: str) -> str:
    small = f"<small>{escape(counted)}</small>" if counted else ""
    return f'<figure class="{of}"><figcaption>{escape(caption)}</figcaption>{shown}{small}</figure>'
