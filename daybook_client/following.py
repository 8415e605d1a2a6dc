"""The live stream: opened, read, and opened again where it ended."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from daybook_client.errors import UnexpectedAnswer, error_of, is_problem
from daybook_client.exchange import (
    AGAIN,
    Failure,
    Policy,
    lost,
    opened,
)
from daybook_client.retrying import Tries
from daybook_client.sse import BadStream, Frame, Frames
from daybook_client.wire import Close, Conversation, Give, Lost, Pause, Read, Request

EVENT_STREAM = "text/event-stream"
CAUGHT_UP = "caught-up"
PROBLEM = "problem"
TRIES_MAX = 1_000_000
"""Of a stream: only time ends the trying."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """An event of the log, or with `view` the view of the order that it changed.

    position: in the log; to follow on after it. type: of the event, or the name of the view;
    `order-parked` where the read model cannot apply an event of the order. document: the event,
    the view, or the problem.
    """

    position: int
    type: str
    document: Mapping[str, Any]


class _Stream:
    """position: where to go on after; None until it is known. has_moved: this connection brought
    some position.
    """

    def __init__(self, position: int | None, *, until_caught_up: bool) -> None:
        self.position = position
        self.has_moved = False
        self.is_done = False
        self._until_caught_up = until_caught_up

    def take(self, frame: Frame) -> LiveEvent | Failure | None:
        """The event of a frame, or why the stream ends; None for an event that was given before,
        and for what is neither.

        Raises BadStream.
        """
        if frame.event == PROBLEM:
            return _problem(frame)
        is_new = frame.id is not None and self._move(_position(frame.id))
        if frame.event == CAUGHT_UP:
            self.is_done = self._until_caught_up
            return None
        if frame.data is None:
            return None
        if frame.id is None or self.position is None:
            raise BadStream("an event has no position")
        document = _document(frame.data)
        return LiveEvent(self.position, frame.event, document) if is_new else None

    def _move(self, position: int) -> bool:
        """Whether the stream was not there before. It is never moved back."""
        self.has_moved = True
        if self.position is not None and position <= self.position:
            return False
        self.position = position
        return True


def follow(
    request_of: Callable[[int | None], Request],
    policy: Policy,
    *,
    after: int | None,
    until_caught_up: bool,
    give_up_after_s: float,
) -> Conversation[None]:
    """Give a LiveEvent for each event after a position, once each and in order, and go on.

    until_caught_up: end where there are no more events for now. give_up_after_s: how long to try
    to reach the server. Raises DaybookError for a problem that does not pass, and where the trying
    ended.
    """
    patient = replace(policy.retrying, tries_max=TRIES_MAX, total_s=give_up_after_s)
    tries = Tries(patient, policy.chance)
    stream = _Stream(after, until_caught_up=until_caught_up)
    while not stream.is_done:
        failure = yield from _read_on(stream, request_of(stream.position), policy)
        yield Close()
        if failure is None:
            return
        if stream.has_moved:
            # Now, not when it moved: the caller may have had an event for long.
            tries.begin_anew()
            stream.has_moved = False
        pause = tries.pause(failure.error.retry_after_s) if failure.again else None
        if pause is None:
            raise failure.error
        yield Pause(pause)


def _read_on(stream: _Stream, request: Request, policy: Policy) -> Conversation[Failure | None]:
    """Give what one connection brings; None where the caller has all."""
    failure = yield from opened(request, policy, EVENT_STREAM)
    return failure or (yield from _read_frames(stream, policy))


def _read_frames(stream: _Stream, policy: Policy) -> Conversation[Failure | None]:
    frames = Frames(policy.limits.answer_bytes_max)
    try:
        while True:
            chunk = yield Read()
            if isinstance(chunk, Lost):
                return lost(chunk)
            if not chunk:
                return lost(Lost("the stream ended", sent=True))
            for frame in frames.feed(chunk):
                found = stream.take(frame)
                if isinstance(found, Failure):
                    return found
                if found is not None:
                    yield Give(found)
                if stream.is_done:
                    return None
    except BadStream as error:
        why = UnexpectedAnswer(f"the stream is none of Daybook's: {error}")
        return Failure(why, again=False, unknown=False)


def _problem(frame: Frame) -> Failure:
    """A problem that ends a stream after its beginning. Raises BadStream."""
    problem = _document(frame.data or "")
    if not is_problem(problem):
        raise BadStream("a problem is none")
    error = error_of(problem)
    return Failure(error, again=error.status in AGAIN, unknown=False)


def _position(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise BadStream("an id is no position")
    return int(text)


def _document(data: str) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise BadStream("an event is not JSON") from None
    if not isinstance(found, dict):
        raise BadStream("an event is no object")
    return found
