"""Names in GraphQL: camelCase there, snake_case in Python and in the REST documents."""

import re

_WORD = re.compile(r"[_-]([a-z0-9])")


def camel(name: str) -> str:
    """`order_id` and `place-order` as `orderId` and `placeOrder`."""
    return _WORD.sub(lambda found: found[1].upper(), name)


def enum_name(word: str) -> str:
    """A word of the REST API as the value of an enum: `partly_paid`; `-placed_at` descends."""
    return f"{word[1:]}_desc" if word.startswith("-") else word.replace("-", "_")
