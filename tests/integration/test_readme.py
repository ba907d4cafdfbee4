"""The README's commands do what it says. It plays the demo once, which takes about a minute."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streams.settings import load
from tests.integration.processes import living

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROGRAM = [sys.executable, "-P", "-m", "orderbell"]
LINE = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2} (1[0-9]{2}\*{4}[0-9]{4} 【[^】]+】.+)")
LONGEST = 120.0


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines()]


@pytest.mark.parametrize("target", [line.split()[1] for line in commands() if line.startswith("make ")])
def test_make_knows_the_targets(target: str) -> None:
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("command", [line.split()[1:] for line in commands() if line.startswith("orderbell ")])
def test_the_program_knows_the_commands(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text('signature = "某商城"\n')
    if command == ["worker"]:
        command = ["worker", "--help"]
    subprocess.run([*PROGRAM, *command], cwd=tmp_path, check=True, capture_output=True)


def test_every_line_of_the_readme_is_looked_at() -> None:
    assert [line for line in commands() if line.split()[0] not in ("make", "orderbell", "export")] == []


def test_the_settings_shown_are_good_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules.toml").touch()
    shown = (line.removeprefix("export ").split("=", 1) for line in commands() if line.startswith("export "))
    settings = load(dict(shown))
    assert settings.aliyun is not None
    assert settings.replication == 3


@pytest.mark.timeout(180)
def test_the_demo_ends_well_and_prints_what_the_readme_shows(tmp_path: Path) -> None:
    asked = ["make", "--no-print-directory", "--dry-run", "demo"]
    recipe = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
    assert recipe.stdout.splitlines()[-1] == ".venv/bin/orderbell demo"
    started = time.monotonic()
    run = subprocess.run(
        [*PROGRAM, "demo"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path), "ORDERBELL_ALIYUN_ACCESS_KEY_ID": "a user's own"},
    )
    assert run.returncode == 0, run.stderr
    assert time.monotonic() - started < LONGEST
    assert list(tmp_path.iterdir()) == []
    assert living(tmp_path) == []
    said, figures = messages_and_figures(run.stdout)
    shown, shown_figures = messages_and_figures(blocks("text")[0])
    assert figures == shown_figures
    assert len(said) == int(figures["messages"])
    assert set(shown) <= set(said)


def messages_and_figures(output: str) -> tuple[list[str], dict[str, str]]:
    """The messages without their times, and the summary. Every line is one or the other."""
    messages, figures = [], {}
    for line in output.splitlines():
        if message := LINE.fullmatch(line):
            messages.append(message[1])
        else:
            name, figure = line.split(": ")
            figures[name] = figure
    return messages, figures
