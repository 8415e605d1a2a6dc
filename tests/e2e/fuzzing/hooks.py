"""What Schemathesis is given besides the OpenAPI document: see tests/e2e/test_schemathesis.py.

Its own two checks of these names know no rule that needs more than one value, no precondition and
no read model that lags; ours do, and are stricter in everything else.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import schemathesis
from hypothesis import strategies as st

from api.commands.validation_messages import ID_WORDS
from api.docs.examples import BODIES
from domain.values import INVISIBLE, INVISIBLE_ABOVE_FFFF
from eventstore.record.moments import moment

BEYOND_A_SCHEMA = (
    "must not be more than 5 minutes ahead of now",
    "is no date and time of the calendar",
    "is a revision of one order: add order_id",
    "is for all of an order: leave out the period",
    "the prices of the items add up to more than",
    "above the price of",
    "above the price that it is contained in",
    "the total is more than",
    "a line is named twice",
    "name at least one line, or shipping_cents above 0",
    "above 0 for a charge, below 0 for a credit",
    "above 0 for a fee, below 0 for one given back",
    "each part has the sign of amount_cents",
    "no part is below 0",
    "the parts add up to",
    "the old name of credit_cents",
    "the credit is at most amount_cents",
    "name payment_id and payout_id, or the refund",
    "only of an amount in another currency",
    "is required: ",
    "must be the name of a time zone",
    "must be a date, like 2026-11-01",
    "must not be after to",
    "gives more than",
    "must begin a quarter of an hour",
)
"""What is malformed only together with another value, the clock or the calendar."""
PAST = "2020"
"""A leap year, as every day of another year has to be one of its own."""
WITH_A_POINT = "must be a whole number: no quotes, no point, no exponent"
"""JSON Schema takes 1.0 for an integer; an amount of money is refused with a point."""
KINDS_BEYOND_A_SCHEMA = frozenset({"command-id-reused", "bad-cursor"})
_INVISIBLE = re.compile(f"[{INVISIBLE}{INVISIBLE_ABOVE_FFFF}]+")
"""An id of these alone; the document cannot name those above U+FFFF."""
_TAKEN = frozenset({200, 201, 404, 409, 412})


def _lines() -> st.SearchStrategy[bytes]:
    commands = st.sampled_from(sorted(BODIES))
    known = commands.map(lambda name: {"command": name, "order_id": "1001", **BODIES[name]})
    line = st.one_of(known.map(lambda it: json.dumps(it).encode()), st.binary(max_size=50))
    return st.lists(line, max_size=4).map(b"\n".join)


schemathesis.openapi.media_type("application/x-ndjson", _lines())


@schemathesis.hook
def map_body(_: Any, body: Any) -> Any:
    """A time to come is put into a year that is over: commands would refuse half of all bodies."""
    given = body.get("occurred_at") if isinstance(body, dict) else None
    if isinstance(given, str) and given[:4] > PAST and _is_moment(given):
        return {**body, "occurred_at": PAST + given[4:]}
    return body


def _is_moment(text: str) -> bool:
    with suppress(ValueError):
        moment(text)
        return True
    return False


def _kind(response: Any) -> str:
    return str(response.json()["type"]).removeprefix("/problems#")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def _has_a_point(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_a_point, value.values()))
    return any(map(_has_a_point, value)) if isinstance(value, list) else isinstance(value, float)


@schemathesis.check
def valid_input_is_taken(_: Any, response: Any, case: Any) -> None:
    """Input that the document allows is malformed for reasons alone that no schema can say."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code in _TAKEN:
        return
    if response.status_code == 422 and _kind(response) in KINDS_BEYOND_A_SCHEMA:
        return
    if response.status_code == 422:
        messages = [error["message"] for error in response.json()["errors"]]
        beyond = BEYOND_A_SCHEMA + ((WITH_A_POINT,) if _has_a_point(case.body) else ())
        if any(map(_INVISIBLE.fullmatch, _texts(case.body))):
            beyond += (ID_WORDS,)
        if all(message.startswith(beyond) for message in messages):
            return
    if response.status_code != 503:
        raise AssertionError(f"valid input was answered {response.status_code}: {response.text}")


@schemathesis.check
def nothing_fails(_: Any, response: Any, case: Any) -> None:
    """No answer is a fault of ours; a read model may lag behind the log."""
    del case
    if response.status_code >= 500 and not (
        response.status_code == 503 and _kind(response) == "read-model-behind"
    ):
        raise AssertionError(f"{response.status_code}: {response.text}")
