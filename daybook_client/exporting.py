"""The export of the log, event by event, to its end."""

from daybook_client.errors import Interrupted, Unavailable, UnexpectedAnswer
from daybook_client.exchange import (
    NDJSON,
    Failure,
    Policy,
    lost,
    opened,
)
from daybook_client.ndjson import BadLines, Lines
from daybook_client.retrying import Tries
from daybook_client.wire import Close, Conversation, Give, Lost, Pause, Read, Request


def export(request: Request, policy: Policy) -> Conversation[None]:
    """Give the record of each event.

    Raises DaybookError; Interrupted where the export was cut off after some records.
    """
    tries = Tries(policy.retrying, policy.chance)
    while True:
        records = _Records()
        failure = yield from _read(request, policy, records)
        yield Close()
        if failure is None:
            return
        if records.count:
            raise Interrupted(records.count, failure.error) from failure.error
        pause = tries.pause(failure.error.retry_after_s) if failure.again else None
        if pause is None:
            raise failure.error
        yield Pause(pause)


class _Records:
    """count: of the events so far. is_complete: the end came, with the same count."""

    def __init__(self) -> None:
        self.count = 0
        self.is_complete = False

    def take(self, record: dict[str, object]) -> bool:
        """Whether it is an event. Raises BadLines."""
        if record.get("record") == "event" and not self.is_complete:
            self.count += 1
            return True
        if record.get("record") != "end" or record.get("count") != self.count:
            raise BadLines("a record is neither an event nor the end of so many")
        self.is_complete = True
        return False


def _read(request: Request, policy: Policy, records: _Records) -> Conversation[Failure | None]:
    failure = yield from opened(request, policy, NDJSON)
    return failure or (yield from _read_records(records, policy))


def _read_records(records: _Records, policy: Policy) -> Conversation[Failure | None]:
    lines = Lines(policy.limits.answer_bytes_max)
    while True:
        chunk = yield Read()
        if isinstance(chunk, Lost):
            return lost(chunk)
        if not chunk:
            return None if records.is_complete else _cut_off()
        try:
            for record in lines.feed(chunk):
                if records.take(record):
                    yield Give(record)
        except BadLines as error:
            why = UnexpectedAnswer(f"this is no export of Daybook: {error}")
            return Failure(why, again=False, unknown=False)


def _cut_off() -> Failure:
    return Failure(Unavailable("the export was cut off"), again=True, unknown=False)
