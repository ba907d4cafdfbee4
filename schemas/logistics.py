"""The events of the topic ``logistics``, key ``tracking_no``."""

import msgspec

from schemas.words import Days, HotId, Id, Text, Time


class ShipmentEvent(msgspec.Struct, kw_only=True, tag_field="type"):
    """What every event of a shipment carries. Each is an update: the watch starts again."""

    event_id: HotId
    occurred_at: Time
    tracking_no: HotId

    @property
    def ids(self) -> str:
        """All ``HotId`` together, for one check of their characters."""
        return self.event_id + self.tracking_no


class ShipmentDispatched(ShipmentEvent, tag="shipment.dispatched"):
    """Names the shipment's order."""

    order_id: Id
    customer_id: Id
    carrier: Text
    origin: Text | None = None
    destination: Text | None = None
    promised_at: Time | None = None


class ShipmentScanned(ShipmentEvent, tag="shipment.scanned"):
    """The carrier saw the parcel."""

    status: Text | None = None
    location: Text | None = None


class ShipmentDelayReported(ShipmentEvent, tag="shipment.delay_reported"):
    """The carrier names a cause: ``weather``, ``customs``, ``capacity``; any other word means ``other``."""

    reason: Text
    expected_days: Days | None = None


class ShipmentDelivered(ShipmentEvent, tag="shipment.delivered"):
    """Ends the watch."""


class ShipmentReturned(ShipmentEvent, tag="shipment.returned"):
    """Ends the watch."""


Event = ShipmentDispatched | ShipmentScanned | ShipmentDelayReported | ShipmentDelivered | ShipmentReturned
