"""Events of a read or a subscription, decoded from the protocol's messages."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from uuid import UUID, SafeUUID

from esdbclient import exceptions as esdb
from esdbclient.protos.Grpc.streams_pb2 import ReadResp

from eventstore.port import Position, Recorded, Revision, StoreUnavailable, StreamName

MESSAGE_MAX: Final = 17 * 1024 * 1024
"""Bytes. The server takes no larger ones than 16 MiB."""
PREFIX: Final = struct.Struct(">BI")
"""Before each message: whether it is compressed, its size."""
COMPRESSED: Final = "the server compresses its answers, which nobody asked for"
TOO_OLD: Final = "the server is too old: it needs to be EventStoreDB 22.10 or newer"
_set: Final = object.__setattr__
_UNKNOWN: Final = SafeUUID.unknown


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A subscription has considered all events up to here."""

    position: Position


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """A subscription has sent all events that there were."""


Mark: TypeAlias = Checkpoint | CaughtUp


@dataclass(slots=True)
class Told:
    """What a server tells. marks: each with the number of the events that came before it."""

    events: list[Recorded] = field(default_factory=list)
    marks: list[tuple[int, Mark]] = field(default_factory=list)


def framed(message: bytes) -> bytes:
    return PREFIX.pack(0, len(message)) + message


class Frames:
    """The messages in the bytes of an answer, which may be cut anywhere."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._have = 0
        self._need = PREFIX.size

    @property
    def is_between(self) -> bool:
        """Whether the bytes so far end with a message."""
        return self._have == 0

    def take(self, chunk: bytes) -> list[bytes]:
        """The messages that are complete now.

        Raises StoreUnavailable for one that is compressed or larger than 17 MiB.
        """
        self._parts.append(chunk)
        self._have += len(chunk)
        if self._have < self._need:
            return []
        data = b"".join(self._parts)
        found, begin, end = [], 0, len(data)
        self._need = PREFIX.size
        while end - begin >= PREFIX.size:
            is_compressed, size = PREFIX.unpack_from(data, begin)
            if is_compressed or size > MESSAGE_MAX:
                raise StoreUnavailable(_too_large(size) if not is_compressed else COMPRESSED)
            place = begin + PREFIX.size
            if place + size > end:
                self._need = PREFIX.size + size
                break
            begin = place + size
            found.append(data[place:begin])
        self._parts = [data[begin:]]
        self._have = end - begin
        return found


def told(messages: Iterable[bytes]) -> Told:
    """Raises NotFound; StoreUnavailable if the server is too old."""
    found = Told()
    for message in messages:
        answer = ReadResp.FromString(message)
        read = answer.event
        position = read.commit_position
        # 0 also where there is no position, or no event.
        if not position and not _is_event(answer, found):
            continue
        event = read.event
        found.events.append(
            Recorded(
                StreamName(event.stream_identifier.stream_name.decode()),
                Revision(event.stream_revision),
                Position(position),
                _uuid(event.id.string),
                event.metadata["type"],
                event.data,
                event.custom_metadata,
            )
        )
    return found


def _is_event(answer: ReadResp, found: Told) -> bool:
    """If it is not, what it says of use is added."""
    if answer.HasField("event"):
        if answer.event.WhichOneof("position") != "commit_position":
            raise StoreUnavailable(TOO_OLD)
        return True
    if answer.HasField("stream_not_found"):
        raise esdb.NotFound
    if answer.HasField("checkpoint"):
        position = Position(answer.checkpoint.commit_position)
        found.marks.append((len(found.events), Checkpoint(position)))
    elif answer.HasField("caught_up"):
        found.marks.append((len(found.events), CaughtUp()))
    return False


def _uuid(text: str) -> UUID:
    """As UUID(text), which takes half of the time in which an event is decoded: its checks are of
    no use for a text that the server has made.
    """
    found = UUID.__new__(UUID)
    _set(found, "int", int(text.replace("-", ""), 16))
    _set(found, "is_safe", _UNKNOWN)
    return found


def _too_large(size: int) -> str:
    mib = 1024 * 1024
    return (
        f"the server sends a message of {size / mib:.0f} MiB, at most {MESSAGE_MAX // mib} MiB are "
        "taken: is DAYBOOK_STORE the address of EventStoreDB?"
    )
