"""The history of an order as the oracle keeps it: what was accepted, in order, as plain data.

An entry is named as the command or fact that made it ("capture-payment"); `anomaly` for what was
flagged. Its fields are those of the command with defaults filled in, and what was fixed on that day
(the parts of a credit, say).
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

NO_ID = ""


class Entry:
    """One thing that was accepted; equal to another of the same name and fields."""

    __slots__ = ("_hash", "fields", "key", "name")

    def __init__(self, name: str, fields: Mapping[str, Any]) -> None:
        self.name = name
        self.fields = fields
        self.key = name + json.dumps(fields, sort_keys=True)
        self._hash = hash(self.key)

    def __getitem__(self, field: str) -> Any:
        return self.fields[field]

    def get(self, field: str, otherwise: Any = None) -> Any:
        value = self.fields.get(field)
        return otherwise if value is None else value

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Entry) and self.key == other.key)

    def __repr__(self) -> str:
        return self.key


History: TypeAlias = tuple[Entry, ...]

# fact -> the fields that are its identity, besides its report_id and the currency of an amount
THINGS: dict[str, tuple[str, ...]] = {
    "authorize-payment": ("payment_id", "authorization_id"),
    "adjust-authorization": ("payment_id", "authorization_id", "adjustment_id"),
    "capture-payment": ("payment_id", "capture_id"),
    "void-payment": ("payment_id", "void_id"),
    "expire-authorization": ("payment_id", "authorization_id"),
    "fail-payment": ("payment_id",),
    "refund-payment": ("payment_id", "payout_id"),
    "fail-refund": ("payment_id", "payout_id"),
    "charge-back-payment": ("payment_id", "chargeback_id"),
    "reverse-chargeback": ("payment_id", "chargeback_id"),
    "record-fee": ("fee_id",),
    "receive-return": ("return_id", "receipt_id"),
    "deliver-shipment": ("shipment_id",),
    "lose-shipment": ("shipment_id",),
    "return-shipment-to-sender": ("shipment_id",),
}
OUTCOMES = ("deliver-shipment", "lose-shipment", "return-shipment-to-sender")
RETRACTABLE = tuple(name for name in THINGS if name not in OUTCOMES)


def thing(entry: Entry) -> tuple[str, ...]:
    """What a fact is about: equal for several reports of one thing."""
    ids = tuple(str(entry.get(name, NO_ID)) for name in THINGS[entry.name])
    if entry.name == "fail-refund" and NO_ID in ids:
        return (*ids, str(entry.get("refund_id", NO_ID)))
    return ids


def identity(entry: Entry) -> tuple[str, ...]:
    """What a fact is recognised by when it is told again."""
    told = (entry.get("currency", NO_ID), entry.get("report_id", NO_ID))
    lines = str(entry.get("lines", "")) if entry.name in OUTCOMES else ""
    return (entry.name, *thing(entry), *told, lines)


def all_of(history: History, *names: str) -> list[Entry]:
    return [entry for entry in history if entry.name in names]


def find(history: History, name: str, **ids: str) -> Entry | None:
    found = (entry for entry in history if entry.name == name)
    return next((e for e in found if all(e.get(k) == v for k, v in ids.items())), None)


def placed(history: History) -> Entry:
    return history[0]


def is_cancelled(history: History) -> bool:
    return any(entry.name == "cancel-order" for entry in history)


def since_cancelled(history: History) -> History:
    """What follows the cancellation of the order; nothing where it is not cancelled."""
    for index, entry in enumerate(history):
        if entry.name == "cancel-order":
            return history[index + 1 :]
    return ()


def open_holds(history: History) -> set[str]:
    released = {entry["hold_id"] for entry in all_of(history, "release-hold")}
    return {entry["hold_id"] for entry in all_of(history, "place-hold")} - released


@lru_cache(maxsize=512)
def standing_at(history: History) -> tuple[int, ...]:
    """Where the facts are that are told and not retracted, in the order they were told."""
    places: list[int] = []
    for place, entry in enumerate(history):
        if entry.name in THINGS:
            places.append(place)
        elif entry.name == "retract-fact":
            gone = tuple(entry["identity"])
            places = [at for at in places if identity(history[at]) != gone]
    return tuple(places)


@lru_cache(maxsize=512)
def standing(history: History) -> tuple[Entry, ...]:
    return tuple(history[place] for place in standing_at(history))


def facts(history: History, *names: str) -> list[Entry]:
    return [fact for fact in standing(history) if fact.name in names]


def foreign(history: History, fact: Entry) -> bool:
    return bool(fact.get("currency", placed(history)["currency"]) != placed(history)["currency"])


def counts(history: History, fact: Entry) -> bool:
    """False for an amount in another currency, where nothing is said of what it counts for."""
    return not foreign(history, fact) or fact.get("counted_cents") is not None


def told_of(history: History, name: str, about: tuple[str, ...]) -> list[Entry]:
    """The reports of one thing in the order of their report_id."""
    reports = [f for f in facts(history, name) if thing(f) == about and counts(history, f)]
    return sorted(reports, key=lambda fact: (fact.get("report_id", ""), fact.get("currency", "")))


def things(history: History, *names: str) -> Iterator[tuple[str, ...]]:
    """Each thing that a fact of one of these names was told about, once."""
    told = (fact for fact in facts(history, *names) if counts(history, fact))
    yield from dict.fromkeys(thing(fact) for fact in told)
