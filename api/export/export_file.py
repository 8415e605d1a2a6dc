"""`daybook audit export`: the log as a file or on standard output."""

import sys
from pathlib import Path
from typing import BinaryIO

from api.export.export import Extent, Format, export
from domain.values import is_id
from projections.composition import log_reader
from projections.query.periods import Limits
from runtime.files import replacing
from runtime.settings import Settings
from runtime.terminal import NO_ROOM, Exit, ExitError, progress, put_json, say


async def export_file(
    settings: Settings,
    kind: Format,
    *,
    order_id: str | None,
    limits: Limits,
    output: Path | None,
    wanted_bar: bool | None,
    as_json: bool,
) -> None:
    """Export up to the log's head. The file appears once it is whole, and only its owner can read
    it.

    What was written to a file is reported on standard error, or with as_json on standard output.
    Raises ExitError, StoreError; a file that existed before is then unchanged.
    """
    if order_id is not None and not is_id(order_id):
        raise ExitError("--order-id is not the id of an order", Exit.USAGE)
    if output is None:
        await _write(settings, kind, order_id, limits, sys.stdout.buffer, wanted_bar=wanted_bar)
        return
    try:
        with replacing(output) as file:
            extent, size = await _write(
                settings, kind, order_id, limits, file, wanted_bar=wanted_bar
            )
    except OSError as error:
        code = Exit.UNAVAILABLE if error.errno in NO_ROOM else Exit.USAGE
        raise ExitError(f"cannot write {output}: {error.strerror}", code) from None
    if as_json:
        put_json({"output": str(output), "format": kind, "bytes": size, **extent.members})
        return
    positions = f", positions {extent.first:,} to {extent.last:,}" if extent.count else ""
    say(f"wrote {output}: {extent.count:,} events, {size:,} bytes{positions}")


async def _write(
    settings: Settings,
    kind: Format,
    order_id: str | None,
    limits: Limits,
    file: BinaryIO,
    *,
    wanted_bar: bool | None,
) -> tuple[Extent, int]:
    """The extent of what was written, and its bytes."""
    extent, size = Extent(), 0
    async with log_reader(settings) as store:
        with progress("export", total=await store.head(), unit="events", wanted=wanted_bar) as bar:
            exported = export(store, kind, order_id=order_id, limits=limits, extent=extent)
            async for piece in exported:
                size += file.write(piece)
                bar.update(piece.count(b"\n"))
    file.flush()
    return extent, size
