"""Bulk lines: order, window, errors line by line, and what is stored of an interrupted stream."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import Any, cast

import pytest

from api.commands.bulk import Line, LineResult, split_lines, submit_lines
from api.commands.handler import CommandHandler
from api.commands.headers import Sender
from api.commands.registry import LINES
from api.http.guards import Limits
from api.http.problems import Rejected
from api.http.sharing import Places, Sharing, Turns
from domain.values import EVENT_BYTES_MAX, ITEMS_MAX
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import Answer, Submission
from eventstore.memory import MemoryStore
from eventstore.port import Position, Revision
from runtime.settings import Settings
from runtime.telemetry import Telemetry
from tests.api.conftest import Api, Clock, kind, order
from tests.waiting import HUNG_S

NDJSON = {"content-type": "application/x-ndjson"}


def line(command: str, order_id: str = "o1", **fields: Any) -> bytes:
    return json.dumps({"command": command, "order_id": order_id, **fields}).encode()


def place(order_id: str = "o1", **fields: Any) -> bytes:
    return line("place-order", **order(order_id=order_id, **fields))


async def post(api: Api, *lines: bytes, end: bytes = b"\n") -> list[dict[str, Any]]:
    response = await api.client.post(
        "/v1/commands", content=b"\n".join(lines) + end, headers=NDJSON
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(text) for text in response.text.splitlines()]


async def test_each_line_is_answered_in_order_as_its_single_route_would(api: Api) -> None:
    answers = await post(
        api,
        place(command_id="k1"),
        line("confirm-order", command_id="k2"),
        line("confirm-order", order_id="nobody"),
        line("fly"),
        b"not json",
        line("add-note", note_id="n1", text=""),
        place(order_id="o2"),
    )

    assert [answer["line"] for answer in answers] == [1, 2, 3, 4, 5, 6, 7]
    assert [answer["status"] for answer in answers] == [201, 200, 404, 404, 422, 422, 201]
    assert [a["problem"]["type"] for a in answers if "problem" in a] == [
        "/problems#unknown-order",
        "/problems#unknown-command",
        "/problems#malformed",
        "/problems#malformed",
    ]
    assert answers[1] == {
        "line": 2,
        "status": 200,
        "order_id": "o1",
        "revision": 1,
        "position": answers[1]["position"],
        "events": answers[1]["events"],
        "replayed": False,
    }
    assert await api.stored() == 3


async def test_the_same_lines_again_change_nothing(api: Api) -> None:
    lines = (place(command_id="k1"), line("confirm-order", command_id="k2"))
    first = await post(api, *lines)

    again = await post(api, *lines)

    assert again == [{**answer, "replayed": True} for answer in first]
    assert await api.stored() == 2


async def test_a_line_names_who_and_why(api: Api) -> None:
    who = {
        "actor": "ada",
        "reason": "moved",
        "correlation_id": "c1",
        "causation_id": "c0",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "occurred_at": "2026-11-01T00:00:00Z",
    }
    await post(api, place(channel="till", command_id="k1", **who))

    [event] = (await api.client.get("/v1/orders/o1/events")).json()["items"]
    assert {name: event[name] for name in who} == {
        **who,
        "occurred_at": "2026-11-01T00:00:00.000000Z",
    }
    assert (event["channel"], event["command_id"]) == ("till", "k1")


async def test_the_request_gives_what_lines_leave_out(api: Api) -> None:
    body = place() + b"\n" + place(order_id="o2", actor="bob")
    headers = {**NDJSON, "daybook-actor": "import"}
    await api.client.post("/v1/commands", content=body, headers=headers)

    [first] = (await api.client.get("/v1/orders/o1/events")).json()["items"]
    [second] = (await api.client.get("/v1/orders/o2/events")).json()["items"]
    assert (first["actor"], first["channel"]) == ("import", "bulk")
    assert second["actor"] == "bob"


async def test_blank_lines_are_counted_and_not_answered(api: Api) -> None:
    answers = await post(api, b"", place(), b"  \r", line("confirm-order"), b"", end=b"")

    assert [answer["line"] for answer in answers] == [2, 4]


async def test_an_empty_stream_is_answered_by_an_empty_one(api: Api) -> None:
    assert await post(api, b"", end=b"") == []


async def test_a_field_named_twice_in_a_line_is_malformed(api: Api) -> None:
    doubled = place().replace(b'"customer_id"', b'"customer_id": "x", "customer_id"')

    [answer] = await post(api, doubled)

    assert answer["status"] == 422


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"command_id": "x" * 201}, "command_id"),
        ({"actor": ""}, "actor"),
        ({"traceparent": "00-1-2-3"}, "traceparent"),
        ({"traceparent": f"ff-{'1' * 32}-{'2' * 16}-01"}, "traceparent"),
        ({"traceparent": f"00-{'0' * 32}-{'2' * 16}-01"}, "traceparent"),
        ({"traceparent": f"00-{'1' * 32}-{'0' * 16}-01"}, "traceparent"),
        ({"order_id": "a/b "}, "order_id"),
        ({"surprise": 1}, "surprise"),
        ({"SURPRISE": 1}, ""),
    ],
)
async def test_a_bad_field_of_a_line_is_named_without_the_commands_name(
    api: Api, fields: dict[str, Any], named: str
) -> None:
    [answer] = await post(api, line("confirm-order", **fields))

    assert answer["problem"]["errors"][0]["field"] == named


async def test_a_line_without_a_command_or_an_order_is_answered_with_that(api: Api) -> None:
    answers = await post(api, b'{"order_id": "o1"}', b'{"command": "confirm-order"}', b"[]", b"7")

    assert [answer["status"] for answer in answers] == [422] * 4
    fields = [answer["problem"]["errors"][0]["field"] for answer in answers]
    assert fields == ["command", "order_id", "", ""]


async def test_the_largest_order_goes_through_bulk_as_through_its_own_route(api: Api) -> None:
    """3,000 items, and an event of nearly 900,000 bytes, which is what an order may have."""
    item = {"quantity": 1, "price_cents": 1, "name": "n" * 30}
    body = order(items=[{"product_id": f"p-{n:04}", **item} for n in range(ITEMS_MAX)])

    alone = await api.client.post("/v1/orders", json=body)
    [in_bulk] = await post(api, place(**{**body, "order_id": "o2"}))

    assert (alone.status_code, in_bulk["status"]) == (201, 201)
    sizes = [len(event.data) async for page in api.services.store.read_all() for event in page]
    assert len(sizes) == 2
    assert all(600_000 < size < EVENT_BYTES_MAX for size in sizes), sizes


def test_a_line_may_be_as_long_as_a_body() -> None:
    settings = Settings()
    assert settings.line_max_bytes == settings.body_max_bytes > EVENT_BYTES_MAX
    assert Limits().line_max_bytes == settings.line_max_bytes
    assert Limits().body_max_bytes == settings.body_max_bytes


class TestASmallLimit:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(line_max_bytes=1024)

    async def test_a_line_over_it_is_413_and_the_next_one_is_executed(self, api: Api) -> None:
        answers = await post(api, place(reason="x" * 1024), b" " * 5000, place(order_id="o2"))

        assert [answer["status"] for answer in answers] == [413, 413, 201]
        assert await api.stored() == 1


async def test_json_instead_of_ndjson_is_415(api: Api) -> None:
    response = await api.client.post("/v1/commands", json=order())

    assert response.status_code == 415
    assert kind(response) == "unsupported-media-type"


# Without HTTP --------------------------------------------------------------------------------


async def chunked(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
async def test_lines_do_not_depend_on_how_the_bytes_are_cut(size: int) -> None:
    text = b"a\n\nbcd\n" + b"x" * 11 + b"\nlast"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]

    lines = [line async for line in split_lines(chunked(pieces), 10)]

    assert lines == [b"a", b"", b"bcd", None, b"last"]


async def test_a_line_that_never_ends_is_not_held_in_memory() -> None:
    tracemalloc.start()
    lines = [line async for line in split_lines(chunked([b"x" * 1000] * 1000), 10)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert lines == [None]
    assert peak < 100_000


@pytest.fixture(autouse=True, scope="module")
def _models_are_built() -> None:
    """Of the first line they are, which takes longer than a stream's turn."""
    LINES.rebuild()


class SlowLedger:
    """Answers a command only when it is released, and records what runs at the same time."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}

    async def submit(self, submission: Submission) -> Answer:
        self.begun.append(submission.command_id)
        gate = self.gates.get(submission.command_id)
        if gate is not None:
            await gate.wait()
        self.ended.append(submission.command_id)
        return Answer(submission.order_id, Revision(0), Position(0), (), replayed=False)


def stream(
    ledger: SlowLedger,
    lines: AsyncIterator[Line],
    window: int = 10,
    sharing: Sharing | None = None,
) -> AsyncGenerator[Any, None]:
    return submit_lines(
        lines,
        handler=CommandHandler(cast("Ledger", ledger), Telemetry()),
        sender=Sender(channel="cli"),
        clock=Clock(),
        window=window,
        line_max_bytes=1024,
        sharing=Sharing(Places(window)) if sharing is None else sharing,
    )


async def as_lines(*lines: bytes) -> AsyncIterator[Line]:
    for one in lines:
        yield one


def confirm(order_id: str, command_id: str) -> bytes:
    return line("confirm-order", order_id, command_id=command_id)


async def until(condition: Any) -> None:
    async with asyncio.timeout(HUNG_S):
        while not condition():  # noqa: ASYNC110 (what is awaited is no event of this test's)
            await asyncio.sleep(0)


async def collect(results: AsyncIterator[Any], into: list[LineResult]) -> None:
    async for ready in results:
        into.extend(ready)


async def test_orders_run_concurrently_and_one_order_line_by_line() -> None:
    ledger = SlowLedger()
    ledger.gates = {"a1": asyncio.Event(), "b1": asyncio.Event()}
    found: list[LineResult] = []
    lines = as_lines(confirm("a", "a1"), confirm("a", "a2"), confirm("b", "b1"), confirm("c", "c1"))
    running = asyncio.create_task(collect(stream(ledger, lines), found))

    await until(lambda: "c1" in ledger.ended)
    assert ledger.begun == ["a1", "b1", "c1"]
    assert found == []
    ledger.gates["a1"].set()
    await until(lambda: "a2" in ledger.ended)
    await until(lambda: len(found) == 2)
    ledger.gates["b1"].set()
    await running

    assert [result.line for result in found] == [1, 2, 3, 4]


async def test_no_more_lines_are_read_than_the_window_holds() -> None:
    ledger = SlowLedger()
    ledger.gates = {"k1": asyncio.Event()}
    read = 0

    async def endless() -> AsyncIterator[Line]:
        nonlocal read
        for read in range(1, 1001):
            yield confirm(f"o{read}", f"k{read}")

    found: list[LineResult] = []
    running = asyncio.create_task(collect(stream(ledger, endless(), window=5), found))
    await until(lambda: read >= 7)
    for _ in range(100):
        await asyncio.sleep(0)

    assert read <= 7
    ledger.gates["k1"].set()
    await running
    assert [result.line for result in found] == list(range(1, 1001))


async def test_an_error_of_the_source_is_raised_after_the_answers_before_it() -> None:
    async def broken() -> AsyncIterator[Line]:
        yield confirm("a", "a1")
        raise ConnectionResetError

    found: list[LineResult] = []
    with pytest.raises(ConnectionResetError):
        await collect(stream(SlowLedger(), broken()), found)

    assert [result.line for result in found] == [1]


async def test_stopping_early_leaves_nothing_half_done() -> None:
    ledger = SlowLedger()
    ledger.gates = {"b1": asyncio.Event()}
    lines = as_lines(confirm("a", "a1"), confirm("b", "b1"), confirm("b", "b2"))
    results = submit_lines(
        lines,
        handler=CommandHandler(cast("Ledger", ledger), Telemetry()),
        sender=Sender(channel="cli"),
        clock=Clock(),
        window=10,
        line_max_bytes=1024,
        sharing=Sharing(Places(10)),
    )
    await anext(results)

    closing = asyncio.create_task(results.aclose())
    for _ in range(100):
        await asyncio.sleep(0)
    assert not closing.done()
    ledger.gates["b1"].set()
    await closing

    assert ledger.ended == ledger.begun


async def test_stopping_early_does_not_wait_for_a_full_window() -> None:
    async def endless() -> AsyncIterator[Line]:
        for number in range(10**6):
            yield confirm(f"o{number}", f"k{number}")

    results = stream(SlowLedger(), endless(), window=3)
    await anext(results)
    for _ in range(100):
        await asyncio.sleep(0)

    async with asyncio.timeout(HUNG_S):
        await results.aclose()


async def test_an_unknown_error_of_one_line_is_the_answer_to_that_line_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing(SlowLedger):
        async def submit(self, submission: Submission) -> Answer:
            if submission.command_id == "a1":
                raise ZeroDivisionError("secret")
            return await super().submit(submission)

    found: list[LineResult] = []
    await collect(stream(Failing(), as_lines(confirm("a", "a1"), confirm("b", "b1"))), found)

    assert [result.result.status for result in found] == [500, 200]
    assert b"secret" not in found[0].json()
    assert found[0].result.members["incident"] in caplog.text


async def test_olists_lines_of_one_order_end_in_one_stream() -> None:
    """The real pipeline on the real ledger: interleaved orders, each in its own order."""
    store = MemoryStore()
    ledger = Ledger(store, clock=Clock())
    lines = [place(order_id=f"o{n}") for n in range(20)]
    lines += [line("add-note", f"o{n % 20}", note_id=f"n{n}", text="x") for n in range(400)]
    found: list[LineResult] = []

    results = submit_lines(
        as_lines(*lines),
        handler=CommandHandler(ledger, Telemetry()),
        sender=Sender(channel="cli"),
        clock=Clock(),
        window=64,
        line_max_bytes=1024,
        sharing=Sharing(Places(64)),
    )
    await collect(results, found)

    assert {result.result.status for result in found} == {200, 201}
    for number in range(20):
        events = await ledger.events(f"o{number}")
        notes = [json.loads(event.recorded.data)["note_id"] for event in events[1:]]
        assert notes == [f"n{n}" for n in range(number, 400, 20)]


async def test_a_refused_line_names_its_rule() -> None:
    handler = CommandHandler(Ledger(MemoryStore(), clock=Clock()), Telemetry())

    result = handler.failed(Rejected("body-too-large", "x"))

    assert (result.status, result.members["type"]) == (413, "/problems#body-too-large")


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize(
    ("sent", "lines"),
    [
        (b"\xef\xbb\xbfone\ntwo\n", [b"one", b"two"]),
        (b"\xef\xbb\xbf", []),
        (b"\xef\xbb", [b"\xef\xbb"]),
        (b"a\n\xef\xbb\xbfb\n", [b"a", b"\xef\xbb\xbfb"]),
        (b"\n\xef\xbb\xbfb\n", [b"", b"\xef\xbb\xbfb"]),
    ],
)
async def test_a_byte_order_mark_is_dropped_before_the_first_line_only(
    sent: bytes, lines: list[bytes], size: int
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(sent), size):
            yield sent[start : start + size]

    assert [line async for line in split_lines(chunks(), 100)] == lines


# Several streams ------------------------------------------------------------------------------


async def lines_of(name: str, count: int, *, one_order: bool = False) -> AsyncIterator[Line]:
    for n in range(count):
        yield confirm(name if one_order else f"{name}{n}", f"{name}{n}")


class GatedLedger(SlowLedger):
    """Answers as many commands as it is given permission for."""

    def __init__(self) -> None:
        super().__init__()
        self.let_through = asyncio.Semaphore(0)
        self.under_way_max = 0

    async def submit(self, submission: Submission) -> Answer:
        self.begun.append(submission.command_id)
        self.under_way_max = max(self.under_way_max, len(self.begun) - len(self.ended))
        await self.let_through.acquire()
        self.ended.append(submission.command_id)
        return Answer(submission.order_id, Revision(0), Position(0), (), replayed=False)

    def open(self, count: int) -> None:
        for _ in range(count):
            self.let_through.release()


async def settled() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def test_all_streams_together_have_no_more_lines_in_progress_than_one() -> None:
    ledger, sharing = GatedLedger(), Sharing(Places(8))
    found: list[LineResult] = []
    running = [
        asyncio.create_task(collect(stream(ledger, lines_of(name, 50), 50, sharing=sharing), found))
        for name in "abcdefgh"
    ]
    await settled()
    assert len(ledger.begun) == 8
    ledger.open(400)
    async with asyncio.timeout(HUNG_S):
        await asyncio.gather(*running)

    assert ledger.under_way_max == 8
    assert len(found) == 400


@pytest.mark.parametrize("one_order", [False, True])
async def test_a_stream_that_came_later_gets_its_share(*, one_order: bool) -> None:
    ledger, sharing = GatedLedger(), Sharing(Places(8))
    first = lines_of("a", 1000, one_order=one_order)
    hog = asyncio.create_task(collect(stream(ledger, first, 500, sharing=sharing), []))
    await settled()
    found: list[LineResult] = []
    later = lines_of("b", 1000)
    other = asyncio.create_task(collect(stream(ledger, later, 500, sharing=sharing), found))
    await settled()
    for _ in range(100):
        ledger.open(1)
        await settled()

    of_each = {name: len([i for i in ledger.begun if i.startswith(name)]) for name in "ab"}
    under_way = [i for i in ledger.begun if i not in ledger.ended]
    assert len([i for i in under_way if i.startswith("b")]) >= 4
    assert of_each["b"] >= 45
    for task in (hog, other):
        task.cancel()
    ledger.open(2000)
    await asyncio.wait((hog, other))


async def test_a_stream_that_gives_up_leaves_its_places_to_the_others() -> None:
    ledger, sharing = GatedLedger(), Sharing(Places(2))
    first = asyncio.create_task(collect(stream(ledger, lines_of("a", 9), sharing=sharing), []))
    await settled()
    second = asyncio.create_task(collect(stream(ledger, lines_of("b", 9), sharing=sharing), []))
    found: list[LineResult] = []
    third = asyncio.create_task(collect(stream(ledger, lines_of("c", 9), sharing=sharing), found))
    await settled()
    second.cancel()
    first.cancel()
    ledger.open(100)
    async with asyncio.timeout(HUNG_S):
        await asyncio.wait((first, second))
        await third

    assert len(found) == 9


async def test_streams_take_turns_and_other_requests_come_in_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.http.sharing.TURN_S", 0)
    turns = Turns()
    done: list[str] = []

    async def work(name: str) -> None:
        turn = turns.new()
        for _ in range(3):
            await turn.go_on()
            done.append(name)

    async def tick() -> None:
        for _ in range(30):
            done.append(".")
            await asyncio.sleep(0)

    await asyncio.gather(work("a"), work("b"), work("c"), tick())

    worked = "".join(done)
    assert max(len(part) for part in worked.split(".")) <= 1
    assert worked.replace(".", "") == "abc" * 3
