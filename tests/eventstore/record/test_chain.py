import hashlib
import struct
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import Event, NoteAdded, OrderConfirmed
from eventstore.port import Position, Recorded, Revision, StreamName
from eventstore.record.chain import GENESIS, NAMESPACE, ChainBroken, Link, event_id_of, verify_chain
from eventstore.record.codec import decode
from tests.eventstore.recorded import any_event, interleaved, sealed_stream

STREAM = StreamName("order-o-1")
NOTES: list[Event] = [NoteAdded(note_id=f"n-{number}", text="seen") for number in range(5)]


def verified(events: list[Recorded], *, from_start: bool = True) -> dict[StreamName, Link]:
    links: dict[StreamName, Link] = {}
    verify_chain(events, links, from_start=from_start)
    return links


def test_the_hash_is_the_one_that_the_design_describes() -> None:
    _, recorded = sealed_stream(*NOTES[:2])
    open_, seal = recorded.metadata.split(b',"hash":"')
    parts = [
        b"daybook-1",
        b"order-o-1",
        b"1",
        str(recorded.event_id).encode(),
        b"NoteAdded",
        recorded.data,
        open_,
    ]

    content = b"".join(struct.pack(">I", len(part)) + part for part in parts)

    assert seal == sha256(content).hexdigest().encode() + b'"}'


def test_each_event_names_the_hash_of_the_one_before_and_the_first_one_zeros() -> None:
    metadata = [decode(recorded).metadata for recorded in sealed_stream(*NOTES)]

    hashes = [GENESIS, *(each.hash for each in metadata)]

    assert [each.prev_hash for each in metadata] == hashes[:-1]
    assert len(set(hashes)) == len(hashes)


@given(st.lists(any_event, min_size=1, max_size=5))
def test_what_was_sealed_verifies(events: list[Event]) -> None:
    stream = sealed_stream(*events)

    links = verified(stream)

    last = decode(stream[-1])
    assert links == {STREAM: (last.revision, last.metadata.hash)}


def test_each_stream_has_its_own_chain_verified_page_by_page() -> None:
    log = interleaved(sealed_stream(*NOTES), sealed_stream(*NOTES[:2], order_id="o-2"))
    links: dict[StreamName, Link] = {}

    for start in range(0, len(log), 3):
        verify_chain(log[start : start + 3], links, from_start=True)

    assert {stream: link.revision for stream, link in links.items()} == {
        "order-o-1": 4,
        "order-o-2": 1,
    }


@given(st.data())
def test_any_flipped_byte_of_data_or_metadata_is_caught(data: st.DataObject) -> None:
    stream = sealed_stream(*NOTES)
    place = data.draw(st.integers(0, len(stream) - 1))
    field = data.draw(st.sampled_from(["data", "metadata"]))
    content = bytearray(getattr(stream[place], field))
    index = data.draw(st.integers(0, len(content) - 1))
    content[index] ^= data.draw(st.integers(1, 255))
    damaged: dict[str, Any] = {field: bytes(content)}
    stream[place] = replace(stream[place], **damaged)

    with pytest.raises(ChainBroken) as caught:
        verified(stream)

    assert caught.value.revision == place


def test_every_single_byte_of_one_event_is_covered() -> None:
    """Not sampled: each byte, its lowest and its highest bit."""
    [event] = sealed_stream(NOTES[0])
    caught = 0
    for field, content in (("data", event.data), ("metadata", event.metadata)):
        for index in range(len(content)):
            for bit in (0x01, 0x80):
                flipped = bytearray(content)
                flipped[index] ^= bit
                damaged: dict[str, Any] = {field: bytes(flipped)}
                with pytest.raises(ChainBroken):
                    verified([replace(event, **damaged)])
                caught += 1

    assert caught == 2 * (len(event.data) + len(event.metadata))


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "OrderConfirmed"},
        {"event_id": UUID(int=1)},
        {"stream": StreamName("order-o-2")},
        {"revision": Revision(1)},
    ],
)
def test_type_id_stream_and_revision_are_covered(changed: dict[str, Any]) -> None:
    [event] = sealed_stream(NOTES[0])

    with pytest.raises(ChainBroken):
        verified([replace(event, **changed)], from_start=False)


def test_bytes_cannot_move_from_one_part_to_the_next() -> None:
    """Without the lengths the two would have the same hash."""
    [event] = sealed_stream(("NoteAdded", b"{}", 1))
    moved = replace(event, type="NoteAdded{", data=b"}")

    with pytest.raises(ChainBroken):
        verified([moved])


def test_the_position_is_not_covered_so_that_a_migrated_log_verifies() -> None:
    moved = [
        replace(event, position=Position(event.position + 1000)) for event in sealed_stream(*NOTES)
    ]

    assert verified(moved)[STREAM].revision == 4


def test_an_event_taken_out_is_caught() -> None:
    stream = sealed_stream(*NOTES)

    with pytest.raises(ChainBroken, match="does not follow revision 1"):
        verified(stream[:2] + stream[3:])


def test_an_event_that_occurs_twice_is_caught() -> None:
    stream = sealed_stream(*NOTES)

    with pytest.raises(ChainBroken, match="does not follow revision 1"):
        verified([*stream[:2], stream[1]])


def test_an_event_put_in_another_ones_place_is_caught() -> None:
    """Sealed correctly, but after another event."""
    stream, other = sealed_stream(*NOTES), sealed_stream(OrderConfirmed(), *NOTES)

    with pytest.raises(ChainBroken, match="prev_hash"):
        verified([stream[0], other[1]])


def test_in_a_whole_log_every_stream_begins_at_revision_zero() -> None:
    stream = sealed_stream(*NOTES)

    with pytest.raises(ChainBroken):
        verified(stream[2:], from_start=True)


def test_the_end_of_a_log_verifies_without_its_beginning() -> None:
    stream = sealed_stream(*NOTES)

    assert verified(stream[2:], from_start=False)[STREAM].revision == 4
    with pytest.raises(ChainBroken):
        verified([stream[2], stream[4]], from_start=False)


def test_the_error_names_the_event_and_what_to_do() -> None:
    stream = sealed_stream(*NOTES)
    stream[3] = replace(stream[3], data=b"{}")

    with pytest.raises(
        ChainBroken, match=r"order-o-1 revision 3, position 12: .*restore it from a backup"
    ) as caught:
        verified(stream)

    assert (caught.value.stream, caught.value.revision, caught.value.position) == (
        "order-o-1",
        3,
        12,
    )


def test_an_event_id_is_the_uuid5_of_what_the_hash_covers_but_the_id() -> None:
    """Known: the ids of a log are stored, and those of a later version must not be other ones."""
    parts = (b"daybook-1", b"order-o-1", b"3", b"NoteAdded", b"{}", b'{"actor":"ann"')
    name = b"".join(len(part).to_bytes(4) + part for part in parts)

    digest = hashlib.sha1(NAMESPACE.bytes + name, usedforsecurity=False).digest()[:16]

    assert event_id_of(
        b'{"actor":"ann"', stream="order-o-1", revision=3, event_type="NoteAdded", data=b"{}"
    ) == UUID(bytes=digest, version=5)


@given(st.data())
def test_other_content_has_another_event_id(data: st.DataObject) -> None:
    texts, numbers, blobs = st.text(max_size=4), st.integers(0, 20), st.binary(max_size=4)
    events = st.tuples(blobs, texts, numbers, texts, blobs)
    one, other = data.draw(events), data.draw(events)

    ids = [
        event_id_of(open_, stream=stream, revision=revision, event_type=type_, data=content)
        for open_, stream, revision, type_, content in (one, other)
    ]

    assert (ids[0] == ids[1]) is (one == other)
