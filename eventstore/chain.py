"""The hash chain along each stream (design section 5).

A hash covers everything of an event but its position: so a log that was copied elsewhere keeps its
hashes, and no byte, order or event of a stream can be changed without breaking the chain.
"""

import struct
from collections.abc import Iterable, MutableMapping
from hashlib import sha256
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from eventstore.port import Recorded, Revision, StreamName

GENESIS: Final = "0" * 64
"""prev_hash of a stream's first event."""

_LENGTH = struct.Struct(">I").pack
_FORMAT: Final = b"daybook-1"
_FORMAT_PART: Final = _LENGTH(len(_FORMAT)) + _FORMAT
_HASH_KEY: Final = b',"hash":"'
_PREV_HASH_KEY: Final = b',"prev_hash":"'
_HEX: Final = len(GENESIS)
_SEAL_SIZE: Final = len(_HASH_KEY) + _HEX + len(b'"}')


class ChainBroken(Exception):
    """An event is not what was written, or not where; names stream, revision and position."""

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


Links: TypeAlias = MutableMapping[StreamName, Link]


def sealed(
    open_: bytes, *, stream: str, revision: int, event_id: UUID, event_type: str, data: bytes
) -> tuple[bytes, str]:
    """Metadata with the hash as its last key, and the hash.

    open_: the metadata's JSON object without its closing brace, prev_hash its last key.
    """
    digest = _digest(*_place(stream, revision, event_id, event_type), data, open_)
    return b'%b,"hash":"%b"}' % (open_, digest.encode()), digest


def verify_chain(events: Iterable[Recorded], links: Links, *, from_start: bool) -> None:
    """Raises ChainBroken at the first event that does not continue its stream's chain.

    links: where each stream stands; starts empty, is brought forward, and is given again with the
    next page. from_start: the events begin with the log's first one, so that every stream begins at
    revision 0; else the first event seen of a stream is taken at its word for what was before it.
    """
    for recorded in events:
        links[recorded.stream] = _verified(
            recorded, links.get(recorded.stream), from_start=from_start
        )


def _verified(recorded: Recorded, last: Link | None, *, from_start: bool) -> Link:
    open_, prev_hash, written = _parts(recorded)
    if last is None and (from_start or recorded.revision == 0):
        last = Link(Revision(-1), GENESIS)
    if last is not None and recorded.revision != last.revision + 1:
        raise ChainBroken(recorded, f"does not follow revision {last.revision}")
    if last is not None and prev_hash != last.hash:
        raise ChainBroken(recorded, "its prev_hash is not the hash of the event before it")
    place = _place(recorded.stream, recorded.revision, recorded.event_id, recorded.type)
    if written != _digest(*place, recorded.data, open_):
        raise ChainBroken(recorded, "its hash is not that of its content")
    return Link(recorded.revision, written)


def _parts(recorded: Recorded) -> tuple[bytes, str, str]:
    """Metadata without the seal, prev_hash, hash: taken by place, as they stand at the end."""
    metadata = recorded.metadata
    open_, seal = metadata[:-_SEAL_SIZE], metadata[-_SEAL_SIZE:]
    link = open_[-(len(_PREV_HASH_KEY) + _HEX + 1) :]
    if not (
        seal.startswith(_HASH_KEY)
        and seal.endswith(b'"}')
        and link.startswith(_PREV_HASH_KEY)
        and link.endswith(b'"')
    ):
        raise ChainBroken(recorded, "its metadata does not end in prev_hash and hash")
    return (
        open_,
        link[len(_PREV_HASH_KEY) : -1].decode("ascii", "replace"),
        seal[len(_HASH_KEY) : -2].decode("ascii", "replace"),
    )


def _place(
    stream: str, revision: int, event_id: UUID, event_type: str
) -> tuple[bytes, bytes, bytes, bytes]:
    return stream.encode(), b"%d" % revision, str(event_id).encode(), event_type.encode()


def _digest(*parts: bytes) -> str:
    digest = sha256(_FORMAT_PART)
    digest.update(b"".join([piece for part in parts for piece in (_LENGTH(len(part)), part)]))
    return digest.hexdigest()
