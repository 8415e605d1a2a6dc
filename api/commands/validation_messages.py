"""Messages for invalid input. None repeats what was sent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from api.commands.registry import REGISTRY, Registered
from api.http.problems import Rejected, malformed
from domain.values import (
    CURRENCY_PATTERN,
    ID_MAX,
    LINE_PATTERN,
    NEW_ID_PATTERN,
    PRINTABLE_PATTERN,
    Malformed,
)

ERRORS_SHOWN_MAX = 20
ID_WORDS: Final = (
    f"must be an id: 1 to {ID_MAX} printable characters without white space at its ends, at least"
    " one of them visible"
)

_PLAIN_WORD: Final = re.compile("[a-z][a-z_]{0,31}")

_PATTERNS: Final[Mapping[str, str]] = {
    NEW_ID_PATTERN: ID_WORDS,
    LINE_PATTERN: "must not contain control characters or line breaks",
    PRINTABLE_PATTERN: "must not contain control characters other than tab and line breaks",
    CURRENCY_PATTERN: "must be a currency code of ISO 4217",
}
_WORDS: Final[Mapping[str, str]] = {
    "missing": "is required",
    "int_type": "must be a whole number: no quotes, no point, no exponent",
    "string_type": "must be a text in quotes",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "dataclass_type": "must be an object",
    "dict_type": "must be an object",
    "string_pattern_mismatch": "has the wrong form",
}
"""By pydantic's type of error. For other types pydantic's own message repeats no input."""
_UNKNOWN: Final = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
"""Pydantic's types of error for an unknown field: of a command, of a part."""


def rejected(error: ValidationError, registered: Registered, top: str = "") -> Rejected:
    """The problem of a body that is not valid. top: the key of its fields in registered.takes."""
    found = _causes(error.errors(include_url=False, include_input=False))
    errors: list[dict[str, str]] = []
    for detail in found[:ERRORS_SHOWN_MAX]:
        described = _described(detail, registered, top)
        if _is_choice(detail, top) and errors and errors[-1]["field"] == described["field"]:
            errors[-1]["message"] += f", or: {described['message']}"
        else:
            errors.append(described)
    first = errors[0]
    text = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    return Rejected("malformed", text, errors=errors)


def rejected_line(error: ValidationError) -> Rejected:
    """The problem of a bulk line that is not valid. The first part of an error's place is the
    command's name, which is not a field.
    """
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "union_tag_invalid":
        return Rejected("unknown-command", "command: is not one of the names in /docs")
    if first["type"] == "union_tag_not_found":
        return malformed("command", "is required")
    if first["loc"] and first["loc"][0] in REGISTRY:
        return rejected(error, REGISTRY[str(first["loc"][0])], "line")
    return malformed("", _message(first))


def _causes(found: Sequence[Any]) -> list[Any]:
    """Without errors about lists that are too short only because an entry in them is invalid."""
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


def _is_choice(detail: Any, top: str) -> bool:
    """Whether it is about one of several types that a field may have. Its last part is then
    pydantic's name of the type (constrained-str, literal[True]), and no field.
    """
    place = detail["loc"][1:] if top else detail["loc"]
    return (
        len(place) > 1
        and place[0] != "attributes"
        and detail["type"] not in _UNKNOWN
        and isinstance(place[-1], str)
        and not place[-1].isidentifier()
    )


def _described(detail: Any, registered: Registered, top: str) -> dict[str, str]:
    loc = detail["loc"][1:] if top else detail["loc"]
    if _is_choice(detail, top):
        loc = loc[:-1]
    if len(loc) > 1 and loc[0] == "attributes":  # its keys are names that the sender chose
        return {"field": "attributes", "message": f"a key or a value: {_message(detail)}"}
    if detail["type"] not in _UNKNOWN:
        return {"field": ".".join(map(str, loc)), "message": _message(detail)}
    # The last part is a name that the sender chose: repeated only if it is a plain word.
    place, name = loc[:-1], str(loc[-1])
    known = ", ".join(registered.takes[str(place[0]) if place else top]) or "none"
    unknown = f"not known here; known are {known}"
    if _PLAIN_WORD.fullmatch(name):
        return {"field": ".".join(map(str, loc)), "message": f"is {unknown}"}
    return {"field": ".".join(map(str, place)), "message": f"has a field that is {unknown}"}


def _message(detail: Any) -> str:
    if detail["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(detail["ctx"]["pattern"], _WORDS["string_pattern_mismatch"])
    if detail["type"] == "too_short":
        return f"must be a list of at least {detail['ctx']['min_length']}"
    if detail["type"] == "too_long" and detail["ctx"]["field_type"] == "Dictionary":
        return f"may have at most {detail['ctx']['max_length']} entries"
    if detail["type"] == "too_long":
        return f"must be a list of at most {detail['ctx']['max_length']}"
    if detail["type"] == "value_error" and isinstance(detail["ctx"]["error"], Malformed):
        return detail["ctx"]["error"].message
    if detail["type"] == "literal_error" and detail["ctx"]["expected"] == "True":
        return "must be true"
    return _WORDS.get(detail["type"], detail["msg"])


def rejected_query(details: Sequence[Any]) -> Rejected:
    """The problem of invalid query parameters. The first part of a place is not a field: it says
    that it was in the query or the path.
    """
    errors = [
        {"field": ".".join(map(str, detail["loc"][1:])), "message": _message(detail)}
        for detail in details[:ERRORS_SHOWN_MAX]
    ]
    first = errors[0]
    return Rejected("malformed", f"{first['field']}: {first['message']}", errors=errors)
