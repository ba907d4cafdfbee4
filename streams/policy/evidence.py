"""What an operator may write down as the evidence for lifting a stop: it is kept, so it must not tell whose."""

import re
import unicodedata

import phonenumbers

LONGEST = 200
_EMAIL = re.compile(r"\S@\S").search
_MOBILE = re.compile(r"1[3-9][0-9]{9}").search
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[\s\-_.,/()*·]+(?=[0-9])")
_TELLING = 7
"""So many of a number's last digits as good as name it."""


def why_not(evidence: str, number: str) -> str | None:
    """Why ``evidence`` for lifting the stop of ``number`` (E.164) can't be kept, or ``None``.

    Strict: what only looks like a telephone number, say a long order number, is refused as well, and can be reworded.
    """
    text = unicodedata.normalize("NFKC", evidence).strip()
    if not text:
        return "must say how the owner of the number asked for it"
    if len(evidence) > LONGEST:
        return f"longer than {LONGEST} characters"
    if not evidence.isprintable():
        return "must be one line of text"
    if _EMAIL(text):
        return "holds an e-mail address, and is kept"
    digits = _BETWEEN_DIGITS.sub("", text)
    if _MOBILE(digits) or number[-_TELLING:] in digits or any(phonenumbers.PhoneNumberMatcher(text, "CN")):
        return "holds what looks like a telephone number, and is kept"
    return None
