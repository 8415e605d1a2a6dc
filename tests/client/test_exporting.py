"""An export is whole, or said not to be."""

import json
from typing import Any

import pytest

from daybook_client import Interrupted, Limits, Sender, Unavailable, UnexpectedAnswer
from daybook_client.requests import Requests
from daybook_client.wire import Lost
from tests.client.scripted import GONE, REFUSED, Answer, Scripted, problem

NDJSON = {"content-type": "application/x-ndjson"}
EVENT = b'{"record": "event", "position": 1}\n'


def end(count: int) -> bytes:
    return json.dumps({"record": "end", "from": 1, "to": 9, "count": count}).encode() + b"\n"


def whole(*parts: bytes | Lost) -> Answer:
    return Answer(200, NDJSON, parts)


def exported(server: Scripted, **query: Any) -> int:
    asked = Requests(policy=server.policy, sender=Sender(), headers={}, timeout_s=30)
    server.run(asked.export(query))
    return len(server.given)


def test_an_export_is_read_to_its_end_however_it_comes() -> None:
    text = EVENT * 3 + end(3)
    assert exported(Scripted(whole(text))) == 3
    assert exported(Scripted(whole(*[text[i : i + 1] for i in range(len(text))]))) == 3
    assert exported(Scripted(whole(end(0)))) == 0


def test_one_that_has_not_begun_is_asked_for_again() -> None:
    busy = problem("overloaded", 503, after_s="1")
    server = Scripted(REFUSED, busy, whole(GONE), whole(), whole(EVENT, end(1)))
    assert exported(server) == 1
    with pytest.raises(Unavailable, match="cut off"):
        exported(Scripted(whole()))


def test_one_that_is_cut_off_is_never_taken_for_a_whole_one() -> None:
    for parts in ((EVENT, GONE), (EVENT,), (EVENT, end(1)[:-1])):
        server = Scripted(whole(*parts), whole(EVENT, end(1)))
        with pytest.raises(Interrupted) as caught:
            exported(server)
        assert caught.value.answered == len(server.given) == 1
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "parts", [(end(1),), (EVENT, end(2)), (b"nonsense\n",), (b"{}\n",), (b"x" * 2_000,)]
)
def test_rubbish_is_no_export(parts: tuple[bytes, ...]) -> None:
    with pytest.raises((UnexpectedAnswer, Interrupted), match="no export of Daybook"):
        exported(Scripted(whole(*parts), limits=Limits(1_000)))
    with pytest.raises(Interrupted, match="no export of Daybook"):
        exported(Scripted(whole(EVENT, end(1), EVENT)))
