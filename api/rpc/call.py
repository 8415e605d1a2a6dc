"""A call, whatever carried it: its metadata, and how calls are described to a server."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf.message import Message

from api.commands.headers import (
    Sender,
    at_revisions,
    idempotency_key,
    precondition,
    sender_of,
)
from api.http.problems import Rejected, malformed
from eventstore.ledger.submission import Precondition

Metadata: TypeAlias = Mapping[bytes, bytes]
"""Names in lower case, each once. Of what a call may have once, only what is read here matters."""
READ: Final = frozenset(
    {
        "daybook-actor",
        "daybook-channel",
        "daybook-correlation-id",
        "daybook-causation-id",
        "traceparent",
        "idempotency-key",
        "if-match",
        "if-none-match",
    }
)
"""Names of the metadata that are read. Any other is for whoever is in between."""


@dataclass(slots=True)
class Call:
    """metadata: what of READ was sent. channel: the one where the metadata names none.

    identity: who it was found to be; None while nobody is asked.
    """

    metadata: Metadata
    channel: str
    identity: str | None = None

    @property
    def sender(self) -> Sender:
        """Raises Rejected."""
        return sender_of(self.metadata, self.channel)

    def precondition(self, expected: int | None) -> Precondition | None:
        """expected: the only revision that is right, if the message names one. Raises Rejected."""
        sent = precondition(self.metadata)
        if expected is None:
            return sent
        if sent is not None:
            raise malformed("expected_revision", "goes without the metadata if-match")
        return at_revisions((expected,), "expected_revision")

    def key(self, given: str | None, field: str) -> str | None:
        """The command's key, in its field or in the metadata. Raises Rejected where they differ."""
        sent = idempotency_key(self.metadata)
        if given is not None and sent is not None and given != sent:
            raise malformed(field, "is another one than in the metadata idempotency-key")
        return sent if given is None else given


def metadata_of(pairs: Any) -> Metadata:
    """pairs: names, and values as text or bytes. Raises Rejected for one that is sent twice."""
    found: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name in READ:
            key = name.encode()
            if key in found:
                raise Rejected("repeated-header", f"{name} may be sent once")
            found[key] = value if isinstance(value, bytes) else value.encode()
    return found


Unary: TypeAlias = Callable[[Any, Call], Awaitable[Message]]
Stream: TypeAlias = Callable[[Any, Call], AsyncGenerator[Message | None, None]]
"""One that is None: the stream has begun, and there is nothing to tell yet."""
Requests: TypeAlias = AsyncIterator[Message | Rejected]
Both: TypeAlias = Callable[[Requests, Call], AsyncGenerator[Message | None, None]]


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a service: exactly one of unary, stream and both is set."""

    service: str
    name: str
    request: type[Message]
    response: type[Message]
    unary: Unary | None = None
    stream: Stream | None = None
    both: Both | None = None
    reads: bool = False

    @property
    def path(self) -> str:
        return f"/{self.service}/{self.name}"
