"""Closing a month as docs/accounting.md describes it."""

from datetime import UTC, datetime
from typing import Any

from tests.api.conftest import Api

MARCH = {"from": "2026-03-01", "to": "2026-04-01", "tz": "Europe/Berlin"}
APRIL = {"from": "2026-04-01", "to": "2026-05-01", "tz": "Europe/Berlin"}


async def test_a_capture_that_is_reported_late_is_in_the_month_that_was_asked_for(api: Api) -> None:
    api.clock.now = datetime(2026, 3, 10, 9, tzinfo=UTC)
    await api.place()
    api.clock.now = datetime(2026, 4, 2, 9, tzinfo=UTC)
    await api.send(
        "capture-payment",
        payment_id="p1",
        capture_id="c1",
        amount_cents=2000,
        occurred_at="2026-03-31T20:30:00Z",
    )
    await api.catch_up()

    assert (await balance(api, **MARCH, by="recorded"))["receivable"] == row(0, 2000, 2000)
    assert (await balance(api, **APRIL, by="recorded"))["receivable"] == row(2000, -2000, 0)
    assert (await balance(api, **APRIL, by="recorded"))["cash"] == row(0, 2000, 2000)
    assert (await balance(api, **MARCH, by="occurred"))["cash"] == row(0, 2000, 2000)
    for period in (MARCH, APRIL):
        for by in ("recorded", "occurred"):
            accounts = await balance(api, **period, by=by)
            assert set(accounts["sum"].values()) == {0}


async def balance(api: Api, **period: str) -> Any:
    answer = await api.client.get("/v1/payments/trial-balance", params=period)
    assert answer.status_code == 200, answer.text
    return answer.json()["EUR"]


def row(opening: int, movements: int, closing: int) -> dict[str, int]:
    return {"opening": opening, "movements": movements, "closing": closing}
