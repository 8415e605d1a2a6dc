"""Appending exactly these drafts. The result is known, or an OutcomeUnknown."""

from collections.abc import Sequence

from eventstore.port import (
    Draft,
    EventStore,
    Expected,
    OutcomeUnknown,
    Position,
    StoreError,
    StreamName,
    WrongExpectedRevision,
)


async def append_or_resend(
    store: EventStore,
    stream: StreamName,
    drafts: Sequence[Draft],
    expected: Expected,
    *,
    resends_max: int,
) -> Position:
    """As append of the port; if the outcome is unknown, the same drafts are sent again.

    That is safe as their ids name their content: a store that has the ids there has these events.
    """
    unknown: OutcomeUnknown | None = None
    for _ in range(1 + resends_max):
        try:
            return await store.append(stream, drafts, expected=expected)
        except OutcomeUnknown as error:
            unknown = error
        except WrongExpectedRevision:
            # Another event has that place, so none of ours is stored or ever will be.
            raise
        except StoreError as error:
            if unknown is None:
                raise
            raise OutcomeUnknown(str(error)) from error
    raise unknown or OutcomeUnknown(stream)
