"""Makes a template of what a rules file says of it, and checks that it can be told."""

import re
from collections.abc import Mapping
from dataclasses import replace

from schemas import rules as written
from streams.policy.merged_variables import VARIABLES
from streams.policy.rules_shape import Misplaced, under
from streams.policy.template import VARIABLE, Template, Wording, variables_of
from streams.policy.text import units

OPT_OUT_ENDING = "拒收请回复R"

_LONGEST_TEXT = 500  # units with the signature, by both vendors' documentation
_SIGNATURE = 8  # units of the longest, with its brackets
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def compiled_template(template_id: str, template: written.Template) -> Template:
    """The template under ``templates.TEMPLATE_ID``. Raises ``Misplaced``."""
    place = under("templates", template_id)
    if not _ID.fullmatch(template_id):
        raise Misplaced(place, "expected an id of letters, digits, _ and -")
    aliyun, tencent = template.aliyun, template.tencent
    _check_id(aliyun.id, f"{place}.aliyun.id")
    _check_id(tencent.id, f"{place}.tencent.id")
    main = _wording(aliyun.id, template.text, template.max, place)
    compact = main
    if tencent.text is not None:
        longest = {**template.max, **tencent.max}
        compact = _wording(tencent.id, tencent.text, longest, f"{place}.tencent")
    if template.category == "marketing":
        _check_ending(main, place)
        _check_ending(compact, f"{place}.tencent")
    return Template(
        template_id=template_id,
        kind=template.kind,
        audience=template.audience,
        category=template.category,
        enabled=template.enabled,
        when=template.when,
        needs=frozenset(template.needs),
        wordings={
            "aliyun": replace(main, filed=frozenset(aliyun.filed)),
            "tencent": replace(compact, id=tencent.id, filed=frozenset(tencent.filed)),
        },
    )


def _wording(vendor_id: str, text: str, longest: Mapping[str, int], place: str) -> Wording:
    if not text or not text.isprintable():
        raise Misplaced(f"{place}.text", "expected one line of text")
    if "${" in VARIABLE.sub("", text):
        raise Misplaced(f"{place}.text", "expected ${name}, in small letters, wherever ${ stands")
    variables = variables_of(text)
    for name in variables:
        if name not in VARIABLES:
            raise Misplaced(f"{place}.text", f"unknown variable ${{{name}}}; known: {', '.join(sorted(VARIABLES))}")
        if name not in longest:
            raise Misplaced(f"{place}.max.{name}", "missing")
        if not 1 <= longest[name] <= _LONGEST_TEXT:
            raise Misplaced(f"{place}.max.{name}", f"expected 1 to {_LONGEST_TEXT}, got {longest[name]}")
    wording = Wording(vendor_id, text, variables, longest)
    if (length := _SIGNATURE + units(wording.longest_fill())) > _LONGEST_TEXT:
        raise Misplaced(f"{place}.text", f"can be {length} units long; vendors take {_LONGEST_TEXT}")
    return wording


def _check_id(vendor_id: str, place: str) -> None:
    if not _ID.fullmatch(vendor_id):
        raise Misplaced(place, f"expected an id of letters, digits, _ and -, got {vendor_id!r}")


def _check_ending(wording: Wording, place: str) -> None:
    if not wording.text.endswith(OPT_OUT_ENDING):
        raise Misplaced(f"{place}.text", f"a marketing text must end {OPT_OUT_ENDING}")
