"""How far the reading of $all has got.

A subscription reports the events that it has considered, those of other programs included: its
checkpoints. Servers have sent some that were ahead of events still to come (KurrentDB #4970, at the
end of the log). So a checkpoint counts once another one has come without an event before it; and
none does any more after one that was wrong.
"""

from collections.abc import Sequence

from eventstore.eventstoredb.wire import Checkpoint, Told
from eventstore.port import Position, Recorded


class Progress:
    """after: the position of the last event that was read, last: that event where it is known."""

    def __init__(self, after: Position | None = None, last: Recorded | None = None) -> None:
        self.after = after
        self.last = last
        self._considered: Position | None = None
        self._checkpoint: Position | None = None
        self._is_trusted = True

    @property
    def begin(self) -> Position | None:
        """Where to go on reading; None: at the start."""
        return self.after if self._considered is None else self._considered

    @property
    def is_at_event(self) -> bool:
        """Whether there is an event of ours at `begin`, which a read then includes."""
        return self._considered is None and self.after is not None

    def start(self) -> None:
        """Another call begins."""
        self._checkpoint = None

    def forget_checkpoints(self) -> None:
        """For good: go on after the last event."""
        self._considered = self._checkpoint = None
        self._is_trusted = False

    def take(self, told: Told) -> None:
        """What a call has brought."""
        begin = 0
        for before, mark in told.marks:
            self.take_events(told.events[begin:before])
            begin = before
            if isinstance(mark, Checkpoint):
                self._take_checkpoint(mark.position)
        self.take_events(told.events[begin:] if begin else told.events)

    def take_events(self, events: Sequence[Recorded]) -> None:
        """In the order of the log."""
        if not events:
            return
        reported = self._checkpoint or self._considered
        if reported is not None and events[0].position <= reported:
            self._is_trusted = False
        self._considered = self._checkpoint = None
        self.last = events[-1]
        self.after = self.last.position

    def _take_checkpoint(self, position: Position) -> None:
        if not self._is_trusted or (self.after is not None and position <= self.after):
            return
        if self._checkpoint is None:
            self._checkpoint = position
        elif position > self._checkpoint:
            self._considered, self._checkpoint = self._checkpoint, position
