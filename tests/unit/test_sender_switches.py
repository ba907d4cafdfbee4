"""What an operator switches off ends at once, wherever it waits; what is under way can't be called back."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agents.rules_source import RulesSource
from orderbell.defaults import DEFAULT_RULES
from schemas.times import SECOND
from streams.errors import Misconfigured
from tests.sending import ANN, Post
from tests.unit.rules import rules_with

NO_PAYMENTS = rules_with('[switched_off]\nkinds = ["payment_failed"]')
NO_MERCHANT = rules_with('[switched_off]\nmerchants = ["m1"]')
OFF = [("suppressed", "switched_off")]


def test_of_a_kind_that_is_switched_off_nothing_goes() -> None:
    post = Post(rules=NO_PAYMENTS)
    post.profile(ANN)
    post.notify()
    assert post.outcomes == OFF
    post.notify("stock_shortage")
    assert post.held().send()


def test_of_a_merchant_that_is_switched_off_nothing_goes() -> None:
    post = Post(rules=NO_MERCHANT)
    post.profile(ANN)
    post.notify(merchant_id="m1")
    assert post.outcomes == OFF
    post.notify(order="A2", merchant_id="m2")
    post.notify(order="A3")
    post.held()
    assert len(post.sends) == 2


def test_a_switch_ends_what_is_held_at_once() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    assert not post.outcomes
    post.driver.rules = NO_PAYMENTS
    post.wait(0)
    assert post.outcomes == OFF
    assert post.written("notification-decisions")[0].value["rules"] == NO_PAYMENTS.hash


def test_a_switch_ends_what_waits_for_its_next_try() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.held().refuse_for_now()
    post.driver.rules = NO_PAYMENTS
    post.wait(0)
    assert post.outcomes == OFF


def test_what_is_under_way_when_the_switch_comes_is_told_if_the_provider_takes_it_and_not_tried_again() -> None:
    post = Post(rules=rules_with("merge = false"))
    post.profile(ANN)
    post.notify(order="A1")
    post.notify(order="A2")
    first, second = post.held().sends
    post.driver.rules = NO_PAYMENTS
    post.accept(first)
    post.finish(second, None)
    post.wait(SECOND)
    assert sorted(post.outcomes) == [("sent", "accepted"), *OFF]
    assert not post.sends


def test_a_reload_says_what_was_switched(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[switched_off]\nkinds = ["payment_failed"]')
    source = RulesSource(DEFAULT_RULES, file)
    file.write_text('[switched_off]\nmerchants = ["m1"]\n[storm]\nanswers = {"carrier:sf" = "drop"}')
    with capture_logs() as logs:
        source.reload()
    said = {entry["key"]: (entry["old"], entry["new"]) for entry in logs if entry["event"] == "switched"}
    assert said == {
        "switched_off.kinds": (("payment_failed",), ()),
        "switched_off.merchants": ((), ("m1",)),
        "storm.answers": ({}, {"carrier:sf": "drop"}),
    }


def test_a_bad_file_is_told_and_the_rules_stay(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("")
    source = RulesSource(DEFAULT_RULES, file)
    told: list[str] = []
    source.changed, source.refused = lambda: told.append("changed"), lambda: told.append("refused")
    former = source.current
    file.write_text("nonsense = 1")
    with pytest.raises(Misconfigured, match="nonsense"):
        source.reload()
    assert source.current is former
    file.write_text("")
    source.reload()
    assert told == ["refused", "changed"]


@pytest.mark.parametrize("text", ["", 'signature = "某"'])
def test_a_reload_that_switches_nothing_says_nothing_of_switches(tmp_path: Path, text: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text("")
    source = RulesSource(DEFAULT_RULES, file)
    file.write_text(text)
    with capture_logs() as logs:
        source.reload()
    assert [entry["event"] for entry in logs] == ["rules_in_force"]
