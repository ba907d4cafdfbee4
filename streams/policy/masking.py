"""How an address is shown to those who read receipts: enough to know it again, too little to use it."""

import re

import phonenumbers

from schemas.words import Channel

_KEPT = 4
_MAINLAND = re.compile(r"\+861[3-9]\d{9}", re.ASCII).fullmatch


def masked(channel: Channel, address: str) -> str:
    """``139****0001``, ``a***@x.com``, ``o6_b****``; of several devices the first stands for all.

    The inbox's address is the customer's id, which is a key of each receipt anyway.
    """
    match channel:
        case "sms":
            return masked_number(address)
        case "email":
            name, _, domain = address.rpartition("@")
            return f"{name[:1]}***@{domain}"
        case "push" | "wechat":
            return f"{address.split()[0][:_KEPT]}****"
        case "inbox":
            return address


def masked_number(number: str) -> str:
    """How an E.164 number is shown: ``139****0001``, ``+44****1234``.

    At least four digits beside the country code stay hidden, so the shortest numbers show fewer than four.
    """
    if _MAINLAND(number):
        return f"{number[3:6]}****{number[-4:]}"
    parsed = phonenumbers.parse(number)
    national = phonenumbers.national_significant_number(parsed)
    shown = min(4, max(0, len(national) - 4))
    return f"+{parsed.country_code}****{national[len(national) - shown :]}"
