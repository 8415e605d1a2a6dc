"""Many commands: lines in requests of bounded size, answers as they come."""

import json
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from daybook_client.errors import (
    DaybookError,
    Interrupted,
    Problem,
    UnexpectedAnswer,
    error_of,
    is_problem,
)
from daybook_client.exchange import (
    NDJSON,
    Failure,
    Policy,
    lost,
    opened,
)
from daybook_client.ndjson import BadLines, Lines
from daybook_client.retrying import Tries
from daybook_client.sending import new_key
from daybook_client.wire import Close, Conversation, Give, Lost, Pause, Read, Request, Take

REQUEST_LINES_MAX = 1_000
REQUEST_BYTES_MAX = 8_388_608
"""A request is sent before its answers are read: those of more lines would fill the buffers."""

Line: TypeAlias = Mapping[str, Any]
"""A command as an object: its name as `command`, then `order_id` and its fields."""


@dataclass(frozen=True, slots=True)
class LineResult:
    """line: its number from 1, blank ones counted. status: what the command alone would have been
    answered. document: the whole answer.
    """

    line: int
    status: int
    document: Mapping[str, Any]

    @property
    def problem(self) -> Problem | None:
        """None where the command was done."""
        found = self.document.get("problem")
        return found if is_problem(found) else None

    @property
    def error(self) -> DaybookError | None:
        """What the command alone would have raised; None where it was done."""
        return None if self.problem is None else error_of(self.problem)


@dataclass(frozen=True, slots=True)
class _Numbered:
    number: int
    text: bytes


def submit(request_of: Callable[[bytes], Request], policy: Policy) -> Conversation[None]:
    """Take lines, give a LineResult for each that is not blank, in order. A request has at most
    REQUEST_LINES_MAX lines; what has no answer when a connection is lost is sent again, if each
    line can be.

    Raises DaybookError where a request is refused, and Interrupted where answers are missing.
    """
    number, taken = 0, 0
    more = True
    while more:
        parcel: deque[_Numbered] = deque()
        size = 0
        while len(parcel) < REQUEST_LINES_MAX and size < REQUEST_BYTES_MAX:
            line = yield Take()
            more = line is not None
            if not more:
                break
            number += 1
            text = line_text(line)
            if number == 1:
                text = text.removeprefix(BOM_UTF8)
            if text.strip():
                parcel.append(_Numbered(number, text))
                size += len(text)
        if parcel:
            count = len(parcel)
            yield from _send(parcel, request_of, policy, taken)
            taken += count


def _send(
    parcel: deque[_Numbered],
    request_of: Callable[[bytes], Request],
    policy: Policy,
    answered: int,
) -> Conversation[None]:
    """Give the answers to all lines of the parcel. answered: lines before it."""
    tries = Tries(policy.retrying, policy.chance)
    whole = len(parcel)
    while parcel:
        waiting = len(parcel)
        failure = yield from _answers(parcel, request_of, policy)
        yield Close()
        if failure is None:
            continue
        if len(parcel) < waiting:
            tries.begin_anew()
        again = failure.again and (not failure.unknown or all(map(_can_be_repeated, parcel)))
        pause = tries.pause(failure.error.retry_after_s) if again else None
        if pause is None:
            error = failure.error
            if not failure.unknown and answered + whole == len(parcel):
                raise error
            raise Interrupted(answered + whole - len(parcel), error) from error
        yield Pause(pause)


def _answers(
    parcel: deque[_Numbered], request_of: Callable[[bytes], Request], policy: Policy
) -> Conversation[Failure | None]:
    """Send the lines of the parcel once; each that is answered leaves it."""
    content = b"".join(line.text + b"\n" for line in parcel)
    failure = yield from opened(request_of(content), policy, NDJSON)
    return failure or (yield from _read_answers(parcel, policy))


def _read_answers(parcel: deque[_Numbered], policy: Policy) -> Conversation[Failure | None]:
    lines = Lines(policy.limits.answer_bytes_max)
    while True:
        chunk = yield Read()
        if isinstance(chunk, Lost):
            return lost(chunk)
        if not chunk:
            return lost(Lost("the answer ended early", sent=True)) if parcel else None
        try:
            for document in lines.feed(chunk):
                yield Give(_result(document, parcel))
        except BadLines as error:
            return Failure(UnexpectedAnswer(f"not answered: {error}"), again=False, unknown=True)


def _result(document: dict[str, Any], parcel: deque[_Numbered]) -> LineResult:
    """The result of the first line of the parcel, which leaves it. Raises BadLines."""
    if type(document.get("status")) is not int:
        raise BadLines("a line has no status")
    if not parcel:
        raise BadLines("there are more answers than lines")
    number = parcel.popleft().number
    return LineResult(number, document["status"], {**document, "line": number})


def line_text(line: Line | bytes | str) -> bytes:
    """A line as it is sent. An object without `command_id` gets one.

    Raises ValueError for text of several lines.
    """
    if isinstance(line, Mapping):
        named = line if line.get("command_id") is not None else {**line, "command_id": new_key()}
        return json.dumps(named, allow_nan=False).encode()
    text = (line.encode() if isinstance(line, str) else line).removesuffix(b"\n")
    if b"\n" in text:
        raise ValueError("a line has no line breaks")
    return text


def _can_be_repeated(line: _Numbered) -> bool:
    """Whether the line is executed once, however often it is sent: it names itself, or is no
    command.
    """
    try:
        document = json.loads(line.text)
    except (ValueError, RecursionError):
        return True
    return not isinstance(document, dict) or isinstance(document.get("command_id"), str)
