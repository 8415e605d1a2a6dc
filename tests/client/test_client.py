"""The client and the API: commands, queries, lists, lines, and what is refused."""

import json
from typing import Any

import httpx
import pytest

from api.commands.registry import REGISTRY
from daybook_client import (
    AmbiguousId,
    AsyncClient,
    KeyReused,
    Malformed,
    NotFound,
    OrderRefused,
    Retrying,
    StaleRevision,
    Unavailable,
    UnknownOrder,
    documents,
    line,
)
from daybook_client.commands import OrderedItem
from tests.api.conftest import BASE_URL, Api
from tests.client.shapes import misfits

ITEMS: list[OrderedItem] = [{"product_id": "tea", "quantity": 2, "price_cents": 990}]


async def place(client: AsyncClient, order_id: str = "o1", **sending: Any) -> documents.Answer:
    return await client.place_order(
        order_id=order_id, customer_id="ada", currency="EUR", items=ITEMS, **sending
    )


async def test_a_command_is_answered_and_its_sender_is_in_the_log(client: AsyncClient) -> None:
    answer = await place(client, correlation_id="c1", idempotency_key="k1")

    assert misfits(answer, documents.Answer) == []
    [event] = [each async for each in client.order_events("o1")]
    assert misfits(event, documents.Event) == []
    assert (event["actor"], event["channel"], event["correlation_id"]) == ("ada", "shop", "c1")
    assert event["command_id"] == "k1"


async def test_an_order_that_the_server_names_has_the_id_that_follows_from_the_key(
    client: AsyncClient,
) -> None:
    from daybook_client.sending import order_id_of

    for key in ("k1", '"k2"'):
        answer = await client.place_order(
            customer_id="ada", currency="EUR", items=ITEMS, idempotency_key=key
        )
        assert answer["order_id"] == order_id_of(key)


async def test_refusals_are_exceptions_with_what_is_needed_to_go_on(
    api: Api, client: AsyncClient
) -> None:
    await place(client, idempotency_key="k1")
    await api.catch_up()

    with pytest.raises(OrderRefused) as refused:
        await client.release_hold("o1", hold_id="h1", reason="checked")
    assert refused.value.rule == "unknown-hold"
    with pytest.raises(UnknownOrder):
        await client.confirm_order("o2")
    with pytest.raises(UnknownOrder):
        await client.order("o2")
    with pytest.raises(NotFound):
        await client.shipment("s1")
    with pytest.raises(Malformed) as malformed:
        await client.add_note("o1", note_id="n1", text="")
    [error] = malformed.value.errors
    assert error.field == "text"
    with pytest.raises(KeyReused):
        await client.add_note("o1", note_id="n1", text="hi", idempotency_key="k1")


async def test_a_stale_revision_brings_the_events_since(client: AsyncClient) -> None:
    await place(client)
    await client.confirm_order("o1", if_match=0)

    with pytest.raises(StaleRevision) as stale:
        await client.cancel_order("o1", reason="late", if_match=0)

    assert stale.value.revision == 1
    assert [event["type"] for event in stale.value.events] == ["OrderConfirmed"]
    await client.cancel_order("o1", reason="late", if_match=[0, 1])
    with pytest.raises(StaleRevision) as exists:
        await place(client, if_none_match="*")
    assert exists.value.revision == 2


async def test_a_retry_of_what_changed_the_revision_is_answered_as_the_first_time(
    client: AsyncClient,
) -> None:
    await place(client, if_none_match="*", idempotency_key="k1")
    assert (await place(client, if_none_match="*", idempotency_key="k1"))["replayed"]
    first = await client.confirm_order("o1", if_match=0, idempotency_key="k2")
    again = await client.confirm_order("o1", if_match=0, idempotency_key="k2")
    assert (first["replayed"], again["replayed"]) == (False, True)


async def test_a_dry_run_says_what_would_be_and_stores_nothing(
    api: Api, client: AsyncClient
) -> None:
    await place(client)
    would = await client.dry_run.cancel_order("o1", reason="late")
    assert misfits(would, documents.DryRun) == []
    assert would["order"]["state"] == "cancelled"
    assert await api.stored() == 1
    with pytest.raises(OrderRefused):
        await client.dry_run.release_hold("o1", hold_id="h1", reason="checked")


async def test_lists_go_through_all_pages(api: Api, client: AsyncClient) -> None:
    for number in range(5):
        await place(client, f"o{number}")
    await api.catch_up()

    found = [order["order_id"] async for order in client.orders(sort="order_id", page_size=2)]
    assert found == ["o0", "o1", "o2", "o3", "o4"]
    events = [event["revision"] async for event in client.order_events("o1", page_size=1)]
    assert events == [0]
    assert [each async for each in client.orders(state="cancelled")] == []


async def test_min_revision_is_waited_for_and_then_unavailable(
    api: Api,
) -> None:
    client = AsyncClient(BASE_URL, http=api.client, retrying=Retrying(tries_max=1))
    await place(client)
    await api.catch_up()
    assert (await client.order_payments("o1", min_revision=0))["revision"] == 0
    await client.confirm_order("o1")
    with pytest.raises(Unavailable) as behind:
        await client.order_payments("o1", min_revision=1)
    assert behind.value.kind == "read-model-behind"


async def test_an_id_that_several_orders_use_is_ambiguous(api: Api, client: AsyncClient) -> None:
    for order_id in ("o1", "o2"):
        await place(client, order_id)
        await client.authorize_payment(order_id, payment_id="p", amount_cents=1, method="card")
    await api.catch_up()
    with pytest.raises(AmbiguousId) as ambiguous:
        await client.payment("p")
    assert sorted(ambiguous.value.orders) == ["o1", "o2"]
    assert (await client.payment("p", order_id="o2"))["order_id"] == "o2"


async def test_ids_of_any_characters_come_back_as_they_are(client: AsyncClient) -> None:
    for order_id in ("gid://shopify/Order/1", "100%", "a b?c#d", "Grète", "trial-balance", "..."):
        await place(client, order_id)
        assert (await client.order(order_id))["order_id"] == order_id
        assert (await client.confirm_order(order_id))["order_id"] == order_id


async def test_lines_are_answered_one_by_one(client: AsyncClient) -> None:
    lines: list[Any] = [
        line.place_order(order_id="o1", customer_id="ada", currency="EUR", items=ITEMS),
        b"",
        line.confirm_order("o1", actor="grace"),
        b"nonsense",
        json.dumps(line.cancel_order("o2", reason="late")),
    ]
    results = [result async for result in client.submit(lines)]

    assert [(result.line, result.status) for result in results] == [
        (1, 201),
        (3, 200),
        (4, 422),
        (5, 404),
    ]
    assert [type(result.error) for result in results] == [
        type(None),
        type(None),
        Malformed,
        UnknownOrder,
    ]
    events = [event["actor"] async for event in client.order_events("o1")]
    assert events == ["ada", "grace"]


async def test_what_is_answered_has_the_types_that_are_promised(
    api: Api, client: AsyncClient
) -> None:
    for name, registered in REGISTRY.items():
        if name == "cancel-order":
            continue
        given = dict(registered.example)
        given.setdefault("order_id", "1001")
        await anext(client.submit([{"command": name, "actor": "ada", **given}]))
    await api.catch_up()

    order, payments = await client.order("1001"), await client.order_payments("1001")
    assert order["adjustments"]
    assert payments["write_offs"]
    found: list[tuple[Any, Any]] = [
        (order, documents.Order),
        (payments, documents.OrderPayments),
        (await client.order_shipments("1001"), documents.OrderShipments),
        (await client.order_postings("1001"), documents.OrderPostings),
        (await client.orders_summary_by("month"), documents.OrdersPeriods),
        (await client.shipments_summary_by("day"), documents.ShipmentsPeriods),
        (await client.payments_summary_by("year"), documents.PaymentsPeriods),
        (await client.trial_balance_by("month"), documents.BalancesPeriods),
        (await client.trial_balance(from_="2026-01-01"), documents.TrialBalance),
        *[(each, documents.AuditEntry) async for each in client.audit(page_size=7)],
        *[(each, documents.Event) async for each in client.order_events("1001")],
        *[(each, documents.AnomalyRow) async for each in client.anomalies(state="all")],
    ]
    assert [wrong for each, shape in found for wrong in misfits(each, shape)] == []
    assert len(found) > 40


async def test_the_log_is_exported_to_its_end(client: AsyncClient) -> None:
    for number in range(3):
        await place(client, f"o{number}")
    exported = [event async for event in client.export()]
    assert [event["order_id"] for event in exported] == ["o0", "o1", "o2"]
    assert [wrong for each in exported for wrong in misfits(each, documents.ExportedEvent)] == []
    [one] = [event async for event in client.export(order_id="o1", by="recorded", tz="UTC")]
    assert one["order_id"] == "o1"
    with pytest.raises(Malformed):
        await anext(client.export(tz="Nowhere"))


async def test_health_is_answered_whether_it_is_good_or_not(client: AsyncClient) -> None:
    assert (await client.health())["status"] == "ok"
    unwell = {"status": "unwell", "troubles": ["the disk is full"]}
    transport = httpx.MockTransport(lambda _: httpx.Response(503, json=unwell))
    async with httpx.AsyncClient(transport=transport) as http:
        assert await AsyncClient(BASE_URL, http=http).ready() == unwell


async def test_the_url_must_name_a_server() -> None:
    for url in ("localhost:8000", "", "ftp://host", "http://", "http://host?x=1", "http://h:x"):
        with pytest.raises(ValueError, match="the URL must"):
            AsyncClient(url)
