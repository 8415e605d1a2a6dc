"""Requests of the protocol's Read call."""

from typing import Final

from esdbclient.protos.Grpc import shared_pb2, streams_pb2
from esdbclient.protos.Grpc.streams_pb2 import ReadReq

from eventstore.port import Position

PREFIX: Final = "order-"
OURS: Final = f"^{PREFIX}.+$"
"""The server's filter for the streams of Daybook's events in $all.

An order's id may have any characters but those that end a line.
"""
NAME_MAX: Final = 500
"""Characters of a stream's name. An id has 200 at most; PostgreSQL can index 2,700 bytes."""
METADATA_OF_OURS: Final = rf"^\$\${PREFIX}.+$"
"""The same for the streams that contain their metadata."""
NO_LIMIT: Final = 2**63 - 1
WINDOW: Final = 100
"""Events that a filtered subscription considers at a time."""
CHECKPOINT_WINDOWS: Final = 50
"""After so many windows the server says how far it has got, if none of the events is ours."""
EMPTY: Final = shared_pb2.Empty()
_Options = streams_pb2.ReadReq.Options


def stream(
    name: str, *, stream_position: int = 0, backwards: bool = False, limit: int = NO_LIMIT
) -> ReadReq:
    """From the position (revision) on; backwards: from the end. Named as esdbclient names them."""
    options = _options(limit)
    options.stream.stream_identifier.stream_name = name.encode()
    if backwards:
        options.read_direction = _Options.Backwards
        options.stream.end.CopyFrom(EMPTY)
    else:
        options.stream.revision = stream_position
    return ReadReq(options=options)


def all_forwards(begin: Position | None, *, limit: int = NO_LIMIT) -> ReadReq:
    """Ours of $all, from the position on, the event there included; None: from the start."""
    options = _options(limit)
    _filter(options)
    if begin is None:
        options.all.start.CopyFrom(EMPTY)
    else:
        _begin_at(options, begin)
    return ReadReq(options=options)


def all_backwards(begin: Position | None, *, limit: int) -> ReadReq:
    """Ours of $all, before the position, the event there not included; None: from the end."""
    options = _options(limit)
    options.read_direction = _Options.Backwards
    _filter(options)
    if begin is None:
        options.all.end.CopyFrom(EMPTY)
    else:
        _begin_at(options, begin)
    return ReadReq(options=options)


def subscription(after: Position | None) -> ReadReq:
    """To ours of $all, after the position; None: from the start."""
    options = _options(None)
    _filter(options)
    if after is None:
        options.all.start.CopyFrom(EMPTY)
    else:
        _begin_at(options, after)
    return ReadReq(options=options)


def metadata_subscription(after: Position | None) -> ReadReq:
    """To changes of the metadata of our streams; after as of subscription()."""
    request = subscription(after)
    request.options.filter.stream_identifier.regex = METADATA_OF_OURS
    return request


def metadata_of_ours() -> ReadReq:
    """All changes of the metadata of our streams."""
    request = all_forwards(None)
    request.options.filter.stream_identifier.regex = METADATA_OF_OURS
    return request


def impossible() -> ReadReq:
    """All of streams that begin like an order's and may have a name that is left out."""
    request = all_forwards(None)
    request.options.filter.stream_identifier.regex = rf"^{PREFIX}(.{{{NAME_MAX},}}|.*\x00.*)$"
    return request


def links_and_tombstones() -> ReadReq:
    """All in $all, whatever stream they are in."""
    request = all_forwards(None)
    request.options.filter.event_type.regex = r"^\$(>|streamDeleted)$"
    return request


def last_of_all() -> ReadReq:
    """The log's last event, of any kind."""
    options = _options(1)
    options.read_direction = _Options.Backwards
    options.all.end.CopyFrom(EMPTY)
    return ReadReq(options=options)


def _options(limit: int | None) -> _Options:
    """limit: None for a subscription."""
    options = _Options(uuid_option=_Options.UUIDOption(string=EMPTY), no_filter=EMPTY)
    if limit is None:
        options.subscription.SetInParent()
    else:
        options.count = limit
    return options


def _filter(options: _Options) -> None:
    options.filter.stream_identifier.regex = OURS
    options.filter.max = WINDOW
    options.filter.checkpointIntervalMultiplier = CHECKPOINT_WINDOWS


def _begin_at(options: _Options, position: Position) -> None:
    options.all.position.commit_position = position
    options.all.position.prepare_position = position
