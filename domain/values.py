"""The shapes of single values: ids, texts, amounts, quantities.

A shape is declared once, as an annotation on the field of a command; the edge that parses commands
enforces it (422), the documentation shows it. The domain itself relies on it and checks only what
needs more than one field.
"""

import re
from dataclasses import dataclass
from typing import Annotated, TypeAlias

CENTS_MAX = 10**15 - 1
QUANTITY_MAX = 10**6
ITEMS_MAX = 200
TEXT_MAX = 500

ID_MAX = 200
_NOT_IN_IDS = (
    r"\x00-\x1f\x7f-\x9f"  # control characters
    r"\u2028\u2029"  # ends of lines and paragraphs
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # reorder the text around them
    r"\ufeff"  # a byte order mark, which readers drop
)
ID_PATTERN = rf"^[^\s{_NOT_IN_IDS}](?:[^{_NOT_IN_IDS}]*[^\s{_NOT_IN_IDS}])?$"
"""Of an id, which has 1 to ID_MAX characters: no white space at its ends."""
PRINTABLE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""No control characters, in syntax that Rust, Python and JavaScript read alike."""
CURRENCY_PATTERN = r"^[A-Z]{3}$"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from low to high, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Identifier:
    """A string of 1 to ID_MAX characters that matches ID_PATTERN, without lone surrogates."""


@dataclass(frozen=True, slots=True)
class TextShape:
    """A string of shortest to longest characters, without control characters or lone surrogates."""

    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class Iso4217:
    """A currency code of domain.currency.EXPONENTS."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list of shortest to longest entries."""

    shortest: int
    longest: int


Id: TypeAlias = Annotated[str, Identifier()]
Text: TypeAlias = Annotated[str, TextShape(1, TEXT_MAX)]
OptionalText: TypeAlias = Annotated[str, TextShape(0, TEXT_MAX)]
Currency: TypeAlias = Annotated[str, Iso4217()]
Cents: TypeAlias = Annotated[int, Whole(0, CENTS_MAX)]
Quantity: TypeAlias = Annotated[int, Whole(1, QUANTITY_MAX)]
LineNumber: TypeAlias = Annotated[int, Whole(1, ITEMS_MAX)]

_ID = re.compile(ID_PATTERN.removesuffix("$") + r"\Z")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def is_id(text: str) -> bool:
    """True for a string that may name something: an id from outside, which is kept as it is."""
    return (
        len(text) <= ID_MAX
        and _ID.match(text) is not None
        and (text.isascii() or _SURROGATE.search(text) is None)
    )


class Malformed(ValueError):
    """The shape of a command is wrong, whatever happened to its order (422).

    field: dotted path of what is wrong. message: what would be right; never echoes the input.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
