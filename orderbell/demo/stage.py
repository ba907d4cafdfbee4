"""The stage: Kafka, a worker and the vendors' stand-ins, each a process of its own, and the wires between them."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import msgspec

from agents.rules_source import read_rules
from orderbell.commands.rules import shown
from orderbell.defaults import DEFAULT_RULES
from orderbell.demo.arrived import Arrived
from orderbell.demo.daytime import where_it_is_day
from orderbell.demo.far_end import KEY_ID, SDK_APP_ID, FarEnd
from orderbell.demo.seen import Seen
from orderbell.demo.show import Show
from orderbell.demo.together import until_one_ends
from orderbell.demo.upstream import Event, Upstream
from orderbell.demo.worker import Worker
from orderbell.kafka import ports
from orderbell.standins.faults import Fault
from schemas.rules import Provider, SmsProvider
from streams.errors import Unavailable

RULES = Path(__file__).with_name("rules.toml")
LOOK_EVERY = 0.1
END_TIMEOUT = 8.0
_FAR_ENDS: tuple[Provider, ...] = ("aliyun", "tencent", "jpush", "wechat", "smtp")


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
        self.admin_token = secrets.token_hex(16)
        self.rules = folder / RULES.name
        """The workers' rules file: a copy, so that it can be written to."""
        self.zone = where_it_is_day(datetime.now(UTC))
        """The shop's."""
        self._far_ends: dict[Provider, FarEnd] = {}
        self._worker: Worker | None = None
        self._another: Worker | None = None
        self.on_message: Callable[[Arrived], object] = lambda _message: None

    @property
    def web(self) -> str:
        """Where the worker answers."""
        return f"http://{ports.HOST}:{self._port}"

    async def start(self) -> None:
        """Starts the vendors' stand-ins and a worker."""
        self.rules.write_text(f'time_zone = "{self.zone}"\n{RULES.read_text()}')
        self.show.note(f"It is day at the shop ({self.zone}), so a coupon may be told by text message.")
        await self._start_far_ends()
        await self.start_worker()

    # What happens on it.

    async def publish(self, event: Event) -> Event:
        """Publishes an event as upstream would, and shows it."""
        await self.upstream.publish(event)
        self.show.event(event.title)
        return event

    def reply(self, vendor: SmsProvider, number: str, content: str) -> None:
        """Somebody answers the last message that came by a vendor."""
        self._far_ends[vendor].tell("reply", number=number, content=content)

    def fault(self, vendor: SmsProvider, fault: Fault) -> None:
        """Something will go wrong with the next request to a vendor that has nothing else go wrong with it."""
        self._far_ends[vendor].tell("fault", fault=fault)

    def hush(self, vendor: SmsProvider, number: str) -> None:
        """No report of messages to a number comes from now on: who wants to know must ask."""
        self._far_ends[vendor].tell("hush", number=number)

    def lasting(self, vendor: SmsProvider, action: str, fault: Fault | None) -> None:
        """Something goes wrong with all requests of an action from now on; ``None``: no more."""
        self._far_ends[vendor].tell("last", action=action, fault=fault)

    def fate(self, vendor: SmsProvider, number: str, code: str) -> None:
        """No message to a number arrives from now on: the vendor says why."""
        self._far_ends[vendor].tell("fate", number=number, err_code=code)

    # The vendors.

    async def _start_far_ends(self) -> None:
        approved = self._folder / "approved.json"
        approved.write_bytes(msgspec.json.encode(shown(read_rules(DEFAULT_RULES, RULES))))
        for vendor in _FAR_ENDS:
            callbacks = f"{self.web}/callbacks/{vendor}/{self._token}"
            started = await FarEnd.start(vendor, self._folder, self._secret, approved, callbacks)
            self._far_ends[vendor] = started

    async def hear_far_ends(self, heard: Callable[[Arrived], object] | None = None) -> None:
        """Takes what arrives on telephones, for ever, and shows it where nobody else is to hear of it.

        Raises ``Unavailable`` where a stand-in ends.
        """
        await until_one_ends(*(far_end.hear(heard or self._arrives) for far_end in self._far_ends.values()))

    def _arrives(self, message: Arrived) -> None:
        if message.provider in get_args(SmsProvider):
            self.seen.messages.append(message)
            self.show.message(message)
        else:
            self.seen.others.append(message)
            self.show.elsewhere(message)
        self.on_message(message)

    # The worker.

    async def start_worker(self) -> None:
        """Starts a worker and returns when it is ready. Raises ``Unavailable`` where it can't be."""
        self._worker = self._a_worker("worker", self._port)
        await self._worker.start()

    async def start_another(self) -> list[Worker]:
        """Starts one more, and returns both."""
        assert self._worker is not None  # noqa: S101  # the story leaves one
        self._another = self._a_worker("worker-2", ports.choose(None)[0])
        await self._another.start()
        return [self._worker, self._another]

    def _a_worker(self, name: str, port: int) -> Worker:
        settings = {
            "ORDERBELL_DATA_DIR": str(self._folder),
            "ORDERBELL_RULES": str(self.rules),
            "ORDERBELL_CALLBACK_TOKEN": self._token,
            "ORDERBELL_ADMIN_TOKEN": self.admin_token,
            "ORDERBELL_ALIYUN_ENDPOINT": self._far_ends["aliyun"].address,
            "ORDERBELL_ALIYUN_ACCESS_KEY_ID": KEY_ID,
            "ORDERBELL_ALIYUN_ACCESS_KEY_SECRET": self._secret,
            "ORDERBELL_TENCENT_ENDPOINT": self._far_ends["tencent"].address,
            "ORDERBELL_TENCENT_SECRET_ID": KEY_ID,
            "ORDERBELL_TENCENT_SECRET_KEY": self._secret,
            "ORDERBELL_TENCENT_SDK_APP_ID": SDK_APP_ID,
            "ORDERBELL_JPUSH_ENDPOINT": self._far_ends["jpush"].address,
            "ORDERBELL_JPUSH_APP_KEY": KEY_ID,
            "ORDERBELL_JPUSH_MASTER_SECRET": self._secret,
            "ORDERBELL_WECHAT_ENDPOINT": self._far_ends["wechat"].address,
            "ORDERBELL_WECHAT_APP_ID": KEY_ID,
            "ORDERBELL_WECHAT_APP_SECRET": self._secret,
            "ORDERBELL_SMTP_URL": self._mail_server(),
            "ORDERBELL_MAIL_FROM": "寄卖行 <orders@shop.example>",
        }
        return Worker(name, self._folder / f"{name}.log", port, settings)

    def _mail_server(self) -> str:
        """Its address with who logs in. It is on loopback, and has no certificate."""
        return self._far_ends["smtp"].address.replace("//", f"//{KEY_ID}:{self._secret}@") + "?starttls=never"

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
        """Ends what was started, the workers first."""
        for worker in (self._worker, self._another):
            if worker is not None:
                await worker.end(END_TIMEOUT)
        for far_end in self._far_ends.values():
            await far_end.end(END_TIMEOUT)
