"""What the integration tests' processes write is searched: nothing personal or secret slips through."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.overheard import Overheard, overhearing

SECRET = "a-secret-of-this-test"
PROFILE: dict[str, Any] = {
    "customer_id": "c1",
    "contacts": [
        {"phone": "+44 7700 900123", "wechat_openid": "oia2TjuEGTNoeX76QEjQ", "push_ids": ["1104a8979278ae64e75"]}
    ],
}
ORDER = {"order_id": "A1", "address": "12 High Street"}
LINE = {"event": "ready", "level": "info", "timestamp": "2026-11-23T01:30:00Z"}


def line(**fields: str) -> str:
    return json.dumps({**LINE, **fields}, ensure_ascii=False)


def run(says: str, folder: Path, *, piped: bool = False, command: str = "worker") -> list[str]:
    """A process of ours says something; what is found of it."""
    script = f"import sys; print({says!r}, file=sys.stderr)"
    arguments = [sys.executable, "-c", script, "orderbell", command]
    environment = {"ORDERBELL_CALLBACK_TOKEN": SECRET, "PYTHONIOENCODING": "utf-8"}
    with overhearing() as heard:
        heard.published(json.dumps(PROFILE).encode())
        heard.published(json.dumps(ORDER).encode())
        heard.published(None)
        heard.published(b"not JSON")
        if piped:
            said = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True).stderr
            assert said == f"{says}\n", "its reader must not notice"
        else:
            with (folder / "log").open("wb") as log:
                subprocess.run(arguments, env=environment, stdout=log, stderr=log, check=True)
        found = heard.slips()
        assert heard.slips() == [], "told once"
    return found


@pytest.mark.parametrize("piped", [True, False])
@pytest.mark.parametrize(
    "slip",
    [
        *("13900000001", "+8613900000001", "+44 7700 900123", "ann@example.com", "12 High Street", SECRET),
        *("oia2TjuEGTNoeX76QEjQ", "1104a8979278ae64e75", "您好，订单A1因余额不足付款未成功"),
    ],
)
def test_what_is_personal_or_secret_is_found_wherever_a_process_writes_it(
    slip: str, piped: bool, tmp_path: Path
) -> None:
    (found,) = run(line(says=f"asked for {slip}"), tmp_path, piped=piped)
    assert slip in found


@pytest.mark.parametrize("piped", [True, False])
def test_masked_names_and_ids_are_not(piped: bool, tmp_path: Path) -> None:
    assert run(line(number="139****0001", command_id="cmd_139000000017f", order="20261123000001"), tmp_path) == []
    assert run("orderbell: ORDERBELL_WEB_PORT: port 8080 is in use", tmp_path, piped=piped) == []


def test_a_worker_whose_log_is_not_json_is_found(tmp_path: Path) -> None:
    (found,) = run("Traceback (most recent call last):", tmp_path)
    assert "no line" in found
    assert run("anything", tmp_path, command="topics") == []


def test_a_secret_that_cannot_be_searched_for_is_refused() -> None:
    with pytest.raises(AssertionError, match="choose a secret"):
        Overheard().started(
            subprocess.CompletedProcess(["orderbell", "worker"], 0), {"ORDERBELL_HASH_KEY": "k"}, {"stdout": None}
        )


async def test_processes_of_asyncio_are_heard_as_well() -> None:
    with overhearing() as heard:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "print('13900000001')", "orderbell", "worker"),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert out == b"13900000001\n"
        assert len(heard.slips()) == 1
