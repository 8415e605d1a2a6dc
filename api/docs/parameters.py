"""The parameters of commands, for the OpenAPI document. api.commands.headers enforces the same.

Patterns are in syntax that Python and JavaScript read alike.
"""

from typing import Annotated, Any, Final, TypeAlias

from fastapi import Path
from pydantic import BaseModel, Field

from api.commands.registry import KEY_MAX
from domain.values import ID_PATTERN, TEXT_MAX

_TEXT: Final = r"^[!-~]([ -~]*[!-~])?$"
"""Spaces at both ends are no part of a header's value. UTF-8 is taken too, which no tool sends."""
_KEY: Final = rf'^(?!""$){_TEXT[1:]}'
_REVISION: Final = r"(0|[1-9][0-9]{0,17})"
_TAG: Final = rf'(W/)?"{_REVISION}"'
_IF_MATCH: Final = rf"^(\*|{_REVISION}|{_TAG}( ?, ?{_TAG})*)$"

OrderIdInPath: TypeAlias = Annotated[
    str, Path(json_schema_extra={"pattern": ID_PATTERN}, examples=["1001"])
]


def _header(name: str, description: str, length_max: int | None, **schema: Any) -> Any:
    return Field(
        None,
        alias=name,
        description=description,
        min_length=1,
        max_length=length_max,
        json_schema_extra=schema,
    )


class SenderHeaders(BaseModel):
    """Who sends commands. Each may be left out."""

    actor: str | None = _header(
        "Daybook-Actor", "Who; `anonymous` if left out.", TEXT_MAX, pattern=_TEXT
    )
    channel: str | None = _header(
        "Daybook-Channel",
        "Through what; `http`, or `bulk` for a stream, if left out.",
        TEXT_MAX,
        pattern=_TEXT,
    )
    correlation_id: str | None = _header(
        "Daybook-Correlation-Id",
        "What it belongs to; the Idempotency-Key if left out.",
        KEY_MAX,
        pattern=_TEXT,
    )
    causation_id: str | None = _header(
        "Daybook-Causation-Id", "What caused it.", KEY_MAX, pattern=_TEXT
    )
    traceparent: str | None = Field(
        None, description="W3C trace context; kept with the events. An invalid one is dropped."
    )


class CommandHeaders(SenderHeaders):
    """Who sends one command, its key and its precondition. Each may be left out."""

    idempotency_key: str | None = _header(
        "Idempotency-Key",
        "Names this command, so that it can be sent again safely. Quotes around it are no part "
        "of it.",
        KEY_MAX,
        pattern=_KEY,
    )
    if_match: str | None = _header(
        "If-Match",
        'Only at one of these revisions, as in ETag: `"3"` or `"3", "4"`; `*`: only where there '
        "is such an order. Weak tags never match. Else 412 with the events since.",
        1000,
        pattern=_IF_MATCH,
    )
    if_none_match: str | None = _header(
        "If-None-Match",
        "`*`: only where there is no such order yet. Else 412.",
        None,
        enum=["*"],
    )
