"""docs/howto/add-a-bus.md, done in a copy; and its registration left out."""

import json
from pathlib import Path

import pytest

from tests.howto import LINTED, PLACED, PYTEST, ROOT, copy_after, do, do_without

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "howto" / "add-a-bus.md"
TESTS = f"{PYTEST} tests/eventstore/test_folder_bus.py tests/eventstore/test_buses.py"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_after(PAGE, tmp_path_factory.mktemp("howto"))


@pytest.mark.parametrize("command", [LINTED, TESTS], ids=["lint", "contract"])
def test_the_copy_is_complete(copy: Path, command: str) -> None:
    done = do(copy, command)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_the_relay_publishes_there(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "orders.ndjson").write_text(json.dumps(PLACED), encoding="utf-8")
    settings = f"DAYBOOK_DATA_DIR={tmp_path}"
    daybook = f"{settings} .venv/bin/python -m daybook"
    relayed = f"{settings} DAYBOOK_BUS=folder:///{tmp_path}/bus .venv/bin/python -m daybook"
    done = do(
        copy,
        f"{daybook} submit {tmp_path}/orders.ndjson"
        f" && ({relayed} relay & relay=$!;"
        f" for try in $(seq 300); do grep -qs o-1 {tmp_path}/bus/* && break; sleep 0.1; done;"
        f" kill $relay; wait $relay) && {relayed} check",
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert f"bus       the folder {tmp_path}/bus: 6 partitions" in done.stdout
    [line] = [
        line
        for file in (tmp_path / "bus").iterdir()
        for line in file.read_text(encoding="utf-8").splitlines()
        if line
    ]
    assert json.loads(line)[0] == "o-1"


def test_a_bus_that_cannot_be_set_is_named(copy: Path) -> None:
    done = do_without(PAGE, copy, "runtime/settings.py", "folder", TESTS)
    assert done.returncode != 0
    assert "name it in BUS_SCHEMES (runtime/settings.py)" in done.stdout
