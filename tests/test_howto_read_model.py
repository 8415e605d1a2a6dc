"""docs/howto/add-a-read-model.md, done in a copy; and each step of it left out."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.howto import LINTED, MAKE, PLACED, PYTEST, ROOT, copy_after, do, do_without, touched

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "howto" / "add-a-read-model.md"
TOUCHED_MAX = 15
ITS_TESTS = (
    f"{PYTEST} tests/projections/read_models/test_customer.py tests/projections/test_models.py"
    " tests/projections/test_schemas.py tests/projections/test_parts.py"
    " -k 'customer or list or shape'"
)
ROUTES = (
    f"{PYTEST} tests/api/docs/test_answers.py tests/api/docs/test_openapi.py"
    " tests/api/queries/test_damaged_models.py tests/client/test_generated.py"
    " -k 'asked or answered or route or hides or every_query'"
)
DEPLOYED = f"{PYTEST} tests/test_compose.py -k 'list or read_model or metrics'"
MODELS = f"{PYTEST} tests/projections/test_models.py -k list"
START = ".venv/bin/python -m daybook status"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    copy = copy_after(PAGE, tmp_path_factory.mktemp("howto"))
    done = do(copy, f"{MAKE} schemas reference")
    assert done.returncode == 0, done.stderr
    return copy


def test_it_touches_few_files(copy: Path) -> None:
    assert len(touched(copy)) <= TOUCHED_MAX, touched(copy)


@pytest.mark.parametrize("command", [LINTED, ITS_TESTS, ROUTES, DEPLOYED])
def test_the_copy_is_complete(copy: Path, command: str) -> None:
    done = do(copy, command)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_its_route_answers_what_the_story_of_the_documentation_makes_of_it(copy: Path) -> None:
    answers = json.loads((copy / "api/docs/answers.json").read_text(encoding="utf-8"))
    captured_cents = answers["/v1/payments/summary"]["EUR"]["captured_cents"]
    assert captured_cents > 0
    assert answers["/v1/customers/{customer_id}"] == {
        "customer_id": "ada",
        "totals": {"EUR": {"captured_cents": captured_cents, "orders": 1}},
    }


def test_the_program_keeps_it(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "orders.ndjson").write_text(json.dumps(PLACED), encoding="utf-8")
    daybook = f"DAYBOOK_DATA_DIR={tmp_path} .venv/bin/python -m daybook"
    done = do(
        copy,
        f"{daybook} submit {tmp_path}/orders.ndjson && {daybook} replay customer"
        f" && {daybook} status --json",
    )
    models = {model["name"]: model for model in json.loads(done.stdout.splitlines()[-1])}
    assert (models["customer"]["position"], models["customer"]["lag"]) == (1, 0)


LEFT_OUT = {  # what is left out of which file -> what is run, and what it answers
    ("runtime/model_names.py", "customer"): (MODELS, "name it in MODEL_NAMES"),
    ("projections/read_models/customer/projection.py", "PROJECTION"): (
        START,
        "but there is no projections/read_models/customer/projection.py",
    ),
    ("api/queries/reports.py", "    _add_customers"): (
        ROUTES,
        "no route of api/queries asks the read models {'customer'}",
    ),
    ("docs/client.py", "/v1/customers"): (ROUTES, "name it in QUERIES, docs/client.py"),
}


@pytest.mark.parametrize(("path", "added"), LEFT_OUT, ids=["name", "projection", "route", "client"])
def test_a_step_that_is_left_out_is_named(copy: Path, path: str, added: str) -> None:
    command, answer = LEFT_OUT[path, added]
    done = do_without(PAGE, copy, path, added, command)
    assert done.returncode != 0
    assert answer in done.stdout + done.stderr


def test_parts_that_were_not_written_anew_are_named(copy: Path) -> None:
    path = copy / "docker-compose.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("worker-customer", "worker-client"), encoding="utf-8")
    done = do(copy, DEPLOYED)
    path.write_text(text, encoding="utf-8")
    assert "run `make reference`" in done.stdout
