import json

import pytest

from domain.events import EVENTS, Item, OrderPlaced, RefundGranted
from domain.figures import order_figures
from domain.order import fold
from eventstore.record.chain import verify_chain
from eventstore.record.codec import Undecodable, decode
from eventstore.record.schemas import WRITTEN, read_written
from eventstore.record.upcast import UPCASTERS, current_version, upcast
from tests.eventstore.recorded import sealed_stream, stored


def test_an_order_placed_under_version_1_has_its_currencys_exponent() -> None:
    event = decode(stored("OrderPlaced.1.json"))

    assert event.metadata.schema == 1
    assert event.event == OrderPlaced(
        order_id="o-2019",
        customer_id="cust-7",
        currency="JPY",
        exponent=0,
        items=(item(1, "kettle", 2, 4800),),
        shipping_cents=600,
        shipping_discount_cents=0,
        shipping_tax_cents=0,
        shipping_tax_code="",
        discount_cents=0,
        tax_cents=0,
        prices_include_tax=False,
        attributes={},
        total_cents=10200,
        channel="http",
    )


def item(line: int, product_id: str, quantity: int, price_cents: int, **more: int) -> Item:
    return Item(
        line=line,
        product_id=product_id,
        quantity=quantity,
        price_cents=price_cents,
        amount_cents=quantity * price_cents,
        discount_cents=more.get("discount_cents", 0),
        tax_cents=more.get("tax_cents", 0),
        tax_code="",
        name="",
        unit="",
        requires_shipping=True,
    )


def test_discount_and_tax_of_an_order_placed_under_version_2_are_apportioned() -> None:
    """Discount 100 over 9600 and 999; tax 1000 over 9509, 990 and shipping of 600."""
    placed = decode(stored("OrderPlaced.2.json")).event

    assert isinstance(placed, OrderPlaced)
    assert placed.items == (
        item(1, "kettle", 2, 4800, discount_cents=91, tax_cents=857),
        item(2, "cup", 3, 333, discount_cents=9, tax_cents=89),
    )
    assert (placed.shipping_discount_cents, placed.shipping_tax_cents) == (0, 54)
    assert placed.total_cents == 9600 + 999 - 100 + 600 + 1000


def test_an_allowance_above_its_refund_is_a_credit_of_the_whole_refund() -> None:
    granted = decode(stored("RefundGranted.1.json")).event

    assert isinstance(granted, RefundGranted)
    assert (granted.amount_cents, granted.credit_cents, granted.parts) == (650, 650, None)


def test_reading_an_old_event_leaves_its_bytes_and_its_chain_as_they_are() -> None:
    recorded = stored("OrderPlaced.1.json")

    verify_chain([decode(recorded).recorded], {}, from_start=True)

    assert b"exponent" not in recorded.data


@pytest.mark.parametrize("type_", UPCASTERS)
def test_every_old_version_has_a_stored_event_that_still_decodes(type_: str) -> None:
    for version in range(1, current_version(type_)):
        recorded = stored(f"{type_}.{version}.json")

        assert decode(recorded).metadata.schema == version
        fields = read_written(WRITTEN)[f"{type_}.{version}"]["properties"]
        assert set(json.loads(recorded.data)) == set(fields)


@pytest.mark.parametrize(
    "data",
    [
        b'{"currency":"XXY"}',
        b'{"currency":["EUR"]}',
        b'{"currency":"EUR"}',
        b"{}",
        b"[]",
        b"3",
        b"[" * 100_000,
        b"9" * 5000,
        b'{"currency":"EUR',
        b"\xff",
    ],
)
def test_old_bytes_that_no_upcaster_can_read_are_undecodable(data: bytes) -> None:
    [recorded] = sealed_stream(("OrderPlaced", data, 1))

    with pytest.raises(Undecodable, match="schema version 1"):
        decode(recorded)


def test_old_data_with_a_field_of_the_new_version_does_not_keep_it() -> None:
    old = json.loads(stored("OrderPlaced.1.json").data) | {"currency": "BHD", "exponent": 9}

    assert upcast("OrderPlaced", 1, old)["exponent"] == 3


def test_the_current_version_is_not_upcast() -> None:
    assert upcast("OrderPlaced", 3, {"currency": "BHD"}) == {"currency": "BHD"}


def test_a_log_of_old_versions_folds() -> None:
    """Every stored event of an old version, as the life of one order."""
    types = [name for name in EVENTS if name in UPCASTERS and name != "OrderPlaced"]
    events = [decode(stored(f"{name}.1.json")).event for name in types]

    order = fold([decode(stored("OrderPlaced.2.json")).event, *events])

    assert order is not None
    figures = order_figures(order)
    assert (figures["total_cents"], figures["captured_cents"]) == (12099, 12099)
    assert sum(figures["accounts"].values()) == 0
    assert [one["state"] for one in figures["anomalies"]] == ["explained"]
