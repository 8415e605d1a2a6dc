"""Servers in threads that lose answers or give wrong ones, for clients that block as well."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.waiting import HUNG_S

RESET = struct.pack("ii", 1, 0)


@dataclass
class Proxy:
    """cuts: of the next connections, one each: how many bytes of the answers come back before the
    connection is reset; all of them once no cut is left. connections: how many there were.
    """

    url: str
    cuts: list[int] = field(default_factory=list)
    connections: int = 0


@contextmanager
def proxy_of(url: str) -> Iterator[Proxy]:
    proxy = Proxy("")
    target = urlsplit(url)

    def serve(near: socket.socket) -> None:
        proxy.connections += 1
        cut = proxy.cuts.pop(0) if proxy.cuts else None
        far = socket.create_connection((str(target.hostname), target.port or 80))
        back = threading.Thread(target=_copy, args=(far, near, cut), daemon=True)
        back.start()
        _copy(near, far, None)
        back.join()

    with _listening(serve) as proxy.url:
        yield proxy


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """The URL of a server that answers every connection with these bytes."""

    def serve(near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            near.recv(65_536)
            near.sendall(answer)
            near.shutdown(socket.SHUT_WR)
            near.recv(65_536)

    with _listening(serve) as url:
        yield url


@contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serves each connection in a thread; yields the URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            near.settimeout(HUNG_S)
            threading.Thread(target=serve, args=(near,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()


def _copy(source: socket.socket, sink: socket.socket, limit: int | None) -> None:
    """Until the source ends, or has sent more than the limit: then both are reset."""
    passed = 0
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            if limit is not None and passed + len(data) > limit:
                sink.sendall(data[: limit - passed])
                source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                break
            passed += len(data)
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
