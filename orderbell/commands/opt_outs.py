"""``orderbell opt-outs``: what the ledger holds of a number, and the lifting of a stop.

A number given here is neither stored nor shown: the ledger knows it by its HMAC, and what is printed is masked.
"""

import asyncio
import os
import sys

import click

from agents import opt_out_words
from agents.opt_out_words import SCOPES, Word, Words
from orderbell import data_dir
from orderbell.commands.brokers import live_brokers
from schemas.opt_outs import Scope
from schemas.times import Micros, instant
from streams.clock import SystemClock
from streams.errors import Misconfigured
from streams.policy.contacts import normalise
from streams.policy.evidence import why_not
from streams.policy.masking import masked_number
from streams.policy.opt_outs import number_key
from streams.settings import Settings, load

_STOPS = {"all": "all SMS", "marketing": "marketing"}
_SOURCES = {
    "reply": "the owner's reply",
    "receipt": "a delivery report",
    "call": "the answer to a call",
    "operator": "an operator",
}

# All that is not an option is the number, in as many words as it was typed: click would show what it can't place.
_number = click.argument("number", nargs=-1, required=True)
_any_words = {"ignore_unknown_options": True}


@click.group("opt-outs")
def opt_outs() -> None:
    """Show who said stop, or lift a stop.

    NUMBER is a mobile number in any form; with - it is read from standard input, and so stays out of the shell's
    history.
    """


@opt_outs.command(context_settings=_any_words)
@_number
def show(number: tuple[str, ...]) -> None:
    """Say whether SMS to NUMBER are stopped, since when, and by what."""
    settings, e164 = load(os.environ), _e164(number)
    words = asyncio.run(opt_out_words.read(live_brokers(settings), _key(settings, e164)))
    click.echo(masked_number(e164))
    for scope in SCOPES:
        click.echo(f"{_STOPS[scope]}: {_told(words.newest.get(scope))}")


@opt_outs.command(context_settings=_any_words)
@_number
@click.option("--evidence", required=True, help="How the owner asked for it, in 200 characters. It is kept.")
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default="all",
    show_default=True,
    help="The stop of all SMS (TD), or the stop of marketing (R). Each is lifted by itself.",
)
def lift(number: tuple[str, ...], evidence: str, scope: Scope) -> None:
    """Lift the stop of NUMBER, as its owner asked; exit 1 where there is none."""
    settings, e164 = load(os.environ), _e164(number)
    if (why := why_not(evidence, e164)) is not None:
        raise Misconfigured(f"--evidence: {why}")
    if not asyncio.run(_lift(settings, e164, evidence.strip(), scope)):
        sys.exit(1)


async def _lift(settings: Settings, e164: str, evidence: str, scope: Scope) -> bool:
    brokers, key = live_brokers(settings), _key(settings, e164)
    words = await opt_out_words.read(brokers, key)
    stop = words.stop(scope)
    if stop is None:
        click.echo(f"{masked_number(e164)}: {_STOPS[scope]} not stopped, nothing to lift")
    else:
        at = await opt_out_words.lift(brokers, key, scope, stop, evidence, SystemClock().now())
        click.echo(f"{masked_number(e164)}: {_STOPS[scope]} lifted at {_time(at)}")
    _tell_what_stays(words, scope)
    return stop is not None


def _tell_what_stays(words: Words, lifted: Scope) -> None:
    for scope in SCOPES:
        if scope != lifted and words.stop(scope) is not None:
            click.echo(f"{_STOPS[scope]} stopped still: --scope {scope} lifts that")


def _e164(number: tuple[str, ...]) -> str:
    written = sys.stdin.readline() if number == ("-",) else " ".join(number)
    e164 = normalise(written)
    if e164 is None:
        raise Misconfigured("NUMBER: can't be read as a mobile number")
    return e164


def _key(settings: Settings, e164: str) -> str:
    return number_key(data_dir.hash_key(settings), e164)


def _told(word: Word | None) -> str:
    if word is None:
        return "not stopped"
    if word.said is None:
        return f"stopped since {_time(word.at)}, by a record that can't be read"
    source = _SOURCES[word.said.source] + (f" ({word.said.provider})" if word.said.provider else "")
    if word.stopped:
        return f"stopped since {_time(word.at)}, by {source}"
    return f"not stopped, lifted at {_time(word.at)} by {source}: {word.said.evidence or 'no evidence'}"


def _time(at: Micros) -> str:
    return f"{instant(at):%Y-%m-%dT%H:%M:%SZ}"
