"""The answer to a command: the same for a single route and for a bulk line."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from prometheus_client import Counter

from api.http.problems import Problem, of_error
from domain.commands import COMMAND_NAMES, PlaceOrder
from eventstore.ledger.submission import Answer, Submission
from eventstore.port import OutcomeUnknown
from runtime.telemetry import Telemetry

CREATED = 201
DONE = 200


class Result(NamedTuple):
    """An answer as status and JSON members. problem: None where the command was accepted."""

    status: int
    members: Mapping[str, Any]
    problem: Problem | None = None


class CommandSink(Protocol):
    """The ledger, or a wrapper around it."""

    async def submit(self, submission: Submission) -> Answer:
        """See Ledger.submit."""
        ...


class CommandHandler:
    """Submits commands to the ledger, turns every outcome into a Result, and counts them."""

    def __init__(self, ledger: CommandSink, telemetry: Telemetry) -> None:
        self._ledger = ledger
        self._telemetry = telemetry
        self._counters: dict[tuple[str, int], Counter] = {}

    async def result(self, submission: Submission) -> Result:
        """The result of a submission; an error of the ledger is a result too. Never raises."""
        name = COMMAND_NAMES[type(submission.command)]
        try:
            answer = await self._ledger.submit(submission)
        except Exception as error:  # noqa: BLE001 (each becomes a problem; unknown ones are logged)
            return self.failed(error, name, submission)
        status = status_of(answer, submission)
        self._count(name, status)
        return Result(status, members_of(answer))

    def failed(
        self, error: Exception, name: str = "none", submission: Submission | None = None
    ) -> Result:
        """The result of a command that failed before the ledger or in it. name: of the command."""
        result = failed(error, submission)
        self._count(name, result.status)
        if "rule" in result.members:
            self._telemetry.metrics.refusals.labels(result.members["rule"]).inc()
        return result

    def _count(self, name: str, status: int) -> None:
        counter = self._counters.get((name, status))
        if counter is None:
            counter = self._telemetry.metrics.commands.labels(name, str(status))
            self._counters[name, status] = counter
        counter.inc()


def failed(error: Exception, submission: Submission | None = None) -> Result:
    """Where the command may have been stored, the result has the ids that are needed to send it
    again: the sender may not have chosen them.
    """
    problem = of_error(error)
    if submission is not None and isinstance(error, OutcomeUnknown | TimeoutError):
        ids = {"order_id": submission.order_id, "command_id": submission.command_id}
        problem = replace(problem, members={**problem.members, **ids})
    return Result(problem.status, problem.members, problem)


def status_of(answer: Answer, submission: Submission) -> int:
    placed = bool(answer.events) and isinstance(submission.command, PlaceOrder)
    return CREATED if placed else DONE


def members_of(answer: Answer) -> dict[str, Any]:
    members = {
        "order_id": answer.order_id,
        "revision": answer.revision,
        "position": answer.position,
        "events": [
            {"event_id": event.event_id, "type": event.type, "revision": event.revision}
            for event in answer.events
        ],
        "replayed": answer.replayed,
    }
    if answer.credit_cents is not None:
        members["credit_cents"] = answer.credit_cents
    return members
