import json

import pytest

from domain.events import Item, OrderPlaced
from eventstore.record.chain import verify_chain
from eventstore.record.codec import Undecodable, decode
from eventstore.record.schemas import WRITTEN, read_written
from eventstore.record.upcast import UPCASTERS, current_version, upcast
from tests.eventstore.recorded import sealed_stream, stored


def test_an_order_placed_under_version_1_reads_as_version_2() -> None:
    event = decode(stored("OrderPlaced.1.json"))

    assert event.metadata.schema == 1
    assert event.event == OrderPlaced(
        order_id="o-2019",
        customer_id="cust-7",
        currency="JPY",
        exponent=0,
        items=(Item(line=1, product_id="kettle", quantity=2, price_cents=4800),),
        shipping_cents=600,
        tax_cents=0,
        discount_cents=0,
        total_cents=10200,
        channel="http",
    )


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
    assert upcast("OrderPlaced", 1, {"currency": "BHD", "exponent": 9})["exponent"] == 3


def test_the_current_version_is_not_upcast() -> None:
    assert upcast("OrderPlaced", 2, {"currency": "BHD"}) == {"currency": "BHD"}
