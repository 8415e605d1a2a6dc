"""The protocol files: to the letter of the design, from the registry, and never broken."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor

from api.commands.registry import REGISTRY
from api.proto.daybook.v1 import ledger_pb2
from api.proto.order import order_service_pb2
from api.rpc.words import constant, snake
from docs import protocol

DESIGN = {
    "GetOrderRequest": ["string order_id = 1"],
    "CreateOrderRequest": ["string customer_id = 1", "repeated OrderItem items = 2"],
    "OrderItem": ["string product_id = 1", "int32 quantity = 2", "int64 price_cents = 3"],
    "OrderResponse": [
        "string order_id = 1",
        "string status = 2",
        "int64 total_cents = 3",
        "string created_at = 4",
    ],
    "OrderEvent": ["string order_id = 1", "string event_type = 2", "string timestamp = 3"],
}
TYPES = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
}


def declared(field: Any) -> str:
    kind = field.message_type.name if field.message_type else TYPES[field.type]
    repeated = "repeated " if field.label == FieldDescriptor.LABEL_REPEATED else ""
    return f"{repeated}{kind} {field.name} = {field.number}"


def test_the_order_service_is_that_of_the_design() -> None:
    file = order_service_pb2.DESCRIPTOR
    assert file.package == "order"
    service = file.services_by_name["OrderService"]
    methods = {
        each.name: (each.input_type.name, each.server_streaming, each.output_type.name)
        for each in service.methods
    }
    assert methods == {
        "GetOrder": ("GetOrderRequest", False, "OrderResponse"),
        "CreateOrder": ("CreateOrderRequest", False, "OrderResponse"),
        "StreamOrderUpdates": ("GetOrderRequest", True, "OrderEvent"),
    }
    assert not any(each.client_streaming for each in service.methods)


@pytest.mark.parametrize("message", DESIGN)
def test_its_messages_begin_with_the_fields_of_the_design(message: str) -> None:
    fields = order_service_pb2.DESCRIPTOR.message_types_by_name[message].fields
    known = sorted(fields, key=lambda field: field.number)
    assert [declared(field) for field in known[: len(DESIGN[message])]] == DESIGN[message]


def test_the_ledger_file_is_what_the_registry_gives() -> None:
    numbers = protocol.known_numbers()
    assert protocol.ledger_proto(numbers) == protocol.LEDGER.read_text(), "run `make proto`"
    assert protocol.numbers_text(numbers) == protocol.NUMBERS.read_text(), "run `make proto`"


@pytest.mark.parametrize("name", REGISTRY)
def test_each_command_has_a_message_with_the_fields_of_its_body(name: str) -> None:
    oneof = ledger_pb2.Command.DESCRIPTOR.oneofs_by_name["command"]
    [message] = [field.message_type for field in oneof.fields if field.name == snake(name)]
    in_the_envelope = {"order_id", "channel"} if name == "place-order" else set()
    assert {field.name for field in message.fields} == (
        REGISTRY[name].body.model_fields.keys() - in_the_envelope
    )


def test_the_python_is_what_the_files_give(tmp_path: Path) -> None:
    protocol.compile_python(protocol.FOLDER, tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*_pb2.py*"))
    assert len(made) == 2 * len(protocol.FILES)
    for path in made:
        assert (tmp_path / path).read_bytes() == (protocol.FOLDER / path).read_bytes(), (
            f"{path}: run `make proto`"
        )


def test_what_is_added_moves_no_number() -> None:
    numbers = protocol.Numbers({"A": {"x": 1, "gone": 2}})
    assert numbers.of("A", ["new", "x"]) == {"x": 1, "gone": 2, "new": 3}
    lines = [*protocol.Schema(numbers).message("A", {"new": "string", "x": "string"})]
    assert "  reserved 2;" in lines
    assert '  reserved "gone";' in lines


def test_nothing_is_broken_and_all_is_in_good_form() -> None:
    assert protocol.check() == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("string status = 2;", "string status = 9;", "Previously present field"),
        ("int64 total_cents = 3;", "string total_cents = 3;", "changed type"),
        ("rpc GetOrder(", "rpc getOrder(", "PascalCase"),
    ],
)
def test_a_break_with_what_has_landed_is_found(
    tmp_path: Path, old: str, new: str, found: str
) -> None:
    shutil.copytree(protocol.FOLDER, tmp_path / "proto")
    file = tmp_path / "proto" / protocol.FILES[0]
    text = file.read_text().replace(old, new)
    assert text != file.read_text()
    file.write_text(text)
    assert found in "".join(protocol.check(tmp_path / "proto"))


@pytest.mark.parametrize(
    ("word", "name"),
    [("capture-payment", "CAPTURE_PAYMENT"), ("-placed_at", "PLACED_AT_DESC"), ("day", "DAY")],
)
def test_a_word_is_the_end_of_an_enum_values_name(word: str, name: str) -> None:
    assert constant(word) == name
