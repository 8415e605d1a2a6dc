"""The hash chain along each stream (design section 5).

A hash covers all of an event but its position. So a copied log keeps its hashes, and no byte, order
or event of a stream can be changed without breaking the chain.
"""

import struct
from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from hashlib import sha1, sha256
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from eventstore.port import Recorded, Revision, StreamName

NAMESPACE: Final = UUID("454716a4-6d99-4206-9605-4fa2db63634c")
"""Of all event ids."""
GENESIS: Final = "0" * 64
"""prev_hash of a stream's first event."""

_NAMESPACE: Final = NAMESPACE.bytes
_NO_VERSION: Final = ~(0xF << 76 | 0b11 << 62)
_VERSION_5: Final = 5 << 76 | 0b10 << 62
"""Version and variant of a UUID as a number (RFC 9562)."""
_LENGTH = struct.Struct(">I").pack
_FORMAT: Final = b"daybook-1"
_FORMAT_PART: Final = _LENGTH(len(_FORMAT)) + _FORMAT
_ID_LENGTH: Final = _LENGTH(len(str(UUID(int=0))))
_HASH_KEY: Final = b',"hash":"'
_PREV_HASH_KEY: Final = b',"prev_hash":"'
_LINK: Final = _PREV_HASH_KEY + b'%b"'
_HEX: Final = len(GENESIS)
_SEAL: Final = _HASH_KEY + b'%b"}'
_SEAL_SIZE: Final = len(_HASH_KEY) + _HEX + len(b'"}')


class ChainBroken(Exception):
    """An event is not as it was written, or not in its place. Names the event."""

    def __init__(self, recorded: Recorded, why: str) -> None:
        super().__init__(
            f"{recorded.stream} revision {recorded.revision}, position {recorded.position}: {why}; "
            "the log was damaged or altered, restore it from a backup"
        )
        self.stream = recorded.stream
        self.revision = recorded.revision
        self.position = recorded.position


class Link(NamedTuple):
    """The last event of a stream that was verified."""

    revision: Revision
    hash: str


_BEFORE_ALL: Final = Link(Revision(-1), GENESIS)

Links: TypeAlias = MutableMapping[StreamName, Link]


def event_id_of(open_: bytes, *, stream: str, revision: int, event_type: str, data: bytes) -> UUID:
    """A uuid5 over all that the event's hash covers, but the id.

    So the same event sent again has the same id, and other content never has: a store that finds
    the ids of an append in their place has stored exactly these events. open_: as of sealed().
    """
    # Written out, as uuid.uuid5 takes twice as long and every command needs this.
    name = stream.encode()
    parts = (
        _NAMESPACE,
        _FORMAT_PART,
        _LENGTH(len(name)),
        name,
        _number(revision),
        _type(event_type),
        _LENGTH(len(data)),
        data,
        _LENGTH(len(open_)),
        open_,
    )
    digest = sha1(b"".join(parts), usedforsecurity=False).digest()
    return UUID(int=int.from_bytes(digest[:16]) & _NO_VERSION | _VERSION_5)


def sealed(
    open_: bytes, *, stream: str, revision: int, event_id: UUID, event_type: str, data: bytes
) -> tuple[bytes, str]:
    """The metadata with the hash as its last key, and the hash.

    open_: the metadata's JSON object without its closing brace; prev_hash is its last key.
    """
    digest = _digest((stream, revision, event_id, event_type), data, open_)
    return open_ + _SEAL % digest.encode(), digest


def is_sealed_with(recorded: Recorded, hash_: str) -> bool:
    """Whether the event's metadata ends in this hash; the hash is not computed again."""
    return recorded.metadata.endswith(_SEAL % hash_.encode())


def verify_chain(events: Iterable[Recorded], links: Links, *, from_start: bool) -> None:
    """Raises ChainBroken at the first event that does not continue its stream's chain.

    links: the last verified event of each stream; starts empty, is updated, and is passed again
    with the next page. from_start: the events begin with the log's first one, so every stream
    begins at revision 0; otherwise the prev_hash of the first event seen of a stream is trusted.
    """
    for recorded in events:
        links[recorded.stream] = _verified(
            recorded, links.get(recorded.stream), from_start=from_start
        )


def verify_content(recorded: Recorded) -> None:
    """Raises ChainBroken if its hash is not that of its content. prev_hash is not checked."""
    open_ = recorded.metadata[:-_SEAL_SIZE]
    place = recorded.stream, recorded.revision, recorded.event_id, recorded.type
    digest = _digest(place, recorded.data, open_)
    if not recorded.metadata.endswith(_SEAL % digest.encode()):
        raise ChainBroken(recorded, "its hash is not that of its content")


def as_written(recorded: Recorded) -> Link:
    """The event's link as its metadata has it; not verified."""
    seal = recorded.metadata[-_SEAL_SIZE:]
    return Link(recorded.revision, seal[len(_HASH_KEY) : -2].decode("ascii", "replace"))


def _verified(recorded: Recorded, last: Link | None, *, from_start: bool) -> Link:
    if last is None and (from_start or recorded.revision == 0):
        last = _BEFORE_ALL
    metadata = recorded.metadata
    open_ = metadata[:-_SEAL_SIZE]
    place = recorded.stream, recorded.revision, recorded.event_id, recorded.type
    digest = _digest(place, recorded.data, open_)
    # Comparing these bytes without parsing them halves the cost of verifying an event.
    if (
        last is not None
        and recorded.revision == last.revision + 1
        and open_.endswith(_LINK % last.hash.encode())
        and metadata[-_SEAL_SIZE:] == _SEAL % digest.encode()
    ):
        return Link(recorded.revision, digest)
    return _explained(recorded, last, digest)


def _explained(recorded: Recorded, last: Link | None, digest: str) -> Link:
    found = hashes_of(recorded)
    if found is None:
        raise ChainBroken(recorded, "its metadata does not end in prev_hash and hash")
    prev_hash, written = found
    if last is not None and recorded.revision != last.revision + 1:
        raise ChainBroken(recorded, f"does not follow revision {last.revision}")
    if last is not None and prev_hash != last.hash:
        raise ChainBroken(recorded, "its prev_hash is not the hash of the event before it")
    if written != digest:
        raise ChainBroken(recorded, "its hash is not that of its content")
    return Link(recorded.revision, digest)


class Hashes(NamedTuple):
    """prev_hash and hash as an event's metadata has them; not verified."""

    prev_hash: str
    hash: str


def hashes_of(recorded: Recorded) -> Hashes | None:
    """Taken from the metadata's end; None if it does not end in them."""
    metadata = recorded.metadata
    open_, seal = metadata[:-_SEAL_SIZE], metadata[-_SEAL_SIZE:]
    link = open_[-(len(_PREV_HASH_KEY) + _HEX + 1) :]
    if not (
        seal.startswith(_HASH_KEY)
        and seal.endswith(b'"}')
        and link.startswith(_PREV_HASH_KEY)
        and link.endswith(b'"')
    ):
        return None
    return Hashes(
        link[len(_PREV_HASH_KEY) : -1].decode("ascii", "replace"),
        seal[len(_HASH_KEY) : -2].decode("ascii", "replace"),
    )


def _digest(place: tuple[str, int, UUID, str], data: bytes, open_: bytes) -> str:
    """Over the parts, each prefixed by its length. Written out, as every event read pays for it."""
    stream, revision, event_id, event_type = place
    name = stream.encode()
    parts = (
        _FORMAT_PART,
        _LENGTH(len(name)),
        name,
        _number(revision),
        _ID_LENGTH,
        str(event_id).encode(),
        _type(event_type),
        _LENGTH(len(data)),
        data,
        _LENGTH(len(open_)),
        open_,
    )
    return sha256(b"".join(parts)).hexdigest()


@lru_cache(maxsize=1_024)
def _number(revision: int) -> bytes:
    """Prefixed by its length; cached, as most events share it with others."""
    digits = b"%d" % revision
    return _LENGTH(len(digits)) + digits


@lru_cache(maxsize=1_024)
def _type(event_type: str) -> bytes:
    """Prefixed by its length; cached, as most events share it with others."""
    name = event_type.encode()
    return _LENGTH(len(name)) + name
