"""What every adapter of the store port promises, one fact per test.

Subclasses provide `store`. Nothing here assumes an empty log, positions without gaps, or that
nobody else writes: every stream name is new, and $all is read from the head found before.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from eventstore.port import (
    NO_STREAM,
    PAGE_MAX,
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
from tests.ids import EXAMPLES
from tests.waiting import HUNG_S

SOON_S = HUNG_S


def draft(data: bytes = b'{"n":1}', *, kind: str = "NoteAdded") -> Draft:
    return Draft(uuid.uuid4(), kind, data, b'{"actor":"somebody"}')


def drafts(count: int) -> list[Draft]:
    return [draft(b'{"n":%d}' % n) for n in range(count)]


def fresh_stream() -> StreamName:
    return StreamName(f"order-{uuid.uuid4()}")


async def all_of(pages: AsyncIterator[Sequence[Recorded]]) -> list[Recorded]:
    return [recorded async for page in pages for recorded in page]


async def events(store: EventStore, stream: StreamName) -> list[Recorded]:
    return await all_of(store.read_stream(stream))


async def ids(store: EventStore, stream: StreamName) -> list[uuid.UUID]:
    return [recorded.event_id for recorded in await events(store, stream)]


class EventStoreContract:
    @pytest.fixture
    def stream(self) -> StreamName:
        return fresh_stream()

    @pytest.fixture
    async def abcd(self, store: EventStore, stream: StreamName) -> list[Draft]:
        """A stream of four: a and b in one append, then c, then d."""
        a, b, c, d = drafts(4)
        await store.append(stream, [a, b], expected=NO_STREAM)
        await store.append(stream, [c], expected=Revision(1))
        await store.append(stream, [d], expected=Revision(2))
        return [a, b, c, d]

    # Appending and reading a stream

    async def test_a_stream_starts_at_revision_zero(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, [draft()], expected=NO_STREAM)

        assert [recorded.revision for recorded in await events(store, stream)] == [0]

    async def test_revisions_of_a_stream_have_no_gaps(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(2), expected=NO_STREAM)
        await store.append(stream, drafts(3), expected=Revision(1))

        assert [recorded.revision for recorded in await events(store, stream)] == [0, 1, 2, 3, 4]

    async def test_appended_events_are_read_back_byte_for_byte(
        self, store: EventStore, stream: StreamName
    ) -> None:
        odd = Draft(
            uuid.uuid4(), "OrderPlaced", '{ "b" : 1.50, "a":"é\\u00e9" }'.encode(), b'{"z":1,"a":2}'
        )

        position = await store.append(stream, [odd], expected=NO_STREAM)

        assert await events(store, stream) == [
            Recorded(stream, Revision(0), position, odd.event_id, odd.type, odd.data, odd.metadata)
        ]

    async def test_drafts_of_one_append_keep_their_order(
        self, store: EventStore, stream: StreamName
    ) -> None:
        several = drafts(5)

        await store.append(stream, several, expected=NO_STREAM)

        assert await ids(store, stream) == [one.event_id for one in several]

    async def test_an_append_answers_the_position_of_its_last_event(
        self, store: EventStore, stream: StreamName
    ) -> None:
        position = await store.append(stream, drafts(3), expected=NO_STREAM)

        assert (await events(store, stream))[-1].position == position

    async def test_an_acknowledged_append_is_read_at_once(self, store: EventStore) -> None:
        for _ in range(50):
            stream = fresh_stream()
            await store.append(stream, [draft()], expected=NO_STREAM)

            assert len(await events(store, stream)) == 1

    async def test_an_order_may_have_any_id_and_no_two_ids_share_a_stream(
        self, store: EventStore
    ) -> None:
        before, new = await store.head(), str(uuid.uuid4())
        names = [stream_name(f"{name}{new}{name}") for name in EXAMPLES]
        wanted = {name: draft() for name in names}

        for name, one in wanted.items():
            await store.append(name, [one], expected=NO_STREAM)

        for name, one in wanted.items():
            assert await ids(store, name) == [one.event_id]
        logged = {
            recorded.stream: recorded.event_id
            for recorded in await all_of(store.read_all(after=before))
            if new in recorded.stream
        }
        assert logged == {name: one.event_id for name, one in wanted.items()}
        followed = Following(store, names[-1], after=before)
        assert await followed.revisions(1) == [0]
        await followed.stop()
        assert followed.streams >= set(names)

    async def test_reading_a_missing_stream_gives_nothing(
        self, store: EventStore, stream: StreamName
    ) -> None:
        assert await all_of(store.read_stream(stream)) == []

    async def test_reading_after_a_revision_starts_with_the_next_one(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(4), expected=NO_STREAM)

        after = await all_of(store.read_stream(stream, after=Revision(1)))

        assert [recorded.revision for recorded in after] == [2, 3]

    async def test_reading_after_the_last_revision_gives_nothing(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(2), expected=NO_STREAM)

        assert await all_of(store.read_stream(stream, after=Revision(1))) == []
        assert await all_of(store.read_stream(stream, after=Revision(9))) == []

    async def test_a_long_stream_comes_in_pages_that_are_never_empty(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(PAGE_MAX + 1), expected=NO_STREAM)

        sizes = [len(page) async for page in store.read_stream(stream)]

        assert sum(sizes) == PAGE_MAX + 1
        assert all(1 <= size <= PAGE_MAX for size in sizes)

    async def test_a_stream_of_exactly_a_page_ends_without_an_empty_page(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(PAGE_MAX), expected=NO_STREAM)

        pages = [page async for page in store.read_stream(stream)]

        assert sum(len(page) for page in pages) == PAGE_MAX
        assert all(pages)

    async def test_no_drafts_are_an_error(self, store: EventStore, stream: StreamName) -> None:
        with pytest.raises(ValueError, match="nothing to append"):
            await store.append(stream, [], expected=NO_STREAM)

    # Expected revisions

    async def test_no_stream_is_refused_if_the_stream_exists(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(2), expected=NO_STREAM)

        await self.refused(store, stream, drafts(1), NO_STREAM, current=Revision(1))

    async def test_a_revision_is_refused_if_there_is_no_stream(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await self.refused(store, stream, drafts(1), Revision(0), current=None)

    async def test_an_older_revision_is_refused(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(2), expected=NO_STREAM)

        await self.refused(store, stream, drafts(1), Revision(0), current=Revision(1))

    async def test_a_revision_above_the_last_one_is_refused(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(2), expected=NO_STREAM)

        await self.refused(store, stream, drafts(1), Revision(7), current=Revision(1))

    async def test_of_twenty_racing_appends_one_is_stored(
        self, store: EventStore, stream: StreamName
    ) -> None:
        answers = await asyncio.gather(
            *(store.append(stream, [draft()], expected=NO_STREAM) for _ in range(20)),
            return_exceptions=True,
        )

        refused = [answer for answer in answers if isinstance(answer, WrongExpectedRevision)]
        assert len(refused) == 19
        assert len(await events(store, stream)) == 1

    async def test_a_conflict_does_not_touch_appends_to_other_streams(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, [draft()], expected=NO_STREAM)
        others = [fresh_stream() for _ in range(10)]

        answers = await asyncio.gather(
            *(store.append(other, drafts(2), expected=NO_STREAM) for other in others[:5]),
            store.append(stream, [draft()], expected=NO_STREAM),
            *(store.append(other, drafts(2), expected=NO_STREAM) for other in others[5:]),
            return_exceptions=True,
        )

        assert [type(answer) for answer in answers].count(WrongExpectedRevision) == 1
        assert [len(await events(store, other)) for other in others] == [2] * 10
        assert len(await events(store, stream)) == 1

    # The same append again

    @pytest.mark.parametrize(
        ("retried", "after"),
        [("ab", None), ("c", 1), ("d", 2), ("a", None), ("b", 0), ("abc", None), ("abcd", None)],
    )
    async def test_the_same_ids_at_the_same_place_write_nothing_and_answer_the_original_position(
        self,
        store: EventStore,
        stream: StreamName,
        abcd: list[Draft],
        retried: str,
        after: int | None,
    ) -> None:
        before = await events(store, stream)
        again = [abcd["abcd".index(letter)] for letter in retried]

        position = await store.append(stream, again, expected=as_expected(after))

        assert position == before["abcd".index(retried[-1])].position
        assert await events(store, stream) == before

    @pytest.mark.parametrize(
        ("retried", "after"),
        [
            *(("b", None), ("c", None), ("c", 2), ("a", 2)),  # in the wrong place
            *(("abx", None), ("abcdx", None), ("xab", None), ("dx", 2)),  # a new one among old
            *(("ba", None), ("ac", None)),  # in another order, with a gap
            *(("d", 9), ("c", 7)),  # above the head
        ],
    )
    async def test_old_ids_anywhere_else_are_refused_and_write_nothing(
        self,
        store: EventStore,
        stream: StreamName,
        abcd: list[Draft],
        retried: str,
        after: int | None,
    ) -> None:
        named = dict(zip("abcdx", [*abcd, draft()], strict=True))
        again = [named[letter] for letter in retried]

        await self.refused(store, stream, again, as_expected(after), current=Revision(3))

    async def test_the_last_append_again_writes_nothing(
        self, store: EventStore, stream: StreamName
    ) -> None:
        a, b = drafts(2)
        position = await store.append(stream, [a, b], expected=NO_STREAM)

        assert await store.append(stream, [a, b], expected=NO_STREAM) == position
        assert await ids(store, stream) == [a.event_id, b.event_id]
        await self.refused(store, stream, [a, b], Revision(0), current=Revision(1))

    async def test_the_first_content_of_an_id_stays(
        self, store: EventStore, stream: StreamName
    ) -> None:
        first = draft(b'{"n":1}')
        position = await store.append(stream, [first], expected=NO_STREAM)
        other = Draft(first.event_id, "Other", b'{"n":2}', b"{}")

        assert await store.append(stream, [other], expected=NO_STREAM) == position
        assert [(e.type, e.data) for e in await events(store, stream)] == [(first.type, first.data)]

    async def test_an_id_belongs_to_its_stream(self, store: EventStore, stream: StreamName) -> None:
        elsewhere, one = fresh_stream(), draft()
        first = await store.append(stream, [one], expected=NO_STREAM)

        second = await store.append(elsewhere, [one], expected=NO_STREAM)

        assert second > first
        assert await ids(store, elsewhere) == [one.event_id]

    async def test_an_id_in_two_streams_is_recognised_in_each(
        self, store: EventStore, stream: StreamName
    ) -> None:
        elsewhere, pair = fresh_stream(), drafts(2)
        first = await store.append(stream, pair, expected=NO_STREAM)
        second = await store.append(elsewhere, pair, expected=NO_STREAM)

        assert await store.append(elsewhere, pair, expected=NO_STREAM) == second
        assert await store.append(stream, pair, expected=NO_STREAM) == first
        assert (len(await events(store, stream)), len(await events(store, elsewhere))) == (2, 2)

    async def test_twenty_racing_repeats_are_stored_once(
        self, store: EventStore, stream: StreamName
    ) -> None:
        one = draft()

        positions = await asyncio.gather(
            *(store.append(stream, [one], expected=NO_STREAM) for _ in range(20))
        )

        assert len(set(positions)) == 1
        assert await ids(store, stream) == [one.event_id]

    async def test_a_cancelled_append_is_stored_whole_or_not_at_all_and_a_repeat_settles_it(
        self, store: EventStore
    ) -> None:
        for moment_s in (0.0, 0.0001, 0.0005, 0.001, 0.003):
            stream, pair = fresh_stream(), drafts(2)
            appending = asyncio.ensure_future(store.append(stream, pair, expected=NO_STREAM))
            await asyncio.sleep(moment_s)
            appending.cancel()
            await asyncio.gather(appending, return_exceptions=True)

            await store.append(stream, pair, expected=NO_STREAM)

            assert await ids(store, stream) == [one.event_id for one in pair]

    # The whole log

    async def test_the_head_is_the_position_of_the_last_append(
        self, store: EventStore, stream: StreamName
    ) -> None:
        position = await store.append(stream, drafts(2), expected=NO_STREAM)

        head = await store.head()

        assert head is not None
        assert head >= position

    async def test_positions_grow_in_the_order_of_the_log(self, store: EventStore) -> None:
        before = await store.head()
        for _ in range(3):
            await store.append(fresh_stream(), drafts(3), expected=NO_STREAM)

        positions = [recorded.position for recorded in await all_of(store.read_all(after=before))]

        assert positions == sorted(set(positions))

    async def test_the_log_has_every_stream_event_with_the_same_position(
        self, store: EventStore, stream: StreamName
    ) -> None:
        before = await store.head()
        await store.append(stream, drafts(3), expected=NO_STREAM)
        await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)

        log = await all_of(store.read_all(after=before))

        assert [recorded for recorded in log if recorded.stream == stream] == await events(
            store, stream
        )

    async def test_reading_the_log_after_a_position_starts_with_the_next_event(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(4), expected=NO_STREAM)
        whole = await events(store, stream)

        after = await all_of(store.read_all(after=whole[1].position))

        assert [recorded for recorded in after if recorded.stream == stream] == whole[2:]

    async def test_reading_the_log_after_its_head_gives_no_earlier_event(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(2), expected=NO_STREAM)

        after = await all_of(store.read_all(after=await store.head()))

        assert [recorded for recorded in after if recorded.stream == stream] == []

    async def test_the_log_comes_in_pages_that_are_never_empty(self, store: EventStore) -> None:
        before = await store.head()
        mine = [fresh_stream() for _ in range(3)]
        for stream in mine:
            await store.append(stream, drafts(PAGE_MAX // 2), expected=NO_STREAM)

        pages = [page async for page in store.read_all(after=before)]

        assert all(1 <= len(page) <= PAGE_MAX for page in pages)
        found = [recorded for page in pages for recorded in page if recorded.stream in mine]
        assert len(found) == 3 * (PAGE_MAX // 2)

    async def test_concurrent_appends_all_reach_the_log(self, store: EventStore) -> None:
        before = await store.head()
        mine = [fresh_stream() for _ in range(50)]
        await asyncio.gather(
            *(store.append(stream, drafts(2), expected=NO_STREAM) for stream in mine)
        )

        log = await all_of(store.read_all(after=before))

        found = [(recorded.stream, recorded.revision) for recorded in log]
        assert {(stream, n) for stream in mine for n in range(2)} <= set(found)
        assert len(found) == len(set(found))

    # Following it

    async def test_following_gives_the_stored_events_and_then_new_ones(
        self, store: EventStore, stream: StreamName
    ) -> None:
        before = await store.head()
        await store.append(stream, drafts(2), expected=NO_STREAM)
        following = Following(store, stream, after=before)

        assert await following.revisions(2) == [0, 1]
        await store.append(stream, drafts(2), expected=Revision(1))
        assert await following.revisions(2) == [2, 3]
        await following.stop()

    async def test_following_from_the_head_gives_only_new_events(
        self, store: EventStore, stream: StreamName
    ) -> None:
        await store.append(stream, drafts(2), expected=NO_STREAM)
        following = Following(store, stream, after=await store.head())
        await store.append(stream, [draft()], expected=Revision(1))

        assert await following.revisions(1) == [2]
        await following.stop()

    async def test_following_while_others_append_misses_nothing_and_doubles_nothing(
        self, store: EventStore, stream: StreamName
    ) -> None:
        following = Following(store, stream, after=await store.head())
        for revision in range(100):
            expected: Expected = Revision(revision - 1) if revision else NO_STREAM
            await store.append(stream, [draft()], expected=expected)

        assert await following.revisions(100) == list(range(100))
        await following.stop()

    async def test_every_follower_gets_every_event(
        self, store: EventStore, stream: StreamName
    ) -> None:
        head = await store.head()
        followings = [Following(store, stream, after=head) for _ in range(3)]
        await store.append(stream, drafts(3), expected=NO_STREAM)

        assert [await following.revisions(3) for following in followings] == [[0, 1, 2]] * 3
        for following in followings:
            await following.stop()

    async def refused(
        self,
        store: EventStore,
        stream: StreamName,
        again: Sequence[Draft],
        expected: Expected,
        *,
        current: Revision | None,
    ) -> None:
        """Refused with both revisions named, and nothing written."""
        before = await events(store, stream)

        with pytest.raises(WrongExpectedRevision) as refusal:
            await store.append(stream, again, expected=expected)

        assert refusal.value.stream == stream
        assert refusal.value.expected == expected
        assert refusal.value.current == current
        assert await events(store, stream) == before


def as_expected(after: int | None) -> Expected:
    return NO_STREAM if after is None else Revision(after)


class Following:
    """A task that follows the log and keeps the events of one stream."""

    def __init__(self, store: EventStore, stream: StreamName, *, after: Position | None) -> None:
        self.streams: set[StreamName] = set()
        self._arrived: asyncio.Queue[Recorded] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._follow(store, stream, after))

    async def revisions(self, count: int) -> list[int]:
        """The next events; fails if they do not come soon."""
        async with asyncio.timeout(SOON_S):
            return [(await self._arrived.get()).revision for _ in range(count)]

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self, store: EventStore, stream: StreamName, after: Position | None) -> None:
        async with aclosing(store.follow(after=after)) as pages:  # type: ignore[type-var]
            async for page in pages:
                for recorded in page:
                    self.streams.add(recorded.stream)
                    if recorded.stream == stream:
                        self._arrived.put_nowait(recorded)
