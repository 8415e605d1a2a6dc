"""Random histories of appends, repeats and reads on stores, against a model of one list a stream.

What design section 6 puts outside the port is left out: an id that is in the stream is never
appended again at its head.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from eventstore.port import (
    NO_STREAM,
    Draft,
    EventStore,
    Expected,
    Position,
    Recorded,
    Revision,
    StreamName,
    WrongExpectedRevision,
)
from eventstore.record.codec import stream_name
from tests.ids import ids

T = TypeVar("T")

STEPS = 8
NAMES = ("a", "b")


class Refused(Exception):
    """current: the last revision; None: no stream."""

    def __init__(self, current: int | None) -> None:
        super().__init__(current)
        self.current = current


class Model:
    """What a log is: a list of drafts for each stream, and the order of all of them."""

    def __init__(self) -> None:
        self.streams: dict[StreamName, list[Draft]] = {}
        self.log: list[tuple[StreamName, int]] = []

    def append(self, stream: StreamName, drafts: Sequence[Draft], expected: int) -> int:
        """Revision of the last one. expected -1: no stream. Raises Refused."""
        stored = self.streams.get(stream, [])
        last = len(stored) - 1
        if expected == last:
            for draft in drafts:
                self.log.append((stream, len(stored)))
                stored.append(draft)
            self.streams[stream] = stored
            return len(stored) - 1
        same_place = stored[expected + 1 : expected + 1 + len(drafts)]
        if expected < last and [one.event_id for one in same_place] == [
            one.event_id for one in drafts
        ]:
            return expected + len(drafts)
        raise Refused(None if last == -1 else last)


class StoreMachine(RuleBasedStateMachine):
    """Does the same on all the stores, and compares each with the model."""

    stores: ClassVar[Mapping[str, EventStore]]
    loop: ClassVar[asyncio.AbstractEventLoop]

    @initialize(orders=st.tuples(ids(), ids()))
    def start(self, orders: tuple[str, str]) -> None:
        self.model = Model()
        self.names = {
            name: stream_name(f"{order_id}{uuid.uuid4()}")
            for name, order_id in zip(NAMES, orders, strict=True)
        }
        self.positions: dict[str, dict[tuple[StreamName, int], Position]] = {
            store: {} for store in self.stores
        }
        self.heads = {name: self.run(store.head()) for name, store in self.stores.items()}

    # Appending

    @rule(name=st.sampled_from(NAMES), count=st.integers(1, 3))
    def append_at_the_head(self, name: str, count: int) -> None:
        stream = self.names[name]
        self.append(stream, new_drafts(count), len(self.stored(name)) - 1)

    @rule(name=st.sampled_from(NAMES), off=st.sampled_from((-3, -2, -1, 1, 2)))
    def append_at_another_revision(self, name: str, off: int) -> None:
        expected = max(len(self.stored(name)) - 1 + off, -1)
        if expected != len(self.stored(name)) - 1:
            self.append(self.names[name], new_drafts(1), expected)

    @precondition(lambda self: any(self.model.streams.values()))
    @rule(
        name=st.sampled_from(NAMES),
        start=st.integers(0, 5),
        count=st.integers(1, 4),
        off=st.sampled_from((0, 0, 0, -1, 1)),
        change=st.sampled_from(("same", "same", "longer", "other", "turned", "gap", "content")),
    )
    def repeat(self, name: str, start: int, count: int, off: int, change: str) -> None:
        """A piece of the stream again: at its place or beside it, as it was or changed."""
        stored = self.stored(name)
        start = min(start, max(len(stored) - 1, 0))
        drafts = changed(stored[start : start + count], change)
        expected = max(start - 1 + off, -1)
        if drafts and expected != len(stored) - 1:
            self.append(self.names[name], drafts, expected)

    @rule(off=st.sampled_from((0, 0, -1)))
    def append_ids_of_the_other_stream(self, off: int) -> None:
        first, second = (self.names[name] for name in NAMES)
        stored = self.model.streams.get(second, [])
        known = {draft.event_id for draft in stored}
        drafts = [one for one in self.model.streams.get(first, []) if one.event_id not in known]
        if drafts:
            self.append(second, drafts[:2], max(len(stored) - 1 + off, -1))

    # Reading

    @rule(name=st.sampled_from(NAMES), after=st.integers(-1, 6))
    def read_after(self, name: str, after: int) -> None:
        stream = self.names[name]
        expected = self.stored(name)[after + 1 :]
        place = None if after == -1 else Revision(after)
        for store in self.stores.values():
            found = self.run(collect(store.read_stream(stream, after=place)))
            assert [as_draft(one) for one in found] == expected

    def teardown(self) -> None:
        for name, store in self.stores.items():
            log = self.run(collect(store.read_all(after=self.heads[name])))
            mine = [one for one in log if one.stream in self.names.values()]
            assert [(one.stream, one.revision) for one in mine] == self.model.log
            assert [as_draft(one) for one in mine] == [
                self.model.streams[stream][revision] for stream, revision in self.model.log
            ]
            known = self.positions[name]
            for one in mine:
                place = (one.stream, one.revision)
                assert known.setdefault(place, one.position) == one.position
            positions = [one.position for one in log]
            assert positions == sorted(set(positions))

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(call)

    def stored(self, name: str) -> list[Draft]:
        return self.model.streams.get(self.names[name], [])

    def append(self, stream: StreamName, drafts: Sequence[Draft], expected: int) -> None:
        wanted: int | Refused
        try:
            wanted = self.model.append(stream, drafts, expected)
        except Refused as refused:
            wanted = refused
        for name, store in self.stores.items():
            answer = self.run(answered(store, stream, drafts, expected))
            if isinstance(wanted, Refused) or isinstance(answer, WrongExpectedRevision):
                assert isinstance(answer, WrongExpectedRevision), (name, answer)
                assert isinstance(wanted, Refused), (name, answer)
                assert answer.current == wanted.current, name
            else:
                place = (stream, wanted)
                assert self.positions[name].setdefault(place, answer) == answer, name


def machine_on(
    stores: Mapping[str, EventStore], loop: asyncio.AbstractEventLoop
) -> type[StoreMachine]:
    """loop: of the stores; it runs for as long as each call takes."""
    return type("Machine", (StoreMachine,), {"stores": stores, "loop": loop})


def check(machine: type[RuleBasedStateMachine], *, sequences: int, shrink: bool = True) -> None:
    """Runs so many random sequences. Raises what the first divergence raises."""
    phases = (Phase.explicit, Phase.generate, *((Phase.shrink,) if shrink else ()))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=False,
            phases=phases,
        ),
    )


def new_drafts(count: int) -> list[Draft]:
    return [
        Draft(uuid.uuid4(), "NoteAdded", b'{"n":%d}' % n, b'{"actor":"machine"}')
        for n in range(count)
    ]


def changed(drafts: list[Draft], change: str) -> list[Draft]:
    match change:
        case "longer":
            return drafts + new_drafts(1)
        case "other":
            return drafts[:-1] + new_drafts(1)
        case "turned":
            return drafts[::-1]
        case "gap":
            return drafts[::2]
        case "content":
            return [Draft(one.event_id, "Other", b'{"other":1}', b"{}") for one in drafts]
        case _:
            return drafts


async def answered(
    store: EventStore, stream: StreamName, drafts: Sequence[Draft], expected: int
) -> Position | WrongExpectedRevision:
    at: Expected = NO_STREAM if expected == -1 else Revision(expected)
    try:
        return await store.append(stream, drafts, expected=at)
    except WrongExpectedRevision as refused:
        return refused


async def collect(pages: AsyncIterator[Sequence[Recorded]]) -> list[Recorded]:
    return [recorded async for page in pages for recorded in page]


def as_draft(recorded: Recorded) -> Draft:
    return Draft(recorded.event_id, recorded.type, recorded.data, recorded.metadata)
