"""What the demo shows after the day: what a newcomer wants to see of a ledger."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias

import click

from api.commands.submit import Summary
from api.demo.demo import Server, caught_up, ledger, play, stay
from api.demo.following import SHOWN_EVERY, Following
from api.http.paths import segment
from daybook_client import LiveEvent, OrderRefused
from daybook_client.documents import Event, Projection
from runtime.terminal import put, put_above_bars, put_json, put_table, say

Totals: TypeAlias = Mapping[str, Mapping[str, Any]]
"""By currency and name."""

SHOWN = "tea-0200"
"""The order whose events are all shown: held, delivered, returned, refunded."""

UNUSUAL = {
    "tea-0193": "a discounted line was cancelled",
    "tea-0194": "one arrived broken and was replaced",
    "tea-0195": "a dispute was won",
    "tea-0196": "a dispute was won, then lost",
    "tea-0197": "a refund made elsewhere was accepted",
    "tea-0199": "paid after it was cancelled",
    SHOWN: "one came back and was refunded",
}
"""Orders whose figures are shown, and what happened to them."""


async def run_demo(*, keep: bool, as_json: bool) -> None:
    """Start a ledger, send the day's commands, show the result. Raises ExitError."""
    say("starting a ledger in a temporary folder ...")
    async with ledger() as server:
        if not as_json:
            _head(f"A day of a small tea shop, on the live stream: every {SHOWN_EVERY}th event")
        async with aclosing(Following(server.client, _skip if as_json else _show_live)) as live:
            day = await play(server)
            followed = await live.all_of(day.events)
        projections = await caught_up(server)
        if as_json:
            put_json(await _document(server, day, followed, projections))
        else:
            await _show(server, day, followed, projections)
        if keep:
            _say_urls(server.url)
            await stay(server)
        elif not as_json:
            put("\nThe ledger and its folder are removed. `daybook demo --keep` keeps them;")
            put("`daybook serve` starts one of your own.")


def _skip(event: LiveEvent) -> None:
    del event


def _show_live(event: LiveEvent) -> None:
    about = event.document
    line = f"{about['occurred_at'][11:16]}  {about['order_id']}  {event.type}"
    put_above_bars(f"{event.position:>6,}  {line}")


async def _show(
    server: Server, day: Summary, followed: int, projections: Sequence[Projection]
) -> None:
    _show_day(day, followed)
    await _show_order(server, SHOWN)
    await _show_views(server, SHOWN)
    await _show_unusual(server)
    await _show_refusal_and_retry(server)
    _show_lag(projections)
    await _show_money(server)


def _show_day(day: Summary, followed: int) -> None:
    _head("What was answered")
    put(
        f"{day.answers.total():,} commands over HTTP in {day.seconds:.1f} s, every one durable"
        f" before it was answered; {day.replayed} were retries, answered from the log.\n"
        f"{day.events:,} events were stored, and {followed:,} came on the live stream.\n"
    )
    put_table(("status", "answers"), sorted(day.answers.items()))
    put("")
    put_table(("refused by rule", "times"), day.refusals.most_common())


async def _show_order(server: Server, order_id: str) -> None:
    _head(f"One order's story: {order_id}, who did what, when and why")
    events = server.client.order_events(order_id)
    put_table(
        ("when", "event", "who", "why or what"),
        [
            (event["occurred_at"][11:16], event["type"], event["actor"], _about(event))
            async for event in events
        ],
    )
    order = await server.client.order(order_id)
    put(
        f"\nNow: {order['state']}, {order['fulfilment']}, payment {order['payment']};"
        f" total {_money(order['total_cents'], order['currency'])},"
        f" due {_money(order['due_cents'], order['currency'])},"
        f" paid {_money(order['net_cents'], order['currency'])},"
        f" balance {_money(order['balance_cents'], order['currency'])}."
    )
    before = await server.client.order(order_id, revision=7)
    put(
        f"The same order as of revision 7: {before['state']}, {before['fulfilment']},"
        f" payment {before['payment']}."
    )


def _about(event: Event) -> str:
    """The reason, or the event's fields that explain it."""
    if event["reason"]:
        return str(event["reason"])
    data = event["data"]
    named = (
        (name, data[name]) for name in ("carrier", "location", "method", "kind") if data.get(name)
    )
    cents = [f"{data['amount_cents'] / 100:,.2f}"] if "amount_cents" in data else []
    return ", ".join([*cents, *(str(value) for _, value in named)])


async def _show_views(server: Server, order_id: str) -> None:
    _head("Its read models, kept up to date by a separate process")
    shipments = await server.client.order_shipments(order_id)
    put_table(
        ("shipment", "state", "carrier", "tracking"),
        [
            (item["shipment_id"], item["state"], item["carrier"], item["tracking"])
            for item in shipments["shipments"]
        ],
    )
    put("")
    payments = await server.client.order_payments(order_id)
    columns = ("payment_id", "method", "authorized_cents", "captured_cents", "refunded_cents")
    _put_columns(columns, payments["payments"])
    put("")
    audit = [item async for item in server.client.audit(order_id=order_id)]
    put_table(
        ("position", "revision", "event", "hash of the event, over the one before it"),
        [
            (str(item["position"]), str(item["revision"]), item["type"], item["hash"])
            for item in audit[:3]
        ],
    )


async def _show_unusual(server: Server) -> None:
    _head("Orders that did not go as planned: what is due, what was paid, what is owed")
    orders = [await server.client.order(order_id) for order_id in UNUSUAL]
    put_table(
        ("order", "what happened", "due", "paid", "balance", "payment", "state"),
        [
            (
                order["order_id"],
                UNUSUAL[order["order_id"]],
                _shown(order["due_cents"], money=True),
                _shown(order["net_cents"], money=True),
                _shown(order["balance_cents"], money=True),
                order["payment"],
                order["state"],
            )
            for order in orders
        ],
    )
    _head("A fact that nobody expected is recorded, flagged, and open until it is explained")
    put_table(
        ("order", "anomaly", "state", "about", "detail"),
        [
            (order["order_id"], one["kind"], one["state"], one["refers_to"], one["detail"])
            for order in orders
            for one in order["anomalies"]
        ],
    )


async def _show_refusal_and_retry(server: Server) -> None:
    _head("A refusal names its rule")
    try:
        await server.client.cancel_order(SHOWN, reason="too late")
    except OrderRefused as refused:
        put(f"cancel-order -> {refused.status}, rule {refused.rule}")
        put(f"  {refused}")
    _head("A retry is answered from the log")
    for attempt in ("first", "again"):
        answer = await server.client.add_note(
            SHOWN, note_id="n1", text="hi", idempotency_key="demo-note"
        )
        put(
            f"add-note, {attempt}: revision {answer['revision']}, position {answer['position']},"
            f" replayed {str(answer['replayed']).lower()}"
        )


def _show_lag(projections: Sequence[Projection]) -> None:
    _head("How far the read models lag")
    columns = ("name", "state", "lag", "parked", "position", "head")
    _put_columns(columns, projections)


def _put_columns(columns: Sequence[str], items: Iterable[Mapping[str, Any]]) -> None:
    put_table(columns, [[item[name] for name in columns] for item in items])


async def _show_money(server: Server) -> None:
    _head("The books, in double entry: the postings of every event add up to zero")
    _by_currency("account", await server.client.trial_balance(), money=str.islower)
    _head("Totals")
    for name, totals in (await _summaries(server)).items():
        _by_currency(name, totals, money=lambda total: "cents" in total)
        put("")


async def _summaries(server: Server) -> Mapping[str, Totals]:
    client = server.client
    return {
        "orders": await client.orders_summary(),
        "payments": await client.payments_summary(),
        "shipments": await client.shipments_summary(),
    }


def _by_currency(title: str, totals: Totals, *, money: Callable[[str], bool]) -> None:
    """A line for each total, a column for each currency; money: which totals are amounts."""
    currencies = sorted(totals)
    names = dict.fromkeys(name for currency in currencies for name in totals[currency])
    rows = [
        (
            name.replace("_cents", "").replace("_", " "),
            *(_shown(totals[currency].get(name, 0), money=money(name)) for currency in currencies),
        )
        for name in names
        if all(isinstance(totals[currency].get(name, 0), int) for currency in currencies)
    ]
    put_table((title, *currencies), rows)


def _shown(value: int, *, money: bool) -> str:
    return f"{value / 100:,.2f}" if money else f"{value:,}"


async def _document(
    server: Server, day: Summary, followed: int, projections: Sequence[Projection]
) -> dict[str, Any]:
    return {
        "url": server.url,
        "commands": day.answers.total(),
        "seconds": round(day.seconds, 3),
        "answers": {str(status): n for status, n in sorted(day.answers.items())},
        "refusals": dict(day.refusals.most_common()),
        "replayed": day.replayed,
        "events": day.events,
        "followed": followed,
        "projections": projections,
        "trial_balance": await server.client.trial_balance(),
        "summaries": await _summaries(server),
        "order": await server.client.order(SHOWN),
    }


def _say_urls(url: str) -> None:
    say("\nLook around:")
    for what, path in _urls(SHOWN):
        say(f"  {what:28} {url}{path}")


def _urls(order_id: str) -> Iterable[Sequence[str]]:
    return (
        ("documentation", "/docs"),
        ("all orders", "/v1/orders"),
        ("one order, folded", f"/v1/orders/{segment(order_id)}"),
        ("the same at revision 3", f"/v1/orders/{segment(order_id)}?revision=3"),
        ("its events", f"/v1/orders/{segment(order_id)}/events"),
        ("trial balance", "/v1/payments/trial-balance"),
        ("the audit trail as CSV", "/v1/audit/export?format=csv"),
        ("read models", "/v1/projections"),
    )


def _money(cents: int, currency: str) -> str:
    return f"{cents / 100:,.2f} {currency}"


def _head(title: str) -> None:
    click.secho(f"\n{title}", bold=True)
