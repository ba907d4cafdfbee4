"""How the opt-out ledger names a number, and which words of a reply or a report mean stop."""

import hmac
from hashlib import sha256

from schemas.opt_outs import Scope


def number_key(hash_key: str, number: str) -> str:
    """How the ledger names ``number`` (E.164): HMAC-SHA256 in hex.

    A plain hash would not hide it: there are but 10^10 Chinese mobile numbers.
    """
    return hmac.digest(hash_key.encode(), number.encode(), sha256).hex()


def ledger_key(number_key: str, scope: Scope) -> str:
    """The key of a record of ``opt-outs``: one for each number and scope, since compaction keeps one record a key."""
    return number_key if scope == "all" else f"{number_key}.{scope}"


class Hasher:
    """``number_key`` with its secret. Shows neither."""

    __slots__ = ("_hash_key",)

    def __init__(self, hash_key: str) -> None:
        self._hash_key = hash_key

    def __call__(self, number: str) -> str:
        """The name of ``number`` (E.164); also the key under which a stop of everything is written."""
        return number_key(self._hash_key, number)
