"""What can go wrong, as exceptions.

Their messages say what the server's problem document says. They have none of the headers that were
sent, no password of the URL, and no text that is no problem document.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

Problem: TypeAlias = Mapping[str, Any]
"""A problem document of RFC 9457: `type`, `title`, `status`, `detail`, and members of its kind."""

_SHOWN_MAX = 500


class DaybookError(Exception):
    """Any failure. problem: what the server answered; None where it is no problem document.

    status: of the answer; None where there was none. retry_after_s: what the server asked for.
    """

    def __init__(
        self,
        message: str,
        *,
        problem: Problem | None = None,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message[:_SHOWN_MAX])
        self.problem = problem
        self.status = status
        self.retry_after_s = retry_after_s

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it can be pickled, whatever its subclass is made of."""
        return _rebuilt, (type(self), self.args, self.__dict__)

    @property
    def kind(self) -> str:
        """The kind of the problem, as /problems of the server lists them; "" without one."""
        return "" if self.problem is None else _kind(self.problem)


class Rejected(DaybookError):
    """The request was refused; sent again, it would be again. Its subclasses say why."""


class FieldError(NamedTuple):
    """field: dotted path of what is wrong. message: what would be right."""

    field: str
    message: str


class Malformed(Rejected):
    """The shape of the request is wrong (422). Nothing was stored."""

    @property
    def errors(self) -> Sequence[FieldError]:
        return [
            FieldError(str(each.get("field", "")), str(each.get("message", "")))
            for each in _list(self.problem, "errors")
            if isinstance(each, Mapping)
        ]


class OrderRefused(Rejected):
    """A rule refuses the command in the order's present state. Nothing was stored."""

    @property
    def rule(self) -> str:
        return "" if self.problem is None else str(self.problem.get("rule", ""))


class NotFound(Rejected):
    """There is no such order, shipment, payment, revision or route."""


class UnknownOrder(OrderRefused, NotFound):
    """There is no such order."""


class StaleRevision(Rejected):
    """The order is not at a revision that if_match asks for (412). Nothing was stored."""

    @property
    def revision(self) -> int | None:
        """Where the order is; None: there is no such order."""
        revision = None if self.problem is None else self.problem.get("revision")
        return revision if isinstance(revision, int) else None

    @property
    def events(self) -> Sequence[Mapping[str, Any]]:
        """The events since the revision that was asked for."""
        return [each for each in _list(self.problem, "events") if isinstance(each, Mapping)]


class KeyReused(Rejected):
    """The idempotency key was used for another command of the order (422)."""


class AmbiguousId(Rejected):
    """Several orders use this id: name one of them as order_id."""

    @property
    def orders(self) -> Sequence[str]:
        return [str(each) for each in _list(self.problem, "orders")]


class Unavailable(DaybookError):
    """The server cannot be reached, or cannot answer now. A command was not stored."""


class ServerFault(DaybookError):
    """Something went wrong in the server (500)."""

    @property
    def incident(self) -> str:
        """What the operator finds it by in the server's logs."""
        return "" if self.problem is None else str(self.problem.get("incident", ""))


class UnexpectedAnswer(DaybookError):
    """The answer is none of Daybook's: the URL may be wrong, or a proxy answered."""


class OutcomeUnknown(DaybookError):
    """It is not known whether the command was stored, after all tries.

    Send it again with the same idempotency_key: it is executed at most once. order_id: of the
    order, also where the server was to choose it. __cause__: the last failure.
    """

    def __init__(self, order_id: str, idempotency_key: str, failure: DaybookError) -> None:
        super().__init__(
            f"it is not known whether the command was stored ({failure}); send it again with the"
            f" idempotency key {idempotency_key}",
            problem=failure.problem,
            status=failure.status,
            retry_after_s=failure.retry_after_s,
        )
        self.order_id = order_id
        self.idempotency_key = idempotency_key


class Interrupted(DaybookError):
    """An answer in many parts was cut off, after `answered` of them. __cause__: the failure.

    Of lines that were submitted, the next ones may be stored; what has a command_id can be
    submitted again.
    """

    def __init__(self, answered: int, failure: DaybookError) -> None:
        super().__init__(
            f"{failure}, after {answered:,} answers",
            problem=failure.problem,
            status=failure.status,
            retry_after_s=failure.retry_after_s,
        )
        self.answered = answered


def _rebuilt(
    kind: type[DaybookError], args: tuple[Any, ...], members: Mapping[str, Any]
) -> DaybookError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(members)
    return error


def is_problem(document: Any) -> bool:
    """Whether it has the members that every problem of Daybook has."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("type"), str)
        and isinstance(document.get("title"), str)
        and type(document.get("status")) is int
    )


def error_of(problem: Problem, retry_after_s: float | None = None) -> DaybookError:
    """The exception for a problem document."""
    status: int = problem["status"]
    message = f"{problem['title']} ({_kind(problem)}, {status})"
    if detail := problem.get("detail"):
        message += f": {detail}"
    return _class_of(problem, status)(
        message, problem=problem, status=status, retry_after_s=retry_after_s
    )


_BY_KIND: Mapping[str, type[DaybookError]] = {
    "malformed": Malformed,
    "stale-revision": StaleRevision,
    "command-id-reused": KeyReused,
    "ambiguous-id": AmbiguousId,
}
_PASSING = frozenset({408, 429, 503})


def _class_of(problem: Problem, status: int) -> type[DaybookError]:
    if isinstance(problem.get("rule"), str):
        return UnknownOrder if problem["rule"] == "unknown-order" else OrderRefused
    if found := _BY_KIND.get(_kind(problem)):
        return found
    if status == 404:
        return NotFound
    if status in _PASSING:
        return Unavailable
    return ServerFault if status >= 500 else Rejected


def _kind(problem: Problem) -> str:
    return str(problem["type"]).rpartition("#")[2]


def _list(problem: Problem | None, name: str) -> Sequence[Any]:
    found = None if problem is None else problem.get(name)
    return found if isinstance(found, list) else ()
