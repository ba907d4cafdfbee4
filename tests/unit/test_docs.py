"""The pages for operators name all that there is, and nothing that does not work."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from msgspec import Struct

from agents.rules_source import read_rules
from orderbell import metrics_page
from orderbell.defaults import DEFAULT_RULES
from schemas.outputs import CouponTold, Outcome, Packed, Reason
from schemas.rules import (
    Budget,
    CardTemplate,
    Mail,
    MailText,
    MailWhen,
    PhoneMaker,
    ProviderLimits,
    Push,
    RulesFile,
    Sms,
    StallRules,
    Storm,
    SwitchedOff,
    WorkingYear,
)
from schemas.times import DAY, HOUR
from streams.metrics import OBSERVED
from streams.operators import order, watch
from streams.policy.keeping import keeping
from streams.policy.wechat_template import FIELD_TYPES
from streams.settings import Aliyun, JPush, Settings, Tencent, Wechat
from streams.topics import TOPICS, Topic
from tests.exposed import EXPOSED
from tests.unit.test_keeping import DEFAULTS as KAFKAS_OWN

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


@pytest.mark.parametrize("word", [*Outcome, *Reason])
def test_each_outcome_and_reason_has_its_line(word: str) -> None:
    assert f"\n| `{word}` |" in page("reasons.md")


@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_stands_beside_an_outcome(reason: Reason) -> None:
    row = next(line for line in page("reasons.md").splitlines() if line.startswith(f"| `{reason}` |"))
    assert row.split("|")[2].strip().strip("`") in set(Outcome)


@pytest.mark.parametrize("word", [*CouponTold, *Packed])
def test_what_becomes_of_a_coupon_and_why_notices_ride_together_has_its_line(word: str) -> None:
    assert f"\n| `{word}` |" in page("reasons.md")


def variables() -> list[str]:
    vendors: dict[str, type[Struct]] = {"aliyun": Aliyun, "tencent": Tencent, "jpush": JPush, "wechat": Wechat}
    plain = [field for field in Settings.__struct_fields__ if field not in vendors]
    names = ["broker" if field == "brokers" else field for field in plain]
    names += [f"{vendor}_{field}" for vendor, struct in vendors.items() for field in struct.__struct_fields__]
    return [f"ORDERBELL_{name.upper()}" for name in names]


def test_the_settings_page_names_all_variables_and_no_other() -> None:
    assert sorted(re.findall(r"^\| `(ORDERBELL_\w+)`", page("settings.md"), re.MULTILINE)) == sorted(variables())


def test_the_rules_page_names_every_key() -> None:
    text = re.sub(r"```.*?```", "", page("rules.md"), flags=re.DOTALL)
    written = set(re.findall(r"`([^`]+)`", text))
    tables = {"sms": Sms, "push": Push, "budget": Budget, "switched_off": SwitchedOff, "storm": Storm}
    tops = set(RulesFile.__struct_fields__) - {"kinds", "templates", "mail", "wechat", "working_days", *tables}
    limits = {"aliyun", "tencent"}
    of_sms = {f"[sms] {key}" for key in set(Sms.__struct_fields__) - limits} | {f"[sms.{name}]" for name in limits}
    of_others = {"[push]", *(key for key in Push.__struct_fields__ if key not in get_args(PhoneMaker))}
    others = {"[switched_off]": SwitchedOff, "[storm]": Storm, "[budget]": Budget}
    of_others = of_others.union(others, *(table.__struct_fields__ for table in others.values()))
    of_mails = {key for table in (Mail, MailText, MailWhen, WorkingYear) for key in table.__struct_fields__} - {"texts"}
    of_others |= {"[wechat]", "[wechat.templates.ID]", "url", *CardTemplate.__struct_fields__, *FIELD_TYPES}
    of_others |= {"[mail]", "[mail.texts.ID]", "[working_days.YEAR]", *of_mails}
    assert {*StallRules.__struct_fields__, *tops, *of_sms, *of_others, *ProviderLimits.__struct_fields__} <= written


def test_the_rules_page_shows_a_good_file(tmp_path: Path) -> None:
    example = re.findall(r"```toml\n(.*?)```", page("rules.md"), re.DOTALL)[0]
    (tmp_path / "rules.toml").write_text(example)
    in_force = msgspec.to_builtins(read_rules(DEFAULT_RULES, tmp_path / "rules.toml").file)
    assert (
        in_force["kinds"]["shipment_stalled"]["after"] == tomllib.loads(example)["kinds"]["shipment_stalled"]["after"]
    )


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", page("rules.md"), re.DOTALL))
def test_each_example_of_the_rules_page_is_taken(tmp_path: Path, example: str) -> None:
    (tmp_path / "rules.toml").write_text(example)
    read_rules(DEFAULT_RULES, tmp_path / "rules.toml")


def gone_after(topic: Topic) -> str:
    """How the page says until when a topic keeps what was erased."""
    kept = keeping(KAFKAS_OWN | topic.config)
    replaced, null, unreplaced = kept.replaced(0), kept.null(0), kept.unreplaced(0)
    if not topic.compacted:
        assert unreplaced is not None
        return f"{topic.days} d, {unreplaced // DAY} d with its segment"
    assert replaced is not None
    assert null is not None
    days = f"{null // DAY} d " if null > DAY else ""
    return f"{replaced // HOUR} h, its null {days}{null % DAY // HOUR} h"


def test_the_erasure_page_says_of_every_topic_until_when_it_keeps_a_customer() -> None:
    rows = dict(re.findall(r"^\| `([\w-]+)` \|.*\| ([^|]+) \|$", page("erasure.md"), re.MULTILINE))
    assert list(rows) == [topic.name for topic in TOPICS]
    of_their_own = {
        "opt-outs": "stays",
        "orders-changelog": "with the order, 30 d after its last news, and 7 h",
        "logistics-changelog": "with the parcel, 30 d after its last news, and 7 h",
    }
    assert rows == {topic.name: gone_after(topic) for topic in TOPICS} | of_their_own
    assert order.REMEMBERED == watch.FORGOTTEN_AFTER == 30 * DAY


def test_the_metrics_that_operators_look_at_are_declared() -> None:
    written = set(re.findall(r"`(orderbell_\w+)`", "".join(map(Path.read_text, PAGES))))
    distributions = {f"orderbell_{declared.name}" for declared, _ in OBSERVED.values()}
    assert written <= EXPOSED.keys() | distributions


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", path.read_text())
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_metrics_page_is_that_of_what_is_declared() -> None:
    assert page("metrics.md") == metrics_page.page(), "python -m orderbell.metrics_page > docs/metrics.md"
