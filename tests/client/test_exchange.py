"""What is tried again, how long, and what is raised in the end: without a server or a clock."""

import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from daybook_client import (
    AmbiguousId,
    DaybookError,
    KeyReused,
    Limits,
    Malformed,
    NotFound,
    OrderRefused,
    OutcomeUnknown,
    Rejected,
    Sender,
    Sending,
    ServerFault,
    StaleRevision,
    Unavailable,
    UnexpectedAnswer,
    UnknownOrder,
    line,
)
from daybook_client.exchange import Wanted
from daybook_client.requests import Requests
from daybook_client.retrying import Retrying, retry_after
from daybook_client.wire import Lost
from tests.client.scripted import GONE, REFUSED, Answer, Scripted, answered, problem

DONE = {"order_id": "o1", "revision": 1, "position": 2, "events": [], "replayed": False}
OK = answered(DONE)
BUSY = problem("overloaded", 503, after_s="1")
UNKNOWN = problem("outcome-unknown", 503, after_s="1")
HTML = Answer(200, {"content-type": "text/html"}, [b"<html>Welcome to the hotel"])


def requests(server: Scripted, **headers: str) -> Requests:
    return Requests(
        policy=server.policy,
        sender=Sender(actor="ada"),
        headers={name: text.encode() for name, text in headers.items()},
        timeout_s=30,
    )


def command(server: Scripted, **sending: Any) -> Any:
    given: Sending = {"idempotency_key": "k1", **sending}  # type: ignore[typeddict-item]
    fields = {"reason": "late"}
    return server.run(requests(server).command("cancel-order", "o1", fields, given))


def query(server: Scripted) -> Any:
    return server.run(requests(server).query("/v1/orders/o1", {}, Wanted()))


def failing(server: Scripted, kind: type[DaybookError]) -> Any:
    with pytest.raises(DaybookError) as caught:
        command(server)
    assert type(caught.value) is kind, caught.value
    return caught.value


def test_a_command_is_sent_again_with_the_same_key_until_it_is_answered() -> None:
    server = Scripted(REFUSED, GONE, UNKNOWN, BUSY, OK)

    assert command(server) == DONE

    assert len(server.requests) == 5
    assert {request.headers["Idempotency-Key"] for request in server.requests} == {b"k1"}
    assert {request.content for request in server.requests} == {b'{"reason": "late"}'}


def test_a_key_is_made_once_for_all_tries_of_a_command() -> None:
    keys = []
    for _ in range(2):
        server = Scripted(GONE, OK)
        server.run(requests(server).command("confirm-order", "o1", {}, {}))
        first, second = (request.headers["Idempotency-Key"] for request in server.requests)
        assert first == second
        keys.append(first)
    assert keys[0] != keys[1]


def test_pauses_grow_up_to_a_bound_and_retry_after_is_waited_besides() -> None:
    server = Scripted(REFUSED, BUSY, problem("storage-full", 503, after_s="30"), REFUSED, OK)
    command(server)
    assert server.pauses == [1, 1 + 2, 30 + 4, 8]


def test_chance_takes_up_to_half_of_a_pause_and_nothing_of_retry_after() -> None:
    server = Scripted(REFUSED, BUSY, OK, share=1.0)
    command(server)
    assert server.pauses == [0.5, 1 + 1.0]


def test_the_tries_are_bounded_by_number_and_by_time() -> None:
    server = Scripted(REFUSED)
    failing(server, Unavailable)
    assert len(server.requests) == 5

    server = Scripted(problem("log-lost-events", 503, after_s="60"))
    failing(server, Unavailable)
    assert server.pauses == [61]


def test_where_retry_after_is_longer_than_the_time_left_nothing_is_waited() -> None:
    server = Scripted(problem("upgrade-needed", 503, after_s="86400"))
    assert failing(server, Unavailable).retry_after_s == 86_400
    assert server.pauses == []


@pytest.mark.parametrize("text", ["soon", "-1", "1.5", "", "\u0661", "Mon, 99 Foo 2026", "0x10"])
def test_a_retry_after_that_is_none_is_as_if_there_was_none(text: str) -> None:
    assert retry_after(text) is None
    server = Scripted(
        Answer(429, {"content-type": "text/plain", "retry-after": text}, [b"slow down"]), OK
    )
    command(server)
    assert server.pauses == [1]


def test_a_retry_after_may_be_a_date_and_has_a_bound() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    soon = format_datetime(now + timedelta(seconds=90), usegmt=True)
    assert retry_after(soon, now.timestamp) == 90
    assert retry_after(soon, (now + timedelta(days=1)).timestamp) == 0
    assert retry_after("9" * 400) == 86_400


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem("on-hold", 409, rule="on-hold"), OrderRefused),
        (problem("unknown-order", 404, rule="unknown-order"), UnknownOrder),
        (problem("malformed", 422, errors=[{"field": "f", "message": "m"}]), Malformed),
        (problem("stale-revision", 412, revision=3, events=[]), StaleRevision),
        (problem("command-id-reused", 422), KeyReused),
        (problem("ambiguous-id", 409, orders=["a", "b"]), AmbiguousId),
        (problem("no-such-revision", 404), NotFound),
        (problem("body-too-large", 413), Rejected),
        (problem("too-large", 422, after_s="1"), Rejected),
    ],
)
def test_a_refusal_is_never_sent_again(answer: Answer, error: type[DaybookError]) -> None:
    server = Scripted(answer, OK)
    failing(server, error)
    assert len(server.requests) == 1


def test_a_refusal_decides_what_the_tries_before_it_left_open() -> None:
    failing(Scripted(GONE, problem("on-hold", 409, rule="on-hold")), OrderRefused)


@pytest.mark.parametrize(
    "answers",
    [
        (GONE,),
        (UNKNOWN,),
        (problem("timed-out", 503, after_s="1"),),
        (GONE, REFUSED),
        (GONE, problem("store-unavailable", 503, after_s="5")),
        (problem("internal-error", 500, incident="i"),),
        (HTML,),
        (answered({"hello": "world"}),),
        (Answer(200, {"content-type": "application/problem+json"}, BUSY.parts),),
        (Answer(200, parts=[b"[1, 2]"]),),
        (Answer(200, parts=[b"{" * 100_000]),),
        (Answer(200, parts=[b'{"order_id": ', GONE]),),
        (Answer(502, {"content-type": "text/html"}, [b"Bad Gateway"]),),
        (Answer(504, {}, []),),
        (Answer(500, {}, []),),
        (GONE, HTML),
        (GONE, problem("request-timeout", 408)),
        (GONE, problem("foreign-host", 421)),
        (GONE, Answer(403, {"content-type": "text/html"}, [b"no"])),
    ],
)
def test_an_outcome_that_is_unknown_is_reported_with_what_sends_it_again(
    answers: tuple[Answer | Lost, ...],
) -> None:
    error = failing(Scripted(*answers), OutcomeUnknown)

    assert (error.order_id, error.idempotency_key) == ("o1", "k1")
    assert "k1" in str(error)
    assert isinstance(error.__cause__, DaybookError)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (REFUSED, Unavailable),
        (BUSY, Unavailable),
        (problem("contended", 503, after_s="1"), Unavailable),
        (Answer(307, {"location": "https://elsewhere/", "content-type": ""}, []), UnexpectedAnswer),
        (Answer(401, {"content-type": "text/html"}, [b"Log in"]), UnexpectedAnswer),
    ],
)
def test_what_was_surely_not_stored_is_not_called_unknown(
    answer: Answer | Lost, error: type[DaybookError]
) -> None:
    failing(Scripted(answer), error)


def test_the_id_of_an_order_that_the_server_names_is_known_all_the_same() -> None:
    server = Scripted(GONE)
    with pytest.raises(OutcomeUnknown) as caught:
        server.run(requests(server).command("place-order", None, {}, {"idempotency_key": "k1"}))
    assert caught.value.order_id == "d47420c7-2f7e-5ea7-bf04-4e2db069b363"


def test_a_query_that_has_no_answer_is_unavailable() -> None:
    for answer in (GONE, REFUSED, UNKNOWN, Answer(504, {}, [])):
        with pytest.raises(Unavailable):
            query(Scripted(answer))
    for answer in (HTML, Answer(200, parts=[b"nonsense"]), Answer(200, parts=[])):
        server = Scripted(answer, OK)
        with pytest.raises(UnexpectedAnswer):
            query(server)
        assert len(server.requests) == 1
    with pytest.raises(ServerFault) as caught:
        query(Scripted(problem("internal-error", 500, incident="i-1")))
    assert caught.value.incident == "i-1"


def test_what_does_not_pass_by_itself_is_not_waited_for() -> None:
    server = Scripted(problem("order-parked", 503), OK)
    with pytest.raises(Unavailable) as caught:
        query(server)
    assert caught.value.kind == "order-parked"
    assert server.pauses == []


def test_an_answer_is_read_up_to_a_bound_of_bytes_and_of_time() -> None:
    limits = Limits(answer_bytes_max=1_000, answer_s=10)
    server = Scripted(Answer(parts=[b"x" * 600] * 1_000), limits=limits)
    with pytest.raises(UnexpectedAnswer, match="over 1,000 bytes"):
        query(server)
    assert server.closed == 1

    server = Scripted(Answer(parts=[b" "] * 900, seconds=1), limits=limits)
    with pytest.raises(Unavailable, match="did not end in time"):
        query(server)
    assert server.closed == len(server.requests)


def test_each_connection_is_closed_before_the_next_one_is_opened() -> None:
    server = Scripted(BUSY, Answer(200, parts=[b"{", GONE]), OK)
    command(server)
    assert server.closed == 3


def test_a_page_that_is_none_is_no_answer() -> None:
    for document in ({}, {"items": []}, {"next": None}):
        server = Scripted(answered(document))
        with pytest.raises(UnexpectedAnswer):
            server.run(requests(server).pages("/v1/orders", {}))


def test_pages_are_asked_for_until_there_is_no_next() -> None:
    first = answered({"items": [1, 2], "next": "c"})
    server = Scripted(first, BUSY, answered({"items": [3], "next": None}))
    server.run(requests(server).pages("/v1/orders", {"state": "placed", "sort": None}))
    assert server.given == [1, 2, 3]
    assert [request.path for request in server.requests] == [
        "/v1/orders?state=placed",
        "/v1/orders?state=placed&cursor=c",
        "/v1/orders?state=placed&cursor=c",
    ]


def test_no_error_has_what_was_sent_as_a_secret() -> None:
    for answer in (
        HTML,
        GONE,
        problem("on-hold", 409, rule="on-hold"),
        Answer(500, {}, [b"s3cret"]),
    ):
        server = Scripted(answer)
        asked = requests(server, Authorization="Bearer s3cret")
        with pytest.raises(DaybookError) as caught:
            server.run(asked.command("confirm-order", "o1", {}, {}))
        shown = repr(caught.value) + str(caught.value) + repr(asked) + repr(server.requests)
        assert "s3cret" not in shown
        assert server.requests[0].headers["Authorization"] == b"Bearer s3cret"


@pytest.mark.parametrize(
    "sending",
    [
        {"actor": "a\r\nHost: evil"},
        {"idempotency_key": " k"},
        {"correlation_id": ""},
        {"idempotency_key": ""},
        {"actor": "\ud800"},
        {"if_match": "3"},
    ],
)
def test_what_cannot_be_in_a_header_is_refused_and_not_repeated(sending: Any) -> None:
    server = Scripted(OK)
    with pytest.raises(ValueError, match=r"must be|is a revision") as caught:
        command(server, **sending)
    assert "evil" not in str(caught.value)
    assert server.requests == []


def test_preconditions_and_the_sender_are_headers() -> None:
    server = Scripted(OK)
    command(server, if_match=[3, 4], channel="web", actor="Grète", traceparent="00-a")
    [request] = server.requests
    assert dict(request.headers) == {
        "Content-Type": b"application/json",
        "Daybook-Actor": "Grète".encode(),
        "Daybook-Channel": b"web",
        "Idempotency-Key": b"k1",
        "If-Match": b'"3", "4"',
        "traceparent": b"00-a",
    }


@pytest.mark.parametrize("order_id", ["", ".", ".."])
def test_an_id_that_would_be_another_path_is_refused(order_id: str) -> None:
    server = Scripted(OK)
    with pytest.raises(ValueError, match="order_id must not be"):
        server.run(requests(server).command("confirm-order", order_id, {}, {}))


@pytest.mark.parametrize("sending", [{"if_macth": 3}, {"resaon": "late"}, {"if_match": None}])
def test_a_name_that_is_misspelt_or_unset_is_not_left_out_silently(sending: Any) -> None:
    server = Scripted(OK)
    with pytest.raises(TypeError, match=r"is no field|must not be None"):
        command(server, **sending)
    with pytest.raises(TypeError, match=r"is no field|must not be None"):
        line.cancel_order("o1", reason="late", **sending)
    assert server.requests == []


def test_errors_can_be_sent_to_another_process() -> None:
    for server in (Scripted(GONE), Scripted(problem("stale-revision", 412, revision=3))):
        with pytest.raises(DaybookError) as caught:
            command(server)
        again = pickle.loads(pickle.dumps(caught.value))
        assert (type(again), str(again)) == (type(caught.value), str(caught.value))
        assert again.__dict__ == caught.value.__dict__


def test_a_time_needs_its_zone() -> None:
    server = Scripted(OK)
    naive = datetime(2026, 12, 1)  # noqa: DTZ001 (the fault)
    with pytest.raises(ValueError, match="needs its zone"):
        server.run(requests(server).command("confirm-order", "o1", {"occurred_at": naive}, {}))


def test_retrying_has_sensible_limits() -> None:
    for wrong in ({"tries_max": 0}, {"total_s": -1.0}, {"pause_max_s": -0.1}):
        with pytest.raises(ValueError, match="at least 1"):
            Retrying(**wrong)
