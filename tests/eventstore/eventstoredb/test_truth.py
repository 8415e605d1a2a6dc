"""EventStoreDB's answers to appends, as recorded from a real 23.10 node.

Run on the protocol stub, or on the server at DAYBOOK_TEST_ESDB_URL. The adapter relies on these.
"""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from esdbclient import NewEvent
from esdbclient.exceptions import (
    AppendDeadlineExceeded,
    BadRequestError,
    GrpcError,
    MaximumAppendSizeExceededError,
    NotFound,
    WrongCurrentVersion,
)

from tests.esdb_stub.asked import (
    ANY,
    EXISTS,
    NO_STREAM,
    Client,
    Version,
    asking,
    event,
    fresh,
    letters,
    numbers,
    position_of,
    some,
)

APPEND_BYTES_MAX = 1_048_576


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with asking() as client:
        yield client


@pytest.fixture
def stream() -> str:
    return fresh()


@pytest.fixture
async def named(client: Client, stream: str) -> dict[str, NewEvent]:
    """A stream of a and b in one append, then c, then d; x is new."""
    named = {letter: event(kind=f"T{letter}") for letter in "abcdx"}
    await client.append_to_stream(
        stream, current_version=NO_STREAM, events=[named["a"], named["b"]]
    )
    await client.append_to_stream(stream, current_version=1, events=[named["c"]])
    await client.append_to_stream(stream, current_version=2, events=[named["d"]])
    return named


# Expected versions


@pytest.mark.parametrize(
    ("expected", "text"),
    [(NO_STREAM, "is 1 not StreamState.NO_STREAM"), (0, "is 1 not 0"), (7, "is 1 not 7")],
)
async def test_a_wrong_version_is_refused_with_the_last_number_in_the_text_only(
    client: Client, stream: str, expected: Version, text: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(2))

    with pytest.raises(WrongCurrentVersion) as refusal:
        await client.append_to_stream(stream, current_version=expected, events=some(1))

    assert refusal.value.args == (f"Stream position of last event {text}",)
    assert vars(refusal.value) == {}


@pytest.mark.parametrize("expected", [0, EXISTS])
async def test_a_version_of_a_missing_stream_is_refused(
    client: Client, stream: str, expected: Version
) -> None:
    with pytest.raises(WrongCurrentVersion, match=f"Stream '{stream}' does not exist"):
        await client.append_to_stream(stream, current_version=expected, events=some(1))


async def test_an_append_answers_the_position_of_its_last_event(
    client: Client, stream: str
) -> None:
    position = await client.append_to_stream(stream, current_version=NO_STREAM, events=some(3))

    first, second, last = [await position_of(client, stream, n) for n in range(3)]
    assert first < second < last == position


async def test_of_twenty_racing_appends_one_is_stored(client: Client, stream: str) -> None:
    answers = await asyncio.gather(
        *(
            client.append_to_stream(stream, current_version=NO_STREAM, events=some(1))
            for _ in range(20)
        ),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers].count(WrongCurrentVersion) == 19
    assert await numbers(client, stream) == [0]


async def test_twenty_racing_repeats_are_stored_once_and_may_go_unanswered(
    client: Client, stream: str
) -> None:
    one = some(1)

    answers = await asyncio.gather(
        *(
            client.append_to_stream(stream, current_version=NO_STREAM, events=one, timeout=5)
            for _ in range(20)
        ),
        return_exceptions=True,
    )

    assert {type(answer) for answer in answers} <= {int, AppendDeadlineExceeded}
    assert len({answer for answer in answers if isinstance(answer, int)}) == 1
    assert await numbers(client, stream) == [0]


# The same events again, on a stream a b c d


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        *(("ab", NO_STREAM), ("c", 1), ("d", 2)),  # as they were
        *(("a", NO_STREAM), ("b", 0), ("abc", NO_STREAM)),  # a part, or more that is stored
        *(("c", ANY), ("ab", ANY), ("b", ANY), ("ba", ANY), ("ac", ANY), ("c", EXISTS)),
    ],
)
async def test_a_repeat_writes_nothing_and_answers_the_position_of_its_last_event(
    client: Client, stream: str, named: dict[str, NewEvent], again: str, expected: Version
) -> None:
    position = await client.append_to_stream(
        stream, current_version=expected, events=[named[letter] for letter in again]
    )

    assert await letters(client, stream, named) == "abcd"
    assert position == await position_of(client, stream, "abcd".index(again[-1]))


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        *(("b", NO_STREAM), ("c", NO_STREAM), ("c", 2), ("a", 2), ("d", 9)),  # in the wrong place
        *(
            ("abx", NO_STREAM),
            ("abcdx", NO_STREAM),
            ("xab", NO_STREAM),
            ("dx", 2),
        ),  # with a new one
        *(("ba", NO_STREAM), ("ac", NO_STREAM)),  # in another order, with a gap
        ("ax", ANY),
    ],
)
async def test_old_ids_anywhere_else_are_refused(
    client: Client, stream: str, named: dict[str, NewEvent], again: str, expected: Version
) -> None:
    with pytest.raises(WrongCurrentVersion, match=f"is 3 not {expected}"):
        await client.append_to_stream(
            stream, current_version=expected, events=[named[letter] for letter in again]
        )

    assert await letters(client, stream, named) == "abcd"


@pytest.mark.parametrize(("again", "expected"), [("c", 3), ("d", 3), ("xa", ANY)])
async def test_old_ids_after_the_head_or_after_a_new_one_are_stored_twice(
    client: Client, stream: str, named: dict[str, NewEvent], again: str, expected: Version
) -> None:
    position = await client.append_to_stream(
        stream, current_version=expected, events=[named[letter] for letter in again]
    )

    assert await letters(client, stream, named) == f"abcd{again}"
    assert position == await position_of(client, stream, 3 + len(again))


@pytest.mark.parametrize("expected", [NO_STREAM, ANY, EXISTS])
async def test_a_repeat_while_it_is_still_the_head_writes_nothing(
    client: Client, stream: str, expected: Version
) -> None:
    pair = some(2)
    position = await client.append_to_stream(stream, current_version=NO_STREAM, events=pair)

    assert await client.append_to_stream(stream, current_version=expected, events=pair) == position
    assert await numbers(client, stream) == [0, 1]


async def test_a_repeat_at_a_number_read_again_is_refused_or_stored_twice(
    client: Client, stream: str
) -> None:
    pair = some(2)
    await client.append_to_stream(stream, current_version=NO_STREAM, events=pair)

    with pytest.raises(WrongCurrentVersion):
        await client.append_to_stream(stream, current_version=0, events=pair)
    await client.append_to_stream(stream, current_version=1, events=pair)

    assert await numbers(client, stream) == [0, 1, 2, 3]


@pytest.mark.parametrize("expected", [NO_STREAM, ANY])
async def test_the_first_content_of_an_id_stays(
    client: Client, stream: str, expected: Version
) -> None:
    first = event(1)
    await client.append_to_stream(stream, current_version=NO_STREAM, events=[first])
    other = NewEvent(type="Other", data=b"{}", metadata=b"{}", id=first.id)

    await client.append_to_stream(stream, current_version=expected, events=[other])

    [found] = await client.get_stream(stream)
    assert (found.type, found.data) == (first.type, first.data)


async def test_the_ids_of_one_stream_are_new_in_another_and_any_never_remembers_them_there(
    client: Client, stream: str, named: dict[str, NewEvent]
) -> None:
    elsewhere, pair = fresh(), [named["a"], named["b"]]

    for expected in (NO_STREAM, NO_STREAM, ANY):
        await client.append_to_stream(elsewhere, current_version=expected, events=pair)

    assert await letters(client, elsewhere, named) == "abab"
    for expected in (NO_STREAM, ANY):
        await client.append_to_stream(stream, current_version=expected, events=pair)
    assert await letters(client, stream, named) == "abcd"


# Odd appends


@pytest.mark.parametrize("expected", [1, ANY])
async def test_an_append_of_nothing_succeeds_and_stores_nothing(
    client: Client, stream: str, expected: Version
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(2))

    assert await client.append_to_stream(stream, current_version=expected, events=[]) > 0
    assert await numbers(client, stream) == [0, 1]


async def test_an_append_of_nothing_makes_no_stream_and_is_refused_at_a_wrong_version(
    client: Client, stream: str
) -> None:
    assert await client.append_to_stream(stream, current_version=NO_STREAM, events=[]) > 0

    with pytest.raises(NotFound):
        await client.get_stream(stream)
    with pytest.raises(WrongCurrentVersion):
        await client.append_to_stream(stream, current_version=4, events=[])


async def test_an_id_twice_in_one_append_is_stored_twice(client: Client, stream: str) -> None:
    one = event()

    await client.append_to_stream(stream, current_version=NO_STREAM, events=[one, one])

    assert await numbers(client, stream) == [0, 1]


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("", event()),
        (fresh(), event(kind="")),
        (fresh(), NewEvent(type="T", data=b"{}", id=UUID(int=0))),
    ],
    ids=["no stream name", "no type", "no id"],
)
async def test_a_name_a_type_and_an_id_are_asked_for(
    client: Client, name: str, odd: NewEvent
) -> None:
    with pytest.raises(BadRequestError):
        await client.append_to_stream(name, current_version=ANY, events=[odd])


async def test_the_data_of_one_append_has_a_maximum_and_the_metadata_is_not_counted(
    client: Client, stream: str
) -> None:
    half = APPEND_BYTES_MAX // 2
    most = [NewEvent(type="T", data=b"x" * half, metadata=b"m" * 1000) for _ in range(2)]
    more = [NewEvent(type="T", data=b"x" * (half + n)) for n in range(2)]

    await client.append_to_stream(stream, current_version=NO_STREAM, events=most)
    with pytest.raises(MaximumAppendSizeExceededError, match=f"Max size is {APPEND_BYTES_MAX}"):
        await client.append_to_stream(stream, current_version=1, events=more)

    assert await numbers(client, stream) == [0, 1]


async def test_a_message_has_a_maximum_too_and_the_connection_stays_usable(
    client: Client, stream: str
) -> None:
    with pytest.raises(GrpcError, match="RESOURCE_EXHAUSTED"):
        await client.append_to_stream(
            stream, current_version=NO_STREAM, events=NewEvent(type="T", data=b"x" * 20_000_000)
        )

    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(1))
