"""``orderbell rules``: checks a rules file and shows what would be in force."""

from pathlib import Path
from typing import Any

import click
import msgspec

from agents.rules_source import read_rules
from orderbell.defaults import DEFAULT_RULES
from streams.policy.rules import Rules
from streams.policy.rules_lint import warnings
from streams.policy.wechat_compiler import kind_of

_file = click.argument("file", required=False, type=click.Path(path_type=Path), envvar="ORDERBELL_RULES")


@click.group()
def rules() -> None:
    """Check a rules file, or show the rules in force.

    FILE is laid over the defaults; without one ORDERBELL_RULES names it, else the defaults stand alone.
    """


@rules.command()
@_file
def check(file: Path | None) -> None:
    """Say what is wrong in FILE (exit 2), and what is likely to be."""
    in_force = read_rules(DEFAULT_RULES, file)
    name = file or DEFAULT_RULES.name
    for warning in warnings(in_force, read_rules(DEFAULT_RULES, None)):
        click.echo(f"{name}: warning: {warning}")
    click.echo(f"{name}: valid, rules {in_force.hash}")


@rules.command()
@click.option("--json", "as_json", is_flag=True, help="All of the rules, as JSON.")
@_file
def show(file: Path | None, as_json: bool) -> None:
    """Show the rules that are in force with FILE."""
    in_force = read_rules(DEFAULT_RULES, file)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(shown(in_force)).decode()))
    else:
        click.echo("\n".join(_lines(in_force)))


def shown(in_force: Rules) -> dict[str, Any]:
    """The rules as JSON shows them: as they were written, with each template's wording at Tencent."""
    plain: dict[str, Any] = msgspec.to_builtins(in_force.file)
    templates = []
    for template_id, template in plain["templates"].items():
        tencent = in_force.templates[template_id].wordings["tencent"]
        template["tencent"] |= {
            "text": tencent.text,
            "max": {name: tencent.longest[name] for name in tencent.variables},
        }
        templates.append({"template_id": template_id, **template})
    return {"hash": in_force.hash, **plain, "templates": templates}


def _lines(in_force: Rules) -> list[str]:
    plain = shown(in_force)
    lines = [f"rules {plain['hash']}, signature 【{plain['signature']}】, zone {plain['time_zone']}", ""]
    for kind, rules_of_kind in plain["kinds"].items():
        lines.append(kind)
        lines += [f"  {name:16} {value}" for name, value in rules_of_kind.items()]
        lines += [
            f"  {template['template_id']:22} {template['text']}"
            for template in plain["templates"]
            if template["kind"] == kind and template["enabled"]
        ]
        lines += [
            f"  {f'mail {text_id}':22} {text['subject'] if isinstance(text['subject'], str) else text['subject'][0]}"
            for text_id, text in plain["mail"]["texts"].items()
            if text["kind"] == kind and text["enabled"]
        ]
        lines += [
            f"  {f'card {name}':22} {' | '.join(card.fields.values())}"
            for name, card in in_force.file.wechat.templates.items()
            if kind_of(name, card) == kind and card.enabled
        ]
        lines.append("")
    return lines[:-1]
