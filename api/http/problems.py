"""Every error of the API as RFC 9457 problem+json: a table of kinds, and a function from errors.

A problem never repeats what was sent and never reveals how Daybook is built. `type` points into
/problems, the page made from this table and domain.rules.RULES.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import uuid4

from pydantic_core import to_json
from sqlalchemy.exc import SQLAlchemyError

from api.documents import event_document
from domain.rules import OrderRefused
from domain.values import Malformed
from eventstore.ledger.submission import CommandIdReused, Contended, EventTooLarge, StaleRevision
from eventstore.port import (
    AppendTooLarge,
    EventsLost,
    OutcomeUnknown,
    StorageFull,
    StoreUnavailable,
    StreamDeleted,
)
from eventstore.record.chain import ChainBroken
from eventstore.record.codec import Undecodable, UpgradeNeeded
from projections.query.listing import AmbiguousId, BadCursor
from projections.storage.errors import ReadModelError
from runtime.http.refusals import REFUSALS

logger = logging.getLogger(__name__)

MEDIA_TYPE: Final = b"application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """title: what happened. advice: what to do next. retry_after_s: set where a retry may help."""

    status: int
    title: str
    advice: str
    retry_after_s: int | None = None


KINDS: Final[Mapping[str, Kind]] = {
    "malformed": Kind(
        422, "The request is malformed", "Correct the fields named in `errors`; nothing was stored."
    ),
    "no-such-revision": Kind(
        404,
        "The order has no such revision, or was not placed yet at that time",
        "Ask for a revision up to the one in `detail`, or for a later moment.",
    ),
    "unknown-position": Kind(
        409,
        "This log has no such position",
        "It is of another log, or of events that this one has lost: begin with `after=0` to get "
        "all events, or without a position to get new ones.",
    ),
    "no-such-shipment": Kind(
        404,
        "No order has a shipment of this id",
        "Check the id; the read model may lag for a moment, see /v1/projections.",
    ),
    "no-such-payment": Kind(
        404,
        "No order has a payment of this id",
        "Check the id; the read model may lag for a moment, see /v1/projections.",
    ),
    "repeated-header": Kind(
        400,
        "A header that may be sent once was sent several times",
        "Send the header named in `detail` once; nothing was stored.",
    ),
    "unknown-command": Kind(404, "There is no such command", "See /docs for the commands."),
    "unknown-route": Kind(404, "There is nothing at this address", "See /docs for the routes."),
    "address-too-long": Kind(
        414, "The address is too long", "Leave out what no route accepts; see /docs."
    ),
    "method-not-allowed": Kind(
        405, "The address does not accept this method", "Use one of those in the Allow header."
    ),
    "ambiguous-id": Kind(
        409, "Several orders use this id", "Choose one of `orders` with ?order_id=."
    ),
    "stream-was-deleted": Kind(
        409, "The order's stream was deleted in the log by hand", "Use another order_id."
    ),
    "stale-revision": Kind(
        412,
        "The order is not at a revision that If-Match or If-None-Match asks for",
        "See `revision`, where the order is (null: there is no such order), and `events`, those "
        "since; then send the command again with that revision.",
    ),
    "body-too-large": Kind(413, "The request is too large", "Send less at once; see `detail`."),
    "too-large": Kind(
        422,
        "An event of the command would have more bytes than an event may have",
        "Send fewer items or shorter texts; see `detail`. Nothing was stored.",
    ),
    "append-too-large": Kind(
        413,
        "The events of the command have more bytes than the log takes at once",
        "Send it in parts; nothing was stored.",
    ),
    "too-complex": Kind(
        422,
        "The GraphQL operation asks for too much at once",
        "Ask for less: fewer fields and aliases, a smaller `limit`, less depth; see `detail`. "
        "Nothing was stored.",
    ),
    "unsupported-media-type": Kind(
        415, "The body's content type is not accepted here", "Send the type named in `detail`."
    ),
    "foreign-host": Kind(
        421,
        "This server does not answer requests for that Host",
        "Use a loopback name, or add the name to DAYBOOK_ALLOWED_HOSTS.",
    ),
    "foreign-origin": Kind(
        403,
        "Web pages of other origins may not send requests",
        "Call from a program, or from the same host.",
    ),
    "command-id-reused": Kind(
        422,
        "This Idempotency-Key was used for another command of the order",
        "Use a new key for a new command; a retry has to repeat the same content.",
    ),
    "bad-cursor": Kind(
        422,
        "The cursor does not belong to this list",
        "Start without a cursor, and repeat the filters and the sort with each page.",
    ),
    "contended": Kind(
        503, "Too many other commands wrote to this order", "Send the same request again.", 1
    ),
    "outcome-unknown": Kind(
        503,
        "It is not known whether the command was stored",
        "Send it again, with `order_id` and with `command_id` as the Idempotency-Key: "
        "it is executed at most once.",
        1,
    ),
    "storage-full": Kind(
        503, "There is no room left for the log", "Make room; nothing was stored.", 30
    ),
    "log-lost-events": Kind(
        503,
        "The log has lost events",
        "Nothing is stored until the operator has decided; /healthz names what is lost.",
        60,
    ),
    "store-unavailable": Kind(503, "The log cannot be reached", "Try again; see /healthz.", 5),
    "read-model-behind": Kind(
        503,
        "The read model has not applied that revision yet",
        "Ask again, or without min_revision.",
        1,
    ),
    "order-parked": Kind(
        503,
        "The read model has parked the order: one of its events cannot be applied",
        "Asking again does not help: notify the operator, who can run `daybook parked list`. "
        "`min_revision=0` answers what was applied before; /v1/orders/{order_id} reads the log.",
    ),
    "read-model-unavailable": Kind(
        503, "The read model cannot be read now", "Try again; see /v1/projections.", 2
    ),
    "overloaded": Kind(503, "Too many requests are in progress", "Try again a little later.", 1),
    "timed-out": Kind(
        503,
        "The request took too long",
        "Send it again with the same Idempotency-Key: it is executed at most once.",
        1,
    ),
    "stopping": Kind(
        503, "The server stops", "Connect again, and continue after the last position.", 1
    ),
    "event-unreadable": Kind(
        409,
        "An event of the order is damaged or missing in the log",
        "Nothing was stored; other orders take commands. An operator has to run `daybook check`.",
    ),
    "upgrade-needed": Kind(
        503, "A newer Daybook wrote an event of the order", "Run that version here as well.", 60
    ),
    **{r.kind: Kind(r.status, r.title, r.advice, r.retry_after_s) for r in REFUSALS},
    "internal-error": Kind(
        500,
        "Something went wrong in the server",
        "Report the `incident` to the operator; it is in the logs.",
    ),
}


class Rejected(Exception):
    """An error of the API itself. kind: a key of KINDS. members: further members of the problem."""

    def __init__(self, kind: str, detail: str, **members: Any) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail
        self.members = members


def malformed(field_: str, message: str) -> Rejected:
    """A field is invalid, or with `""` the whole. message: what is valid; never the input."""
    errors = [{"field": field_, "message": message}]
    detail = f"{field_}: {message}" if field_ else message
    return Rejected("malformed", detail, errors=errors)


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer to an error: its status, the members of its JSON object, and its headers."""

    status: int
    members: Mapping[str, Any]
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def body(self) -> bytes:
        return to_json(self.members)


def of_kind(kind: str, detail: str, **members: Any) -> Problem:
    about = KINDS[kind]
    head = {"type": f"/problems#{kind}", "title": about.title, "status": about.status}
    after_s = about.retry_after_s
    headers = ((b"retry-after", b"%d" % after_s),) if after_s else ()
    return Problem(about.status, {**head, "detail": detail, **members}, headers)


def of_error(error: Exception) -> Problem:
    """The answer to any error. An unknown one is logged under the incident that is answered."""
    if isinstance(error, Rejected):
        return of_kind(error.kind, error.detail, **error.members)
    if isinstance(error, OrderRefused):
        return _of_rule(error)
    if isinstance(error, StaleRevision):
        return _of_stale(error)
    for kind, known, members in _KNOWN:
        if isinstance(error, known):
            return of_kind(kind, KINDS[kind].advice, **members(error))
    incident = str(uuid4())
    logger.error("incident %s", incident, exc_info=error)
    return of_kind("internal-error", KINDS["internal-error"].advice, incident=incident)


def _of_rule(error: OrderRefused) -> Problem:
    rule = error.rule
    members = {
        "type": f"/problems#{rule.name}",
        "title": rule.name.replace("-", " ").capitalize(),
        "status": rule.status,
        "detail": f"{rule.sentence} ({error.detail})" if error.detail else rule.sentence,
        "rule": rule.name,
    }
    return Problem(rule.status, members)


def _of_stale(error: StaleRevision) -> Problem:
    events = [event_document(event) for event in error.events]
    advice = KINDS["stale-revision"].advice
    problem = of_kind("stale-revision", advice, revision=error.current, events=events)
    if error.current is None:
        return problem
    return replace(problem, headers=((b"etag", b'"%d"' % error.current),))


def _fields(error: Any) -> dict[str, Any]:
    return {"errors": [{"field": error.field, "message": error.message}]}


def _nothing(_: Any) -> dict[str, Any]:
    return {}


_KNOWN: Final[tuple[tuple[str, type[Exception], Callable[[Any], dict[str, Any]]], ...]] = (
    ("malformed", Malformed, _fields),
    ("command-id-reused", CommandIdReused, _nothing),
    ("contended", Contended, _nothing),
    ("bad-cursor", BadCursor, _nothing),
    ("ambiguous-id", AmbiguousId, lambda error: {"orders": list(error.orders)}),
    ("outcome-unknown", OutcomeUnknown, _nothing),
    ("too-large", EventTooLarge, _nothing),
    ("append-too-large", AppendTooLarge, _nothing),
    ("storage-full", StorageFull, _nothing),
    ("log-lost-events", EventsLost, _nothing),
    ("store-unavailable", StoreUnavailable, _nothing),
    ("stream-was-deleted", StreamDeleted, _nothing),
    ("event-unreadable", Undecodable, _nothing),
    ("event-unreadable", ChainBroken, _nothing),
    ("read-model-unavailable", ReadModelError, _nothing),
    ("read-model-unavailable", SQLAlchemyError, _nothing),
    ("upgrade-needed", UpgradeNeeded, _nothing),
    ("timed-out", TimeoutError, _nothing),
)

EXPECTED: Final = (Rejected, OrderRefused, StaleRevision, *(known for _, known, _ in _KNOWN))
"""Every error that has its own kind."""
