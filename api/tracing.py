"""The spans of the command side; used only where tracing is on.

A request's span is the child of the caller's. What is behind it reads the traceparent that the
request came with, so that header is made to name the request's span; an append's span in turn is
what the events name, and so the relay and the workers.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards import UNLIMITED
from domain.commands import COMMAND_NAMES
from eventstore.transact import Answer, Ledger, Submission
from runtime.tracing import Tracing, failed, traceparent

if TYPE_CHECKING:
    from opentelemetry.trace import Span

SERVER_ERROR = 500


class TracedRequests:
    """A span for each request, but those of whoever watches us."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        parent = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
        about = {"http.request.method": scope["method"]}
        with self._tracing.span(scope["method"], parent, kind="server", attributes=about) as span:

            async def seen(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _tell(span, scope, message["status"])
                await send(message)

            others = [header for header in scope["headers"] if header[0] != b"traceparent"]
            scope["headers"] = [*others, (b"traceparent", traceparent(span).encode())]
            await self._app(scope, receive, seen)


class TracedLedger:
    """A span for each command: read, fold, decide, append. Its events name that span."""

    def __init__(self, ledger: Ledger, tracing: Tracing) -> None:
        self._ledger = ledger
        self._tracing = tracing

    async def submit(self, submission: Submission) -> Answer:
        """As Ledger.submit."""
        command = COMMAND_NAMES[type(submission.command)]
        about = {
            "daybook.command": command,
            "daybook.command_id": submission.command_id,
            "daybook.order_id": submission.order_id,
        }
        with self._tracing.span(
            f"append {command}", submission.traceparent, attributes=about
        ) as span:
            try:
                answer = await self._ledger.submit(
                    replace(submission, traceparent=traceparent(span))
                )
            except Exception as error:
                # What it is answered is no fault of ours, most times: no span's status for it.
                span.set_attribute("error.type", type(error).__name__)
                raise
            span.set_attribute("daybook.revision", answer.revision)
            span.set_attribute("daybook.events", 0 if answer.replayed else len(answer.events))
            span.set_attribute("daybook.replayed", answer.replayed)
            return answer


def _tell(span: "Span", scope: Scope, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    route = getattr(scope.get("route"), "path", None)
    if route is not None:
        span.set_attribute("http.route", route)
        span.update_name(f"{scope['method']} {route}")
    if status >= SERVER_ERROR:
        failed(span)
