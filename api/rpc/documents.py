"""Documents of the API as messages: the members of the answers, with the same values."""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from google.protobuf.struct_pb2 import Struct

from api.proto.daybook.v1 import ledger_pb2 as pb

EXACT_MAX: Final = 2**53
"""A double holds every whole number up to here. An amount is at most 10^15 - 1; a sum that commands
and facts make of amounts may be more.
"""


def struct_of(document: Mapping[str, Any]) -> Struct:
    """A whole number that a double does not hold exactly becomes a text of its digits, as in the
    JSON of protobuf.
    """
    return Struct.FromString(_struct(document))


# A message for each value would take five times as long: an order has hundreds of them. So they are
# written as struct.proto has them: a field is its number and kind, then for what is of any length
# that length.
_ENTRY: Final = b"\x0a"  # Struct.fields, ListValue.values, and an entry's key
_VALUE: Final = b"\x12"  # an entry's value
_NULL: Final = b"\x08\x00"
_BOOLEANS: Final = {True: b"\x20\x01", False: b"\x20\x00"}
_NUMBER: Final = b"\x11"
_TEXT: Final = b"\x1a"
_STRUCT: Final = b"\x2a"
_LIST: Final = b"\x32"
_as_double: Final = struct.Struct("<d").pack


def _struct(document: Mapping[str, Any]) -> bytes:
    return b"".join(
        [
            _ENTRY + _sized(_key(name) + _VALUE + _sized(_value(value)))
            for name, value in document.items()
        ]
    )


@lru_cache(2048)
def _key(name: str) -> bytes:
    return _ENTRY + _sized(name.encode())


def _value(value: Any) -> bytes:
    encode = _ENCODE.get(type(value))
    if encode is None:
        raise TypeError(f"{type(value).__name__} is in no document")
    return encode(value)


def _whole(number: int) -> bytes:
    return _NUMBER + _as_double(number) if abs(number) <= EXACT_MAX else _text(str(number))


def _text(text: str) -> bytes:
    return _TEXT + _sized(text.encode())


def _list(values: Sequence[Any]) -> bytes:
    return _LIST + _sized(b"".join([_ENTRY + _sized(_value(entry)) for entry in values]))


_ENCODE: Final[Mapping[type, Callable[[Any], bytes]]] = {
    str: _text,
    int: _whole,
    bool: _BOOLEANS.__getitem__,
    type(None): lambda _: _NULL,
    dict: lambda document: _STRUCT + _sized(_struct(document)),
    list: _list,
    tuple: _list,
}


def _sized(content: bytes) -> bytes:
    """With its length before it, seven bits a byte."""
    length = len(content)
    if length < 0x80:
        return bytes((length,)) + content
    head = bytearray()
    while length > 0x7F:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + content


def executed(members: Mapping[str, Any]) -> pb.ExecuteResponse:
    """The answer to a command that was done, or tried. members: of its Result."""
    answer = pb.ExecuteResponse(
        order_id=members["order_id"],
        revision=members["revision"],
        position=members["position"],
        replayed=members["replayed"],
        events=[_event(event) for event in members["events"]],
        credit_cents=members.get("credit_cents"),
    )
    if "dry_run" in members:
        answer.dry_run = True
        answer.order.CopyFrom(struct_of(members["order"]))
    return answer


def _event(event: Mapping[str, Any]) -> pb.EventReference:
    data = json.dumps(event["data"], ensure_ascii=False) if "data" in event else ""
    return pb.EventReference(
        event_id=str(event["event_id"]), type=event["type"], revision=event["revision"], data=data
    )


def totals_of(document: Mapping[str, Any]) -> pb.GetTotalsResponse:
    """document: totals by currency, or {periods: [{period, from, to, totals}]}."""
    if "periods" not in document:
        return pb.GetTotalsResponse(periods=[pb.PeriodTotals(totals=_by_currency(document))])
    return pb.GetTotalsResponse(
        periods=[
            pb.PeriodTotals(
                period=each["period"] or "",
                begin=each["from"] or "",
                end=each["to"] or "",
                totals=_by_currency(each["totals"]),
            )
            for each in document["periods"]
        ]
    )


def _by_currency(document: Mapping[str, Mapping[str, Any]]) -> dict[str, pb.Totals]:
    return {currency: _totals(figures) for currency, figures in document.items()}


def _totals(figures: Mapping[str, Any]) -> pb.Totals:
    divided = {name: value for name, value in figures.items() if isinstance(value, Mapping)}
    return pb.Totals(
        figures={name: value for name, value in figures.items() if name not in divided},
        divided={name: pb.Figures(figures=value) for name, value in divided.items()},
    )
