"""``orderbell health``: asks the worker of this machine, or container, how it is."""

import http.client
import os
import sys

import click
import msgspec

from streams.settings import Settings, load

PATIENCE = 3.0
"""Seconds within which the worker must answer."""
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where a worker listens that does so everywhere


@click.command()
@click.option("--live", is_flag=True, help="Only whether it must be started anew, not whether it is ready.")
def health(live: bool) -> None:
    """Say whether the worker on ORDERBELL_WEB_PORT is ready; exit 1 where it is not, with the reason."""
    reason = _ask(load(os.environ), "live" if live else "ready")
    click.echo(reason or "ok")
    sys.exit(0 if reason is None else 1)


def _ask(settings: Settings, what: str) -> str | None:
    """The reason for a no; ``None`` for a yes."""
    host = _EVERYWHERE.get(settings.web_host, settings.web_host)
    connection = http.client.HTTPConnection(host, settings.web_port, timeout=PATIENCE)
    try:
        connection.request("GET", f"/health/{what}")
        answer = connection.getresponse()
        reason = msgspec.json.decode(answer.read(), type=dict[str, str | None])["reason"]
        return None if answer.status == 200 else reason or "it does not say why"
    except (OSError, http.client.HTTPException, msgspec.DecodeError, KeyError) as error:
        return f"no worker answers on port {settings.web_port} of {host}: {type(error).__name__}"
    finally:
        connection.close()
