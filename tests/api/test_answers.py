"""The examples of answers in the documentation are what the API answers."""

import json

import pytest

from api.docs import examples
from tests.api.answers import answers
from tests.api.conftest import Api

ANSWERS = examples.answers()


async def test_the_examples_are_what_is_answered() -> None:
    told = json.loads(json.dumps(await answers()))

    assert told == ANSWERS, "run `make reference`"


async def test_every_query_has_an_example_in_the_documentation(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()

    shown = {
        path: content["example"]
        for path, item in document["paths"].items()
        if "get" in item
        for media_type, content in item["get"]["responses"]["200"]["content"].items()
        if media_type != "text/csv"
    }

    assert shown == ANSWERS


@pytest.mark.parametrize("path", sorted(ANSWERS))
def test_an_example_is_short_enough_to_be_read_and_shows_something(path: str) -> None:
    text = json.dumps(ANSWERS[path])

    assert 20 < len(text) < 6_000
    assert ANSWERS[path] not in ({"items": [], "next": None}, {})
