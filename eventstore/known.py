"""Events that somebody has seen in the log, and whether the log still has them.

A log that lost its end looks like a log that never had it. So what others know of it (a small file
beside it, the read models, the topic) is held against it before anything is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from eventstore.port import EventsLost, Recorded

SHOWN_MAX = 3
WHAT_TO_DO = (
    "the log has lost its end, is an older copy, or is another one. Restore the whole log, or set"
    " DAYBOOK_STORE right; where the events are lost for good, say so with"
    ' `daybook check --accept-loss --reason "..."`'
)


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An event that was in the log. by: who knows of it, in words. digest: see digest()."""

    by: str
    stream: str
    revision: int
    position: int
    digest: str

    @classmethod
    def of(cls, by: str, recorded: Recorded) -> "KnownEvent":
        return cls(
            by, recorded.stream, recorded.revision, recorded.position, digest(recorded.metadata)
        )

    def __str__(self) -> str:
        return f"{self.by} knows {self.stream} revision {self.revision} at position {self.position}"

    @property
    def event(self) -> tuple[str, int, str]:
        """The same for the same event, whoever knows of it and wherever it is in the log."""
        return self.stream, self.revision, self.digest


def digest(metadata: bytes) -> str:
    """Of an event's metadata: in it are the moment of writing, and the hash of all the rest."""
    return sha256(metadata).hexdigest()


def events_lost(lost: Sequence[KnownEvent]) -> EventsLost:
    """The error that says what is lost and what to do."""
    shown = "; ".join(map(str, lost[:SHOWN_MAX]))
    more = f" (and {len(lost) - SHOWN_MAX} more)" if len(lost) > SHOWN_MAX else ""
    return EventsLost(f"the log does not have what was in it: {shown}{more}: {WHAT_TO_DO}")
