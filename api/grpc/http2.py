"""HTTP/2 as far as a server of gRPC needs it (RFC 9113): frames, header blocks, what a call says
of itself before its message.
"""

import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from hpack import Decoder, HPACKError
from hpack.table import HeaderTable

from api.http.problems import Rejected, malformed
from api.rpc.call import READ, Metadata, metadata_of

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY_FLAG = 0x1, 0x1, 0x4, 0x8, 0x20
"""Flags of frames."""
HEADER: Final = struct.Struct(">HBBBI")
"""Of a frame: 24 bits of size, type, flags, stream."""
HEADER_BYTES: Final = 9
FRAME_MAX: Final = 16_384
FIRST_WINDOW: Final = 65_535
WINDOW_MAX: Final = 2**31 - 1
HEAD_BYTES_MAX: Final = 65_536
"""Of the metadata of a call; more is answered with an error."""
BLOCK_BYTES_MAX: Final = 262_144
"""More is not even read, as it is sent and expanded: the connection is ended."""
HEADS_KEPT: Final = 64
HEAD_KEPT_BYTES_MAX: Final = 4_096
"""Of a header block that is remembered."""
HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 1, 2, 3, 4
FRAME_SIZE, HEADER_LIST_SIZE = 5, 6


class Kind(IntEnum):
    """Of a frame."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


class Reason(IntEnum):
    """Why a stream or a connection is ended."""

    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    FLOW_CONTROL_ERROR = 3
    SETTINGS_TIMEOUT = 4
    STREAM_CLOSED = 5
    FRAME_SIZE_ERROR = 6
    REFUSED_STREAM = 7
    CANCEL = 8
    COMPRESSION_ERROR = 9
    ENHANCE_YOUR_CALM = 11


class Http2Error(Exception):
    """The connection cannot go on."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def frame(kind: Kind, flags: int, stream: int, content: bytes = b"") -> bytes:
    size = len(content)
    return HEADER.pack(size >> 8, size & 0xFF, kind, flags, stream) + content


def settings(values: Mapping[int, int]) -> bytes:
    """The content of SETTINGS."""
    return b"".join([struct.pack(">HI", name, value) for name, value in values.items()])


def unpadded(flags: int, content: bytes) -> bytes:
    """Raises Http2Error."""
    if not flags & PADDED:
        return content
    if not content or content[0] >= len(content):
        raise Http2Error(Reason.PROTOCOL_ERROR, "more padding than content")
    return content[1 : len(content) - content[0]]


def header_block(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as literals that are in no table, so that any block may be sent at any time."""
    return b"".join([b"\x00" + _text(name) + _text(value) for name, value in pairs])


def _text(value: bytes) -> bytes:
    size = len(value)
    if size < 0x7F:
        return bytes((size,)) + value
    head, size = bytearray((0x7F,)), size - 0x7F
    while size > 0x7F:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return bytes(head) + value


@dataclass(frozen=True, slots=True)
class Head:
    """What a call says before its message. timeout_s: the caller's deadline, from now on.

    wrong: why it is answered with an error. is_call: False where it is no request of gRPC.
    """

    path: str = ""
    metadata: Metadata | None = None
    timeout_s: float | None = None
    is_compressed: bool = False
    wrong: Rejected | None = None
    is_call: bool = True


class Heads:
    """Reads the header blocks of a connection. Most calls of a client have the same block: what it
    says is remembered until the table that it refers to changes.
    """

    def __init__(self) -> None:
        self._table = _Table()
        self._decoder = Decoder(BLOCK_BYTES_MAX)
        self._decoder.header_table = self._table
        self._known: dict[bytes, Head] = {}

    def read(self, block: bytes) -> Head:
        """Raises Http2Error: without it, no later block can be read either."""
        head = self._known.get(block)
        if head is not None:
            return head
        before = self._table.changes
        try:
            headers = self._decoder.decode(block, raw=True)
        except HPACKError as error:
            raise Http2Error(Reason.COMPRESSION_ERROR, str(error)) from None
        head = _head([(name, value) for name, value in headers])
        if self._table.changes != before:
            self._known.clear()
        elif len(self._known) < HEADS_KEPT and len(block) <= HEAD_KEPT_BYTES_MAX:
            self._known[block] = head
        return head


class _Table(HeaderTable):
    """Counts its changes."""

    def __init__(self) -> None:
        self.changes = 0
        super().__init__()

    def add(self, name: bytes, value: bytes) -> None:
        self.changes += 1
        super().add(name, value)

    @property
    def maxsize(self) -> int:
        return self._maxsize

    @maxsize.setter
    def maxsize(self, size: int) -> None:
        self.changes += 1
        HeaderTable.maxsize.fset(self, size)  # type: ignore[attr-defined]


_TIMEOUT: Final = re.compile(rb"([0-9]{1,8})([HMSmun])\Z")
_UNITS_S: Final = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}
_NAME: Final = re.compile(rb":?[!#$%&'*+\-.^_`|~0-9a-z]+\Z")
_OF_HTTP_1: Final = frozenset({b"connection", b"transfer-encoding", b"upgrade", b"keep-alive"})
_NO_CALL: Final = Head(is_call=False)
_READ: Final = frozenset(name.encode() for name in READ)


def _head(headers: Sequence[tuple[bytes, bytes]]) -> Head:
    named = dict(headers)
    if not _well_formed(headers) or named.get(b":method") != b"POST" or b":path" not in named:
        return _NO_CALL
    if not named.get(b"content-type", b"").startswith(b"application/grpc"):
        return _NO_CALL
    path = named[b":path"].decode("latin-1")
    if sum([len(name) + len(value) for name, value in headers]) > HEAD_BYTES_MAX:
        return Head(path, wrong=Rejected("head-too-large", f"it may have {HEAD_BYTES_MAX} bytes"))
    try:
        metadata = metadata_of([(n.decode(), value) for n, value in headers if n in _READ])
        timeout_s = _timeout_s(named.get(b"grpc-timeout"))
    except Rejected as error:
        return Head(path, wrong=error)
    encoding = named.get(b"grpc-encoding", b"identity")
    return Head(path, metadata, timeout_s, is_compressed=encoding != b"identity")


def _well_formed(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Names in lower case, those of HTTP/2 itself first and once, none of HTTP/1.1's."""
    pseudo = [name for name, _ in headers if name.startswith(b":")]
    return (
        all(name.startswith(b":") for name, _ in headers[: len(pseudo)])
        and len(set(pseudo)) == len(pseudo)
        and all(_NAME.match(name) and name not in _OF_HTTP_1 for name, _ in headers)
    )


def _timeout_s(value: bytes | None) -> float | None:
    """Raises Rejected."""
    if value is None:
        return None
    found = _TIMEOUT.match(value)
    if found is None:
        raise malformed("grpc-timeout", "must be up to eight digits and a unit")
    return int(found[1]) * _UNITS_S[found[2]]
