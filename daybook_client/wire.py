"""What a conversation with the server asks for, and what comes of it.

A conversation is a generator: it decides what to send, when to wait and when to stop, and does no
I/O. `daybook_client.driving` performs its steps, blocking or in asyncio, so that every rule is
written once and can be tested without a server or a clock.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """path: with the query, percent-encoded. timeout_s: for connecting, and for each read."""

    method: str
    path: str
    headers: Mapping[str, bytes] = field(repr=False)  # Authorization may be among them
    content: bytes = field(default=b"", repr=False)
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Open:
    """Send a request. Comes to a Head, or to Lost."""

    request: Request


@dataclass(frozen=True, slots=True)
class Read:
    """The next bytes of the body: b"" at its end. Comes to bytes, or to Lost."""


@dataclass(frozen=True, slots=True)
class Close:
    """Done with the answer, whether it was read to its end or not."""


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Take:
    """The next line that the caller wants to submit; None at the end."""


@dataclass(frozen=True, slots=True)
class Give(Generic[T]):
    """A value for the caller, who iterates."""

    value: T


@dataclass(frozen=True, slots=True)
class Head:
    """headers: names in lower case."""

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no answer, or no more of it. sent: the request may have reached the server."""

    reason: str
    sent: bool


Step: TypeAlias = Open | Read | Close | Pause | Take | Give[Any]
Conversation: TypeAlias = Generator[Step, Any, T]
