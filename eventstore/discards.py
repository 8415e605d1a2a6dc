"""Events that read models step over: who decided it, when and why. Kept with the log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Discarded:
    """The event at a revision of an order, in the read model of that name.

    when: an ISO 8601 moment in UTC. event_id: "" where the log does not have the event.
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
        """Raises TypeError for a document that is none."""
        return cls(**document)


class Discards(Protocol):
    """Where they are kept, with the log, only ever added to. Both raise StoreError."""

    async def all(self) -> Sequence[Discarded]:
        """The oldest first."""
        ...

    async def add(self, discarded: Discarded) -> None:
        """It is durable when this returns."""
        ...

    async def aclose(self) -> None: ...


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
