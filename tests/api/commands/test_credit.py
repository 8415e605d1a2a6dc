"""The answer to a refund shows how much of it also lowers the amount due."""

import pytest

from tests.api.conftest import Api

GRANT = {"refund_id": "r1", "amount_cents": 700, "reason": "one is broken"}


@pytest.mark.parametrize(("captured", "credit"), [(2000, 700), (2500, 200), (2700, 0)])
async def test_a_granted_credit_is_shown_also_when_the_answer_is_given_again(
    api: Api, captured: int, credit: int
) -> None:
    """What was overpaid is given back first; the rest of the refund is a credit."""
    await api.place()
    await api.send("capture-payment", payment_id="p1", capture_id="c1", amount_cents=captured)
    path, headers = "/v1/orders/o1/grant-refund", {"idempotency-key": "k1"}

    dry = await api.client.post(f"{path}?dry_run=true", json=GRANT, headers=headers)
    first = await api.client.post(path, json=GRANT, headers=headers)
    await api.send("add-note", note_id="n1", text="x")
    again = await api.client.post(path, json=GRANT, headers=headers)
    api.services.ledger.cache.clear()
    cold = await api.client.post(path, json=GRANT, headers=headers)

    answers = [answer.json() for answer in (dry, first, again, cold)]
    assert [answer["credit_cents"] for answer in answers] == [credit] * 4
    assert [answer["replayed"] for answer in answers] == [False, False, True, True]


async def test_a_payout_accepted_afterwards_has_its_credit(api: Api) -> None:
    await api.place()
    await api.send("capture-payment", payment_id="p1", capture_id="c1", amount_cents=2000)
    await api.send("refund-payment", payment_id="p1", payout_id="o1", amount_cents=300)

    accepted = await api.send("accept-refund", payment_id="p1", payout_id="o1", reason="by phone")

    assert accepted.json()["credit_cents"] == 300


async def test_other_commands_have_none(api: Api) -> None:
    assert "credit_cents" not in (await api.place()).json()
