"""How the demo shows itself, whatever it is watched on; and how it does without a terminal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

import click

from orderbell.demo.arrived import Arrived
from orderbell.demo.check import Check
from streams.policy.channels import PROVIDER
from streams.policy.masking import masked as shown
from streams.policy.masking import masked_number

_CHANNELS = {provider: channel for channel, provider in PROVIDER.items()}


class Show(Protocol):
    """Shows the demo as it goes on. Entered while the story plays."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def note(self, text: str) -> None:
        """The demo does something, or says what is to be seen."""
        ...

    def event(self, title: str) -> None:
        """An event was published."""
        ...

    def result(self, text: str) -> None:
        """Something became of an event or of an attempt to send."""
        ...

    def message(self, message: Arrived) -> None:
        """A message has arrived on a telephone."""
        ...

    def elsewhere(self, message: Arrived) -> None:
        """A push, a card or a mail has arrived."""
        ...

    def delivered(self, message_id: str | None) -> None:
        """The vendor has reported a message, and the receipt says that it was delivered."""
        ...

    def end(self, checks: Sequence[Check], summary: Mapping[str, str]) -> None:
        """The story is over."""
        ...


class Lines:
    """Without a terminal: a line for each message and each figure on stdout, and all else on stderr."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def note(self, text: str) -> None:
        """The demo does something, or says what is to be seen."""
        click.echo(f"{clock_time()} {text}", err=True)

    def event(self, title: str) -> None:
        """An event was published."""
        self.note(f"  event {title}")

    def result(self, text: str) -> None:
        """Something became of an event or of an attempt to send."""
        self.note(f"    → {text}")

    def message(self, message: Arrived) -> None:
        """A message has arrived on a telephone."""
        click.echo(f"{clock_time(message.sent_at)} {masked(message.number)} {message.text}")

    def elsewhere(self, message: Arrived) -> None:
        """A push, a card or a mail has arrived."""
        self.note(f"    {placed(message)}")

    def delivered(self, message_id: str | None) -> None:
        """Not worth a line."""

    def end(self, checks: Sequence[Check], summary: Mapping[str, str]) -> None:
        """The story is over."""
        for check in checks:
            click.echo(check.line, err=True)
        for name, figure in summary.items():
            click.echo(f"{name}: {figure}")


def placed(message: Arrived) -> str:
    """A push, a card or a mail in a line: of a mail, whose text is long, the subject."""
    channel = _CHANNELS[message.provider]
    title, _, text = message.text.partition("\n")
    return f"{channel} to {shown(channel, message.number)}: {title}" + (f". {text}" if channel == "push" else "")


def masked(number: str) -> str:
    """How the vendor's eleven digits are shown."""
    return masked_number(f"+86{number}")


def clock_time(at: float | None = None) -> str:
    """``HH:MM:SS`` on this machine's clock; now where no moment is given."""
    moment = datetime.now() if at is None else datetime.fromtimestamp(at)
    return f"{moment:%H:%M:%S}"
