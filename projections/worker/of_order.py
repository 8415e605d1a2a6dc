"""What the log has of one order, for a read model: its events, and what says which are missing."""

from collections.abc import Sequence
from uuid import UUID

from eventstore.port import EventReader, Position, Recorded, Revision, StreamDeleted
from eventstore.record.chain import ChainBroken
from eventstore.record.codec import stream_name
from projections.fold import Item, Undecoded
from projections.sources.log import decode_item
from projections.storage.errors import ReadModelError


class MissingEvents(ReadModelError):
    """The log does not have the next event of an order, though it has, or had, later ones."""


async def events_after(store: EventReader, order_id: str, revision: int | None) -> Sequence[Item]:
    """The order's events after a revision, and in front of a hole what says so."""
    after = None if revision is None else Revision(revision)
    due, found = next_revision(revision), list[Item]()
    try:
        async for page in store.read_stream(stream_name(order_id), after=after):
            for recorded in page:
                if recorded.revision > due:
                    return [*found, missing_event(order_id, due, recorded.position)]
                found.append(decode_item(recorded))
                due += 1
    except (StreamDeleted, ChainBroken) as error:
        found.append(missing_event(order_id, due, Position(0), error))
    return found


def missing_event(
    order_id: str, revision: int, position: Position, error: Exception | None = None
) -> Item:
    """In place of an event that the log does not have. position: of the order's next event."""
    stream, place = stream_name(order_id), Revision(revision)
    return Undecoded(
        order_id=order_id,
        revision=place,
        position=position,
        type="",
        recorded=Recorded(stream, place, position, UUID(int=0), "", b"", b""),
        error=error
        or MissingEvents(
            f"the log does not have {order_id} from revision {revision} on: run `daybook check`"
        ),
    )


def next_revision(revision: int | None) -> int:
    return 0 if revision is None else revision + 1
