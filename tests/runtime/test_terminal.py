"""Output of the commands."""

import io
import json

import pytest

from runtime.terminal import progress, put_json, put_table, say


def test_results_go_to_stdout_and_words_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("one moment")
    put_json({"name": "Zoë"})
    out, err = capsys.readouterr()
    assert json.loads(out) == {"name": "Zoë"}
    assert err == "one moment\n"


def test_json_is_what_every_terminal_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    for encoding in ("ascii", "latin-1", "utf-8"):
        written = io.BytesIO()
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding=encoding))
        put_json({"name": "Zoë \U0001f600"})
        assert json.loads(written.getvalue()) == {"name": "Zoë \U0001f600"}


def test_a_table_lines_up_numbers_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    put_table(("model", "lag"), [("order", 7), ("payment", 12345), ("audit", None)])
    assert capsys.readouterr().out == (
        "model       lag\norder         7\npayment  12,345\naudit         -\n"
    )


def test_a_cell_is_part_of_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    put_table(("order_id",), [("order\x1b[2J\nforged",)])
    assert capsys.readouterr().out == "order_id\norder\\u001b[2J\\u000aforged\n"


def test_an_empty_table_is_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    put_table(("model", "lag"), [])
    assert capsys.readouterr().out == "model  lag\n"


def test_a_progress_bar_is_shown_on_a_terminal_or_when_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress("submit", total=10, unit="lines") as quiet:
        quiet.update(10)
    assert capsys.readouterr().err == ""
    with progress("submit", total=10, unit="lines", wanted=True) as loud:
        loud.update(10)
    assert "10/10" in capsys.readouterr().err
