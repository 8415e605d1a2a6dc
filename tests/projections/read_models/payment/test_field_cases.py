"""Of every field case the payment read model says the same as the order's document."""

from collections import Counter
from typing import Any

import pytest

from domain.figures import order_figures
from projections.projection import Row
from projections.read_models.payment.projection import PROJECTION
from projections.read_models.payment.tables import ANOMALIES, BALANCES, POSTINGS
from tests.domain.field_cases import CASES
from tests.projections.order_events import folded, order_events
from tests.projections.played import played


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_payment_read_model_ends_right(case: dict[str, Any]) -> None:
    events, order = played(case["commands"])
    view, entries = folded(PROJECTION, order_events(*events))
    rows = PROJECTION.rows(view)
    [balance] = rows[BALANCES]
    accounts: Counter[str] = Counter()
    for table, entry in entries:
        if table is POSTINGS:
            accounts[entry["account"]] += entry["amount_cents"]
    anomalies = [_anomaly(row) for row in rows.get(ANOMALIES, ())]
    said = {
        **balance,
        "accounts": {account: cents for account, cents in accounts.items() if cents},
        "anomalies": anomalies,
        "open_anomalies": [each["kind"] for each in anomalies if each["state"] == "open"],
    }

    figures = order_figures(order)
    same = said.keys() & figures.keys()
    assert {name: said[name] for name in same} == {name: figures[name] for name in same}
    expected = {name: value for name, value in case["expect"].items() if name in said}
    assert {name: said[name] for name in expected} == expected
    assert case["expect"].keys() - said.keys() <= OF_GOODS


OF_GOODS = {"state", "on_hold", "fulfilment"}
"""What a case may name that is not about money."""


def _anomaly(row: Row) -> Row:
    names = ("anomaly_id", "kind", "state", "refers_to", "detail")
    return {name: row[name] for name in names}
