"""The templates that an account has chosen, and what it may write in them."""

import re
from collections.abc import Collection, Mapping

import msgspec

from orderbell.standins.wechat import fields

_BLOCKED = re.compile("优惠|折扣|促销|红包|中奖|赌|贷款")
"""What is blocked as illegal in a notice; the vendor's own list is nowhere published."""


class Templates:
    """The names of their fields by template; without any, everything that looks like one is chosen.

    ``consts`` are the values that were approved for fields of that type; ``None``: all were.
    """

    def __init__(
        self, chosen: Mapping[str, Collection[str]] | None = None, consts: Collection[str] | None = None
    ) -> None:
        self._chosen = chosen
        self._consts = consts

    @classmethod
    def of_rules(cls, shown: bytes) -> "Templates":
        """Those of what ``orderbell rules show --json`` writes."""
        templates = msgspec.json.decode(shown)["wechat"]["templates"].values()
        return cls({template["id"]: tuple(template["fields"]) for template in templates})

    def refuse(self, template: object, data: object) -> tuple[int, str] | None:
        """The vendor's code for what is wrong with a message, and its words; ``None`` where nothing is."""
        if not isinstance(template, str) or not template:
            return 40036, "invalid template_id size"
        if self._chosen is not None and template not in self._chosen:
            return 40037, "invalid template_id"
        flaw = fields.refuse(data, None if self._chosen is None else self._chosen[template], self._consts)
        if flaw is not None:
            return 47003, flaw
        if _BLOCKED.search(" ".join(field["value"] for field in data.values())):  # type: ignore[attr-defined]  # looked at
            return 40249, "this template msg has been blocked for illegal content"
        return None
