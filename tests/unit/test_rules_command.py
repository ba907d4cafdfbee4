import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from orderbell.commands.rules import rules
from streams.errors import Misconfigured
from tests.unit.rules import RULES

OWN = '[kinds.payment_failed]\nmerge_hold = "1s"\n[templates.pay_1]\naliyun = { id = "SMS_154950909" }\n'


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    return file


def run(*arguments: object, variable: Path | None = None) -> Result:
    environment = {"ORDERBELL_RULES": str(variable) if variable else None}
    return CliRunner().invoke(rules, [str(argument) for argument in arguments], env=environment)


def shown(*arguments: object, variable: Path | None = None) -> dict[str, Any]:
    result = run("show", "--json", *arguments, variable=variable)
    assert result.exit_code == 0
    return dict(json.loads(result.stdout))


def test_a_good_file_is_valid_and_what_is_made_up_is_warned_of(own: Path) -> None:
    result = run("check", own)
    assert result.exit_code == 0
    *warnings, valid = result.stdout.splitlines()
    assert all(line.startswith(f"{own}: warning: ") for line in warnings)
    assert any("made-up aliyun.id" in line for line in warnings)
    assert not any(" pay_1," in line for line in warnings if "aliyun.id" in line)
    assert valid == f"{own}: valid, rules {shown(own)['hash']}"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b'[kinds.payment_failed]\nwithin = "soon"', "kinds.payment_failed.within: expected a duration"),
        (b"= 1", "not TOML"),
        (b"signature = '\xff'", "not UTF-8 at byte 13"),
    ],
)
def test_a_bad_file_is_refused_with_file_and_key(tmp_path: Path, content: bytes, error: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(content)
    for command in (["check"], ["show", "--json"]):
        result = run(*command, file)
        assert isinstance(result.exception, Misconfigured)
        assert str(result.exception).startswith(f"{file}: {error}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.toml", tmp_path):
        result = run("check", path)
        assert isinstance(result.exception, Misconfigured)
        assert str(result.exception).startswith(f"{path}: cannot be read: ")


def test_the_argument_comes_before_the_variable_and_that_before_the_defaults(own: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('signature = "某商城"', encoding="utf-8")
    assert shown()["hash"] == RULES.hash
    assert shown(variable=own)["kinds"]["payment_failed"]["merge_hold"] == "1s"
    assert shown(other, variable=own)["signature"] == "某商城"
    assert shown(other, variable=own)["kinds"]["payment_failed"]["merge_hold"] == "90s"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8-sig")
    assert shown(file)["kinds"]["payment_failed"]["merge_hold"] == "1s"


def test_the_rules_are_shown_as_the_contract_says(own: Path) -> None:
    in_force = shown(own)
    assert in_force["signature"] == "寄卖行"
    assert set(in_force["kinds"]) == set(RULES.kinds)
    stalls = in_force["kinds"]["shipment_stalled"]
    assert stalls == {
        "within": "1h", "repeat_window": "0s", "merge_hold": "60s", "expire_after": "72h",
        "window": "08:00-21:00", "channels": ["sms", "push", "wechat", "email"], "repeat_in_doubt": False,
        "channels_by_tier": {"vip": [["sms", "push"], "wechat", "email"]}, "silent": ["inbox"], "patience": "0s",
        "after": "24h", "after_by_carrier": {},
    }  # fmt: skip
    templates = {template["template_id"]: template for template in in_force["templates"]}
    assert list(templates) == list(RULES.templates)
    assert templates["pay_1"]["aliyun"]["id"] == "SMS_154950909"
    for template_id, template in templates.items():
        assert template["kind"] == RULES.templates[template_id].kind
        assert template["category"] in ("notification", "marketing")
        assert re.fullmatch(r"SMS_\d+", template["aliyun"]["id"])
        assert re.fullmatch(r"\d+", template["tencent"]["id"])
        assert template["tencent"]["text"]
    assert "${order}" in templates["pay_1"]["text"]
    assert "${tail}" in templates["pay_1"]["tencent"]["text"]
    assert templates["pay_vip_n"]["tencent"]["text"] == templates["pay_vip_n"]["text"]


def test_without_json_the_rules_are_shown_to_be_read(own: Path) -> None:
    lines = run("show", own).stdout.splitlines()
    assert lines[0].startswith("rules ")
    assert "  merge_hold       1s" in lines
    assert any(line.startswith("  pay_1 ") for line in lines)
    assert (
        "  card payment_failed    ${order} | ${item} | ${reason} | ${time} | 请到我的订单重新付款，已付款请忽略"
        in lines
    )
