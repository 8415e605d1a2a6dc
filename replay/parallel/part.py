"""A process of a replay, started by replay.parallel.parts: folds its part of the log."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from eventstore.part import PartOfLog, part_of
from eventstore.port import EventReader
from eventstore.stores import open_reader
from projections.models import MODELS
from projections.projection import Row
from projections.sources.log import Source
from projections.storage.open import open_generations
from projections.worker.writer import open_writer
from replay.parallel.parts import LINE_MAX, Share
from replay.rebuild import fill, log_source
from runtime.terminal import put_json


@dataclass(frozen=True, slots=True)
class _Part:
    """The share of this process, and the log, which source verifies once for all read models."""

    share: Share
    log: EventReader
    source: Source


async def answer_lines() -> None:
    """Run until standard input ends, which it does when the parent is gone, for whatever reason.

    The first line is the Share of this process, each further one a read model to fill its part of.
    A generation that is unfinished at the end is deleted by the next replay.
    """
    lines = asyncio.StreamReader(limit=LINE_MAX)
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    share = Share(**json.loads(await lines.readline()))
    log = PartOfLog(open_reader(share.log), share.part, of=share.of, until=share.until)
    part = _Part(share, log, log_source(log, verify=share.verify))
    filling = set()
    async for line in lines:
        filling.add(asyncio.create_task(_answer(part, **json.loads(line))))
    os._exit(0)


async def _answer(
    part: _Part, *, name: str, url: str, number: int, discards: Sequence[Row]
) -> None:
    error = ""
    try:
        await _fill(part, name, url, number, discards)
    except Exception as failed:  # noqa: BLE001 (the parent gets every error)
        error = str(failed) or type(failed).__name__
    put_json({"name": name, "error": error})


async def _fill(part: _Part, name: str, url: str, number: int, discards: Sequence[Row]) -> None:
    projection, share = MODELS[name], part.share
    async with (
        aclosing(open_generations(url)) as found,
        open_writer(projection, found, number, bulk=True) as writer,
    ):
        mine = [row for row in discards if part_of(row["order_id"], share.of) == share.part]
        await writer.discard(mine)
        await fill(writer, part.source, part.log, lambda at, _: put_json({"name": name, "at": at}))
