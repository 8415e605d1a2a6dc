"""The production topology: SQLite log, relay, real Kafka, two of each worker, PostgreSQL.

A thousand real orders come in through HTTP; every total is right, and every read model is row for
row what a fresh replay from the log gives.
"""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.model_names import MODEL_NAMES
from tests.conftest import lacking
from tests.e2e.scripts import GUIDES, blocks
from tests.e2e.test_olist import _check_answers, _check_log, _check_totals, _submit, expected
from tests.parts.kafka import Missing
from tests.stack.comparing import live_schema, replayed, rows
from tests.stack.running import Stack, stack
from tests.test_observability import expressions
from tests.waiting import HUNG_S

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

__all__ = ["expected"]  # a fixture


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    try:
        with stack(folder=folder, instances=2, DAYBOOK_LOG_LEVEL="WARNING") as up:
            yield up
    except Missing as missing:
        lacking(str(missing))


@pytest.fixture(scope="module")
def answers(running: Stack, expected: dict[str, Any]) -> list[dict[str, Any]]:
    """The sample is in the log, and in every read model."""
    answered = _submit(running.places.folder, "--url", running.url)
    running.caught_up()
    return answered


def test_every_answer_and_every_total_is_right(
    running: Stack, expected: dict[str, Any], answers: list[dict[str, Any]]
) -> None:
    _check_answers(answers, expected)
    _check_totals(running, expected)
    _check_log(running, expected)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_each_read_model_is_row_for_row_what_a_fresh_replay_gives(
    running: Stack, answers: list[dict[str, Any]], name: str
) -> None:
    live = rows(running.postgres, f"daybook_{name}")
    anew = replayed(running, name)
    assert len(live["views"]) == len({answer["order_id"] for answer in answers if accepted(answer)})
    assert live.keys() == anew.keys()
    for table in live:
        assert live[table] == anew[table], table


def test_a_row_that_is_wrong_is_found(running: Stack, answers: list[dict[str, Any]]) -> None:
    schema = live_schema(running.postgres, "daybook_order")
    before = rows(running.postgres, "daybook_order")
    change = f"UPDATE {schema}.orders SET total_cents = total_cents + %s"
    one = f"WHERE order_id = (SELECT min(order_id) FROM {schema}.orders)"
    running.postgres.do(f"{change % 1} {one}", database="daybook_order")
    try:
        assert rows(running.postgres, "daybook_order") != before
    finally:
        running.postgres.do(f"{change % -1} {one}", database="daybook_order")
    assert rows(running.postgres, "daybook_order") == before


def test_both_instances_of_each_worker_have_worked(
    running: Stack, answers: list[dict[str, Any]], expected: dict[str, Any]
) -> None:
    for name in MODEL_NAMES:
        applied = [
            sample(running, f"worker-{name}-{number}", "daybook_worker_applied_events_total")
            for number in (1, 2)
        ]
        assert all(applied), applied
        assert sum(applied) == expected["events"]


def test_the_dashboard_and_the_alerts_find_their_metrics(
    running: Stack, answers: list[dict[str, Any]]
) -> None:
    exposed = "".join(metrics(running, one.name) for one in running.processes)
    asked = {name for one in expressions() for name in re.findall(r"\bdaybook_\w+", one)}
    # A family is exposed before anything has happened; its samples come with what they count.
    families = {re.sub(r"_(bucket|total)$", "", name) for name in asked}
    lacking = [
        name for name in families if not re.search(rf"^# TYPE {name}\w* ", exposed, re.MULTILINE)
    ]
    assert lacking == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_what_the_guide_runs_in_a_container_works_here(
    running: Stack, answers: list[dict[str, Any]], guide: Path
) -> None:
    for block in blocks(guide):
        for line in block.splitlines():
            run = re.match(r"docker compose run --rm daybook (.+)", line)
            if run:
                done = running.daybook(*shlex.split(run[1]))
                assert done.returncode == 0, f"{line}\n{done.stderr.decode()}"


def test_all_of_it_stops_in_order(running: Stack, answers: list[dict[str, Any]]) -> None:
    running.caught_up()
    running.stop()
    assert len(running.codes) == 2 + 2 * len(MODEL_NAMES)
    assert set(running.codes.values()) == {0}
    logs = sorted(running.places.folder.glob("*.log"))
    assert [line for path in logs for line in path.read_text().splitlines() if is_bad(line)] == []


def is_bad(line: str) -> bool:
    """An error of ours, or what no logger has said: a traceback, a warning of the interpreter's."""
    try:
        said = json.loads(line)
    except ValueError:
        return not line.startswith(("Daybook answers", "daybook: "))
    ours = said.get("logger", "").startswith("daybook")
    return ours and said.get("level") in {"ERROR", "CRITICAL"}


def accepted(answer: dict[str, Any]) -> bool:
    return bool(answer["status"] < 300)


def metrics(running: Stack, name: str) -> str:
    return httpx.get(f"{running.process(name).plan.metrics}/metrics", timeout=HUNG_S).text


def sample(running: Stack, process: str, metric: str) -> float:
    """The sum of a metric's samples in one process."""
    found = re.findall(
        rf"^{metric}(?:\{{[^}}]*\}})? (\S+)$", metrics(running, process), re.MULTILINE
    )
    return sum(map(float, found))
