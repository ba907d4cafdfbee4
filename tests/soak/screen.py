"""What is shown of a soak while it runs: a bar on a terminal, plain lines else."""

from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn


class Screen:
    """``every``: how many seconds apart the progress is worth showing."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bar = Progress(
            SpinnerColumn(), BarColumn(30), TextColumn("{task.description}"), console=self._console, transient=True
        )
        self._task = self._bar.add_task("starting", total=1.0)
        self._terminal = self._console.is_terminal
        self.every = 1.0 if self._terminal else 15.0

    def __enter__(self) -> Self:
        if self._terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, done: float, text: str) -> None:
        """How far it is."""
        if self._terminal:
            self._bar.update(self._task, completed=min(done, 1.0), description=text)
        else:
            self.say(text)

    def say(self, text: str) -> None:
        """A line that stays."""
        self._console.print(f"{datetime.now(UTC):%H:%M:%S} {text}", soft_wrap=True, markup=False)
