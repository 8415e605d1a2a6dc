import json
from dataclasses import replace

import pytest
from hypothesis import given

from domain.commands import LineQuantity
from domain.events import Event, NoteAdded, OrderConfirmed, PaymentCaptured, ShipmentPlanned
from eventstore.port import Recorded
from eventstore.record.codec import (
    Undecodable,
    UpgradeNeeded,
    decode,
    decode_metadata,
    order_id_of,
    stream_name,
)
from tests.eventstore.recorded import METADATA, any_event, sealed_stream, stored, without_hashes

CAPTURED = PaymentCaptured(
    payment_id="p-1",
    capture_id="k-1",
    amount_cents=1250,
    currency="EUR",
    counted_cents=None,
    method=None,
    report_id=None,
)


@given(any_event)
def test_an_event_is_decoded_as_it_was_encoded(event: Event) -> None:
    [recorded] = sealed_stream(event)

    assert decode(recorded).event == event


def test_a_decoded_event_has_its_place_and_who_wrote_it() -> None:
    _, recorded = sealed_stream(OrderConfirmed(), CAPTURED, order_id="order-7")

    event = decode(recorded)

    assert (event.order_id, event.revision, event.position) == ("order-7", 1, 6)
    assert (event.event_id, event.type) == (recorded.event_id, "PaymentCaptured")
    assert without_hashes(event.metadata) == without_hashes(replace(METADATA, schema=2))
    assert event.recorded is recorded


def test_data_is_compact_json_of_the_fields_in_their_order() -> None:
    [recorded] = sealed_stream(CAPTURED)

    assert recorded.data == (
        b'{"payment_id":"p-1","capture_id":"k-1","amount_cents":1250,"currency":"EUR",'
        b'"counted_cents":null,"method":null,"report_id":null}'
    )


def test_text_is_stored_as_utf8_and_not_escaped() -> None:
    [recorded] = sealed_stream(NoteAdded(note_id="n-1", text="Grüße 🎁"))

    assert "Grüße 🎁".encode() in recorded.data


@pytest.mark.parametrize(
    "data",
    [
        b'{"payment_id":"p-1","capture_id":"k-1","amount_cents":"1250","currency":"EUR"}',
        b'{"payment_id":"p-1","capture_id":"k-1","amount_cents":1250.0,"currency":"EUR"}',
        b'{"payment_id":"p-1","capture_id":"k-1","amount_cents":1.25e3,"currency":"EUR"}',
        b'{"payment_id":"p-1","capture_id":"k-1","amount_cents":true,"currency":"EUR"}',
        b'{"payment_id":"p-1","capture_id":"k-1","amount_cents":NaN,"currency":"EUR"}',
        b'{"payment_id":"p-1","capture_id":"k-1","amount_cents":null,"currency":"EUR"}',
        b'{"payment_id":"p-1","capture_id":"k-1","amount_cents":1250}',
        b'{"payment_id":"p-1","capture_id":"k-1","amount_cents":1250,"currency":"EUR","x":1}',
        b'{"payment_id":"p-\xff","capture_id":"k-1","amount_cents":1250,"currency":"EUR"}',
        b'["p-1","k-1",1250,"EUR"]',
        b"null",
        b"",
        b"[" * 100_000,
    ],
)
def test_data_of_another_shape_is_undecodable(data: bytes) -> None:
    [recorded] = sealed_stream(("PaymentCaptured", data, 1))

    with pytest.raises(Undecodable, match=r"order-o-1 revision 0, position 3 \(PaymentCaptured\)"):
        decode(recorded)


def test_unknown_fields_are_refused_in_nested_objects_too() -> None:
    planned = ShipmentPlanned(
        shipment_id="s-1",
        lines=(LineQuantity(line=1, quantity=2),),
        location="A",
        replaces=None,
        replaced=(),
        reason="",
    )
    [good] = sealed_stream(planned)
    bad = good.data.replace(b'"line":1', b'"line":1,"lot":"x"')

    assert decode(good).event == planned
    with pytest.raises(Undecodable):
        decode(replace(good, data=bad))


def test_an_unknown_type_needs_an_upgrade_and_the_error_names_the_event() -> None:
    _, recorded = sealed_stream(OrderConfirmed(), ("OrderTeleported", b"{}", 1))

    with pytest.raises(UpgradeNeeded, match="order-o-1 revision 1, position 6") as caught:
        decode(recorded)

    assert (caught.value.stream, caught.value.revision, caught.value.position) == (
        "order-o-1",
        1,
        6,
    )


def test_a_newer_schema_needs_an_upgrade_even_if_the_data_would_decode() -> None:
    [recorded] = sealed_stream(("OrderConfirmed", b"{}", 2))

    with pytest.raises(UpgradeNeeded, match="schema version 2 is above 1"):
        decode(recorded)


@pytest.mark.parametrize("version", [0, -1])
def test_a_schema_version_below_one_is_undecodable(version: int) -> None:
    """Even if the data has the shape of version 1."""
    data = stored("OrderPlaced.1.json").data
    [good] = sealed_stream(("OrderPlaced", data, 1))
    [recorded] = sealed_stream(("OrderPlaced", data, version))

    decode(good)
    with pytest.raises(Undecodable):
        decode(recorded)


@pytest.mark.parametrize("metadata", [b"", b"{}", b"null", b'{"actor":1}', b"\xff"])
def test_damaged_metadata_is_undecodable(metadata: bytes) -> None:
    [recorded] = sealed_stream(OrderConfirmed())

    with pytest.raises(Undecodable, match="metadata"):
        decode(replace(recorded, metadata=metadata))


def test_metadata_of_a_later_daybook_may_have_more_keys() -> None:
    [recorded] = sealed_stream(OrderConfirmed())
    more = recorded.metadata.replace(b'"actor"', b'"tenant":"t-1","actor"')

    assert decode_metadata(replace(recorded, metadata=more)).actor == "alice"


def test_what_cannot_be_read_is_not_repeated_in_the_error() -> None:
    [recorded] = sealed_stream(("PaymentCaptured", b'{"secret":"4111111111111111"}', 1))

    with pytest.raises(Undecodable) as caught:
        decode(recorded)

    assert "4111" not in str(caught.value)


def test_metadata_is_a_json_object_whose_last_key_is_the_hash() -> None:
    [recorded] = sealed_stream(CAPTURED)

    assert list(json.loads(recorded.metadata)) == list(METADATA.__dataclass_fields__)


def test_a_stream_is_named_after_its_order() -> None:
    assert stream_name("o-1") == "order-o-1"
    assert order_id_of(stream_name("order-order-1")) == "order-order-1"


def test_decoding_leaves_the_recorded_event_alone() -> None:
    [recorded] = sealed_stream(CAPTURED)
    copy = Recorded(*(getattr(recorded, name) for name in Recorded.__slots__))

    decode(recorded)

    assert recorded == copy
