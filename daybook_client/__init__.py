"""A client of Daybook, the order ledger. It needs httpx, and nothing of the server."""

from daybook_client.bulk import Line, LineResult
from daybook_client.client import AsyncClient, Client, line
from daybook_client.errors import (
    AmbiguousId,
    DaybookError,
    FieldError,
    Interrupted,
    KeyReused,
    Malformed,
    NotFound,
    OrderRefused,
    OutcomeUnknown,
    Problem,
    Rejected,
    ServerFault,
    StaleRevision,
    Unavailable,
    UnexpectedAnswer,
    UnknownOrder,
)
from daybook_client.exchange import Limits
from daybook_client.following import LiveEvent
from daybook_client.retrying import Retrying
from daybook_client.sending import Sender, Sending

__all__ = [
    "AmbiguousId",
    "AsyncClient",
    "Client",
    "DaybookError",
    "FieldError",
    "Interrupted",
    "KeyReused",
    "Limits",
    "Line",
    "LineResult",
    "LiveEvent",
    "Malformed",
    "NotFound",
    "OrderRefused",
    "OutcomeUnknown",
    "Problem",
    "Rejected",
    "Retrying",
    "Sender",
    "Sending",
    "ServerFault",
    "StaleRevision",
    "Unavailable",
    "UnexpectedAnswer",
    "UnknownOrder",
    "line",
]
