"""The money of an order: payments, refunds, what is due, and the postings that prove it."""

from typing import Any

from pydantic import TypeAdapter

from domain import events as e
from domain.facts import retracted_event
from domain.movements import reported_cents
from domain.persistent import with_entry, with_fields
from domain.postings import postings
from eventstore.record.codec import OrderEvent
from eventstore.record.moments import quarter_of
from projections.books import PARTS, ViewBooks, evolve_books, movement_keys
from projections.overflow import bounded, within
from projections.projection import Entries, Projection, copied_from
from projections.read_models.payment.gauges import open_anomalies
from projections.read_models.payment.rows import rows
from projections.read_models.payment.steps import posted, step_entries
from projections.read_models.payment.tables import POSTINGS, TABLES
from projections.read_models.payment.totals import CONTRIBUTIONS, OF_PAYMENTS, moved
from projections.read_models.payment.view import Noticed, PaymentView, Reported


def evolve(view: PaymentView, event: OrderEvent) -> tuple[PaymentView, Entries]:
    """Returns the same view for an event that changes neither money, goods nor anomalies."""
    body = event.event
    before, books = view.money, evolve_books(view, body)
    after = books.money
    if before is not None and not e.changes_money(body):
        return _without_entries(view, books, event), ()
    entries: Entries = ()
    if after is not before:
        bounded(after)
        for key in movement_keys(body):
            within(reported_cents(after.movement(key)), 0)
        entries = posted(postings(before, body, after), event, after.currency)
    changes = _changed_books(view, books)
    if before is None:
        changes["placed_quarter"] = quarter_of(event.metadata.occurred_at)
        changes["placed_recorded_quarter"] = quarter_of(event.metadata.recorded_at)
    changes |= _with_fact(view, books, body, event.metadata.occurred_at)
    now = with_fields(view, **changes) if changes else view
    entries = [*step_entries(body, event, before, after), *entries, *moved(view, now, event)]
    return now, entries or ()


def _without_entries(view: PaymentView, books: ViewBooks, event: OrderEvent) -> PaymentView:
    """After an event about goods, an anomaly or nothing of the books."""
    changes = _changed_books(view, books)
    if isinstance(event.event, e.AnomalyRecorded):
        changes["noticed"] = _noticed(view, event.event, event)
    return with_fields(view, **changes) if changes else view


def _changed_books(view: PaymentView, books: ViewBooks) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if books.money is not view.money:
        changes["money"] = books.money
    if books.goods is not view.goods:
        changes["goods"] = books.goods
    if books.anomalies is not view.anomalies:
        changes["anomalies"] = books.anomalies
    return changes


def _noticed(view: PaymentView, body: e.AnomalyRecorded, event: OrderEvent) -> Any:
    metadata = event.metadata
    noticed = Noticed(event.revision, metadata.occurred_at, metadata.recorded_at)
    number = 0 if view.anomalies is None else view.anomalies.count
    return with_entry(view.noticed, body.anomaly_id or str(number + 1), noticed)


def _with_fact(view: PaymentView, books: ViewBooks, body: Any, occurred_at: str) -> dict[str, Any]:
    """The changes of a fact about a payment, and of the retraction of one."""
    sign = 1
    if isinstance(body, e.FactRetracted):
        body, sign = retracted_event(body), -1
    payment_id = getattr(body, "payment_id", None)
    if payment_id is None or type(body) not in OF_PAYMENTS:
        return {}
    old = view.reported.get(payment_id)
    counts = sign if books.money is not view.money else 0
    if old is not None and not counts:
        return {}
    new = old or Reported(occurred_at)
    new = with_fields(new, facts=new.facts + counts)
    had = old is not None and old.facts > 0
    return {
        "reported": with_entry(view.reported, payment_id, new),
        "payments": view.payments + (new.facts > 0) - had,
    }


def _same_rows(before: PaymentView, after: PaymentView) -> bool:
    """True after an event about goods, as most are that change no money."""
    return (
        before.money is after.money
        and before.anomalies is after.anomalies
        and before.reported is after.reported
    )


PROJECTION = Projection(
    name="payment",
    version=7,
    tables=TABLES,
    view=TypeAdapter(PaymentView),
    initial=copied_from(PaymentView("")),
    evolve=evolve,
    rows=rows,
    same_rows=_same_rows,
    contributions=CONTRIBUTIONS,
    open_anomalies=open_anomalies,
    parts={**PARTS, "reported": "payment_id", "noticed": "anomaly_id"},
    sums={POSTINGS: ("amount_cents", "account")},
)
