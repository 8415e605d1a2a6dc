"""The shipment model: quantities and states of each order, line, shipment and return."""

from sqlalchemy import Index, MetaData

from projections.storage.columns import (
    Beginning,
    count,
    flag,
    key,
    number,
    optional,
    signed_count,
    table,
    text,
    wide_table,
)

TABLES = MetaData()

# Rows: written anew when their order's goods change. ---------------------------------------------

FULFILMENTS = wide_table(
    "fulfilments",
    TABLES,
    key("order_id"),
    text("currency"),
    flag("cancelled"),
    text("fulfilment"),
    count("units_ordered"),
    count("units_cancelled"),
    count("units_dispatched"),
    count("units_delivered"),
    count("units_received"),
    count("units_open"),
    count("shipments_planned"),
    count("shipments_dispatched"),
    count("shipments_delivered"),
)

# planned: and not dispatched; requested: in open returns and not received; open: can be planned;
# replacements: planned or out in place of goods that are out, too.
LINES = table(
    "lines",
    TABLES,
    key("order_id"),
    number("line"),
    text("product_id"),
    flag("requires_shipping"),
    count("ordered"),
    count("cancelled"),
    count("planned"),
    count("dispatched"),
    count("delivered"),
    count("lost"),
    count("returned_to_sender"),
    count("requested"),
    count("received"),
    count("replacements"),
    count("open"),
    count("overshipped"),
)

SHIPMENTS = wide_table(
    "shipments",
    TABLES,
    key("order_id"),
    key("shipment_id"),
    text("state"),
    flag("was_planned"),
    optional("location"),
    optional("carrier"),
    optional("tracking"),
    count("units"),
    count("units_delivered"),
    count("units_lost"),
    count("units_returned_to_sender"),
    # Whether its goods go in place of others that were sent before.
    flag("is_replacement"),
    text("reported_at"),
    optional("planned_at"),
    optional("dispatched_at"),
    optional("outcome_at"),
    optional("cancelled_at"),
)
Index("shipments_shipment_id", SHIPMENTS.c.shipment_id)
Index("shipments_tracking", Beginning(SHIPMENTS.c.tracking))
# After the sort key come the columns that lists are filtered by: if few rows match a filter,
# finding them reads the index alone.
Index(
    "shipments_reported_at",
    SHIPMENTS.c.reported_at,
    SHIPMENTS.c.order_id,
    SHIPMENTS.c.shipment_id,
    SHIPMENTS.c.state,
    Beginning(SHIPMENTS.c.carrier),
    Beginning(SHIPMENTS.c.location),
)

RETURNS = table(
    "returns",
    TABLES,
    key("order_id"),
    key("return_id"),
    text("state"),
    count("units_requested"),
    count("units_received"),
)

# What of each line is in a shipment, and what became of it. replaces: the shipment first sent whose
# goods go again; sent_again: what replacements of this shipment hold.
SHIPMENT_LINES = table(
    "shipment_lines",
    TABLES,
    key("order_id"),
    key("shipment_id"),
    number("line"),
    count("quantity"),
    count("delivered"),
    count("lost"),
    count("returned_to_sender"),
    optional("replaces"),
    count("sent_again"),
)

# quantity: requested; 0 of what arrived and nobody requested.
RETURN_LINES = table(
    "return_lines",
    TABLES,
    key("order_id"),
    key("return_id"),
    number("line"),
    count("quantity"),
    count("received"),
)

# Entries: added once. The revision in a key keeps apart what no command would let collide. --------

RECEIPTS = table(
    "receipts",
    TABLES,
    key("order_id"),
    key("return_id"),
    key("receipt_id"),
    number("line"),
    number("revision"),
    # Place among what was received: the condition, a text, may be too long for a key.
    number("n"),
    text("condition"),
    count("quantity"),
    optional("report_id"),
    text("occurred_at"),
)

# The receipts that no longer count: those with this report_id before this revision.
RETRACTIONS = table(
    "retractions",
    TABLES,
    key("order_id"),
    number("revision"),
    text("return_id"),
    text("receipt_id"),
    optional("report_id"),
)

# Each step of a shipment or return as it was reported.
STEPS = table(
    "steps",
    TABLES,
    key("order_id"),
    number("revision"),
    text("kind"),
    optional("shipment_id"),
    optional("return_id"),
    optional("receipt_id"),
    optional("report_id"),
    optional("carrier"),
    optional("tracking"),
    optional("reason"),
    text("occurred_at"),
    text("recorded_at"),
)

# What the begin of an order, or a step of a shipment, changes in the figures of all shipments.
MOVES = table(
    "moves",
    TABLES,
    key("order_id"),
    number("revision"),
    text("currency"),
    signed_count("orders"),
    signed_count("shipments_planned"),
    signed_count("shipments_dispatched"),
    signed_count("shipments_delivered"),
    signed_count("units_dispatched"),
    signed_count("units_delivered"),
    # In quarters of an hour (eventstore.record.moments.quarter_of).
    signed_count("occurred_quarter"),
    signed_count("recorded_quarter"),
)
