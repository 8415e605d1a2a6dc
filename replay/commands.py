"""The commands replay and check: what they run, and what they put out."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import BinaryIO

from eventstore.decisions import rows_of
from eventstore.port import EventReader
from eventstore.relay.bus import BusUnavailable
from eventstore.relay.process import describe_bus
from eventstore.sqlite.database import LogDamaged
from eventstore.sqlite.integrity import damages
from eventstore.stores import SQLITE, is_dense, is_shared, log_exists, probe, wounds
from projections.composition import discards_of, log_reader
from projections.evidence import refuse_loss
from projections.models import MODELS
from replay.check import BUS, RESTORE, Checked, Finding, check_log, step_for
from replay.losses import head_findings, loss_findings, losses_of
from replay.moves import find_moves, opened
from replay.parallel.parts import Parts, parts_of, usable_cores
from replay.rebuild import Rebuilt, log_source, rebuild
from replay.removed_events import refuse_removed_events
from replay.totals import wrong_totals
from runtime.abandoned import in_abandonable_thread
from runtime.settings import Settings
from runtime.terminal import Exit, progress, put, put_json, put_table, say
from runtime.urls import redacted

SHOWN_MAX = 20


async def replay_models(
    settings: Settings,
    names: Sequence[str],
    *,
    jobs: int | None,
    verify: bool,
    moved: Path | None = None,
    wanted_bar: bool | None,
    as_json: bool,
) -> Exit:
    """Rebuild the read models concurrently, reading the log once; one that fails stops no other.

    jobs: processes for a large log; None: one for each core. verify: check the log's hash
    chains, and park the orders that were altered. moved: a file for the orders that the generations
    before show in another way, as NDJSON. Returns FOUND where an order is parked, UNAVAILABLE where
    a model was not rebuilt, or not compared and there is a file for that. Raises LogAltered where
    events were removed; EventsLost where the log has lost events and nobody has accepted it: only
    the read models may still contain them; ExitError if the file cannot be written.
    """
    await refuse_loss(settings)
    with opened(moved) as file:
        return await _replay(
            settings,
            names,
            jobs=jobs,
            verify=verify,
            file=file,
            wanted_bar=wanted_bar,
            as_json=as_json,
        )


async def _replay(
    settings: Settings,
    names: Sequence[str],
    *,
    jobs: int | None,
    verify: bool,
    file: BinaryIO | None,
    wanted_bar: bool | None,
    as_json: bool,
) -> Exit:
    async with log_reader(settings) as store:
        if verify:
            await in_abandonable_thread(partial(refuse_removed_events, settings.store_url))
        head = await store.head() or 0
        unit = "events" if is_dense(settings.store_url) else "bytes of the log"
        with progress("replay", total=head * len(names), unit=unit, wanted=wanted_bar) as bar:
            async with parts_of(
                settings.store_url,
                names,
                jobs=jobs or usable_cores(),
                until=head,
                verify=verify,
            ) as parts:
                outcomes = await _rebuild_all(
                    settings, names, store, verify=verify, parts=parts, advance=bar.update
                )
    rebuilt = [outcome for outcome in outcomes if isinstance(outcome, Rebuilt)]
    moves = [
        await find_moves(model, settings.read_urls[model.name], file, wanted_bar=wanted_bar)
        for model in rebuilt
    ]
    documents = [
        asdict(model) | found.document() for model, found in zip(rebuilt, moves, strict=True)
    ]
    if as_json:
        put_json(documents)
    elif rebuilt:
        columns = ("name", "generation", "previous", "position", "parked", "moved")
        put_table(columns, [[document[name] for name in columns] for document in documents])
    for name, outcome in zip(names, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            say(f"daybook: {name} was not rebuilt: {outcome}")
    _name_parked(rebuilt)
    for found in moves:
        found.say()
    if len(rebuilt) < len(names) or (file and any(found.failure for found in moves)):
        return Exit.UNAVAILABLE
    return Exit.FOUND if any(model.parked for model in rebuilt) else Exit.DONE


def _name_parked(rebuilt: Sequence[Rebuilt]) -> None:
    for model in rebuilt:
        for row in model.parked_orders[:SHOWN_MAX]:
            where = f"{row['order_id']} is parked at revision {row['revision']}"
            say(f"daybook: {model.name}: {where}: {row['error']}")
        if model.parked > SHOWN_MAX:
            more = model.parked - SHOWN_MAX
            say(f"daybook: {model.name}: ... and {more:,} more: `daybook parked list {model.name}`")


async def check_everything(
    settings: Settings,
    *,
    alone: bool = False,
    totals: bool = False,
    wanted_bar: bool | None,
    as_json: bool,
) -> Exit:
    """Check the settings, the log and the bus, and show the findings; FOUND where there are any.

    alone: do not compare the log with the read models and the topic, as for a backup. totals:
    compare the totals of the read models with their rows. Raises
    StoreError where there is no log, and nobody knows of one that was lost.
    """
    if not as_json:
        put(f"settings  fine ({redacted(settings.store_url)})")
    version = await probe(settings.store_url)
    if version and not as_json:
        put(f"server    EventStoreDB {version}")
    topic, dangers = ("", ()) if alone else await _check_bus(settings)
    if topic and not as_json:
        put(f"bus       {topic}")
    compared = await losses_of(settings, alone=alone)
    for sentence in compared.unasked:
        say(f"daybook: not compared with the log: {sentence}")
    if compared.lost and not log_exists(settings.store_url):
        checked = Checked()
    else:
        checked = await _check_log(settings, wanted_bar=wanted_bar)
    checked.findings[:0] = [
        *head_findings(settings),
        *loss_findings(compared),
        *(Finding(0, "", danger, BUS) for danger in dangers),
        *(await wrong_totals(settings) if totals else ()),
    ]
    if as_json:
        put_json({"server": version or None, **checked.document()})
    else:
        _show(checked)
    return Exit.FOUND if checked.findings else Exit.DONE


async def _check_log(settings: Settings, *, wanted_bar: bool | None) -> Checked:
    try:
        async with log_reader(settings) as store:
            return await _check_file_and_events(settings, store, wanted_bar=wanted_bar)
    except LogDamaged as error:  # it cannot even be opened
        return Checked(findings=[Finding(0, "", str(error), RESTORE)])


async def _check_file_and_events(
    settings: Settings, store: EventReader, *, wanted_bar: bool | None
) -> Checked:
    damaged = await _damages(settings.store_url)
    dense = is_dense(settings.store_url)
    total = await store.head() if dense and not damaged else None
    with progress("check", total=total, unit="events", wanted=wanted_bar) as bar:
        checked = await check_log(
            store,
            bar.update,
            dense=dense,
            in_server=is_shared(settings.store_url),
        )
    checked.findings[:0] = [Finding(0, "", damage, RESTORE) for damage in damaged]
    known = {finding.stream for finding in checked.findings}
    for stream, why in (await wounds(settings.store_url)).items():
        if stream not in known:
            checked.add(Finding(0, stream, f"{stream!r}: {why}", step_for(stream)))
    return checked


async def _check_bus(settings: Settings) -> tuple[str, Sequence[str]]:
    """The topic in words, and findings about the bus. A bus that cannot be reached is a finding:
    the log can be checked all the same.
    """
    if not settings.bus:
        return "", ()
    try:
        return await describe_bus(settings)
    except BusUnavailable as error:
        return "", (str(error),)


async def _damages(url: str) -> list[str]:
    if not url.startswith(SQLITE):
        return []
    found = await damages(Path(url.removeprefix(SQLITE)))
    return [f"the log's file is damaged: {damage}" for damage in found]


async def _rebuild_all(
    settings: Settings,
    names: Sequence[str],
    store: EventReader,
    *,
    verify: bool,
    parts: Parts | None,
    advance: Callable[[int], object],
) -> Sequence[Rebuilt | BaseException]:
    recorded = await discards_of(settings)
    source = log_source(store, verify=verify)
    try:
        return await asyncio.gather(
            *(
                rebuild(
                    MODELS[name],
                    settings.read_urls[name],
                    store,
                    source=source,
                    parts=parts,
                    recorded=rows_of(recorded, name),
                    progress=_steps(advance),
                )
                for name in names
            ),
            return_exceptions=True,
        )
    finally:
        await source.aclose()


def _steps(advance: Callable[[int], object]) -> Callable[[int, int], None]:
    """A function for totals done, from one for what was done since the last call."""
    before = 0

    def report(done: int, _total: int) -> None:
        nonlocal before
        advance(done - before)
        before = done

    return report


def _show(checked: Checked) -> None:
    put(f"log       {checked.events:,} events of {checked.orders:,} orders")
    if not checked.findings:
        put("events    all decode and fold, and every hash is right")
        return
    put(f"findings  {len(checked.findings):,}")
    for finding in checked.findings[:SHOWN_MAX]:
        where = f"position {finding.position}: " if finding.position else ""
        put(f"\n{where}{finding.message}\n  what to do: {finding.next_step}")
    if len(checked.findings) > SHOWN_MAX:
        put(f"\n... and {len(checked.findings) - SHOWN_MAX:,} more: see them all with --json")
