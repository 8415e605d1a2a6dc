"""The live stream: each event once, whatever becomes of the connections."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybook_client import Limits, Rejected, Sender, Unavailable, UnexpectedAnswer
from daybook_client.requests import Requests
from daybook_client.wire import Lost
from tests.client.scripted import GONE, REFUSED, Answer, Scripted, answered, problem

STREAM = {"content-type": "text/event-stream; charset=utf-8"}


def frame(position: int) -> bytes:
    document = json.dumps({"position": position})
    return f"id: {position}\nevent: OrderPlaced\ndata: {document}\n\n".encode()


def stream(*parts: bytes | Lost, seconds: float = 0.0) -> Answer:
    return Answer(200, STREAM, parts, seconds)


def caught_up(position: int) -> bytes:
    return f"id: {position}\nevent: caught-up\ndata: {{}}\n\n".encode()


def followed(server: Scripted, **options: Any) -> list[int]:
    asked = Requests(policy=server.policy, sender=Sender(), headers={}, timeout_s=30)
    wanted: dict[str, Any] = {
        "after": 0,
        "types": (),
        "order_id": None,
        "customer_id": None,
        "view": None,
        "until_caught_up": True,
        "give_up_after_s": 100.0,
    }
    server.run(asked.follow(**wanted | options))
    return [event.position for event in server.given]


def afters(server: Scripted) -> list[str]:
    return [request.path.partition("after=")[2] for request in server.requests]


def test_it_goes_on_where_a_connection_ended_and_gives_each_event_once() -> None:
    server = Scripted(
        stream(frame(1), frame(2)[:-5], GONE),
        REFUSED,
        problem("overloaded", 503, after_s="3"),
        stream(frame(2), frame(2), frame(1), frame(5), GONE),
        stream(caught_up(7)),
    )
    assert followed(server) == [1, 2, 5]
    assert afters(server) == ["0", "1", "1", "1", "5"]


def test_a_heartbeat_moves_the_position_and_is_no_event() -> None:
    server = Scripted(stream(b": still here\n\nid: 41\n\n", GONE), stream(caught_up(41)))
    assert followed(server, after=None) == []
    assert afters(server) == ["", "41"]


def test_a_position_never_goes_back() -> None:
    server = Scripted(
        stream(frame(5), b"id: 3\n\n", frame(4), caught_up(2)[:-1], GONE),
        stream(frame(6), caught_up(6)),
    )
    assert followed(server) == [5, 6]
    assert afters(server) == ["0", "5"]


def test_what_is_asked_for_is_asked_for_again() -> None:
    server = Scripted(stream(frame(3), GONE), stream(caught_up(3)))
    followed(server, types=("OrderPlaced", "A&B"), order_id="a/b", view="order")
    assert [request.path for request in server.requests] == [
        "/v1/orders/a%2Fb/stream?type=OrderPlaced&type=A%26B&view=order&after=0",
        "/v1/orders/a%2Fb/stream?type=OrderPlaced&type=A%26B&view=order&after=3",
    ]


def ending(kind: str, status: int) -> bytes:
    document = {"type": f"/problems#{kind}", "title": "T", "status": status, "detail": "d"}
    return f"event: problem\ndata: {json.dumps(document)}\n\n".encode()


def test_a_problem_ends_a_stream_for_a_while_or_for_good() -> None:
    passing = ending("store-unavailable", 503)
    server = Scripted(
        stream(b"retry: 1000\n\n", frame(1), passing),
        stream(passing),
        stream(frame(2), ending("unknown-position", 409)),
    )
    with pytest.raises(Rejected) as caught:
        followed(server)
    assert caught.value.kind == "unknown-position"
    assert [event.position for event in server.given] == [1, 2]
    assert afters(server) == ["0", "1", "1"]


def test_an_order_that_is_parked_is_told_of() -> None:
    parked = b'id: 4\nevent: order-parked\ndata: {"order_id": "o1"}\n\n'
    server = Scripted(stream(parked, caught_up(4)))
    assert followed(server, view="payment") == [4]
    assert (server.given[0].type, server.given[0].document["order_id"]) == ("order-parked", "o1")


def test_a_stream_is_of_an_order_or_of_a_customer() -> None:
    with pytest.raises(ValueError, match="an order or a customer"):
        followed(Scripted(GONE), order_id="o1", customer_id="ada")


def test_a_problem_that_does_not_pass_is_raised() -> None:
    for answer, error in (
        (problem("unknown-position", 422), Rejected),
        (problem("order-parked", 503), Unavailable),
        (answered({"items": []}), UnexpectedAnswer),
        (Answer(200, {"content-type": "text/html"}, [b"hello"]), UnexpectedAnswer),
    ):
        server = Scripted(answer)
        with pytest.raises(error):
            followed(server)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "part",
    [
        b"event: OrderPlaced\ndata: {}\n\n",
        b"id: x\ndata: {}\n\n",
        b"event: problem\n\n",
        b"event: problem\ndata: {}\n\n",
        b"id: -1\ndata: {}\n\n",
        b"id: 5\ndata: nonsense\n\n",
        b"id: 5\ndata: []\n\n",
        b"id: 5\ndata: \xff\n\n",
        b"data: " + b"x" * 2_000,
    ],
)
def test_rubbish_ends_it(part: bytes) -> None:
    with pytest.raises(UnexpectedAnswer, match="the stream is none of Daybook's"):
        followed(Scripted(stream(part), limits=Limits(1_000)))


def test_it_gives_up_after_a_time_without_the_server() -> None:
    server = Scripted(stream(frame(1), GONE), REFUSED)
    with pytest.raises(Unavailable, match="ConnectError"):
        followed(server, give_up_after_s=20.0)
    assert server.given[0].position == 1
    assert sum(server.pauses) <= 20


def test_the_time_that_a_stream_was_open_does_not_count() -> None:
    long = stream(frame(1), frame(2), GONE, seconds=1_000)
    assert followed(Scripted(long, stream(frame(3), caught_up(3))), give_up_after_s=20) == [1, 2, 3]


def test_a_problem_after_long_is_as_the_first_one_and_one_that_stays_is_raised() -> None:
    passing = ending("store-unavailable", 503)
    long = stream(frame(1), frame(2), passing, seconds=1_000)
    assert followed(Scripted(long, stream(frame(3), caught_up(3))), give_up_after_s=20) == [1, 2, 3]

    server = Scripted(stream(b"retry: 1000\n\n", passing))
    with pytest.raises(Unavailable, match="store-unavailable"):
        followed(server, give_up_after_s=20)
    assert len(server.requests) < 10


def test_streams_that_end_at_once_are_not_opened_for_ever() -> None:
    server = Scripted(stream())
    with pytest.raises(Unavailable, match="the stream ended"):
        followed(server, give_up_after_s=20.0)
    assert len(server.requests) < 10


@given(st.lists(st.integers(1, 40), unique=True).map(sorted), st.data())
def test_nothing_is_missed_or_given_twice_wherever_connections_are_cut(
    positions: list[int], data: st.DataObject
) -> None:
    server = _Log(positions, data)
    assert followed(server) == positions


class _Log(Scripted):
    """A log whose connections are cut anywhere, also within a frame; some frames come twice."""

    def __init__(self, positions: list[int], data: st.DataObject) -> None:
        super().__init__(REFUSED)
        self._positions = positions
        self._data = data
        self._cuts = data.draw(st.integers(0, 4))

    def _open(self) -> Any:
        after = int(self.requests[-1].path.partition("after=")[2])
        whole = b"".join(frame(each) for each in self._positions if each > after)
        whole += caught_up(max([after, *self._positions]))
        if self._cuts:
            self._cuts -= 1
            cut = self._data.draw(st.integers(0, len(whole) - 1))
            self._answers = [stream(whole[:cut], GONE)]
        else:
            self._answers = [stream(whole)]
        return super()._open()
