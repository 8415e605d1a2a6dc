"""Messages of commands as JSON, which the registry's models validate: no shape is checked here.

A field that is left out is no member. What JSON could not say is refused here: fields and enum
numbers that are not known, a command that is missing.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar, get_args

import orjson
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from api.commands.registry import REGISTRY
from api.http.problems import malformed
from api.proto.daybook.v1 import ledger_pb2 as pb
from api.rpc.words import constant, snake
from domain.commands import Retractable
from domain.values import ITEMS_MAX
from projections.query.periods import By, GroupBy
from projections.read_models.order import queries

M = TypeVar("M", bound=Message)
_Convert: TypeAlias = Callable[[Any], Any]

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "Retractable": get_args(Retractable),
    "OrderState": get_args(queries.State),
    "OrderFulfilment": get_args(queries.Fulfilment),
    "OrderPayment": get_args(queries.PaymentWord),
    "OrderSort": get_args(queries.Sort),
    "TotalsBy": get_args(By),
    "TotalsGroupBy": get_args(GroupBy),
    "TotalsOf": ("orders", "shipments", "payments"),
}
"""By enum: the words that its values stand for."""


def parsed(kind: type[M], data: bytes) -> M:
    """The message in the bytes. Raises Rejected for what is none, and for unknown fields."""
    try:
        message = kind.FromString(data)
    except DecodeError:
        raise malformed("", "is no message of this kind") from None
    refuse_unknown_fields(message)
    return message


def refuse_unknown_fields(message: Message) -> None:
    """Raises Rejected for a field, at any depth, that this server's files do not have.

    Of a client with newer files it may be the field that the sender cares about most.
    """
    size = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() != size:
        raise malformed("", "has a field that this server does not know; nothing was done")


def line_of(command: pb.Command) -> bytes:
    """The command as a line of bulk. Raises Rejected."""
    chosen = command.WhichOneof("command")
    if chosen is None:
        raise malformed("command", "is required: one of the commands")
    members = content(command)
    fields = members.pop(chosen)
    return orjson.dumps({"command": _NAMES[chosen], **members, **fields})


def content(message: Message) -> dict[str, Any]:
    """The fields that are set, as JSON has them. Raises Rejected."""
    found = {}
    for field, value in message.ListFields():
        convert = _CONVERTERS.get(field) or _known(field)
        found[field.name] = convert(value)
    return found


def word_of(enum: Any, number: int, field: str) -> str | None:
    """What a value of an enum stands for; None for the one that says nothing. Raises Rejected."""
    words = _enum_words(enum)
    if number not in words:
        raise malformed(field, "has a number that this server does not know")
    return words[number]


def _known(field: FieldDescriptor) -> _Convert:
    convert = _CONVERTERS[field] = _converter(field)
    return convert


def _converter(field: FieldDescriptor) -> _Convert:
    kind = field.message_type
    if kind is None:
        enum = field.enum_type
        return _same if enum is None else partial(_word, enum, field.name)
    if kind.GetOptions().map_entry:
        value = kind.fields_by_name["value"].message_type
        return dict if value is None else _changes
    if kind.name == "IdOrTrue":
        return _id_or_true
    return _parts


def _same(value: Any) -> Any:
    return value


def _parts(value: Message | Sequence[Message]) -> dict[str, Any] | list[dict[str, Any]]:
    if isinstance(value, Message):
        return content(value)
    if len(value) > ITEMS_MAX:  # before it is read: each costs time
        raise malformed("", f"a list may have {ITEMS_MAX} entries")
    return [content(one) for one in value]


def _changes(values: Any) -> dict[str, str | None]:
    return {
        name: change.value if change.HasField("value") else None for name, change in values.items()
    }


def _id_or_true(value: pb.IdOrTrue) -> str | bool | None:
    match value.WhichOneof("value"):
        case "id":
            return value.id
        case "always":
            return value.always
        case _:
            return None


def _word(enum: Any, field: str, number: int) -> str | None:
    return word_of(enum, number, field)


def _enum_words(enum: Any) -> dict[int, str | None]:
    words = _ENUMS.get(enum.name)
    if words is None:
        prefix = f"{snake(enum.name).upper()}_"
        by_name = {f"{prefix}{constant(word)}": word for word in WORDS[enum.name]}
        words = {value.number: by_name.get(value.name) for value in enum.values}
        _ENUMS[enum.name] = words
    return words


_NAMES: Final = {snake(name): name for name in REGISTRY}
_CONVERTERS: Final[dict[FieldDescriptor, _Convert]] = {}
_ENUMS: Final[dict[str, dict[int, str | None]]] = {}
