"""HTTP/1.1 continues if a client also offers another protocol.

Java's HttpClient offers HTTP/2 with its first request. The parser httptools stops after the head of
such a request, as if the offer were accepted: the body and all further requests would be lost.
"""

import sys
from typing import Any

_OF_THE_OFFER = frozenset({b"upgrade", b"http2-settings"})


class UpgradesIgnored:
    """A mixin, to be named before a protocol class of uvicorn. With h11 it silences a warning."""

    parser: Any
    url: bytes
    headers: list[tuple[bytes, bytes]]

    _is_offer = False
    """Of the request whose head was read last."""
    _data = b""
    _again: bytes | None = None
    """A request without its offer, and what came after its head: to be read anew."""

    def data_received(self, data: bytes) -> None:
        self._data = data
        super().data_received(data)  # type: ignore[misc]
        while self._again is not None:
            self._data, self._again = self._again, None
            super().data_received(self._data)  # type: ignore[misc]
        self._data = b""

    def on_headers_complete(self) -> None:
        self._is_offer = (
            bool(self.parser.should_upgrade()) and self.parser.get_method() != b"CONNECT"
        )
        if not self._is_offer:
            super().on_headers_complete()  # type: ignore[misc]

    def on_message_complete(self) -> None:
        if not self._is_offer:
            super().on_message_complete()  # type: ignore[misc]

    def _unsupported_upgrade_warning(self) -> None:
        """Called by uvicorn when the parser has stopped."""
        error = sys.exception()
        if error is None:
            return
        [read] = error.args
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (method, self.url, version)]
        lines += [b"%b: %b" % header for header in self.headers if header[0] not in _OF_THE_OFFER]
        self.parser = type(self.parser)(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self._again = b"\r\n".join(lines) + b"\r\n\r\n" + self._data[read:]
