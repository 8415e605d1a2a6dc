"""Answers of gRPC to send with a Peer."""

import struct
from collections.abc import Iterable
from uuid import UUID

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from tests.http2.peer import Call

HEADERS = {":status": "200", "content-type": "application/grpc"}
OK = {"grpc-status": "0"}


def framed(message: bytes, *, compressed: bool = False) -> bytes:
    return struct.pack(">BI", compressed, len(message)) + message


def event(
    number: int, *, stream: str = "order-a", position: int | None = None, data: bytes = b"{}"
) -> bytes:
    """A message with one event, framed."""
    place = 100 * (number + 1) if position is None else position
    recorded = streams_pb2.ReadResp.ReadEvent.RecordedEvent(
        id=shared_pb2.UUID(string=str(UUID(int=number + 1))),
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()),
        stream_revision=number,
        prepare_position=place,
        commit_position=place,
        metadata={"type": "NoteAdded", "content-type": "application/json", "created": "1"},
        custom_metadata=b"{}",
        data=data,
    )
    answer = streams_pb2.ReadResp.ReadEvent(event=recorded, commit_position=place)
    return framed(streams_pb2.ReadResp(event=answer).SerializeToString())


def events(numbers: Iterable[int], *, data: bytes = b"{}") -> bytes:
    return b"".join(event(number, data=data) for number in numbers)


def asked(call: Call) -> streams_pb2.ReadReq:
    return streams_pb2.ReadReq.FromString(bytes(call.body[5:]))


def begin_of(call: Call) -> int:
    """The revision from which a stream is read."""
    return int(asked(call).options.stream.revision)
