"""Frozen dataclasses whose instances are made fast: the type checker refuses a change, not they.

A frozen dataclass sets each field by a call of object.__setattr__, so that an instance takes two
and a half times as long as one of a dataclass that is not frozen: with the two lines of an order,
command and event together, 4 microseconds.
"""

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool, **options: Any) -> Any:
        """As dataclasses.dataclass. frozen: it can be hashed, and mypy refuses assignments."""
        return dataclasses.dataclass(unsafe_hash=frozen, **options)


__all__ = ["dataclass"]
