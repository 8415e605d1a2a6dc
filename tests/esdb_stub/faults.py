"""What can go wrong on the way: rules that a test sets, met by chance with a seed."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Literal, TypeAlias, TypeVar

from tests.esdb_stub.refusals import (
    AccessDenied,
    ConsumerTooSlow,
    NotReady,
    Refusal,
    TimedOut,
    Unauthenticated,
    Unavailable,
)

T = TypeVar("T")

Call: TypeAlias = Literal["append", "read", "subscribe", "event", "delete", "gossip"]
"""event: one event on its way in a read or a subscription; delete: tombstone as well."""


class Fault(Enum):
    SILENCE = "no answer, ever"
    LATE = "carried out and answered after delay_s, whether or not the caller still waits"
    UNAVAILABLE = "the connection is gone"
    NOT_READY = "a node that starts, or has no leader"
    TIMED_OUT = "the server gives up: AppendDeadlineExceeded"
    ACCESS_DENIED = "not allowed"
    UNAUTHENTICATED = "wrong credentials"
    CONSUMER_TOO_SLOW = "a subscription is dropped"
    ENDED = "a read or a subscription ends without an error"
    RESTART = "the server goes away, and is back after delay_s"


REFUSALS: dict[Fault, type[Refusal]] = {
    Fault.UNAVAILABLE: Unavailable,
    Fault.NOT_READY: NotReady,
    Fault.TIMED_OUT: TimedOut,
    Fault.ACCESS_DENIED: AccessDenied,
    Fault.UNAUTHENTICATED: Unauthenticated,
    Fault.CONSUMER_TOO_SLOW: ConsumerTooSlow,
}


class Ended(Exception):
    """The answer ends here, as if there were no more."""


@dataclass(slots=True, kw_only=True)
class Rule:
    """One fault, and where it strikes."""

    fault: Fault
    on: Call
    processed: bool = False
    """Whether the request takes effect all the same."""
    probability: float = 1.0
    skip: int = 0
    """Let so many calls pass first."""
    times: int | None = None
    """How often it strikes at most; None: always."""
    delay_s: float = 0.0
    stream: str = ""
    """Only calls about a stream whose name starts so; "" also means $all."""

    def is_about(self, call: Call, stream: str) -> bool:
        return self.on == call and stream.startswith(self.stream)


class Faults:
    """The rules in force. The first that applies to a call decides it."""

    def __init__(self, seed: int = 0) -> None:
        self.rules: list[Rule] = []
        self.met: Counter[Fault] = Counter()
        """How often each fault has struck."""
        self.on_restart: Callable[[float], None] = lambda _delay_s: None
        self._random = Random(seed)
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._turn = asyncio.Lock()
        self._waiting = 0

    def add(self, fault: Fault, *, on: Call, **more: object) -> Rule:
        """A rule from its fields; it applies from the next call on."""
        rule = Rule(fault=fault, on=on, **more)  # type: ignore[arg-type]
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        self.rules.clear()

    @property
    def is_quiet(self) -> bool:
        """No rule is in force, and nothing is frozen."""
        return not self.rules and self._thawed.is_set() and not self._waiting

    def freeze(self) -> None:
        """Connections stay, nothing is answered; requests wait for thaw()."""
        self._thawed.clear()

    def thaw(self) -> None:
        self._thawed.set()

    async def carry_out(self, call: Call, stream: str, do: Callable[[], T]) -> T:
        """do(), with whatever a rule makes of it. Raises Refusal or Ended."""
        if not self._thawed.is_set() or self._waiting:
            await self._wait_in_turn()
        rule = self._strikes(call, stream) if self.rules else None
        if rule is None:
            return do()
        if rule.fault is Fault.LATE:
            doing = asyncio.ensure_future(_late(rule, do))
            doing.add_done_callback(lambda done: done.cancelled() or done.exception())
            return await asyncio.shield(doing)
        if rule.processed:
            with suppress(Refusal):
                do()
        await self._refuse(rule)
        raise AssertionError("silence has no end")

    async def _wait_in_turn(self) -> None:
        """What came first is carried out first, also by requests that come as it thaws."""
        self._waiting += 1
        try:
            async with self._turn:
                await self._thawed.wait()
        finally:
            self._waiting -= 1

    async def pass_event(self, stream: str) -> None:
        """As carry_out for an event on its way to a reader."""
        if self.rules or not self._thawed.is_set():
            await self.carry_out("event", stream, lambda: None)

    def _strikes(self, call: Call, stream: str) -> Rule | None:
        for rule in self.rules:
            if not rule.is_about(call, stream) or rule.times == 0:
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.probability < 1 and self._random.random() >= rule.probability:
                continue
            if rule.times is not None:
                rule.times -= 1
            self.met[rule.fault] += 1
            return rule
        return None

    async def _refuse(self, rule: Rule) -> None:
        if rule.fault is Fault.ENDED:
            raise Ended
        if rule.fault is Fault.RESTART:
            self.freeze()  # until it is back
            self.on_restart(rule.delay_s)
        if rule.fault in REFUSALS:
            raise REFUSALS[rule.fault]
        await asyncio.Event().wait()


async def _late(rule: Rule, do: Callable[[], T]) -> T:
    if rule.processed:
        done = do()
        await asyncio.sleep(rule.delay_s)
        return done
    await asyncio.sleep(rule.delay_s)
    return do()
