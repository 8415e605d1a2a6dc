"""Decisions of people about a log, kept with it: events to skip, and losses that are accepted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from eventstore.known import KnownEvent


@dataclass(frozen=True, slots=True)
class Discarded:
    """An event that a read model skips: the one at a revision of an order.

    model: name of the read model. when: an ISO 8601 time in UTC. event_id: "" if the log does not
    have the event.
    """

    model: str
    order_id: str
    revision: int
    event_id: str
    who: str
    when: str
    why: str

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Discarded":
        """Raises TypeError for a document of another shape."""
        return cls(**document)


@dataclass(frozen=True, slots=True)
class AcceptedLoss:
    """Events that are gone, and who accepted it.

    when: an ISO 8601 time in UTC. head: the log's last position then; None: it was empty.
    """

    who: str
    when: str
    why: str
    head: int | None
    events: tuple[KnownEvent, ...]

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "AcceptedLoss":
        """Raises ValueError, TypeError, KeyError for a document of another shape."""
        events = tuple(KnownEvent(**event) for event in document["events"])
        fields = {name: document[name] for name in ("who", "when", "why", "head")}
        return cls(**fields, events=events)


class Decision(Protocol):
    def document(self) -> dict[str, Any]:
        """As it is stored, in JSON."""
        ...


D = TypeVar("D", bound=Decision)


@dataclass(frozen=True, slots=True)
class Kind(Generic[D]):
    """A kind of decision, as the stores keep it.

    name: of the file beside the log and of the stream. event_type: in the stream. content: for
    errors. parse: raises ValueError, TypeError, KeyError.
    """

    name: str
    event_type: str
    content: str
    parse: Callable[[Mapping[str, Any]], D]


DISCARDS: Final = Kind("discards", "EventDiscarded", "which events were discarded", Discarded.of)
LOSSES: Final = Kind("losses", "LossAccepted", "which losses were accepted", AcceptedLoss.of)


class Decisions(Protocol[D]):
    """The decisions of one kind about one log. They are never changed or removed."""

    async def all(self) -> Sequence[D]:
        """The oldest first. Raises StoreError."""
        ...

    async def add(self, decision: D) -> None:
        """Durable when this returns. Raises StoreError.

        WrongExpectedRevision if somebody else added one at the same time: ask again.
        """
        ...

    async def aclose(self) -> None: ...


def not_accepted(lost: Iterable[KnownEvent], accepted: Iterable[AcceptedLoss]) -> list[KnownEvent]:
    """Those of the lost events that nobody has accepted as lost."""
    gone = {event.event for loss in accepted for event in loss.events}
    return [event for event in lost if event.event not in gone]


def rows_of(discards: Iterable[Discarded], model: str) -> list[dict[str, Any]]:
    """Those of a read model as rows of its table of discards, one for each event."""
    rows = {
        (one.order_id, one.revision): {
            "order_id": one.order_id,
            "revision": one.revision,
            "who": one.who,
            "why": one.why,
        }
        for one in discards
        if one.model == model
    }
    return list(rows.values())
