"""One soak, from the first start to the verdict."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple

from streams.clock import SystemClock
from tests.oracle import Defect, Evidence
from tests.soak.calm import CalmStream
from tests.soak.chaos import Chaos
from tests.soak.drain import RECOVERED, SILENCE, drain
from tests.soak.figures import figures, spread
from tests.soak.judging import judged, raised
from tests.soak.memory import Memory
from tests.soak.options import Options
from tests.soak.recovery import Failures, measure
from tests.soak.scene import Scene
from tests.soak.screen import Screen
from tests.soak.stored import store
from tests.soak.stream import Stream
from tests.soak.upstream import Streaming


class Result(NamedTuple):
    """What came of it. There should be no defects."""

    evidence: Evidence
    figures: dict[str, str]
    defects: list[Defect]


async def soak(options: Options, screen: Screen) -> Result:
    """Plays one soak in ``options.folder``, which keeps its logs and its evidence. No process outlives it."""
    screen.say(f"seed {options.seed}, logs in {options.folder}")
    async with Scene(options) as scene:
        memory = Memory(scene.fleet, screen.say if options.mode == "calm" else lambda _: None)
        reading = asyncio.ensure_future(memory.run())
        showing = asyncio.ensure_future(_show(scene, screen, options))
        try:
            more = await _play(scene, options, screen)
            reading.cancel()
            await memory.read(options.minutes)
            await scene.upstream.flush()
            scene.closed_at = SystemClock().now()
            scene.vendor.calm()
            screen.say("upstream is silent; waiting until all is decided")
            await drain(scene, RECOVERED if options.mode == "chaos" else SILENCE)
        finally:
            reading.cancel()
            showing.cancel()
            await asyncio.wait([reading, showing])
        evidence = await scene.evidence()
        store(evidence, options.folder)
    logged = scene.fleet.logged
    summary = figures(evidence, scene.fleet, scene.vendor.befell, logged) | {"memory": memory.summary()} | more
    return Result(evidence, summary, [*judged(evidence), *raised(logged), *scene.fleet.unruly])


async def _play(scene: Scene, options: Options, screen: Screen) -> dict[str, str]:
    """The stream, and what is done to the workers meanwhile. Further figures."""
    seconds = options.minutes * 60
    match options.mode:
        case "calm":
            await scene.upstream.play(CalmStream(options.seed, options.rate), seconds, scene.vendor.reply)
            return {}
        case "recovery":
            measuring = asyncio.ensure_future(measure(scene, options.kills, screen.say))
            await _streaming(scene, Failures(options.seed, options.rate), measuring)
            return {"seconds from kill -9 to all its partitions' next decisions": spread(measuring.result())}
        case "chaos":
            chaos = Chaos(options.seed, scene.fleet, scene.guest, every=options.every)
            await _streaming(scene, Stream(options.seed, options.rate), asyncio.ensure_future(chaos.run(seconds)))
            return {}


async def _streaming(scene: Scene, stream: Streaming, meanwhile: "asyncio.Future[Any]") -> None:
    """Streams until the other is done, whose failure is ours."""
    streaming: Coroutine[Any, Any, None] = scene.upstream.play(stream, float("inf"), scene.vendor.reply)
    publishing = asyncio.ensure_future(streaming)
    try:
        await asyncio.wait([publishing, meanwhile], return_when=asyncio.FIRST_COMPLETED)
    finally:
        publishing.cancel()
        meanwhile.cancel()
        await asyncio.wait([publishing, meanwhile])
    if not publishing.cancelled():
        publishing.result()
    meanwhile.result()


async def _show(scene: Scene, screen: Screen, options: Options) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        await asyncio.sleep(screen.every)
        watch, fleet = scene.watch, scene.fleet
        screen.show(
            (loop.time() - began) / (options.minutes * 60),
            f"{(loop.time() - began) / 60:.1f} min, {scene.upstream.sent} events, "
            f"{watch.counts['notification-decisions']} decisions ({len(watch.undecided)} open), "
            f"{len(scene.vendor.messages)} messages, {len(fleet.kills)} kills, "
            f"{sum(fleet.troubles.values())} troubles, "
            f"up {sum(worker.up and not worker.frozen for worker in fleet.members)} of {len(fleet.members)}",
        )
