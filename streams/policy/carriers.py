"""Which carrier a mainland number was given by, and whether a text is filed with it.

**A guess.** Since 2019 a number can be taken to another carrier, and its prefix stays. So a text may go that its
carrier then drops, which the delivered share shows (``streams/operators/sending/share.py``), and one may take another
road than it had to. Nothing that must hold may rest on it: no promise, no opt-out, no proof of delivery.
"""

import re
from collections.abc import Mapping

from schemas.rules import Carrier
from streams.policy.template import Wording

_RANGES: Mapping[Carrier, str] = {
    "telecom": "133 149 153 162 1700 1701 1702 173 17400 17401 17402 17403 17404 17405 177 180 181 189 190 191 193 199",
    "mobile": (
        "1340 1341 1342 1343 1344 1345 1346 1347 1348 135 136 137 138 139 147 148 150 151 152 157 158 159 165 "
        "1703 1705 1706 172 178 182 183 184 187 188 195 197 198"
    ),
    "unicom": "130 131 132 145 146 155 156 166 167 1704 1707 1708 1709 171 175 176 185 186 196",
    "broadnet": "192",
}
_BY_PREFIX: Mapping[str, Carrier] = {
    prefix: carrier for carrier, prefixes in _RANGES.items() for prefix in prefixes.split()
}
_MAINLAND = re.compile(r"\+86(1\d{10})", re.ASCII).fullmatch


def carrier_of(number: str) -> Carrier | None:
    """The carrier to whom the range of an E.164 number was given; ``None`` for a foreign or an unknown one.

    The ranges are those that the ministry publishes (MIIT, 我国公众移动通信网网号及H0分配情况, as of March 2023),
    mostly three digits. Of the ranges for resale 162 belongs to Telecom, 165 to Mobile, 167 and 171 to Unicom, each
    whole, and 170 is divided by its fourth digit. Satellite numbers (1349, 1619, the rest of 174) are nobody's.
    """
    mainland = _MAINLAND(number)
    if mainland is None:
        return None
    return next((_BY_PREFIX[mainland[1][:n]] for n in (3, 4, 5) if mainland[1][:n] in _BY_PREFIX), None)


def filed_with(wording: Wording, carrier: Carrier | None) -> bool:
    """Whether a provider may send these words to a number of ``carrier``.

    What is not filed is taken by the provider and dropped on the way. Of a carrier that isn't known nothing is asked:
    filing is the affair of the mainland's carriers, and a new range is no reason to tell nobody.
    """
    return carrier is None or carrier in wording.filed
