"""The audit export: the whole log up to its head, byte for byte, and safe in a spreadsheet."""

import csv
import io
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from uuid import uuid4

import pytest

from api.export.currencies import Currencies
from api.export.export import COLUMNS, export, safe
from eventstore.memory import MemoryStore
from eventstore.port import NO_STREAM, Draft, Page, Position, Recorded, Revision, StoreUnavailable
from eventstore.record.chain import verify_chain
from eventstore.record.codec import stream_name
from tests.api.conftest import Api, kind, problem


async def three_orders(api: Api) -> None:
    for order_id in ("o1", "o2", "o3"):
        await api.place(order_id)
        await api.send("confirm-order", order_id)


async def exported(api: Api, query: str = "", **headers: str) -> tuple[str, str]:
    response = await api.client.get(f"/v1/audit/export{query}", headers=headers)
    assert response.status_code == 200
    return response.headers["content-type"], response.text


def read_csv(text: str) -> list[dict[str, str]]:
    """Raises AssertionError for a file without a byte order mark."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


async def test_csv_has_what_a_sheet_adds_up_in_columns_of_their_own(api: Api) -> None:
    await api.place()
    await api.send("confirm-order")
    await api.send("capture-payment", payment_id="p1", capture_id="c1", amount_cents=500)
    credit = {"adjustment_id": "a", "amount_cents": -50, "label": "goodwill", "reason": "late"}
    await api.send("adjust-order", **credit)
    await api.send(
        "plan-shipment", shipment_id="s", lines=[{"line": 1, "quantity": 1}], location="x"
    )

    _, text = await exported(api, "?format=csv")

    names = ("type", "amount_cents", "currency", "payment_id", "line")
    assert [tuple(row[name] for name in names) for row in read_csv(text)[:-1]] == [
        ("OrderPlaced", "2000", "EUR", "", ""),
        ("OrderConfirmed", "", "EUR", "", ""),
        ("PaymentCaptured", "500", "EUR", "p1", ""),
        ("OrderAdjusted", "-50", "EUR", "", ""),
        ("ShipmentPlanned", "", "EUR", "", "1"),
    ]


async def test_an_event_without_a_currency_has_its_orders_in_csv(api: Api) -> None:
    await api.place("o1", currency="EUR")
    await api.place("o2", currency="JPY")
    for order_id in ("o1", "o2"):
        await api.send("write-off", order_id, write_off_id="w", amount_cents=1, reason="x")
    usd = {"payment_id": "p", "capture_id": "c", "amount_cents": 5, "currency": "USD"}
    await api.send("capture-payment", "o2", **usd)

    _, text = await exported(api, "?format=csv")

    found = [(row["type"], row["order_id"], row["currency"]) for row in read_csv(text)[:-1]]
    assert ("WrittenOff", "o1", "EUR") in found
    assert ("WrittenOff", "o2", "JPY") in found
    assert ("PaymentCaptured", "o2", "USD") in found


async def test_currencies_are_looked_up_where_they_are_not_remembered(api: Api) -> None:
    for order_id in ("o1", "o2", "o3"):
        await api.place(order_id, currency="JPY")
    for order_id in ("o1", "o2", "o3"):
        await api.send("confirm-order", order_id)
    store = api.services.store
    events = [event async for page in store.read_all() for event in page]
    currencies = Currencies(store, kept_max=1)

    for event in events:
        assert list((await currencies.of([event])).values()) == ["JPY"]
    stranger = replace(events[-1], stream=stream_name("gone"))
    assert await currencies.of([stranger]) == {"gone": ""}
    damaged = replace(events[0], stream=stream_name("other"), data=b"not JSON")
    assert await currencies.of([damaged]) == {"other": ""}


async def test_ndjson_is_every_event_in_log_order_and_an_end(api: Api) -> None:
    await three_orders(api)

    content_type, text = await exported(api)

    *events, end = map(json.loads, text.splitlines())
    assert content_type == "application/x-ndjson"
    assert [(event["order_id"], event["type"]) for event in events] == [
        (order_id, type_)
        for order_id in ("o1", "o2", "o3")
        for type_ in ("OrderPlaced", "OrderConfirmed")
    ]
    positions = [event["position"] for event in events]
    assert end == {"record": "end", "from": positions[0], "to": positions[-1], "count": 6}


async def test_the_hashes_can_be_checked_from_the_file(api: Api) -> None:
    """The line contains the bytes of data and metadata as they are in the log."""
    await three_orders(api)
    stored = [event async for page in api.services.store.read_all() for event in page]

    _, text = await exported(api)

    lines = text.encode().splitlines()[:-1]
    rebuilt = [
        Recorded(
            event.stream,
            event.revision,
            event.position,
            event.event_id,
            event.type,
            line.partition(b',"data":')[2].partition(b',"metadata":')[0],
            line.partition(b',"metadata":')[2].removesuffix(b"}"),
        )
        for event, line in zip(stored, lines, strict=True)
    ]
    assert rebuilt == stored
    verify_chain(rebuilt, {}, from_start=True)


async def test_csv_has_the_same_events_and_the_same_end(api: Api) -> None:
    await three_orders(api)

    content_type, text = await exported(api, "?format=csv")

    *events, end = read_csv(text)
    assert content_type.startswith("text/csv")
    assert [event["type"] for event in events] == ["OrderPlaced", "OrderConfirmed"] * 3
    assert tuple(events[0]) == COLUMNS
    assert json.loads(events[0]["data"])["customer_id"] == "ada"
    assert end["record"] == "end"
    assert json.loads(end["data"])["count"] == 6


async def test_csv_can_be_asked_for_by_accept(api: Api) -> None:
    content_type, _ = await exported(api, accept="text/csv")

    assert content_type.startswith("text/csv")


async def test_the_format_in_the_query_overrides_accept(api: Api) -> None:
    content_type, _ = await exported(api, "?format=ndjson", accept="text/csv")

    assert content_type == "application/x-ndjson"


async def test_one_order_can_be_exported_alone(api: Api) -> None:
    await three_orders(api)

    _, text = await exported(api, "?order_id=o2")

    *events, end = map(json.loads, text.splitlines())
    assert [event["order_id"] for event in events] == ["o2", "o2"]
    assert end["count"] == 2


async def test_an_empty_log_is_an_end_and_nothing_else(api: Api) -> None:
    _, text = await exported(api)

    assert json.loads(text) == {"record": "end", "from": None, "to": None, "count": 0}


@pytest.mark.parametrize(
    "query",
    [
        "?format=xml",
        "?formt=csv",
        "?format=csv&format=csv",
        "?order_id=a+",
        "?order_id=%FF",
        "?order_id=",
    ],
)
async def test_an_export_that_is_asked_for_wrongly_is_malformed(api: Api, query: str) -> None:
    response = await api.client.get(f"/v1/audit/export{query}")

    assert response.status_code == 422
    assert kind(response) == "malformed"
    assert problem(response)["errors"]


async def test_head_has_the_headers_and_no_body(api: Api) -> None:
    response = await api.client.head("/v1/audit/export?format=csv")

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/csv")
    assert response.content == b""


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "\uff1d1+1", '=HYPERLINK("http://x")']
)
async def test_no_cell_is_a_formula_and_every_text_can_be_restored(api: Api, text: str) -> None:
    await api.place(reason=text)

    _, csv_text = await exported(api, "?format=csv")

    [event, _] = read_csv(csv_text)
    assert event["reason"] == f"'{text}"
    assert event["reason"].removeprefix("'") == text


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1"])
def test_white_space_ahead_does_not_hide_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"


def test_plain_cells_stay_as_they_are() -> None:
    assert [safe(cell) for cell in (-5, 0, "a=b", "", None)] == [-5, 0, "a=b", "", ""]


async def test_commas_quotes_and_line_breaks_stay_in_their_cell(api: Api) -> None:
    await api.place(reason='a,"b",c; d')

    _, text = await exported(api, "?format=csv")

    assert read_csv(text)[0]["reason"] == 'a,"b",c; d'


class Growing(MemoryStore):
    """Gets another order as soon as it is read, so that a page goes beyond the head."""

    async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        event = Draft(event_id=uuid4(), type="X", data=b"{}", metadata=b"{}")
        await self.append(stream_name("new"), [event], expected=NO_STREAM)
        async for page in super().read_all(after=after):
            yield page


class TestALogThatGrows:
    @pytest.fixture
    def store(self) -> MemoryStore:
        return Growing()

    async def test_is_exported_up_to_its_head_at_the_start(self, api: Api) -> None:
        await three_orders(api)
        head = await api.services.store.head()

        _, text = await exported(api)

        end = json.loads(text.splitlines()[-1])
        assert (end["count"], end["to"]) == (6, head)


class Failing(MemoryStore):
    async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        async for page in super().read_all(after=after):
            yield page[:1]
            raise StoreUnavailable("gone")


async def test_an_export_that_breaks_off_has_no_end() -> None:
    store = Failing()
    events = [Draft(event_id=uuid4(), type="X", data=b"{}", metadata=b"{}") for _ in range(2)]
    await store.append(stream_name("o1"), events, expected=NO_STREAM)
    pieces: list[bytes] = []

    async def read() -> None:
        async for piece in export(store, "ndjson"):
            pieces.append(piece)  # noqa: PERF401 (what came before the error is looked at)

    with pytest.raises(StoreUnavailable):
        await read()

    assert b'"end"' not in b"".join(pieces)


@pytest.mark.parametrize("data", [b"\xff", b"{", b'{"a":\n1}'])
async def test_what_does_not_decode_is_exported_as_base64(data: bytes) -> None:
    store = MemoryStore()
    event = Draft(event_id=uuid4(), type="X", data=data, metadata=b"{}")
    await store.append(stream_name("o1"), [event], expected=NO_STREAM)

    ndjson = b"".join([piece async for piece in export(store, "ndjson")])
    as_csv = b"".join([piece async for piece in export(store, "csv")])

    [damaged, end] = map(json.loads, ndjson.splitlines())
    assert damaged["metadata_base64"] == "e30="
    assert end["count"] == 1
    assert read_csv(as_csv.decode())[0]["type"] == "X"
    assert Revision(0) == damaged["revision"]
