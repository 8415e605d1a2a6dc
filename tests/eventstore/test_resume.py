"""Whatever was acknowledged in whatever order when a relay was killed: nothing is ever skipped.

The relay's parts that decide (the outbox and the resume rule) against a topic in a model, with all
that can happen between them drawn at random. Three rules that look as good are caught.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from eventstore.bus import NOTHING, Ends, Published
from eventstore.codec import order_id_of, stream_name
from eventstore.outbox import Outbox
from eventstore.port import Position, Recorded, Revision
from eventstore.resume import Resume, resume

Rule = Callable[[Ends], Resume]
EXAMPLES = 200


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
class Topic:
    partitions: list[list[Published]]

    def partition_of(self, order_id: str) -> int:
        return int(order_id[1:]) % len(self.partitions)


@dataclass
class Running:
    """A relay and what of it is on its way, by partition."""

    epoch: int
    outbox: Outbox
    unread: list[Recorded]
    on_the_way: dict[int, list[Published]] = field(default_factory=dict)
    arrived: set[int] = field(default_factory=set)

    @classmethod
    def start(cls, log: Sequence[Recorded], topic: Topic, rule: Rule, epoch: int) -> "Running":
        found = rule(topic.partitions)
        outbox = Outbox(
            len(topic.partitions), topic.partition_of, after=found.after, there=found.there
        )
        after = found.after or 0
        return cls(epoch, outbox, [event for event in log if event.position > after])

    def read(self, count: int) -> None:
        page, self.unread = self.unread[:count], self.unread[count:]
        if page:
            self.outbox.put(page)

    def send(self, partition: int, count: int) -> None:
        if partition in self.on_the_way:
            return
        events = self.outbox.take(partition, count_max=count, bytes_max=10**6)
        through = self.outbox.published_through
        if events:
            self.on_the_way[partition] = [Published(e, self.epoch, through) for e in events]

    def arrive(self, topic: Topic, partition: int) -> None:
        if partition in self.on_the_way and partition not in self.arrived:
            topic.partitions[partition] += self.on_the_way[partition]
            self.arrived.add(partition)

    def hear(self, topic: Topic, partition: int) -> None:
        if partition in self.arrived:
            self.outbox.acknowledge(partition)
            self.arrived.discard(partition)
            del self.on_the_way[partition]

    def finish(self, topic: Topic) -> None:
        self.read(len(self.unread))
        for partition in range(len(topic.partitions)):
            while True:
                self.send(partition, 100)
                if partition not in self.on_the_way:
                    break
                self.arrive(topic, partition)
                self.hear(topic, partition)


def lives(
    log: Sequence[Recorded], topic: Topic, rule: Rule, data: st.DataObject, *, grows: bool
) -> None:
    """Relays one after the other, each left at any point: killed, so that what was on its way may
    arrive much later, or thought dead and going on beside the next."""
    late: list[Running] = []
    lives_ = data.draw(st.integers(1, 5), label="relays")
    for epoch in range(1, lives_ + 1):
        relay = Running.start(log, topic, rule, epoch)
        _steps(relay, late, topic, data)
        if grows and data.draw(st.booleans(), label="partitions are added"):
            topic.partitions.append([])
            late.clear()  # of what was on its way nothing is known to be placed anew
        else:
            late.append(relay)
    Running.start(log, topic, rule, lives_ + 1).finish(topic)


def _steps(relay: Running, late: list[Running], topic: Topic, data: st.DataObject) -> None:
    partitions = st.integers(0, len(topic.partitions) - 1)
    for _ in range(data.draw(st.integers(0, 25), label="steps")):
        what = data.draw(st.sampled_from(["read", "send", "arrive", "hear", "late"]))
        partition = data.draw(partitions)
        if what == "read":
            relay.read(data.draw(st.integers(1, 6)))
        elif what == "send":
            relay.send(partition, data.draw(st.integers(1, 4)))
        elif what == "arrive":
            relay.arrive(topic, partition)
        elif what == "hear":
            relay.hear(topic, partition)
        elif late:
            zombie = data.draw(st.sampled_from(late))
            zombie.arrive(topic, partition)
            if data.draw(st.booleans(), label="it goes on"):
                zombie.hear(topic, partition)
                zombie.read(3)
                zombie.send(partition, 2)


def seen_by_workers(topic: Topic) -> dict[str, list[int]]:
    """Revisions by order as a worker applies them: older epochs and repeats passed over."""
    applied: dict[str, list[int]] = {}
    for records in topic.partitions:
        newest = 0
        for record in records:
            newest = max(newest, record.epoch)
            revisions = applied.setdefault(order_id_of(record.recorded.stream), [])
            if record.epoch == newest and record.recorded.revision not in revisions:
                revisions.append(record.recorded.revision)
    return applied


def check(data: st.DataObject, rule: Rule, *, grows: bool = False) -> None:
    orders = data.draw(st.integers(1, 6), label="orders")
    events = data.draw(st.integers(1, 6), label="events of each")
    topic = Topic([[] for _ in range(data.draw(st.integers(1, 3), label="partitions"))])
    log = log_of(orders, events)
    lives(log, topic, rule, data, grows=grows)
    expected = {f"o{order}": list(range(events)) for order in range(orders)}
    found = seen_by_workers(topic)
    # Where orders move between partitions, order holds within each; workers go by revisions.
    shown = {order: sorted(seen) for order, seen in found.items()} if grows else found
    assert shown == expected


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_nothing_is_skipped_and_every_order_is_in_order(data: st.DataObject) -> None:
    check(data, resume)


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_nothing_is_skipped_when_partitions_are_added(data: st.DataObject) -> None:
    check(data, resume, grows=True)


def from_the_largest_position(ends: Ends) -> Resume:
    """The last event that is on the topic: but others before it may not be."""
    found = resume(ends)
    return replace(found, after=found.last and found.last.position)


def whatever_the_epoch(ends: Ends) -> Resume:
    """Trusting a relay that others had taken the place of: but workers pass over its records."""
    return resume([[replace(record, epoch=1) for record in records] for records in ends])


def though_a_partition_is_empty(ends: Ends) -> Resume:
    """Trusting places in partitions that orders may have been moved between."""
    newest = max((record.epoch for records in ends for record in records), default=0)
    there = [
        max((r.recorded.position for r in records if r.epoch == newest), default=NOTHING)
        for records in ends
    ]
    return replace(resume(ends), there=there)


@pytest.mark.parametrize("rule", [from_the_largest_position, whatever_the_epoch])
def test_a_rule_that_looks_as_good_is_caught(rule: Rule) -> None:
    @settings(max_examples=10 * EXAMPLES, database=None, phases=[Phase.generate])
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        check(data, rule)

    with pytest.raises(AssertionError):
        holds()


@pytest.mark.parametrize(("rule", "lost"), [(resume, 0), (though_a_partition_is_empty, 1)])
def test_an_order_that_moved_to_another_partition_is_not_taken_for_published(
    rule: Rule, lost: int
) -> None:
    moved, stays = log_of(2, 1)
    log = [replace(moved, stream=stream_name("o4")), replace(stays, stream=stream_name("o1"))]
    topic = Topic([[], []])
    first = Running.start(log, topic, rule, 1)
    first.read(2)
    first.send(1, 1)
    first.arrive(topic, 1)  # o1, in the partition that o4 is moved to
    topic.partitions.append([])
    Running.start(log, topic, rule, 2).finish(topic)
    assert 2 - len(seen_by_workers(topic)) == lost


def test_an_empty_topic_is_published_from_the_beginning() -> None:
    assert resume([[], []]) == Resume(0, None, [NOTHING, NOTHING], None)


def test_a_relay_goes_on_behind_what_the_newest_one_knew_to_be_there() -> None:
    first, second, third = log_of(3, 1)
    ends = [[Published(first, 2, NOTHING), Published(third, 2, 1)], [Published(second, 2, NOTHING)]]
    assert resume(ends) == Resume(2, Position(1), [3, 2], third)


def test_what_a_zombie_wrote_last_counts_for_nothing() -> None:
    first, second, third = log_of(3, 1)
    ends = [[Published(first, 2, NOTHING), Published(third, 1, 2)], [Published(second, 1, NOTHING)]]
    assert resume(ends) == Resume(2, None, [1, NOTHING], first)
