"""The client is whole: every command, every query, and the shapes of what is answered."""

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

from api.commands.registry import REGISTRY
from api.docs import examples
from daybook_client import AsyncClient, Client, Sending, documents, line
from daybook_client.commands import Commands
from docs.client import ELSEWHERE, FOLDER, QUERIES, modules
from docs.reference import openapi
from domain.values import RESERVED
from tests.client.shapes import misfits
from tests.deployed import ROOT


@pytest.mark.parametrize("name", ["commands", "queries"])
def test_the_generated_modules_are_what_the_code_says(name: str) -> None:
    written = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert written == modules()[name], "run `make reference`"


def test_every_command_has_a_method_that_takes_all_its_fields() -> None:
    for name, registered in REGISTRY.items():
        method = getattr(Commands, name.replace("-", "_"))
        taken = get_type_hints(method).keys() | Sending.__annotations__.keys()
        assert taken >= set(registered.takes[""]) - {"channel"}, name


def test_every_example_of_a_command_can_be_made_by_its_method() -> None:
    for name, registered in REGISTRY.items():
        fields = dict(registered.example)
        about = {"order_id": fields.pop("order_id", "1001"), "actor": "ada"}
        made = getattr(line, name.replace("-", "_"))(**about, **fields)
        assert registered.line.model_validate_json(json.dumps(made))
        del made["command_id"]
        assert made == {"command": name, **about, **fields}


def test_every_query_has_a_method() -> None:
    paths = {path for path, operations in openapi()["paths"].items() if "get" in operations}
    assert paths - ELSEWHERE == QUERIES.keys(), "name it in QUERIES, docs/client.py"


def test_words_that_are_no_ids_are_refused_before_they_are_sent() -> None:
    with Client("http://127.0.0.1:1") as client:
        for word in RESERVED["order_id"]:
            with pytest.raises(ValueError, match="order_id"):
                client.order(word)
        for word in RESERVED["payment_id"]:
            with pytest.raises(ValueError, match="payment_id"):
                client.payment(word)


@pytest.mark.parametrize("path", sorted(QUERIES))
def test_the_types_of_answers_are_what_is_answered(path: str) -> None:
    query, document = QUERIES[path], examples.answers()[path]
    shape = getattr(documents, query.answer)
    found = document["items"] if query.is_list else [document]
    assert found
    assert [wrong for each in found for wrong in misfits(each, shape)] == []


def test_a_member_that_is_missing_or_unknown_is_found() -> None:
    health = {"status": "ok", "troubles": []}
    assert misfits(health, documents.Health) == []
    for wrong in (
        {"status": "ok"},
        {**health, "more": 1},
        {**health, "troubles": None},
        {**health, "status": "fine"},
        {**health, "troubles": [1]},
        [],
    ):
        assert misfits(wrong, documents.Health) != []


def test_the_client_needs_nothing_of_the_server(tmp_path: Path) -> None:
    (tmp_path / "daybook_client").symlink_to(FOLDER)
    script = """
import sys
before = set(sys.modules)
import daybook_client
new = {name.partition(".")[0] for name in set(sys.modules) - before}
third = {name for name in new if name not in sys.stdlib_module_names and not name.startswith("_")}
print(*sorted(third))
"""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, '{tmp_path}')\n{script}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    ours = {path.stem for path in ROOT.glob("*") if path.is_dir()} - {"daybook_client"}
    assert "httpx" in done.stdout.split()
    assert not ours & set(done.stdout.split())
    heavy = {"pydantic", "sqlalchemy", "fastapi", "starlette", "orjson", "uvicorn", "opentelemetry"}
    assert not heavy & set(done.stdout.split())


USER = """
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import assert_type

from daybook_client import AsyncClient, Client, LineResult, LiveEvent, line
from daybook_client.documents import Answer, DryRun, Order, OrderRow


def blocking(client: Client) -> None:
    assert_type(client.cancel_order("o1", reason="late"), Answer)
    assert_type(client.dry_run.cancel_order("o1", reason="late", actor="ada"), DryRun)
    assert_type(client.order("o1"), Order)
    assert_type(client.orders(state="placed"), Iterator[OrderRow])
    assert_type(client.submit([line.confirm_order("o1"), b"{}"]), Generator[LineResult, None, None])
    assert_type(client.follow(view="order"), Generator[LiveEvent, None, None])


async def in_asyncio(client: AsyncClient) -> None:
    assert_type(await client.cancel_order("o1", reason="late", if_match=3), Answer)
    assert_type(await client.dry_run.cancel_order("o1", reason="late"), DryRun)
    assert_type(await client.order("o1"), Order)
    assert_type(client.orders(), AsyncIterator[OrderRow])
    assert_type(client.follow(after=0), AsyncGenerator[LiveEvent, None])
"""
WRONG = (
    'client.cancel_order("o1")',
    'client.cancel_order("o1", reason=3)',
    'client.cancel_order("o1", reason="late", if_macth=3)',
    'client.place_order(customer_id="a", currency="EUR", items=[{"product_id": "tea"}])',
    'client.orders(state="nowhere")',
    'client.order("o1")["totl_cents"]',
    'client.follow(types=["OrderPlaced", "OrderLaughed"])',
)


@pytest.mark.slow
def test_users_are_held_to_the_types(tmp_path: Path) -> None:
    wrong = "\n".join(f"    {each}" for each in WRONG)
    (tmp_path / "right.py").write_text(USER)
    (tmp_path / "wrong.py").write_text(
        f"from daybook_client import Client\n\ndef use(client: Client) -> None:\n{wrong}\n"
    )
    # With the options of `make lint`, whose cache can then be used and stays as it is.
    command = (sys.executable, "-m", "mypy", "--no-error-summary", "--config-file")
    environment = {"MYPYPATH": str(ROOT), "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache"), "PATH": ""}
    found = subprocess.run(
        [*command, str(ROOT / "pyproject.toml"), "right.py", "wrong.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    errors = [text for text in found.splitlines() if ": error:" in text]
    assert [text for text in errors if not text.startswith("wrong.py")] == []
    lines = {int(text.split(":")[1]) for text in errors}
    assert lines == set(range(4, 4 + len(WRONG))), found


def test_both_clients_have_the_same_methods_with_the_same_parameters() -> None:
    methods = [
        {
            name: list(inspect.signature(method).parameters)
            for name, method in inspect.getmembers(client, inspect.isfunction)
            if not name.startswith("_") and name not in {"close", "aclose"}
        }
        for client in (Client, AsyncClient)
    ]
    assert methods[0] == methods[1]
    assert len(methods[0]) > 60


def test_no_method_is_written_twice_by_hand() -> None:
    tree = ast.parse((FOLDER / "client.py").read_text(encoding="utf-8"))
    blocking, asynchronous = (
        {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name in {"Client", "AsyncClient"}
    )
    public = {name for name in blocking & asynchronous if not name.startswith("_")}
    assert public == {"submit", "follow", "export"}
