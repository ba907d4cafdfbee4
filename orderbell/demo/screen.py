"""The demo on a terminal: what happens on one side, the telephones on the other; and at the end all of it to read."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from orderbell.demo.arrived import Arrived
from orderbell.demo.check import Check
from orderbell.demo.show import clock_time, masked, placed
from orderbell.demo.town import PEOPLE

WIDE = 96
"""Columns from which both sides have room beside each other."""
_TROUBLE = ("payment.failed", "stock.shortage", "order.cancelled", "address.undeliverable", "not even JSON")
_VENDORS = {"aliyun": "Aliyun", "tencent": "Tencent"}
_NAMES = {person.number: person.name for person in PEOPLE}


class Screen:
    """Fills the terminal while the story plays; what comes before and after goes line by line."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._started = time.monotonic()
        self._happened: list[tuple[str, Text]] = []
        self._messages: list[Arrived] = []
        self._delivered: set[str | None] = set()
        self._events = 0
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._live = Live(console=self._console, screen=True, get_renderable=self._frame, refresh_per_second=8)
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def note(self, text: str) -> None:
        """The demo does something, or says what is to be seen."""
        self._happens(text, "bold cyan")

    def event(self, title: str) -> None:
        """An event was published."""
        self._events += 1
        self._happens(title, "yellow" if any(word in title for word in _TROUBLE) else "")

    def result(self, text: str) -> None:
        """Something became of an event or of an attempt to send."""
        self._happens(f"→ {text}", "green")

    def message(self, message: Arrived) -> None:
        """A message has arrived on a telephone."""
        self._messages.append(message)
        if self._live is None:
            self._console.print(*self._bubble(message, self._console.width), sep="\n")

    def elsewhere(self, message: Arrived) -> None:
        """A push, a card or a mail has arrived."""
        self._happens(placed(message), "magenta")

    def delivered(self, message_id: str | None) -> None:
        """A receipt says that the message was delivered."""
        self._delivered.add(message_id)

    def end(self, checks: Sequence[Check], summary: Mapping[str, str]) -> None:
        """Leaves the full screen, and writes down what there was."""
        self._leave()
        by_number: dict[str, list[Arrived]] = {number: [] for number in _NAMES}
        for message in self._messages:
            by_number.setdefault(message.number, []).append(message)
        for number, messages in by_number.items():
            for message in messages:
                self._console.print(*self._bubble(message, self._console.width)[:-1], sep="\n")
            if not messages:
                self._console.print(_telephone(number).append("  silence", "dim"))
        self._console.print()
        for check in checks:
            self._console.print(Text(check.line, "green" if check.kept else "bold red"))
        self._console.print()
        self._console.print(Text("   ").join(Text.assemble(f"{n}: ", (v, "bold")) for n, v in summary.items()))

    def _happens(self, text: str, style: str) -> None:
        happened = (clock_time(), Text(text, style))
        self._happened.append(happened)
        if self._live is None:
            self._console.print(*self._dated(*happened, self._console.width), sep="\n")

    def _dated(self, at: str, text: Text, width: int) -> list[Text]:
        """With the time in a column of its own."""
        lines = text.wrap(self._console, max(width - len(at) - 1, 1))
        return [Text.assemble((at if first else " " * len(at), "dim"), " ", line) for first, line in _marked(lines)]

    def _leave(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _frame(self) -> Layout:
        wide = self._console.width >= WIDE
        happened = Layout(_panel("What happens", self._happened_in), ratio=2)
        telephones = Layout(_panel("Telephones", self._telephones_in), ratio=3)
        body = Layout()
        if wide:
            body.split_row(happened, telephones)
        else:
            body.split_column(happened, telephones)
        frame = Layout()
        frame.split_column(body, Layout(self._figures(), size=1))
        return frame

    def _happened_in(self, width: int) -> list[Text]:
        return [line for happened in self._happened for line in self._dated(*happened, width)]

    def _telephones_in(self, width: int) -> list[Text]:
        return [line for message in self._messages for line in self._bubble(message, width)]

    def _figures(self) -> Text:
        seconds = int(time.monotonic() - self._started)
        figures = f"{seconds // 60}:{seconds % 60:02}   events {self._events}   messages {len(self._messages)}"
        return Text.assemble((" Orderbell demo ", "bold reverse"), f"  {figures}   ", ("Ctrl-C ends it", "dim"))

    def _bubble(self, message: Arrived, width: int) -> list[Text]:
        """A message under the telephone that it came to."""
        head = _telephone(message.number)
        head.append(f"  {clock_time(message.sent_at)} {_VENDORS[message.provider]}", "dim")
        if message.message_id in self._delivered:
            head.append(" ✓", "green")
        return [head, *self._said(message, width), Text()]

    def _said(self, message: Arrived, width: int) -> list[Text]:
        """What a message says, with a line down its left."""
        wrapped = Text(message.text).wrap(self._console, max(width - 2, 1))
        return [Text.assemble(("┃ ", "green"), line) for line in wrapped]


class _Tail:
    """The last lines that fit."""

    def __init__(self, lines: Callable[[int], list[Text]]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = self._lines(options.max_width)
        yield from lines[-(options.height or len(lines)) :]


def _panel(title: str, lines: Callable[[int], list[Text]]) -> Panel:
    return Panel(_Tail(lines), title=title, title_align="left", border_style="dim", padding=(0, 1))


def _marked(lines: Iterable[Text]) -> Iterator[tuple[bool, Text]]:
    return ((number == 0, line) for number, line in enumerate(lines))


def _telephone(number: str) -> Text:
    return Text.assemble((masked(number), "bold"), f" {_NAMES.get(number, '')}")
