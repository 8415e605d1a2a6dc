"""Connect and gRPC-Web on the API's own port: by the bytes of the protocols."""

import base64
import gzip
import json
import struct
from typing import Any

import httpx
import pytest
from connectrpc.errors import ConnectError
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from api.connect.codecs import JsonCodec
from api.http.guards import Limits
from api.proto.daybook.v1 import ledger_pb2 as ledger
from api.proto.order import order_service_pb2 as pb
from tests.api.conftest import Api
from tests.api.grpc.conftest import order_of, place

CREATE = "/order.OrderService/CreateOrder"
GET = "/order.OrderService/GetOrder"
EXECUTE = "/daybook.v1.LedgerService/Execute"
PROTO = {"Content-Type": "application/proto"}
WEB = {"Content-Type": "application/grpc-web+proto"}
JSON_ORDER = {
    "customerId": "ada",
    "currency": "EUR",
    "orderId": "o1",
    "items": [{"productId": "teapot", "quantity": 2, "priceCents": "1000"}],
}
END = 0x80


@pytest.fixture
def limits() -> Limits:
    return Limits(wait_s=0.2, body_max_bytes=20_000)


def enveloped(message: bytes, flags: int = 0) -> bytes:
    return struct.pack(">BI", flags, len(message)) + message


def envelopes(body: bytes) -> list[tuple[int, bytes]]:
    found = []
    while body:
        flags, size = struct.unpack(">BI", body[:5])
        found.append((flags, body[5 : 5 + size]))
        body = body[5 + size :]
    return found


def details(answer: httpx.Response) -> dict[str, bytes]:
    """The details of an error of Connect, by the name of their type."""
    return {
        each["type"].rpartition(".")[2]: base64.b64decode(each["value"] + "===")
        for each in answer.json()["details"]
    }


async def web(api: Api, path: str, message: bytes, **headers: str) -> tuple[bytes, dict[str, str]]:
    """The message of an answer of gRPC-Web, and its trailers."""
    answer = await api.client.post(path, content=enveloped(message), headers=WEB | headers)
    assert answer.status_code == 200
    *messages, (flags, trailers) = envelopes(answer.content)
    assert flags == END
    lines = trailers.decode().splitlines()
    named = dict(line.split(": ", 1) for line in lines)
    return b"".join(message for _, message in messages), named


async def test_an_order_is_created_in_json(api: Api) -> None:
    answer = await api.client.post(CREATE, json=JSON_ORDER)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    created = answer.json()
    assert (created["orderId"], created["totalCents"], created["status"]) == (
        "o1",
        "2000",
        "placed",
    )
    got = await api.client.post(GET, json={"orderId": "o1"})
    assert got.json() == created
    event = (await api.client.get("/v1/orders/o1/events")).json()["items"][0]
    assert event["channel"] == "connect"


async def test_an_order_is_created_in_bytes(api: Api) -> None:
    sent = order_of(order_id="o1").SerializeToString()
    headers = PROTO | {"Daybook-Actor": "ada", "Idempotency-Key": "k"}
    answer = await api.client.post(CREATE, content=sent, headers=headers)
    assert pb.OrderResponse.FromString(answer.content).order_id == "o1"
    again = await api.client.post(CREATE, content=sent, headers=headers)
    assert again.content == answer.content
    assert await api.stored() == 1


async def test_an_order_is_created_by_grpc_web(api: Api) -> None:
    message, trailers = await web(api, CREATE, order_of(order_id="o1").SerializeToString())
    assert pb.OrderResponse.FromString(message).order_id == "o1"
    assert trailers["grpc-status"] == "0"
    event = (await api.client.get("/v1/orders/o1/events")).json()["items"][0]
    assert event["channel"] == "grpc-web"


async def test_a_refusal_has_its_code_and_details(api: Api) -> None:
    answer = await api.client.post(GET, json={"orderId": "nobody"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    info = ErrorInfo.FromString(details(answer)["ErrorInfo"])
    assert (info.reason, info.domain) == ("unknown-order", "daybook")


async def test_fields_that_are_wrong_are_named(api: Api) -> None:
    answer = await api.client.post(CREATE, json=JSON_ORDER | {"customerId": ""})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")
    found = BadRequest.FromString(details(answer)["BadRequest"])
    assert [one.field for one in found.field_violations] == ["customer_id"]


async def test_grpc_web_has_the_same_details_in_its_trailers(api: Api) -> None:
    _, trailers = await web(api, GET, pb.GetOrderRequest(order_id="nobody").SerializeToString())
    assert trailers["grpc-status"] == "5"
    packed = base64.b64decode(trailers["grpc-status-details-bin"] + "===")
    [detail] = Status.FromString(packed).details
    assert ErrorInfo.FromString(detail.value).reason == "unknown-order"


async def test_every_command_goes_through_this_door_too(api: Api) -> None:
    request = ledger.ExecuteRequest(command=place("o1"))
    answer = await api.client.post(EXECUTE, content=request.SerializeToString(), headers=PROTO)
    assert ledger.ExecuteResponse.FromString(answer.content).order_id == "o1"
    confirm = {"command": {"orderId": "o1", "confirmOrder": {}}}
    assert (await api.client.post(EXECUTE, json=confirm)).json()["revision"] == "1"


WRONG: dict[str, tuple[dict[str, Any], int]] = {
    "no JSON": ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
    "an unknown field": ({"json": JSON_ORDER | {"discount": 1}}, 400),
    "both names of a field": ({"json": JSON_ORDER | {"customer_id": "grace"}}, 400),
    "both names of an item's field": (
        {"json": JSON_ORDER | {"items": [{"productId": "a", "product_id": "b", "quantity": 1}]}},
        400,
    ),
    "a name twice": (
        {
            "content": b'{"customerId":"ada","customerId":"grace"}',
            "headers": {"Content-Type": "application/json"},
        },
        400,
    ),
    "an unknown number": (
        {"content": order_of().SerializeToString() + b"\xf8\x7f\x01", "headers": PROTO},
        400,
    ),
    "no message": ({"content": b"\xff\xff", "headers": PROTO}, 400),
    "many parts": ({"json": {"items": [{}] * 10_001}}, 429),
    "deep": (
        {
            "content": b'{"a":' * 3000 + b"1" + b"}" * 3000,
            "headers": {"Content-Type": "application/json"},
        },
        400,
    ),
    "too large": ({"content": b"x" * 20_100, "headers": PROTO}, 429),
    "compressed": (
        {
            "content": gzip.compress(bytes(10_000_000)),
            "headers": PROTO | {"Content-Encoding": "gzip"},
        },
        501,
    ),
    "of no type": ({"content": b"{}"}, 415),
    "a form": ({"data": {"a": "b"}}, 415),
    "plain text": ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415),
    "gRPC itself": ({"content": b"", "headers": {"Content-Type": "application/grpc"}}, 415),
    "a bad header": ({"json": JSON_ORDER, "headers": {b"daybook-actor": b"\xff"}}, 422),
    "a long header": ({"json": JSON_ORDER, "headers": {"Daybook-Actor": "a" * 1001}}, 400),
    "a past deadline": ({"json": JSON_ORDER, "headers": {"Connect-Timeout-Ms": "0"}}, 504),
    "a deadline that is none": ({"json": JSON_ORDER, "headers": {"Connect-Timeout-Ms": "x"}}, 400),
    "another origin": ({"json": JSON_ORDER, "headers": {"Origin": "http://evil.example"}}, 403),
    "another host": ({"json": JSON_ORDER, "headers": {"Host": "evil.example"}}, 421),
}


async def test_what_is_wrong_is_refused_and_stores_nothing(api: Api) -> None:
    for case, (sent, status) in WRONG.items():
        answer = await api.client.post(CREATE, **sent)
        assert answer.status_code == status, f"{case}: {answer.text}"
        assert await api.stored() == 0, case
    assert (await api.client.post(CREATE, json=JSON_ORDER)).status_code == 200


async def test_a_page_of_this_server_may_call(api: Api) -> None:
    origin = str(api.client.base_url)
    answer = await api.client.post(CREATE, json=JSON_ORDER, headers={"Origin": origin})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_a_link_calls_nothing(api: Api) -> None:
    asked = f"{GET}?encoding=json&message={json.dumps({'orderId': 'o1'})}"
    assert (await api.client.get(asked)).status_code in {404, 405, 422}


async def test_what_needs_http_2_is_not_here(api: Api) -> None:
    answer = await api.client.post("/daybook.v1.LedgerService/ExecuteStream", json={})
    assert answer.status_code == 404


async def test_calls_are_counted_by_their_protocol(api: Api) -> None:
    await api.client.post(CREATE, json=JSON_ORDER)
    await web(api, GET, pb.GetOrderRequest(order_id="o1").SerializeToString())
    text = (await api.client.get("/metrics")).text
    assert f'rpc_calls_total{{code="OK",door="connect",method="{CREATE}"}} 1.0' in text
    assert f'rpc_calls_total{{code="OK",door="grpc-web",method="{GET}"}} 1.0' in text
    assert f'daybook_http_requests_total{{route="{CREATE}",status="200"}} 1.0' in text


@pytest.mark.parametrize(
    "parts", [b'{"types": [%b]}' % b",".join([b'""'] * 60_000), b'{"types": [%b' % (b"[" * 20_000)]
)
def test_json_of_more_parts_than_any_message_is_not_read(parts: bytes) -> None:
    with pytest.raises(ConnectError, match="more parts"):
        JsonCodec().decode(parts, ledger.SubscribeRequest())


def test_signs_in_a_text_are_no_parts() -> None:
    text = "[{," * 20_000
    sent = json.dumps({"cursor": text}).encode()
    assert JsonCodec().decode(sent, ledger.ListOrdersRequest()).cursor == text
