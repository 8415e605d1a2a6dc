"""Queries of the audit trail.

An entry is returned as {order_id, revision, position, event_id, type, schema, actor, reason,
channel, command_id, correlation_id, causation_id, traceparent, occurred_at, recorded_at,
request_hash, prev_hash, hash, data, undecodable}. data: the event's fields as they were written.
If the bytes do not decode, data is None and undecodable is {data_base64, metadata_base64}; if the
metadata cannot be read either, its fields are None. Else undecodable is None.
"""

import json
from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from typing import Literal

from projections.query.filters import Moment, Name, Word
from projections.query.listing import Item, Listing, timestamp
from projections.query.part_lists import PartList
from projections.read_models.audit.projection import ENTRIES
from projections.storage.columns import equals

Sort = Literal["position", "-position"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilters:
    """recorded_after: at this time or later; recorded_before: earlier than this time.

    command_id is fast together with order_id, which it belongs to; alone it reads the whole table.
    """

    order_id: Name | None = None
    actor: Word | None = None
    type: Word | None = None
    channel: Word | None = None
    command_id: Word | None = None
    correlation_id: Word | None = None
    recorded_after: Moment | None = None
    recorded_before: Moment | None = None


def _item(row: Item) -> Item:
    item = dict(row)
    data, metadata = item.pop("data"), item.pop("raw_metadata")
    if metadata is None:
        return item | {"data": json.loads(data), "undecodable": None}
    return item | {
        "data": None,
        "undecodable": {
            "data_base64": b64encode(data).decode(),
            "metadata_base64": b64encode(metadata).decode(),
        },
    }


ENTRIES_OF_ORDER = PartList(name="entries", key=(ENTRIES.c.revision,), item=_item)

ENTRY_LIST = Listing(
    table=ENTRIES,
    conditions={
        "actor": partial(equals, ENTRIES.c.actor),
        "recorded_after": lambda value: ENTRIES.c.recorded_at >= timestamp(value),
        "recorded_before": lambda value: ENTRIES.c.recorded_at < timestamp(value),
    },
    sorts={"position": (ENTRIES.c.position,)},
    item=_item,
)
