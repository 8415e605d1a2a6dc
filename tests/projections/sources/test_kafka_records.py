"""Which records of a topic are believed, whatever others write to it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eventstore.lease import FileLease, FileLeaseReader, LeaseState
from eventstore.port import Position, Recorded
from projections.sources.kafka import KafkaSource
from projections.sources.kafka_records import Records
from tests.eventstore.leases import ANOTHER_SECRET, SECRET, FixedLease
from tests.projections.sources import test_kafka_source as scripted
from tests.projections.sources.kafka import SealedLog
from tests.projections.sources.scripted import Sent, sent
from tests.projections.toy import captured

FAR = 2**62


async def believed(records: Records, *polled: Sent) -> Sequence[Recorded]:
    found = await records.believed({1: list(polled)})  # type: ignore[dict-item]
    return found[1]


async def test_what_a_relay_of_this_log_has_sealed_is_believed() -> None:
    log = await scripted.a_log()
    events = await log.recorded()
    records = Records(FixedLease(), "t")

    assert await believed(records, *(sent(event) for event in events)) == events
    assert records.refused == {}


async def test_what_a_second_environment_writes_is_refused() -> None:
    first = (await (await scripted.a_log()).recorded())[0]
    records = Records(FixedLease(), "t")

    assert await believed(records, sent(first, secret=ANOTHER_SECRET)) == []
    assert records.refused == {"unsealed": 1}


async def test_a_true_record_sent_again_with_another_position_is_refused() -> None:
    first = (await (await scripted.a_log()).recorded())[0]
    record = sent(first)
    moved = Sent(record.key, record.value, [*record.headers, ("position", b"17")])
    records = Records(FixedLease(), "t")

    assert await believed(records, record, moved) == [first]
    assert records.refused == {"unsealed": 1}


async def test_a_forged_epoch_makes_no_true_record_older() -> None:
    first, second, *_ = await (await scripted.a_log()).recorded()
    forged = Sent(*[sent(first).key, sent(first).value, _with_epoch(sent(first), 2**63 - 1)])
    records = Records(FixedLease(), "t")

    assert await believed(records, forged, sent(second)) == [second]
    assert records.refused == {"unsealed": 1}


def _with_epoch(record: Sent, epoch: int) -> list[tuple[str, bytes]]:
    return [*record.headers, ("epoch", b"%d" % epoch)]


async def test_an_epoch_above_the_leases_is_not_believed_even_if_it_is_sealed() -> None:
    first, second, *_ = await (await scripted.a_log()).recorded()
    lease = FixedLease(LeaseState(3, SECRET))
    records = Records(lease, "t")

    assert await believed(records, sent(first, epoch=2**63 - 1), sent(second, epoch=3)) == [second]
    assert records.refused == {"epoch of no lease": 1}


async def test_without_that_bound_every_true_record_is_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, *_ = await (await scripted.a_log()).recorded()
    records = Records(FixedLease(LeaseState(2**63 - 1, SECRET)), "t")

    assert await believed(records, sent(first, epoch=2**63 - 1), sent(second, epoch=3)) == [first]
    assert records.refused == {"older epoch": 1}


async def test_the_first_record_of_a_relay_that_has_just_started_is_believed() -> None:
    first, second, third, *_ = await (await scripted.a_log()).recorded()
    lease = FixedLease(None)
    records = Records(lease, "t")
    assert await believed(records, sent(first)) == []

    lease.led = LeaseState(1, SECRET)
    assert await believed(records, sent(second, epoch=1)) == [second]
    lease.led = LeaseState(2, SECRET)
    assert await believed(records, sent(third, epoch=2)) == [third]


async def test_forged_records_cost_one_read_of_the_lease_per_poll() -> None:
    events = await (await scripted.a_log()).recorded()
    lease = FixedLease()
    records = Records(lease, "t")

    await believed(records, *(sent(event, secret=ANOTHER_SECRET) for event in events))

    assert lease.looked == 1


async def test_it_reports_that_nothing_is_believed_until_something_is() -> None:
    first = (await (await scripted.a_log()).recorded())[0]
    records = Records(FixedLease(), "t")
    assert records.refusing(for_s=0.0) == ""

    await believed(records, sent(first, secret=ANOTHER_SECRET))
    assert records.refusing(for_s=0.0) == "no record of t is believed (refused so far: 1 unsealed)"
    assert records.refusing(for_s=60.0) == ""

    await believed(records, sent(first))
    assert records.refusing(for_s=0.0) == ""


async def test_what_is_written_with_a_leases_secret_is_believed_by_who_reads_the_lease(
    tmp_path: Path,
) -> None:
    lease = FileLease(tmp_path / "lock")
    assert await FileLeaseReader(tmp_path / "lock").read() is None
    assert await lease.acquire() == 1
    event = (await (await scripted.a_log()).recorded())[0]
    records = Records(FileLeaseReader(tmp_path / "lock"), "t")

    assert await believed(records, sent(event, epoch=1, secret=lease.secret)) == [event]
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    await lease.release()


# The rows are the log's ---------------------------------------------------------------------------


async def _attacks(log: SealedLog) -> Sequence[Sent]:
    """Each with hashes that are right, as anybody who can read the topic makes them."""
    other = await scripted.a_log()
    await other.append("o-0", captured("forged", 900_000))
    await other.append("o-9", captured("never", 900_000))
    *_, continues, of_no_order = await other.recorded()
    first, *_ = await log.recorded()
    return [
        sent(continues, secret=ANOTHER_SECRET, epoch=1),
        sent(of_no_order, secret=ANOTHER_SECRET, epoch=2**63 - 1),
        sent(replace(first, position=Position(FAR)), secret=ANOTHER_SECRET),
    ]


async def test_the_rows_are_the_logs_whatever_is_written_to_the_topic(tmp_path: Path) -> None:
    log = await scripted.a_log()
    attacks = await _attacks(log)
    polls = [[*attacks, sent(event), *attacks] for event in await log.recorded()]

    found, source = await scripted.rows_after(tmp_path / "rows", log, polls)  # type: ignore[arg-type]

    assert found == await scripted.right(tmp_path, log)
    assert source.skipped == {"unsealed": 2 * 15 * len(attacks)}


def test_the_source_reports_why_it_falls_back() -> None:
    source = KafkaSource(lambda: None, None, FixedLease(), topic="t", sweep_s=1.0)  # type: ignore[arg-type,return-value]
    source._report_fallback("there is no topic t")
    assert source.falling_back() == "there is no topic t"
    source._report_fallback("")
    assert source._away == ""
