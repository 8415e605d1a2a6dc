"""The command line: messages, results and exit codes of each command."""

import errno
import json
import logging
import re
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import pytest

from daybook import cli, exit_code
from eventstore.record.chain import sealed
from projections.models import MODELS
from runtime.model_names import MODEL_NAMES
from tests.disks import small_disk

Run = Callable[..., int]

PAGE_BYTES = 4_096

PLACE = {
    "command": "place-order",
    "customer_id": "ada",
    "currency": "EUR",
    "items": [{"product_id": "tea", "quantity": 2, "price_cents": 990}],
}


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        yield (*path, name)


ALL = sorted(_commands(cli))
GROUPS = {("audit",), ("parked",)}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command of the program in this process, on its own ledger; its exit code."""
    monkeypatch.setenv("DAYBOOK_DATA_DIR", str(tmp_path / "data"))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str) -> int:
        return exit_code(lambda: cli.main(arguments, standalone_mode=False))

    yield run
    root.handlers[:] = handlers  # a command sends all logging to standard error
    root.setLevel(level)


@pytest.fixture
def orders(tmp_path: Path, run: Run) -> list[str]:
    """Three orders in the log, of two events each."""
    ids = ["o-1", "o-2", "o-3"]
    lines = [PLACE | {"order_id": id_, "command_id": "place"} for id_ in ids]
    lines += [
        {"command": "add-note", "order_id": id_, "note_id": "n", "text": "hi", "command_id": "note"}
        for id_ in ids
    ]
    path = tmp_path / "orders.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run("submit", str(path)) == 0
    return ids


def _alter(tmp_path: Path, sql: str, position: int) -> None:
    """Alter an event in the file, past its triggers, as somebody with access to it could."""
    connection = sqlite3.connect(tmp_path / "data" / "ledger.db")
    with connection:
        for name in ("events_are_never_changed", "events_are_never_removed"):
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        changed = connection.execute(f"{sql} WHERE position = ?", (position,))
        assert changed.rowcount == 1
    connection.close()


def _replaced(column: str, old: str, new: str) -> str:
    text = f"replace(CAST({column} AS TEXT), '{old}', '{new}')"
    return f"CAST({text} AS BLOB)" if column in {"data", "metadata"} else text


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help(
    run: Run, capsys: pytest.CaptureFixture[str], path: tuple[str, ...]
) -> None:
    assert run(*path, "--help") == 0
    out, err = capsys.readouterr()
    assert err == ""
    said = out.split("\n\n")[1].strip()
    assert len(said.split()) >= 3
    assert said.endswith((".", ":"))


def test_every_option_has_help() -> None:
    for path in ALL:
        command: click.Command = cli
        for name in path:
            assert isinstance(command, click.Group)
            command = command.commands[name]
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (path, parameter.name)


@pytest.mark.parametrize("path", [path for path in ALL if path not in GROUPS], ids=" ".join)
def test_every_command_with_a_result_has_it_as_json(path: tuple[str, ...]) -> None:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert "--json" in options


def test_the_command_line_names_every_read_model() -> None:
    assert tuple(MODELS) == MODEL_NAMES


@pytest.mark.parametrize(
    "arguments",
    [
        ("unknown",),
        ("submit",),
        ("submit", "/nonexistent.ndjson"),
        ("replay",),
        ("replay", "order", "--all"),
        ("replay", "orders"),
        ("worker", "orders"),
        ("parked", "discard", "order", "o-1", "0"),
        ("parked", "discard", "order", "o-1", "-1", "--why", "x"),
        ("audit", "export", "--format", "xml"),
        ("audit", "export", "--order-id", "no id "),
        ("audit", "export", "--format", "csv", "--json"),
        ("serve", "--port", "1"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2_with_a_message(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "rror: " in err or "daybook: " in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay", "--all"),
        ("status",),
        ("check",),
        ("audit", "export"),
        ("submit", "-", "--url", "http://127.0.0.1:1"),
    ],
    ids=" ".join,
)
def test_without_a_ledger_commands_that_need_one_end_with_exit_code_3(
    run: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
) -> None:
    line = tmp_path / "line.ndjson"
    line.write_text("{}\n")
    arguments = tuple(str(line) if argument == "-" else argument for argument in arguments)
    assert run(*arguments) == 3
    assert capsys.readouterr().err.startswith("daybook: ")


def test_an_unknown_error_is_raised_as_it_is(run: Run) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        exit_code(broken)


# submit ------------------------------------------------------------------------------------------


def test_submit_answers_each_line_and_counts(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, results = tmp_path / "orders.ndjson", tmp_path / "results.ndjson"
    path.write_text(path.read_text() + '\n{"command": "cancel"}\nnonsense\n')
    assert run("submit", str(path), "--results", str(results), "--json") == 1
    summary = _json(capsys)
    seconds, not_accepted = summary.pop("seconds"), summary.pop("not_accepted")
    assert seconds > 0
    assert [(shown["line"], shown["status"]) for shown in not_accepted] == [(8, 404), (9, 422)]
    assert summary == {
        "lines": 8,
        "accepted": 6,
        "replayed": 6,
        "events": 0,
        "answers": {"200": 3, "201": 3, "404": 1, "422": 1},
        "refusals": {},
        "problems": {"unknown-command": 1, "malformed": 1},
    }
    answers = [json.loads(line) for line in results.read_text().splitlines()]
    assert [answer["line"] for answer in answers] == [1, 2, 3, 4, 5, 6, 8, 9]
    assert [answer["order_id"] for answer in answers[:3]] == orders


UNKNOWN_ORDER = {"command": "confirm-order", "order_id": "o-9", "command_id": "k"}
MISSPELT = PLACE | {"order_id": "o-8", "curency": "EUR"}


@pytest.mark.parametrize(
    ("line", "codes"), [(PLACE, (0, 0)), (UNKNOWN_ORDER, (1, 0)), (MISSPELT, (1, 1))]
)
def test_submit_fails_where_a_line_was_not_accepted_unless_a_rule_refused_it_and_may(
    tmp_path: Path, run: Run, line: dict[str, Any], codes: tuple[int, int]
) -> None:
    path = tmp_path / "line.ndjson"
    path.write_text(json.dumps(line))
    assert (run("submit", str(path)), run("submit", str(path), "--allow-refused")) == codes


def test_submit_shows_the_line_the_field_and_the_reason(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "line.ndjson"
    path.write_text("\n" + json.dumps(MISSPELT) + "\n" + json.dumps(UNKNOWN_ORDER))
    assert run("submit", str(path)) == 1
    shown = capsys.readouterr().out.splitlines()[-2:]
    assert re.match(r" *2  curency +is not known here; known are ", shown[0]), shown
    assert re.match(r" *3  +\S", shown[1]), shown


def test_submit_drops_a_byte_order_mark(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "line.ndjson"
    path.write_text(json.dumps(PLACE), encoding="utf-8-sig")
    assert run("submit", str(path)) == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_submit_refuses_utf_16_by_name(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    path = tmp_path / "line.ndjson"
    path.write_text(json.dumps(PLACE), encoding=encoding)
    assert run("submit", str(path)) == 2
    assert "UTF-16" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost", "http://localhost"),
        ("ledger.example:8000/x", "http://ledger.example:8000/x"),
        ("//127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("ftp://127.0.0.1", "http://127.0.0.1"),
        ("http://", "http://127.0.0.1:8000"),
        ("http:127.0.0.1", "http://"),
        ("http://[::1", "http://"),
        ("", "http://127.0.0.1:8000"),
    ],
)
def test_submit_to_a_url_that_names_no_server_suggests_one(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str], url: str, meant: str
) -> None:
    path = tmp_path / "line.ndjson"
    path.write_text(json.dumps(PLACE))
    assert run("submit", str(path), "--url", url) == 2
    assert f"write --url {meant}" in capsys.readouterr().err


def test_submit_shows_a_progress_bar_when_asked_and_only_on_stderr(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del orders
    assert run("submit", str(tmp_path / "orders.ndjson"), "--progress", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["lines"] == 6
    assert "6/6" in err


# replay, status ----------------------------------------------------------------------------------


def test_replay_builds_the_read_models_and_status_shows_them(
    run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del orders
    assert run("replay", "--all", "--json") == 0
    assert [(model["name"], model["position"]) for model in _json(capsys)] == [
        (name, 6) for name in MODEL_NAMES
    ]
    assert run("status", "--json") == 1  # no worker has ever run
    models = _json(capsys)
    assert [(model["name"], model["lag"], model["parked"]) for model in models] == [
        (name, 0, 0) for name in MODEL_NAMES
    ]
    assert {model["state"] for model in models} == {"never started"}


def test_a_read_model_that_is_held_by_another_replay_stops_no_other(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    from projections.storage.sqlite.files import Files

    del orders
    with Files(tmp_path / "data" / "payment").building():
        assert run("replay", "--all", "--json") == 3
    out, err = capsys.readouterr()
    assert [model["name"] for model in json.loads(out)] == [
        name for name in MODEL_NAMES if name != "payment"
    ]
    assert err.startswith("daybook: payment was not rebuilt: ")


def test_a_replay_of_an_altered_log_parks_and_names_the_order_and_builds_the_rest(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del orders
    assert run("replay", "--all") == 0
    _alter(tmp_path, "UPDATE events SET data = " + _replaced("data", "ada", "eve"), 3)
    capsys.readouterr()

    assert run("replay", "--all", "--json") == 1

    out, err = capsys.readouterr()
    for model in json.loads(out):
        assert (model["generation"], model["parked"]) == (2, 1)
        assert model["parked_orders"][0]["order_id"] == "o-3"
        assert f"{model['name']}: o-3 is parked at revision 0: ChainBroken: order-o-3" in err
    assert err.count("position 3: its hash is not") == len(MODEL_NAMES)
    assert run("status", "--json") == 1
    for model in _json(capsys):
        assert (model["generation"], model["parked_orders"][0]["order_id"]) == (2, "o-3")
    assert run("replay", "order", "--no-verify") == 0


# parked ------------------------------------------------------------------------------------------


@pytest.fixture
def parked(tmp_path: Path, run: Run, orders: list[str]) -> str:
    """An order whose note no projection can read; the read models are built."""
    del orders
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.db")) as conn:
        conn.execute("CREATE TABLE as_it_was AS SELECT data FROM events WHERE position = 5")
        conn.commit()
    _alter(tmp_path, "UPDATE events SET data = x'7b7d'", 5)
    assert run("replay", "--all", "--no-verify") == 1
    return "o-2"


def test_a_parked_order_is_listed_and_status_needs_attention(
    run: Run, parked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("parked", "list", "order", "--json") == 0
    row = _json(capsys)
    assert (row["model"], row["order_id"], row["revision"]) == ("order", parked, 1)
    assert row["type"] == "NoteAdded"
    assert run("parked", "list") == 0
    assert capsys.readouterr().out.count(parked) >= 1
    assert run("status") == 1


def test_a_parked_event_is_shown_as_it_is_in_the_log(
    run: Run, parked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("parked", "show", "order", parked, "--json") == 0
    shown = _json(capsys)
    assert shown["data"] == "{}"
    assert json.loads(shown["metadata"])["command_id"] == "note"


def test_a_retry_that_fails_again_reports_it_and_one_after_a_repair_succeeds(
    tmp_path: Path, run: Run, parked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("parked", "retry", "order", parked) == 1
    assert "is parked at revision 1" in capsys.readouterr().out
    other = json.dumps({"note_id": "n", "text": "hi"}).encode().hex()
    _alter(tmp_path, f"UPDATE events SET data = x'{other}'", 5)
    assert run("parked", "retry", "order", parked) == 1
    assert "its hash is not that of its content" in capsys.readouterr().out
    _alter(tmp_path, "UPDATE events SET data = (SELECT data FROM as_it_was)", 5)
    assert run("parked", "retry", "order", parked) == 0
    capsys.readouterr()
    assert run("parked", "list", "order") == 0
    assert capsys.readouterr().out == "no order is parked\n"


def test_an_order_that_is_not_parked_is_wrong_usage_of_every_parked_command(
    run: Run, parked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    del parked
    for asked in (("show",), ("retry",)):
        assert run("parked", *asked, "order", "o-1") == 2
        assert "o-1 is not parked in order" in capsys.readouterr().err
    assert run("parked", "discard", "order", "o-1", "1", "--why", "x", "--who", "ann") == 2
    assert "o-1 is not parked at revision 1 in order" in capsys.readouterr().err


def test_a_discarded_event_is_skipped_with_a_name_and_a_reason(
    run: Run, parked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    discard = ("parked", "discard", "order", parked)
    assert run(*discard, "0", "--why", "unreadable", "--who", "ann") == 2
    assert "not parked at revision 0" in capsys.readouterr().err
    assert run(*discard, "1", "--why", "unreadable", "--who", "ann") == 0
    capsys.readouterr()
    assert run("replay", "order", "--no-verify", "--json") == 0
    [model] = _json(capsys)
    assert model["parked"] == 0


def test_a_discard_is_recorded_with_the_log_and_outlives_the_read_model(
    tmp_path: Path, run: Run, parked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    discard = ("parked", "discard", "order", parked)
    assert run(*discard, "0", "--why", "not parked there", "--who", "ann") == 2
    capsys.readouterr()
    assert run("parked", "discards") == 0
    assert capsys.readouterr().out == "nothing was discarded\n"

    for _ in range(2):  # the second time it is already done, and not recorded again
        assert run(*discard, "1", "--why", "unreadable", "--who", "ann") == 0
    for file in (tmp_path / "data").glob("order.*"):
        file.unlink()
    capsys.readouterr()

    assert run("replay", "order", "--no-verify", "--json") == 0
    [model] = _json(capsys)
    assert model["parked"] == 0
    assert run("parked", "discards", "order", "--json") == 0
    said = _json(capsys)
    assert datetime.fromisoformat(said.pop("when")).tzinfo is UTC
    assert UUID(said.pop("event_id")).version == 5
    assert said == {
        "model": "order",
        "order_id": parked,
        "revision": 1,
        "who": "ann",
        "why": "unreadable",
    }
    assert run("parked", "discards", "payment", "--json") == 0
    assert capsys.readouterr().out == ""
    mode = (tmp_path / "data" / "ledger.db.discards").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_discard_that_cannot_be_recorded_is_not_done(
    tmp_path: Path, run: Run, parked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data" / "ledger.db.discards").write_text("no line of ours\n")
    assert run("parked", "discard", "order", parked, "1", "--why", "unreadable") == 3
    assert "it contains which events were discarded" in capsys.readouterr().err
    assert run("parked", "list", "order", "--json") == 0
    assert _json(capsys)["order_id"] == parked


# check -------------------------------------------------------------------------------------------


def test_check_finds_nothing_in_a_log_that_is_whole(
    run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", "--json") == 0
    log = {"events": 6, "orders": len(orders), "head": 6, "findings": []}
    assert _json(capsys) == {"server": None} | log


@pytest.mark.parametrize(
    ("column", "old", "new", "position"),
    [
        ("data", "990", "991", 2),
        ("metadata", "anonymous", "anonymouz", 5),
        ("type", "OrderPlaced", "OrderFramed", 3),
        ("stream", "order-o-1", "order-o-9", 1),
    ],
)
def test_check_names_the_first_event_of_an_order_that_was_altered_and_what_to_do(
    tmp_path: Path,
    run: Run,
    orders: list[str],
    capsys: pytest.CaptureFixture[str],
    column: str,
    old: str,
    new: str,
    position: int,
) -> None:
    del orders
    _alter(tmp_path, f"UPDATE events SET {column} = {_replaced(column, old, new)}", position)
    assert run("check", "--json") == 1
    [finding, *_] = _json(capsys)["findings"]
    assert finding["position"] == position
    assert "its hash is not that of its content" in finding["message"]
    assert finding["next_step"].startswith("restore the log from a backup")
    assert run("check") == 1
    assert f"position {position}: " in capsys.readouterr().out


def test_check_cannot_find_what_somebody_altered_who_computed_the_hashes_again(
    tmp_path: Path, run: Run, orders: list[str]
) -> None:
    """What the chain does not prove, as docs/architecture.md says."""
    del orders
    connection = sqlite3.connect(tmp_path / "data" / "ledger.db")
    with closing(connection):
        question = "SELECT stream, revision, event_id, type, metadata FROM events"
        [row] = connection.execute(f"{question} WHERE position = 5")
    stream, revision, event_id, kind, metadata = row
    data = json.dumps({"note_id": "n", "text": "another"}, separators=(",", ":")).encode()
    open_ = metadata[: metadata.index(b',"hash":')]
    metadata, _ = sealed(
        open_,
        stream=stream,
        revision=revision,
        event_id=UUID(bytes=event_id),
        event_type=kind,
        data=data,
    )
    written = f"UPDATE events SET data = x'{data.hex()}', metadata = x'{metadata.hex()}'"
    _alter(tmp_path, written, 5)
    assert run("check") == 0


def test_check_finds_every_removed_event(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del orders
    _alter(tmp_path, "DELETE FROM events", 5)
    assert run("check", "--json") == 1
    [finding] = _json(capsys)["findings"]
    assert (finding["position"], finding["message"]) == (5, "position 5 is missing")


def test_check_finds_a_file_whose_pages_are_damaged(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del orders
    path = tmp_path / "data" / "ledger.db"
    whole = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(len(whole) - 4096)
        file.write(b"\xff" * 512)
    assert run("check", "--json") == 1
    [finding, *_] = _json(capsys)["findings"]
    assert "damaged" in finding["message"] or "malformed" in finding["message"]
    path.write_bytes(whole)
    assert run("check") == 0


def test_check_finds_a_damaged_page_wherever_it_is(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del orders
    path = tmp_path / "data" / "ledger.db"
    whole = path.read_bytes()
    for page in range(0, len(whole), PAGE_BYTES):
        path.write_bytes(whole[:page] + b"\xff" * PAGE_BYTES + whole[page + PAGE_BYTES :])
        assert run("check", "--json") == 1
        for finding in _json(capsys)["findings"]:
            assert finding["message"]
            assert finding["next_step"].startswith("restore the log from a backup")


@pytest.mark.parametrize(
    ("written", "damaged"),
    [
        (b"order-o-2", b"order-o-\xff"),
        (b"NoteAdded", b"NoteAdde\xff"),
        (b'{"note_id":"n","text":"hi"}', b"\0" * 27),
    ],
)
def test_check_names_the_event_on_a_page_that_is_damaged_in_one_place(
    tmp_path: Path,
    run: Run,
    orders: list[str],
    capsys: pytest.CaptureFixture[str],
    written: bytes,
    damaged: bytes,
) -> None:
    del orders
    path = tmp_path / "data" / "ledger.db"
    whole = path.read_bytes()
    assert written in whole
    path.write_bytes(whole.replace(written, damaged))
    assert run("check", "--json") == 1
    document = _json(capsys)
    assert document["events"] == 6
    assert any(finding["position"] for finding in document["findings"])


def test_check_of_a_file_that_is_not_a_log_is_a_finding(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del orders
    (tmp_path / "data" / "ledger.db").write_bytes(b"\xff" * 2 * PAGE_BYTES)
    assert run("check") == 1
    assert "file is not a database" in capsys.readouterr().out


def test_on_a_read_only_disk_every_command_reports_it(
    tmp_path: Path,
    run: Run,
    orders: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del orders
    readers = ("check", "status", "audit export")
    with small_disk(tmp_path / "disk", mebibytes=8) as disk:
        shutil.copy(tmp_path / "data" / "ledger.db", disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        monkeypatch.setenv("DAYBOOK_DATA_DIR", str(disk))
        commands = (
            "check",
            "status",
            "audit export",
            "replay --all",
            "serve",
            "worker",
            "submit -",
        )
        for command in commands:
            assert run(*command.split()) == 3, command
            assert "read-only" in capsys.readouterr().err.lower(), command
        for command in readers:
            run(*command.split())
            assert "into a folder that you can write to" in capsys.readouterr().err


def test_check_continues_after_a_finding(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _alter(tmp_path, "UPDATE events SET data = x'7b7d'", 1)
    _alter(tmp_path, "UPDATE events SET data = x'7b7d'", 6)
    assert run("check", "--json") == 1
    document = _json(capsys)
    assert [finding["position"] for finding in document["findings"]] == [1, 6]
    assert (document["events"], document["orders"]) == (6, len(orders))


# audit export ------------------------------------------------------------------------------------


def test_audit_export_writes_every_event_and_an_end(
    tmp_path: Path, run: Run, orders: list[str], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run("audit", "export") == 0
    *events, end = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [event["order_id"] for event in events] == orders * 2
    assert (end["record"], end["count"]) == ("end", 6)
    target = tmp_path / "audit.csv"
    assert run("audit", "export", "--format", "csv", "--output", str(target)) == 0
    assert len(target.read_text().splitlines()) == 1 + 6 + 1
    assert run("audit", "export", "--order-id", "o-2", "--output", str(target)) == 0
    assert len(target.read_text().splitlines()) == 2 + 1


def test_an_export_to_a_file_reports_as_json_what_was_written(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "audit.csv"
    assert run("audit", "export", "--format", "csv", "--output", str(target), "--json") == 0
    out, err = capsys.readouterr()
    size = target.stat().st_size
    report = {"output": str(target), "format": "csv", "bytes": size, "from": 1, "to": 6, "count": 6}
    assert (json.loads(out), err) == (report, "")

    assert run("audit", "export", "--json", "--order-id", orders[0]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["record"] for line in lines] == ["event", "event", "end"]


def test_an_export_to_a_file_reports_what_was_written_and_only_its_owner_can_read_it(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del orders
    target = tmp_path / "audit.ndjson"
    target.write_text("before")
    target.chmod(0o644)
    assert run("audit", "export", "--output", str(target)) == 0
    size = target.stat().st_size
    said = f"wrote {target}: 6 events, {size:,} bytes, positions 1 to 6\n"
    assert tuple(capsys.readouterr()) == ("", said)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert run("audit", "export", "--order-id", "o-9", "--output", str(target)) == 0
    assert f"wrote {target}: 0 events, " in capsys.readouterr().err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_an_export_that_cannot_be_written_leaves_the_old_file(
    tmp_path: Path,
    run: Run,
    orders: list[str],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    from api.export import export_file

    del orders
    target = tmp_path / "audit.ndjson"
    target.write_text("before")

    async def broken(*arguments: Any, **_: object) -> None:
        [file] = [each for each in arguments if hasattr(each, "write")]
        file.write(b"half of it")
        raise OSError(number, "it is broken")

    monkeypatch.setattr(export_file, "_write", broken)
    assert run("audit", "export", "--output", str(target)) == (3 if number == errno.ENOSPC else 2)
    assert [path.name for path in tmp_path.glob("audit*")] == ["audit.ndjson"]
    assert target.read_text() == "before"


def test_an_export_into_no_folder_is_wrong_usage(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del orders
    target = tmp_path / "none" / "audit.ndjson"
    assert run("audit", "export", "--output", str(target)) == 2
    assert f"cannot write {target}: No such file or directory" in capsys.readouterr().err


def test_only_their_owner_can_read_the_answers_to_lines(
    tmp_path: Path, run: Run, orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file, results = tmp_path / "orders.ndjson", tmp_path / "results.ndjson"
    results.write_text("before, and longer than what comes\n" * 100)
    results.chmod(0o644)
    assert run("submit", str(file), "--results", str(results)) == 0
    assert stat.S_IMODE(results.stat().st_mode) == 0o600
    assert len(results.read_text().splitlines()) == 2 * len(orders)
    assert run("submit", str(file), "--results", str(tmp_path / "none" / "results")) == 2
    assert "cannot write" in capsys.readouterr().err


def test_an_export_to_a_device_leaves_the_device(run: Run, orders: list[str]) -> None:
    del orders
    assert run("audit", "export", "--output", "/dev/null") == 0
    assert Path("/dev/null").is_char_device()
    assert stat.S_IMODE(Path("/dev/null").stat().st_mode) == 0o666


def test_standard_output_on_a_full_disk_is_reported(run: Run, orders: list[str]) -> None:
    del orders
    with Path("/dev/full").open("w") as full, redirect_stdout(full):
        assert run("audit", "export") == 3
