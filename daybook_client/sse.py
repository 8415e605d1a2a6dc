"""Server-Sent Events: frames out of bytes, wherever the bytes are split."""

import re
from codecs import BOM_UTF8
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")


class BadStream(ValueError):
    """The bytes are no stream of events as this client reads it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """id: None where it has none. data: None where it has none: such a frame only moves the id."""

    id: str | None
    event: str
    data: str | None


class Frames:
    """The frames of one stream. bytes_max: of one frame."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._begun = b""
        self._is_at_start = True
        self._ended_by_cr = False
        self._line = bytearray()
        self._size = 0
        self._id: str | None = None
        self._event = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that these bytes complete.

        Raises BadStream for text that is not UTF-8, and for a frame over the limit.
        """
        if self._is_at_start:
            chunk = self._without_mark(chunk)
        if self._ended_by_cr and chunk:
            chunk = chunk.removeprefix(b"\n")  # the other half of a \r\n
            self._ended_by_cr = False
        self._ended_by_cr = self._ended_by_cr or chunk.endswith(b"\r")
        *lines, rest = _LINE_END.split(chunk)
        found = []
        for line in lines:
            self._grow(line)
            whole, self._line = bytes(self._line), bytearray()
            if whole:
                self._take(whole)
            elif frame := self._complete():
                found.append(frame)
        self._grow(rest)
        return found

    def _without_mark(self, chunk: bytes) -> bytes:
        """A byte order mark at the start is no part of the stream."""
        self._begun += chunk
        if len(self._begun) < len(BOM_UTF8) and BOM_UTF8.startswith(self._begun):
            return b""
        self._is_at_start = False
        chunk, self._begun = self._begun.removeprefix(BOM_UTF8), b""
        return chunk

    def _grow(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._bytes_max:
            raise BadStream(f"an event has over {self._bytes_max:,} bytes")
        self._line += part

    def _take(self, line: bytes) -> None:
        if line.startswith(b":"):
            self._size -= len(line)
            return
        try:
            name, _, value = line.decode().partition(":")
        except UnicodeDecodeError:
            raise BadStream("it is not UTF-8") from None
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value

    def _complete(self) -> Frame | None:
        frame = Frame(self._id, self._event, "\n".join(self._data) if self._data else None)
        self._id, self._event, self._data, self._size = None, "", [], 0
        return None if frame == Frame(None, "", None) else frame
