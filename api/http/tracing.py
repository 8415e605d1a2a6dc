"""The spans of requests and commands; used only where tracing is on.

A request's span is a child of the caller's. The traceparent header stops here: an append's span is
a child of the current span, unless a bulk line names its own parent. The events of an append name
its span, which so is the parent of the spans of relay and workers.
"""

from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.guards import UNLIMITED
from domain.commands import COMMAND_NAMES
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import Answer, Submission
from runtime.tracing import Tracing, failed, traceparent

if TYPE_CHECKING:
    from opentelemetry.trace import Span

SERVER_ERROR = 500


class TracedRequests:
    """A span for each request, except those for health and metrics."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        parents = [value for name, value in scope["headers"] if name == b"traceparent"]
        if len(parents) > 1:
            # The guards refuse it.
            await self._app(scope, receive, send)
            return
        parent = parents[0].decode("latin-1") if parents else ""
        about = {"http.request.method": scope["method"]}
        with self._tracing.span(scope["method"], parent, kind="server", attributes=about) as span:
            scope["headers"] = [
                header for header in scope["headers"] if header[0] != b"traceparent"
            ]
            await self._app(scope, receive, _Recorded(send, scope, span).send)


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
                    submission._replace(traceparent=traceparent(span))
                )
            except Exception as error:
                # Most errors are refusals, not failures: the status of the span stays unset.
                span.set_attribute("error.type", type(error).__name__)
                raise
            span.set_attribute("daybook.revision", answer.revision)
            span.set_attribute("daybook.events", 0 if answer.replayed else len(answer.events))
            span.set_attribute("daybook.replayed", answer.replayed)
            return answer


class _Recorded:
    """Records the answer in its span. transport: the guards abort an answer through it."""

    def __init__(self, send: Send, scope: Scope, span: "Span") -> None:
        self.transport = getattr(getattr(send, "__self__", None), "transport", None)
        self._send = send
        self._scope = scope
        self._span = span

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._record(message["status"])
        await self._send(message)

    def _record(self, status: int) -> None:
        span, scope = self._span, self._scope
        span.set_attribute("http.response.status_code", status)
        route = getattr(scope.get("route"), "path", None)
        if route is not None:
            span.set_attribute("http.route", route)
            span.update_name(f"{scope['method']} {route}")
        if status >= SERVER_ERROR:
            failed(span)
