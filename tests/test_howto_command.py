"""docs/howto/add-a-command-and-event.md, done in a copy; and each step of it left out."""

import re
from pathlib import Path

import pytest

from tests.howto import (
    LINT,
    MAKE,
    MYPY,
    PYTEST,
    ROOT,
    Edit,
    copy_after,
    do,
    do_without,
    left_out,
    touched,
)

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "howto" / "add-a-command-and-event.md"
TOUCHED_MAX = 24
SEARCH = ".venv/bin/python -m tests.domain.search --seconds 3"
REGISTRY = ".venv/bin/python -c 'import api.commands.registry'"
TESTS = (
    f"{PYTEST} -m 'not slow' tests/domain/test_decide_order.py"
    " tests/domain/test_declarations.py tests/api/commands/test_registry.py"
    " tests/eventstore/record/test_schemas.py tests/projections/test_schemas.py"
    " tests/projections/read_models/order/test_projection.py"
    " tests/test_docs.py::test_the_reference_is_what_the_code_says tests/test_protocol.py"
    " tests/client/test_generated.py"
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = copy_after(PAGE, tmp_path_factory.mktemp("howto"))
    model = copy / "projections" / "read_models" / "order" / "projection.py"
    raised = re.sub(
        r"(?<= {4}version=)\d+", lambda found: str(int(found[0]) + 1), model.read_text("utf-8")
    )
    model.write_text(raised, encoding="utf-8")
    return copy


def test_the_page_ends_with_a_command_that_works(copy: Path) -> None:
    for command in (f"{MAKE} schemas reference", MYPY, LINT, TESTS, SEARCH):
        done = do(copy, command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert len(touched(copy)) <= TOUCHED_MAX, touched(copy)


LEFT_OUT = {  # what is left out of which file -> what is run, and what it answers
    ("daybook_client/documents.py", "flagged"): (
        f"{PYTEST} tests/client/test_generated.py -k answered",
        "flagged is unknown",
    ),
    ("domain/decide_order.py", "case c.FlagOrder"): (MYPY, 'incompatible type "FlagOrder'),
    ("domain/status.py", "case e.OrderFlagged"): (MYPY, 'incompatible type "OrderFlagged'),
    ("domain/rules.py", "flagged-already"): (
        f"{PYTEST} tests/domain/test_decide_order.py -k flagged",
        "flagged-already: no sentence in domain/rules.py",
    ),
    ("tests/domain/oracle_judge.py", '"flag-order": _flag'): (
        f"{PYTEST} tests/domain/test_oracle.py -k judge",
        "flag-order, unflag-order: no judge in tests/domain/oracle_judge*.py",
    ),
}


@pytest.mark.parametrize(
    ("path", "added"), LEFT_OUT, ids=["client", "decision", "fold", "sentence", "oracle"]
)
def test_a_step_that_is_left_out_is_named(copy: Path, path: str, added: str) -> None:
    command, answer = LEFT_OUT[path, added]
    done = do_without(PAGE, copy, path, added, command)
    assert done.returncode != 0
    assert answer in done.stdout + done.stderr


def test_an_example_that_is_left_out_is_named(copy: Path) -> None:
    example = '    example: ClassVar[Example] = {"reason": "the customer is known"}\n'
    edit = Edit("domain/commands.py", "    reason: Text\n", f"    reason: Text\n{example}")
    with left_out(edit, copy):
        done = do(copy, REGISTRY)
    assert "unflag-order: no example in domain/commands.py; UnflagOrder needs one" in done.stderr
