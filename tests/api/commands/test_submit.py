"""Submitting files: what is sent in one request, what is counted, what is shown."""

import io
import json
from typing import Any

import pytest

from api.commands import submit
from api.commands.submit import Summary, line_count
from runtime.terminal import Exit


def _answer(status: int, **more: Any) -> dict[str, Any]:
    return {"line": 1, "status": status, **more}


def _accepted(*, replayed: bool = False) -> dict[str, Any]:
    return _answer(201, replayed=replayed, events=[{"type": "OrderPlaced"}])


def _problem(kind: str, status: int, **more: Any) -> dict[str, Any]:
    return _answer(status, problem={"type": f"/problems#{kind}", "status": status, **more})


REFUSED = _problem("unknown-order", 404, rule="unknown-order", detail="no such order")
MALFORMED = _problem(
    "malformed",
    422,
    detail="items.0.quantity: is required",
    errors=[{"field": "items.0.quantity", "message": "is required"}],
)


@pytest.mark.parametrize("chunk_bytes", [1, 3, 1_000])
async def test_lines_are_the_same_however_the_file_is_read(
    monkeypatch: pytest.MonkeyPatch, chunk_bytes: int
) -> None:
    monkeypatch.setattr(submit, "CHUNK_BYTES", chunk_bytes)
    for content in (b"", b"\n", b"one\n\ntwo\nthree", b"one\n"):
        lines = [line async for line in submit._lines(io.BytesIO(content))]
        assert lines == content.removesuffix(b"\n").split(b"\n")[: len(content)]


@pytest.mark.parametrize(
    ("content", "count"), [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\n\n", 2)]
)
def test_lines_are_counted_from_the_current_position(content: bytes, count: int) -> None:
    file = io.BytesIO(b"before" + content)
    file.seek(6)
    assert line_count(file) == count
    assert file.read() == content


def test_a_summary_counts_by_status_and_by_rule() -> None:
    summary = Summary()
    for answer in (
        _accepted(),
        _accepted(replayed=True),
        REFUSED,
        MALFORMED,
    ):
        summary.add(answer)
    document = summary.document()
    assert document == {
        "lines": 4,
        "accepted": 2,
        "replayed": 1,
        "events": 1,
        "answers": {"201": 2, "404": 1, "422": 1},
        "refusals": {"unknown-order": 1},
        "problems": {"malformed": 1},
        "not_accepted": [
            {"line": 1, "status": 404, "field": "", "reason": "no such order"},
            {"line": 1, "status": 422, "field": "items.0.quantity", "reason": "is required"},
        ],
        "seconds": 0.0,
    }


def test_a_line_that_was_not_accepted_is_found_and_a_refusal_may_be_allowed() -> None:
    for allow_refused, refused, malformed in ((False, 1, 1), (True, 0, 1)):
        for problem, code in ((REFUSED, refused), (MALFORMED, malformed)):
            summary = Summary(allow_refused=allow_refused)
            summary.add(_accepted())
            assert summary.exit_code == Exit.DONE
            summary.add(problem)
            assert summary.exit_code == code


def test_only_the_first_lines_that_were_not_accepted_are_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    summary = Summary()
    for line in range(1, 13):
        summary.add(MALFORMED | {"line": line})
    assert [shown["line"] for shown in summary.not_accepted] == list(range(1, 11))
    summary.show(as_json=False)
    out = capsys.readouterr().out
    assert "not accepted: 12 lines, the first 10 of them" in out
    assert out.count("items.0.quantity  is required") == 10


def test_a_line_that_could_not_be_stored_is_a_failure() -> None:
    summary = Summary()
    summary.add(_problem("storage-full", 503, title="There is no room left for the log"))
    assert summary.exit_code is Exit.UNAVAILABLE


def test_a_summary_is_shown_as_text_or_as_one_json_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    summary = Summary(seconds=2.0)
    summary.add(_accepted())
    summary.add(_problem("on-hold", 409, rule="on-hold", detail="is on hold"))
    summary.show(as_json=False)
    out = capsys.readouterr().out
    assert out.startswith("2 lines in 2.0 s (1/s): 1 accepted (0 of them from the log), 1 events")
    assert "on-hold" in out
    summary.show(as_json=True)
    assert json.loads(capsys.readouterr().out) == summary.document()
