"""Ids from outside, through HTTP: kept as they are in every path, body, filter and answer."""

import asyncio
import csv
import io
import json
import random
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings

from api.commands.registry import REGISTRY
from api.export.export import export
from api.http.guards import Limits
from api.http.paths import routed, segment, unmarked
from api.http.problems import Rejected
from domain.events import NoteAdded
from domain.values import RESERVED
from eventstore.memory import MemoryStore
from eventstore.port import NO_STREAM, Draft, Recorded
from eventstore.record.chain import verify_chain
from eventstore.record.codec import stream_name
from tests.api.answers import STREAMS
from tests.api.conftest import Api, api_of, order, problem
from tests.eventstore.recorded import sealed_stream
from tests.given import amount
from tests.ids import EXAMPLES, PATH_WORDS, ids

ASKED = settings(
    max_examples=amount("IDS", quick=100, deep=5_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def decoded(path: str) -> list[str]:
    """The segments of a path as an endpoint gets them."""
    scope = {"path": unquote(path), "raw_path": path.encode()}
    return [unmarked(part) for part in routed(scope).split("/")]


@settings(max_examples=amount("IDS", quick=300, deep=50_000), deadline=None)
@given(ids(), ids())
def test_a_segment_is_what_was_encoded(first: str, second: str) -> None:
    path = f"/v1/orders/{segment(first)}/{segment(second)}"

    assert decoded(path) == ["", "v1", "orders", first, second]
    assert re.fullmatch(r"[A-Za-z0-9._~%-]+", segment(first))


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("a%2Fb", "a/b"),
        ("a%2fb", "a/b"),
        ("a%252Fb", "a%2Fb"),
        ("a%25252Fb", "a%252Fb"),
        ("%61%2e%62", "a.b"),
        ("a+b%2B", "a+b+"),
        ("a%3Fb%23c", "a?b#c"),
        ("%E2%82%AC", "\u20ac"),
        ("%F0%9F%98%80", "\U0001f600"),
    ],
)
def test_a_segment_is_decoded_once(sent: str, meant: str) -> None:
    assert decoded(f"/v1/{sent}") == ["", "v1", meant]


@pytest.mark.parametrize(
    "sent", ["%", "%4", "%zz", "a%", "%C3", "%FF", "%ED%A0%80", "%C0%AF", "%0A", "a%00b", "%C2%85"]
)
def test_a_segment_that_is_no_text_is_malformed(sent: str) -> None:
    with pytest.raises(Rejected):
        decoded(f"/v1/{sent}")


def test_a_path_without_escapes_costs_nothing_more() -> None:
    path = "/v1/orders/o1"

    assert routed({"path": path, "raw_path": b"/v1/orders/o1"}) is path


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Api]:
    async with api_of(tmp_path, MemoryStore(), Limits(wait_s=0.2)) as api:
        yield api


async def play(api: Api, name: str) -> None:
    """An order with the same id in every place that takes one."""
    placed = await api.client.post(
        "/v1/orders",
        json=order(
            order_id=name,
            customer_id=name,
            items=[{"product_id": name, "quantity": 2, "price_cents": 1000}],
        ),
    )
    assert placed.status_code == 201, placed.text
    assert placed.json()["order_id"] == name
    assert placed.headers["location"] == f"/v1/orders/{segment(name)}"
    assert (await api.client.get(placed.headers["location"])).json()["order_id"] == name
    line = [{"line": 1, "quantity": 1}]
    for command, fields in (
        ("confirm-order", {}),
        ("place-hold", {"hold_id": name, "kind": "fraud", "reason": "x"}),
        ("release-hold", {"hold_id": name, "reason": "x"}),
        ("add-note", {"note_id": name, "text": "x"}),
        ("authorize-payment", {"payment_id": name, "amount_cents": 2000, "method": "card"}),
        ("capture-payment", {"payment_id": name, "capture_id": name, "amount_cents": 2000}),
        ("grant-refund", {"refund_id": name, "amount_cents": 500, "reason": "x"}),
        (
            "refund-payment",
            {"payment_id": name, "payout_id": name, "refund_id": name, "amount_cents": 500},
        ),
        ("charge-back-payment", {"payment_id": name, "chargeback_id": name, "amount_cents": 1}),
        ("reverse-chargeback", {"payment_id": name, "chargeback_id": name}),
        ("plan-shipment", {"shipment_id": name, "lines": line, "location": "north"}),
        ("dispatch-shipment", {"shipment_id": name, "carrier": "DHL", "tracking": "1"}),
        ("deliver-shipment", {"shipment_id": name, "report_id": name}),
        ("request-return", {"return_id": name, "lines": line, "reason": "x"}),
        (
            "receive-return",
            {
                "return_id": name,
                "receipt_id": name,
                "lines": [{"line": 1, "quantity": 1, "condition": "new"}],
            },
        ),
    ):
        sent = await api.client.post(f"/v1/orders/{segment(name)}/{command}", json=fields)
        assert sent.status_code == 200, (command, sent.text)
        assert sent.json()["order_id"] == name


async def test_every_path_with_an_id_takes_any_id(one: Api) -> None:
    name = "gid://shopify/Order/1?%2F#\u00e9"
    await play(one, name)
    await one.catch_up()
    paths = (await one.client.get("/openapi.json")).json()["paths"]
    queried = [
        path
        for path, operations in paths.items()
        if "{" in path and "get" in operations and path not in STREAMS
    ]

    assert len(queried) >= 7
    for path in queried:
        where = re.sub(r"\{\w+\}", segment(name), path)
        answer = await one.client.get(where)
        assert answer.status_code == 200, (path, answer.text)
        assert name in json.dumps(answer.json(), ensure_ascii=False), path
        assert (await one.client.head(where)).status_code == 200


@pytest.mark.parametrize(
    ("where", "without"),
    [
        ("api.http.guards.routed", lambda scope: scope["path"]),
        ("api.commands.routes.unmarked", lambda text: text),
    ],
)
async def test_without_its_guards_a_path_is_another_orders(
    one: Api, monkeypatch: pytest.MonkeyPatch, where: str, without: Callable[[Any], str]
) -> None:
    """The control of the tests above."""
    name = "gid://shopify/Order/1"
    await one.place(name)
    path = f"/v1/orders/{segment(name)}/confirm-order"

    monkeypatch.setattr(where, without)
    assert (await one.client.post(path, json={})).status_code == 404
    monkeypatch.undo()
    assert (await one.client.post(path, json={})).status_code == 200


async def test_every_id_is_kept_as_it_is(one: Api) -> None:
    for name in EXAMPLES:
        await play(one, name)
    await one.catch_up()

    for name in EXAMPLES:
        await found_everywhere(one, name)


async def found_everywhere(api: Api, name: str) -> None:
    for path, at in (
        ("/v1/orders?customer_id=X", "order_id"),
        ("/v1/orders?customer_id=X", "customer_id"),
        ("/v1/payments?order_id=X", "payment_id"),
        ("/v1/shipments?order_id=X", "shipment_id"),
        ("/v1/audit?order_id=X", "order_id"),
    ):
        found = await api.client.get(path.replace("X", segment(name)))
        assert {item[at] for item in found.json()["items"]} == {name}, path
    for path in ("payments", "shipments"):
        found = await api.client.get(f"/v1/{path}/{segment(name)}")
        assert found.json()["order_id"] == name
    exported = await api.client.get("/v1/audit/export", params={"order_id": name})
    *lines, end = exported.content.splitlines()
    assert {json.loads(line)["order_id"] for line in lines} == {name}
    assert json.loads(end)["count"] == len(lines) == 16
    verify_chain([rebuilt(line) for line in lines], {}, from_start=True)


def rebuilt(line: bytes) -> Recorded:
    """The event of a line of an export: its hash is over the stream's name too."""
    place = json.loads(line)
    data, _, metadata = line.partition(b',"data":')[2].partition(b',"metadata":')
    return Recorded(
        stream_name(place["order_id"]),
        place["revision"],
        place["position"],
        UUID(place["event_id"]),
        place["type"],
        data,
        metadata.removesuffix(b"}"),
    )


async def test_a_word_is_reserved_where_a_path_needs_it_and_nowhere_else(one: Api) -> None:
    paths = (await one.client.get("/openapi.json")).json()["paths"]
    taken: dict[str, set[str]] = {}
    for path in paths:
        for before, name in re.findall(r"^(.*/)\{(\w+)\}", path):
            words = {
                other.removeprefix(before)
                for other in paths
                if re.match(rf"{before}[^/{{]+$", other)
            }
            taken.setdefault(name, set()).update(words)

    found = {name: words for name, words in taken.items() if words}
    assert found == {name: words - {".", ".."} for name, words in RESERVED.items()}


@pytest.mark.parametrize(
    ("field", "word"),
    [(field, word) for field, words in RESERVED.items() for word in sorted(words)],
)
async def test_a_reserved_word_is_no_id_in_that_field(one: Api, field: str, word: str) -> None:
    await one.place("o1")
    stored = await one.stored()
    command = {
        "order_id": "place-order",
        "payment_id": "authorize-payment",
        "shipment_id": "plan-shipment",
    }[field]
    body = {**REGISTRY[command].example, field: word}
    path = "/v1/orders" if command == "place-order" else f"/v1/orders/o1/{command}"

    response = await one.client.post(path, json=body)
    line = json.dumps({"order_id": "o1", **body, "command": command}).encode()
    answered = await one.client.post(
        "/v1/commands", content=line, headers={"content-type": "application/x-ndjson"}
    )

    for found in (problem(response), answered.json()["problem"]):
        assert found["status"] == 422
        assert [error["field"] for error in found["errors"]] == [field]
    assert await one.stored() == stored


async def test_words_that_a_path_reserves_for_one_kind_of_id_are_ids_of_others(one: Api) -> None:
    for word in PATH_WORDS:
        placed = await one.place(f"of-{word}", customer_id=word)
        assert placed.status_code == 201
        noted = await one.send("add-note", f"of-{word}", note_id=word, text="x")
        assert noted.status_code == 200
    assert (await one.place("trial-balance")).status_code == 201


async def test_two_spellings_are_two_ids(one: Api) -> None:
    spellings = ("caf\u00e9", "cafe\u0301", "CAF\u00c9", "cafe", "cafe ")
    answers = [(await one.place(name)).status_code for name in spellings]

    assert answers == [201, 201, 201, 201, 422]


@pytest.mark.usefixtures("kind")
async def test_lists_are_in_the_order_of_code_points_a_page_at_a_time(tmp_path: Path) -> None:
    """The same in every database, whatever its locale. Two spellings are two orders."""
    async with api_of(tmp_path, MemoryStore(), Limits(wait_s=0.2)) as api:
        for name in EXAMPLES:
            assert (await api.place(name, customer_id="one")).status_code == 201
        await api.catch_up()

        for sort, wanted in (
            ("order_id", sorted(EXAMPLES)),
            ("-order_id", sorted(EXAMPLES, reverse=True)),
            ("total_cents", sorted(EXAMPLES)),
        ):
            pages = await all_pages(api, f"/v1/orders?customer_id=one&sort={sort}")
            assert [it["order_id"] for page in pages for it in page["items"]] == wanted


@settings(max_examples=amount("IDS", quick=50, deep=2_000), deadline=None)
@given(ids())
def test_an_id_in_csv_is_no_formula_and_can_be_restored(name: str) -> None:
    [row] = csv.DictReader(io.StringIO(asyncio.run(written_as_csv(name))))
    cell = row["order_id"]

    assert cell[0] not in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
    assert cell.removeprefix("'") == name


async def written_as_csv(order_id: str) -> str:
    """The export of a log with an event of this order, but for its end."""
    store = MemoryStore()
    [it] = sealed_stream(NoteAdded(note_id=order_id, text="x"), order_id=order_id)
    draft = Draft(it.event_id, it.type, it.data, it.metadata)
    await store.append(it.stream, [draft], expected=NO_STREAM)
    *pieces, _ = [piece async for piece in export(store, "csv")]
    return b"".join(pieces).decode()


def widest(of: random.Random, length: int) -> str:
    """Characters of four bytes in UTF-8, which no compression makes shorter."""
    return "".join(chr(of.randrange(0x10000, 0x20000)) for _ in range(length))


@pytest.mark.usefixtures("kind")
async def test_every_read_model_takes_the_longest_ids_and_texts(tmp_path: Path) -> None:
    of = random.Random(20261130)
    orders, customer, text = [widest(of, 200) for _ in range(3)], widest(of, 200), widest(of, 500)
    async with api_of(tmp_path, MemoryStore(), Limits(wait_s=0.2)) as api:
        for order_id in orders:
            await play_widest(api, order_id, customer, text, of)
        await api.catch_up()

        for path in (
            f"/v1/orders?customer_id={segment(customer)}",
            *("/v1/orders?sort=order_id", "/v1/payments", "/v1/shipments", "/v1/audit"),
            f"/v1/audit?order_id={segment(orders[0])}",
            f"/v1/payments?order_id={segment(orders[0])}&method={segment(text)}",
            f"/v1/shipments?order_id={segment(orders[0])}&location={segment(text)}",
            *(f"/v1/orders/{segment(orders[0])}/{what}" for what in ("payments", "shipments")),
        ):
            assert len(await all_pages(api, path)) >= 1, path


async def play_widest(api: Api, order_id: str, customer: str, text: str, of: random.Random) -> None:
    def new() -> str:
        return widest(of, 200)

    payment, shipment, back, product = new(), new(), new(), new()
    line = [{"line": 1, "quantity": 1}]
    assert (
        await api.place(
            order_id,
            customer_id=customer,
            items=[{"product_id": product, "quantity": 5, "price_cents": 1000}],
            reason=text,
        )
    ).status_code == 201
    for command, fields in (
        ("confirm-order", {}),
        ("authorize-payment", {"payment_id": payment, "amount_cents": 2000, "method": text}),
        ("capture-payment", {"payment_id": payment, "capture_id": new(), "amount_cents": 2000}),
        ("capture-payment", {"payment_id": payment, "capture_id": new(), "amount_cents": 2000}),
        ("fail-payment", {"payment_id": new(), "report_id": new(), "reason": text}),
        ("charge-back-payment", {"payment_id": payment, "chargeback_id": new(), "amount_cents": 1}),
        ("plan-shipment", {"shipment_id": shipment, "lines": line, "location": text}),
        ("dispatch-shipment", {"shipment_id": shipment, "carrier": text, "tracking": text}),
        ("deliver-shipment", {"shipment_id": shipment, "report_id": new()}),
        ("request-return", {"return_id": back, "lines": line, "reason": text}),
        (
            "receive-return",
            {
                "return_id": back,
                "receipt_id": new(),
                "lines": [{"line": 1, "quantity": 1, "condition": text}],
            },
        ),
    ):
        sent = await api.client.post(f"/v1/orders/{segment(order_id)}/{command}", json=fields)
        assert sent.status_code == 200, (command, sent.text)


async def all_pages(api: Api, path: str) -> list[dict[str, Any]]:
    """The answers of a list, an item a page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        joined = "&" if "?" in path else "?"
        answer = await api.client.get(f"{path}{joined}limit=1{cursor}")
        assert answer.status_code == 200, (path[:60], answer.text)
        found.append(answer.json())
        if answer.json()["next"] is None:
            return found
        cursor = f"&cursor={answer.json()['next']}"
