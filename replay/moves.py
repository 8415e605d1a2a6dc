"""What a replay reports of the orders whose figures or words moved."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, aclosing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from sqlalchemy.exc import SQLAlchemyError

from projections.models import MODELS
from projections.storage.errors import ReadModelError
from replay.moved import Moved, compared
from replay.rebuild import Rebuilt
from runtime.files import replacing
from runtime.terminal import NO_ROOM, Exit, ExitError, progress, say

SHOWN_MAX: Final = 20


@dataclass(slots=True)
class Moves:
    """Of one read model. count: None where nothing was compared; failure: why, if it should have
    been. first: of the orders that moved. skipped: orders to which the generations had applied
    another number of events.
    """

    name: str
    count: int | None = None
    first: Sequence[Moved] = ()
    skipped: int = 0
    failure: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "moved": self.count,
            "moved_orders": [asdict(each) for each in self.first],
            "not_compared": self.skipped,
        }

    def say(self) -> None:
        if self.failure:
            say(f"daybook: {self.name}: not compared with the generation before: {self.failure}")
        for each in self.first:
            say(f"daybook: {self.name}: {each.order_id} moved: {', '.join(each.columns)}")
        if self.count and self.count > len(self.first):
            more = self.count - len(self.first)
            say(f"daybook: {self.name}: ... and {more:,} more: see them all with --moved FILE")
        if self.skipped:
            say(
                f"daybook: {self.name}: {self.skipped:,} orders were not compared: the generation"
                " before had applied another number of their events"
            )


async def find_moves(
    model: Rebuilt, url: str, file: BinaryIO | None, *, wanted_bar: bool | None
) -> Moves:
    """Compare a read model that was rebuilt with the generation before, if there was one.

    file: gets a line of NDJSON for each order that moved. It raises nothing of the database's: the
    rebuild is done, whatever state the earlier generation is in. Raises OSError of the file.
    """
    found = Moves(model.name)
    if model.previous is None:
        return found
    count, first, skipped = 0, list[Moved](), 0
    ranges = compared(MODELS[model.name], url, before=model.previous, number=model.generation)
    try:
        with progress(f"compare {model.name}", total=None, unit="orders", wanted=wanted_bar) as bar:
            async with aclosing(ranges):
                async for each in ranges:
                    _write(file, model.name, each.moved)
                    count += len(each.moved)
                    first += each.moved[: SHOWN_MAX - len(first)]
                    skipped += each.skipped
                    bar.update(each.orders)
    except (ReadModelError, SQLAlchemyError) as error:
        found.failure = str(getattr(error, "orig", error))
        return found
    return Moves(model.name, count, first, skipped)


def _write(file: BinaryIO | None, name: str, moved: Sequence[Moved]) -> None:
    if file is not None:
        for each in moved:
            line = json.dumps({"read_model": name, **asdict(each)}, ensure_ascii=False)
            file.write(line.encode() + b"\n")


@contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO | None]:
    """A file that appears when the block ends well; None without a path. Raises ExitError."""
    with ExitStack() as stack:
        try:
            file = None if path is None else stack.enter_context(replacing(path))
        except OSError as error:
            code = Exit.UNAVAILABLE if error.errno in NO_ROOM else Exit.USAGE
            raise ExitError(f"cannot write {path}: {error.strerror}", code) from None
        yield file
