"""Single commands over HTTP: their answers, and what they store in the log."""

from uuid import UUID

import pytest

from tests.api.conftest import Api, kind, order, problem


async def test_a_placed_order_is_answered_with_its_place_and_its_revision(api: Api) -> None:
    response = await api.place()

    assert response.status_code == 201
    assert response.headers["location"] == "/v1/orders/o1"
    assert response.headers["etag"] == '"0"'
    answer = response.json()
    assert answer == {
        "order_id": "o1",
        "revision": 0,
        "position": answer["position"],
        "events": [
            {"event_id": answer["events"][0]["event_id"], "type": "OrderPlaced", "revision": 0}
        ],
        "replayed": False,
    }


async def test_another_command_is_200_and_raises_the_revision(api: Api) -> None:
    await api.place()

    response = await api.send("confirm-order")

    assert response.status_code == 200
    assert response.headers["etag"] == '"1"'
    assert "location" not in response.headers


async def test_a_goal_that_is_already_reached_is_200_without_events(api: Api) -> None:
    await api.place()
    await api.send("confirm-order")

    response = await api.send("confirm-order")

    assert response.status_code == 200
    assert response.json()["events"] == []
    assert response.json()["replayed"] is False
    assert await api.stored() == 2


async def test_the_same_key_gives_the_same_answer_and_stores_once(api: Api) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = await api.client.post("/v1/orders", json=order(), headers=headers)

    again = await api.client.post("/v1/orders", json=order(), headers=headers)

    assert again.status_code == first.status_code == 201
    assert again.headers["location"] == "/v1/orders/o1"
    assert again.json() == {**first.json(), "replayed": True}
    assert await api.stored() == 1


async def test_quotes_around_a_key_are_no_part_of_it(api: Api) -> None:
    await api.client.post("/v1/orders", json=order(), headers={"Idempotency-Key": '"k1"'})

    again = await api.client.post("/v1/orders", json=order(), headers={"Idempotency-Key": "k1"})

    assert again.json()["replayed"] is True


async def test_a_key_used_for_another_content_is_422_and_stores_nothing(api: Api) -> None:
    headers = {"Idempotency-Key": "k1"}
    await api.client.post("/v1/orders", json=order(), headers=headers)

    other = await api.client.post("/v1/orders", json=order(customer_id="bob"), headers=headers)

    assert other.status_code == 422
    assert kind(other) == "command-id-reused"
    assert await api.stored() == 1


async def test_a_key_without_an_order_id_places_one_order_however_often_it_is_sent(
    api: Api,
) -> None:
    headers = {"Idempotency-Key": "checkout-77"}
    first = await api.client.post("/v1/orders", json=order(order_id=None), headers=headers)

    again = await api.client.post("/v1/orders", json=order(order_id=None), headers=headers)

    assert UUID(first.json()["order_id"]).version == 5
    assert again.json() == {**first.json(), "replayed": True}


async def test_without_key_and_order_id_every_order_is_a_new_one(api: Api) -> None:
    first = await api.client.post("/v1/orders", json=order(order_id=None))

    second = await api.client.post("/v1/orders", json=order(order_id=None))

    ids = [UUID(first.json()["order_id"]), UUID(second.json()["order_id"])]
    assert [id_.version for id_ in ids] == [7, 7]
    assert ids[0] != ids[1]


async def test_headers_name_who_through_what_and_because_of_what(api: Api) -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {
        b"Daybook-Actor": "Zoë".encode(),
        b"Daybook-Channel": b"till-3",
        b"Daybook-Correlation-Id": b"case-9",
        b"Daybook-Causation-Id": b"mail-4",
        b"traceparent": traceparent.encode(),
        b"Idempotency-Key": b"k1",
    }
    await api.client.post("/v1/orders", json=order(reason="by telephone"), headers=headers)

    [event] = (await api.client.get("/v1/orders/o1/events")).json()["items"]
    assert event["actor"] == "Zoë"
    assert event["channel"] == event["data"]["channel"] == "till-3"
    assert event["reason"] == "by telephone"
    assert event["correlation_id"] == "case-9"
    assert event["causation_id"] == "mail-4"
    assert event["traceparent"] == traceparent
    assert event["command_id"] == "k1"


async def test_without_headers_it_was_anonymous_through_http(api: Api) -> None:
    await api.place()

    [event] = (await api.client.get("/v1/orders/o1/events")).json()["items"]
    assert (event["actor"], event["channel"], event["reason"]) == ("anonymous", "http", None)
    assert event["correlation_id"] == event["command_id"]


async def test_the_channel_in_the_body_overrides_the_header(api: Api) -> None:
    await api.client.post(
        "/v1/orders", json=order(channel="web"), headers={"Daybook-Channel": "proxy"}
    )

    [event] = (await api.client.get("/v1/orders/o1/events")).json()["items"]
    assert event["channel"] == event["data"]["channel"] == "web"


INVALID_TRACEPARENTS = [
    "",
    "00-short-01",
    f"ff-{'1' * 32}-{'2' * 16}-01",
    f"00-{'0' * 32}-{'2' * 16}-01",
    f"00-{'1' * 32}-{'0' * 16}-01",
    f"00-{'A' * 32}-{'2' * 16}-01",
    f"00-{'1' * 32}-{'2' * 16}-01-x",
    f"00-{'1' * 31}-{'2' * 16}-01",
]


@pytest.mark.parametrize("traceparent", INVALID_TRACEPARENTS)
async def test_an_invalid_traceparent_is_dropped(api: Api, traceparent: str) -> None:
    response = await api.client.post(
        "/v1/orders", json=order(), headers={"traceparent": traceparent}
    )

    assert response.status_code == 201
    [event] = (await api.client.get("/v1/orders/o1/events")).json()["items"]
    assert event["traceparent"] is None


async def test_occurred_at_is_kept_in_utc_with_microseconds(api: Api) -> None:
    await api.place(occurred_at="2026-11-20T10:00:00.1234567+02:00")

    [event] = (await api.client.get("/v1/orders/o1/events")).json()["items"]
    assert event["occurred_at"] == "2026-11-20T08:00:00.123456Z"


async def test_a_command_from_the_future_is_malformed_and_a_fact_is_kept(api: Api) -> None:
    await api.place()

    ahead = "2026-11-23T10:00:00Z"
    command = await api.send("confirm-order", occurred_at=ahead)
    fact = await api.send(
        "authorize-payment", payment_id="p1", amount_cents=1, method="card", occurred_at=ahead
    )

    assert command.status_code == 422
    assert problem(command)["errors"][0]["field"] == "occurred_at"
    assert fact.status_code == 200


@pytest.mark.parametrize("tag", ['"0"', "0", "*", '"7", "0"', 'W/"3" , "0"', ', "0",,'])
async def test_if_match_lets_the_revision_it_names_pass(api: Api, tag: str) -> None:
    await api.place()

    response = await api.client.post(
        "/v1/orders/o1/confirm-order", json={}, headers={"If-Match": tag}
    )

    assert response.status_code == 200


async def test_a_stale_if_match_is_412_with_the_events_since(api: Api) -> None:
    await api.place()
    await api.send("confirm-order")
    await api.send("add-note", note_id="n1", text="ring twice")

    response = await api.client.post(
        "/v1/orders/o1/cancel-order", json={"reason": "late"}, headers={"If-Match": '"0"'}
    )

    assert response.status_code == 412
    found = problem(response)
    assert kind(response) == "stale-revision"
    assert found["revision"] == 2
    assert [event["type"] for event in found["events"]] == ["OrderConfirmed", "NoteAdded"]
    assert response.headers["etag"] == '"2"'
    assert await api.stored() == 3


@pytest.mark.parametrize("tag", ['W/"0"', 'W/"0", W/"1"', '"1"', '"3", "4"'])
async def test_if_match_lets_no_other_revision_pass_nor_a_weak_tag(api: Api, tag: str) -> None:
    await api.place()

    response = await api.client.post(
        "/v1/orders/o1/confirm-order", json={}, headers={"If-Match": tag}
    )

    assert response.status_code == 412
    assert kind(response) == "stale-revision"
    assert await api.stored() == 1


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/orders/o1/add-note"])
async def test_if_match_of_any_revision_is_412_where_there_is_no_order(api: Api, path: str) -> None:
    body = {"note_id": "n1", "text": "ring"} if path.endswith("note") else order()

    response = await api.client.post(path, json=body, headers={"If-Match": "*"})

    assert response.status_code == 412
    assert problem(response)["revision"] is None
    assert await api.stored() == 0


async def test_if_none_match_places_an_order_only_where_there_is_none(api: Api) -> None:
    headers = {"If-None-Match": "*", "Idempotency-Key": "first"}
    first = await api.client.post("/v1/orders", json=order(), headers=headers)
    again = await api.client.post("/v1/orders", json=order(), headers=headers)
    other = await api.client.post("/v1/orders", json=order(), headers={"If-None-Match": "*"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 412)
    assert again.json()["replayed"] is True
    assert problem(other)["revision"] == 0
    assert other.headers["etag"] == '"0"'
    assert await api.stored() == 1


@pytest.mark.parametrize("tag", ['"0"', 'W/"0"', "0", ""])
async def test_if_none_match_of_a_revision_is_malformed(api: Api, tag: str) -> None:
    response = await api.client.post("/v1/orders", json=order(), headers={"If-None-Match": tag})

    assert response.status_code == 422
    assert problem(response)["errors"][0]["field"] == "If-None-Match"
    assert await api.stored() == 0


MALFORMED_TAGS = [
    '"x"', "-1", '"' + "9" * 40 + '"', "", '"0', '0"', '"1""', '""1"', '"0" "1"', 'w/"0"', '"00"',
    '*, "0"', "0, 1", ",", '"0"' + ', "0"' * 500,
]  # fmt: skip


@pytest.mark.parametrize("tag", MALFORMED_TAGS)
async def test_an_if_match_that_is_no_revision_is_malformed(api: Api, tag: str) -> None:
    await api.place()

    response = await api.client.post(
        "/v1/orders/o1/confirm-order", json={}, headers={"If-Match": tag}
    )

    assert response.status_code == 422
    assert problem(response)["errors"][0]["field"] == "If-Match"


async def test_a_retry_whose_own_write_raised_the_revision_is_a_replay(api: Api) -> None:
    await api.place()
    headers = {"If-Match": '"0"', "Idempotency-Key": "k2"}
    await api.client.post("/v1/orders/o1/confirm-order", json={}, headers=headers)

    again = await api.client.post("/v1/orders/o1/confirm-order", json={}, headers=headers)

    assert again.status_code == 200
    assert again.json()["replayed"] is True


async def test_a_refusal_names_its_rule_and_stores_nothing(api: Api) -> None:
    await api.place()

    response = await api.send(
        "plan-shipment", shipment_id="s1", location="x", lines=[{"line": 1, "quantity": 1}]
    )

    assert response.status_code == 409
    assert problem(response)["rule"] == kind(response) == "not-confirmed"
    assert await api.stored() == 1


async def test_an_unknown_order_is_404_by_its_rule(api: Api) -> None:
    response = await api.send("confirm-order")

    assert response.status_code == 404
    assert problem(response)["rule"] == "unknown-order"


@pytest.mark.parametrize("command", ["fly", "place-order", "PlaceOrder"])
async def test_an_unknown_command_is_404(api: Api, command: str) -> None:
    await api.place()

    response = await api.send(command)

    assert response.status_code == 404
    assert kind(response) == "unknown-command"
