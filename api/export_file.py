"""`daybook audit export`: the log as a file or on standard output."""

import sys
from pathlib import Path
from typing import BinaryIO

from api.export import Extent, Format, export
from domain.values import is_id
from projections.composition import log_reader
from runtime.settings import Settings
from runtime.terminal import Exit, ExitError, progress, put_json


async def export_file(
    settings: Settings,
    kind: Format,
    *,
    order_id: str | None,
    output: Path | None,
    wanted_bar: bool | None,
    as_json: bool,
) -> None:
    """Written beside the output and renamed at the end, so that no half of one bears its name.

    as_json: say what was written, where that is not standard output itself.
    """
    if order_id is not None and not is_id(order_id):
        raise ExitError("--order-id is no id of an order", Exit.USAGE)
    if output is None:
        await _write(settings, kind, order_id, sys.stdout.buffer, wanted_bar=wanted_bar)
        return
    part = output.with_name(output.name + ".part")
    try:
        with part.open("wb") as file:
            extent = await _write(settings, kind, order_id, file, wanted_bar=wanted_bar)
        part.replace(output)
    except OSError as error:
        raise ExitError(f"cannot write {output}: {error.strerror}", Exit.USAGE) from None
    finally:
        part.unlink(missing_ok=True)
    if as_json:
        put_json({"output": str(output), "format": kind, **extent.members})


async def _write(
    settings: Settings,
    kind: Format,
    order_id: str | None,
    file: BinaryIO,
    *,
    wanted_bar: bool | None,
) -> Extent:
    extent = Extent()
    async with log_reader(settings) as store:
        with progress("export", total=await store.head(), unit="events", wanted=wanted_bar) as bar:
            async for piece in export(store, kind, order_id=order_id, extent=extent):
                file.write(piece)
                bar.update(piece.count(b"\n"))
    file.flush()
    return extent
