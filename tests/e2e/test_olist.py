"""A thousand real orders, in this process and through HTTP: every answer and every total, twice."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.model_names import MODEL_NAMES
from tests.e2e.running import ROOT, Running, daybook, serving
from tests.waiting import HUNG_S

DATA = ROOT.parent / "shared" / "data"
COMMANDS = DATA / "olist-sample.ndjson"
CURRENCY = "BRL"
FIVE = "five_largest_orders"
NO_SUMMARIES = {"lines", "answers", "accepted_by_command", "events", FIVE}

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    if not COMMANDS.exists():
        reason = f"{COMMANDS.name} is not in ../shared/data"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and in CI it has to be")
        pytest.skip(reason)
    totals: dict[str, Any] = json.loads((DATA / "olist-sample.expected.json").read_text())
    return totals


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with serving(tmp_path / "served") as running:
        yield running


def test_in_process_every_answer_and_every_total_is_right(
    tmp_path: Path, expected: dict[str, Any]
) -> None:
    answers = _submit(tmp_path)
    _check_answers(answers, expected)
    replayed = daybook("replay", "--all", "--json", folder=tmp_path)
    assert replayed.returncode == 0, replayed.stderr.decode()
    assert [model["position"] for model in json.loads(replayed.stdout)] == [
        expected["events"] for _ in MODEL_NAMES
    ]
    with serving(tmp_path, "--no-workers") as running:
        _check_totals(running, expected)
        _check_log(running, expected)
    assert _replayed(answers) == _submit(tmp_path)
    checked = daybook("check", "--json", folder=tmp_path)
    assert checked.returncode == 0
    assert json.loads(checked.stdout)["events"] == expected["events"]


def test_through_http_every_answer_and_every_total_is_right(
    server: Running, tmp_path: Path, expected: dict[str, Any]
) -> None:
    answers = _submit(tmp_path, "--url", server.url)
    _check_answers(answers, expected)
    server.caught_up()
    _check_totals(server, expected)
    _check_log(server, expected)
    assert _replayed(answers) == _submit(tmp_path, "--url", server.url)
    _check_totals(server, expected)


def _submit(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """The answers to all lines, without what differs from run to run."""
    results = folder / "results.ndjson"
    options = ("--results", str(results), "--json")
    done = daybook("submit", str(COMMANDS), *options, *arguments, folder=folder)
    assert done.returncode == 1, done.stderr.decode()  # some of its lines are not accepted
    answers = [json.loads(line) for line in results.read_text().splitlines()]
    assert json.loads(done.stdout)["lines"] == len(answers)
    return answers


def _check_answers(answers: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    commands = [json.loads(line)["command"] for line in COMMANDS.read_text().splitlines()]
    assert [answer["line"] for answer in answers] == list(range(1, expected["lines"] + 1))
    statuses = Counter(
        "2xx" if answer["status"] < 300 else str(answer["status"]) for answer in answers
    )
    assert statuses == expected["answers"]
    accepted = Counter(
        command for command, answer in zip(commands, answers, strict=True) if answer["status"] < 300
    )
    assert accepted == expected["accepted_by_command"]
    events = [event for answer in answers for event in answer.get("events", ())]
    assert len({event["event_id"] for event in events}) == len(events) == expected["events"]


def _check_totals(running: Running, expected: dict[str, Any]) -> None:
    said: dict[str, Any] = {}
    for name in ("orders", "payments", "shipments"):
        said |= running.get(f"/v1/{name}/summary")[CURRENCY]
    wanted = {name: value for name, value in expected.items() if name not in NO_SUMMARIES}
    assert {name: said[name] for name in wanted} == wanted
    largest = running.get("/v1/orders", sort="-total_cents", limit=5)["items"]
    assert [[order["order_id"], order["total_cents"]] for order in largest] == expected[FIVE]
    balance = running.get("/v1/payments/trial-balance")[CURRENCY]
    assert balance["sum"] == 0
    assert balance["cash"] == expected["captured_cents"]


def _check_log(running: Running, expected: dict[str, Any]) -> None:
    export = httpx.get(f"{running.url}/v1/audit/export", timeout=HUNG_S)
    *events, end = [json.loads(line) for line in export.text.splitlines()]
    assert len(events) == end["count"] == expected["events"]


def _replayed(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a second submission has to answer: the same, from the log, at the same positions."""
    return [
        {**answer, "replayed": True, "status": answer["status"]}
        if answer["status"] < 300
        else answer
        for answer in answers
    ]
