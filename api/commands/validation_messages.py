"""What is wrong with what was sent, in words that repeat none of it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from api.commands.registry import REGISTRY, Registered
from api.http.problems import Rejected, malformed
from domain.values import CURRENCY_PATTERN, ID_PATTERN, PRINTABLE_PATTERN

ERRORS_SHOWN_MAX = 20
ID_WORDS: Final = (
    "must be an id: 1 to 64 letters, digits, dots, underscores or hyphens, the first a letter "
    "or digit, and none of the API's own words"
)

_PLAIN_WORD: Final = re.compile("[a-z][a-z_]{0,31}")

_PATTERNS: Final[Mapping[str, str]] = {
    ID_PATTERN: ID_WORDS,
    PRINTABLE_PATTERN: "must not hold control characters or line breaks",
    CURRENCY_PATTERN: "must be a currency code of ISO 4217",
}
_WORDS: Final[Mapping[str, str]] = {
    "missing": "is required",
    "int_type": "must be a whole number: no quotes, no point, no exponent",
    "string_type": "must be a text in quotes",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "string_pattern_mismatch": "has the wrong form",
}
"""By pydantic's type of error. Those not here have words of pydantic's that repeat no input."""


def rejected(error: ValidationError, registered: Registered, top: str = "") -> Rejected:
    """A body that does not validate; top: where its own fields are named in `takes`."""
    found = _causes(error.errors(include_url=False, include_input=False))
    errors = [_worded(detail, registered, top) for detail in found[:ERRORS_SHOWN_MAX]]
    first = errors[0]
    detail = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    return Rejected("malformed", detail, errors=errors)


def rejected_line(error: ValidationError) -> Rejected:
    """The first place of each error in a line is the command's name, which is no field."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "union_tag_invalid":
        return Rejected("unknown-command", "command: is none of the names in /docs")
    if first["type"] == "union_tag_not_found":
        return malformed("command", "is required")
    if first["loc"] and first["loc"][0] in REGISTRY:
        return rejected(error, REGISTRY[str(first["loc"][0])], "line")
    return malformed("", _message(first))


def _causes(found: Sequence[Any]) -> list[Any]:
    """Without the lists said to be too short only because what stands in them is wrong."""
    return [
        detail
        for detail in found
        if detail["type"] != "too_short"
        or not any(
            len(other["loc"]) > len(detail["loc"])
            and other["loc"][: len(detail["loc"])] == detail["loc"]
            for other in found
        )
    ]


def _worded(detail: Any, registered: Registered, top: str) -> dict[str, str]:
    loc = detail["loc"][1:] if top else detail["loc"]
    if detail["type"] != "extra_forbidden":
        return {"field": ".".join(map(str, loc)), "message": _message(detail)}
    # The last place is the sender's own word: repeated where it can do no harm.
    place, name = loc[:-1], str(loc[-1])
    known = ", ".join(registered.takes[str(place[0]) if place else top]) or "none"
    said = f"not known here; known are {known}"
    if _PLAIN_WORD.fullmatch(name):
        return {"field": ".".join(map(str, loc)), "message": f"is {said}"}
    return {"field": ".".join(map(str, place)), "message": f"has a field that is {said}"}


def _message(detail: Any) -> str:
    if detail["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(detail["ctx"]["pattern"], _WORDS["string_pattern_mismatch"])
    if detail["type"] == "too_short":
        return f"must be a list of at least {detail['ctx']['min_length']}"
    if detail["type"] == "too_long":
        return f"must be a list of at most {detail['ctx']['max_length']}"
    return _WORDS.get(detail["type"], detail["msg"])


def worded(details: Sequence[Any]) -> Rejected:
    """FastAPI's errors about a query's parameters; the first place says where they stood."""
    errors = [
        {"field": ".".join(map(str, detail["loc"][1:])), "message": _message(detail)}
        for detail in details[:ERRORS_SHOWN_MAX]
    ]
    first = errors[0]
    return Rejected("malformed", f"{first['field']}: {first['message']}", errors=errors)
