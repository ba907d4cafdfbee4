"""Makes what upstream calls a thing fit for a text message: vendors and carriers refuse links, contact data,
traditional characters, emoji and ornaments (vendor documentation, gathered in the provider contracts)."""

import re
import unicodedata
from functools import lru_cache

from streams.policy.sensitive_words import SensitiveWords

_HAN = "\u4e00-\u9fff"
_EVERY_HAN = f"\u3400-\u4dbf{_HAN}\U00020000-\U0003ffff"
_LIMIT = 256  # longer than the wire allows a name to be
_NONE = SensitiveWords()

_ENDINGS = (
    "com|cn|net|org|cc|top|vip|xyz|shop|store|site|club|info|link|online|app|live|fun|pro|biz|wang|ltd|ink|icu"
    "|io|me|co|ly|tv|im|so|la|hk|tw|jp|uk|us|eu|ru"
)
_LINK = re.compile(
    rf"[a-z]+://[^\s{_HAN}]*"
    r"|[a-z0-9._+-]+@[a-z0-9.-]+"
    rf"|(?:[a-z0-9-]+[.。])+(?:{_ENDINGS})(?![a-z])(?:[/?#:][^\s{_HAN}]*)?",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?<![a-z])(?:qq|扣扣|微信|薇信|v信|wechat|weixin|vx|wx|加v|tel|电话|手机|热线)[\s号:]*[a-z0-9_-]{5,}",
    re.IGNORECASE,
)
_OPT_OUT = re.compile(r"(?:拒收|退订)请?回复?\s*[a-z]{0,2}", re.IGNORECASE)
_FOREIGN_LATIN = re.compile(r"[A-Za-z]*[À-ÖØ-öø-ɏ][A-Za-zÀ-ÖØ-öø-ɏ]*")
_OTHER = re.compile(rf"[^A-Za-z0-9{_EVERY_HAN}+&/.%'-]+")
_HAN_RUN = re.compile(f"[{_EVERY_HAN}]+")
_LETTER_DOT = re.compile(r"(?<=[A-Za-z])\.+|\.+(?=[A-Za-z])")
_NUMBER_LIKE = re.compile(
    r"\+?[0-9](?:[ ./+-]{0,3}[0-9]){6,}|[0-9]+(?:\.[0-9]+){2,}|(?:[零一二三四五六七八九幺] ?){7,}"
)


def clean(text: str, sensitive: SensitiveWords = _NONE) -> str:
    """What of ``text`` may stand in a variable: simplified Han, ASCII letters and digits, spaces and ``+&/.%'-``.

    Ornaments are left out; a word of which a letter can't stand goes whole, since one with a hole misleads.
    What looks like a link, a telephone number or a QQ number goes too, and each ``sensitive`` word; where that leaves
    less than two letters, they go as well. May be empty. Never raises.
    """
    text = _cleaned(_decomposed(text[:_LIMIT]))
    whole = text
    # What goes may leave its neighbours looking like what has to go.
    while (left := _cleaned(sensitive.without(text))) != text:
        text = left
    return text if text == whole or sum(map(str.isalpha, text)) > 1 else ""


def _cleaned(text: str) -> str:
    for refused in (_LINK, _CONTACT, _OPT_OUT, _FOREIGN_LATIN, _OTHER):
        text = refused.sub(" ", text)
    text = _HAN_RUN.sub(lambda run: run[0] if all(map(is_simplified, run[0])) else " ", text)
    text = _LETTER_DOT.sub(" ", text)
    text = _NUMBER_LIKE.sub(" ", text)
    return " ".join(text.split()).strip(" +&/.%'-")


def shorten(text: str, longest: int) -> str | None:
    """``text``, cut in its middle where it is over ``longest``; ``None`` where nothing of it would be left."""
    if len(text) <= longest:
        return text
    if longest < 3:
        return None
    tail = (longest - 1) // 2
    return f"{text[: longest - 1 - tail].rstrip()}…{text[-tail:].lstrip()}"


def harmless(text: str, sensitive: SensitiveWords) -> bool:
    """Whether ``text`` holds neither contact data nor a sensitive word."""
    return not looks_like_contact(text) and not sensitive.found(text)


def looks_like_contact(text: str) -> bool:
    """Whether ``text`` holds a link, or a number that may be a telephone's or a chat account's."""
    return any(pattern.search(text) for pattern in (_LINK, _CONTACT, _NUMBER_LIKE))


def is_han(text: str) -> bool:
    """Whether ``text`` is nothing but simplified Han characters."""
    return bool(text) and all(map(is_simplified, text))


@lru_cache(maxsize=8192)
def is_simplified(character: str) -> bool:
    """Whether it is a Han character that a text may hold.

    Traditional ones are told by the standards of the two scripts: in Big5 but not in GB 2312. A few rare
    characters that both scripts write alike are taken for traditional; better a plainer text than a refused one.
    """
    if not "\u4e00" <= character <= "\u9fff":
        return False
    return _encodes(character, "gb2312") or not _encodes(character, "big5")


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _decomposed(text: str) -> str:
    """Compatibility forms resolved and accents taken off, so that HERMÈS is HERMES and １２ is 12."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
