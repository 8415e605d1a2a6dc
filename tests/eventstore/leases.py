"""A lease with the state that a test sets, and the secret that the tests' records are sealed
with.
"""

from eventstore.lease import LeaseState

SECRET = bytes(range(32))
ANOTHER_SECRET = bytes(reversed(range(32)))


class FixedLease:
    """led: its state, until the test changes it."""

    def __init__(self, led: LeaseState | None = LeaseState(1_000, SECRET)) -> None:  # noqa: B008 (immutable)
        self.led = led
        self.looked = 0

    async def read(self) -> LeaseState | None:
        self.looked += 1
        return self.led

    async def aclose(self) -> None:
        pass
