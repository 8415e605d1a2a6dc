"""The protocol files: `make proto` writes ledger.proto from the registry, and the Python of all.

`python -m docs.protocol --check` holds them to buf's rules, and to what is checked in as landed: a
field is never moved, and its number never used again.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from importlib.resources import files
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from sqlalchemy import BigInteger, Column, Integer

from api.commands.registry import REGISTRY, Registered
from api.rpc.words import constant, snake
from domain.commands import PlaceOrder, Retractable
from domain.values import Many, Pairs, Whole
from projections.query.periods import By, GroupBy
from projections.read_models.order import queries
from projections.read_models.order.projection import ORDERS
from projections.storage.columns import Flag, Words

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "api" / "proto"
FILES: Final = ("order/order_service.proto", "daybook/v1/ledger.proto")
LEDGER: Final = FOLDER / FILES[1]
NUMBERS: Final = FOLDER / "numbers.json"
LANDED: Final = FOLDER / "landed.binpb"
BUF_RULES: Final = FOLDER / "buf.yaml"
HEAD: Final = Path(__file__).parent / "ledger.proto.in"

INT32_MAX: Final = 2**31 - 1
COMMANDS_FROM: Final = 100
"""The commands' numbers in their oneof: below are the fields of every command."""
ENVELOPE: Final = (
    ("order_id", "Which order. Of place-order it may be left out: then it is made."),
    ("command_id", "Names this command, so that it can be sent again."),
    ("actor", "Who; anonymous if left out. From here on, the metadata says what is left out."),
    ("channel", "Through what."),
    ("correlation_id", "What it belongs to; the command_id if left out."),
    ("causation_id", "What caused it."),
    ("traceparent", "W3C trace context."),
)
"""The fields of every command, as those of a bulk line."""


@dataclass
class Numbers:
    """The numbers of fields and enum values, by message or enum. Only ever added to."""

    given: dict[str, dict[str, int]]

    def of(self, message: str, names: list[str], *, first: int = 1) -> dict[str, int]:
        table = self.given.setdefault(message, {})
        for name in names:
            if name not in table:
                table[name] = max([first - 1, *table.values()]) + 1
        return table


@dataclass
class Schema:
    """The generated part of ledger.proto, as it is built. parts, enums: in the order of use."""

    numbers: Numbers
    parts: dict[str, type] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def type_of(self, name: str, annotation: Any) -> str:
        """The type of a command's field, with its label. Raises TypeError for a new shape."""
        kinds = [kind for kind in _arms(annotation) if kind is not NoneType]
        if len(kinds) == 2 and kinds[1] == Literal[True]:
            return "IdOrTrue"
        [kind] = kinds
        if kind == Retractable:
            self.enums["Retractable"] = get_args(Retractable)
            return "Retractable"
        if is_dataclass(kind) and isinstance(kind, type):
            self.parts[kind.__name__] = kind
            return kind.__name__
        if kind is bool or kind is str:
            return f"optional {'bool' if kind is bool else 'string'}"
        if get_origin(kind) is Annotated:
            return self._annotated(kind)
        raise TypeError(f"{name}: no protocol type for {kind!r}")

    def _annotated(self, annotation: Any) -> str:
        kind, shape = get_args(annotation)
        match shape:
            case Whole(_, high):
                return "optional int64" if high > INT32_MAX else "optional int32"
            case Pairs(removable=True):
                return "map<string, AttributeChange>"
            case Pairs():
                return "map<string, string>"
            case Many():
                part = get_args(kind)[0]
                self.parts[part.__name__] = part
                return f"repeated {part.__name__}"
            case _:
                return "optional string"

    def message(
        self, name: str, types: Mapping[str, str], about: Mapping[str, str] | None = None
    ) -> Iterator[str]:
        """about: comments, by field."""
        numbers = self.numbers.of(name, [*types])
        yield f"message {name} {{"
        yield from _reserved(numbers, types)
        for field_, type_ in types.items():
            if about and field_ in about:
                yield f"  // {about[field_]}"
            yield f"  {type_} {field_} = {numbers[field_]};"
        yield "}"
        yield ""

    def enum(self, name: str, words: tuple[str, ...]) -> Iterator[str]:
        prefix = snake(name).upper()
        names = {word: f"{prefix}_{constant(word)}" for word in words}
        numbers = self.numbers.of(name, [*names.values()])
        yield f"enum {name} {{"
        yield from _reserved(numbers, names.values())
        yield f"  {prefix}_UNSPECIFIED = 0;"
        for value in names.values():
            yield f"  {value} = {numbers[value]};"
        yield "}"
        yield ""


def _reserved(numbers: Mapping[str, int], used: Any) -> Iterator[str]:
    for name, number in numbers.items():
        if name not in set(used):
            yield f"  reserved {number};"
            yield f'  reserved "{name}";'


def _arms(annotation: Any) -> list[Any]:
    if get_origin(annotation) in (Union, UnionType):
        return [arm for part in get_args(annotation) for arm in _arms(part)]
    return [annotation]


def ledger_proto(numbers: Numbers) -> str:
    """The text of ledger.proto. Adds numbers for what has none yet."""
    schema = Schema(numbers)
    commands = [line for known in REGISTRY.values() for line in _command(schema, known)]
    parts: list[str] = []
    while missing := [name for name in schema.parts if f"message {name} {{" not in parts]:
        for name in missing:
            parts += schema.message(name, _types(schema, schema.parts[name]))
    enums = {
        **schema.enums,
        "OrderState": get_args(queries.State),
        "OrderFulfilment": get_args(queries.Fulfilment),
        "OrderPayment": get_args(queries.PaymentWord),
        "OrderSort": get_args(queries.Sort),
        "TotalsBy": get_args(By),
        "TotalsGroupBy": get_args(GroupBy),
    }
    lines = [
        *_envelope(schema),
        *commands,
        *parts,
        *_PARTS.splitlines(),
        "",
        *schema.message("ListedOrder", _listed(), {"events": "How many events it has."}),
        *(line for name, words in enums.items() for line in schema.enum(name, words)),
    ]
    return HEAD.read_text(encoding="utf-8") + "\n" + "\n".join(lines).rstrip() + "\n"


_PARTS: Final = """\
// What becomes of an attribute; without a value it is removed.
message AttributeChange {
  optional string value = 1;
}

message IdOrTrue {
  oneof value {
    string id = 1;
    // Only true is meant.
    bool always = 2;
  }
}"""


def _envelope(schema: Schema) -> Iterator[str]:
    numbers = schema.numbers.of("Command", [name for name, _ in ENVELOPE])
    oneof = schema.numbers.of(
        "Command.command", [snake(name) for name in REGISTRY], first=COMMANDS_FROM
    )
    used = [snake(name) for name in REGISTRY]
    yield "// One command or fact, with its order and its sender."
    yield "message Command {"
    yield from _reserved(oneof, used)
    for name, about in ENVELOPE:
        yield f"  // {about}"
        yield f"  optional string {name} = {numbers[name]};"
    yield "  oneof command {"
    for name, known in REGISTRY.items():
        yield f"    {known.command.__name__} {snake(name)} = {oneof[snake(name)]};"
    yield "  }"
    yield "}"
    yield ""


def _command(schema: Schema, known: Registered) -> Iterator[str]:
    """The fields of its body; those of an order to be placed that are in the envelope are not."""
    types = _types(schema, known.command)
    if known.command is PlaceOrder:
        del types["order_id"], types["channel"]
    common = {"reason": "optional string", "occurred_at": "optional string"}
    kind = "A fact" if known.fact else "A command"
    yield f"// {kind}: {known.name}."
    yield from schema.message(known.command.__name__, common | types)


def _types(schema: Schema, part: type) -> dict[str, str]:
    hints = get_type_hints(part, include_extras=True)
    fields = getattr(part, "__dataclass_fields__", {})
    own = {name: hint for name, hint in hints.items() if name in fields}
    own = {name: hint for name, hint in own.items() if get_origin(hint) is not _CLASS_VAR}
    return {name: schema.type_of(name, hint) for name, hint in own.items()}


_CLASS_VAR: Final = get_origin(get_type_hints(PlaceOrder)["example"])


def _listed() -> dict[str, str]:
    return {column.name: _column(column) for column in ORDERS.columns} | {"events": "int64"}


def _column(column: "Column[Any]") -> str:
    match column.type:
        case Flag():
            return "bool"
        case Words():
            return "string"
        case BigInteger() | Integer():
            return "int64"
        case other:
            raise TypeError(f"{column.name}: no protocol type for {other!r}")


def known_numbers() -> Numbers:
    return Numbers(json.loads(NUMBERS.read_text(encoding="utf-8")) if NUMBERS.exists() else {})


def numbers_text(numbers: Numbers) -> str:
    return json.dumps(numbers.given, indent=1) + "\n"


def compile_python(sources: Path, out: Path) -> None:
    """Write the modules of all files, and their types. Raises RuntimeError for a wrong file."""
    _protoc(sources, f"--python_out={out}", f"--pyi_out={out}")


def image(sources: Path, out: Path, *, comments: bool = False) -> None:
    """Write all files as one FileDescriptorSet, which buf takes. Raises RuntimeError."""
    with_comments = ["--include_source_info"] if comments else []
    _protoc(sources, f"--descriptor_set_out={out}", "--include_imports", *with_comments)


def _protoc(sources: Path, *options: str) -> None:
    from grpc_tools import protoc

    known = files("grpc_tools") / "_proto"
    if protoc.main(["protoc", f"-I{sources}", f"-I{known}", *options, *FILES]):
        raise RuntimeError("protoc has refused the protocol files")


def check(sources: Path = FOLDER, landed: Path = LANDED) -> list[str]:
    """What buf finds wrong with the files, or broken since they landed; nothing if all is well."""
    buf = shutil.which("buf", path=str(Path(sys.executable).parent)) or "buf"
    with tempfile.TemporaryDirectory() as name:
        built = Path(name) / "image.binpb"
        image(sources, built, comments=True)
        rules = ["--config", str(BUF_RULES)]
        asked = [[buf, "lint", str(built), *rules]]
        if landed.exists():
            asked.append([buf, "breaking", str(built), "--against", str(landed), *rules])
        found = [
            subprocess.run(one, capture_output=True, text=True, check=False)  # noqa: S603 (our own)
            for one in asked
        ]
    return [one.stdout + one.stderr for one in found if one.returncode]


def write() -> list[str]:
    """Write everything anew, and what is landed only where nothing is broken."""
    numbers = known_numbers()
    LEDGER.write_text(ledger_proto(numbers), encoding="utf-8")
    NUMBERS.write_text(numbers_text(numbers), encoding="utf-8")
    found = check()
    if not found:
        compile_python(FOLDER, FOLDER)
        image(FOLDER, LANDED)
    return found


if __name__ == "__main__":
    troubles = check() if "--check" in sys.argv else write()
    sys.stderr.write("".join(troubles))
    sys.exit(bool(troubles))
