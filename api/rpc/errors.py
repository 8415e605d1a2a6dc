"""Errors as the status of a call: a canonical code, and google.rpc details.

Made from the same problems as the answers of HTTP; CODES is the one table, printed in
docs/reference.md.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from api.http.problems import KINDS, Problem, of_error
from api.proto.daybook.v1 import ledger_pb2 as pb
from domain.rules import RULES

DOMAIN: Final = "daybook"


class Code(IntEnum):
    """The canonical codes."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


CODES: Final[Mapping[int, Code]] = {
    400: Code.INVALID_ARGUMENT,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.NOT_FOUND,
    405: Code.UNIMPLEMENTED,
    408: Code.DEADLINE_EXCEEDED,
    409: Code.FAILED_PRECONDITION,
    412: Code.ABORTED,
    413: Code.RESOURCE_EXHAUSTED,
    414: Code.INVALID_ARGUMENT,
    415: Code.INVALID_ARGUMENT,
    421: Code.PERMISSION_DENIED,
    422: Code.INVALID_ARGUMENT,
    429: Code.RESOURCE_EXHAUSTED,
    431: Code.RESOURCE_EXHAUSTED,
    500: Code.INTERNAL,
    503: Code.UNAVAILABLE,
}
"""By the status that HTTP answers."""
OF_KIND: Final[Mapping[str, Code]] = {
    "command-id-reused": Code.ALREADY_EXISTS,
    "append-too-large": Code.INVALID_ARGUMENT,
    # Clients send again by themselves what is UNAVAILABLE, also without an idempotency key.
    "outcome-unknown": Code.UNKNOWN,
    "timed-out": Code.DEADLINE_EXCEEDED,
    "overloaded": Code.RESOURCE_EXHAUSTED,
    "storage-full": Code.RESOURCE_EXHAUSTED,
    "event-unreadable": Code.DATA_LOSS,
    "unsupported-media-type": Code.UNIMPLEMENTED,
    "unknown-command": Code.UNIMPLEMENTED,
    "unknown-route": Code.UNIMPLEMENTED,
}
"""The kinds of problem that have another code than their status."""
_LIMITS: Final = re.compile(r"[^a-z0-9_]+")


def code_of(kind: str, status: int) -> Code:
    """kind: of a problem, or the name of a rule."""
    return OF_KIND.get(kind) or CODES.get(status, Code.UNKNOWN)


def table() -> list[tuple[str, int, Code]]:
    """Every kind of problem and every rule: the status of HTTP, and the code."""
    known = {kind: about.status for kind, about in KINDS.items()}
    known |= {rule.name: rule.status for rule in RULES.values()}
    return [(kind, status, code_of(kind, status)) for kind, status in known.items()]


class Refused(Exception):
    """A call that was answered with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.members.get("title", ""))
        self.problem = problem


class Answered(Exception):
    """A call that is answered with a code, and is no problem of Daybook's."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Failure:
    """What a call that failed answers. reason: the rule, or the kind of problem."""

    code: Code
    reason: str
    message: str
    details: Sequence[Message]

    def status(self) -> Status:
        status = Status(code=self.code, message=self.message)
        for detail in self.details:
            status.details.add().Pack(detail)
        return status


def failure_of(error: Exception) -> Failure:
    """The answer to any error. An unknown one is logged, under the incident that is answered."""
    if isinstance(error, Answered):
        return Failure(error.code, "", str(error), ())
    problem = error.problem if isinstance(error, Refused) else of_error(error)
    return failure_in(problem)


def failure_in(problem: Problem) -> Failure:
    members, reason = problem.members, reason_of(problem)
    told: dict[str, str] = {
        name: str(members[name])
        for name in ("order_id", "command_id", "incident", "revision")
        if members.get(name) is not None
    }
    details: list[Message] = [ErrorInfo(reason=reason, domain=DOMAIN, metadata=told)]
    if errors := members.get("errors"):
        details.append(
            BadRequest(
                field_violations=[
                    BadRequest.FieldViolation(field=each["field"], description=each["message"])
                    for each in errors
                ]
            )
        )
    retry_s = retry_after_s(problem)
    if retry_s is not None:
        details.append(RetryInfo(retry_delay=Duration(seconds=retry_s)))
    return Failure(code_of(reason, problem.status), reason, _message(members), details)


def problem_message(problem: Problem) -> pb.Problem:
    """The problem of one command of a stream."""
    members, reason = problem.members, reason_of(problem)
    return pb.Problem(
        code=code_of(reason, problem.status),
        reason=reason,
        message=_message(members),
        violations=[
            pb.FieldViolation(field=each["field"], description=each["message"])
            for each in members.get("errors", ())
        ],
        retry_after_s=retry_after_s(problem),
        order_id=members.get("order_id", ""),
        command_id=members.get("command_id", ""),
    )


def reason_of(problem: Problem) -> str:
    return str(problem.members["type"]).removeprefix("/problems#")


def retry_after_s(problem: Problem) -> int | None:
    for name, value in problem.headers:
        if name == b"retry-after":
            return int(value)
    return None


def _message(members: Mapping[str, Any]) -> str:
    title, detail = members["title"], members.get("detail")
    return f"{title}: {detail}" if detail else title
