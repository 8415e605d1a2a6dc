"""One remote call: who may make it, and how it ends when it is refused."""

import gc
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, TypeAlias

import grpc  # type: ignore[import-untyped]

from tests.esdb_stub import refusals
from tests.esdb_stub.faults import Ended

Context: TypeAlias = Any
"""grpc.aio.ServicerContext, which comes without types."""

ABORTS: dict[type[refusals.Refusal], tuple[grpc.StatusCode, str]] = {
    refusals.StreamDeleted: (grpc.StatusCode.FAILED_PRECONDITION, ""),
    refusals.DeleteRefused: (grpc.StatusCode.FAILED_PRECONDITION, ""),
    refusals.ReadFailed: (grpc.StatusCode.UNKNOWN, ""),
    refusals.HandlerThrew: (grpc.StatusCode.UNKNOWN, "Exception was thrown by handler."),
    refusals.MessageTooLarge: (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "Received message exceeds the maximum configured message size.",
    ),
    refusals.ConsumerTooSlow: (grpc.StatusCode.ABORTED, "Consumer too slow"),
    refusals.NeverAsked: (grpc.StatusCode.UNIMPLEMENTED, ""),
    # These were not asked of a real server; the texts follow what the client looks for in them.
    refusals.TimedOut: (grpc.StatusCode.DEADLINE_EXCEEDED, "Timeout"),
    refusals.AccessDenied: (grpc.StatusCode.PERMISSION_DENIED, "Access Denied"),
    refusals.Unauthenticated: (
        grpc.StatusCode.UNAUTHENTICATED,
        "Received http2 header with status: 401",
    ),
    refusals.Unavailable: (grpc.StatusCode.UNAVAILABLE, "Socket closed"),
    refusals.NotReady: (grpc.StatusCode.UNAVAILABLE, "Server Is Not Ready"),
    refusals.NotLeader: (grpc.StatusCode.NOT_FOUND, "Leader info available"),
}
"""Code and text of a call that is refused; where the text is empty the refusal has its own."""
COLLECTED_EVERY: Final = 25
"""grpcio keeps a refused call in a reference cycle, and the stream on its connection with it: with
100 of them the connection takes no more. So they are collected long before."""
_REFUSED: Final = count(1)


@dataclass(slots=True, kw_only=True)
class Door:
    """What a call has to bring to be let in. A test may set it at any time."""

    leader: tuple[str, int] | None = None
    """Another node's address: calls that ask for the leader are sent there."""
    credentials: str | None = None
    """user:password that every call has to bring; clients send them over TLS only."""

    def check(self, context: Context) -> None:
        """Raises NotLeader, Unauthenticated."""
        if self.leader is None and self.credentials is None:
            return
        brought = dict(context.invocation_metadata())
        if self.credentials is not None:
            basic = "Basic " + b64encode(self.credentials.encode()).decode()
            if brought.get("authorization") != basic:
                raise refusals.Unauthenticated
        if self.leader is not None and self.asks_for_leader(context):
            raise refusals.NotLeader(*self.leader)

    @staticmethod
    def asks_for_leader(context: Context) -> bool:
        return dict(context.invocation_metadata()).get("requires-leader") == "true"


@asynccontextmanager
async def answering(context: Context) -> AsyncIterator[None]:
    """Ends the call as a refusal in its body says; Ended ends it without an error."""
    try:
        yield
    except Ended:
        return
    except refusals.Refusal as refusal:
        if next(_REFUSED) % COLLECTED_EVERY == 0:
            gc.collect()
        code, text = ABORTS[type(refusal)]
        await context.abort(code, text or str(refusal), _trailing(refusal))


def _trailing(refusal: refusals.Refusal) -> tuple[tuple[str, str], ...]:
    if isinstance(refusal, refusals.NotLeader):
        return (
            ("exception", "not-leader"),
            ("leader-endpoint-host", refusal.host),
            ("leader-endpoint-port", str(refusal.port)),
        )
    return ()
