"""The documentation is complete: every route, command, rule and kind of problem is in it."""

import json
import re
from typing import Any

import pytest

from api.commands.registry import REGISTRY
from api.docs.examples import answers
from api.http.problems import KINDS
from domain.rules import ANOMALIES, RULES
from tests.api.answers import STREAMS
from tests.api.conftest import Api

ROUTES = {  # those that must stay; a new one has its answer in api/docs/answers.json
    ("POST", "/v1/orders"),
    ("POST", "/v1/commands"),
    ("GET", "/v1/orders"),
    ("GET", "/v1/orders/summary"),
    ("GET", "/v1/orders/{order_id}"),
    ("GET", "/v1/orders/{order_id}/events"),
    ("GET", "/v1/orders/{order_id}/shipments"),
    ("GET", "/v1/orders/{order_id}/payments"),
    ("GET", "/v1/orders/{order_id}/postings"),
    ("GET", "/v1/shipments"),
    ("GET", "/v1/shipments/summary"),
    ("GET", "/v1/shipments/{shipment_id}"),
    ("GET", "/v1/payments"),
    ("GET", "/v1/payments/summary"),
    ("GET", "/v1/payments/trial-balance"),
    ("GET", "/v1/payments/{payment_id}"),
    ("GET", "/v1/anomalies"),
    ("GET", "/v1/audit"),
    ("GET", "/v1/audit/export"),
    ("GET", "/v1/projections"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
}


async def documented(api: Api) -> dict[str, Any]:
    response = await api.client.get("/openapi.json")
    assert response.status_code == 200
    document: dict[str, Any] = response.json()
    return document


async def test_every_route_is_documented_and_no_other(api: Api) -> None:
    document = await documented(api)

    found = {(method.upper(), path) for path, item in document["paths"].items() for method in item}

    commands = {("POST", known.path) for known in REGISTRY.values()}
    queries = {("GET", path) for path in answers()}
    streams = {("GET", path) for path in STREAMS}
    assert (
        found == queries | streams | {("POST", "/v1/commands"), ("POST", "/v1/graphql")} | commands
    )
    assert found >= ROUTES


async def test_every_text_of_a_header_has_its_form(api: Api) -> None:
    """A trace that is no trace is dropped, whatever it looks like."""
    document = await documented(api)

    bare = set()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for parameter in operation.get("parameters", []):
                schema = json.dumps(parameter["schema"])
                if parameter["in"] == "header" and not re.search(r'"(pattern|enum|const)"', schema):
                    bare.add((method, path, parameter["name"]))
    assert {each for each in bare if each[2] != "traceparent"} == set()


async def test_every_command_has_its_schema_and_its_example(api: Api) -> None:
    document = await documented(api)

    for known in REGISTRY.values():
        content = document["paths"][known.path]["post"]["requestBody"]["content"]
        [(media_type, described)] = content.items()
        assert media_type == "application/json"
        assert described["example"] == json.loads(json.dumps(known.example))
        schema = document["components"]["schemas"][known.command.__name__]
        assert set(schema["properties"]) == set(known.body.model_fields)
        assert schema["additionalProperties"] is False


async def test_every_rule_every_kind_and_every_anomaly_is_documented(api: Api) -> None:
    text = json.dumps(await documented(api))

    for name in (*RULES, *KINDS, *ANOMALIES):
        assert f"`{name}`" in text


async def test_every_reference_leads_somewhere(api: Api) -> None:
    document = await documented(api)

    references = set(re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(document)))

    assert references
    for section, name in references:
        assert name in document["components"][section]


@pytest.mark.parametrize("path", ["/docs", "/problems"])
async def test_the_pages_need_no_other_host(api: Api, path: str) -> None:
    page = (await api.client.get(path)).text

    for address in re.findall(r'(?:src|href)\s*=\s*"([^"]+)"', page):
        assert address.startswith(("/", "#"))
        assert (await api.client.get(address)).status_code == 200
    assert "http://" not in page
    assert "https://" not in page


async def test_a_problems_type_leads_to_its_place_on_the_page(api: Api) -> None:
    page = (await api.client.get("/problems")).text

    for name in (*RULES, *KINDS):
        assert f'id="{name}"' in page
    for name in ANOMALIES:
        assert f"<code>{name}</code>" in page


def test_no_kind_of_problem_has_the_name_of_a_rule() -> None:
    assert not set(KINDS) & set(RULES)


async def test_every_query_says_what_it_answers(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()
    silent = [
        path
        for path, operations in document["paths"].items()
        if "get" in operations and " " not in operations["get"]["summary"].strip()
    ]
    assert silent == []


async def test_a_health_check_documents_no_status_of_the_log_or_of_a_command(api: Api) -> None:
    document = await documented(api)

    for path in ("/healthz", "/readyz", "/metrics", "/v1/orders", "/v1/payments/summary"):
        statuses = document["paths"][path]["get"]["responses"].keys()
        assert not statuses & {"404", "409", "412", "413", "415"}, path
    folded = document["paths"]["/v1/orders/{order_id}"]["get"]["responses"]
    assert "`event-unreadable`" in folded["409"]["description"]
