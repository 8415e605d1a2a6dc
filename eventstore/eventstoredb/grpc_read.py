"""A few events, read with gRPC's client: on the connection that appends use."""

from typing import Any

import grpc  # type: ignore[import-untyped]
from esdbclient import AsyncEventStoreDBClient
from esdbclient.streams import AsyncReadResponse

from eventstore.eventstoredb.faults import distinguish_client_cancellation, error_of_call
from eventstore.eventstoredb.wire import told
from eventstore.port import Recorded


class GrpcLookup:
    """Implements Lookup of last_seen."""

    def __init__(self, client: AsyncEventStoreDBClient) -> None:
        self._client = client

    async def events(self, stream: str, *, within_s: float, **options: Any) -> list[Recorded]:
        response = await self._client.read_stream(stream, timeout=within_s, **options)
        async with response:
            return await _collected(response)


async def _collected(response: AsyncReadResponse) -> list[Recorded]:
    """Without esdbclient's own loop: it ends in the same way after the last event, after a call
    that was ended elsewhere, and when the task is cancelled (which it swallows).
    """
    found: list[Recorded] = []
    try:
        with distinguish_client_cancellation():
            async for answer in response.aio_call:
                found += told([answer.SerializeToString()]).events
    except grpc.RpcError as error:
        raise error_of_call(error) from None
    return found
