"""The stage: Kafka, a worker and the vendor's stand-in, each a process of its own, and the wires between them."""

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from agents.rules_source import read_rules
from orderbell.commands.rules import shown
from orderbell.defaults import DEFAULT_RULES
from orderbell.demo.processes import Child
from orderbell.demo.seen import Seen
from orderbell.demo.show import Show
from orderbell.demo.upstream import Event, Upstream
from orderbell.kafka import ports
from orderbell.standins.aliyun.messages import Message
from orderbell.standins.faults import Fault
from streams.errors import Unavailable

RULES = Path(__file__).with_name("rules.toml")
LOOK_EVERY = 0.1
END_TIMEOUT = 8.0
_KEY_ID = "orderbell-demo"
# The vendor waits a minute for a second try; the demo has not that much time.
_PUSHED_AGAIN = "1,2,4,6,8,10,15,20,30"


class Stage:
    """What a story acts on."""

    def __init__(self, folder: Path, seen: Seen, show: Show, upstream: Upstream) -> None:
        self.seen = seen
        self.show = show
        self.upstream = upstream
        self._folder = folder
        self._port = ports.choose(None)[0]
        self._token = secrets.token_hex(8)
        self._secret = secrets.token_hex(16)
        self._far_end: Child | None = None
        self._endpoint = ""
        self._worker: Child | None = None
        self.on_message: Callable[[Message], object] = lambda _message: None

    @property
    def web(self) -> str:
        """Where the worker answers."""
        return f"http://{ports.HOST}:{self._port}"

    async def start(self) -> None:
        """Starts the vendor's stand-in and a worker."""
        await self._start_far_end()
        await self.start_worker()

    # What happens on it.

    async def publish(self, event: Event) -> Event:
        """Publishes an event as upstream would, and shows it."""
        await self.upstream.publish(event)
        self.show.event(event.title)
        return event

    def reply(self, number: str, content: str) -> None:
        """Somebody answers the last message that came."""
        self._tell({"do": "reply", "number": number, "content": content})

    def fault(self, fault: Fault) -> None:
        """Something will go wrong with the next request to the vendor that has nothing else go wrong with it."""
        self._tell({"do": "fault", "fault": fault})

    def _tell(self, command: dict[str, Any]) -> None:
        assert self._far_end is not None  # noqa: S101  # there before any story begins
        self._far_end.tell(msgspec.json.encode(command))

    # The vendor.

    async def _start_far_end(self) -> None:
        """Starts the stand-in, which approves the texts of the rules and no other."""
        approved = self._folder / "approved.json"
        approved.write_bytes(msgspec.json.encode(shown(read_rules(DEFAULT_RULES, RULES))))
        arguments = ["orderbell.standins.aliyun", "--key-id", _KEY_ID, "--key-secret", self._secret]
        arguments += ["--rules", str(approved), "--again", _PUSHED_AGAIN]
        arguments += ["--callback", f"{self.web}/callbacks/aliyun/{self._token}"]
        self._far_end = await Child.start("stand-in", self._folder / "stand-in.log", arguments, {})
        self._endpoint = msgspec.json.decode(await self._far_end.line())["address"]

    async def hear_far_end(self) -> None:
        """Takes what arrives on telephones, for ever. Raises ``Unavailable`` where the stand-in ends."""
        assert self._far_end is not None  # noqa: S101  # started before it is heard
        while True:
            message = msgspec.json.decode(await self._far_end.line(), type=Message)
            self.seen.messages.append(message)
            self.show.message(message)
            self.on_message(message)

    # The worker.

    async def start_worker(self) -> None:
        """Starts a worker and returns when it is ready. Raises ``Unavailable`` where it can't be."""
        settings = {
            "ORDERBELL_DATA_DIR": str(self._folder),
            "ORDERBELL_RULES": str(RULES),
            "ORDERBELL_WEB_PORT": str(self._port),
            "ORDERBELL_CALLBACK_TOKEN": self._token,
            "ORDERBELL_ALIYUN_ENDPOINT": self._endpoint,
            "ORDERBELL_ALIYUN_ACCESS_KEY_ID": _KEY_ID,
            "ORDERBELL_ALIYUN_ACCESS_KEY_SECRET": self._secret,
        }
        self._worker = await Child.start("worker", self._folder / "worker.log", ["orderbell", "worker"], settings)
        await self._worker.line()
        async with aiohttp.ClientSession() as session:
            while not await self._ready(session):  # noqa: ASYNC110  # nothing but asking tells
                await asyncio.sleep(LOOK_EVERY)

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.web}/health/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError as error:
            raise Unavailable(f"the worker does not answer: {error}") from error

    async def watch_worker(self) -> None:
        """Waits for ever. Raises ``Unavailable`` where the worker ends by itself."""
        while True:
            worker = self._worker
            if worker is None:
                await asyncio.sleep(LOOK_EVERY)
                continue
            last_words = await worker.ended()
            if worker is self._worker:
                raise Unavailable(last_words)

    async def kill_worker(self) -> None:
        """Kills the worker with SIGKILL."""
        killed, self._worker = self._worker, None
        assert killed is not None  # noqa: S101  # one lives at a time
        await killed.kill()

    async def close(self) -> None:
        """Ends what was started, the worker first."""
        for child in (self._worker, self._far_end):
            if child is not None:
                await child.end(END_TIMEOUT)
