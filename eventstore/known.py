"""Events known to have been in the log, by which a log that lost its end is recognised.

Without them it looks like a log that never had that end. So the events that others know of (a small
file beside the log, the read models, the topic) are looked up in it before anything is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from eventstore.port import EventsLost, Recorded

SHOWN_MAX = 3
WHAT_TO_DO = (
    "the log has lost its end, is an older copy, or is another log. Restore the whole log, or"
    " correct DAYBOOK_STORE; if the events are lost for good, accept that with"
    ' `daybook check --accept-loss --reason "..."`'
)


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An event that was in the log. by: who knows of it, for people. digest: see digest()."""

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
        """Equal for the same event, whoever knows of it and whatever its position."""
        return self.stream, self.revision, self.digest


def digest(metadata: bytes) -> str:
    """Identifies an event: its metadata has the time of writing and the hash of all the rest."""
    return sha256(metadata).hexdigest()


def events_lost(lost: Sequence[KnownEvent]) -> EventsLost:
    """The error: which events are lost, and what to do."""
    shown = "; ".join(map(str, lost[:SHOWN_MAX]))
    more = f" (and {len(lost) - SHOWN_MAX} more)" if len(lost) > SHOWN_MAX else ""
    return EventsLost(f"the log does not have what was in it: {shown}{more}: {WHAT_TO_DO}")
