"""Totals: the summaries of the read models and the trial balance.

REST answers an object with a member for each currency. GraphQL has no such objects: here each
currency is an entry of a list, and a total that is not divided is one period.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLString,
)

from api.graphql.arguments import validated
from api.graphql.input import argument, enum_type
from api.graphql.operation import Info
from api.graphql.output import Fields, list_of, members, not_null, object_type
from api.graphql.scalars import LONG
from api.http.periods import bad_periods_refused
from api.http.problems import malformed
from api.queries.reports import SUMMARIES
from projections.query.filters import Name
from projections.query.periods import EVERYTHING, Asked, By, GroupBy, asked
from projections.read_models.order import projection as orders
from projections.read_models.payment import queries as payment_queries
from projections.read_models.shipment import totals as shipments

BY_METHOD: Final = "captured_cents_by_method"
PERIOD: Final = GraphQLInputObjectType(
    "PeriodInput",
    {
        "from": GraphQLInputField(
            GraphQLString,
            description="From here on: a date (its begin in `tz`) or a time with its zone.",
            out_name="begin",
        ),
        "to": GraphQLInputField(
            GraphQLString, description="Up to here, not included; as `from`.", out_name="end"
        ),
        "by": GraphQLInputField(
            enum_type(By, "PeriodBy"),
            description="By which time of an event it counts; occurred, if left out.",
        ),
        "groupBy": GraphQLInputField(
            enum_type(GroupBy, "PeriodGroup"),
            description="Divide it, in `tz`.",
            out_name="group_by",
        ),
        "tz": GraphQLInputField(
            GraphQLString, description="A time zone by its IANA name; UTC if none."
        ),
    },
)


def summaries() -> dict[str, GraphQLField]:
    return {f"{name}Summary": _summary(name, *known) for name, known in SUMMARIES.items()}


def _summary(name: str, model: str, question: Any) -> GraphQLField:
    async def resolve(_root: Any, info: Info, **given: Any) -> Any:
        period = _asked(given)
        found = await info.context.door.models.totals(model, partial(question, asked=period))
        return [_period(each, _totals) for each in _periods(found)]

    title = name.capitalize()
    totals = object_type(f"{title}Totals", _FIGURES[name])
    return GraphQLField(
        GraphQLList(not_null(_period_type(f"{title}Period", totals))),
        args=argument("period", PERIOD),
        resolve=resolve,
        description=f"Totals of all {name}, or of a period of them, by currency.",
    )


def _asked(given: Mapping[str, Any]) -> Asked:
    """Raises Rejected (malformed)."""
    period = given.get("period") or {}
    with bad_periods_refused():
        return asked(**{name: value for name, value in period.items() if value is not None})


def _periods(found: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    whole = {"period": None, "from": None, "to": None, "totals": found}
    periods: Iterable[Mapping[str, Any]] = found.get("periods", [whole])
    return periods


def _period(found: Mapping[str, Any], totals: Any) -> dict[str, Any]:
    return {**found, "totals": totals(found["totals"])}


def _period_type(name: str, totals: GraphQLObjectType) -> GraphQLObjectType:
    times: dict[str, Any] = {"period": GraphQLString, "from": GraphQLString, "to": GraphQLString}
    return object_type(
        name,
        members(**times, totals=list_of(totals)),
        "`period`, `from` and `to` are null for a total that is not divided.",
    )


def _totals(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "currency": currency,
            **figures,
            BY_METHOD: [
                {"method": method, "captured_cents": cents}
                for method, cents in figures.get(BY_METHOD, {}).items()
            ],
        }
        for currency, figures in found.items()
    ]


def _figures(names: Iterable[str]) -> Fields:
    return members(currency=not_null(GraphQLString), **dict.fromkeys(names, not_null(LONG)))


_FIGURES: Final = {
    "orders": _figures(orders.CONTRIBUTIONS[0].names),
    "shipments": _figures(name for name in shipments.CONTRIBUTIONS[0].names if name != "orders"),
    "payments": _figures(payment_queries.FIGURES)
    | members(
        captured_cents_by_method=list_of(
            object_type(
                "CapturedByMethod",
                members(method=not_null(GraphQLString), captured_cents=not_null(LONG)),
            )
        )
    ),
}

_ACCOUNT: Final = object_type(
    "AccountBalance",
    members(
        account=not_null(GraphQLString),
        opening_cents=not_null(LONG),
        movements_cents=not_null(LONG),
        closing_cents=not_null(LONG),
    ),
    "What an account had before the period, what was posted in it, and what it has then.",
)
TRIAL_BALANCE: Final = _period_type(
    "TrialBalancePeriod",
    object_type(
        "TrialBalance",
        members(
            currency=not_null(GraphQLString),
            sum_cents=not_null(LONG),
            accounts=list_of(_ACCOUNT),
        ),
        "`sumCents`: of all accounts, which is 0.",
    ),
)


def trial_balance() -> GraphQLField:
    return GraphQLField(
        GraphQLList(not_null(TRIAL_BALANCE)),
        args={
            **argument("period", PERIOD),
            **argument("order_id", GraphQLID, "Of this order alone, and all of it."),
            **argument(
                "tax_codes",
                not_null(GraphQLBoolean),
                "Instead of the account `tax` one for each code: `tax:` and the code.",
                default=False,
            ),
        },
        resolve=_trial_balance,
        description="The balance of every account, by currency.",
    )


@dataclass(frozen=True, slots=True)
class _OfOrder:
    order_id: Name | None = None


async def _trial_balance(_root: Any, info: Info, **given: Any) -> Any:
    period, order_id = _asked(given), validated(_OfOrder, given).order_id
    if order_id is not None and period != EVERYTHING:
        raise malformed("order_id", "is for all of an order: leave out the period")
    question = partial(
        payment_queries.trial_balance,
        order_id=order_id,
        asked=period,
        tax_codes=given["tax_codes"],
    )
    found = await info.context.door.models.totals("payment", question, order_id=order_id)
    return [_period(each, _balances) for each in _periods(found)]


def _balances(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    documents = []
    for currency, accounts in found.items():
        rows = {name: _row(balance) for name, balance in accounts.items()}
        total = rows.pop("sum")
        documents.append(
            {
                "currency": currency,
                "sum_cents": total["closing_cents"],
                "accounts": [{"account": name, **row} for name, row in rows.items()],
            }
        )
    return documents


def _row(balance: Any) -> dict[str, int]:
    """Without a period REST answers one amount for each account: all that was posted."""
    if isinstance(balance, int):
        balance = {"opening": 0, "movements": balance, "closing": balance}
    return {f"{name}_cents": cents for name, cents in balance.items()}
