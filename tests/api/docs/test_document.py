"""Every operation of the document refuses what the document does not allow."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.commands.registry import REGISTRY
from tests.api.conftest import Api, kind, problem

NOT_JSON = ["", "text/plain", "application/xml", "application/x-ndjson", "multipart/form-data"]


async def operations(api: Api) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, a path that it answers, its description) of each."""
    document = (await api.client.get("/openapi.json")).json()
    return [
        (method.upper(), re.sub(r"\{\w+\}", "o1", path), described)
        for path, item in document["paths"].items()
        for method, described in item.items()
    ]


async def test_no_operation_takes_a_parameter_that_is_not_documented(api: Api) -> None:
    for method, path, described in await operations(api):
        media_type = next(iter(described.get("requestBody", {}).get("content", {})), "")
        response = await api.client.request(
            method, f"{path}?XYZZY=true", headers={"content-type": media_type}, content=b"{}"
        )
        assert response.status_code == 422, (method, path)
        assert "422" in described["responses"]


async def test_no_command_takes_another_type_of_body(api: Api) -> None:
    for method, path, described in await operations(api):
        for media_type in NOT_JSON:
            if method == "GET" or media_type in described["requestBody"]["content"]:
                continue
            response = await api.client.request(
                method, path, headers={"content-type": media_type}, content=b"{}"
            )
            assert response.status_code == 415, (method, path, media_type)
            assert kind(response) == "unsupported-media-type"


async def test_every_operation_documents_each_status_that_it_answers(api: Api) -> None:
    await api.catch_up()
    for method, path, described in await operations(api):
        whole = () if path.endswith("/stream") else ({},)  # a stream's answer has no end
        for headers in (*whole, {"host": "evil.example"}, {"origin": "http://evil.example"}):
            response = await api.client.request(method, path, headers=headers)
            assert str(response.status_code) in described["responses"], (method, path)
            if response.status_code >= 400:
                assert problem(response)


def patterns(shape: Any) -> Iterator[str]:
    if isinstance(shape, dict):
        if isinstance(shape.get("pattern"), str):
            yield shape["pattern"]
        for part in shape.values():
            yield from patterns(part)
    elif isinstance(shape, list):
        for part in shape:
            yield from patterns(part)


async def test_patterns_are_read_by_python_and_javascript(api: Api) -> None:
    """Syntax that only one of them knows (classes by property, anchors, named groups)
    is not used.
    """
    found = set(patterns((await api.client.get("/openapi.json")).json()))

    assert len(found) >= 6
    for pattern in found:
        re.compile(pattern)
        assert pattern.startswith("^")
        assert pattern.endswith("$")
        assert not re.search(r"\\[pPAZzGQEhHvVRXKk]|\(\?[^:=!]|\[\[|[*+?}][+]", pattern), pattern


@pytest.mark.parametrize("name", REGISTRY)
async def test_the_example_of_every_command_is_valid_by_its_own_schema(api: Api, name: str) -> None:
    import jsonschema

    document = (await api.client.get("/openapi.json")).json()
    known = REGISTRY[name]
    schema = {"$ref": f"#/components/schemas/{known.command.__name__}", **document}

    jsonschema.Draft202012Validator(schema).validate(dict(known.example))
