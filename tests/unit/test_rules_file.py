import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.times import HOUR, MINUTE, SECOND
from schemas.words import KINDS, Kind, RuledKind
from streams.errors import Misconfigured
from streams.policy.rules_file import overlaid
from streams.policy.window import Window
from tests.unit.rules import DEFAULTS, RULES, rules_with

INVALID = sorted((Path(__file__).parent / "testdata" / "rules").glob("*.toml"))


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_an_invalid_file_is_refused_in_one_line_that_names_file_and_key(file: Path) -> None:
    """The first line of each file says what is to be said of it."""
    text = file.read_text(encoding="utf-8")
    with pytest.raises(Misconfigured) as refused:
        rules_with(text)
    line = str(refused.value)
    assert line.startswith("own.toml: " + text.partition("\n")[0].removeprefix("# "))
    assert len(line.splitlines()) == 1
    assert line.isprintable()


@pytest.mark.parametrize(
    ("kind", "within", "repeat_window", "merge_hold", "expire_after", "window"),
    [
        ("payment_failed", 5 * MINUTE, HOUR, 90 * SECOND, 24 * HOUR, "always"),
        ("stock_shortage", 5 * MINUTE, 24 * HOUR, 5 * SECOND, 24 * HOUR, "always"),
        ("address_undeliverable", 5 * MINUTE, 24 * HOUR, 5 * SECOND, 24 * HOUR, "always"),
        ("order_cancelled", 5 * MINUTE, 24 * HOUR, 5 * SECOND, 24 * HOUR, "always"),
        ("shipment_stalled", HOUR, 0, 60 * SECOND, 72 * HOUR, "08:00-21:00"),
    ],
)
def test_the_defaults_of_a_kind_are_those_of_the_contract(
    kind: Kind, within: int, repeat_window: int, merge_hold: int, expire_after: int, window: str
) -> None:
    rules = RULES.kinds[kind]
    assert (rules.within, rules.repeat_window, rules.merge_hold) == (within, repeat_window, merge_hold)
    assert rules.expire_after == expire_after
    assert rules.window == Window.parse(window)
    assert all("sms" in steps[0] for steps in rules.plans.values())


@pytest.mark.parametrize("kind", ["stock_replenished", "shipment_resumed"])
def test_good_news_is_told_in_the_inbox_unless_no_channel_is_named(kind: RuledKind) -> None:
    rules = RULES.kinds[kind]
    assert set(rules.plans.values()) == {(("inbox",),)}
    assert rules.window == Window.parse("08:00-21:00")
    assert RULES.tells(kind)
    assert not rules_with(f"[kinds.{kind}]\nchannels = []").tells(kind)
    assert rules_with(f'[kinds.{kind}]\nchannels = []\nchannels_by_tier = {{ vip = ["push"] }}').tells(kind)


def test_good_news_needs_a_text_while_it_is_told() -> None:
    silent = "[templates.stock_back_1]\nenabled = false\n"
    with pytest.raises(Misconfigured, match="templates: none tells stock_replenished"):
        rules_with(silent)
    assert not rules_with(f"{silent}[kinds.stock_replenished]\nchannels = []").tells("stock_replenished")


def test_the_other_defaults_are_those_of_the_contract() -> None:
    assert RULES.profile_wait == 60 * SECOND
    assert RULES.time_zone == ZoneInfo("Asia/Shanghai")
    assert RULES.providers == ("aliyun", "tencent")
    assert RULES.price == Decimal("0.045")
    assert RULES.stall_after("SF") == RULES.stall_after(None) == 24 * HOUR


def test_a_key_that_is_laid_over_changes_itself_alone() -> None:
    rules = rules_with(
        '[kinds.payment_failed]\nmerge_hold = "1s"\n[kinds.shipment_stalled.after_by_carrier]\nSF = "36h"'
    )
    assert rules.kinds["payment_failed"].merge_hold == SECOND
    assert rules.kinds["payment_failed"].within == RULES.kinds["payment_failed"].within
    assert {kind: rules.kinds[kind] for kind in KINDS[1:]} == {kind: RULES.kinds[kind] for kind in KINDS[1:]}
    assert (rules.stall_after("SF"), rules.stall_after("YTO")) == (36 * HOUR, 24 * HOUR)
    assert rules.templates == RULES.templates


def test_a_template_that_is_laid_over_keeps_what_is_not_said_of_it() -> None:
    rules = rules_with('[templates.pay_1]\naliyun = { id = "SMS_154950909" }')
    ours, default = rules.templates["pay_1"], RULES.templates["pay_1"]
    assert ours.wordings["aliyun"].id == "SMS_154950909"
    assert ours.wordings["aliyun"].text == default.wordings["aliyun"].text
    assert ours.wordings["tencent"] == default.wordings["tencent"]


def test_a_templates_conditions_are_replaced_as_one() -> None:
    rules = rules_with('[templates.cancel_vip]\nwhen = { paid = "yes" }')
    assert RULES.templates["cancel_vip"].when.tier == "vip"
    assert rules.templates["cancel_vip"].when.tier is None


def test_templates_that_are_added_come_before_the_defaults() -> None:
    added = """
        [templates.mine]
        kind = "payment_failed"
        text = "您好，订单${order}未付款。"
        max = { order = 18 }
        aliyun = { id = "SMS_1" }
        tencent = { id = "1" }
    """
    assert list(rules_with(added).templates) == ["mine", *RULES.templates]


def test_equal_rules_have_one_hash_and_others_another() -> None:
    assert len(RULES.hash) == 12
    assert int(RULES.hash, 16) >= 0
    assert rules_with("").hash == rules_with('[kinds.payment_failed]\nwithin = "5m"').hash == RULES.hash
    assert rules_with('[kinds.payment_failed]\nwithin = "300s"').hash != RULES.hash
    assert rules_with('[kinds.shipment_stalled.after_by_carrier]\na = "1h"\nb = "2h"').hash == (
        rules_with('[kinds.shipment_stalled.after_by_carrier]\nb = "2h"\na = "1h"').hash
    )


TABLES = st.recursive(
    st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2),
    lambda values: st.dictionaries(st.sampled_from("abc"), values, min_size=1, max_size=3),
    max_leaves=8,
)
TABLE = st.dictionaries(st.sampled_from("abc"), TABLES, max_size=3)


def leaves(table: dict[str, Any], place: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= leaves(value, (*place, key))
        else:
            found[(*place, key)] = value
    return found


@given(TABLE, TABLE)
def test_what_is_laid_over_stands_and_what_it_does_not_touch_stays(
    defaults: dict[str, Any], overlay: dict[str, Any]
) -> None:
    merged = leaves(overlaid(defaults, overlay))
    above, below = leaves(overlay), leaves(defaults)
    assert above.items() <= merged.items()
    for place, value in below.items():
        touched = any(place[: len(other)] == other or other[: len(place)] == place for other in above)
        if not touched:
            assert merged[place] == value
    assert merged.keys() <= above.keys() | below.keys()


@given(TABLE, TABLE)
def test_laying_over_twice_is_laying_over_once(defaults: dict[str, Any], overlay: dict[str, Any]) -> None:
    once = overlaid(defaults, overlay)
    assert overlaid(once, overlay) == once


def test_no_default_is_changed_by_what_is_laid_over_it() -> None:
    defaults = tomllib.loads(DEFAULTS)
    overlaid(
        defaults, tomllib.loads('signature = "a"\n[kinds.payment_failed]\nwithin = "1s"\n[templates.x]\ntext = ""')
    )
    assert defaults == tomllib.loads(DEFAULTS)
