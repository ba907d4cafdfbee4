"""``orderbell erasure``: whether a customer is erased, what still names it, and until when."""

import asyncio
import os
import re
import sys
import time
from collections.abc import Sequence
from datetime import datetime

import click
import msgspec

from agents import erasure_traces
from agents.cluster import Cluster
from agents.erasure_report import Group, Report, report
from orderbell import data_dir
from orderbell.commands.brokers import live_brokers
from streams.clock import SystemClock
from streams.errors import Misconfigured
from streams.policy.keeping import keeping
from streams.policy.opt_outs import Hasher
from streams.settings import Settings, load

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}").fullmatch
_TELL_EVERY = 2.0


@click.group()
def erasure() -> None:
    """Show what is left of a customer that was erased."""


@erasure.command()
@click.argument("customer_id")
@click.option("--json", "as_json", is_flag=True, help="What was found, as JSON.")
def verify(customer_id: str, as_json: bool) -> None:
    """Say where CUSTOMER_ID is still named and until when.

    Reads all topics once, beside running workers. Exit 1 where no erasure is on record, or something remains past its
    time.
    """
    if not _ID(customer_id):
        raise Misconfigured("CUSTOMER_ID: 1 to 64 of A-Z a-z 0-9 _ -")
    found = asyncio.run(_verify(load(os.environ), customer_id))
    click.echo(msgspec.json.format(msgspec.json.encode(found)).decode() if as_json else "\n".join(_lines(found)))
    if not found.holds:
        sys.exit(1)


async def _verify(settings: Settings, customer_id: str) -> Report:
    brokers, hasher = live_brokers(settings), Hasher(data_dir.hash_key(settings))
    async with Cluster(brokers) as cluster:
        configuration = await cluster.configuration(await cluster.partitions())
    kept = {topic: keeping(config) for topic, config in configuration.items()}
    traces = await erasure_traces.read(brokers, kept, customer_id, hasher, _Progress())
    return report(customer_id, traces, kept, SystemClock().now())


class _Progress:
    """Says on stderr how far the reading has come, where it takes long."""

    def __init__(self) -> None:
        self._told_at = time.monotonic()

    def __call__(self, passed: int, of: int) -> None:
        if time.monotonic() - self._told_at >= _TELL_EVERY:
            self._told_at = time.monotonic()
            click.echo(f"read {passed:,} of {of:,} records", err=True)


def _lines(found: Report) -> list[str]:
    lines = [_said(found), *_table(found.traces)]
    if found.missing:
        lines.append(f"not there: {', '.join(found.missing)}")
    if found.clean:
        lines.append(f"not named in: {', '.join(found.clean)}")
    if found.remembered_until is not None:
        until = _time(found.remembered_until)
        lines.append(f"kept without its name: that it was erased, and its decisions, until {until} (sender-changelog)")
    lines.append("kept without a name: numbers that said stop (opt-outs)")
    overdue = sum(group.overdue for group in found.traces)
    if found.verdict == "erased":
        lines.append(f"{overdue} remain past their time" if overdue else "nothing remains past its time")
    return lines


def _said(found: Report) -> str:
    if found.verdict == "unknown":
        return f"{found.customer_id}: unknown, none of {found.records:,} records names it"
    if found.verdict == "not_erased":
        return f"{found.customer_id}: not erased, or so long ago that it is not on record"
    at = "more than 30 days ago" if found.erased_at is None else f"at {_time(found.erased_at)}"
    return f"{found.customer_id}: erased {at}"


def _table(groups: Sequence[Group]) -> list[str]:
    width = max((len(group.topic) for group in groups), default=0)
    return [f"{group.topic:{width}} {_row(group)}" for group in groups]


def _row(group: Group) -> str:
    until = "without end" if group.until is None else f"until {_time(group.until)}"
    overdue = f", {group.overdue} past their time" if group.overdue else ""
    span = f"{_time(group.oldest)} to {_time(group.newest)}"
    return f"{group.count:5}  {span}  {until:26} {group.why}{overdue}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
