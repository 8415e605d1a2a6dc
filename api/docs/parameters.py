"""The parameters of commands as the OpenAPI document has them: what api.commands.headers enforces.

Patterns are in syntax that Python and JavaScript read alike.
"""

from typing import Any, Final

from api.commands.registry import KEY_MAX
from domain.values import ID_PATTERN, TEXT_MAX

_TEXT: Final = r"^[!-~]([ -~]*[!-~])?$"
"""Spaces at both ends are no part of a header's value. UTF-8 is taken too, which no tool sends."""
_KEY: Final = rf'^(?!""$){_TEXT[1:]}'
_REVISION: Final = r"(0|[1-9][0-9]{0,17})"
_TAG: Final = rf'(W/)?"{_REVISION}"'
_IF_MATCH: Final = rf"^(\*|{_REVISION}|{_TAG}( ?, ?{_TAG})*)$"


def _header(name: str, description: str, **schema: Any) -> dict[str, Any]:
    shape = {"type": "string", "minLength": 1, **schema}
    return {"name": name, "in": "header", "description": description, "schema": shape}


ID_SCHEMA: Final = {"type": "string", "pattern": ID_PATTERN}
ORDER_ID: Final = {
    "name": "order_id",
    "in": "path",
    "required": True,
    "schema": ID_SCHEMA,
    "example": "1001",
}
SENDER_HEADERS: Final = (
    _header("Daybook-Actor", "Who; `anonymous` if left out.", pattern=_TEXT, maxLength=TEXT_MAX),
    _header(
        "Daybook-Channel",
        "Through what; `http`, or `bulk` for a stream, if left out.",
        pattern=_TEXT,
        maxLength=TEXT_MAX,
    ),
    _header(
        "Daybook-Correlation-Id",
        "What it belongs to; the Idempotency-Key if left out.",
        pattern=_TEXT,
        maxLength=KEY_MAX,
    ),
    _header("Daybook-Causation-Id", "What caused it.", pattern=_TEXT, maxLength=KEY_MAX),
    {
        "name": "traceparent",
        "in": "header",
        "description": "W3C trace context; kept with the events. An invalid one is dropped.",
        "schema": {"type": "string"},
    },
)
COMMAND_HEADERS: Final = (
    _header(
        "Idempotency-Key",
        "Names this command, so that it can be sent again safely. Quotes around it are no part "
        "of it.",
        pattern=_KEY,
        maxLength=KEY_MAX,
    ),
    _header(
        "If-Match",
        'Only at one of these revisions, as in ETag: `"3"` or `"3", "4"`; `*`: only where there '
        "is such an order. Weak tags never match. Else 412 with what came since.",
        pattern=_IF_MATCH,
        maxLength=1000,
    ),
    _header(
        "If-None-Match",
        "`*`: only where there is no such order yet. Else 412.",
        enum=["*"],
    ),
    *SENDER_HEADERS,
)
