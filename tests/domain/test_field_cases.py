"""Small orders as a shop plays them, each with the right end, worked out by hand."""

from typing import Any

import pytest

from tests.domain.field_cases import CASES, figures_of


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_ends_right(case: dict[str, Any]) -> None:
    figures = figures_of(case)

    assert {name: figures[name] for name in case["expect"]} == case["expect"]
