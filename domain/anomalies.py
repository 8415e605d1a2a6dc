"""The anomalies of one order: a fold of those recorded, and of the bounds that they are about.

Whether an anomaly is open, explained or resolved is derived. One about a bound is explained while
the bound holds, and open while it does not; one about a report is explained once the fact is
retracted. resolve-anomaly ends either by hand.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from domain import events as e
from domain.bounds import Books, Bound
from domain.facts import reference_of, retracted_event
from domain.frozen import dataclass
from domain.persistent import NewMap, with_entry, with_fields
from domain.references import Ids, ids_of, reference
from domain.rules import EXPLAINED_KINDS, JUDGED_AS, REPORTS
from domain.touches import BOUND_ABOUT, TOUCHES
from domain.version_1 import thing_of_version_1

OPEN: Final = "open"
EXPLAINED: Final = "explained"
RESOLVED: Final = "resolved"


@dataclass(frozen=True)
class Anomaly:
    """watch: the key of its Watch; "" if it has none."""

    kind: str
    refers_to: str
    detail: str
    state: str
    watch: str = ""


@dataclass(frozen=True)
class Watch:
    """What is known of one bound of one thing, or of one kind of report of one fact.

    anomaly_ids: those not resolved; more than one only in logs of version 1, and of several
    contents that contradict one fact. excess: by how much it is broken; 0: it holds.
    resolved_excess: how much that was when the last one was resolved; None: it held since.
    """

    anomaly_ids: tuple[str, ...] = ()
    excess: int = 0
    resolved_excess: int | None = None

    def is_news(self, excess: int) -> bool:
        """True if a bound that is broken by so much is to be recorded."""
        if self.anomaly_ids:
            return False
        return self.resolved_excess is None or excess > self.resolved_excess


NO_WATCH: Final = Watch()


@dataclass(frozen=True)
class Anomalies:
    """recorded: by anomaly_id. watches: by kind and reference (watch_key). count: of all."""

    recorded: Mapping[str, Anomaly]
    watches: Mapping[str, Watch]
    count: int = 0
    open_count: int = 0

    def next_id(self) -> str:
        return str(self.count + 1)

    def is_recorded(self, kind: str, refers_to: str) -> bool:
        """True if an anomaly of this kind was ever recorded about it."""
        return watch_key(kind, refers_to) in self.watches


def place_anomalies(new_map: NewMap = dict) -> Anomalies:
    """Of an order that was just placed. new_map: the kind of its maps."""
    return with_fields(_NONE_RECORDED, recorded=new_map(), watches=new_map())


_NONE_RECORDED: Final = Anomalies({}, {})


def watch_key(kind: str, refers_to: str) -> str:
    return f"{kind} {refers_to}"


def evolve_anomalies(anomalies: Anomalies, event: e.Event, after: Books) -> Anomalies:
    """After an event other than OrderPlaced; the same object if nothing changed.

    after: the books after the event.
    """
    if isinstance(event, e.AnomalyRecorded):
        return _recorded(anomalies, event, after)
    if not anomalies.count:
        return anomalies
    if isinstance(event, e.AnomalyResolved):
        return _resolved(anomalies, event.anomaly_id)
    for bound, ids in touched(event, after):
        key = watch_key(bound.kind, reference(bound.thing, ids))
        if key in anomalies.watches:
            anomalies = _watched(anomalies, key, max(0, bound.excess(after, ids)))
    if isinstance(event, e.FactRetracted):
        anomalies = _retracted(anomalies, event)
    return anomalies


def touched(event: e.Event, after: Books) -> Iterator[tuple[Bound, Ids]]:
    """The bounds that an event may have broken or mended, each with the thing it is about."""
    if isinstance(event, e.FactRetracted):
        event = retracted_event(event)
    for things, bounds, _ in TOUCHES.get(type(event), ()):
        for ids in things(event, after):
            for bound in bounds:
                yield bound, ids


def broken(anomalies: Anomalies, event: e.Event, after: Books) -> Iterator[tuple[Bound, Ids]]:
    """The bounds that are broken after the event and are to be recorded.

    anomalies: as they are after the event.
    """
    if isinstance(event, e.FactRetracted):
        event = retracted_event(event)
    for things, bounds, all_hold in TOUCHES.get(type(event), ()):
        for ids in things(event, after):
            if all_hold(after, ids):
                continue
            for bound in bounds:
                excess = bound.excess(after, ids)
                if excess > 0:
                    key = watch_key(bound.kind, reference(bound.thing, ids))
                    if anomalies.watches.get(key, NO_WATCH).is_news(excess):
                        yield bound, ids


def _recorded(anomalies: Anomalies, event: e.AnomalyRecorded, after: Books) -> Anomalies:
    number = anomalies.count + 1
    anomaly_id = event.anomaly_id or str(number)
    anomaly = Anomaly(event.kind, event.refers_to, event.detail, EXPLAINED)
    if event.kind in EXPLAINED_KINDS:
        return _with_anomaly(anomalies, anomaly_id, anomaly)
    kind = JUDGED_AS.get(event.kind, event.kind)
    refers_to = event.refers_to if event.anomaly_id else thing_of_version_1(event, after)
    bound = BOUND_ABOUT.get((kind, refers_to.partition(":")[0]))
    excess = 1 if bound is None else max(0, bound.excess(after, ids_of(refers_to)))
    key = watch_key(kind, refers_to)
    anomalies = _with_anomaly(anomalies, anomaly_id, with_fields(anomaly, watch=key))
    return _watched(anomalies, key, excess, new=(anomaly_id,))


def _with_anomaly(anomalies: Anomalies, anomaly_id: str, new: Anomaly) -> Anomalies:
    return with_fields(
        anomalies,
        recorded=with_entry(anomalies.recorded, anomaly_id, new),
        count=anomalies.count + 1,
    )


def _resolved(anomalies: Anomalies, anomaly_id: str) -> Anomalies:
    key = anomalies.recorded[anomaly_id].watch
    old = anomalies.watches[key]
    rest = tuple([other for other in old.anomaly_ids if other != anomaly_id])
    watch = Watch(rest, old.excess, None if rest else old.excess)
    anomalies = with_fields(anomalies, watches=with_entry(anomalies.watches, key, watch))
    return _with_states(anomalies, (anomaly_id,), RESOLVED)


def _retracted(anomalies: Anomalies, event: e.FactRetracted) -> Anomalies:
    """Reports about a fact end with it."""
    refers_to = reference_of(retracted_event(event))
    for kind in REPORTS:
        key = watch_key(kind, refers_to)
        old = anomalies.watches.get(key)
        if old is not None:
            watches = with_entry(anomalies.watches, key, NO_WATCH)
            anomalies = with_fields(anomalies, watches=watches)
            anomalies = _with_states(anomalies, old.anomaly_ids, EXPLAINED)
    return anomalies


def _watched(anomalies: Anomalies, key: str, excess: int, new: Ids = ()) -> Anomalies:
    """With the new excess of a bound, and with new anomalies about it."""
    old = anomalies.watches.get(key, NO_WATCH)
    if excess == old.excess and not new:
        return anomalies
    ids = (*old.anomaly_ids, *new)
    watch = Watch(ids, excess, old.resolved_excess if excess else None)
    anomalies = with_fields(anomalies, watches=with_entry(anomalies.watches, key, watch))
    moved = ids if (excess > 0) != (old.excess > 0) else new
    return _with_states(anomalies, moved, OPEN if excess else EXPLAINED)


def _with_states(anomalies: Anomalies, anomaly_ids: Ids, state: str) -> Anomalies:
    recorded, open_count = anomalies.recorded, anomalies.open_count
    for anomaly_id in anomaly_ids:
        old = recorded[anomaly_id]
        if old.state != state:
            recorded = with_entry(recorded, anomaly_id, with_fields(old, state=state))
            open_count += (state == OPEN) - (old.state == OPEN)
    return with_fields(anomalies, recorded=recorded, open_count=open_count)
