"""The steady stream: stories begun one after another, so that about as many events a second come as asked for."""

import heapq
from itertools import count
from random import Random

from tests.soak.acts import Act, Story
from tests.soak.oddities import odd_story
from tests.soak.orders import order_story
from tests.soak.parcels import parcel_story
from tests.soak.town import Town


class Stream:
    """``due`` is asked again and again. ``rate`` is in acts a second; a story's later acts count when it begins."""

    def __init__(self, seed: int, rate: float) -> None:
        self._random = Random(f"{seed}/stream")
        self._town = Town(self._random)
        self._rate = rate
        self._begun = 0
        self._numbers = count(1)
        self._order = count()
        self._waiting: list[tuple[float, int, Act]] = []

    def due(self, elapsed: float) -> list[Act]:
        """What is to be done until ``elapsed`` seconds after the start."""
        while self._begun < elapsed * self._rate:
            self._begin(elapsed, self._story())
        acts = []
        while self._waiting and self._waiting[0][0] <= elapsed:
            acts.append(heapq.heappop(self._waiting)[2])
        return acts

    def _begin(self, now: float, story: Story) -> None:
        for act in story:
            heapq.heappush(self._waiting, (now + max(act.after, 0), next(self._order), act))
        self._begun += len(story)

    def _story(self) -> Story:
        random, number = self._random, next(self._numbers)
        match random.choices(("order", "parcel", "together", "leaving", "odd"), (60, 30, 4, 1.5, 3))[0]:
            case "order":
                person, story = self._town.somebody()
                return [*story, *order_story(random, f"o{number}", person)]
            case "parcel":
                person, story = self._town.somebody()
                return [*story, *parcel_story(random, f"t{number}", f"p{number}", person)]
            case "together":  # several orders of one customer, told in one message
                person, story = self._town.somebody()
                for part in "abcd"[: random.randint(2, 4)]:
                    story = [*story, *order_story(random, f"o{number}{part}", person)]
                return story
            case "leaving":
                return self._town.leaving()
            case _:
                return odd_story(random, f"x{number}")
