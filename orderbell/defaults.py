"""What ships with the program."""

from pathlib import Path

DEFAULT_RULES = Path(__file__).with_name("default_rules.toml")
"""The rules in force where no file of an operator's says otherwise."""
