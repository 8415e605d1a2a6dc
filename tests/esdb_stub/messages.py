"""Between the protocol's messages and the log's words."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from esdbclient.protos.Grpc import shared_pb2, status_pb2, streams_pb2
from google.protobuf.any_pb2 import Any as Details  # type: ignore[import-untyped]
from google.protobuf.message import Message  # type: ignore[import-untyped]

from tests.esdb_stub.log import APPEND_BYTES_MAX, JSON, Done, Proposed, Stored
from tests.esdb_stub.refusals import (
    ANY,
    EXISTS,
    NO_STREAM,
    AccessDenied,
    AppendTooLarge,
    BadRequest,
    NeverAsked,
    NotReady,
    Refusal,
    StreamDeleted,
    TimedOut,
    WrongVersion,
)

OCTETS = "application/octet-stream"
EXPECTED_WORDS = {"any": ANY, "no_stream": NO_STREAM, "stream_exists": EXISTS}
EMPTY = shared_pb2.Empty()
CODES: dict[type[Refusal], int] = {
    WrongVersion: 6,
    StreamDeleted: 5,
    AppendTooLarge: 3,
    BadRequest: 3,
    TimedOut: 4,
    NotReady: 0,
}
"""Of the errors of a BatchAppend, as a real server numbers them."""


def stream_of(options: Any) -> str:
    name: bytes = options.stream_identifier.stream_name
    return name.decode()


def expected_of(options: Any, field: str) -> int:
    """The expected version, as a number of a stream or one of the server's own."""
    which = options.WhichOneof(field)
    if which is None:
        raise NeverAsked("no expected version at all")
    return EXPECTED_WORDS[which] if which in EXPECTED_WORDS else int(getattr(options, which))


def has_no_time(options: streams_pb2.BatchAppendReq.Options) -> bool:
    """A deadline of 0: over before it began."""
    return options.HasField("deadline") and not (options.deadline.seconds or options.deadline.nanos)


def proposed_of(messages: Iterable[Any]) -> list[Proposed]:
    return [
        Proposed(
            UUID(message.id.string),
            message.metadata["type"],
            JSON if message.metadata["content-type"] == JSON else OCTETS,
            message.data,
            message.custom_metadata,
        )
        for message in messages
    ]


def recorded(event: Stored) -> streams_pb2.ReadResp.ReadEvent.RecordedEvent:
    return streams_pb2.ReadResp.ReadEvent.RecordedEvent(
        id=shared_pb2.UUID(string=str(event.event_id)),
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=event.stream.encode()),
        stream_revision=event.number,
        prepare_position=event.position,
        commit_position=event.position,
        metadata={
            "type": event.type,
            "content-type": event.content_type,
            "created": str(event.created),
        },
        custom_metadata=event.metadata,
        data=event.data,
    )


def read_event(event: Stored, link: Stored | None) -> streams_pb2.ReadResp:
    """An event, or what a link names together with the link."""
    answer = streams_pb2.ReadResp.ReadEvent(
        event=recorded(event), commit_position=event.position if link is None else link.position
    )
    if link is not None:
        answer.link.CopyFrom(recorded(link))
    return streams_pb2.ReadResp(event=answer)


def dangling(link: Stored) -> streams_pb2.ReadResp:
    """A link to nothing: the client leaves it out."""
    answer = streams_pb2.ReadResp.ReadEvent(link=recorded(link), commit_position=link.position)
    return streams_pb2.ReadResp(event=answer)


def stream_not_found(stream: str) -> streams_pb2.ReadResp:
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    return streams_pb2.ReadResp(
        stream_not_found=streams_pb2.ReadResp.StreamNotFound(stream_identifier=identifier)
    )


def confirmation(subscription_id: str) -> streams_pb2.ReadResp:
    return streams_pb2.ReadResp(
        confirmation=streams_pb2.ReadResp.SubscriptionConfirmation(subscription_id=subscription_id)
    )


def caught_up() -> streams_pb2.ReadResp:
    return streams_pb2.ReadResp(caught_up=streams_pb2.ReadResp.CaughtUp())


def checkpoint(position: int) -> streams_pb2.ReadResp:
    return streams_pb2.ReadResp(
        checkpoint=streams_pb2.ReadResp.Checkpoint(
            commit_position=position, prepare_position=position
        )
    )


def batch_success(correlation_id: shared_pb2.UUID, done: Done) -> streams_pb2.BatchAppendResp:
    success = streams_pb2.BatchAppendResp.Success(
        position=shared_pb2.AllStreamPosition(
            commit_position=done.position, prepare_position=done.position
        )
    )
    if done.number == -1:
        success.no_stream.SetInParent()
    else:
        success.current_revision = done.number
    return streams_pb2.BatchAppendResp(correlation_id=correlation_id, success=success)


def batch_error(correlation_id: shared_pb2.UUID, refusal: Refusal) -> streams_pb2.BatchAppendResp:
    """The answer of a refusal that BatchAppend says in words of its own; others are raised on."""
    details = Details()
    details.Pack(_details(refusal))
    code = CODES.get(type(refusal), 0)
    error = status_pb2.Status(code=code, message=str(refusal), details=details)
    return streams_pb2.BatchAppendResp(correlation_id=correlation_id, error=error)


def _details(refusal: Refusal) -> Message:
    match refusal:
        case WrongVersion():
            return wrong_version(refusal)
        case StreamDeleted():
            return shared_pb2.StreamDeleted()
        case BadRequest():
            return shared_pb2.BadRequest(message=str(refusal))
        case AppendTooLarge():
            return shared_pb2.MaximumAppendSizeExceeded(maxAppendSize=APPEND_BYTES_MAX)
        case TimedOut():
            return shared_pb2.Timeout()
        case AccessDenied():
            return shared_pb2.AccessDenied()
        case NotReady():
            return EMPTY
        case _:
            raise refusal


def wrong_version(refusal: WrongVersion) -> shared_pb2.WrongExpectedVersion:
    if refusal.current == -1:
        answer = shared_pb2.WrongExpectedVersion()
        answer.current_no_stream.SetInParent()
    else:
        answer = shared_pb2.WrongExpectedVersion(current_stream_revision=refusal.current)
    return answer


def append_success(done: Done) -> streams_pb2.AppendResp:
    position = streams_pb2.AppendResp.Position(
        commit_position=done.position, prepare_position=done.position
    )
    success = streams_pb2.AppendResp.Success(position=position)
    if done.number == -1:
        success.no_stream.SetInParent()
    else:
        success.current_revision = done.number
    return streams_pb2.AppendResp(success=success)


def append_refused(refusal: WrongVersion) -> streams_pb2.AppendResp:
    answer = streams_pb2.AppendResp.WrongExpectedVersion()
    if refusal.current == -1:
        answer.current_no_stream.SetInParent()
    else:
        answer.current_revision = refusal.current
    return streams_pb2.AppendResp(wrong_expected_version=answer)
