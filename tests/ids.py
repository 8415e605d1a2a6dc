"""Ids for tests: those that other systems give, any that are allowed, and what is no id."""

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
    *("CAFÉ", "café", "cafe\u0301", "\ufffd", "\u200d", "\U000e0041", "\ue000", "\U0010ffff"),
    *("\U0001f600" * ID_MAX, "%" * ID_MAX, "x" * ID_MAX, "\u4e00" * ID_MAX),
)
EXAMPLES: Final = (*REAL, *HARD)

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
    return any_id.filter(lambda text: bool(text) and text not in PATH_WORDS)
