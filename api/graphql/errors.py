"""Errors in the form of GraphQL: each has the problem that REST answers in its `extensions`.

`extensions.code` is the kind of problem or the rule; `extensions.problem` the whole document. What
GraphQL itself finds wrong with an operation is the problem `malformed`.
"""

from typing import Any, Final

from graphql import GraphQLError

from api.http.problems import Problem, Rejected, malformed, of_error

MESSAGE_MAX: Final = 500
"""Most characters of a message of GraphQL's own, which may repeat what was sent."""


class Refused(Exception):
    """A command that was refused, or failed. problem: what REST answers."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.members["title"])
        self.problem = problem


def formatted(error: GraphQLError) -> dict[str, Any]:
    """The error as an entry of `errors`."""
    problem = problem_of(error)
    own = _cause(error) is None
    shown: dict[str, Any] = {
        "message": error.message[:MESSAGE_MAX] if own else problem.members["detail"],
        "extensions": {"code": code_of(problem), "problem": problem.members},
    }
    if error.locations:
        shown["locations"] = [place.formatted for place in error.locations]
    if error.path:
        shown["path"] = error.path
    return shown


def problem_of(error: GraphQLError) -> Problem:
    cause = _cause(error)
    if isinstance(cause, Refused):
        return cause.problem
    if cause is not None:
        return of_error(cause)
    return of_error(malformed("", "the operation is not valid for this schema: see `message`"))


def _cause(error: GraphQLError) -> Exception | None:
    """What a resolver raised; None for an error that GraphQL found itself."""
    cause = error.original_error
    return None if isinstance(cause, GraphQLError) else cause


def code_of(problem: Problem) -> str:
    return str(problem.members["type"]).removeprefix("/problems#")


def of_exception(error: Exception) -> GraphQLError:
    """What stopped an operation before it was executed."""
    if isinstance(error, GraphQLError):
        return error
    return GraphQLError(str(error), original_error=error)


def too_complex(detail: str) -> Rejected:
    return Rejected("too-complex", detail)
