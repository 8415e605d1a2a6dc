"""docs/howto/add-a-store.md, done in a copy; and each registration left out."""

import json
from pathlib import Path

import pytest

from tests.howto import CONTRACTS, LINTED, PLACED, PYTEST, ROOT, copy_after, do, do_without

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "howto" / "add-a-store.md"
TESTS = f"{PYTEST} tests/eventstore/test_jsonlines.py tests/eventstore/test_stores.py"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_after(PAGE, tmp_path_factory.mktemp("howto"))


@pytest.mark.parametrize("command", [LINTED, TESTS], ids=["lint", "contract"])
def test_the_copy_is_complete(copy: Path, command: str) -> None:
    done = do(copy, command)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_the_program_keeps_its_log_there(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "orders.ndjson").write_text(json.dumps(PLACED), encoding="utf-8")
    log = f"DAYBOOK_DATA_DIR={tmp_path} DAYBOOK_STORE=jsonl:///{tmp_path}/log.jsonl"
    daybook = f"{log} .venv/bin/python -m daybook"
    done = do(
        copy,
        f"{daybook} submit {tmp_path}/orders.ndjson && {daybook} replay --all"
        f" && {daybook} check --json",
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert json.loads(done.stdout.splitlines()[-1])["events"] == 1
    assert (tmp_path / "log.jsonl").read_text(encoding="utf-8").startswith('["order-o-1"')


LEFT_OUT = {  # what is left out of which file -> what is run, and what it answers
    ("runtime/settings.py", "jsonl"): (TESTS, "name it in STORE_SCHEMES (runtime/settings.py)"),
    ("pyproject.toml", "jsonlines"): (CONTRACTS, "jsonlines"),
}


@pytest.mark.parametrize(("path", "added"), LEFT_OUT, ids=["setting", "layer"])
def test_a_step_that_is_left_out_is_named(copy: Path, path: str, added: str) -> None:
    command, answer = LEFT_OUT[path, added]
    done = do_without(PAGE, copy, path, added, command)
    assert done.returncode != 0
    assert answer in done.stdout + done.stderr
