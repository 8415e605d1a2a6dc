"""The types of query parameters. Each value has one form only.

Pydantic alone would read `1.0`, `1_0` and ` 1` as the number 1, `2026` as a time of 1970, and
`off` as false; here a form that is not documented is malformed.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Final, TypeAlias

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.values import CURRENCY_PATTERN, ID_MAX, ID_PATTERN, PRINTABLE_PATTERN, TEXT_MAX
from eventstore.record.moments import MOMENT_SCHEMA, moment
from projections.overflow import WHOLE_MAX
from projections.query.listing import LIMIT_MAX

_WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_BOOLEANS: Final = {"true": True, "false": False}


def _whole(value: Any) -> Any:
    if isinstance(value, str) and not _WHOLE.match(value):
        raise PydanticCustomError("whole", "must be a whole number, in digits alone")
    return value


def _boolean(value: Any) -> Any:
    if isinstance(value, str) and value not in _BOOLEANS:
        raise PydanticCustomError("boolean", "must be true or false")
    return _BOOLEANS.get(value, value) if isinstance(value, str) else value


def _moment(value: Any) -> Any:
    return moment(value) if isinstance(value, str) else value


# The bounds come before the validator: after it they would not be in the OpenAPI document.
Whole: TypeAlias = Annotated[int, Field(ge=0, le=WHOLE_MAX), BeforeValidator(_whole)]
Limit: TypeAlias = Annotated[int, Field(ge=1, le=LIMIT_MAX), BeforeValidator(_whole)]
Boolean: TypeAlias = Annotated[bool, BeforeValidator(_boolean)]
Moment: TypeAlias = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(MOMENT_SCHEMA),
]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=ID_MAX, pattern=ID_PATTERN)]
"""An id of an order, a customer, a payment or a shipment."""
Word: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=TEXT_MAX, pattern=PRINTABLE_PATTERN)
]
Currency: TypeAlias = Annotated[str, Field(pattern=CURRENCY_PATTERN)]
