"""A recorded event as a Kafka record and back, byte for byte (design section 7)."""

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from hmac import compare_digest
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

import orjson

from eventstore.port import Position, Recorded, Revision, StreamName
from eventstore.record.chain import GENESIS, ChainBroken, verify_chain
from eventstore.record.codec import order_id_of, stream_name
from eventstore.relay.bus import BEFORE_FIRST, Published

Headers: TypeAlias = Sequence[tuple[str, bytes]]

__all__ = ["BEFORE_FIRST", "Encoded", "ForeignRecord", "Headers", "Published", "decode", "encode"]

_JSON: Final = b"application/json"
_STREAM_PREFIX: Final = stream_name("").encode()
NUMBER_MAX: Final = 2**63 - 1
"""The largest position that every log and every read model can store."""
MAC_BYTES: Final = 32
_HASH_END: Final = len(GENESIS) + len(b'"}')
_NUMBER: Final = re.compile(rb"0|[1-9][0-9]{0,18}")


class ForeignRecord(Exception):
    """A record without an event of a Daybook log, or with an altered one; says why."""


class Unsealed(ForeignRecord):
    """A record that was not sealed by a relay of this log."""


class Encoded(NamedTuple):
    key: bytes
    value: bytes
    headers: Headers


def encode(recorded: Recorded, *, epoch: int, published_through: int, secret: bytes) -> Encoded:
    """Never fails: an event whose metadata cannot be read has no ce_time. secret: of the lease."""
    order_id = order_id_of(recorded.stream).encode()
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(recorded.event_id).encode()),
        ("ce_type", recorded.type.encode()),
        ("ce_source", b"/daybook"),
        ("ce_subject", order_id),
        ("ce_datacontenttype", _JSON),
        ("content-type", _JSON),
        ("stream", recorded.stream.encode()),
        ("revision", b"%d" % recorded.revision),
        ("position", b"%d" % recorded.position),
        ("epoch", b"%d" % epoch),
        ("published_through", b"%d" % published_through),
        ("metadata", recorded.metadata),
        ("mac", _mac(secret, recorded, epoch, published_through)),
    ]
    headers += _from_metadata(recorded.metadata)
    return Encoded(order_id, recorded.data, headers)


def decode(
    key: bytes | None,
    value: bytes | None,
    headers: Iterable[tuple[str, bytes]],
    *,
    secret: bytes | None,
) -> Published:
    """The event as a relay sealed it with the secret. Raises ForeignRecord.

    secret: None to decode a record whoever sealed it.
    """
    found = dict(headers)
    if value is None or key is None:
        raise ForeignRecord("it has no key or no value")
    recorded = Recorded(
        StreamName(_text(found, "stream")),
        Revision(_number(found, "revision")),
        Position(_number(found, "position")),
        _event_id(found),
        _text(found, "ce_type"),
        value,
        _bytes(found, "metadata"),
    )
    if recorded.stream.encode() != _STREAM_PREFIX + key:
        raise ForeignRecord("its key is not the order of its stream")
    through = found.get("published_through")
    published = Published(
        recorded,
        _number(found, "epoch"),
        BEFORE_FIRST if through == b"-1" else _number(found, "published_through"),
    )
    # The seal covers the event's hash, and the hash covers the event.
    if secret is not None and not _is_sealed(published, found.get("mac", b""), secret):
        raise Unsealed("no relay of this log has sealed it")
    _check(published)
    return published


def _is_sealed(published: Published, mac: bytes, secret: bytes) -> bool:
    expected = _mac(secret, published.recorded, published.epoch, published.published_through)
    return bool(secret) and compare_digest(mac, expected)


def _check(published: Published) -> None:
    try:
        verify_chain([published.recorded], {}, from_start=False)
    except ChainBroken as error:
        raise ForeignRecord(str(error)) from None
    if published.published_through >= published.recorded.position:
        raise ForeignRecord("its published_through is not below its position")


def _mac(secret: bytes, recorded: Recorded, epoch: int, through: int) -> bytes:
    """Over the event's hash, with which its metadata ends, and all that the hash does not cover.

    Keyed BLAKE2b: every event pays for this twice, and it costs a third of HMAC.
    """
    place = recorded.metadata[-_HASH_END:], recorded.position, epoch, through
    return blake2b(b"%b %d %d %d" % place, key=secret, digest_size=MAC_BYTES).digest()


def _from_metadata(metadata: bytes) -> list[tuple[str, bytes]]:
    """Parts of the metadata for consumers that do not parse it."""
    try:
        document = orjson.loads(metadata)
        wanted = {"ce_time": document["occurred_at"], "traceparent": document["traceparent"]}
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return []
    return [(name, text.encode()) for name, text in wanted.items() if isinstance(text, str)]


def _bytes(headers: dict[str, bytes], name: str) -> bytes:
    found = headers.get(name)
    if found is None:
        raise ForeignRecord(f"it has no header {name}")
    return found


def _text(headers: dict[str, bytes], name: str) -> str:
    try:
        return _bytes(headers, name).decode()
    except UnicodeDecodeError:
        raise ForeignRecord(f"its header {name} is not text") from None


def _number(headers: dict[str, bytes], name: str) -> int:
    found = _bytes(headers, name)
    if not _NUMBER.fullmatch(found):
        raise ForeignRecord(f"its header {name} is not a number")
    number = int(found)
    if number > NUMBER_MAX:
        raise ForeignRecord(f"its header {name} is larger than any position")
    return number


def _event_id(headers: dict[str, bytes]) -> UUID:
    text = _text(headers, "ce_id")
    try:
        return UUID(text)
    except ValueError:
        raise ForeignRecord("its header ce_id is not a UUID") from None
