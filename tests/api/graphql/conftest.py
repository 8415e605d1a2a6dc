"""GraphQL operations against the API of tests/api/conftest.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api

PATH = "/v1/graphql"


@dataclass
class GraphQL:
    """A client of the GraphQL door."""

    api: Api

    async def post(
        self, query: str, variables: Mapping[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"query": query, "variables": variables}
        return await self.api.client.post(PATH, json=body, headers=named)

    async def data(self, query: str, **variables: Any) -> Any:
        """The data of an operation without errors."""
        answer = (await self.post(query, variables)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def errors(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """The errors; checks that each has its problem, complete."""
        answer = (await self.post(query, variables)).json()
        for error in answer["errors"]:
            assert error["message"]
            problem = error["extensions"]["problem"]
            assert set(problem) >= {"type", "title", "status", "detail"}
            assert problem["type"] == f"/problems#{error['extensions']['code']}"
        found: list[dict[str, Any]] = answer["errors"]
        return found

    async def code(self, query: str, **variables: Any) -> str:
        """The kind of the only error."""
        [error] = await self.errors(query, **variables)
        return str(error["extensions"]["code"])


@pytest.fixture
def graphql(api: Api) -> GraphQL:
    return GraphQL(api)
