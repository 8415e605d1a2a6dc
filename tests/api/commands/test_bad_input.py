"""Bad input over HTTP: each is answered by a problem that says what is valid, and
stores nothing.
"""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.commands.validation_messages import ID_WORDS
from api.http.asgi import read_body
from api.http.guards import Limits
from api.http.problems import Rejected
from tests.api.conftest import Api, kind, order, problem
from tests.ids import INVISIBLE, NO_IDS
from tests.projections.toy import Log, captured, placed

MARK = "XYZZY"
"""Part of what is sent, and so must not be in any answer."""


async def post(api: Api, body: bytes, path: str = "/v1/orders", **headers: str) -> httpx.Response:
    headers = {"content-type": "application/json", **headers}
    return await api.client.post(path, content=body, headers=headers)


async def refused(api: Api, body: bytes, *, field: str) -> dict[str, Any]:
    """Send it, and check that it is malformed at that field, not repeated and not stored."""
    response = await post(api, body)

    assert response.status_code == 422
    assert kind(response) == "malformed"
    found = problem(response)
    assert field in [error["field"] for error in found["errors"]]
    assert MARK not in response.text
    assert await api.stored() == 0
    return found


def body_with(**fields: Any) -> bytes:
    return json.dumps(order(**fields)).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"XYZZY",
        b'{"order_id": "XYZZY"',
        b"[]",
        b'"XYZZY"',
        b"null",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * 100_000,
    ],
)
async def test_what_is_no_json_object_is_malformed(api: Api, body: bytes) -> None:
    await refused(api, body, field="")


@pytest.mark.parametrize(
    "number",
    [
        b'"12"',
        b"12.0",
        b"true",
        b"1e3",
        b"1" + b"0" * 400,
        b"null",
        b"-1",
        b"1000000000000000",
        b"NaN",
        b"Infinity",
        b"[1]",
    ],
)
async def test_an_amount_is_a_whole_number_in_range(api: Api, number: bytes) -> None:
    body = body_with(shipping_cents=4711).replace(b"4711", number)

    await refused(api, body, field="shipping_cents")


async def test_a_number_too_long_to_read_is_malformed(api: Api) -> None:
    await refused(api, body_with(shipping_cents=4711).replace(b"4711", b"9" * 5000), field="")


@pytest.mark.parametrize("quantity", [b"0", b"-1", b"1000001", b"1.5", b'"2"'])
async def test_a_quantity_is_a_whole_number_in_range(api: Api, quantity: bytes) -> None:
    item = {"product_id": "p", "quantity": 4711, "price_cents": 1}
    body = body_with(items=[item]).replace(b"4711", quantity)

    found = await refused(api, body, field="items.0.quantity")

    assert [error["field"] for error in found["errors"]] == ["items.0.quantity"]


async def test_a_list_that_is_too_short_is_named_as_a_json_list(api: Api) -> None:
    found = await refused(api, body_with(items=[]), field="items")

    assert found["detail"] == "items: must be a list of at least 1"


async def test_an_error_of_the_whole_body_names_no_field(api: Api) -> None:
    body = body_with()

    found = await refused(api, body[:-1] + b',"currency":"EUR"}', field="")

    assert found["detail"] == "a field is named twice in one object"


async def test_an_unknown_field_is_refused_and_the_known_ones_are_named(api: Api) -> None:
    found = await refused(api, body_with(XYZZY="XYZZY"), field="")

    assert "customer_id" in found["errors"][0]["message"]


async def test_an_unknown_field_of_an_item_is_refused(api: Api) -> None:
    item = {"product_id": "p", "quantity": 1, "price_cents": 1, "XYZZY": 1}

    found = await refused(api, body_with(items=[item]), field="items.0")

    assert "price_cents" in found["errors"][0]["message"]


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize(
    ("replaces", "message"),
    [
        (False, "must be a text in quotes, or: must be true"),
        ([], "must be a text in quotes, or: must be true"),
        (" XYZZY", f"{ID_WORDS}, or: must be true"),
    ],
)
async def test_a_field_of_several_types_is_one_error_under_its_own_name(
    api: Api, replaces: Any, message: str, bulk: bool
) -> None:
    body = {
        "shipment_id": "s2",
        "location": "north",
        "lines": [{"line": 1, "quantity": 1}],
        "replaces": replaces,
    }

    if bulk:
        named = {"command": "plan-shipment", "command_id": "b1", "order_id": "o1", **body}
        answer = await api.client.post(
            "/v1/commands",
            content=json.dumps(named),
            headers={"content-type": "application/x-ndjson"},
        )
        found = json.loads(answer.text)["problem"]
    else:
        found = problem(await api.send("plan-shipment", **body))

    assert found["status"] == 422
    assert found["errors"] == [{"field": "replaces", "message": message}]
    assert found["detail"] == f"replaces: {message}"


@pytest.mark.parametrize("field", ["customer_id", "currency", "items"])
async def test_a_missing_field_is_named(api: Api, field: str) -> None:
    found = await refused(api, body_with(**{field: None}), field=field)

    assert found["errors"][0]["message"] == "is required"


async def test_a_field_named_twice_is_refused(api: Api) -> None:
    body = body_with(tax_cents=1).replace(b'"tax_cents": 1', b'"tax_cents": 1, "tax_cents": 2')

    await refused(api, body, field="")


async def test_a_field_of_an_item_named_twice_is_refused_with_escapes_too(api: Api) -> None:
    body = body_with().replace(b'"quantity": 2', b'"quantity": 2, "quantit\\u0079" : 3')

    await refused(api, body, field="")


async def test_a_time_with_escaped_colons_hides_no_repeated_name(api: Api) -> None:
    body = body_with(occurred_at="2026-11-20T10:00:00Z", tax_cents=1)
    body = body.replace(b"10:00:00Z", b"10\\u003a00\\u003a00Z")

    assert (await post(api, body)).status_code == 201
    repeated = body.replace(b'"tax_cents": 1', b'"tax_cents": 1, "tax_cents": 2')
    assert (await post(api, repeated.replace(b'"o1"', b'"o2"'))).status_code == 422
    assert await api.stored() == 1


async def test_colons_in_texts_are_no_repeated_names(api: Api) -> None:
    response = await post(api, body_with(channel='a": "b:c:d', reason="::::"))

    assert response.status_code == 201


@pytest.mark.parametrize("currency", ["XYZ", "xyz", "Eur", "EURO", "", "E\u00dcR"])
async def test_a_currency_is_one_of_iso_4217(api: Api, currency: str) -> None:
    await refused(api, body_with(currency=currency), field="currency")


@pytest.mark.parametrize(("count", "field"), [(0, "items"), (3_001, "")])
async def test_an_order_has_1_to_3000_items(api: Api, count: int, field: str) -> None:
    """So many more are refused before they are validated, and then without their place."""
    items = [{"product_id": "p", "quantity": 1, "price_cents": 1}] * count

    await refused(api, body_with(items=items), field=field)


async def test_an_event_has_at_most_900_000_bytes(api: Api) -> None:
    item = {"product_id": "🍵" * 200, "quantity": 1, "price_cents": 1}

    body = json.dumps(order(items=[item] * 1_000), ensure_ascii=False).encode()
    response = await post(api, body)

    assert response.status_code == 422
    assert kind(response) == "too-large"
    assert await api.stored() == 0


async def test_3000_items_are_taken(api: Api) -> None:
    items = [{"product_id": "p", "quantity": 1, "price_cents": 1}] * 3_000

    assert (await post(api, body_with(items=items))).status_code == 201


RETRACTION = {
    "fact": "capture-payment",
    "payment_id": "p1",
    "capture_id": "c1",
    "reason": "typed wrongly",
}


async def test_a_retraction_demands_an_actor(api: Api) -> None:
    await api.place()
    await api.send("capture-payment", payment_id="p1", capture_id="c1", amount_cents=5)
    path = "/v1/orders/o1/retract-fact"

    unnamed = await api.client.post(path, json=RETRACTION)
    named = await api.client.post(path, json=RETRACTION, headers={"Daybook-Actor": "ann"})

    assert unnamed.status_code == 422
    assert problem(unnamed)["errors"][0]["field"] == "actor"
    assert named.status_code == 200
    assert (await api.client.get("/v1/orders/o1")).json()["captured_cents"] == 0


@pytest.mark.parametrize(
    "attributes",
    [
        {"XYZZY\x07": "v"},
        {"k": "XYZZY\x07"},
        {"k": 4711},
        {"XYZZY" * 9: "v"},
        {"": "v"},
        {"k": "x" * 501},
        {f"k{n}": "v" for n in range(51)},
        "XYZZY",
    ],
)
async def test_attributes_are_pairs_of_text_and_no_message_repeats_them(
    api: Api, attributes: object
) -> None:
    await api.place()

    response = await api.send("set-attributes", attributes=attributes)

    assert response.status_code == 422
    assert [error["field"] for error in problem(response)["errors"]] == ["attributes"]
    assert MARK not in response.text
    assert await api.stored() == 1


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"price_cents": 1, "amount_cents": 1}, "items.0"),
        ({}, "items.0"),
        ({"price_cents": 5, "discount_cents": 6}, "items.0.discount_cents"),
        ({"price_cents": 5, "requires_shipping": 1}, "items.0.requires_shipping"),
        ({"price_cents": 5, "tax_code": "x" * 21}, "items.0.tax_code"),
    ],
)
async def test_an_item_that_is_malformed(api: Api, item: dict[str, Any], field: str) -> None:
    items = [{"product_id": "p", "quantity": 1, **item}]

    await refused(api, body_with(items=items), field=field)


@pytest.mark.parametrize(
    ("command", "fields", "field"),
    [
        ("adjust-order", {"adjustment_id": "a", "amount_cents": 0, "label": "fee"}, "amount_cents"),
        (
            "adjust-order",
            {
                "adjustment_id": "a",
                "amount_cents": -5,
                "label": "fee",
                "parts": {"goods_cents": -4},
            },
            "parts",
        ),
        (
            "adjust-order",
            {
                "adjustment_id": "a",
                "amount_cents": -5,
                "label": "fee",
                "parts": {"goods_cents": -6, "other_cents": 1},
            },
            "parts",
        ),
        (
            "adjust-order",
            {"adjustment_id": "a", "amount_cents": 5, "label": "fee", "parts": {"goods": 5}},
            "parts.goods",
        ),
        ("grant-refund", {"refund_id": "r", "amount_cents": 0}, "amount_cents"),
        ("grant-refund", {"refund_id": "r", "amount_cents": 5, "credit_cents": 6}, "credit_cents"),
        (
            "grant-refund",
            {
                "refund_id": "r",
                "amount_cents": 5,
                "credit_cents": 5,
                "parts": {"goods_cents": 4},
            },
            "parts",
        ),
        ("cancel-items", {"cancellation_id": "x", "lines": []}, "lines"),
        ("write-off", {"write_off_id": "w", "amount_cents": 0}, "amount_cents"),
        ("retract-fact", {"fact": "capture-payment", "payment_id": "p"}, "capture_id"),
        ("retract-fact", {"fact": "place-order"}, "fact"),
    ],
)
async def test_what_needs_several_fields_is_malformed_whatever_the_order_is(
    api: Api, command: str, fields: dict[str, Any], field: str
) -> None:
    await api.place()
    body = {"reason": "why", **fields}
    headers = {"Daybook-Actor": "ann"}

    response = await api.client.post(f"/v1/orders/o1/{command}", json=body, headers=headers)

    assert response.status_code == 422, response.text
    assert problem(response)["errors"][0]["field"] == field
    assert await api.stored() == 1


async def test_a_total_that_overflows_is_refused(api: Api) -> None:
    item = {"product_id": "p", "quantity": 10**6, "price_cents": 10**15 - 1}

    await refused(api, body_with(items=[item]), field="items")


async def test_a_discount_above_the_goods_is_refused(api: Api) -> None:
    await refused(api, body_with(discount_cents=2001), field="discount_cents")


async def test_what_is_no_id_is_malformed(api: Api) -> None:
    for name in (*NO_IDS, *INVISIBLE):
        await refused(api, body_with(customer_id=name), field="customer_id")


async def test_an_order_id_in_the_path_has_the_same_rules(api: Api) -> None:
    for name in filter(None, (*NO_IDS, *INVISIBLE)):
        path = f"/v1/orders/{quote(name, safe='')}/confirm-order"
        response = await api.client.post(path, json={})

        assert response.status_code == 422, ascii(name)
        assert problem(response)["errors"][0]["field"] in {"order_id", "path"}


@pytest.mark.parametrize(
    "text", ["", "x" * 1_001, "XYZZY\x0b", "XYZZY\x00", "XYZZY\x7f", "XYZZY\u0085", "XYZZY\x1b"]
)
async def test_a_text_has_1_to_1000_characters_and_no_control_characters_but_tabs_and_line_breaks(
    api: Api, text: str
) -> None:
    await refused(api, body_with(reason=text), field="reason")


@pytest.mark.parametrize("text", [b"\\ud800", b"\\udc00x", b"\\ud800\\u0041", b"\xed\xa0\x80"])
async def test_lone_surrogates_are_no_text(api: Api, text: bytes) -> None:
    await refused(api, body_with(reason="4711").replace(b"4711", text), field="")


async def test_texts_of_any_language_are_kept_as_they_are(api: Api) -> None:
    text = "Grüße\n\t漢字 😀 עברית"

    response = await post(api, body_with(reason=text))

    assert response.status_code == 201
    [event] = (await api.client.get("/v1/orders/o1/events")).json()["items"]
    assert event["reason"] == text


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-20",
        "2026-11-20T10:00:00",
        "2026-11-20 10:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-11-20T24:00:00Z",
        "2026-11-20T10:00:60Z",
        "0001-01-01T00:00:00+23:59",
        "1700000000",
        "\u0662026-11-20T10:00:00Z",
    ],
)
async def test_a_time_is_rfc_3339_with_its_zone(api: Api, time: str) -> None:
    await refused(api, body_with(occurred_at=time), field="occurred_at")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Daybook-Actor", b"x" * 1_001),
        ("Daybook-Actor", b"\xff"),
        ("Daybook-Channel", b"a\tb"),
        ("Idempotency-Key", b"x" * 201),
        ("Idempotency-Key", b""),
        ("Idempotency-Key", b'""'),
        ("Daybook-Actor", b""),
        ("Daybook-Channel", b""),
        ("Daybook-Correlation-Id", b""),
        ("Daybook-Causation-Id", b""),
        ("Daybook-Correlation-Id", b"x" * 201),
        ("Daybook-Causation-Id", "a\u0085b".encode()),
    ],
)
async def test_a_header_that_cannot_be_stored_is_malformed(
    api: Api, header: str, value: bytes
) -> None:
    response = await api.client.post("/v1/orders", json=order(), headers={header.encode(): value})

    assert response.status_code == 422
    assert problem(response)["errors"][0]["field"] == header
    assert await api.stored() == 0


async def test_every_error_of_a_body_is_reported_at_once_up_to_twenty(api: Api) -> None:
    found = await refused(api, body_with(**{f"XYZZY{n}": n for n in range(30)}), field="")

    assert len(found["errors"]) == 20


# Size and type -------------------------------------------------------------------------------


class TestASmallLimit:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(body_max_bytes=1024)

    async def test_a_body_that_declares_too_much_is_413(self, api: Api) -> None:
        response = await post(api, body_with(reason="x" * 1024))

        assert response.status_code == 413
        assert kind(response) == "body-too-large"
        assert await api.stored() == 0

    async def test_a_body_that_streams_too_much_is_413(self, api: Api) -> None:
        async def stream() -> AsyncIterator[bytes]:
            yield body_with()
            yield b" " * 600
            yield b" " * 600

        response = await api.client.post(
            "/v1/orders", content=stream(), headers={"content-type": "application/json"}
        )

        assert response.status_code == 413
        assert await api.stored() == 0

    async def test_a_body_that_is_too_large_is_not_read_to_its_end(self) -> None:
        read = 0

        async def receive() -> dict[str, Any]:
            nonlocal read
            read += 1
            return {"type": "http.request", "body": b" " * 500, "more_body": read < 1000}

        with pytest.raises(Rejected):
            await read_body(receive, 1024)

        assert read == 3

    async def test_a_body_at_the_limit_is_taken_in_pieces(self, api: Api) -> None:
        body = body_with()

        async def stream() -> AsyncIterator[bytes]:
            yield body
            yield b" " * (1024 - len(body))

        response = await api.client.post(
            "/v1/orders", content=stream(), headers={"content-type": "application/json"}
        )

        assert response.status_code == 201


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/x-ndjson",
        "application/json; charset=latin-1",
        "application/jsonp",
    ],
)
async def test_a_body_of_another_type_is_415(api: Api, content_type: str) -> None:
    response = await post(api, body_with(), **{"content-type": content_type})

    assert response.status_code == 415
    assert kind(response) == "unsupported-media-type"
    assert await api.stored() == 0


async def test_a_compressed_body_is_415(api: Api) -> None:
    for header in ("content-encoding", "transfer-encoding"):
        response = await post(api, body_with(), **{header: "gzip, chunked"})

        assert response.status_code == 415
        assert await api.stored() == 0


@pytest.mark.parametrize("content_type", ["application/json;charset=UTF-8", "Application/JSON"])
async def test_json_is_accepted_however_its_type_is_written(api: Api, content_type: str) -> None:
    response = await post(api, body_with(), **{"content-type": content_type})

    assert response.status_code == 201


# Who sends -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "",
        "[::2]",
        "localhost:x",
        "localhost@evil.example",
        "books.example.evil",
    ],
)
@pytest.mark.parametrize("path", ["/v1/orders", "/healthz", "/docs", "/nowhere"])
async def test_a_foreign_host_is_421_everywhere(api: Api, host: str, path: str) -> None:
    response = await api.client.get(path, headers={"host": host})

    assert response.status_code == 421
    assert kind(response) == "foreign-host"
    assert "evil" not in response.text


async def test_a_request_without_host_is_400(api: Api) -> None:
    request = api.client.build_request("GET", "/healthz")
    del request.headers["host"]

    response = await api.client.send(request)

    assert response.status_code == 400
    assert kind(response) == "bad-request"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:1", "127.9.9.9", "[::1]"])
async def test_loopback_is_answered_under_every_name(api: Api, host: str) -> None:
    response = await api.client.get("/healthz", headers={"host": host})

    assert response.status_code == 200


class TestAnAllowedHost:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(allowed_hosts=("Books.example",))

    async def test_is_answered_with_and_without_a_port(self, api: Api) -> None:
        for host in ("books.example", "BOOKS.example:443"):
            response = await api.client.get("/healthz", headers={"host": host})

            assert response.status_code == 200

    async def test_does_not_allow_others(self, api: Api) -> None:
        response = await api.client.get("/v1/orders", headers={"host": "x.books.example"})

        assert response.status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:3000", ""])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_a_foreign_origin_is_403(api: Api, origin: str, method: str) -> None:
    response = await api.client.request(
        method, "/v1/orders", headers={"origin": origin, "content-type": "application/json"}
    )

    assert response.status_code == 403
    assert kind(response) == "foreign-origin"
    assert "access-control-allow-origin" not in response.headers
    assert await api.stored() == 0


async def test_a_page_of_this_server_may_send_requests(api: Api) -> None:
    response = await api.client.post(
        "/v1/orders", json=order(), headers={"origin": "http://localhost:8000"}
    )

    assert response.status_code == 201


# Paths and methods ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/orders/", "/v2/orders", "/v1/XYZZY", "/v1/x/y/z"]
)
async def test_an_unknown_path_is_404(api: Api, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = await api.client.request(
            method, path, headers={"content-type": "application/json"}
        )

        assert response.status_code == 404
        assert kind(response) == "unknown-route"
        assert MARK not in response.text


async def test_a_wrong_method_is_405_with_all_allowed_ones(api: Api) -> None:
    response = await api.client.delete("/v1/orders")

    assert response.status_code == 405
    assert kind(response) == "method-not-allowed"
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"


READ = "GET, HEAD, OPTIONS"
METHODS = {
    "/v1/orders": f"{READ}, POST",
    "/v1/orders/o1": READ,
    "/v1/orders/o1/shipments": READ,
    "/v1/orders/o1/events": READ,
    "/v1/orders/o1/confirm-order": "OPTIONS, POST",
    "/v1/commands": "OPTIONS, POST",
    "/v1/audit": READ,
    "/v1/audit/export": READ,
    "/v1/projections": READ,
    "/healthz": READ,
    "/metrics": READ,
    "/openapi.json": READ,
    "/docs": READ,
    "/problems": READ,
    "/static-offline-docs/swagger-ui.css": READ,
}


@pytest.mark.parametrize("path", METHODS)
async def test_a_path_names_the_methods_it_accepts_and_accepts_no_other(
    api: Api, path: str
) -> None:
    allowed = METHODS[path]
    options = await api.client.options(path)

    assert options.status_code == 204
    assert options.headers["allow"] == allowed
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"):
        response = await api.client.request(method, path)
        assert (response.status_code == 405) is (method not in allowed), method
        if response.status_code == 405:
            assert response.headers["allow"] == allowed
            assert method == "HEAD" or kind(response) == "method-not-allowed"


@pytest.mark.parametrize("path", ["/v1/orders/o1/fly", "/v1/orders/o1/summary"])
async def test_a_path_without_a_route_accepts_no_method(api: Api, path: str) -> None:
    for method in ("GET", "OPTIONS", "DELETE"):
        assert (await api.client.request(method, path)).status_code == 404


# Headers and queries that would otherwise be ignored -----------------------------------------


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/orders/o1/confirm-order", "/v1/commands"])
@pytest.mark.parametrize(
    "query", ["dry_run=yes", "dry_run", "dry_run=true&dry_run=true", "order_id=o1", "XYZZY", "%00"]
)
async def test_a_post_takes_no_query_but_dry_run(api: Api, path: str, query: str) -> None:
    await api.place("o0")
    body, media_type = json.dumps(order()).encode(), "application/json"
    if path == "/v1/commands":
        body, media_type = b'{"command":"place-order",' + body[1:], "application/x-ndjson"

    response = await post(api, body, f"{path}?{query}", **{"content-type": media_type})

    assert response.status_code == 422
    assert problem(response)["errors"][0]["field"] == "query"
    assert MARK not in response.text
    assert await api.stored() == 1


@pytest.mark.parametrize(
    "name",
    [
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "Daybook-Actor",
        "Daybook-Channel",
        "Daybook-Correlation-Id",
        "Daybook-Causation-Id",
        "Daybook-Anything",
        "Host",
        "Origin",
        "traceparent",
        "Content-Type",
        "Content-Length",
        "Content-Encoding",
        "Transfer-Encoding",
        "Authorization",
    ],
)
@pytest.mark.parametrize("same", [True, False])
async def test_a_header_that_may_be_sent_once_is_400_when_repeated(
    api: Api, name: str, same: bool
) -> None:
    usual = {"host": "localhost", "content-type": "application/json"}
    first = usual.pop(name.lower(), "a")
    headers = [*usual.items(), (name, first), (name.lower(), first if same else "b")]

    response = await api.client.post("/v1/orders", content=body_with(), headers=headers)

    assert response.status_code == 400
    assert kind(response) == "repeated-header"
    assert name.lower() in problem(response)["detail"].lower()
    assert await api.stored() == 0


async def test_a_header_that_is_a_list_may_be_repeated(api: Api) -> None:
    headers = [("accept", "application/json"), ("accept", "text/plain"), ("via", "a"), ("via", "b")]

    response = await api.client.post("/v1/orders", json=order(), headers=headers)

    assert response.status_code == 201


@pytest.mark.parametrize(
    ("name", "value"), [("Idempotency-Key", "k"), ("If-Match", "*"), ("If-None-Match", "*")]
)
async def test_a_header_for_one_command_is_refused_with_a_stream(
    api: Api, name: str, value: str
) -> None:
    line = b'{"command":"place-order",' + body_with()[1:]

    response = await post(
        api, line, "/v1/commands", **{"content-type": "application/x-ndjson", name: value}
    )

    assert response.status_code == 422
    assert problem(response)["errors"][0]["field"] == name
    assert await api.stored() == 0


async def test_head_is_get_without_the_body(api: Api) -> None:
    await api.place()

    response = await api.client.head("/v1/orders/o1")

    assert response.status_code == 200
    assert response.headers["etag"] == '"0"'
    assert response.content == b""


async def test_head_of_something_unknown_is_404(api: Api) -> None:
    response = await api.client.head("/v1/orders/o1")

    assert response.status_code == 404
    assert response.content == b""


# More than any command has --------------------------------------------------------------------

WIDE = {
    "entries": b'{"items":[' + b",".join([b"{}"] * 80_000) + b"]}",
    "some entries": b'{"items":[' + b",".join([b"{}"] * 4_000) + b"]}",
    "names": b"{" + b",".join(b'"XYZZY%d":1' % n for n in range(15_000)) + b"}",
    "some names": b"{" + b",".join(b'"XYZZY%d":1' % n for n in range(2_000)) + b"}",
    "names of an entry": b'{"items":[{'
    + b",".join(b'"XYZZY%d":1' % n for n in range(2_000))
    + b"}]}",
    "lists in lists": b'{"items":[' + b",".join([b"[[[[]]]]"] * 80_000) + b"]}",
    "objects": b'{"items":' + b'{"a":' * 80_000 + b"0" + b"}" * 80_000 + b"}",
}


@pytest.mark.parametrize("body", WIDE.values(), ids=WIDE)
async def test_a_body_larger_than_any_command_is_refused_unvalidated(
    api: Api, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.commands.parse.rejected", _must_not_be_worded)
    monkeypatch.setattr("api.commands.parse.rejected_line", _must_not_be_worded)

    await refused(api, body, field="")
    line = body.replace(b"{", b'{"command":"place-order","order_id":"o1",', 1)
    bulk = await api.client.post(
        "/v1/commands",
        content=line + b"\n" + body_with(command="place-order"),
        headers={"content-type": "application/x-ndjson"},
    )

    assert [json.loads(text)["status"] for text in bulk.text.splitlines()] == [422, 201]


def _must_not_be_worded(*_: Any) -> Rejected:
    raise AssertionError


@pytest.mark.parametrize("name", ["lists in lists", "objects"])
async def test_more_lists_and_objects_than_in_any_command_are_not_even_made(
    api: Api, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.commands.parse.from_json", _must_not_be_worded)

    await refused(api, WIDE[name], field="")


@pytest.mark.parametrize(
    "text", ["[" * 200, "{" * 200, '\\"[{' * 50], ids=["lists", "objects", "quotes"]
)
async def test_signs_in_texts_are_no_lists_and_no_objects(api: Api, text: str) -> None:
    item = {"product_id": "p", "quantity": 1, "price_cents": 1, "name": text}

    assert (await api.place(items=[item] * 200)).status_code == 201


async def test_entries_after_the_first_invalid_one_are_not_validated(api: Api) -> None:
    found = await refused(
        api, body_with(items=[{"product_id": "p"}] * 200), field="items.0.quantity"
    )

    assert {error["field"].split(".")[:2][-1] for error in found["errors"]} == {"0"}


async def test_the_largest_command_is_accepted(api: Api) -> None:
    lines = [{"line": n, "quantity": 1, "condition": "," * 500} for n in range(1, 201)]

    response = await api.send("receive-return", return_id="r", receipt_id="r", lines=lines)

    assert kind(response) == "unknown-order"


@pytest.mark.parametrize("name", INVISIBLE[:3], ids=ascii)
async def test_an_id_of_an_older_log_that_shows_as_empty_is_read_and_replayed(
    api: Api, name: str
) -> None:
    await Log(api.services.store).append(name, placed(name), captured())
    await api.catch_up()

    path = f"/v1/orders/{quote(name, safe='')}"
    for rest in ("", "/events", "/payments"):
        assert (await api.client.get(path + rest)).status_code == 200
    [found] = (await api.client.get("/v1/orders")).json()["items"]
    assert found["order_id"] == name
