"""GraphQL over HTTP: what is a request, which status it is answered with, and the page GraphiQL."""

import asyncio
import gzip
import hashlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib import util
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.graphql.page import FILES, FOLDER
from api.graphql.schema import WRITTEN, text
from api.http.guards import Limits
from projections.monitor.status import ModelStatus
from tests.api.conftest import BASE_URL, Api, kind
from tests.api.graphql.conftest import PATH, GraphQL

ASKED = "{ orders { next } }"
RESPONSE = "application/graphql-response+json"


def client_of(api: Api, **changes: Any) -> httpx.AsyncClient:
    """Of another server over the same log."""
    transport = httpx.ASGITransport(create_app(replace(api.services, **changes)))
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL)


@pytest.fixture
async def silent(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server that does not tell its schema."""
    async with client_of(api, graphql_introspection=False) as client:
        yield client


def test_the_schema_that_is_checked_in_is_what_the_code_gives() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == text(), "run `make reference`"


NO_REQUESTS: list[tuple[bytes, str]] = [
    (b"", ""),
    (b"{", ""),
    (b"\xff", ""),
    (b'"{ orders { next } }"', ""),
    (b"null", ""),
    (b"[]", ""),
    (b'[{"query": "{ orders { next } }"}]', ""),
    (b"{}", "query"),
    (b'{"query": null}', "query"),
    (b'{"query": 1}', "query"),
    (b'{"query": "{ orders { next } }", "variables": []}', "variables"),
    (b'{"query": "{ orders { next } }", "variables": "{}"}', "variables"),
    (b'{"query": "{ orders { next } }", "operationName": 1}', "operationName"),
    (b'{"query": "{ orders { next } }", "query": "{ orders { next } }"}', ""),
    (b'{"query": "{ orders { next } }", "variables": {"a": 1, "a": 2}}', ""),
    (b'{"query": "{ orders { next } }", "variables": {"a": NaN}}', ""),
    (b'{"query": "\\ud800"}', ""),
    (b'{"query": "{ orders { next } }", "variables": {"a": ' + b"[" * 40_000, ""),
]


async def test_a_body_that_is_no_request_is_answered_in_graphqls_form(api: Api) -> None:
    for body, field in NO_REQUESTS:
        answer = await api.client.post(
            PATH, content=body, headers={"Content-Type": "application/json"}
        )

        assert answer.status_code == 422, body[:100]
        [error] = answer.json()["errors"]
        assert error["extensions"]["problem"]["errors"][0]["field"] == field, body[:100]


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"Content-Type": "text/plain"}, "unsupported-media-type"),
    ({"Content-Type": "application/graphql"}, "unsupported-media-type"),
    ({"Content-Type": "multipart/form-data"}, "unsupported-media-type"),
    ({"Content-Encoding": "gzip"}, "unsupported-media-type"),
    ({"Host": "evil.example"}, "foreign-host"),
    ({"Origin": "http://evil.example"}, "foreign-origin"),
    ({"Idempotency-Key": "k"}, "malformed"),
    ({"If-Match": '"1"'}, "malformed"),
    ({"Daybook-Actor": ""}, "malformed"),
]


async def test_what_is_wrong_with_the_http_request_is_a_problem_as_everywhere(api: Api) -> None:
    for headers, code in REFUSED:
        answer = await api.client.post(
            PATH,
            content=json.dumps({"query": ASKED}),
            headers={"Content-Type": "application/json"} | headers,
        )

        assert kind(answer) == code, headers


async def test_an_operation_in_the_address_is_refused(api: Api) -> None:
    in_query = await api.client.post(f"{PATH}?query=x", json={"query": ASKED})
    by_get = await api.client.get(PATH, params={"query": ASKED})

    assert (kind(in_query), kind(by_get)) == ("malformed", "malformed")


async def test_the_status_says_what_is_wrong_only_to_who_asks_for_that(
    api: Api, graphql: GraphQL
) -> None:
    plain = await graphql.post("{ nonsense }")
    told = await graphql.post("{ nonsense }", Accept=f"{RESPONSE}, application/json;q=0.9")

    assert (plain.status_code, plain.headers["content-type"]) == (200, "application/json")
    assert (told.status_code, told.headers["content-type"]) == (422, RESPONSE)
    assert told.json() == plain.json()
    # An error of a field leaves an answer with data.
    partly = await graphql.post('{ order(orderId: "nobody") { state } }', Accept=RESPONSE)
    assert (partly.status_code, partly.json()["data"]) == (200, {"order": None})


async def test_more_operations_than_the_limit_are_told_to_come_later(api: Api) -> None:
    async with client_of(api, limits=Limits(graphql_max=0)) as client:
        answer = await client.post(PATH, json={"query": ASKED})

    assert (kind(answer), answer.headers["retry-after"]) == ("overloaded", "1")


async def test_an_operation_that_takes_too_long_is_told_so_in_graphqls_form(api: Api) -> None:
    async def never(*, lag: bool = True) -> list[ModelStatus]:
        await asyncio.Event().wait()
        return []

    async with client_of(api, status=never, limits=Limits(request_s=0.05)) as client:
        answer = await client.post(PATH, json={"query": "{ projections { name } }"})

    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "timed-out"


async def test_one_of_several_operations_is_chosen_by_its_name(api: Api) -> None:
    query = "query A { orders { next } } query B { payments { next } }"
    await api.catch_up()

    answer = await api.client.post(PATH, json={"query": query, "operationName": "B"})
    assert answer.json() == {"data": {"payments": {"next": None}}}
    for name in (None, "C"):
        unnamed = await api.client.post(PATH, json={"query": query, "operationName": name})
        assert unnamed.json()["errors"][0]["extensions"]["code"] == "malformed"


async def test_with_introspection_off_the_schema_is_not_told(
    api: Api, silent: httpx.AsyncClient
) -> None:
    for query in (
        "{ __schema { types { name } } }",
        '{ __type(name: "Order") { name } }',
        "{ ...F } fragment F on Query { __schema { description } }",
    ):
        answer = await silent.post(PATH, json={"query": query})
        assert "data" not in answer.json()
        assert answer.json()["errors"][0]["extensions"]["code"] == "malformed"
    misspelt = (await silent.post(PATH, json={"query": "{ order { next } }"})).json()
    assert "Did you mean" not in json.dumps(misspelt)
    page = await silent.get(PATH)
    assert (kind(page), page.headers["allow"]) == ("method-not-allowed", "OPTIONS, POST")
    await api.catch_up()
    typename = await silent.post(PATH, json={"query": "{ __typename orders { next } }"})
    assert typename.json() == {"data": {"__typename": "Query", "orders": {"next": None}}}


async def test_the_page_and_all_its_files_are_ours(api: Api) -> None:
    page = await api.client.get(PATH)

    assert page.headers["content-type"].startswith("text/html")
    assert "//" not in page.text
    addresses = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert {address.rpartition("/")[2] for address in addresses} | {"operations.js"} == set(FILES)
    for name in FILES:
        answer = await api.client.get(f"{PATH}/graphiql/{name}")
        bare = await api.client.get(
            f"{PATH}/graphiql/{name}", headers={"Accept-Encoding": "identity"}
        )
        assert answer.status_code == 200
        assert answer.content == bare.content != b""
        assert "content-encoding" not in bare.headers
    style = (await api.client.get(f"{PATH}/graphiql/graphiql.css")).text
    assert re.findall(r"url\((?!data:)", style) == []
    for name in ("page.html", "README.md", "..%2fpage.py", "graphiql.js.gz"):
        assert kind(await api.client.get(f"{PATH}/graphiql/{name}")) == "unknown-route"


def test_the_libraries_of_the_page_are_those_that_were_published() -> None:
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    sums = dict(re.findall(r"^\| `([\w.-]+)\.gz` \|.*`([0-9a-f]{64})` \|$", table, re.MULTILINE))

    assert set(sums) == {path.stem for path in FOLDER.glob("*.gz")}
    for name, expected in sums.items():
        content = gzip.decompress((FOLDER / f"{name}.gz").read_bytes())
        assert hashlib.sha256(content).hexdigest() == expected


async def test_without_the_extra_there_is_no_such_route_and_all_else_works(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = util.find_spec
    monkeypatch.setattr(
        "api.app.find_spec", lambda name: None if name == "graphql" else found(name)
    )
    async with client_of(api) as client:
        assert kind(await client.post(PATH, json={"query": ASKED})) == "unknown-route"
        assert kind(await client.get(PATH)) == "unknown-route"
        assert (await client.get("/readyz")).status_code == 200
        assert PATH not in (await client.get("/openapi.json")).json()["paths"]


async def test_commands_and_operations_are_counted_as_those_of_rest(
    api: Api, graphql: GraphQL
) -> None:
    await graphql.post('mutation { confirmOrder(orderId: "nobody") { revision } }')

    metrics = (await api.client.get("/metrics")).text
    assert 'daybook_commands_total{command="confirm-order",status="404"} 1.0' in metrics
    assert re.search(r'daybook_http_requests_total\{.*route="/v1/graphql".*\} 1.0', metrics)
