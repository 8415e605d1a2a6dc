"""Names of the protocol files: from words of the domain and the API."""

import re


def snake(name: str) -> str:
    """place-order and PlaceOrder are place_order."""
    return re.sub(r"\B(?=[A-Z])", "_", name).replace("-", "_").lower()


def constant(word: str) -> str:
    """The end of an enum value's name: of capture-payment CAPTURE_PAYMENT, of the sort -placed_at
    PLACED_AT_DESC.
    """
    if word.startswith("-"):
        return f"{constant(word[1:])}_DESC"
    return snake(word).upper()
