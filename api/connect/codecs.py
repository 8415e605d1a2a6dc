"""How messages of Connect and gRPC-Web are read and written: as gRPC's, or as protobuf's JSON."""

import json
from collections.abc import Mapping
from typing import Any, Final

from connectrpc.errors import ConnectError
from google.protobuf.descriptor import Descriptor
from google.protobuf.json_format import MessageToJson, ParseDict, ParseError
from google.protobuf.message import DecodeError, Message

from api.commands.parse import count_outside_texts, unrepeated
from api.connect.errors import connect_error
from api.http.problems import Rejected, malformed
from api.rpc.content import refuse_unknown_fields

PARTS_MAX: Final = 10_000
"""Objects and lists of a message in JSON: more than any command has. Each costs time to read."""
VALUES_MAX: Final = 50_000
"""Values of a message in JSON: an order of 3,000 items has less. A list of 350,000 empty texts kept
the server busy for 0.4 s.
"""
DEPTH_MAX: Final = 20


class BinaryCodec:
    def name(self) -> str:
        return "proto"

    def encode(self, message: Message) -> bytes:
        return message.SerializeToString()

    def decode(self, data: bytes | bytearray, message: Any) -> Any:
        """Raises ConnectError."""
        try:
            message.ParseFromString(bytes(data))
            refuse_unknown_fields(message)
        except DecodeError:
            raise _no_message() from None
        except Rejected as error:
            raise connect_error(error) from None
        return message


class JsonCodec:
    """Of JSON, unknown fields are refused by protobuf itself."""

    def name(self) -> str:
        return "json"

    def encode(self, message: Message) -> bytes:
        return MessageToJson(message, indent=None, ensure_ascii=False).encode()

    def decode(self, data: bytes | bytearray, message: Any) -> Any:
        """Raises ConnectError."""
        if not data.lstrip().startswith(b"{"):  # protobuf takes [] for a message without fields
            raise _no_message()
        data = bytes(data)
        is_large = (
            count_outside_texts(data, b"[{", PARTS_MAX) > PARTS_MAX
            or count_outside_texts(data, b",", VALUES_MAX) > VALUES_MAX
        )
        if is_large:
            raise connect_error(malformed("", "has more parts than any message"))
        try:
            values = json.loads(data, object_pairs_hook=unrepeated)
            _refuse_two_names(values, message.DESCRIPTOR)
            ParseDict(values, message, max_recursion_depth=DEPTH_MAX)
        except Rejected as error:
            raise connect_error(error) from None
        except (ParseError, ValueError, RecursionError):
            raise _no_message() from None
        return message


def _refuse_two_names(values: Mapping[str, Any], kind: Descriptor) -> None:
    """Raises Rejected for a field under both of its names, `dryRun` and `dry_run`: protobuf would
    take the last one.
    """
    for field in kind.fields:
        if field.name != field.json_name and field.name in values and field.json_name in values:
            raise malformed(field.name, "is named twice")
        inner = field.message_type
        if inner is None or inner.file.package == "google.protobuf" or inner.GetOptions().map_entry:
            continue
        given = values.get(field.json_name, values.get(field.name))
        for each in given if isinstance(given, list) else (given,):
            if isinstance(each, dict):
                _refuse_two_names(each, inner)


def _no_message() -> ConnectError:
    return connect_error(malformed("", "is no message of this kind"))
