"""Reading over HTTP/2: whatever a server or a network does to an answer."""

import asyncio
import gzip
import ssl
import struct
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.waiting import HUNG_S, until

pytest.importorskip("esdbclient")

from esdbclient.protos.Grpc.streams_pb2 import ReadResp

from eventstore.eventstoredb import EventStoreDb, Timing
from eventstore.eventstoredb.http2_answer import WINDOW
from eventstore.port import StoreUnavailable, StreamDeleted, StreamName
from tests.contracts.event_store import all_of
from tests.esdb_stub.certificate import Certificate
from tests.eventstore.esdb import FAST, GIVES_UP
from tests.http2.grpc import HEADERS, OK, asked, begin_of, event, events, framed
from tests.http2.peer import END_STREAM, FRAME_MAX, GOAWAY, PADDED, Answering, Call, Peer, peer

STREAM = StreamName("order-a")
SURE = replace(FAST, read_s=HUNG_S)
"""Nothing times out."""
COUNT = 40


@asynccontextmanager
async def reading(
    answer: Answering, *, timing: Timing = SURE
) -> AsyncIterator[tuple[Peer, EventStoreDb]]:
    """Looking up the event last seen, after a cut, is answered as it should be."""

    async def answer_lookups(call: Call) -> None:
        if asked(call).options.count == 1:
            call.say(HEADERS)
            await call.send(event(begin_of(call)))
            call.say(OK, ends=True)
        else:
            await answer(call)

    async with peer(answer_lookups) as server:
        store = EventStoreDb(server.uri, timing=timing)
        try:
            yield server, store
        finally:
            await store.aclose()


async def revisions(store: EventStoreDb) -> list[int]:
    async with asyncio.timeout(HUNG_S):
        return [found.revision for found in await all_of(store.read_stream(STREAM))]


async def whole(call: Call) -> None:
    call.say(HEADERS)
    await call.send(events(range(begin_of(call), COUNT)))
    call.say(OK, ends=True)


# What arrives


@pytest.mark.parametrize("frame", [1, 3, 7, 1000, FRAME_MAX])
async def test_a_message_may_be_cut_anywhere(frame: int) -> None:
    async def answer(call: Call) -> None:
        call.say(HEADERS)
        await call.send(events(range(COUNT)), frame=frame)
        call.say(OK, ends=True)

    async with reading(answer) as (_, store):
        assert await revisions(store) == list(range(COUNT))


async def test_padding_and_frames_without_content_are_no_events() -> None:
    async def answer(call: Call) -> None:
        call.say(HEADERS)
        for number in range(3):
            padded = bytes([5]) + event(number) + bytes(5)
            call.line.write(0, PADDED, call.stream, padded)
            call.line.write(0, 0, call.stream, b"")
        call.line.write(0x42, 0, call.stream, b"an extension")
        call.say(OK, ends=True)

    async with reading(answer) as (_, store):
        assert await revisions(store) == [0, 1, 2]


async def test_a_large_event_is_read() -> None:
    note = b'{"note":"' + b"x" * 15_000_000 + b'"}'

    async def answer(call: Call) -> None:
        call.say(HEADERS)
        await call.send(event(0, data=note) + event(1))
        call.say(OK, ends=True)

    async with reading(answer) as (_, store):
        found = await all_of(store.read_stream(STREAM))
    assert [len(one.data) for one in found] == [len(note), 2]


async def test_a_message_above_the_limit_is_refused_before_it_is_read() -> None:
    async def answer(call: Call) -> None:
        call.say(HEADERS)
        await call.send(framed(bytes(20_000_000)))

    async with reading(answer) as (server, store):
        with pytest.raises(StoreUnavailable, match="19 MiB, at most 17 MiB are taken"):
            await revisions(store)
        await until(server.calls[0].reset.is_set)
        assert server.calls[0].window >= 0


async def test_a_compressed_message_is_refused_as_none_was_asked_for() -> None:
    async def answer(call: Call) -> None:
        call.say(HEADERS | {"grpc-encoding": "gzip"})
        await call.send(framed(gzip.compress(event(0)[5:]), compressed=True))
        call.say(OK, ends=True)

    async with reading(answer) as (server, store):
        with pytest.raises(StoreUnavailable, match="compresses"):
            await revisions(store)
    assert server.calls[0].headers["grpc-accept-encoding"] == "identity"


async def test_an_old_server_is_named_as_such() -> None:
    """In a stream, it does not give the position of an event."""

    async def answer(call: Call) -> None:
        call.say(HEADERS)
        found = ReadResp.FromString(event(0)[5:])
        found.event.no_position.SetInParent()
        await call.send(framed(found.SerializeToString()))
        call.say(OK, ends=True)

    async with reading(answer) as (_, store):
        with pytest.raises(StoreUnavailable, match="too old"):
            await revisions(store)


# How it ends


async def cut_in_message(call: Call) -> None:
    call.say(HEADERS)
    begin = begin_of(call)
    await call.send(events([begin, begin + 1])[:-3])
    assert call.line.transport is not None
    call.line.transport.close()


async def reset(call: Call) -> None:
    call.say(HEADERS)
    await call.send(event(begin_of(call)))
    call.line.write(3, 0, call.stream, (2).to_bytes(4, "big"))


async def no_trailers(call: Call) -> None:
    call.say(HEADERS)
    await call.send(event(begin_of(call)))
    call.line.write(0, END_STREAM, call.stream, b"")


async def fails_after_events(call: Call) -> None:
    call.say(HEADERS)
    await call.send(event(begin_of(call)))
    call.say({"grpc-status": "14", "grpc-message": "Server%20Is%20Not%20Ready"}, ends=True)


async def ends_within_a_message(call: Call) -> None:
    call.say(HEADERS)
    begin = begin_of(call)
    await call.send(events([begin, begin + 1])[:-3])
    call.say(OK, ends=True)


async def goes_away(call: Call) -> None:
    call.say(HEADERS)
    await call.send(event(begin_of(call)))
    call.line.write(GOAWAY, 0, 0, bytes(8))


async def trailers_only(call: Call) -> None:
    call.say(HEADERS | {"grpc-status": "14", "grpc-message": "starting"}, ends=True)


async def page_of_a_proxy(call: Call) -> None:
    call.say({":status": "503", "content-type": "text/html"})
    await call.send(b"<html>Bad gateway</html>")
    call.line.write(0, END_STREAM, call.stream, b"")


@pytest.mark.parametrize(
    "fault",
    [
        cut_in_message,
        reset,
        no_trailers,
        fails_after_events,
        ends_within_a_message,
        goes_away,
        trailers_only,
        page_of_a_proxy,
    ],
)
async def test_after_an_answer_that_fails_reading_goes_on_from_where_it_got_to(
    fault: Answering,
) -> None:
    """Never from the same place again if an event came, and never as if the stream had ended."""
    faults = iter([fault, fault, fault])

    async def answer(call: Call) -> None:
        await next(faults, whole)(call)

    async with reading(answer) as (server, store):
        assert await revisions(store) == list(range(COUNT))

    begins = [begin_of(call) for call in server.calls if asked(call).options.count > 1]
    came = fault not in (trailers_only, page_of_a_proxy)
    assert begins == ([0, 1, 2, 3] if came else [0, 0, 0, 0])


async def test_an_answer_that_always_fails_after_some_events_is_read_to_its_end() -> None:
    """However often it fails: the time that is allowed begins again with every event."""

    async def answer(call: Call) -> None:
        if begin_of(call) < COUNT:
            await fails_after_events(call)
        else:
            await whole(call)

    async with reading(answer, timing=replace(SURE, patience_s=0.5)) as (server, store):
        assert await revisions(store) == list(range(COUNT))
    assert len(server.calls) == COUNT + 1


async def test_a_network_that_cuts_every_100_kb_only_costs_time() -> None:
    """On each connection the event last seen is looked up first."""
    sent: dict[int, int] = {}

    async def answer(call: Call) -> None:
        call.say(HEADERS)
        for number in range(begin_of(call), 1_000):
            message = event(number, data=b"x" * 1_000)
            sent[id(call.line)] = sent.get(id(call.line), 0) + len(message)
            if sent[id(call.line)] > 100_000:
                assert call.line.transport is not None
                call.line.transport.close()
                return
            await call.send(message)
        call.say(OK, ends=True)

    async with reading(answer) as (server, store):
        assert await revisions(store) == list(range(1_000))
    assert len(server.lines) > 10


@pytest.mark.parametrize(
    ("trailers", "error", "words"),
    [
        ({"grpc-status": "16"}, StoreUnavailable, "rejects the user or the password"),
        ({"grpc-status": "7"}, StoreUnavailable, "does not allow this user"),
        ({"grpc-status": "12"}, StoreUnavailable, "does not support this call"),
        (
            {"grpc-status": "9", "grpc-message": "Event stream 'order-a' is deleted."},
            StreamDeleted,
            "deleted",
        ),
        (
            {
                "grpc-status": "5",
                "grpc-message": "Leader info available",
                "exception": "not-leader",
                "leader-endpoint-host": "10.0.0.7",
                "leader-endpoint-port": "2113",
            },
            StoreUnavailable,
            r"is not the leader of its cluster, 10\.0\.0\.7:2113 is",
        ),
    ],
)
@pytest.mark.parametrize("is_trailers_only", [True, False])
async def test_the_status_of_a_call_says_what_to_do(
    trailers: dict[str, str], error: type[Exception], words: str, *, is_trailers_only: bool
) -> None:
    async def answer(call: Call) -> None:
        if is_trailers_only:
            call.say(HEADERS | trailers, ends=True)
        else:
            call.say(HEADERS)
            call.say(trailers, ends=True)

    async with reading(answer, timing=GIVES_UP) as (_, store):
        with pytest.raises(error, match=words):
            await revisions(store)


@pytest.mark.parametrize(
    ("status", "words"), [("401", "rejects the user"), ("404", "does not support this call")]
)
async def test_a_status_of_http_is_taken_as_grpc_takes_it(status: str, words: str) -> None:
    async def answer(call: Call) -> None:
        call.say({":status": status}, ends=True)

    async with reading(answer, timing=GIVES_UP) as (_, store):
        with pytest.raises(StoreUnavailable, match=words):
            await revisions(store)


@pytest.mark.parametrize(
    "greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28" * 3]
)
async def test_a_server_that_does_not_speak_http2_is_an_error(greeting: bytes) -> None:
    async with peer(whole) as server:
        server.greeting = greeting
        store = EventStoreDb(server.uri, timing=GIVES_UP)
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            await revisions(store)
        await store.aclose()


# Time, memory and cancellation


async def test_a_slow_answer_is_read_as_long_as_something_comes() -> None:
    """The deadline runs from the last sign of progress: the whole takes many times as long."""

    async def answer(call: Call) -> None:
        call.say(HEADERS)
        for number in range(10):
            await call.send(event(number))
            await asyncio.sleep(0.1)
        call.say(OK, ends=True)

    async with reading(answer, timing=replace(FAST, read_s=0.5, patience_s=0)) as (server, store):
        assert await revisions(store) == list(range(10))
    assert len(server.calls) == 1


async def test_a_server_that_says_no_more_is_given_up_with_its_connection() -> None:
    async def answer(call: Call) -> None:
        call.line._peer.answers_pings = len(server.lines) > 1
        if len(server.lines) > 1:
            await whole(call)

    async with reading(answer, timing=replace(FAST, read_s=0.3)) as (server, store):
        assert await revisions(store) == list(range(COUNT))
        assert len(server.lines) == 2
        assert server.lines[0].is_lost


async def test_a_slow_reader_holds_the_server_up() -> None:
    """What has not been read is with the server, but for a window."""
    sent = 0

    async def answer(call: Call) -> None:
        nonlocal sent
        call.say(HEADERS)
        for number in range(20_000):
            message = event(number, data=b"x" * 1000)
            await call.send(message)
            sent += len(message)
        call.say(OK, ends=True)

    async with reading(answer) as (server, store):
        pages = store.read_stream(STREAM)
        first = await anext(pages)
        before = -1
        while before < sent:
            before = sent
            await asyncio.sleep(0.2)

        assert server.calls[0].window < WINDOW // 2
        assert sent < len(first) * 1_200 + 3 * WINDOW
        found = list(first) + [found async for page in pages for found in page]
        assert [one.revision for one in found] == list(range(20_000))


async def test_a_read_that_is_left_is_stopped_at_the_server() -> None:
    async def answer(call: Call) -> None:
        call.say(HEADERS)
        number = 0
        while not call.reset.is_set():
            await call.send(event(number))
            await asyncio.sleep(0)
            number += 1

    async with reading(answer) as (server, store):
        pages = store.read_stream(STREAM)
        await anext(pages)
        await pages.aclose()

        await until(server.calls[0].reset.is_set)
        assert not server.lines[0].is_lost


async def test_a_cancelled_read_is_stopped_at_the_server() -> None:
    async def answer(call: Call) -> None:
        call.say(HEADERS)

    async with reading(answer) as (server, store):
        under_way = asyncio.ensure_future(revisions(store))
        await until(lambda: len(server.calls) == 1)
        under_way.cancel()

        with pytest.raises(asyncio.CancelledError):
            await under_way
        await until(server.calls[0].reset.is_set)


@pytest.mark.parametrize(("settings", "most"), [(b"", 90), (struct.pack(">HI", 3, 7), 7)])
async def test_more_reads_at_once_than_the_server_takes_wait_for_a_place(
    settings: bytes, most: int
) -> None:
    under_way, peak = 0, 0

    async def answer(call: Call) -> None:
        nonlocal under_way, peak
        under_way += 1
        peak = max(peak, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        await whole(call)

    async with reading(answer) as (server, store):
        server.greeting = struct.pack(">HBBBI", 0, len(settings), 4, 0, 0) + settings
        found = await asyncio.gather(*(revisions(store) for _ in range(300)))

    assert found == [list(range(COUNT))] * 300
    assert peak == most
    assert len(server.lines) == 1


async def test_every_call_brings_the_purpose_and_asks_for_the_leader() -> None:
    async with reading(whole) as (server, store):
        await revisions(store)

    [call] = server.calls
    assert call.headers["connection-name"] == "daybook-commands"
    assert call.headers["requires-leader"] == "true"
    assert call.headers["te"] == "trailers"
    assert "authorization" not in call.headers


# TLS


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    return context


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("certificate"))


async def read_over_tls(server: Peer, options: str) -> list[int]:
    url = f"esdb://ops:r%40ght%2F1@127.0.0.1:{server.port}?{options}"
    store = EventStoreDb(url, timing=GIVES_UP)
    try:
        return await revisions(store)
    finally:
        await store.aclose()


async def test_the_user_is_sent_over_tls(certificate: Certificate) -> None:
    context = server_context(certificate.path, certificate.key)
    async with peer(whole, tls=context) as server:
        found = await read_over_tls(server, f"TlsCaFile={certificate.path}")

    assert found == list(range(COUNT))
    basic = "Basic " + b64encode(b"ops:r@ght/1").decode()
    assert server.calls[0].headers["authorization"] == basic
    assert server.calls[0].headers[":scheme"] == "https"


async def test_a_server_that_is_not_trusted_is_sent_nothing(certificate: Certificate) -> None:
    context = server_context(certificate.path, certificate.key)
    async with peer(whole, tls=context) as server:
        with pytest.raises(StoreUnavailable, match="a certificate that is not trusted here"):
            await read_over_tls(server, "Tls=true")

    assert server.calls == []


async def test_a_client_certificate_is_shown_to_a_server_that_asks_for_one(
    certificate: Certificate,
) -> None:
    context = server_context(certificate.path, certificate.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificate.path)
    async with peer(whole, tls=context) as server:
        trusted = f"TlsCaFile={certificate.path}"
        shown = f"UserCertFile={certificate.path}&UserKeyFile={certificate.key}"
        assert await read_over_tls(server, f"{trusted}&{shown}") == list(range(COUNT))
        with pytest.raises(StoreUnavailable):
            await read_over_tls(server, trusted)
