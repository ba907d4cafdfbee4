"""The rules by which the simulated shop lives: the defaults, with nothing remembered longer than a simulation waits."""

from tests.unit.rules import rules_with

RULES = rules_with("coupon_period = '30d'\nconfirm_every = '30d'")
