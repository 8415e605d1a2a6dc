import pytest

from eventstore.relay.process import BUSES
from runtime.settings import BUS_SCHEMES
from tests.contracts.bus import BusContract
from tests.eventstore.buses import MemoryBus


class TestMemoryBus(BusContract):
    @pytest.fixture
    def bus(self) -> MemoryBus:
        return MemoryBus()


def test_each_bus_can_be_set() -> None:
    assert set(BUSES) == set(BUS_SCHEMES), "name it in BUS_SCHEMES (runtime/settings.py)"
