"""Lines in requests of bounded size, and what becomes of those without an answer."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybook_client import (
    Interrupted,
    Limits,
    Malformed,
    Retrying,
    Sender,
    Unavailable,
    UnexpectedAnswer,
    bulk,
    line,
)
from daybook_client.requests import Requests
from daybook_client.wire import Lost
from tests.client.scripted import GONE, REFUSED, Answer, Scripted, problem

NDJSON = {"content-type": "application/x-ndjson"}


def answers(*statuses: int, then: Iterable[bytes | Lost] = (), size: int = 7) -> Answer:
    text = b"".join(
        json.dumps({"line": n, "status": status, "replayed": False, "events": []}).encode() + b"\n"
        for n, status in enumerate(statuses, 1)
    )
    parts = [text[i : i + size] for i in range(0, len(text), size)]
    return Answer(200, NDJSON, [*parts, *then])


def submitted(server: Scripted) -> list[tuple[int, int]]:
    asked = Requests(policy=server.policy, sender=Sender(), headers={}, timeout_s=30)
    server.run(asked.submit())
    return [(result.line, result.status) for result in server.given]


def sent(server: Scripted) -> list[list[bytes]]:
    return [request.content.splitlines() for request in server.requests]


def note(order_id: str) -> dict[str, Any]:
    return line.add_note(order_id, note_id="n", text="hi")


def test_a_request_has_at_most_a_thousand_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "REQUEST_LINES_MAX", 3)
    server = Scripted(answers(1, 2, 3), answers(4), lines=[b"%d" % n for n in range(4)])
    assert submitted(server) == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert sent(server) == [[b"0", b"1", b"2"], [b"3"]]


def test_a_request_has_few_lines_where_they_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "REQUEST_BYTES_MAX", 100)
    server = Scripted(answers(1, 2), answers(3, 4), lines=[b"x" * 60] * 4)
    submitted(server)
    assert [len(lines) for lines in sent(server)] == [2, 2]


def test_blank_lines_count_and_are_not_sent() -> None:
    lines = [b"\xef\xbb\xbf\n", "", b" \r\n", b"a\n", "b"]
    server = Scripted(answers(201, 422), lines=lines)
    assert submitted(server) == [(4, 201), (5, 422)]
    assert sent(server) == [[b"a", b"b"]]


def test_nothing_is_sent_where_there_are_no_lines() -> None:
    server = Scripted(answers(), lines=[])
    assert submitted(server) == []
    assert server.requests == []


def test_a_line_of_several_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="no line breaks"):
        submitted(Scripted(answers(201), lines=[b'{"a":\n1}']))


def test_what_has_no_answer_is_sent_again_by_itself() -> None:
    server = Scripted(
        answers(201, 201, then=[GONE]),
        REFUSED,
        answers(200),
        lines=[note("a"), note("b"), note("c")],
    )
    assert submitted(server) == [(1, 201), (2, 201), (3, 200)]
    first, second, third = sent(server)
    assert second == third == first[2:]
    assert server.pauses == [1, 2]


def test_a_line_that_does_not_name_itself_is_not_sent_again_where_it_may_be_stored() -> None:
    unnamed = b'{"command": "add-note", "order_id": "b", "note_id": "n", "text": "hi"}'
    server = Scripted(answers(201, then=[GONE]), lines=[note("a"), unnamed])
    with pytest.raises(Interrupted, match="after 1 answers") as caught:
        submitted(server)
    assert caught.value.answered == 1
    assert len(server.requests) == 1

    server = Scripted(REFUSED, answers(201), lines=[unnamed])
    assert submitted(server) == [(1, 201)]


def test_a_line_that_is_no_command_can_be_sent_again() -> None:
    server = Scripted(GONE, answers(422, 422, 422), lines=[b"nonsense", b"[1]", b"[" * 100_000])
    assert submitted(server) == [(1, 422), (2, 422), (3, 422)]


def test_tries_are_bounded_and_counted_anew_after_an_answer() -> None:
    retrying = Retrying(tries_max=2, first_pause_s=1)
    lines = [note("a"), note("b")]
    server = Scripted(
        REFUSED, answers(201, then=[GONE]), REFUSED, answers(200), lines=lines, retrying=retrying
    )
    with pytest.raises(Interrupted):
        submitted(server)
    server = Scripted(
        REFUSED, answers(201, then=[GONE]), answers(200), lines=lines, retrying=retrying
    )
    assert submitted(server) == [(1, 201), (2, 200)]
    with pytest.raises(Unavailable):
        submitted(Scripted(REFUSED, lines=lines, retrying=retrying))


@pytest.mark.parametrize(
    "parts",
    [[b"nonsense\n"], [b"[]\n"], [b'{"status": "x"}\n'], [b"x" * 2_000], [b"\xff\n"]],
)
def test_rubbish_ends_it(parts: list[bytes]) -> None:
    server = Scripted(Answer(200, NDJSON, parts), lines=[note("a")], limits=Limits(1_000))
    with pytest.raises(Interrupted) as caught:
        submitted(server)
    assert isinstance(caught.value.__cause__, UnexpectedAnswer)


def test_more_answers_than_lines_end_it() -> None:
    with pytest.raises(Interrupted, match="more answers than lines"):
        submitted(Scripted(answers(201, 201), lines=[note("a")]))


def test_a_request_that_is_refused_raises_its_problem() -> None:
    with pytest.raises(Malformed):
        submitted(Scripted(problem("malformed", 422), lines=[note("a")]))
    server = Scripted(problem("overloaded", 503, after_s="1"), answers(201), lines=[note("a")])
    assert submitted(server) == [(1, 201)]


def test_a_line_has_a_key_from_its_beginning_and_no_precondition() -> None:
    made = line.cancel_order("o1", reason="late", actor="ada")
    assert made.pop("command_id")
    expected = {"command": "cancel-order", "order_id": "o1", "reason": "late", "actor": "ada"}
    assert made == expected
    assert line.cancel_order("o1", reason="late", idempotency_key="k")["command_id"] == "k"
    with pytest.raises(ValueError, match="no if_match"):
        line.cancel_order("o1", reason="late", if_match=3)


class _Ledger(Scripted):
    """Executes each line once by its command_id; connections are lost anywhere."""

    def __init__(self, lines: list[Any], data: st.DataObject) -> None:
        super().__init__(REFUSED, lines=lines, retrying=Retrying(tries_max=20))
        self._data = data
        self._losses = data.draw(st.integers(0, 6))
        self.executed: list[str] = []

    def _open(self) -> Any:
        self._answers = [self._answer(self.requests[-1].content.splitlines())]
        return super()._open()

    def _answer(self, lines: list[bytes]) -> Answer | Lost:
        if not self._losses:
            return Answer(200, NDJSON, [self._execute(lines)])
        self._losses -= 1
        arrived = self._data.draw(st.integers(-1, len(lines)))
        if arrived < 0:
            return REFUSED
        text = self._execute(lines[:arrived])
        cut = self._data.draw(st.integers(0, len(text)))
        return Answer(200, NDJSON, [text[:cut], GONE] if cut else [GONE])

    def _execute(self, lines: list[bytes]) -> bytes:
        answered = []
        for number, text in enumerate(lines, 1):
            key = json.loads(text)["command_id"]
            replayed = key in self.executed
            if not replayed:
                self.executed.append(key)
            answered.append({"line": number, "status": 200, "key": key, "replayed": replayed})
        return b"".join(json.dumps(each).encode() + b"\n" for each in answered)


@given(st.integers(0, 12), st.integers(1, 4), st.data())
def test_each_line_is_done_once_and_answered_once_wherever_connections_are_lost(
    count: int, lines_max: int, data: st.DataObject
) -> None:
    lines = [note(f"o{number}") for number in range(count)]
    keys = [each["command_id"] for each in lines]
    server = _Ledger(lines, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "REQUEST_LINES_MAX", lines_max)
        assert [number for number, _ in submitted(server)] == list(range(1, count + 1))
    assert [result.document["key"] for result in server.given] == keys
    assert server.executed == keys
