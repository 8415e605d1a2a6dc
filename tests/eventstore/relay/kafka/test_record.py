"""An event comes back from Kafka byte for byte as it is in the log, or not at all."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import Event, NoteAdded
from eventstore.port import Position, Recorded, Revision
from eventstore.relay.kafka.record import BEFORE_FIRST, ForeignRecord, Unsealed, decode, encode
from tests.eventstore.leases import ANOTHER_SECRET, SECRET
from tests.eventstore.recorded import any_event, sealed_stream
from tests.ids import ids

EVENT = sealed_stream(NoteAdded(note_id="n-1", text="grüße"))[0]
NUMBERED = ("revision", "position", "epoch", "published_through")

positions = st.integers(0, 2**63 - 1)


def changed(name: str, value: bytes | None) -> list[tuple[str, bytes]]:
    """The headers of EVENT with one changed, or left out."""
    headers = dict(encode(EVENT, epoch=3, published_through=2, secret=SECRET).headers)
    headers.pop(name)
    return [*headers.items()] if value is None else [*headers.items(), (name, value)]


def decoded(headers: list[tuple[str, bytes]]) -> Recorded:
    key, value, _ = encode(EVENT, epoch=3, published_through=2, secret=SECRET)
    return decode(key, value, headers, secret=None).recorded


def round_trip(recorded: Recorded) -> Recorded:
    record = encode(recorded, epoch=1, published_through=BEFORE_FIRST, secret=SECRET)
    return decode(*record, secret=SECRET).recorded


@given(st.lists(any_event, min_size=1, max_size=3), positions, positions, st.integers(-1))
def test_every_event_is_decoded_byte_for_byte(
    events: list[Event], position: int, epoch: int, through: int
) -> None:
    through = min(through, position - 1)
    for event in sealed_stream(*events):
        recorded = replace(event, position=Position(position))
        published = decode(
            *encode(recorded, epoch=epoch, published_through=through, secret=SECRET), secret=SECRET
        )
        assert published.recorded == recorded
        assert (published.epoch, published.published_through) == (epoch, through)


@given(ids())
def test_key_and_subject_are_the_orders_id_as_utf_8(order_id: str) -> None:
    [recorded] = sealed_stream(NoteAdded(note_id=order_id, text="seen"), order_id=order_id)

    key, _, headers = encode(recorded, epoch=1, published_through=0, secret=SECRET)

    # CloudEvents percent-encodes the values of HTTP's headers; those of Kafka's are UTF-8.
    assert (key, dict(headers)["ce_subject"]) == (order_id.encode(), order_id.encode())
    assert round_trip(recorded) == recorded


def test_a_key_that_is_no_text_is_no_order_of_which_the_id_looks_like_it() -> None:
    [recorded] = sealed_stream(NoteAdded(note_id="n-1", text="seen"), order_id="\ufffd")
    _, value, headers = encode(recorded, epoch=1, published_through=0, secret=SECRET)

    with pytest.raises(ForeignRecord, match="not the order"):
        decode(b"\xff", value, headers, secret=SECRET)


@given(st.binary(), st.integers(0, 99))
def test_data_that_is_not_json_is_decoded_as_well(data: bytes, version: int) -> None:
    [recorded] = sealed_stream(("OfANewerDaybook", data, version))
    assert round_trip(recorded) == recorded


def test_a_record_is_a_cloud_event_in_binary_mode() -> None:
    traced = json.loads(EVENT.metadata) | {"traceparent": "00-ab-cd-01"}
    recorded = replace(EVENT, metadata=json.dumps(traced).encode())
    key, value, headers = encode(recorded, epoch=3, published_through=BEFORE_FIRST, secret=SECRET)
    assert (key, value) == (b"o-1", EVENT.data)
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": str(EVENT.event_id).encode(),
        "ce_type": b"NoteAdded",
        "ce_source": b"/daybook",
        "ce_time": b"2026-01-02T03:04:05.000006Z",
        "ce_subject": b"o-1",
        "ce_datacontenttype": b"application/json",
        "content-type": b"application/json",
        "stream": b"order-o-1",
        "revision": b"0",
        "position": b"3",
        "epoch": b"3",
        "published_through": b"-1",
        "traceparent": b"00-ab-cd-01",
        "metadata": recorded.metadata,
        "mac": dict(headers)["mac"],
    }
    untraced = encode(EVENT, epoch=3, published_through=0, secret=SECRET)
    assert "traceparent" not in dict(untraced.headers)


@given(st.binary())
def test_an_event_with_unreadable_metadata_is_published_all_the_same(metadata: bytes) -> None:
    recorded = replace(EVENT, metadata=metadata)
    key, value, headers = encode(recorded, epoch=1, published_through=0, secret=SECRET)
    assert (key, value, dict(headers)["metadata"]) == (b"o-1", EVENT.data, metadata)
    with pytest.raises(ForeignRecord):  # nothing shows that it is as written
        decode(key, value, headers, secret=SECRET)


@pytest.mark.parametrize(
    "name", ["stream", "revision", "position", "ce_id", "ce_type", "metadata", "epoch"]
)
def test_a_record_without_a_header_is_foreign(name: str) -> None:
    with pytest.raises(ForeignRecord, match=f"no header {name}"):
        decoded(changed(name, None))


@pytest.mark.parametrize("name", NUMBERED)
@pytest.mark.parametrize(
    "value", [b"", b"x", b"-2", b"+1", b"1.0", b"01", b" 1", b"1_0", "\u0661".encode(), b"9" * 20]
)
def test_a_header_that_is_not_a_number_is_foreign(name: str, value: bytes) -> None:
    with pytest.raises(ForeignRecord, match=f"header {name} is not a number"):
        decoded(changed(name, value))


@pytest.mark.parametrize("name", NUMBERED)
def test_a_number_larger_than_any_position_is_foreign(name: str) -> None:
    with pytest.raises(ForeignRecord, match=f"header {name} is larger"):
        decoded(changed(name, b"%d" % 2**63))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("stream", b"\xff", "is not text"),
        ("ce_type", b"\xff", "is not text"),
        ("ce_id", b"42", "is not a UUID"),
        ("stream", b"order-o-2", "not the order"),
        ("stream", b"o-1", "not the order"),
        ("ce_type", b"NoteRemoved", "hash"),
        ("ce_id", b"00000000-0000-0000-0000-000000000000", "hash"),
        ("revision", b"1", "hash"),
        ("metadata", b"{}", "prev_hash"),
        ("metadata", EVENT.metadata.replace(b"alice", b"mallo"), "hash"),
    ],
)
def test_an_altered_record_is_foreign(name: str, value: bytes, why: str) -> None:
    with pytest.raises(ForeignRecord, match=why):
        decoded(changed(name, value))


def test_altered_data_is_foreign() -> None:
    key, value, headers = encode(EVENT, epoch=3, published_through=2, secret=SECRET)
    for other in (value + b" ", b"", None):
        with pytest.raises(ForeignRecord):
            decode(key, other, headers, secret=SECRET)
    for wrong_key in (b"o-2", b"\xff", b"", None):
        with pytest.raises(ForeignRecord):
            decode(wrong_key, value, headers, secret=SECRET)
    with pytest.raises(ForeignRecord):
        decode(key, value, [], secret=SECRET)


@given(st.data())
def test_no_change_of_a_byte_goes_unnoticed(data: st.DataObject) -> None:
    """Only of what the hash covers; position and epoch are the relay's."""
    key, value, headers = encode(EVENT, epoch=3, published_through=2, secret=SECRET)
    names = ["value", "stream", "revision", "ce_id", "ce_type", "metadata"]
    name = data.draw(st.sampled_from(names))
    old = value if name == "value" else dict(headers)[name]
    at = data.draw(st.integers(0, len(old) - 1))
    new = old[:at] + bytes([old[at] ^ data.draw(st.integers(1, 255))]) + old[at + 1 :]
    if name == "ce_id" and new.lower() == old:
        return  # the same UUID in capitals
    with pytest.raises(ForeignRecord):
        decode(key, new if name == "value" else value, [*headers, (name, new)], secret=None)


def test_the_first_event_of_a_stream_has_no_position_before_it() -> None:
    first = replace(EVENT, position=Position(0))
    assert first.revision == Revision(0)
    record = encode(first, epoch=1, published_through=BEFORE_FIRST, secret=SECRET)
    published = decode(*record, secret=SECRET)
    assert (published.recorded.position, published.published_through) == (0, BEFORE_FIRST)


# The seal ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["position", "epoch", "published_through"])
def test_the_seal_covers_what_the_hash_does_not(name: str) -> None:
    key, value, headers = encode(EVENT, epoch=3, published_through=1, secret=SECRET)
    assert decode(key, value, headers, secret=SECRET).recorded == EVENT

    for other in (b"0", b"2", b"%d" % 2**62):
        with pytest.raises(Unsealed):
            decode(key, value, [*headers, (name, other)], secret=SECRET)


@pytest.mark.parametrize("mac", [None, b"", b"x" * 32])
def test_a_record_sealed_with_another_secret_is_not_ours(mac: bytes | None) -> None:
    """Its own hash is right, as that has no key."""
    key, value, _ = encode(EVENT, epoch=3, published_through=2, secret=SECRET)
    headers = changed("mac", mac)

    with pytest.raises(Unsealed):
        decode(key, value, headers, secret=SECRET)


def test_a_record_sealed_by_the_relay_of_another_log_is_not_ours() -> None:
    record = encode(EVENT, epoch=3, published_through=2, secret=ANOTHER_SECRET)

    with pytest.raises(Unsealed):
        decode(*record, secret=SECRET)
    assert decode(*record, secret=ANOTHER_SECRET).recorded == EVENT


def test_without_a_secret_nothing_is_ours() -> None:
    with pytest.raises(Unsealed):
        decode(*encode(EVENT, epoch=3, published_through=2, secret=b""), secret=b"")


def test_the_seal_of_one_event_is_not_that_of_another() -> None:
    first, second = sealed_stream(*[NoteAdded(note_id="n", text=text) for text in "12"])
    mac = dict(encode(first, epoch=3, published_through=2, secret=SECRET).headers)["mac"]
    record = encode(second, epoch=3, published_through=2, secret=SECRET)

    with pytest.raises(Unsealed):
        decode(record.key, record.value, [*record.headers, ("mac", mac)], secret=SECRET)


def test_published_through_must_be_below_the_position() -> None:
    record = encode(EVENT, epoch=3, published_through=EVENT.position, secret=SECRET)

    with pytest.raises(ForeignRecord, match="published_through is not below"):
        decode(*record, secret=SECRET)
