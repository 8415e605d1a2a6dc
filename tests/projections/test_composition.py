"""What the workers follow, by the settings."""

import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from eventstore.memory import MemoryStore
from eventstore.relay.bus import BusUnavailable
from projections.composition import group_of, sources
from projections.sources.log import SharedLog
from runtime.settings import Settings

BUS: Mapping[str, Any] = {"bus": "kafka://127.0.0.1:9092"}


async def test_without_a_bus_all_read_models_share_one_log_source() -> None:
    async with sources(("order", "audit"), Settings(), MemoryStore()) as found:
        assert found["order"] is found["audit"]
        assert isinstance(found["order"], SharedLog)


async def test_on_a_bus_each_read_model_has_a_source_of_its_own() -> None:
    async with sources(("order", "audit"), Settings(**BUS), MemoryStore()) as found:
        assert list(found) == ["order", "audit"]
        assert found["order"] is not found["audit"]
        assert {type(source).__name__ for source in found.values()} == {"KafkaSource"}


def test_each_topic_has_groups_of_its_own_on_a_cluster() -> None:
    assert group_of("order", Settings().topic) == "daybook-order"
    assert group_of("order", "shop.order-events") == "daybook-order-shop.order-events"


async def test_a_missing_client_is_an_error_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.startswith("projections.sources.kafka")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiokafka", None)
    with pytest.raises(BusUnavailable, match=r"pip install 'daybook\[kafka\]'"):
        async with sources(("order",), Settings(**BUS), MemoryStore()):
            pass


def test_without_a_bus_its_client_is_not_imported() -> None:
    program = "import sys, projections.commands; sys.exit('aiokafka' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
