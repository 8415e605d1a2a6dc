"""One request and its answer, tried again where that helps."""

import json
from dataclasses import dataclass
from typing import Any

from daybook_client.errors import (
    DaybookError,
    KeyReused,
    Malformed,
    OrderRefused,
    OutcomeUnknown,
    ServerFault,
    StaleRevision,
    Unavailable,
    UnexpectedAnswer,
    error_of,
    is_problem,
)
from daybook_client.retrying import CHANCE, RETRYING, Chance, Retrying, Tries, retry_after
from daybook_client.wire import Close, Conversation, Head, Lost, Open, Pause, Read, Request

JSON = "application/json"
NDJSON = "application/x-ndjson"
PROBLEM = "application/problem+json"
AGAIN = frozenset({408, 429, 502, 503, 504})
DECIDED = (OrderRefused, Malformed, StaleRevision, KeyReused)
"""The command itself was refused. So no try before this one was stored: a command that is stored is
answered as the first time.
"""
UNKNOWN_KINDS = frozenset({"outcome-unknown", "timed-out", "internal-error"})


@dataclass(frozen=True, slots=True)
class Limits:
    """answer_bytes_max: of one answer, or of one event of a stream. answer_s: for a whole answer;
    it is looked at between two reads.
    """

    answer_bytes_max: int = 67_108_864
    answer_s: float = 60.0


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Naming:
    """How a command can be sent again: what it is known by, whoever chose it."""

    order_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Failure:
    """again: trying again may help. unknown: a command may have been stored."""

    error: DaybookError
    again: bool
    unknown: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """An answer that is one: its status, and members that its JSON object has."""

    statuses: frozenset[int] = frozenset({200})
    members: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """How requests are tried, and what of an answer is taken."""

    retrying: Retrying = RETRYING
    limits: Limits = LIMITS
    chance: Chance = CHANCE


def exchange(
    request: Request,
    policy: Policy,
    *,
    naming: Naming | None = None,
    wanted: Wanted,
) -> Conversation[dict[str, Any]]:
    """The answer's JSON object. naming: of a command.

    Raises DaybookError; OutcomeUnknown for a command of which no try was answered for certain.
    """
    tries = Tries(policy.retrying, policy.chance)
    unknown = False
    while True:
        found = yield from _attempt(request, policy, wanted)
        if not isinstance(found, Failure):
            return found
        unknown = unknown or found.unknown
        pause = tries.pause(found.error.retry_after_s) if found.again else None
        if pause is None:
            if naming is None or not unknown or isinstance(found.error, DECIDED):
                raise found.error
            raise OutcomeUnknown(naming.order_id, naming.key, found.error) from found.error
        yield Pause(pause)


def _attempt(
    request: Request, policy: Policy, wanted: Wanted
) -> Conversation[dict[str, Any] | Failure]:
    head = yield Open(request)
    if isinstance(head, Lost):
        return lost(head)
    body = yield from read_whole(policy)
    yield Close()
    if isinstance(body, Failure):
        return body
    if head.status not in wanted.statuses:
        return refused(head, body)
    document = _document(body) if media_type(head) == JSON else None
    if document is None or not wanted.members <= document.keys():
        return refused(head, body)
    return document


def read_whole(policy: Policy) -> Conversation[bytes | Failure]:
    """The whole body; a failure where it ends early, is too large or takes too long."""
    limits, now = policy.limits, policy.chance.now
    ends_at = now() + limits.answer_s
    body = bytearray()
    while True:
        chunk = yield Read()
        if isinstance(chunk, Lost):
            return lost(chunk)
        if not chunk:
            return bytes(body)
        body += chunk
        if len(body) > limits.answer_bytes_max:
            error = UnexpectedAnswer(f"the answer has over {limits.answer_bytes_max:,} bytes")
            return Failure(error, again=False, unknown=True)
        if now() > ends_at:
            return lost(Lost("the answer did not end in time", sent=True))


def opened(request: Request, policy: Policy, kind: str) -> Conversation[Failure | None]:
    """Open a stream of this media type; the failure where the answer is another one."""
    head = yield Open(request)
    if isinstance(head, Lost):
        return lost(head)
    if head.status == 200 and media_type(head) == kind:
        return None
    body = yield from read_whole(policy)
    if isinstance(body, Failure):
        return body
    return unexpected(head, body) if head.status == 200 else refused(head, body)


def lost(how: Lost) -> Failure:
    return Failure(Unavailable(how.reason), again=True, unknown=how.sent)


def refused(head: Head, body: bytes) -> Failure:
    """The failure that an answer other than the wanted one is."""
    document = _document(body) if media_type(head) == PROBLEM else None
    if document is None or not is_problem(document) or head.status < 400:
        return unexpected(head, body)
    after_s = retry_after(head.headers.get("retry-after"))
    error = error_of({**document, "status": head.status}, after_s)
    # A 503 that does not pass by itself has no Retry-After.
    again = head.status in AGAIN and (after_s is not None or head.status != 503)
    return Failure(error, again=again, unknown=error.kind in UNKNOWN_KINDS)


def unexpected(head: Head, body: bytes) -> Failure:
    """The failure that an answer is which Daybook does not give: probably a proxy's."""
    kind = media_type(head) or "no content type"
    shown = f"{head.status}, {kind[:80]}, {len(body):,} bytes"
    if head.status in AGAIN:
        after_s = retry_after(head.headers.get("retry-after"))
        error: DaybookError = Unavailable(
            f"a proxy answered: {shown}", status=head.status, retry_after_s=after_s
        )
        return Failure(error, again=True, unknown=True)
    if head.status >= 500:
        return Failure(ServerFault(shown, status=head.status), again=False, unknown=True)
    where = " (a redirect: use the address of the server itself)" if _is_redirect(head) else ""
    error = UnexpectedAnswer(f"this is no answer of Daybook: {shown}{where}", status=head.status)
    return Failure(error, again=False, unknown=head.status < 300)


def _is_redirect(head: Head) -> bool:
    return 300 <= head.status < 400 and "location" in head.headers


def media_type(head: Head) -> str:
    return head.headers.get("content-type", "").partition(";")[0].strip().lower()


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
