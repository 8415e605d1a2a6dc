"""Client options for a Kafka cluster, and its errors in plain words."""

import asyncio
import ssl
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from aiokafka.errors import (  # type: ignore[import-untyped]
    CorruptRecordException,
    KafkaError,
    UnsupportedCodecError,
)

from eventstore.relay.bus import BusUnavailable
from runtime.urls import KafkaUrl

CLIENT_ID: Final = "daybook"
REQUEST_S: Final = 10.0
"""How long a broker may take to answer."""
END_S: Final = 1.0
UNREADABLE: Final = (CorruptRecordException, UnsupportedCodecError, ValueError)
"""The client's errors for a record that it cannot decode."""


def client_options(url: KafkaUrl) -> dict[str, Any]:
    """Options for every aiokafka client. Raises BusUnavailable for an unreadable TlsCaFile."""
    options: dict[str, Any] = {
        "bootstrap_servers": list(url.servers),
        "client_id": CLIENT_ID,
        "request_timeout_ms": int(1000 * REQUEST_S),
    }
    if url.has_tls:
        options |= {
            "security_protocol": "SASL_SSL" if url.user else "SSL",
            "ssl_context": _ssl_context(url.ca_file),
        }
    if url.user:
        options |= {
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": url.user,
            "sasl_plain_password": url.password,
        }
    return options


@contextmanager
def unavailable(url: KafkaUrl, doing: str) -> Iterator[None]:
    """Within the block, the client's errors become BusUnavailable. doing: for the message."""
    try:
        yield
    except TimeoutError:
        raise BusUnavailable(f"{doing}: no answer from Kafka ({url.shown})") from None
    except (KafkaError, OSError) as error:
        raise BusUnavailable(f"{doing}: {words(error)} ({url.shown})") from error


async def end(stopping: Awaitable[object], within_s: float = END_S) -> bool:
    """Close a client, waiting at most within_s. Returns True if it closed cleanly.

    In its own task, as the client of a broken connection raises its own CancelledError.
    """
    task = asyncio.ensure_future(stopping)
    done, _ = await asyncio.wait({task}, timeout=within_s)
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=END_S)
    ended = task.done() and not task.cancelled()
    return ended and task.exception() is None and bool(done)


def words(error: Exception) -> str:
    """The error in words, as the client's errors often contain only their name, or it twice."""
    name = type(error).__name__.removesuffix("Error")
    text = str(error).rpartition("] ")[2].removeprefix(f"{type(error).__name__}: ")
    return f"{name}: {text}" if text and text != type(error).__name__ else name


def _ssl_context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise BusUnavailable(f"cannot read TlsCaFile {ca_file}: {error.strerror}") from None
