"""What a Read request asks for, and the answers to it that come to an end."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from esdbclient.protos.Grpc import streams_pb2

from tests.esdb_stub.log import Log, Stored
from tests.esdb_stub.messages import dangling, read_event, stream_not_found, stream_of
from tests.esdb_stub.refusals import HandlerThrew, NeverAsked, ReadFailed, StreamDeleted

Matches: TypeAlias = Callable[[Stored], bool]
START, END = "start", "end"
LINK = "$>"


@dataclass(frozen=True, slots=True)
class Filter:
    matches: Matches
    interval: int
    """Events considered between two checkpoints; 0: the server never gets anywhere."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A Read request in the stub's words. stream "" is $all."""

    stream: str
    begin: int | str
    is_backwards: bool
    limit: int | None
    """None: a subscription."""
    filtered: Filter | None
    is_resolving: bool


def asked(request: streams_pb2.ReadReq) -> Asked:
    options = request.options
    is_all = options.WhichOneof("stream_option") == "all"
    if options.uuid_option.WhichOneof("content") != "string":
        raise NeverAsked("ids that are not texts")
    return Asked(
        stream="" if is_all else stream_of(options.stream),
        begin=_begin_of_all(options.all) if is_all else _begin_of_stream(options.stream),
        is_backwards=options.read_direction == streams_pb2.ReadReq.Options.Backwards,
        limit=options.count if options.WhichOneof("count_option") == "count" else None,
        filtered=_filter(options.filter) if options.HasField("filter") else None,
        is_resolving=options.resolve_links,
    )


def answers(log: Log, ask: Asked) -> Iterator[streams_pb2.ReadResp]:
    """The whole answer to a read. Raises Refusal."""
    assert ask.limit is not None
    if ask.stream and log.is_tombstoned(ask.stream):
        raise StreamDeleted(ask.stream)
    if ask.limit == 0:
        if not ask.stream:
            raise NeverAsked("reading $all with a limit of 0")
        raise ReadFailed("Unexpected ReadStreamResult: Error")
    if ask.stream and not log.is_there(ask.stream):
        return iter([stream_not_found(ask.stream)])
    found = _of_stream(log, ask) if ask.stream else _of_all(log, ask)
    return _limited(found, ask.limit, lambda event: answer(log, ask, event))


def answer(log: Log, ask: Asked, event: Stored) -> streams_pb2.ReadResp:
    """An event as it was asked for: a link resolved or as it stands."""
    if not ask.is_resolving or event.type != LINK:
        return read_event(event, None)
    number, _, stream = event.data.decode().partition("@")
    target = log.at(stream, int(number))
    return dangling(event) if target is None else read_event(target, event)


def _limited(
    events: Iterable[Stored], limit: int, say: Callable[[Stored], streams_pb2.ReadResp]
) -> Iterator[streams_pb2.ReadResp]:
    for left, event in zip(range(limit, 0, -1), events, strict=False):
        del left
        yield say(event)


def _of_stream(log: Log, ask: Asked) -> Iterator[Stored]:
    events = log.visible(ask.stream)
    if not events:
        return iter(())
    first = events[0].number
    if ask.is_backwards:
        last = len(events) if ask.begin == END else int(ask.begin) - first + 1
        return _backwards(events, min(max(last, 0), len(events)))
    begin = 0 if ask.begin == START else max(int(ask.begin) - first, 0)
    return _forwards(events, begin)


def _of_all(log: Log, ask: Asked) -> Iterator[Stored]:
    begin = _index(log, ask)
    events = _backwards(log.events, begin) if ask.is_backwards else _forwards(log.events, begin)
    return filter(ask.filtered.matches, events) if ask.filtered else events


def _index(log: Log, ask: Asked) -> int:
    if isinstance(ask.begin, str):
        return 0 if ask.begin == START else len(log.events)
    index = log.index_of(ask.begin)
    if index is None or (ask.is_backwards and index == len(log.events)):
        raise ReadFailed(f"Unexpected {'Filtered' if ask.filtered else ''}ReadAllResult: Error")
    return index


def _forwards(events: Sequence[Stored], begin: int) -> Iterator[Stored]:
    for index in range(begin, len(events)):
        yield events[index]


def _backwards(events: Sequence[Stored], behind: int) -> Iterator[Stored]:
    for index in range(behind - 1, -1, -1):
        yield events[index]


def _begin_of_stream(options: Any) -> int | str:
    which: str | None = options.WhichOneof("revision_option")
    return int(options.revision) if which == "revision" else which or START


def _begin_of_all(options: Any) -> int | str:
    which: str | None = options.WhichOneof("all_option")
    return int(options.position.commit_position) if which == "position" else which or START


def _filter(options: Any) -> Filter:
    which = options.WhichOneof("filter")
    expression = getattr(options, which)
    interval = options.max * options.checkpointIntervalMultiplier
    if options.WhichOneof("window") != "max":
        raise NeverAsked("a filter without a window")
    matches = _prefixed(list(expression.prefix)) if expression.prefix else _like(expression.regex)
    if which == "stream_identifier":
        return Filter(lambda event: matches(event.stream), interval)
    return Filter(lambda event: matches(event.type), interval)


def _prefixed(prefixes: Sequence[str]) -> Callable[[str], bool]:
    return lambda text: text.startswith(tuple(prefixes))


def _like(pattern: str) -> Callable[[str], bool]:
    try:
        found = re.compile(pattern).search
    except re.error:
        raise HandlerThrew("Exception was thrown by handler.") from None
    return lambda text: found(text) is not None
