"""Events of a read or a subscription, decoded from gRPC messages.

esdbclient's own loop creates two objects for each event, and ends in the same way after the last
event, after a call that was ended elsewhere, and when the task is cancelled (which it swallows).
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import grpc  # type: ignore[import-untyped]
from esdbclient import exceptions as esdb
from esdbclient.common import handle_rpc_error
from esdbclient.protos.Grpc.streams_pb2 import ReadResp
from esdbclient.streams import AsyncReadResponse

from eventstore.eventstoredb.faults import distinguish_client_cancellation
from eventstore.port import Position, Recorded, Revision, StoreUnavailable, StreamName

_NOT_FOUND: Final = "stream_not_found"


async def collected(response: AsyncReadResponse) -> list[Recorded]:
    """All events of a read. Raises NotFound, StreamIsDeleted, and the client's other errors."""
    found = []
    async with response:
        with _translated_endings():
            async for answer in response.aio_call:
                if answer.HasField("event"):
                    found.append(_recorded(answer.event))
                elif answer.HasField(_NOT_FOUND):
                    raise esdb.NotFound
    return found


async def arriving(subscription: AsyncReadResponse) -> AsyncGenerator[Recorded, None]:
    """The events of a subscription; its other messages are not reliable and are left out."""
    with _translated_endings():
        async for answer in subscription.aio_call:
            if answer.HasField("event"):
                yield _recorded(answer.event)


@contextmanager
def _translated_endings() -> Iterator[None]:
    try:
        with distinguish_client_cancellation():
            yield
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.FAILED_PRECONDITION and "is deleted" in error.details():
            raise esdb.StreamIsDeleted from None
        raise handle_rpc_error(error) from None


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
