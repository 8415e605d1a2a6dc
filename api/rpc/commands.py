"""Commands that calls bring: into the ledger by the same ways as those of HTTP."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime
from typing import Final

from api.commands.bulk import Line, LineResult, submit_lines
from api.commands.dry_run import dry_run
from api.commands.handler import CommandHandler, Result
from api.commands.headers import refuse_headers_of_one_command
from api.commands.parse import from_line
from api.commands.routes import LARGE_BODY_BYTES
from api.http.limits import ConcurrencyLimit, RequestDeadlines
from api.http.problems import Rejected
from api.http.sharing import Places, Sharing, Turns
from api.http.tracing import TracedLedger
from api.proto.daybook.v1 import ledger_pb2 as pb
from api.rpc.call import Call, Requests
from api.rpc.content import line_of
from api.rpc.documents import executed
from api.rpc.errors import Refused, problem_message
from api.services import Services
from eventstore.ledger.submission import Submission

KEY: Final = "command_id"


class Commands:
    """Executes commands, one or many."""

    def __init__(self, services: Services) -> None:
        telemetry, self._limits = services.telemetry, services.limits
        tracing, self._ledger = telemetry.tracing, services.ledger
        ledger = self._ledger if tracing is None else TracedLedger(self._ledger, tracing)
        self._handler = CommandHandler(ledger, telemetry)
        self._clock: Callable[[], datetime] = services.clock
        self._limit = ConcurrencyLimit(self._limits.commands_max, "commands")
        self._streams = ConcurrencyLimit(self._limits.bulk_streams_max, "bulk streams")
        # Less than any other limit, so that the answer can say how to send the command again.
        self._deadlines = RequestDeadlines(0.8 * self._limits.request_s)
        self._sharing: Sharing | None = None

    async def execute(self, request: pb.ExecuteRequest, call: Call) -> pb.ExecuteResponse:
        """Raises Refused, Rejected."""
        expected = request.expected_revision if request.HasField("expected_revision") else None
        command = request.command
        given = command.command_id if command.HasField(KEY) else None
        result = await self.result(
            line_of(command),
            call,
            key=call.key(given, KEY),
            expected=expected,
            is_dry=request.dry_run,
        )
        return executed(result.members)

    async def result(
        self,
        line: bytes,
        call: Call,
        *,
        key: str | None,
        expected: int | None = None,
        is_dry: bool = False,
    ) -> Result:
        """The result of one line that was accepted. Raises Refused, Rejected."""
        try:
            required = call.precondition(expected)
            submission = await self._submission(line, call, key)
        except Exception as error:  # noqa: BLE001 (each becomes a problem; unknown ones are logged)
            return _accepted(self._handler.failed(error))
        submission = submission._replace(precondition=required)
        try:
            with self._limit:
                return _accepted(
                    await self._deadlines.wait_for(lambda: self._perform(submission, is_dry=is_dry))
                )
        except (Rejected, TimeoutError) as error:
            return _accepted(self._handler.failed(error, submission=submission))

    async def execute_stream(
        self, requests: Requests, call: Call
    ) -> AsyncGenerator[pb.ExecuteStreamResponse, None]:
        """An answer for each command, in their order. Raises Rejected."""
        refuse_headers_of_one_command(call.metadata)
        sender = call.sender
        with self._streams:
            results = submit_lines(
                _lines(requests),
                handler=self._handler,
                sender=sender,
                clock=self._clock,
                window=self._limits.bulk_window,
                line_max_bytes=self._limits.line_max_bytes,
                sharing=self._shared(),
            )
            async with aclosing(results):
                async for ready in results:
                    yield pb.ExecuteStreamResponse(results=map(_answer, ready))

    async def _submission(self, line: bytes, call: Call, key: str | None) -> Submission:
        if len(line) <= LARGE_BODY_BYTES:
            return self._parsed(line, call, key)
        turn = self._shared().turns.new()
        await turn.go_on()
        with turn:
            return self._parsed(line, call, key)

    def _parsed(self, line: bytes, call: Call, key: str | None) -> Submission:
        return from_line(line, sender=call.sender, now=self._clock(), key=key)

    async def _perform(self, submission: Submission, *, is_dry: bool) -> Result:
        if is_dry:
            return await dry_run(self._ledger, submission)
        return await self._handler.result(submission)

    def _shared(self) -> Sharing:
        if self._sharing is None:
            self._sharing = Sharing(Places(self._limits.bulk_window), Turns())
        return self._sharing


def _accepted(result: Result) -> Result:
    """Raises Refused."""
    if result.problem is not None:
        raise Refused(result.problem)
    return result


async def _lines(requests: Requests) -> AsyncIterator[Line]:
    async for request in requests:
        if isinstance(request, Rejected):
            yield request
            continue
        assert isinstance(request, pb.ExecuteStreamRequest)
        for command in request.commands:
            try:
                line: Line = line_of(command)
            except Rejected as error:
                line = error
            yield line


def _answer(line: LineResult) -> pb.CommandResult:
    problem = line.result.problem
    if problem is None:
        return pb.CommandResult(number=line.line, done=executed(line.result.members))
    return pb.CommandResult(number=line.line, problem=problem_message(problem))
