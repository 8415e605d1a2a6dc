"""Plays the server, the clock and the chance for one conversation."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from daybook_client.exchange import LIMITS, Limits, Policy
from daybook_client.retrying import Chance, Retrying
from daybook_client.wire import Close, Conversation, Give, Head, Lost, Open, Pause, Read, Take

T = TypeVar("T")

RETRYING = Retrying(tries_max=5, total_s=100.0, first_pause_s=1.0, pause_max_s=8.0)


@dataclass
class Answer:
    """parts: of the body; Lost as the last of them: it is cut off. seconds: until each comes."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    parts: Sequence[bytes | Lost] = ()
    seconds: float = 0.0


def answered(document: Any, status: int = 200, **headers: str) -> Answer:
    kind = "application/json" if status < 400 else "application/problem+json"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"content-type": kind, **named}, [json.dumps(document).encode()])


def problem(kind: str, status: int, *, after_s: str | None = None, **members: Any) -> Answer:
    document = {"type": f"/problems#{kind}", "title": "T", "status": status, "detail": "d"}
    headers = {} if after_s is None else {"retry_after": after_s}
    return answered({**document, **members}, status, **headers)


GONE = Lost("ReadError", sent=True)
REFUSED = Lost("ConnectError", sent=False)


class Scripted:
    """The answers to a conversation's requests, one after the other; the last one for good."""

    def __init__(
        self,
        *answers: Answer | Lost,
        retrying: Retrying = RETRYING,
        limits: Limits = LIMITS,
        lines: Iterable[Any] = (),
        share: float = 0.0,
    ) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.requests: list[Any] = []
        self.given: list[Any] = []
        self.closed = 0
        self.policy = Policy(retrying, limits, Chance(lambda: self.now, lambda: share))
        self._answers = list(answers)
        self._lines = iter(lines)
        self._parts: list[bytes | Lost] = []
        self._seconds = 0.0

    def run(self, conversation: Conversation[T]) -> T:
        outcome: Any = None
        for _ in range(100_000):
            try:
                step = conversation.send(outcome)
            except StopIteration as done:
                answer: T = done.value
                return answer
            outcome = self._outcome(step)
        raise AssertionError("the conversation does not end")

    def _outcome(self, step: Any) -> Any:
        match step:
            case Open(request):
                self.requests.append(request)
                return self._open()
            case Read():
                self.now += self._seconds
                return self._parts.pop(0) if self._parts else b""
            case Pause(seconds):
                self.pauses.append(seconds)
                self.now += seconds
            case Give(value):
                self.given.append(value)
            case Take():
                return next(self._lines, None)
            case Close():
                self.closed += 1
            case _:
                raise AssertionError(step)
        return None

    def _open(self) -> Head | Lost:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Lost):
            return answer
        self._parts, self._seconds = list(answer.parts), answer.seconds
        return Head(answer.status, answer.headers)
