"""Orders' streams that were deleted or cut by hand, or into which a link was written.

Reading the log does not show it: $all has the events of a deleted stream until they are scavenged,
and links are left out.
"""

from collections.abc import Mapping
from contextlib import aclosing
from typing import Final

from esdbclient.protos.Grpc.streams_pb2 import ReadReq

from eventstore.eventstoredb import requests
from eventstore.eventstoredb.connection import Connection, Timing
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.log_reader import can_be_kept, pages_of
from eventstore.eventstoredb.pages import PageReader
from eventstore.port import StreamDeleted, StreamName
from eventstore.record.chain import ChainBroken

IMPOSSIBLE: Final = "no command can have made an order of this name: it is in no read model"


async def wounds(url: str, *, timing: Timing | None = None) -> Mapping[StreamName, str]:
    """Why each such stream takes no commands. Raises StoreUnavailable."""
    connection = Connection(url, "check", timing or Timing())
    reader = PageReader(connection)
    try:
        suspects = {
            *await _streams(connection, requests.metadata_of_ours()),
            *await _streams(connection, requests.links_and_tombstones()),
        }
        found = {stream: await _wound(reader, stream) for stream in sorted(suspects)}
        impossible = await _streams(connection, requests.impossible())
        return {
            **{stream: why for stream, why in found.items() if why is not None},
            **{stream: IMPOSSIBLE for stream in sorted(impossible) if not can_be_kept(stream)},
        }
    finally:
        await connection.aclose()


async def _streams(connection: Connection, request: ReadReq) -> set[StreamName]:
    """Of orders, that the events belong to."""
    found: set[str] = set()
    try:
        _, calls = await connection.reads()
        pages = pages_of(calls, request, quiet_s=connection.timing.read_s)
        async with aclosing(pages):
            async for page in pages:
                found.update(event.stream.removeprefix("$$") for event in page)
    except ERRORS as error:
        raise connection.unavailable(error) from error
    return {StreamName(stream) for stream in found if stream.startswith(requests.PREFIX)}


async def _wound(reader: PageReader, stream: StreamName) -> str | None:
    try:
        async with aclosing(reader.read_stream(stream)) as pages:
            async for _page in pages:
                pass
    except (StreamDeleted, ChainBroken) as error:
        return str(error)
    return None
