"""Without the extra everything else works; what is asked for and cannot be says what to install."""

import asyncio
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

from api.connect import door as connect
from api.grpc import door
from runtime.settings import Settings
from runtime.terminal import ExitError
from tests.api.conftest import Api
from tests.deployed import ROOT

EXTRA = ("grpc", "grpc_health", "grpc_reflection", "grpc_status", "connectrpc", "google.rpc")


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> Any:
        return None if name in EXTRA else find_spec(name)

    for module in (door, connect):
        monkeypatch.setattr(module, "find_spec", found)


async def address(api: Api, **settings: Any) -> str | None:
    stop = asyncio.Event()
    async with door.grpc_answered(Settings(**settings), api.services, stop=stop) as found:
        return found


def test_the_server_of_http_imports_nothing_of_it() -> None:
    names = ", ".join(map(repr, (*EXTRA, "google.protobuf", "hpack")))
    code = f"import sys, api.serve, api.app; print([n for n in ({names}) if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


@pytest.mark.usefixtures("not_installed")
async def test_by_itself_it_is_left_out(api: Api) -> None:
    assert await address(api, grpc_port="auto") is None
    assert connect.connect_door(api.services) is None


async def test_what_was_asked_for_says_what_to_install(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Any:
        raise ImportError("No module named 'grpc_health'")

    monkeypatch.setattr(door, "_server", missing)
    with pytest.raises(ExitError, match=r"pip install 'daybook\[grpc\]'"):
        await address(api, grpc_port=0)


async def test_off_is_off(api: Api) -> None:
    assert await address(api, grpc_port="off") is None
