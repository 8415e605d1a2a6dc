"""Whether the totals of the live read models are the sums of their rows."""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from projections.models import MODELS
from projections.projection import Projection
from projections.storage.database import ReadDatabase
from projections.storage.errors import NotBuilt, ReadModelError
from projections.storage.totals import Difference, differences
from replay.check import Finding
from runtime.settings import Settings

SHOWN_MAX = 10
"""Differences of one read model."""


async def wrong_totals(settings: Settings) -> Sequence[Finding]:
    """A finding for each total that differs; the first ones of each read model."""
    found: list[Finding] = []
    for name, url in settings.read_urls.items():
        if MODELS[name].contributions:
            found += await _of_model(name, url)
    return found


async def _of_model(name: str, url: str) -> Sequence[Finding]:
    database = ReadDatabase(MODELS[name], url)
    replay = f"run `daybook replay {name}`, and report this"
    try:
        wrong = await database.ask(partial(_first, MODELS[name]), long=True)
    except NotBuilt:
        return ()
    except (ReadModelError, SQLAlchemyError, OSError) as error:
        message = f"the totals of the read model {name} cannot be compared ({error})"
        return [Finding(0, "", message, replay)]
    finally:
        await database.aclose()
    return [Finding(0, "", f"the read model {name}: {_said(each)}", replay) for each in wrong]


def _first(projection: Projection[Any], conn: Connection) -> Sequence[Difference]:
    return list(islice(differences(conn, projection), SHOWN_MAX))


def _said(difference: Difference) -> str:
    dated, size, start, name, currency, dimension = difference.at
    of = f" of {dimension}" if dimension else ""
    when = f"{size} quarters of an hour from {start} ({dated})" if size else "all time"
    return (
        f"{name}{of} in {currency} for {when} is {difference.kept}, the rows say {difference.right}"
    )
