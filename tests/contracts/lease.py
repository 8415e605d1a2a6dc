"""What every lease promises the relays."""

import asyncio
from collections.abc import Callable

import pytest

from eventstore.lease import SECRET_BYTES, Lease, LeaseLost, LeaseReader, LeaseState

DEAD_S = 0.3

OpenLease = Callable[[], Lease]


class LeaseContract:
    @pytest.fixture
    def another(self) -> OpenLease:
        """Creates the lease of one more relay, for which a silent leader is dead after DEAD_S."""
        raise NotImplementedError

    @pytest.fixture
    def reader(self) -> LeaseReader:
        """Reads the same lease."""
        raise NotImplementedError

    async def test_the_first_relay_leads(self, another: OpenLease) -> None:
        lease = another()
        assert await lease.acquire() == 1
        await lease.renew()

    async def test_the_secret_is_kept_from_leader_to_leader_and_can_be_read_by_a_reader(
        self, another: OpenLease, reader: LeaseReader
    ) -> None:
        assert await reader.read() is None
        secrets = []
        for epoch in (1, 2, 3):
            lease = another()
            assert await lease.acquire() == epoch
            await lease.renew()
            secrets.append(lease.secret)
            assert await reader.read() == LeaseState(epoch, lease.secret)
            await lease.release()
        assert len(secrets[0]) == SECRET_BYTES
        assert len(set(secrets)) == 1

    async def test_a_second_relay_waits_while_the_first_renews_the_lease(
        self, another: OpenLease
    ) -> None:
        first, second = another(), another()
        await first.acquire()
        for _ in range(8):
            assert await second.acquire() is None
            await asyncio.sleep(DEAD_S / 4)
            await first.renew()

    async def test_a_released_lease_is_free_at_once(self, another: OpenLease) -> None:
        first, second = another(), another()
        await first.acquire()
        assert await second.acquire() is None
        await first.release()
        assert await second.acquire() == 2
        with pytest.raises(LeaseLost):
            await first.renew()

    async def test_a_silent_leader_is_replaced_and_finds_out_when_it_renews(
        self, another: OpenLease
    ) -> None:
        first, second = another(), another()
        await first.acquire()
        assert await second.acquire() is None
        await asyncio.sleep(2 * DEAD_S)
        assert await second.acquire() == 2
        for _ in range(2):
            with pytest.raises(LeaseLost):
                await first.renew()
        with pytest.raises(LeaseLost):
            await first.raise_epoch(9)
        await second.renew()

    async def test_a_replaced_relay_may_wait_to_lead_again(self, another: OpenLease) -> None:
        first, second = another(), another()
        await first.acquire()
        await second.acquire()
        await asyncio.sleep(2 * DEAD_S)
        await second.acquire()
        with pytest.raises(LeaseLost):
            await first.renew()
        await first.release()
        assert await first.acquire() is None
        await second.renew()
        await second.release()
        assert await first.acquire() == 3

    async def test_of_several_waiting_relays_one_leads(self, another: OpenLease) -> None:
        first, *others = (another() for _ in range(5))
        await first.acquire()
        assert [await lease.acquire() for lease in others] == [None] * 4
        await asyncio.sleep(2 * DEAD_S)
        taken = await asyncio.gather(*(lease.acquire() for lease in others))
        assert [epoch for epoch in taken if epoch is not None] == [2]

    async def test_the_epoch_only_grows(self, another: OpenLease) -> None:
        epochs = []
        for number in range(1, 4):
            lease = another()
            epochs.append(await lease.acquire())
            if number == 2:
                await lease.raise_epoch(40)
                await lease.renew()
            await lease.release()
        assert epochs == [1, 2, 41]

    async def test_a_lease_that_was_not_acquired_cannot_be_renewed(
        self, another: OpenLease
    ) -> None:
        lease = another()
        with pytest.raises(LeaseLost):
            await lease.renew()
        await lease.release()
