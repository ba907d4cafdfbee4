"""The command line. Exit codes: 0 done, 1 failed, 2 called or configured wrongly."""

import importlib
import sys

import click

from streams.errors import Misconfigured, Unavailable

_COMMANDS = ("worker", "broker", "demo", "topics", "health", "rules", "opt-outs", "erasure")


class _Lazy(click.Group):
    """Imports a command only when it is called, so that ``orderbell rules`` does not load Kafka's client."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f"orderbell.commands.{name}"), name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="orderbell")
def orderbell() -> None:
    """Tells the customers of a consignment shop once, in time and at the least cost when an order goes wrong."""


def main() -> None:
    """The console script."""
    try:
        orderbell()
    except Misconfigured as error:
        _exit(str(error), 2)
    except Unavailable as error:
        _exit(str(error), 1)


def _exit(line: str, code: int) -> None:
    click.echo(f"orderbell: {line}", err=True)
    sys.exit(code)
