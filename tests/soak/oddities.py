"""What upstream gets wrong, and what is none of our business."""

from collections.abc import Callable
from random import Random

from tests.soak.acts import Act, Event, Story, order_event, parcel_event


def odd_story(random: Random, name: str) -> Story:
    """One record that can't be read, or that says nothing to us."""
    return [Act(0, random.choice(_KINDS)(random, name))]


_KINDS: tuple[Callable[[Random, str], Event], ...] = (
    lambda random, name: Event("orders", name, b"{no json"),
    lambda random, name: Event("logistics", name, b"[]"),
    lambda random, name: Event("orders", name, None),
    lambda random, name: Event("customers", name, b'{"customer_id": 7}'),
    lambda random, name: Event("orders", f"{name}-else", order_event(random, "order.paid", name, "c1").value),
    lambda random, name: Event("logistics", name, b'{"event_id":"e","type":"shipment.scanned","tracking_no":""}'),
    lambda random, name: order_event(random, "order.gift_wrapped", name, "c1"),
    lambda random, name: parcel_event(random, "shipment.weighed", name),
    lambda random, name: Event("inventory", name, {"event_id": name, "sku": name, "name": "风衣", "available": 3}),
)
