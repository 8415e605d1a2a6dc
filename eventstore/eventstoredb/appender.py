"""Appends to EventStoreDB. One of unknown outcome is sent again, unchanged, until it is known.

That is safe because the expected revision is always exact: the server then recognises the same ids
at the same place, even after restarts. The revision is never read again before sending again.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from esdbclient.protos.Grpc import shared_pb2
from esdbclient.protos.Grpc.streams_pb2 import BatchAppendReq, BatchAppendResp
from google.protobuf.duration_pb2 import Duration

from eventstore.eventstoredb.connection import Connection
from eventstore.eventstoredb.pipeline import Pipeline, Unanswered
from eventstore.eventstoredb.rights import right_to_append
from eventstore.port import (
    NO_STREAM,
    AppendTooLarge,
    Draft,
    Expected,
    OutcomeUnknown,
    Position,
    Revision,
    StoreError,
    StoreUnavailable,
    StreamDeleted,
    StreamName,
    WrongExpectedRevision,
)

MESSAGE_BYTES_MAX: Final = 16 * 1024 * 1024 - 1024
"""A larger message would end the call, with all requests on it; the server takes 16 MiB."""
_JSON: Final = "application/json"


class Appended(NamedTuple):
    """Of the last event. position: 0 if it was stored once and has been truncated since."""

    revision: Revision
    position: Position


class StreamAppender:
    """Appends over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pipeline = Pipeline(connection)

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], expected: Expected
    ) -> Appended:
        """As the port's; drafts may be empty, which stores nothing."""
        request = _request(stream, drafts, expected, within_s=self._connection.append_s)
        if len(request) > MESSAGE_BYTES_MAX:
            raise AppendTooLarge(
                f"{stream}: {len(request):,} bytes in one append, and the server takes "
                f"{MESSAGE_BYTES_MAX:,} at most"
            )
        try:
            answer = await self._pipeline.ask(request)
        except Unanswered as error:
            raise self._unanswered(stream, error) from error.cause
        response = answer.response
        if response.WhichOneof("result") == "success":
            success = response.success
            return Appended(
                Revision(success.current_revision), Position(success.position.commit_position)
            )
        refusal = self._refusal(response, stream, expected)
        if answer.was_in_doubt and not isinstance(refusal, WrongExpectedRevision):
            raise _in_doubt(stream, str(refusal)) from refusal
        # Another event has that place, so none of ours is stored or ever will be.
        raise refusal

    async def aclose(self) -> None:
        """Whoever waits for an append gets StoreUnavailable or OutcomeUnknown."""
        await self._pipeline.aclose()

    def _unanswered(self, stream: StreamName, error: Unanswered) -> StoreError:
        if error.is_in_doubt:
            return _in_doubt(stream, self._connection.advice(error.cause))
        return self._connection.unavailable(error.cause)

    def _refusal(
        self, response: BatchAppendResp, stream: StreamName, expected: Expected
    ) -> StoreError:
        details = response.error.details
        wrong, largest = shared_pb2.WrongExpectedVersion(), shared_pb2.MaximumAppendSizeExceeded()
        malformed = shared_pb2.BadRequest()
        if details.Unpack(wrong):
            has_stream = wrong.HasField("current_stream_revision")
            current = Revision(wrong.current_stream_revision) if has_stream else None
            return WrongExpectedRevision(stream, expected, current)
        if details.Is(shared_pb2.StreamDeleted.DESCRIPTOR):
            return StreamDeleted(f"{stream}: the stream was deleted in the log by hand")
        if details.Unpack(largest):
            return AppendTooLarge(
                f"{stream}: more bytes than the server takes in one append "
                f"({largest.maxAppendSize:,})"
            )
        if details.Unpack(malformed):
            why = malformed.message
            return StoreUnavailable(f"{stream}: the server rejects the append as malformed ({why})")
        return self._connection.rights.refused(right_to_append(stream))


def _in_doubt(stream: StreamName, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(f"{stream}: it is not known whether it is stored ({why})")


def _request(
    stream: StreamName, drafts: Sequence[Draft], expected: Expected, *, within_s: float
) -> bytes:
    """A BatchAppendReq without its correlation_id, which is another one each time it is sent."""
    part_s, whole_s = math.modf(within_s)
    options = BatchAppendReq.Options(
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()),
        deadline=Duration(seconds=int(whole_s), nanos=int(part_s * 1e9)),
    )
    if expected is NO_STREAM:
        options.no_stream.SetInParent()
    else:
        options.stream_position = expected
    proposed = [
        BatchAppendReq.ProposedMessage(
            id=shared_pb2.UUID(string=str(draft.event_id)),
            metadata={"type": draft.type, "content-type": _JSON},
            custom_metadata=draft.metadata,
            data=draft.data,
        )
        for draft in drafts
    ]
    request = BatchAppendReq(options=options, proposed_messages=proposed, is_final=True)
    return bytes(request.SerializeToString())
