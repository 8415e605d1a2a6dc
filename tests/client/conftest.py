"""An API over a log in memory, and clients of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.http.guards import Limits
from daybook_client import AsyncClient, Retrying, Sender
from eventstore.memory import MemoryStore
from tests.api.conftest import BASE_URL, Api, api_of

QUICK = Retrying(tries_max=4, total_s=5.0, first_pause_s=0.01, pause_max_s=0.05)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with api_of(tmp_path, MemoryStore(), Limits(wait_s=0.2)) as api:
        yield api


@pytest.fixture
def client(api: Api) -> AsyncClient:
    sender = Sender(actor="ada", channel="shop")
    return AsyncClient(BASE_URL, http=api.client, sender=sender, retrying=QUICK)
