"""Whether news of a customer may be on its way that would change who is told, and where."""

from schemas.times import MINUTE, SECOND, Micros
from streams.operators.sending import hold
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Notice

PAUSE: Micros = SECOND
"""How soon to look again for news that is behind."""
_WITHIN: Micros = 30 * SECOND
"""How long news is on its way to us at the most while all is well: each of the two agents that pass it on tells its
offsets every few seconds, and a session may have to time out."""
_AT_MOST: Micros = 2 * MINUTE
"""How long what was late when it came waits for news all the same."""


def behind(desk: Desk, notice: Notice) -> bool:
    """Whether news of the customer may lie unread since long, and there is still time to wait for it.

    After an outage nobody is to be told at a number given up hours ago, or after an erasure, because the commands were
    read before the profiles. But to be later than that is worse than not to have the latest news.
    """
    in_vain_from = max(notice.notify_by - hold.MARGIN, notice.arrived_at + _AT_MOST)
    return desk.now < in_vain_from and desk.ways.progress.customers_known_until() < desk.now - _WITHIN
