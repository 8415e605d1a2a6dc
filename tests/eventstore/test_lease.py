"""The lease beside a log in a file."""

import errno
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from eventstore.lease import FileLease, FileLeaseReader, LeaseLost, LeaseReader, LeaseState
from eventstore.port import StoreUnavailable
from tests.contracts.lease import DEAD_S, LeaseContract, OpenLease

HOLD = """
import asyncio, sys
from pathlib import Path
from eventstore.lease import FileLease
lease = FileLease(Path(sys.argv[1]))
print(asyncio.run(lease.acquire()), flush=True)
sys.stdin.read()
"""


class TestFileLease(LeaseContract):
    @pytest.fixture
    def reader(self, tmp_path: Path) -> LeaseReader:
        return FileLeaseReader(tmp_path / "log.relay.lock")

    @pytest.fixture
    async def another(self, tmp_path: Path) -> AsyncIterator[OpenLease]:
        leases: list[FileLease] = []

        def make() -> FileLease:
            leases.append(FileLease(tmp_path / "log.relay.lock", dead_s=DEAD_S))
            return leases[-1]

        yield make
        for lease in leases:
            await lease.aclose()

    @pytest.mark.e2e
    async def test_a_killed_process_holds_it_no_longer(
        self, another: OpenLease, tmp_path: Path
    ) -> None:
        holder = subprocess.Popen(  # noqa: ASYNC220 - it is started, not waited for
            [sys.executable, "-c", HOLD, str(tmp_path / "log.relay.lock")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"1\n"
            lease = another()
            assert await lease.acquire() is None
            holder.kill()
            holder.wait()
            assert await lease.acquire() == 2

    @pytest.mark.parametrize("content", [b"", b"{", b"null", b'{"epoch":"x"}'])
    async def test_a_damaged_file_is_started_anew(
        self, another: OpenLease, tmp_path: Path, content: bytes
    ) -> None:
        (tmp_path / "log.relay.lock").write_bytes(content)
        assert await another().acquire() == 1

    async def test_the_file_of_an_earlier_daybook_gets_a_secret(
        self, another: OpenLease, reader: LeaseReader, tmp_path: Path
    ) -> None:
        content = b'{"epoch": 7, "beat": 3, "holder": "process 1 on here"}'
        (tmp_path / "log.relay.lock").write_bytes(content.ljust(256))
        assert await reader.read() is None

        lease = another()
        assert await lease.acquire() == 8
        assert await reader.read() == LeaseState(8, lease.secret)

    async def test_a_file_that_was_removed_is_a_lost_lease(
        self, another: OpenLease, tmp_path: Path
    ) -> None:
        lease = another()
        await lease.acquire()
        (tmp_path / "log.relay.lock").unlink()
        with pytest.raises(LeaseLost):
            await lease.renew()

    async def test_the_error_names_the_holder(self, another: OpenLease) -> None:
        first, second = another(), another()
        await first.acquire()
        with pytest.raises(LeaseLost, match=f"process {os.getpid()} on "):
            await second.renew()

    async def test_a_missing_folder_is_reported(self, tmp_path: Path) -> None:
        with pytest.raises(StoreUnavailable, match="No such file"):
            await FileLease(tmp_path / "nowhere" / "lock").acquire()


async def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    lease = FileLease(tmp_path / "lock")
    await lease.acquire()
    assert os.stat(tmp_path / "lock").st_mode & 0o777 == 0o600  # noqa: PTH116
    await lease.aclose()


async def test_a_lease_that_could_not_be_written_can_be_taken_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = FileLease(tmp_path / "lock")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "put there by the test")

    with monkeypatch.context() as on_a_full_disk:
        on_a_full_disk.setattr("eventstore.lease.os.pwrite", full)
        with pytest.raises((StoreUnavailable, OSError)):
            await lease.acquire()

    # Another lease: it would fail if the lock were still held.
    other = FileLease(tmp_path / "lock")
    assert await other.acquire() is not None
    await other.aclose()
    await lease.aclose()


@pytest.mark.parametrize("failure", [FileNotFoundError(), OSError(errno.EIO, "put there")])
async def test_a_file_that_could_not_be_put_in_place_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: OSError
) -> None:
    """The leader is stopped, and another relay fails to replace its file."""
    stopped = FileLease(tmp_path / "lock")
    await stopped.acquire()
    lease = FileLease(tmp_path / "lock", dead_s=-1)

    def fail(_: Path, __: Path) -> Path:
        raise failure

    with monkeypatch.context() as broken:
        broken.setattr(Path, "rename", fail)
        with pytest.raises(StoreUnavailable):
            await lease.acquire()

    with pytest.raises(LeaseLost):
        await lease.renew()
    await lease.release()
    other = FileLease(tmp_path / "lock", dead_s=-1)
    assert await other.acquire() == 2
    await other.aclose()
    await stopped.aclose()
