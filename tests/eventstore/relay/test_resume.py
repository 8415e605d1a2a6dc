"""Whichever events were acknowledged in whatever order when a relay was killed, none is ever
skipped.

The deciding parts of the relay (the outbox and the resume rule) run against a model of a topic,
with all possible events drawn at random. Rules that look plausible but are wrong are caught.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from eventstore.port import Position, Recorded, Revision
from eventstore.record.codec import order_id_of, stream_name
from eventstore.relay.bus import BEFORE_FIRST, PartitionEnds, Published
from eventstore.relay.outbox import Outbox
from eventstore.relay.resume import Resume, least_epoch, merge_end, resume

Partitions = Sequence[Sequence[Published]]
Rule = Callable[[Partitions], Resume]
Lift = Callable[..., int]
EXAMPLES = 200


def ends_of(partitions: Partitions) -> PartitionEnds:
    return [reduce(merge_end, records, None) for records in partitions]


def ours(partitions: Partitions) -> Resume:
    return resume(ends_of(partitions))


def test_an_end_covers_all_records_of_its_epoch_in_any_order() -> None:
    early, late = log_of(orders=2, events=1)
    records = [Published(early, 3, 2), Published(late, 3, 1), Published(late, 2, 9)]

    assert {reduce(merge_end, some, None) for some in permutations(records)} == {
        Published(late, 3, 2)
    }


def log_of(orders: int, events: int) -> list[Recorded]:
    """The orders' events in turns, at positions 1, 2, 3."""
    turns = [(revision, order) for revision in range(events) for order in range(orders)]
    return [
        Recorded(
            stream_name(f"o{order}"), Revision(revision), Position(at), UUID(int=at), "E", b"", b""
        )
        for at, (revision, order) in enumerate(turns, 1)
    ]


@dataclass
class Running:
    """A session of a relay, and its batches under way by partition."""

    epoch: int
    outbox: Outbox
    partitions: int
    unread: list[Recorded]
    on_the_way: dict[int, list[Published]] = field(default_factory=dict)
    arrived: set[int] = field(default_factory=set)
    goes_on: bool = True

    @classmethod
    def start(cls, log: Sequence[Recorded], found: Resume, epoch: int) -> "Running":
        count = len(found.acknowledged)

        def partition_of(order_id: str) -> int:
            return int(order_id[1:]) % count

        outbox = Outbox(count, partition_of, after=found.after, acknowledged=found.acknowledged)
        after = found.after or 0
        return cls(epoch, outbox, count, [event for event in log if event.position > after])

    def read(self, count: int) -> None:
        page, self.unread = self.unread[:count], self.unread[count:]
        if page:
            self.outbox.put(page)

    def send(self, partition: int, count: int) -> None:
        if partition in self.on_the_way or partition >= self.partitions:
            return
        events = self.outbox.take(partition, count_max=count, bytes_max=10**6)
        through = self.outbox.published_through
        if events:
            self.on_the_way[partition] = [Published(e, self.epoch, through) for e in events]

    def arrive(self, topic: list[list[Published]], partition: int) -> None:
        if partition in self.on_the_way and partition not in self.arrived:
            topic[partition] += self.on_the_way[partition]
            self.arrived.add(partition)

    def acknowledge(self, partition: int) -> None:
        if partition in self.arrived:
            self.outbox.acknowledge(partition)
            self.arrived.discard(partition)
            del self.on_the_way[partition]

    def finish(self, topic: list[list[Published]]) -> None:
        self.read(len(self.unread))
        for partition in range(self.partitions):
            while True:
                self.send(partition, 100)
                if partition not in self.on_the_way:
                    break
                self.arrive(topic, partition)
                self.acknowledge(partition)


@dataclass
class World:
    """A log, the topic it is published to, and sessions that have ended and may not know it.

    lift: the epoch of a session. grows: partitions are added. hides: a relay may not find some
    partitions, as if they could not be read.
    """

    data: st.DataObject
    log: Sequence[Recorded]
    topic: list[list[Published]]
    rule: Rule
    lift: Lift
    grows: bool
    hides: bool
    late: list[Running] = field(default_factory=list)

    def live(self) -> None:
        """Relays one after the other, each abandoned at any point: killed, so that batches under
        way may arrive much later, or thought dead and continuing beside the next one.
        """
        epoch = 0
        for _ in range(self.data.draw(st.integers(1, 4), label="relays")):
            epoch = self._relay(epoch + 1)
        self._start(epoch + 1, None).finish(self.topic)

    def _relay(self, epoch: int) -> int:
        """One session after the other; a failed one sends nothing more."""
        before: int | None = None
        for _ in range(self.data.draw(st.integers(1, 3), label="sessions")):
            running = self._start(epoch, before)
            epoch, before = running.epoch, running.partitions
            self._steps(running)
            running.goes_on = False
            self.late.append(running)
            if self.grows and self.data.draw(st.booleans(), label="partitions are added"):
                self.topic.append([])
        running.goes_on = True
        return epoch

    def _start(self, epoch: int, before: int | None) -> Running:
        found = self.rule([[] if self._is_hidden() else records for records in self.topic])
        least = self.lift(found, ours=epoch, before=before)
        return Running.start(self.log, found, max(epoch, least))

    def _is_hidden(self) -> bool:
        return self.hides and self.data.draw(st.booleans(), label="nothing can be read")

    def _steps(self, relay: Running) -> None:
        data, partitions = self.data, st.integers(0, len(self.topic) - 1)
        for _ in range(data.draw(st.integers(0, 25), label="steps")):
            what = data.draw(st.sampled_from(["read", "send", "arrive", "acknowledge", "late"]))
            partition = data.draw(partitions)
            if what == "read":
                relay.read(data.draw(st.integers(1, 6)))
            elif what == "send":
                relay.send(partition, data.draw(st.integers(1, 4)))
            elif what == "arrive":
                relay.arrive(self.topic, partition)
            elif what == "acknowledge":
                relay.acknowledge(partition)
            elif self.late:
                self._late(data.draw(st.sampled_from(self.late)), partition)

    def _late(self, zombie: Running, partition: int) -> None:
        zombie.arrive(self.topic, partition)
        if zombie.goes_on and self.data.draw(st.booleans(), label="it goes on"):
            zombie.acknowledge(partition)
            zombie.read(3)
            zombie.send(partition, 2)


def seen_by_workers(topic: Partitions) -> dict[str, list[int]]:
    """Revisions by order as a worker applies them: older epochs and repeats are skipped."""
    applied: dict[str, list[int]] = {}
    for records in topic:
        newest = 0
        for record in records:
            newest = max(newest, record.epoch)
            revisions = applied.setdefault(order_id_of(record.recorded.stream), [])
            if record.epoch == newest and record.recorded.revision not in revisions:
                revisions.append(record.recorded.revision)
    return applied


def check(
    data: st.DataObject,
    rule: Rule = ours,
    lift: Lift = least_epoch,
    *,
    grows: bool = False,
    hides: bool = False,
) -> None:
    orders = data.draw(st.integers(1, 6), label="orders")
    events = data.draw(st.integers(1, 6), label="events of each")
    topic: list[list[Published]] = [
        [] for _ in range(data.draw(st.integers(1, 3), label="partitions"))
    ]
    World(data, log_of(orders, events), topic, rule, lift, grows, hides).live()
    expected = {f"o{order}": list(range(events)) for order in range(orders)}
    found = seen_by_workers(topic)
    # If orders move between partitions, only the order within each holds; workers use revisions.
    shown = {order: sorted(seen) for order, seen in found.items()} if grows else found
    assert shown == expected


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_nothing_is_skipped_and_every_order_is_in_order(data: st.DataObject) -> None:
    check(data)


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_nothing_is_skipped_when_partitions_are_added(data: st.DataObject) -> None:
    check(data, grows=True)


@settings(max_examples=EXAMPLES)
@given(st.data(), st.booleans())
def test_nothing_is_skipped_where_partitions_cannot_be_read(
    data: st.DataObject, grows: bool
) -> None:
    check(data, grows=grows, hides=True)


def from_the_largest_position(partitions: Partitions) -> Resume:
    """Wrong rule: the last event on the topic. Others before it may not be there."""
    found = ours(partitions)
    return replace(found, after=found.last and found.last.position)


def whatever_the_epoch(partitions: Partitions) -> Resume:
    """Wrong rule: trusting a relay that had been replaced. Workers skip its records."""
    return ours([[replace(record, epoch=1) for record in records] for records in partitions])


def though_a_partition_is_empty(partitions: Partitions) -> Resume:
    """Wrong rule: trusting positions in partitions that orders may have moved between."""
    found = ours(partitions)
    ends = ends_of(partitions)
    acknowledged = [
        end.recorded.position if end and end.epoch == found.epoch else BEFORE_FIRST for end in ends
    ]
    return replace(found, acknowledged=acknowledged)


def lifting_for_a_new_relay_alone(found: Resume, *, ours: int, before: int | None) -> int:
    """Wrong rule: trusting records of the same relay, although the orders have moved since."""
    return found.epoch + 1 if before is None else ours


@pytest.mark.parametrize("rule", [from_the_largest_position, whatever_the_epoch])
def test_control_a_plausible_wrong_rule_is_caught(rule: Rule) -> None:
    @settings(max_examples=10 * EXAMPLES, database=None, phases=[Phase.generate])
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        check(data, rule)

    with pytest.raises(AssertionError):
        holds()


@pytest.mark.parametrize(
    ("rule", "lift", "lost"),
    [
        (ours, least_epoch, 0),
        (though_a_partition_is_empty, least_epoch, 1),
        (ours, lifting_for_a_new_relay_alone, 1),
    ],
)
def test_an_order_that_moved_to_another_partition_is_not_taken_for_published(
    rule: Rule, lift: Lift, lost: int
) -> None:
    orders = ["o4", "o1", "o3", "o2"]
    log = [
        replace(event, stream=stream_name(order))
        for event, order in zip(log_of(4, 1), orders, strict=True)
    ]
    topic: list[list[Published]] = [[], []]

    def session(epoch: int, before: int | None) -> Running:
        found = rule(topic)
        running = Running.start(log, found, max(epoch, lift(found, ours=epoch, before=before)))
        running.read(4)
        return running

    first = session(1, None)
    first.send(1, 1)
    first.arrive(topic, 1)  # o1, in the partition that o4 is moved to
    topic.append([])
    second = session(first.epoch, 2)
    for partition in (0, 2):  # not where o4 is now
        second.send(partition, 1)
        second.arrive(topic, partition)
    session(second.epoch, 3).finish(topic)
    assert len(log) - len(seen_by_workers(topic)) == lost


def test_an_empty_topic_is_published_from_the_beginning() -> None:
    assert resume([None, None]) == Resume(0, None, [BEFORE_FIRST, BEFORE_FIRST], None)


def test_a_relay_resumes_after_what_the_newest_one_knew_to_be_published() -> None:
    first, second, third = log_of(3, 1)
    ends = [
        [Published(first, 2, BEFORE_FIRST), Published(third, 2, 1)],
        [Published(second, 2, BEFORE_FIRST)],
    ]
    assert ours(ends) == Resume(2, Position(1), [3, 2], third)


def test_records_that_an_old_relay_wrote_late_do_not_count() -> None:
    first, second, third = log_of(3, 1)
    ends = [
        [Published(first, 2, BEFORE_FIRST), Published(third, 1, 2)],
        [Published(second, 1, BEFORE_FIRST)],
    ]
    assert ours(ends) == Resume(2, None, [BEFORE_FIRST, BEFORE_FIRST], first)
