"""Prints the page of the default rules."""

from orderbell.defaults import DEFAULT_RULES
from orderbell.messages_page.page import page
from streams.policy.rules_file import load

if __name__ == "__main__":
    print(page(load(DEFAULT_RULES.read_text(encoding="utf-8"))), end="")
