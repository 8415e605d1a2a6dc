"""What an operation may ask for. What is beyond is refused before anything is read or stored."""

import json

import pytest
from graphql import get_introspection_query

from api.graphql import limits
from api.graphql.execution import VALUES_MAX
from tests.api.conftest import Api, kind
from tests.api.graphql.conftest import PATH, GraphQL

LINK = "payments(limit: 1) { items { order { "


def deep(levels: int) -> str:
    """Levels of orders of payments of orders."""
    return (
        "{ orders(limit: 1) { items { " + LINK * levels + "orderId" + " } } }" * levels + " } } }"
    )


def laughs(count: int) -> str:
    """Fragments that each spread the one before twice: 2^count fields."""
    fragments = "".join(
        f" fragment F{n} on ListedOrderPage {{ a{n}: next ...F{n - 1} b{n}: next ...F{n - 1} }}"
        for n in range(1, count)
    )
    return (
        f"{{ orders {{ ...F{count - 1} }} }} fragment F0 on ListedOrderPage {{ next }}{fragments}"
    )


TOO_COMPLEX: dict[str, str] = {
    "long": "{ orders { next } }" + " " * limits.QUERY_CHARACTERS_MAX,
    "deep": deep(6),
    "costly": "{ orders(limit: 500) { items { payments(limit: 500) { next items { state } } } } }",
    "costly by its lists": '{ order(orderId: "o1") { lines { line } '
    + "".join(
        f"a{n}: events(limit: 500) {{ items {{ type actor data hash reason schema }} }} "
        for n in range(48)
    )
    + "} }",
    "costly by an order's lists": '{ order(orderId: "o1") { money(limit: 500) { payments { '
    "postings(limit: 100) { items { n } } } } } }",
    "aliases": "{ " + "".join(f"a{n}: projections {{ name }} " for n in range(51)) + "}",
    "repeated": "{ " + "orders { next } " * 11 + "}",
    "repeated in fragments": "{ orders { ...F ...G } }"
    " fragment F on ListedOrderPage { " + "next " * 6 + "}"
    " fragment G on ListedOrderPage { " + "next " * 6 + "}",
    "many fragments": "{ orders { next } }"
    + "".join(f" fragment F{n} on ListedOrderPage {{ next }}" for n in range(30)),
    "laughs": laughs(28),
    "mutations": "mutation { "
    + "".join(f'm{n}: confirmOrder(orderId: "o1") {{ revision }} ' for n in range(21))
    + "}",
    "introspection in circles": "{ __schema { types { "
    + "fields { type { " * 5
    + "name"
    + " } }" * 5
    + " } } }",
    "schema and more": "{ __schema { description } orders { next } }",
    "schema in a fragment": "{ ...F orders { next } }"
    " fragment F on Query { __schema { description } }",
}
MALFORMED: dict[str, str] = {
    "empty": "",
    "blank": " \n",
    "unfinished": "{ orders { items { orderId }",
    "many tokens": "{ orders { " + "next " * limits.TOKENS_MAX + "} }",
    "many comments": "#\n" * (limits.COMMENTS_MAX + 1) + "{ orders { next } }",
    "nested without end": "{" * 900,
    "lists without end": "{ orders(filter: {customerId: " + "[" * 900 + "}) { next } }",
    "unknown field": "{ orders { nonsense } }",
    "unknown argument": "{ orders(nonsense: 1) { next } }",
    "unknown fragment": "{ orders { ...Nobody } }",
    "a fragment of itself": "{ orders { ...F } } fragment F on ListedOrderPage { next ...F }",
    "fragments in a circle": "{ orders { ...F } } fragment F on ListedOrderPage { ...G }"
    " fragment G on ListedOrderPage { ...F }",
    "no operation": "fragment F on ListedOrderPage { next }",
    "a type": "type Query { a: Int }",
    "no selection": "{ orders }",
    "a selection of a leaf": "{ orders { next { a } } }",
    "an undeclared variable": "{ orders(limit: $n) { next } }",
    "a number beyond": '{ order(orderId: "o1", revision: 99999999999999999999) { state } }',
    "a long number": '{ order(orderId: "o1", revision: ' + "9" * 10_000 + ") { state } }",
    "a long limit": "{ orders(limit: " + "9" * 10_000 + ") { next } }",
    "a variable of another type": "query ($n: Int! = 1) { order(orderId: $n) { state } }",
    "stream": "{ orders { items @stream { orderId } } }",
}


@pytest.mark.parametrize(
    ("cases", "code"), [(TOO_COMPLEX, "too-complex"), (MALFORMED, "malformed")]
)
async def test_a_hostile_operation_is_refused_and_the_next_one_answered(
    api: Api, graphql: GraphQL, cases: dict[str, str], code: str
) -> None:
    await api.place()
    before = await api.stored()
    await api.catch_up()
    for name, query in cases.items():
        answer = await graphql.post(query)

        assert answer.status_code == 200, name
        assert "errors" in answer.json(), name
        codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
        assert (name, codes) == (name, {code})
        assert "data" not in answer.json(), name
        assert len(answer.content) < 20_000, name
    assert await api.stored() == before
    assert await graphql.data("{ orders { items { orderId } } }") == {
        "orders": {"items": [{"orderId": "o1"}]}
    }


async def test_what_is_just_within_the_limits_is_answered(api: Api, graphql: GraphQL) -> None:
    await api.place()
    await api.catch_up()

    for query in (
        deep(5),
        "{ " + "orders { next } " * 10 + "}",
        "{ " + "".join(f"a{n}: projections {{ name }} " for n in range(50)) + "}",
        laughs(10),
        "{ orders(limit: 500) { items { orderId payments(limit: 20) { next items { state } } } } }",
        get_introspection_query(input_value_deprecation=True, specified_by_url=True),
    ):
        await graphql.data(query)


async def test_a_limit_in_a_variable_counts(graphql: GraphQL) -> None:
    query = """query ($n: Int!) {
      orders(limit: $n) { items { payments(limit: $n) { items { state } } } }
    }"""

    assert await graphql.code(query, n=500) == "too-complex"


async def test_variables_are_limited(api: Api, graphql: GraphQL) -> None:
    query = "query ($f: OrdersFilter) { orders(filter: $f) { next } }"

    assert await graphql.code(query, f=[[1] * 100] * 1_000) == "too-complex"
    assert await graphql.code(query, f={"a": {"b": [0] * VALUES_MAX}}) == "too-complex"
    assert await graphql.code(query, f=[[[[]]]] * 20_000) == "too-complex"
    errors = await graphql.errors(query, f=[0] * 1_000)
    assert 0 < len(errors) <= 25
    # Signs in texts are no values.
    assert await graphql.code(query, f={"customerId": ",[{" * VALUES_MAX}) == "malformed"
    too_large = json.dumps({"query": query, "variables": {"f": "x" * 2**20}})
    answer = await api.client.post(
        PATH, content=too_large, headers={"Content-Type": "application/json"}
    )
    assert kind(answer) == "body-too-large"
