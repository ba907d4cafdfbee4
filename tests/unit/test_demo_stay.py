"""What a demo that stays says of who watches it. All the rest is in ``tests/integration/test_demo_stays.py``."""

from pathlib import Path

import pytest

from orderbell.demo import prometheus, stay
from orderbell.demo.prometheus import configuration
from tests.deployed import DEPLOY
from tests.prometheus_rules import FILES


def test_without_prometheus_it_says_so_on_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert stay.watched(None) == "prometheus is not installed, so nobody scrapes the workers"


def test_without_the_checkout_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "prometheus").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(prometheus, "RULES", tmp_path / "rules")
    assert stay.watched(None) == f"{tmp_path / 'rules'} is not there, so nobody scrapes the workers"


def test_its_prometheus_plays_all_rules_that_ship_and_names_the_job_as_they_expect() -> None:
    written = configuration(["127.0.0.1:1"], 5, str(prometheus.RUNBOOKS))
    (pattern,) = written["rule_files"]
    assert sorted(Path(pattern).parent.glob(Path(pattern).name)) == FILES
    assert (DEPLOY / "runbooks") == prometheus.RUNBOOKS
    assert [job["job_name"] for job in written["scrape_configs"]] == ["orderbell"]
