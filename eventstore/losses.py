"""Losses that a person has accepted: who, when, why, and which events are gone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from eventstore.known import KnownEvent


@dataclass(frozen=True, slots=True)
class AcceptedLoss:
    """when: an ISO 8601 moment in UTC. head: the log's last position then; None: it was empty."""

    who: str
    when: str
    why: str
    head: int | None
    events: tuple[KnownEvent, ...]

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "AcceptedLoss":
        """Raises ValueError, TypeError, KeyError for a document that is none."""
        events = tuple(KnownEvent(**event) for event in document["events"])
        fields = {name: document[name] for name in ("who", "when", "why", "head")}
        return cls(**fields, events=events)


class Losses(Protocol):
    """Where accepted losses are kept, with the log. Both raise StoreError."""

    async def accepted(self) -> Sequence[AcceptedLoss]: ...

    async def accept(self, loss: AcceptedLoss) -> None:
        """It is durable when this returns."""
        ...

    async def aclose(self) -> None: ...


def not_accepted(lost: Iterable[KnownEvent], accepted: Iterable[AcceptedLoss]) -> list[KnownEvent]:
    """Those of the lost events that nobody has accepted as lost."""
    gone = {event.event for loss in accepted for event in loss.events}
    return [event for event in lost if event.event not in gone]
