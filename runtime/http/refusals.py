"""Complete HTTP responses to what cannot be passed to the app as a request."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final


@dataclass(frozen=True, slots=True)
class Refusal:
    """kind: the last part of the problem's type. advice: what to do next."""

    kind: str
    status: int
    title: str
    advice: str
    retry_after_s: int | None = None

    def response(self) -> bytes:
        """Status line, headers and body; the connection is closed after it."""
        problem = {
            "type": f"/problems#{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.advice,
        }
        body = json.dumps(problem, separators=(",", ":")).encode()
        after_s = self.retry_after_s
        retry_after = "" if after_s is None else f"retry-after: {after_s}\r\n"
        head = (
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n"
            "content-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\n"
            "x-content-type-options: nosniff\r\n"
            f"{retry_after}"
            "connection: close\r\n\r\n"
        )
        return head.encode() + body


BAD_REQUEST: Final = Refusal(
    "bad-request",
    400,
    "This is not HTTP/1.1 as the server reads it",
    "Send it with an HTTP library; nothing was stored.",
)
HEAD_TOO_LARGE: Final = Refusal(
    "head-too-large",
    431,
    "The request's headers are too large",
    "Send at most 100 header fields and 64 KiB of address and headers.",
)
REQUEST_TIMEOUT: Final = Refusal(
    "request-timeout",
    408,
    "The request's headers did not arrive in time",
    "Send them within 10 seconds; nothing was stored.",
)
TOO_MANY_CONNECTIONS: Final = Refusal(
    "too-many-connections",
    503,
    "Too many connections are open",
    "Close connections that are not needed, or raise the limit of open files (ulimit -n).",
    1,
)
REFUSALS: Final = (BAD_REQUEST, HEAD_TOO_LARGE, REQUEST_TIMEOUT, TOO_MANY_CONNECTIONS)
