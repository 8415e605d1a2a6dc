"""The examples of answers in the documentation are what the API answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from api.docs import examples
from projections.models import MODELS
from tests.api.answers import STREAMS, address_of, answers
from tests.api.conftest import Api

ANSWERS = examples.answers()


async def test_the_examples_are_what_is_answered() -> None:
    found = json.loads(json.dumps(await answers()))

    assert found == ANSWERS, "run `make reference`"


async def test_every_query_has_an_example_in_the_documentation(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()

    shown = {
        path: content["example"]
        for path, item in document["paths"].items()
        if "get" in item and path not in STREAMS
        for media_type, content in item["get"]["responses"]["200"]["content"].items()
        if media_type != "text/csv"
    }

    assert shown == ANSWERS


async def test_every_read_model_is_asked_by_a_query(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = set[str]()
    for name, database in api.services.databases.items():
        monkeypatch.setattr(database, "ask", _noting(asked, name, database.ask))

    for path in ANSWERS:
        await api.client.get(address_of(path))

    unasked = set(MODELS) - asked
    assert not unasked, f"no route of api/queries asks the read models {unasked}"


def _noting(asked: set[str], name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*question: Any, **options: Any) -> Any:
        asked.add(name)
        return ask(*question, **options)

    return noted


@pytest.mark.parametrize("path", sorted(ANSWERS))
def test_an_example_is_short_enough_to_be_read_and_shows_something(path: str) -> None:
    text = json.dumps(ANSWERS[path])

    assert 20 < len(text) < 6_000
    assert ANSWERS[path] not in ({"items": [], "next": None}, {})
