"""An event of the log as live streams send it, and which events a stream is of."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from api.documents import Document, event_document
from eventstore.port import Recorded
from eventstore.record.codec import order_id_of
from projections.fold import Undecoded
from projections.sources.log import decode_item

CUSTOMER_EVENTS: Final = frozenset({"OrderPlaced", "CustomerChanged"})
"""Types of the events that say whose order it is, as `customer_id`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The events of a stream; what is left out does not filter.

    customer_id: events of orders that are this customer's at that event; one by which an order
    changes its customer is of both.
    """

    types: frozenset[str] = frozenset()
    order_id: str | None = None
    customer_id: str | None = None

    def takes(self, event: "LiveEvent") -> bool:
        """Whether it is of the type and order; the customer is another question."""
        return (not self.types or event.type in self.types) and (
            self.order_id is None or event.order_id == self.order_id
        )


class LiveEvent:
    """One event of the log. It is decoded when the first stream sends it, once for all streams."""

    __slots__ = (
        "_document",
        "_frame",
        "_json",
        "order_id",
        "position",
        "recorded",
        "revision",
        "type",
    )

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        self.position: int = recorded.position
        self.revision: int = recorded.revision
        self.type = recorded.type
        self.order_id = order_id_of(recorded.stream)
        self._document: Document | None = None
        self._json: bytes | None = None
        self._frame: bytes | None = None

    @property
    def document(self) -> Document:
        """As GET /v1/orders/{order_id}/events has it. One that cannot be read or was altered has
        `unreadable` instead of what is in it.
        """
        if self._document is None:
            self._document = self._decoded()
        return self._document

    @property
    def json(self) -> bytes:
        """The document as JSON."""
        if self._json is None:
            self._json = orjson.dumps(self.document)
        return self._json

    @property
    def frame(self) -> bytes:
        """The event as a frame of Server-Sent Events, whose id is its position."""
        if self._frame is None:
            name = self.type if self.type.isprintable() else "unknown"
            self._frame = b"id: %d\nevent: %b\ndata: %b\n\n" % (
                self.position,
                name.encode(),
                self.json,
            )
        return self._frame

    def _decoded(self) -> Document:
        item = decode_item(self.recorded)
        if not isinstance(item, Undecoded):
            return event_document(item)
        return {
            "order_id": self.order_id,
            "revision": self.revision,
            "position": self.position,
            "event_id": str(self.recorded.event_id),
            "type": self.type,
            "unreadable": True,
        }

    def customer(self) -> str | None:
        """The customer that the event names; None for one that names none."""
        if self.type not in CUSTOMER_EVENTS:
            return None
        data: dict[str, Any] = self.document.get("data", {})
        return data.get("customer_id")
