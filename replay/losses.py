"""What the log has lost, as findings of `daybook check`; and the decision to accept it."""

from collections.abc import Iterator, Sequence

from eventstore.known import WHAT_TO_DO, KnownEvent
from eventstore.sqlite.database import LogDamaged
from eventstore.stores import head_file_event
from projections.evidence import MODEL, TOPIC, Compared, accept_loss, compare
from replay.check import Finding
from runtime.settings import Settings
from runtime.terminal import Exit, put, put_json, say

SHOWN_MAX = 20
HEAD_FILE = (
    "where nothing else is found, delete this file and run `daybook check` again, which then"
    " compares the log with the read models and the topic; the next start writes the file anew"
)
AFTERWARDS = (
    "What to do next: stop what still runs on this log, run `daybook replay --all` (the read models"
    " contain the lost events), and start again. With Kafka, delete the topic or set DAYBOOK_TOPIC"
    " to a new one before: the relay fills it from the log."
)


async def losses_of(settings: Settings, *, alone: bool) -> Compared:
    """As compare(); nothing for a damaged log, which `check` reports itself. Raises StoreError."""
    try:
        return await compare(settings, alone=alone)
    except LogDamaged:
        return Compared((), (), (), None)


def head_findings(settings: Settings) -> Sequence[Finding]:
    """A finding where the head file cannot be read; as long as it cannot, no writer
    opens the log.
    """
    try:
        head_file_event(settings.store_url)
    except LogDamaged as error:
        return [Finding(0, "", str(error), HEAD_FILE)]
    return ()


def loss_findings(compared: Compared) -> Iterator[Finding]:
    """A finding for each event that somebody knows and the log does not have."""
    for event in compared.lost:
        if event in compared.open:
            yield _finding(event, WHAT_TO_DO)
        elif event.by.startswith(MODEL):
            name = event.by.removeprefix(MODEL)
            yield _finding(event, f"the loss was accepted: run `daybook replay {name}`")
        elif event.by.startswith(TOPIC):
            advice = "delete the topic, or set DAYBOOK_TOPIC to a new one: the relay fills it"
            yield _finding(event, f"the loss was accepted: {advice}")


async def accept(settings: Settings, *, who: str, why: str, as_json: bool) -> Exit:
    """Record that the lost events are given up, by whom and why. Raises StoreError."""
    loss = await accept_loss(settings, who=who, why=why)
    if as_json:
        put_json(loss.document() if loss else None)
    elif loss is None:
        put("the log has every event that is known: there is no loss to accept")
    else:
        head = "empty" if loss.head is None else f"at position {loss.head}"
        put(f"recorded: {loss.who} accepts at {loss.when}, with the log {head}, that it lost")
        for event in loss.events[:SHOWN_MAX]:
            put(f"  {event.stream} revision {event.revision} at {event.position} ({event.by})")
        put(f"because: {loss.why}")
    if loss is not None:
        say(AFTERWARDS)
    return Exit.DONE


def _finding(event: KnownEvent, next_step: str) -> Finding:
    return Finding(event.position, event.stream, f"{event}, and the log does not", next_step)
