import ast
import re
from pathlib import Path

import pytest

from docs.reference import PAGE, page

ROOT = Path(__file__).parent.parent
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")])


def test_the_reference_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make reference`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    broken = [
        link
        for link in links
        if not link.startswith("http") and not (document.parent / link).exists()
    ]
    assert broken == []


PACKAGES = (
    "api|benchmarks|daybook_client|deploy|docs|domain|eventstore|projections|replay|runtime|tests"
)


@pytest.mark.parametrize(
    "document",
    [path for path in DOCUMENTS if path.parent.name != "howto" and path.name != "CHANGELOG.md"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_file_and_module_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    files = re.findall(rf"`((?:{PACKAGES})/[\w./-]*\w)(?:::\w+)?`", text)
    modules = re.findall(rf"`((?:{PACKAGES})(?:\.\w+)+)", text)

    assert [path for path in files if not (ROOT / path).exists()] == []
    assert [name for name in modules if not is_defined(name)] == []


def is_defined(name: str) -> bool:
    """name: dotted, of a module or of something in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if module.exists():
            rest = parts[length:]
            return not rest or re.search(rf"\b{rest[0]}\b", module.read_text("utf-8")) is not None
    return False


def test_a_module_that_was_moved_is_found() -> None:
    assert is_defined("eventstore.record.codec.decode")
    assert not is_defined("eventstore.codec")
    assert not is_defined("projections.bounds")


def test_every_decision_has_its_headings() -> None:
    for decision in ROOT.glob("docs/decisions/*.md"):
        headings = re.findall(r"^## (.+)$", decision.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Alternatives"], decision.name


def test_every_promise_names_a_test_that_every_change_has_to_pass() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    [table] = re.findall(r"^\| promise \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    for row in table.splitlines():
        named = re.findall(r"`(tests/[^`:]+)::(test_\w+)`", row)
        assert named, f"no test: {row}"
        for path, name in named:
            assert is_run_on_every_change(ROOT / path, name), f"{path}::{name}"


def is_run_on_every_change(path: Path, name: str) -> bool:
    """Whether there is such a test, and neither it nor its module is marked `deep`."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(module) if isinstance(node, FUNCTIONS)]
    decorators = [one.decorator_list for one in functions if one.name == name]
    marks = [node.value for node in module.body if isinstance(node, ast.Assign)]
    return len(decorators) == 1 and not any(
        "mark.deep" in ast.unparse(mark) for mark in (*marks, *decorators[0])
    )


def test_a_test_that_is_missing_or_deep_is_found() -> None:
    fuzzing = ROOT / "tests" / "e2e" / "test_schemathesis.py"
    assert is_run_on_every_change(fuzzing, "test_some_hundred_requests_find_no_difference")
    assert not is_run_on_every_change(fuzzing, "test_fifty_thousand_requests_find_no_difference")
    assert not is_run_on_every_change(fuzzing, "test_nobody_has_written")
    disturbed = ROOT / "tests" / "disturbances" / "test_disturbances.py"
    for name in re.findall(r"def (test_\w+)", disturbed.read_text(encoding="utf-8")):
        assert not is_run_on_every_change(disturbed, name)


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs/howto").glob("*.md")), ids=lambda path: path.stem
)
def test_every_file_that_a_page_names_exists_or_is_added_by_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    added = set(re.findall(r"^`([^`\n]+)`:$", text, re.MULTILINE))
    named = re.findall(r"`((?:\w+/)+[\w.-]+)`", text)
    assert len(named) > len(added)
    assert [path for path in named if path not in added and not (ROOT / path).exists()] == []
