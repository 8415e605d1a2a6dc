"""A small projection with every kind of error, a log to feed it, and its tables to check."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from pydantic import TypeAdapter
from sqlalchemy import MetaData

from domain.events import (
    Event,
    NoteAdded,
    OrderConfirmed,
    OrderPlaced,
    PaymentCaptured,
    PaymentVoided,
)
from domain.persistent import with_entry, without_entry
from eventstore.memory import MemoryStore
from eventstore.port import NO_STREAM, Draft, EventStore, Recorded, Revision
from eventstore.record.chain import GENESIS
from eventstore.record.codec import OrderEvent, stream_name
from projections.fold import Item
from projections.models import MODELS
from projections.parts import changed_entries
from projections.projection import Contribution, Entries, Projection, Rows
from projections.sources.log import decode_item
from projections.storage.columns import count, key, number, table, text
from projections.storage.generations import Pointer, ensure_built
from projections.storage.open import open_generations
from projections.storage.tables import TOTALS
from projections.storage.totals import amounts_of, parsed, rolled_up, total_rows
from projections.worker.writer import Watch, Writer, open_writer
from tests.eventstore.recorded import encoded, sealed_metadata
from tests.projections import kinds
from tests.projections.told import told

TABLES = MetaData()
ORDERS = table("orders", TABLES, key("order_id"), count("total_cents"), count("notes"))
CAPTURES = table("captures", TABLES, key("order_id"), key("capture_id"), count("amount_cents"))
LINES = table("lines", TABLES, key("order_id"), number("revision"), number("n"), text("what"))


@dataclass(frozen=True)
class Tally:
    order_id: str
    total_cents: int
    notes: int
    captures: Mapping[str, int]


class FoldBug(Exception):
    pass


def evolve(tally: Tally, event: OrderEvent) -> tuple[Tally, Entries]:
    line = {"order_id": event.order_id, "revision": event.revision, "n": 0, "what": event.type}
    return _fold(tally, event.event), ((LINES, line),)


def _fold(tally: Tally, event: Event) -> Tally:
    match event:
        case OrderPlaced(total_cents=cents):
            return replace(tally, total_cents=cents)
        case PaymentCaptured(capture_id=capture_id, amount_cents=cents):
            return replace(tally, captures=with_entry(tally.captures, capture_id, cents))
        case PaymentVoided(void_id=gone):
            return replace(tally, captures=without_entry(tally.captures, gone))
        case NoteAdded(text="poison"):
            raise FoldBug("a note that cannot be folded")
        case NoteAdded(text="too big a number"):
            return replace(tally, total_cents=10**30)
        case NoteAdded(text="below zero"):
            return replace(tally, total_cents=-1)
        case NoteAdded():
            return replace(tally, notes=tally.notes + 1)
        case _:
            return tally


def rows(tally: Tally) -> Rows:
    order = {
        "order_id": tally.order_id,
        "total_cents": tally.total_cents,
        "notes": tally.notes,
    }
    captures = [
        {"order_id": tally.order_id, "capture_id": name, "amount_cents": cents}
        for name, cents in changed_entries(tally.captures).items()
    ]
    return {ORDERS: [order], CAPTURES: captures}


def raw_entry(recorded: Recorded) -> Entries:
    order_id = recorded.stream.removeprefix("order-")
    return ((LINES, {"order_id": order_id, "revision": recorded.revision, "n": 0, "what": "raw"}),)


# Their times are numbers that change, so that what they contribute moves from one time to another.
CONTRIBUTIONS = (
    Contribution(
        table=ORDERS,
        names=("orders", "notes"),
        columns=("notes",),
        amounts=lambda row: (1, row["notes"]),
        occurred="total_cents",
        recorded="notes",
        currency="order_id",
    ),
    Contribution(
        table=CAPTURES,
        names=("captured",),
        columns=("amount_cents",),
        amounts=lambda row: (row["amount_cents"],),
        occurred="amount_cents",
        recorded="amount_cents",
        currency="order_id",
        of="capture_id",
    ),
    Contribution(
        table=LINES,
        names=("lines",),
        columns=(),
        amounts=lambda _: (1,),
        occurred="revision",
        recorded="revision",
        currency="what",
        of="order_id",
        keeps_zero=True,
    ),
)
TALLY: Projection[Tally] = Projection(
    name="tally",
    version=1,
    tables=TABLES,
    view=TypeAdapter(Tally),
    initial=lambda order_id: Tally(order_id, 0, 0, {}),
    evolve=evolve,
    rows=rows,
    parts={"captures": "capture_id"},
    split_at=2,
    contributions=CONTRIBUTIONS,
)
RAW_TALLY = replace(TALLY, name="rawtally", raw=raw_entry)


# Events -------------------------------------------------------------------------------------------


def placed(order_id: str = "o-1", cents: int = 1_000) -> OrderPlaced:
    return told(
        OrderPlaced,
        order_id=order_id,
        customer_id="c-1",
        currency="EUR",
        exponent=2,
        items=(),
        shipping_cents=0,
        tax_cents=0,
        discount_cents=0,
        total_cents=cents,
        channel="",
    )


def captured(capture_id: str = "k-1", cents: int = 400) -> PaymentCaptured:
    return told(
        PaymentCaptured, payment_id="p-1", capture_id=capture_id, amount_cents=cents, currency="EUR"
    )


def voided(capture_id: str = "k-1") -> PaymentVoided:
    return told(PaymentVoided, payment_id="p-1", void_id=capture_id, amount_cents=1, currency="EUR")


def note(text_: str = "hello") -> NoteAdded:
    return NoteAdded(note_id="n-1", text=text_)


CONFIRMED = OrderConfirmed()
UNDECODABLE = ("OrderConfirmed", b"not JSON")
FROM_A_NEWER_DAYBOOK = ("OrderTeleported", b"{}")
Given = Event | tuple[str, bytes]


class Log:
    """A store and the drafts for it."""

    def __init__(self, store: EventStore | None = None) -> None:
        self.store = store if store is not None else MemoryStore()
        self.revisions: dict[str, int] = {}
        self.hashes: dict[str, str] = {}

    async def append(self, order_id: str, *events: Given) -> None:
        last = self.revisions.get(order_id)
        expected = NO_STREAM if last is None else Revision(last)
        first = 0 if last is None else last + 1
        drafts = []
        hash_ = self.hashes.get(order_id, GENESIS)
        for n, event in enumerate(events):
            draft, hash_ = _draft(order_id, first + n, event, hash_)
            drafts.append(draft)
        await self.store.append(stream_name(order_id), drafts, expected=expected)
        self.revisions[order_id] = first + len(events) - 1
        self.hashes[order_id] = hash_

    async def items(self) -> list[Item]:
        pages = self.store.read_all()
        return [decode_item(recorded) async for page in pages for recorded in page]


def _draft(order_id: str, revision: int, event: Given, prev_hash: str) -> tuple[Draft, str]:
    event_id = uuid5(NAMESPACE_OID, f"{order_id} {revision}")
    type_, data, version = (*event, 1) if isinstance(event, tuple) else encoded(event)
    metadata, hash_ = sealed_metadata(
        stream_name(order_id),
        revision,
        event_id,
        type_,
        data,
        prev_hash=prev_hash,
        schema=version,
    )
    return Draft(event_id, type_, data, metadata), hash_


# Read models --------------------------------------------------------------------------------------


def url_of(folder: Path, name: str = "tally") -> str:
    return kinds.kind.url(folder, name)


@asynccontextmanager
async def writer_of(
    folder: Path,
    projection: Projection[Any] = TALLY,
    *,
    bulk: bool = False,
    watch: Watch = lambda _: None,
) -> AsyncIterator[Writer]:
    async with aclosing(open_generations(url_of(folder))) as found:
        await ensure_built(projection, found)
        number = await found.live()
        async with open_writer(projection, found, number, bulk=bulk, watch=watch) as writer:
            yield writer


def files(folder: Path, pattern: str = "*") -> list[str]:
    """The names of the files in a folder."""
    return sorted(path.name for path in folder.glob(pattern))


def pointer(folder: Path, name: str = "tally") -> Pointer:
    return kinds.kind.pointer(folder, name)


def numbers(folder: Path, name: str = "tally") -> list[int]:
    """The numbers of the stored generations."""
    return kinds.kind.numbers(folder, name)


def contents(folder: Path, generation: int | None = None, name: str = "tally") -> kinds.Tables:
    """Every table of a generation (the live one) with all its rows, as any reader would see it."""
    number = pointer(folder, name).live if generation is None else generation
    assert number is not None
    return with_sums(kinds.kind.contents(folder, name, number))


def with_sums(tables: kinds.Tables) -> kinds.Tables:
    """Instead of totals, and of changes that are not merged yet, the sums that they come to."""
    projection = next(
        (
            model
            for model in (TALLY, *MODELS.values())
            if model.tables.tables.keys() <= tables.keys()
        ),
        TALLY,
    )
    changes = parsed(text for _, text in tables.pop("pending", []))
    names = [column.name for column in TOTALS.columns]
    rows = [dict(zip(names, row, strict=True)) for row in tables.pop("totals", [])]
    rows += total_rows(projection.contributions, rolled_up(changes))
    sums = amounts_of(rows)
    return tables | {"totals": sorted((*at, sum_) for at, sum_ in sums.items() if sum_)}
