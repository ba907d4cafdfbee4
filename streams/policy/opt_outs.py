"""How the opt-out ledger names a number, and which words of a reply mean stop.

The words are those on which the carriers agreed; people write them with all that a keyboard adds. What is not one of
them, alone, is a question or a remark: ``不要退订`` is not ``退订``.
"""

import hmac
import re
import unicodedata
from hashlib import sha256

from schemas.opt_outs import Scope

_LONGEST = 40
"""No longer reply is a stop word with trimmings."""

_BETWEEN = r"[\W_]*"
_LEAD = rf"(?:请?{_BETWEEN}(?:回[复復覆]?|输入|发送)?{_BETWEEN})"
_LETTERS = r"(?:T\s*D|T|N)"
_WORD = r"退\s*[订訂](?:短信)?"
_ALL = re.compile(
    rf"{_LEAD}{_LETTERS}(?:{_BETWEEN}{_WORD})?"  # T, 回T, 回复TD, TD退订
    rf"|{_LEAD}{_WORD}(?:{_BETWEEN}{_LEAD}{_LETTERS})?"  # 退订, 退订TD, 退订回T
).fullmatch
_MARKETING = re.compile(rf"(?:拒收{_BETWEEN})?{_LEAD}R").fullmatch


def stop_word(reply: str) -> Scope | None:
    """What a reply stops: everything (TD, T, N, 退订), marketing (R), or nothing.

    Read after NFKC, in any case, without what stands around it (spaces, punctuation, emoji) and without the words
    of our own text that people repeat (``回复TD``, ``退订回T``, ``拒收请回复R``).
    """
    word = _bare(unicodedata.normalize("NFKC", reply[:_LONGEST]).upper())
    if len(reply) > _LONGEST:
        return None
    if _ALL(word):
        return "all"
    return "marketing" if _MARKETING(word) else None


def _bare(text: str) -> str:
    """The text from its first letter or digit to its last."""
    kept = [place for place, character in enumerate(text) if character.isalnum()]
    return text[kept[0] : kept[-1] + 1] if kept else ""


def number_key(hash_key: str, number: str) -> str:
    """How the ledger names ``number`` (E.164): HMAC-SHA256 in hex.

    A plain hash would not hide it: there are but 10^10 Chinese mobile numbers.
    """
    return hmac.digest(hash_key.encode(), number.encode(), sha256).hex()


def ledger_key(number_key: str, scope: Scope) -> str:
    """The key of a record of ``opt-outs``: one for each number and scope, since compaction keeps one record a key."""
    return number_key if scope == "all" else f"{number_key}.{scope}"


class Hasher:
    """``number_key`` with its secret, which it does not show."""

    __slots__ = ("_hash_key",)

    def __init__(self, hash_key: str) -> None:
        self._hash_key = hash_key

    def __call__(self, number: str) -> str:
        """The name of ``number`` (E.164); it is also the key under which a stop of everything is written."""
        return number_key(self._hash_key, number)
