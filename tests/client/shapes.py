"""Whether a document is what a type says: all its members, and no other."""

from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from typing_extensions import is_typeddict


def misfits(document: Any, shape: Any, place: str = "") -> list[str]:
    """What does not fit, with its place; nothing where all does."""
    origin, arms = get_origin(shape), get_args(shape)
    if shape is Any:
        return []
    if origin in (Union, UnionType):
        found = [misfits(document, arm, place) for arm in arms]
        return [] if [] in found else min(found, key=len)
    if origin is NotRequired:
        return misfits(document, arms[0], place)
    if origin is Literal:
        return [] if document in arms else [f"{place}: {document!r}"]
    if origin is list and isinstance(document, list):
        return [each for item in document for each in misfits(item, arms[0], f"{place}[]")]
    if origin is dict and isinstance(document, dict):
        return [
            each
            for key, value in document.items()
            for each in misfits(value, arms[1], f"{place}.*")
        ]
    if is_typeddict(shape) and isinstance(document, dict):
        return _members(document, shape, place)
    kind = NoneType if shape is None else shape
    is_one = isinstance(kind, type) and not is_typeddict(kind) and type(document) is kind
    return [] if is_one else [f"{place}: {type(document).__name__} is no {shape}"]


def _members(document: dict[str, Any], shape: Any, place: str) -> list[str]:
    hints = get_type_hints(shape, include_extras=True)
    missing = [f"{place}.{name} is missing" for name in shape.__required_keys__ - document.keys()]
    unknown = [f"{place}.{name} is unknown" for name in document.keys() - hints.keys()]
    wrong = [
        each
        for name, value in document.items()
        if name in hints
        for each in misfits(value, hints[name], f"{place}.{name}")
    ]
    return [*missing, *unknown, *wrong]
