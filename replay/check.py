"""`daybook check`: is every event in the log as it was written, and can it be folded?

It can run beside a server. Memory grows with the number of orders (the end of each one's hash
chain), not with that of events.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from domain.values import RESERVED, is_id
from eventstore.ledger.history import FoldedOrder, Until, apply_event, fold_until
from eventstore.port import EventReader, Recorded, StoreError, StreamName
from eventstore.record.chain import ChainBroken, Links, verify_chain
from eventstore.record.codec import OrderEvent, Undecodable, UpgradeNeeded, decode, order_id_of
from eventstore.sqlite.database import LogDamaged
from eventstore.verified import begins_foreign

FOLDED_MAX = 20_000
"""Orders kept folded; one that was dropped is read again when its next event comes."""

FINDINGS_MAX = 1_000

Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the log. position, stream: of the event; 0 and "" where it has none.

    next_step: what to do about it.
    """

    position: int
    stream: str
    message: str
    next_step: str


@dataclass(slots=True)
class Checked:
    events: int = 0
    orders: int = 0
    head: int | None = None
    findings: list[Finding] = field(default_factory=list)
    in_server: bool = False

    def add(self, finding: Finding) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(finding)

    def document(self) -> dict[str, object]:
        return {
            "events": self.events,
            "orders": self.orders,
            "head": self.head,
            "findings": [asdict(finding) for finding in self.findings],
        }


RESTORE = "restore the log from a backup taken before, and find out who can write to the file"
RESTORE_SERVER = (
    "no other order is affected. Let nobody but Daybook's user write to the streams order-*, and"
    " nobody change their metadata or delete them (Access in docs/operations/eventstoredb.md); what"
    " the order was is in a backup of the server's data, or in a mirror, of a time before"
)
FOREIGN = (
    "no order is affected. Find out which program wrote it, and let nobody but Daybook's user write"
    " to the streams order-* (Access in docs/operations/eventstoredb.md)"
)
BUS = "no command waits for the bus: repair it or its settings; the relay goes on from there"
UPGRADE = "run `daybook check` with the version that wrote it, or a newer one"
REPORT = "keep the file and report this: an event was stored that this version cannot fold"
NEXT_STEPS: tuple[tuple[type[Exception], str], ...] = (
    (ChainBroken, RESTORE),
    (Undecodable, RESTORE),
    (UpgradeNeeded, UPGRADE),
)


async def check_log(
    store: EventReader,
    advance: Advance,
    *,
    dense: bool,
    in_server: bool = False,
) -> Checked:
    """Read the whole log up to its head now.

    advance: called with the number of events checked since the last call. dense: the store leaves
    no position out, so that a missing one was removed. in_server: other programs may write
    to the log. An order is checked up to its first finding;
    later events would only repeat it. Where the file itself cannot be read any further, that is the
    last finding. Raises StoreError.
    """
    checked = Checked(in_server=in_server)
    try:
        checked.head = await store.head()
        await _check_pages(store, checked, advance, dense=dense)
    except LogDamaged as error:
        checked.add(Finding(0, "", f"the log cannot be read any further: {error}", RESTORE))
    return checked


async def _check_pages(
    store: EventReader, checked: Checked, advance: Advance, *, dense: bool
) -> None:
    reader = Reader(store)
    before = 0
    async for page in store.read_all():
        for recorded in page:
            if checked.head is None or recorded.position > checked.head:
                return
            if dense and recorded.position != before + 1:
                checked.add(_missing(recorded, before))
            before = recorded.position
            await _check_event(reader, recorded, checked)
        advance(len(page))


async def _check_event(reader: "Reader", recorded: Recorded, checked: Checked) -> None:
    checked.events += 1
    checked.orders += recorded.revision == 0
    if recorded.stream in reader.broken:
        return
    try:
        await reader.take(recorded)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever an event breaks is a finding)
        reader.broken.add(recorded.stream)
        checked.add(_finding(recorded, error, in_server=checked.in_server))
    else:
        if checked.in_server and recorded.revision == 0 and is_impossible(recorded.stream):
            message = f"{recorded.stream!r}: no command can have made an order of this name"
            checked.add(Finding(recorded.position, recorded.stream, message, FOREIGN))


def is_impossible(stream: StreamName) -> bool:
    """Whether no command can have made the order."""
    order_id = order_id_of(stream)
    return not is_id(order_id) or order_id in RESERVED["order_id"]


def step_for(stream: StreamName) -> str:
    """What to do about a damaged stream in a server."""
    return FOREIGN if is_impossible(stream) else RESTORE_SERVER


class Reader:
    """Verifies and folds every order in the order of the log. broken: those with a finding."""

    def __init__(self, store: EventReader, *, folded_max: int = FOLDED_MAX) -> None:
        self.broken: set[StreamName] = set()
        self._store = store
        self._folded_max = folded_max
        self._folded: OrderedDict[str, FoldedOrder] = OrderedDict()
        self._links: Links = {}

    async def take(self, recorded: Recorded) -> None:
        """Raises ChainBroken, Undecodable, UpgradeNeeded, and what a fold of the domain raises."""
        verify_chain([recorded], self._links, from_start=True)
        event = decode(recorded)
        self._keep(event.order_id, apply_event(await self._before(event), event))

    async def _before(self, event: OrderEvent) -> FoldedOrder | None:
        if event.revision == 0 or event.order_id in self._folded:
            return self._folded.get(event.order_id)
        until = Until(revision=event.revision - 1)
        return await fold_until(self._store, event.order_id, until=until)

    def _keep(self, order_id: str, folded: FoldedOrder) -> None:
        self._folded[order_id] = folded
        self._folded.move_to_end(order_id)
        if len(self._folded) > self._folded_max:
            self._folded.popitem(last=False)


def _missing(recorded: Recorded, before: int) -> Finding:
    first, last = before + 1, recorded.position - 1
    what = f"position {first} is" if first == last else f"positions {first} to {last} are"
    return Finding(first, "", f"{what} missing", RESTORE)


def _finding(recorded: Recorded, error: Exception, *, in_server: bool) -> Finding:
    next_step = next((step for kind, step in NEXT_STEPS if isinstance(error, kind)), REPORT)
    message = str(error) if next_step is not REPORT else f"{type(error).__name__}: {error}"
    if in_server and next_step is RESTORE:
        next_step = RESTORE_SERVER
        if begins_foreign(recorded):
            next_step = FOREIGN
            message = f"{recorded.stream!r}: another program began this stream"
    return Finding(recorded.position, recorded.stream, message, next_step)
