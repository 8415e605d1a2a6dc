"""How often and how long a request is tried again."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

RETRY_AFTER_MAX_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """tries_max: the first one included. total_s: no try begins later than that after the first.

    The pause between two tries doubles from first_pause_s up to pause_max_s, less a random part
    of up to half of it, so that many clients do not come back at the same time. Where the server
    sends Retry-After, that is waited as well.
    """

    tries_max: int = 8
    total_s: float = 60.0
    first_pause_s: float = 0.1
    pause_max_s: float = 10.0

    def __post_init__(self) -> None:
        if self.tries_max < 1 or min(self.total_s, self.first_pause_s, self.pause_max_s) < 0:
            raise ValueError("tries_max is at least 1, and no time is below 0")


RETRYING = Retrying()


@dataclass(frozen=True, slots=True)
class Chance:
    """The clock (seconds, monotonic) and the random numbers from 0 to 1 that pauses are made of."""

    now: Callable[[], float] = time.monotonic
    share: Callable[[], float] = random.random


CHANCE = Chance()


class Tries:
    """Counts the tries of one request."""

    def __init__(self, retrying: Retrying, chance: Chance) -> None:
        self._retrying = retrying
        self._chance = chance
        self.begin_anew()

    def begin_anew(self) -> None:
        """The next pause is the first one again: the server did answer."""
        self._made = 1
        self._ends_at = self._chance.now() + self._retrying.total_s

    def pause(self, retry_after_s: float | None) -> float | None:
        """Seconds to wait before the next try; None where there is to be none."""
        limits = self._retrying
        if self._made >= limits.tries_max:
            return None
        doublings = min(self._made - 1, 60)
        grown = min(limits.first_pause_s * 2.0**doublings, limits.pause_max_s)
        pause = (retry_after_s or 0.0) + grown * (1.0 - self._chance.share() / 2.0)
        if self._chance.now() + pause > self._ends_at:
            return None
        self._made += 1
        return pause


def retry_after(text: str | None, wall_clock: Callable[[], float] = time.time) -> float | None:
    """The seconds of a Retry-After header, a number or a date. None for none, and for rubbish."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - wall_clock()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX_S)
