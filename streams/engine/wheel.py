"""A timing wheel: finding what is due costs what is due, not what is watched.

Time is cut into buckets. A key lies in the bucket that holds its deadline; when the bucket comes up the key is
handed out, and whoever asked looks at the entry itself, whose deadline may have moved meanwhile, and arms it again.
So moving a deadline further away, which nearly every event does, costs one comparison. (Varghese and Lauck 1987,
scheme 4, with a heap for the empty stretches.)
"""

from heapq import heappop, heappush

from schemas.times import Micros


class Wheel:
    """Keys by their deadlines, to within one ``bucket`` (microseconds), never early."""

    def __init__(self, bucket: Micros) -> None:
        self._bucket = bucket
        self._armed: dict[bytes, Micros] = {}
        self._buckets: dict[int, list[bytes]] = {}
        self._order: list[int] = []

    def arm(self, key: bytes, deadline: Micros | None) -> None:
        """Makes sure that ``key`` comes up once ``deadline`` has passed; it may come up before."""
        if deadline is None:
            return
        armed = self._armed.get(key)
        if armed is not None and armed <= deadline:
            return
        number = -(-deadline // self._bucket)
        if armed == number * self._bucket:
            return
        self._armed[key] = number * self._bucket
        bucket = self._buckets.get(number)
        if bucket is None:
            self._buckets[number] = [key]
            heappush(self._order, number)
        else:
            bucket.append(key)

    @property
    def next(self) -> Micros | None:
        """When the next bucket comes up."""
        return self._order[0] * self._bucket if self._order else None

    def due(self, now: Micros) -> list[bytes]:
        """Takes out the keys of the next bucket that has come up. Empty: none has."""
        while self._order and self._order[0] * self._bucket <= now:
            number = heappop(self._order)
            at = number * self._bucket
            keys = [key for key in self._buckets.pop(number) if self._armed.get(key) == at]
            if keys:
                for key in keys:
                    self._armed.pop(key, None)
                return keys
        return []

    def __len__(self) -> int:
        return len(self._armed)
