"""What is asked of each item of a list is read at once: statements do not grow with the items."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.api.conftest import Api
from tests.api.graphql.conftest import GraphQL

NESTED = """query ($limit: Int!) { orders(limit: $limit) { items {
  orderId
  payments { items { paymentId
    postings(limit: 5) { items { account amountCents } }
    movements(limit: 5) { items { kind countedCents } }
    order { state }
  } }
  shipments { items { shipmentId lines(limit: 5) { items { line quantity } } order { state } } }
  postings(limit: 5) { items { account } }
  anomalyList(limit: 5) { items { kind order { state } } }
  audit(limit: 5) { items { type order { state } } }
} } }"""


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are run in the block, on any connection."""
    found: list[str] = []

    def note(_conn: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if not sql.startswith(("PRAGMA", "BEGIN")):
            found.append(sql)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def _filled(api: Api, orders: int) -> None:
    for number in range(orders):
        order_id = f"o{number}"
        await api.place(order_id)
        await api.send("confirm-order", order_id)
        await api.send(
            "capture-payment",
            order_id,
            payment_id=f"p{number}",
            capture_id="c1",
            amount_cents=1000 + number,
            method="card",
        )
        await api.send(
            "plan-shipment",
            order_id,
            shipment_id=f"s{number}",
            location="Leipzig",
            lines=[{"line": 1, "quantity": 1}],
        )
    await api.catch_up()


async def test_fifty_orders_with_all_their_lists_take_as_many_statements_as_two(
    api: Api, graphql: GraphQL
) -> None:
    await _filled(api, 50)
    await graphql.data(NESTED, limit=1)  # opens the databases
    with statements() as for_two:
        two = await graphql.data(NESTED, limit=2)
    with statements() as for_fifty:
        fifty = await graphql.data(NESTED, limit=50)

    orders = fifty["orders"]["items"]
    assert len(orders) == 50
    assert orders[:2] == two["orders"]["items"]
    assert len(for_fifty) == len(for_two) < 40
    for order in orders:
        number = order["orderId"].removeprefix("o")
        [payment] = order["payments"]["items"]
        assert payment["paymentId"] == f"p{number}"
        assert payment["movements"]["items"] == [
            {"kind": "capture", "countedCents": 1000 + int(number)}
        ]
        [shipment] = order["shipments"]["items"]
        assert shipment["lines"]["items"] == [{"line": 1, "quantity": 1}]


async def test_a_query_for_each_order_would_be_noticed(api: Api, graphql: GraphQL) -> None:
    await _filled(api, 4)
    asked = " ".join(f'o{n}: order(orderId: "o{n}") {{ money {{ dueCents }} }}' for n in range(4))
    await graphql.data(f"{{ {asked} }}")

    with statements() as for_one:
        await graphql.data('{ order(orderId: "o1") { money { dueCents } } }')
    with statements() as for_four:
        await graphql.data(f"{{ {asked} }}")

    assert len(for_four) == 4 * len(for_one) > 4


@pytest.mark.kinds("sqlite")
async def test_an_order_that_a_model_has_not_applied_or_has_parked_fails_alone(
    api: Api, graphql: GraphQL
) -> None:
    await _filled(api, 2)
    await api.place("parked")
    await api.send("capture-payment", "parked", payment_id="p", capture_id="c", amount_cents=1)
    await api.catch_up(but_for="PaymentCaptured")

    answer = (
        await graphql.post("{ orders(sort: order_id) { items { orderId payments { next } } } }")
    ).json()

    assert answer["data"]["orders"]["items"] == [
        {"orderId": "o0", "payments": {"next": None}},
        {"orderId": "o1", "payments": {"next": None}},
        {"orderId": "parked", "payments": None},
    ]
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "order-parked"
    assert error["path"] == ["orders", "items", 2, "payments"]

    await api.place("late")
    query = '{ order(orderId: "late") { state postings { next } listed { state } } }'
    errors = await graphql.errors(query)
    assert {it["extensions"]["code"] for it in errors} == {"read-model-behind"}
