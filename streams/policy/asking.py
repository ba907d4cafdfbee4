"""What a provider can say of a message that it was asked about: all in which the vendors differ."""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.rules import Provider
from schemas.times import SECOND, Micros


class Asking(NamedTuple):
    """``absence_counts_from``: how long after an attempt's start a question must begin for "not known" to mean that
    it was not taken; ``None``: it never means that. ``echoes``: each message that is listed carries our id, so no
    other can be taken for it. ``a_second``: how many questions the account may ask."""

    absence_counts_from: Micros | None
    echoes: bool
    a_second: int


ASKING: Mapping[Provider, Asking] = {
    "aliyun": Asking(absence_counts_from=45 * SECOND, echoes=True, a_second=20),
    "tencent": Asking(absence_counts_from=None, echoes=False, a_second=20),
}
"""The providers that can be asked. Aliyun lists what it took. Tencent lists what carriers have reported, with our id
for some accounts only, and takes 20 questions a second (vendor documentation); Aliyun names no limit, so the same is
kept to."""
