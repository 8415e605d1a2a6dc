"""The shapes of single values: ids, texts, amounts, quantities.

A shape is declared once, as an annotation on the field of a command; the edge that parses commands
enforces it (422), the documentation shows it. The domain itself relies on it and checks only what
needs more than one field.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

CENTS_MAX = 10**15 - 1
QUANTITY_MAX = 10**6
ITEMS_MAX = 3_000
TEXT_MAX = 1_000
NOTE_MAX = 4_000
ATTRIBUTES_MAX = 50
EVENT_BYTES_MAX = 900_000
"""An event whose data is longer is refused as `too-large` when it is encoded."""

ID_MAX = 200
_NOT_IN_IDS = (
    r"\x00-\x1f\x7f-\x9f"  # control characters
    r"\u2028\u2029"  # ends of lines and paragraphs
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # reorder the text around them
    r"\ufeff"  # a byte order mark, which readers drop
)
ID_PATTERN = rf"^[^\s{_NOT_IN_IDS}](?:[^{_NOT_IN_IDS}]*[^\s{_NOT_IN_IDS}])?$"
"""Of an id, which has 1 to ID_MAX characters: no white space at its ends."""
INVISIBLE = (
    r"\u00ad\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2060-\u206f"  # formats
    r"\ufff9-\ufffb\u034f\u180b-\u180d\u180f\ufe00-\ufe0f"  # and selectors of variants
    r"\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and signs that are blank
)
INVISIBLE_ABOVE_FFFF = (
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"  # tags, and more selectors
)
"""Characters that show nothing by themselves. They may be in an id (joiners of emoji, of Persian
words), but not be all of it. The ones of these two lists, whatever Python's Unicode is.
"""
_ANY = rf"[^{_NOT_IN_IDS}]*"
_END = rf"[^\s{_NOT_IN_IDS}]"


def _with_one_visible(invisible: str) -> str:
    return rf"^(?:{_END}{_ANY})?[^\s{_NOT_IN_IDS}{invisible}](?:{_ANY}{_END})?$"


NEW_ID_PATTERN = _with_one_visible(INVISIBLE + INVISIBLE_ABOVE_FFFF)
"""Of an id that a command may use: one character at least is visible. Events of older logs may have
others.
"""
SHOWN_ID_PATTERN = _with_one_visible(INVISIBLE)
"""The same for JavaScript, which cannot name characters above U+FFFF in this way."""
PRINTABLE_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
"""No control characters but tab and line breaks, in syntax that Rust, Python and JavaScript read
alike.
"""
LINE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""No control characters at all."""
CURRENCY_PATTERN = r"^[A-Za-z]{3}$"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from low to high, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Identifier:
    """A string for which is_new_id() is true."""


@dataclass(frozen=True, slots=True)
class TextShape:
    """A string of shortest to longest characters, without lone surrogates or control characters.

    breaks: it may have tabs and line breaks.
    """

    shortest: int
    longest: int
    breaks: bool = True


@dataclass(frozen=True, slots=True)
class Iso4217:
    """A currency code of domain.currency.EXPONENTS, in capitals or not."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object of at most `most` pairs of text: keys of 1 to key, values of at most value
    characters. removable: a value may be null.
    """

    most: int
    key: int
    value: int
    removable: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """A list of shortest to longest entries."""

    shortest: int
    longest: int


Id: TypeAlias = Annotated[str, Identifier()]
Text: TypeAlias = Annotated[str, TextShape(1, TEXT_MAX)]
OptionalText: TypeAlias = Annotated[str, TextShape(0, TEXT_MAX)]
Channel: TypeAlias = Annotated[str, TextShape(0, TEXT_MAX, breaks=False)]
NoteText: TypeAlias = Annotated[str, TextShape(1, NOTE_MAX)]
ShortText: TypeAlias = Annotated[str, TextShape(0, 20)]
Label: TypeAlias = Annotated[str, TextShape(1, 20)]
Title: TypeAlias = Annotated[str, TextShape(0, 200)]
Attributes: TypeAlias = Annotated[Mapping[str, str], Pairs(ATTRIBUTES_MAX, 40, 500)]
AttributeChanges: TypeAlias = Annotated[
    Mapping[str, str | None], Pairs(ATTRIBUTES_MAX, 40, 500, removable=True)
]
Currency: TypeAlias = Annotated[str, Iso4217()]
Cents: TypeAlias = Annotated[int, Whole(0, CENTS_MAX)]
PositiveCents: TypeAlias = Annotated[int, Whole(1, CENTS_MAX)]
SignedCents: TypeAlias = Annotated[int, Whole(-CENTS_MAX, CENTS_MAX)]
Quantity: TypeAlias = Annotated[int, Whole(1, QUANTITY_MAX)]
LineNumber: TypeAlias = Annotated[int, Whole(1, ITEMS_MAX)]

_DOTS: Final = frozenset({".", ".."})
"""Clients and proxies take them out of a path before they send it, encoded or not."""
RESERVED: Final[Mapping[str, frozenset[str]]] = {
    "order_id": _DOTS | {"summary"},
    "payment_id": _DOTS | {"summary", "trial-balance"},
    "shipment_id": _DOTS | {"summary"},
}
"""Field of a command -> values that are no id: in a path they would be the address of something
else. Ids that are in no path have none.
"""

_ID = re.compile(ID_PATTERN.removesuffix("$") + r"\Z")
_NEW_ID = re.compile(NEW_ID_PATTERN.removesuffix("$") + r"\Z")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def is_id(text: str) -> bool:
    """True for a string that may name something: an id from outside, which is kept as it is."""
    return (
        len(text) <= ID_MAX
        and _ID.match(text) is not None
        and (text.isascii() or _SURROGATE.search(text) is None)
    )


def is_new_id(text: str) -> bool:
    """True for an id that a command may use: also, something of it is visible."""
    return is_id(text) and _NEW_ID.match(text) is not None


class Malformed(ValueError):
    """The shape of a command is wrong, whatever happened to its order (422).

    field: dotted path of what is wrong. message: what would be right; never echoes the input.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
