"""What is given to the tests in DAYBOOK_TEST_ variables: servers to use, how much to do.

Read from here and not from the environment, which has no DAYBOOK_ variable while a test runs
(tests/conftest.py): Daybook refuses what is no setting of its own.
"""

import os

PREFIX = "DAYBOOK_TEST_"

_GIVEN = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}


def given(name: str, otherwise: str = "") -> str:
    """The value of DAYBOOK_TEST_<name>."""
    return _GIVEN.get(PREFIX + name) or otherwise


DEEP = given("DEEP") == "1"
"""Whether this is `make test-deep`: the same tests with larger counts, and those marked `deep`."""


def amount(name: str, *, quick: int, deep: int) -> int:
    """How much a test does: DAYBOOK_TEST_<name>; else `quick` for every change, or `deep`."""
    return int(given(name) or (deep if DEEP else quick))
