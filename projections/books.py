"""The books of an order, as views keep them: its money, its goods, and the anomalies of both.

Whether an anomaly is open follows from the bounds, which look at money and goods. So a view that
has anomalies has all three.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, Protocol

from domain import events as e
from domain.anomalies import Anomalies, evolve_anomalies, place_anomalies
from domain.bounds import Folds
from domain.bounds_money import key_of
from domain.facts import retracted_event
from domain.fold_money import evolve_money
from domain.fold_payments import AUTHORIZATION, CAPTURE, CHARGEBACK, FEE, PAYOUT, VOID
from domain.goods import Goods, evolve_goods
from domain.money import Money
from domain.status import OrderStatus
from projections.parts import Keys

NO_STATUS: Final = OrderStatus({})
"""No bound looks at the status of an order, so a view without it has the same anomalies."""


class BooksView(Protocol):
    """A view that has books; they are None before OrderPlaced."""

    @property
    def money(self) -> Money | None: ...
    @property
    def goods(self) -> Goods | None: ...
    @property
    def anomalies(self) -> Anomalies | None: ...


class ViewBooks(NamedTuple):
    money: Money
    goods: Goods
    anomalies: Anomalies


class _Step(NamedTuple):
    """An event that was folded: the books before it, and after it."""

    event: e.Event
    money: Money | None
    goods: Goods | None
    anomalies: Anomalies | None
    after: ViewBooks


_STEPS_MAX: Final = 2_048
_steps: dict[int, _Step] = {}
"""The steps folded last, by id() of the event, which a step keeps alive. The order and the payment
model of one process fold the same events, and share the books: the second one finds them here."""


def evolve_books(view: BooksView, event: e.Event) -> ViewBooks:
    """The books after the event; the same objects where nothing changed."""
    step = _steps.get(id(event))
    if (
        step is not None
        and step.money is view.money
        and step.goods is view.goods
        and step.anomalies is view.anomalies
    ):
        return step.after
    after = _evolved(view, event)
    if len(_steps) >= _STEPS_MAX:
        _steps.clear()
    _steps[id(event)] = _Step(event, view.money, view.goods, view.anomalies, after)
    return after


def _evolved(view: BooksView, event: e.Event) -> ViewBooks:
    money, goods = evolve_money(view.money, event), evolve_goods(view.goods, event)
    if view.anomalies is None:
        return ViewBooks(money, goods, place_anomalies())
    anomalies = view.anomalies
    if anomalies.count or type(event) is e.AnomalyRecorded:
        anomalies = evolve_anomalies(anomalies, event, Folds(NO_STATUS, money, goods))
    return ViewBooks(money, goods, anomalies)


# The parts of long orders -------------------------------------------------------------------------

_THINGS: Final[Mapping[type[e.Event], tuple[str, tuple[str, ...]]]] = {
    **dict.fromkeys(
        (e.PaymentAuthorized, e.AuthorizationAdjusted, e.AuthorizationExpired),
        (AUTHORIZATION, ("payment_id", "authorization_id")),
    ),
    e.PaymentCaptured: (CAPTURE, ("payment_id", "capture_id")),
    e.PaymentVoided: (VOID, ("payment_id", "void_id")),
    **dict.fromkeys(
        (e.PaymentRefunded, e.RefundFailed, e.RefundAccepted),
        (PAYOUT, ("payment_id", "payout_id")),
    ),
    **dict.fromkeys(
        (e.PaymentChargedBack, e.ChargebackReversed),
        (CHARGEBACK, ("payment_id", "chargeback_id")),
    ),
    e.FeeRecorded: (FEE, ("fee_id",)),
}


def movement_keys(event: Any) -> tuple[str, ...]:
    """The movement that an event is about, by its key in Money.movements; none or one."""
    if isinstance(event, e.FactRetracted):
        event = retracted_event(event)
    thing = _THINGS.get(type(event))
    if thing is None:
        return ()
    kind, names = thing
    ids = [getattr(event, name) for name in names]
    return () if None in ids else (key_of(kind, tuple(ids)),)


def not_named(_event: Any) -> Iterable[str]:
    """Of a map whose keys no event has: its entries are loaded when a fold asks for them."""
    return ()


PARTS: Final[Mapping[str, Keys]] = {
    "money.payments": "payment_id",
    "money.refunds": "refund_id",
    "money.adjustments": "adjustment_id",
    "money.write_offs": "write_off_id",
    "money.movements": movement_keys,
    "goods.shipments": "shipment_id",
    "goods.returns": "return_id",
    "anomalies.recorded": "anomaly_id",
    "anomalies.watches": not_named,
}
"""Projection.parts, for the maps of books."""
