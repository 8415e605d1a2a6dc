"""A log of prepared bytes: a server that is no limit to who reads it.

Events of other programs are only counted: the log has millions of them and keeps none. The server
looks through them at a rate, in silence, and reports where it has got to as EventStoreDB does.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from eventstore.port import Recorded
from tests.http2.grpc import HEADERS, OK, asked, framed
from tests.http2.peer import Call

BACKWARDS = streams_pb2.ReadReq.Options.Backwards
SLICE_S = 0.05
FOREIGN_STEP = 10
"""Positions between two events of other programs."""


class Run(NamedTuple):
    """Events in a row. first: the number of our first event from there on; foreign: how many of
    other programs there are; position: of the first of them. Ours have foreign == 0.
    """

    first: int
    after: int
    foreign: int
    position: int


class PreparedLog:
    """Answers reads and subscriptions of $all, and reads of streams."""

    def __init__(self, *, scanned_per_s: float = 250_000.0) -> None:
        """scanned_per_s: events of other programs."""
        self.says_caught_up = True
        """Servers before 23.10 do not."""
        self.reads: list[str] = []
        """Which calls there were, in words."""
        self._scanned_per_s = scanned_per_s
        self._runs: list[Run] = []
        self._positions: list[int] = []
        self._messages: list[bytes] = []
        self._streams: dict[str, list[int]] = {}
        self._next_position = 1_000
        self._blob = memoryview(b"")
        self._places: list[int] = [0]

    def add(self, events: Iterable[Recorded]) -> None:
        """With positions of this log."""
        first = len(self._messages)
        for recorded in events:
            self._streams.setdefault(recorded.stream, []).append(len(self._messages))
            self._positions.append(self._next_position)
            self._messages.append(_message(recorded, self._next_position))
            self._next_position += len(self._messages[-1])
        self._runs.append(Run(first, len(self._messages), 0, 0))
        self._blob = memoryview(b"".join(self._messages))
        self._places = [0, *accumulate(map(len, self._messages))]

    def add_foreign(self, count: int) -> None:
        first = len(self._messages)
        self._runs.append(Run(first, first, count, self._next_position))
        self._next_position += count * FOREIGN_STEP

    @property
    def positions(self) -> list[int]:
        return self._positions

    async def answer(self, call: Call) -> None:
        options = asked(call).options
        call.say(HEADERS)
        if options.HasField("stream"):
            await self._answer_stream(call, options)
        elif options.HasField("subscription"):
            self.reads.append(f"subscription after {_begin(options)}")
            await self._subscribe(call, options)
        elif options.read_direction == BACKWARDS:
            self.reads.append(f"backwards before {_begin(options)}")
            await self._read_backwards(call, options)
        else:
            self.reads.append(f"forwards from {_begin(options)}")
            await self._read_forwards(call, options)
        if not call.reset.is_set():
            call.say(OK, ends=True)

    async def _answer_stream(self, call: Call, options: streams_pb2.ReadReq.Options) -> None:
        name = options.stream.stream_identifier.stream_name.decode()
        numbers = self._streams.get(name, [])
        if not numbers:
            missing = streams_pb2.ReadResp.StreamNotFound(
                stream_identifier=shared_pb2.StreamIdentifier(stream_name=name.encode())
            )
            answer = streams_pb2.ReadResp(stream_not_found=missing)
            await call.send(framed(answer.SerializeToString()))
        elif options.read_direction == BACKWARDS:
            await self._send_each(call, numbers[::-1][: options.count])
        else:
            begin = options.stream.revision
            await self._send_each(call, numbers[begin:][: options.count])

    async def _send_each(self, call: Call, numbers: Iterable[int]) -> None:
        await call.send(b"".join(self._messages[number] for number in numbers))

    async def _read_forwards(self, call: Call, options: streams_pb2.ReadReq.Options) -> None:
        left = options.count
        for run in self._from(_begin(options)):
            if run.foreign:
                await self._scan(call, run, interval=0)
            else:
                after = min(run.after, run.first + left)
                await call.send(self._blob[self._places[run.first] : self._places[after]])
                left -= after - run.first
            if left == 0 or call.reset.is_set():
                return

    async def _read_backwards(self, call: Call, options: streams_pb2.ReadReq.Options) -> None:
        left, before = options.count, _begin(options)
        for run in reversed(self._runs):
            if run.foreign:
                if before is None or run.position < before:
                    await self._scan(call, run, interval=0)
                continue
            after = run.after
            if before is not None:
                after = min(after, bisect_left(self._positions, before))
            numbers = range(after - 1, run.first - 1, -1)[:left]
            await self._send_each(call, numbers)
            left -= len(numbers)
            if left == 0 or call.reset.is_set():
                return

    async def _subscribe(self, call: Call, options: streams_pb2.ReadReq.Options) -> None:
        interval = options.filter.max * options.filter.checkpointIntervalMultiplier
        confirmed = streams_pb2.ReadResp(
            confirmation=streams_pb2.ReadResp.SubscriptionConfirmation(subscription_id="1")
        )
        await call.send(framed(confirmed.SerializeToString()))
        begin = _begin(options)
        for run in self._from(None if begin is None else begin + 1):
            if run.foreign:
                await self._scan(call, run, interval=interval)
            else:
                await call.send(self._blob[self._places[run.first] : self._places[run.after]])
            if call.reset.is_set():
                return
        if not self.says_caught_up:
            await call.reset.wait()
        caught_up = streams_pb2.ReadResp(caught_up=streams_pb2.ReadResp.CaughtUp())
        await call.send(framed(caught_up.SerializeToString()))
        await call.reset.wait()

    async def _scan(self, call: Call, run: Run, *, interval: int) -> None:
        """interval: events between two checkpoints; 0: none."""
        done = 0
        while done < run.foreign and not call.reset.is_set():
            step = min(run.foreign - done, int(self._scanned_per_s * SLICE_S))
            await asyncio.sleep(step / self._scanned_per_s)
            if interval:
                for number in range(done // interval + 1, (done + step) // interval + 1):
                    position = run.position + (number * interval - 1) * FOREIGN_STEP
                    await call.send(_checkpoint(position))
            done += step

    def _from(self, begin: int | None) -> Iterator[Run]:
        """The runs from a position on."""
        for run in self._runs:
            if run.foreign:
                skipped = 0
                if begin is not None and begin > run.position:
                    skipped = -(-(begin - run.position) // FOREIGN_STEP)
                if skipped < run.foreign:
                    place = run.position + skipped * FOREIGN_STEP
                    yield Run(run.first, run.after, run.foreign - skipped, place)
            else:
                first = run.first
                if begin is not None:
                    first = max(first, bisect_left(self._positions, begin))
                if first < run.after:
                    yield Run(first, run.after, 0, 0)


def _begin(options: streams_pb2.ReadReq.Options) -> int | None:
    """None: from the start, or backwards from the end."""
    if options.all.WhichOneof("all_option") == "position":
        return options.all.position.commit_position
    return None


def _checkpoint(position: int) -> bytes:
    answer = streams_pb2.ReadResp(
        checkpoint=streams_pb2.ReadResp.Checkpoint(
            commit_position=position, prepare_position=position
        )
    )
    return framed(answer.SerializeToString())


def _message(recorded: Recorded, position: int) -> bytes:
    event = streams_pb2.ReadResp.ReadEvent.RecordedEvent(
        id=shared_pb2.UUID(string=str(recorded.event_id)),
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=recorded.stream.encode()),
        stream_revision=recorded.revision,
        prepare_position=position,
        commit_position=position,
        metadata={
            "type": recorded.type,
            "content-type": "application/json",
            "created": "17500000000000000",
        },
        custom_metadata=recorded.metadata,
        data=recorded.data,
    )
    answer = streams_pb2.ReadResp.ReadEvent(event=event, commit_position=position)
    return framed(streams_pb2.ReadResp(event=answer).SerializeToString())
