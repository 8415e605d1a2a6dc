"""Ids for tests: those that other systems give, any that are allowed, and what is no id."""

import unicodedata
from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

ID_MAX: Final = 200
WHITE_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode's White_Space."""
BIDI: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Unicode's Bidi_Control."""
NEVER_IN_IDS: Final = (
    "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)])) + "\u2028\u2029\ufeff" + BIDI
)

REAL: Final[Sequence[str]] = (
    "gid://shopify/Order/5012345678901",
    "gid://shopify/OrderTransaction/1",
    "#1001",  # WooCommerce, Shopify
    "pi_3OqKQ2LkdIwHu7ix0M6XqQ3z",  # Stripe
    "8835511210681324",  # Adyen's PSP reference
    "5O190127TN364715T",  # PayPal
    "ann+order@example.com",
    "INV/2026/000123",
    "Rechnung Nr. 17 (Zürich)",
    "طلب-١٢٣",
    "注文１２３",
    "👩‍👩‍👧 order",
    "order-order-1",
)
HARD: Final[Sequence[str]] = (
    *("..a", "...", "a/../b", "/", "//", "a/", "/a", "%", "%25", "%2F", "%252F", "100%"),
    *("a?b=c", "?", "#", "a#b", "+", "a+b", "a b", "a;b", ":", "@", "&order_id=x", "a,b", "\\"),
    *("=1+1", "-1", "+1", "@SUM(A1)", "'", '"', "<b>", "${x}", "{x}", "*", "[a]", "%s", "--", "_"),
    *("$all", "$$order-1", "$ce-order", "trial-balance.", "export", "proof", "consistency", "null"),
    *("CAFÉ", "café", "cafe\u0301", "\ufffd", "a\u200d", "\U000e0041z", "\ue000", "\U0010ffff"),
    *("\u0301", "\u200d\u200dx", "ن\u200cن", "\u2764\ufe0f"),
    *("\U0001f600" * ID_MAX, "%" * ID_MAX, "x" * ID_MAX, "\u4e00" * ID_MAX),
)
EXAMPLES: Final = (*REAL, *HARD)

INVISIBLE: Final[Sequence[str]] = (
    *("\u200b", "\u200d", "\u00ad", "\u2060\u2060", "\u200b \u200b", "\u034f", "\ufe0f", "\u180e"),
    *("\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u17b4", "\ufff9", "\u206a"),
    *("\U000e0041", "\U000e0100", "\U000e0001\U000e007f", "\U0001d173", "\u200b" * ID_MAX),
)
"""What shows as empty: commands refuse it, and events of older logs may have it."""
NO_IDS: Final[Sequence[str]] = (
    "",
    "x" * (ID_MAX + 1),
    *(f"a{character}b" for character in NEVER_IN_IDS),
    *(f"a{space}" for space in WHITE_SPACE),
    *(f"{space}a" for space in WHITE_SPACE),
    *WHITE_SPACE,
)

PATH_WORDS: Final = (".", "..", "summary", "trial-balance")
"""Ids that a path has no room for, some of them for some kinds of id."""


def ids() -> st.SearchStrategy[str]:
    """Ids that any field takes."""
    inner = st.characters(exclude_characters=NEVER_IN_IDS, exclude_categories=["Cs"])
    ends = st.characters(exclude_characters=NEVER_IN_IDS + WHITE_SPACE, exclude_categories=["Cs"])
    any_id = st.one_of(
        ends,
        st.builds("{}{}{}".format, ends, st.text(inner, max_size=ID_MAX - 2), ends),
        st.text("/%.?#+ -=\\&:;'\"2Ff5", min_size=1, max_size=12).map(str.strip),
        st.sampled_from(EXAMPLES),
    )
    return any_id.filter(lambda text: is_shown(text) and text not in PATH_WORDS)


def is_shown(text: str) -> bool:
    """Whether a reader sees something of it, as this Python's Unicode has it."""
    return any(not is_invisible(character) for character in text)


def is_invisible(character: str) -> bool:
    """Formats, spaces, and what Unicode calls default ignorable or blank."""
    return unicodedata.category(character) in {"Cf", "Zs", "Zl", "Zp"} or character in _BLANK


_BLANK: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u2800\u3164\uffa0"
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000)]))
)
