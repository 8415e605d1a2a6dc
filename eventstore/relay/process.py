"""`daybook relay`: builds the relay from the settings and runs it."""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import Final

from eventstore.known import KnownEvent
from eventstore.relay.bus import Bus, BusUnavailable, ReadableBus
from eventstore.relay.monitor import RelayMonitor, TracedBus
from eventstore.relay.relay import CheckLog, Relay, RelayState, nothing_to_check
from eventstore.stores import is_dense, open_lease, open_lease_reader, open_reader
from runtime.clock import utc_now
from runtime.metrics import RelayMetrics
from runtime.probes import probes_served
from runtime.settings import Settings, variable
from runtime.stop import stop_on_signal
from runtime.terminal import Exit, ExitError, put_json
from runtime.tracing import tracing_of
from runtime.urls import KAFKA_SCHEMES, parse_kafka_url


async def run_relay(
    settings: Settings,
    *,
    as_json: bool,
    check_log: CheckLog = nothing_to_check,
    opened_by: Callable[[Settings], Bus] | None = None,
) -> None:
    """Until a signal. opened_by: opens another bus, for tests. check_log: see Relay.

    Raises ExitError, StoreError, BusError.
    """
    bus = (opened_by or open_bus)(settings)
    on_change = _put if as_json else _nothing
    with stop_on_signal() as stop:
        async with tracing_of(settings.traces, "relay") as tracing:
            if tracing is not None:
                bus = TracedBus(bus, tracing, settings.topic)
            async with (
                relay_of(settings, bus, on_change=on_change, check_log=check_log) as relay,
                probes_served(settings, _monitor(relay, settings).probes),
            ):
                await relay.run(stop)


def _monitor(relay: Relay, settings: Settings) -> RelayMonitor:
    dense = is_dense(settings.store_url)
    return RelayMonitor(RelayMetrics(), relay.state, relay.store, dense=dense, clock=utc_now)


@asynccontextmanager
async def relay_of(
    settings: Settings,
    bus: Bus,
    *,
    on_change: Callable[[RelayState], object],
    check_log: CheckLog = nothing_to_check,
) -> AsyncIterator[Relay]:
    """A relay, not running yet. Raises ExitError, StoreError."""
    store = open_reader(settings.store_url)
    lease = open_lease(settings.store_url)
    try:
        yield Relay(
            store,
            bus,
            lease,
            buffer_bytes=settings.relay_buffer_bytes,
            on_change=on_change,
            check_log=check_log,
        )
    finally:
        await lease.aclose()
        await store.aclose()


async def describe_bus(settings: Settings) -> tuple[str, Sequence[str]]:
    """The topic in a sentence, and its settings that may lose records. Creates nothing.

    Raises ExitError without BUS, BusUnavailable with what to do.
    """
    return await open_bus(settings).describe()


async def events_known_by_topic(settings: Settings, *, by: str) -> Sequence[KnownEvent]:
    """The last event of each partition. by: names the topic, for people. Creates nothing.

    Only records sealed by a relay of this log count: otherwise anyone who can write to the topic
    could keep the log from being opened. If the lease was lost with the log, all records count.
    Raises ExitError, BusUnavailable, StoreError.
    """
    bus = open_bus(settings)
    lease = open_lease_reader(settings.store_url)
    try:
        state = await lease.read()
    finally:
        await lease.aclose()
    secret = None if state is None else state.secret
    ends = await bus.ends(secret)
    return [KnownEvent.of(by, end.recorded) for end in ends if end is not None]


def open_bus(settings: Settings) -> ReadableBus:
    """The bus of the settings, not called yet. Raises ExitError, BusUnavailable."""
    if not settings.bus:
        raise ExitError(
            f"{variable('bus')} is empty: set it to kafka://host:9092, where the log is published",
            Exit.USAGE,
        )
    return BUSES[settings.bus.partition("//")[0] + "//"](settings)


def _kafka(settings: Settings) -> ReadableBus:
    try:
        from eventstore.relay.kafka.producing import KafkaBus
        from eventstore.relay.kafka.topic import TopicPlan
    except ImportError as error:
        raise BusUnavailable(
            f"Kafka needs its client ({error}): pip install 'daybook[kafka]'"
        ) from None
    return KafkaBus(parse_kafka_url(settings.bus), TopicPlan.of(settings))


BUSES: Final[Mapping[str, Callable[[Settings], ReadableBus]]] = dict.fromkeys(KAFKA_SCHEMES, _kafka)
"""By the scheme of BUS; the settings list them too (BUS_SCHEMES)."""


def _put(state: RelayState) -> None:
    with suppress(BrokenPipeError):
        put_json({"pid": os.getpid(), **asdict(state)})


def _nothing(state: RelayState) -> None:
    del state
