"""The topic ``opt-outs``: whom we may not write to. Compacted, followed whole by every worker."""

from typing import Literal

import msgspec

from schemas.words import Time

Scope = Literal["all", "marketing"]
"""Every text message, or those that advertise."""


class OptOut(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The owner of a number said stop, or, with ``stopped`` false, lifted it.

    ``at`` is when the owner said so, by the vendor's clock: of two records the later holds, in whatever order they
    come. ``source`` says how it was learnt (the owner's own reply, a vendor's report, the answer to a call, or from an
    operator), ``provider`` from whom, but for an operator's, whose ``evidence`` says why a stop was lifted. A complaint
    to a carrier or to 12321 is learnt as the other stops are: the vendors put the number on their lists, and none of
    their codes tells why it is there. The key is made by ``streams.policy.opt_outs.ledger_key``: compaction keeps one
    record a key, and a stop of marketing must not displace a stop of everything.
    """

    scope: Scope
    stopped: bool
    at: Time
    source: Literal["reply", "receipt", "call", "operator"]
    provider: str | None = None
    evidence: str | None = None
