"""Which records of a topic are believed: those that a relay of this log has sealed, in its newest
epoch. A refused record costs time and nothing else, as the sweep takes its event from the log.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any, Final

from eventstore.lease import LeaseReader, LeaseState
from eventstore.port import Recorded, StoreError
from eventstore.relay.bus import Published
from eventstore.relay.kafka.record import ForeignRecord, Unsealed, decode
from projections.sources.kafka_member import Polled

LEASE_READ_S: Final = 0.05
"""Least time between two reads of the lease, whatever is written to the topic."""
WARN_S: Final = 10.0
REFUSED_S: Final = 60.0
"""How long after the last refusal it is reported that nothing is believed."""
NO_LEASE: Final = LeaseState(0, b"")

_log = logging.getLogger("daybook.worker")


class _Refused(Exception):
    """Why a record is refused. newer: it may be valid by a newer lease."""

    def __init__(self, reason: str, why: str, *, newer: bool = False) -> None:
        super().__init__(why)
        self.reason = reason
        self.newer = newer


class Records:
    """Separates records that are believed from others. refused: how many are not, by reason."""

    def __init__(self, lease: LeaseReader, topic: str) -> None:
        self.refused: Counter[str] = Counter()
        self._lease = lease
        self._topic = topic
        self._led = NO_LEASE
        self._lease_read_s = self._warned_s = -inf
        self._may_read_lease = True
        self._epochs: dict[int, int] = {}
        self._refusing_s: float | None = None
        self._refused_s = -inf

    def forget(self, partitions: Iterable[int] | None = None) -> None:
        """Forget the epochs seen (in these partitions): records are read again, or skipped."""
        for partition in list(self._epochs) if partitions is None else partitions:
            self._epochs.pop(partition, None)

    async def believed(self, polled: Polled) -> Mapping[int, Sequence[Recorded]]:
        """By partition, the events of the records that are believed, in their order."""
        self._may_read_lease = True
        return {at: await self._of_partition(at, records) for at, records in polled.items()}

    def refusing(self, *, for_s: float) -> str:
        """What is refused, if for_s has passed since a record was believed; else empty."""
        now_s = _now_s()
        if self._refusing_s is None or now_s - self._refusing_s < for_s:
            return ""
        if now_s - self._refused_s > REFUSED_S:
            return ""
        counts = ", ".join(f"{count} {why}" for why, count in sorted(self.refused.items()))
        return f"no record of {self._topic} is believed (refused so far: {counts})"

    async def _of_partition(self, partition: int, records: Iterable[Any]) -> Sequence[Recorded]:
        found = []
        for record in records:
            try:
                published = self._check(partition, record)
            except _Refused as refused:
                again = await self._checked_again(partition, record, refused)
                if again is None:
                    continue
                published = again
            self._epochs[partition] = published.epoch
            self._refusing_s = None
            found.append(published.recorded)
        return found

    async def _checked_again(
        self, partition: int, record: Any, refused: _Refused
    ) -> Published | None:
        """Check once more if the lease has changed: a relay may have started since. None if the
        record is refused.
        """
        try:
            if refused.newer and await self._lease_changed():
                return self._check(partition, record)
        except _Refused as again:
            refused = again
        place = f"partition {partition}, offset {record.offset}"
        self._refuse(refused.reason, f"{place}: {refused}")
        return None

    def _check(self, partition: int, record: Any) -> Published:
        try:
            published = decode(record.key, record.value, record.headers, secret=self._led.secret)
        except Unsealed as error:
            raise _Refused("unsealed", str(error), newer=True) from None
        except ForeignRecord as error:
            raise _Refused("foreign", str(error)) from None
        if self._is_older(partition, published.epoch):
            raise _Refused("older epoch", f"epoch {published.epoch}")
        if published.epoch > self._led.epoch:
            why = f"epoch {published.epoch}, and the lease has {self._led.epoch}"
            raise _Refused("epoch of no lease", why, newer=True)
        return published

    def _is_older(self, partition: int, epoch: int) -> bool:
        """Whether it is of a relay that another one has replaced."""
        return epoch < self._epochs.get(partition, epoch)

    async def _lease_changed(self) -> bool:
        """Read the lease again, once for all records of a poll; whether it has changed."""
        if not self._may_read_lease:
            return False
        self._may_read_lease = False
        await asyncio.sleep(self._lease_read_s + LEASE_READ_S - _now_s())
        before = self._led
        try:
            self._led = await self._lease.read() or NO_LEASE
        except StoreError as error:
            _log.debug("the lease cannot be read: %s", error)
        self._lease_read_s = _now_s()
        return self._led != before

    def _refuse(self, reason: str, what: str) -> None:
        self.refused[reason] += 1
        now_s = self._refused_s = _now_s()
        if self._refusing_s is None:
            self._refusing_s = now_s
        if now_s - self._warned_s > WARN_S:
            self._warned_s = now_s
            count = self.refused[reason]
            _log.warning("skipped in %s (%s, %d so far): %s", self._topic, reason, count, what)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
