"""The operations guide's commands: run where no container is needed, else held to be right."""

import json
import re
from contextlib import suppress
from pathlib import Path

import click
import pytest

from daybook import cli
from tests.deployed import ROOT, composed, made_env
from tests.e2e.scripts import GUIDES, blocks, commands, in_text, run_script

pytestmark = pytest.mark.e2e

# Containers, a server that is not here, what never ends, or what a test of its own does.
ELSEWHERE = re.compile(r"^ *(docker|deploy/|make |pip )|esdb://|--follow|pytest", re.MULTILINE)
COMPOSE_COMMANDS = {"up", "ps", "run", "exec", "logs", "stop", "restart", "build"}
# Somebody's own words in a command that is within a sentence.
FOR_YOU = {"MODEL": "order", "ORDER_ID": "o-1", "REVISION": "1", "COMMAND": "status", "...": "why"}
MIXED = {"daybook", "docker", "deploy/make-env", "make"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log and read models, as one machine has them."""
    folder = tmp_path_factory.mktemp("guides")
    item = {"product_id": "mug", "quantity": 1, "price_cents": 990}
    order = {"customer_id": "c-1", "currency": "EUR", "items": [item]}
    lines = [
        {"command": "place-order", "command_id": f"g-{number}", "order_id": f"o-{number}", **order}
        for number in range(20)
    ]
    (folder / "orders.ndjson").write_text("\n".join(map(json.dumps, lines)))
    made = run_script("daybook submit orders.ndjson && daybook replay --all", folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_what_needs_no_container_works_as_it_stands(guide: Path, place: Path) -> None:
    for block in blocks(guide):
        if not ELSEWHERE.search(block):
            done = run_script(block, place)
            assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


def test_most_of_the_guide_is_run() -> None:
    everything = [block for guide in GUIDES for block in blocks(guide)]
    assert sum(not ELSEWHERE.search(block) for block in everything) >= 9


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_command_of_the_guide_is_one(guide: Path, tmp_path: Path) -> None:
    services = composed(made_env(tmp_path))["services"]
    for script in blocks(guide):
        check(script, services)
    for script in in_text(guide):
        with suppress(click.MissingParameter):  # a command may be named without what it takes
            check(script, services)


@pytest.mark.parametrize(
    "script",
    [
        "daybook reply order",
        "daybook replay orders",
        "daybook status --jsn",
        "docker compose run --rm daybook parked lst",
        "docker compose run --rm daybok status",
        "docker compose restart worker-orders",
        "docker compose down --volumes",
        "docker compose up --scale worker-orders=2",
        "docker compose exec kafk kafka-topics.sh",
        "deploy/make-env --clusters",
        "make stak",
    ],
)
def test_a_command_that_is_none_is_found(script: str, tmp_path: Path) -> None:
    services = composed(made_env(tmp_path))["services"]
    with pytest.raises((click.UsageError, AssertionError)):
        check(script, services)


def check(script: str, services: dict[str, object]) -> None:
    """Raises click.UsageError, AssertionError."""
    for words in commands(script):
        check_command([FOR_YOU.get(word, word) for word in words], services)


def check_command(words: list[str], services: dict[str, object]) -> None:
    """Raises click.UsageError, AssertionError."""
    match words:
        case ["daybook", *arguments]:
            parse(arguments)
        case ["docker", "compose", command, *rest]:
            assert command in COMPOSE_COMMANDS, words
            check_compose(command, rest, services)
        case ["deploy/make-env", *options]:
            text = (ROOT / "deploy/make-env").read_text()
            assert all(f"{option})" in text for option in options), words
        case ["make", target, *_]:
            text = (ROOT / "Makefile").read_text()
            assert re.search(rf"^{target}:", text, re.MULTILINE), words
        case [program, *_]:
            assert program not in MIXED, words


def check_compose(command: str, rest: list[str], services: dict[str, object]) -> None:
    if command == "run":
        flag, service, *arguments = rest
        assert (flag, service) == ("--rm", "daybook"), rest
        parse(arguments)
        return
    scaled = [word.partition("=")[0] for word in rest if re.search(r"\w=\d", word)]
    named = [word for word in rest if re.fullmatch(r"[a-z][a-z0-9-]*", word)]
    if command == "exec":
        named = named[:1]
        assert named, rest
    assert {*scaled, *named} <= services.keys(), rest


def parse(arguments: list[str]) -> None:
    """As the program takes them. Raises click.UsageError."""
    command: click.Command = cli
    context = click.Context(cli)
    rest = list(arguments)
    while isinstance(command, click.Group):
        if rest in ([], ["--help"]):
            return
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None, arguments
        context, command = click.Context(found, info_name=name, parent=context), found
    command.make_context(context.info_name, rest)
