"""How messages of Connect and gRPC-Web are read and written: as gRPC's, or as protobuf's JSON."""

from typing import Any, Final

from connectrpc.errors import ConnectError
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.message import DecodeError, Message

from api.commands.parse import count_outside_texts
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
            Parse(data, message, max_recursion_depth=DEPTH_MAX)
        except (ParseError, ValueError, RecursionError):
            raise _no_message() from None
        return message


def _no_message() -> ConnectError:
    return connect_error(malformed("", "is no message of this kind"))
