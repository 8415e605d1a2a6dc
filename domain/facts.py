"""Facts and their events: which is recorded as which, what a fact is called, how one is retracted.

A fact and its event have the same fields; some may be left out of the fact.
"""

from dataclasses import fields
from typing import Any, Final, cast, get_args

from domain import commands as c
from domain import events as e
from domain.references import reference

EVENT_OF: Final[dict[type[c.Fact], type[e.FactEvent]]] = {
    c.AuthorizePayment: e.PaymentAuthorized,
    c.AdjustAuthorization: e.AuthorizationAdjusted,
    c.CapturePayment: e.PaymentCaptured,
    c.VoidPayment: e.PaymentVoided,
    c.ExpireAuthorization: e.AuthorizationExpired,
    c.FailPayment: e.PaymentFailed,
    c.RefundPayment: e.PaymentRefunded,
    c.FailRefund: e.RefundFailed,
    c.ChargeBackPayment: e.PaymentChargedBack,
    c.ReverseChargeback: e.ChargebackReversed,
    c.RecordFee: e.FeeRecorded,
    c.DeliverShipment: e.ShipmentDelivered,
    c.LoseShipment: e.ShipmentLost,
    c.ReturnShipmentToSender: e.ShipmentReturnedToSender,
    c.ReceiveReturn: e.ReturnReceived,
}
NAME_OF: Final[dict[type[e.Event], str]] = {
    event: c.COMMAND_NAMES[fact] for fact, event in EVENT_OF.items()
}
"""The name of the command that reports it."""
FIELDS: Final[dict[type[e.FactEvent], tuple[str, ...]]] = {
    event: tuple(field.name for field in fields(event)) for event in get_args(e.FactEvent)
}
_NAMED_BY: Final[dict[type[e.FactEvent], tuple[str, ...]]] = {
    event: tuple(name for name in event.identity if name not in {"report_id", "lines"})
    for event in EVENT_OF.values()
}
_CONTENT: Final = tuple(
    field.name for field in fields(e.FactRetracted) if field.name not in {"fact", "reason", "lines"}
)


def is_same_content(recorded: e.Event, event: e.Event) -> bool:
    if isinstance(recorded, e.RefundFailed) and isinstance(event, e.RefundFailed):
        return recorded.reason == event.reason  # of the refund, its identity says what is compared
    return recorded == event


def reference_of(event: e.FactEvent) -> str:
    """The fact's identity as text; its report_id and lines only if it has them."""
    kind = type(event)
    ids: list[str | None] = [getattr(event, name) for name in _NAMED_BY[kind]]
    if isinstance(event, e.RefundFailed) and (event.payment_id is None or event.payout_id is None):
        ids.insert(0, event.refund_id)
    lines = getattr(event, "lines", ()) if "lines" in event.identity else ()
    if lines:
        ids.append("+".join([f"{part.quantity}x{part.line}" for part in lines]))
    report_id = getattr(event, "report_id", None)
    if report_id is not None:
        ids.append(report_id)
    return reference(NAME_OF[kind], ids)


def retraction_of(event: e.RetractableEvent, reason: str) -> e.FactRetracted:
    """The event that takes back what another one did; it has that one's content."""
    content = {name: getattr(event, name, None) for name in _CONTENT}
    lines = event.lines if isinstance(event, e.ReturnReceived) else ()
    return e.FactRetracted(fact=NAME_OF[type(event)], reason=reason, lines=lines, **content)


def retracted_event(event: e.FactRetracted) -> e.RetractableEvent:
    """The event that was retracted; a reason in it is left out, as no fold depends on it."""
    kind = EVENT_OF[cast("type[c.Fact]", c.COMMANDS[event.fact])]
    content: dict[str, Any] = {
        name: "" if name == "reason" else getattr(event, name) for name in FIELDS[kind]
    }
    return cast("e.RetractableEvent", kind(**content))
