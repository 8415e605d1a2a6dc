"""Events of a read or a subscription, decoded from the protocol's messages."""

import struct
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from esdbclient import exceptions as esdb
from esdbclient.protos.Grpc.streams_pb2 import ReadResp

from eventstore.port import Position, Recorded, Revision, StoreUnavailable, StreamName

MESSAGE_MAX: Final = 17 * 1024 * 1024
"""Bytes. The server takes no larger ones than 16 MiB."""
PREFIX: Final = struct.Struct(">BI")
"""Before each message: whether it is compressed, its size."""
_NOT_FOUND: Final = "stream_not_found"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A subscription has considered all events up to here."""

    position: Position


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """A subscription has sent all events that there were."""


Told: TypeAlias = Recorded | Checkpoint | CaughtUp


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
        found, begin = [], 0
        while (size := _size_at(data, begin)) is not None:
            after = begin + PREFIX.size + size
            if after > len(data):
                break
            found.append(data[begin + PREFIX.size : after])
            begin = after
        self._parts = [data[begin:]]
        self._have = len(data) - begin
        self._need = PREFIX.size + (size or 0)
        return found


def _size_at(data: bytes, place: int) -> int | None:
    """Of the message there; None if not even its size has arrived."""
    if len(data) - place < PREFIX.size:
        return None
    is_compressed, size = PREFIX.unpack_from(data, place)
    if is_compressed:
        raise StoreUnavailable("the server compresses its answers, which nobody asked for")
    if size > MESSAGE_MAX:
        raise StoreUnavailable(_too_large(size))
    return int(size)


def told(answer: ReadResp) -> Told | None:
    """What a message says; None if nothing that is of use here.

    Raises NotFound; StoreUnavailable if the server is too old.
    """
    if answer.HasField("event"):
        return _recorded(answer.event)
    if answer.HasField("checkpoint"):
        return Checkpoint(Position(answer.checkpoint.commit_position))
    if answer.HasField("caught_up"):
        return CaughtUp()
    if answer.HasField(_NOT_FOUND):
        raise esdb.NotFound
    return None


def _recorded(answer: ReadResp.ReadEvent) -> Recorded:
    if answer.WhichOneof("position") != "commit_position":
        raise StoreUnavailable("the server is too old: it needs to be EventStoreDB 22.10 or newer")
    event = answer.event
    return Recorded(
        stream=StreamName(event.stream_identifier.stream_name.decode()),
        revision=Revision(event.stream_revision),
        position=Position(event.commit_position),
        event_id=UUID(event.id.string),
        type=event.metadata["type"],
        data=event.data,
        metadata=event.custom_metadata,
    )


def _too_large(size: int) -> str:
    mib = 1024 * 1024
    return (
        f"the server sends a message of {size / mib:.0f} MiB, at most {MESSAGE_MAX // mib} MiB are "
        "taken: is DAYBOOK_STORE the address of EventStoreDB?"
    )
