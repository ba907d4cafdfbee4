"""The soak for a moment: that it kills, judges and leaves nothing behind. ``make soak-kafka`` runs it for real."""

import asyncio
from pathlib import Path

import pytest

from tests.integration.processes import living
from tests.oracle.evidence import Evidence
from tests.soak.drain import SILENCE, drain
from tests.soak.judging import judged
from tests.soak.options import Options
from tests.soak.scene import Scene
from tests.soak.stored import load, store
from tests.soak.stream import Stream


@pytest.mark.timeout(240)
async def test_two_workers_are_killed_amid_events_and_every_promise_holds(tmp_path: Path) -> None:
    evidence = await _soaked(tmp_path)
    assert living(tmp_path) == []
    store(evidence, tmp_path)
    assert judged(load(tmp_path)) == []
    assert len(evidence.attempts) > 10


async def _soaked(folder: Path) -> Evidence:
    # The vendor is kind: what is in doubt is asked for after 45 seconds, and this is but a moment.
    async with Scene(Options(mode="calm", workers=2, folder=folder)) as scene:
        playing = asyncio.ensure_future(scene.upstream.play(Stream(5, 30), 7, scene.vendor.reply))
        await asyncio.sleep(2)
        for worker in scene.fleet.members:
            await scene.fleet.kill(worker, down=1)
        await playing
        await scene.upstream.flush()
        scene.closed_at = scene.fleet.now()
        await drain(scene, SILENCE)
        return await scene.evidence()
