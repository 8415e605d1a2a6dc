"""daybook.v1.LedgerService, with grpcio's own client."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict

from api.commands.registry import REGISTRY
from api.proto.daybook.v1 import ledger_pb2 as pb
from api.rpc.documents import EXACT_MAX, struct_of
from api.rpc.words import snake
from domain.values import CENTS_MAX
from tests.api.grpc.conftest import Grpc, details, place

EXECUTE = "daybook.v1.LedgerService/Execute"
STREAM = "daybook.v1.LedgerService/ExecuteStream"
GET = "daybook.v1.LedgerService/GetOrder"
LIST = "daybook.v1.LedgerService/ListOrders"
TOTALS = "daybook.v1.LedgerService/GetTotals"


def one(command: pb.Command, **fields: Any) -> pb.ExecuteRequest:
    return pb.ExecuteRequest(command=command, **fields)


CONFIRM = pb.Command(order_id="o1", confirm_order=pb.ConfirmOrder())


async def placed(rpc: Grpc, order_id: str = "o1", **fields: Any) -> Any:
    return await rpc.call(EXECUTE, one(place(order_id, **fields)))


def message_of(name: str, example: Any) -> pb.Command:
    """A command's example as a message, by protobuf's own JSON."""
    from google.protobuf.json_format import ParseDict

    fields = dict(example)
    head = {key: fields.pop(key) for key in ("order_id", "channel") if key in fields}
    if "fact" in fields:
        fields["fact"] = f"RETRACTABLE_{fields['fact'].upper().replace('-', '_')}"
    if "attributes" in fields and name == "set-attributes":
        fields["attributes"] = {key: {"value": text} for key, text in fields["attributes"].items()}
    return ParseDict({"order_id": "1001", **head, snake(name): fields}, pb.Command())


async def test_each_command_says_the_same_as_over_http(rpc: Grpc) -> None:
    """Its documented example, tried on the same order through both doors."""
    await rpc.api.place("1001", items=[{"product_id": "a", "quantity": 9, "price_cents": 900}])
    for name, known in REGISTRY.items():
        path = f"{known.path.format(order_id='1001')}?dry_run=true"
        headers = {"Daybook-Actor": "ada", "Idempotency-Key": "k"}
        sent = await rpc.api.client.post(path, json=dict(known.example), headers=headers)
        over_http = sent.json()
        asked = one(message_of(name, known.example), dry_run=True)
        call = rpc.unary(EXECUTE)(asked, metadata=[(key.lower(), headers[key]) for key in headers])
        if await call.code() is not grpc.StatusCode.OK:
            assert (await call.details()).startswith(over_http["title"]), name
            continue
        answer = await call
        types = [event.type for event in answer.events]
        assert types == [each["type"] for each in over_http["events"]], name
        assert answer.dry_run
        assert not answer.HasField("position")
        assert MessageToDict(answer.order)["due_cents"] == over_http["order"]["due_cents"]
    assert await rpc.api.stored() == 1


async def test_a_command_is_executed_once_by_its_id(rpc: Grpc) -> None:
    await placed(rpc)
    command = pb.Command(order_id="o1", command_id="c1", confirm_order=pb.ConfirmOrder())
    first, again = await rpc.call(EXECUTE, one(command)), await rpc.call(EXECUTE, one(command))
    assert (first.revision, first.replayed, again.replayed) == (1, False, True)
    assert list(again.events) == list(first.events)


async def test_who_sends_is_in_the_metadata_or_in_the_command(rpc: Grpc) -> None:
    await rpc.call(EXECUTE, one(place()), daybook_actor="ada", daybook_channel="shop")
    command = pb.Command(order_id="o1", actor="grace", confirm_order=pb.ConfirmOrder())
    await rpc.call(EXECUTE, one(command), daybook_actor="ada", daybook_correlation_id="day-1")
    events = (await rpc.api.client.get("/v1/orders/o1/events")).json()["items"]
    assert [(event["actor"], event["channel"]) for event in events] == [
        ("ada", "shop"),
        ("grace", "grpc"),
    ]
    assert events[1]["correlation_id"] == "day-1"


async def test_a_revision_that_is_expected_is_held_to(rpc: Grpc) -> None:
    await placed(rpc)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rpc.call(EXECUTE, one(CONFIRM, expected_revision=7))
    assert caught.value.code() is grpc.StatusCode.ABORTED
    info = details(caught.value)["ErrorInfo"]
    assert (info.reason, info.metadata["revision"]) == ("stale-revision", "0")
    await rpc.call(EXECUTE, one(CONFIRM, expected_revision=0))


async def test_a_refusal_names_its_rule(rpc: Grpc) -> None:
    await placed(rpc)
    reason = pb.ReleaseHold(hold_id="h", reason="why")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rpc.call(EXECUTE, one(pb.Command(order_id="o1", release_hold=reason)))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert details(caught.value)["ErrorInfo"].reason == "unknown-hold"


WRONG = {
    "no command": (pb.Command(order_id="o1"), "command"),
    "no order": (pb.Command(confirm_order=pb.ConfirmOrder()), "order_id"),
    "an empty order id": (pb.Command(order_id="", confirm_order=pb.ConfirmOrder()), "order_id"),
    "an empty reason": (
        pb.Command(order_id="o1", cancel_order=pb.CancelOrder(reason="")),
        "reason",
    ),
    "an amount beyond the domain": (
        pb.Command(
            order_id="o1",
            write_off=pb.WriteOff(write_off_id="w", amount_cents=CENTS_MAX + 1, reason="x"),
        ),
        "amount_cents",
    ),
    "an unknown enum number": (
        pb.Command(order_id="o1", retract_fact=pb.RetractFact(fact=99, reason="x")),  # type: ignore[arg-type]
        "fact",
    ),
    "both kinds of price": (
        place(items=[pb.OrderedItem(product_id="a", quantity=1, price_cents=1, amount_cents=1)]),
        "items",
    ),
}


async def test_what_is_wrong_is_named_and_nothing_is_stored(rpc: Grpc) -> None:
    for case, (command, field) in WRONG.items():
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await rpc.call(EXECUTE, one(command), daybook_actor="ada")
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT, case
        [violation] = details(caught.value)["BadRequest"].field_violations
        assert violation.field.partition(".")[0] == field, case
        assert await rpc.api.stored() == 0, case


async def test_a_command_that_demands_an_actor_gets_none(rpc: Grpc) -> None:
    await placed(rpc)
    fact = pb.RetractFact(fact="RETRACTABLE_FAIL_REFUND", reason="x")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rpc.call(EXECUTE, one(pb.Command(order_id="o1", retract_fact=fact)))
    assert details(caught.value)["BadRequest"].field_violations[0].field == "actor"


async def results(rpc: Grpc, requests: Any) -> list[pb.CommandResult]:
    return [one async for answer in rpc.both(STREAM, requests) for one in answer.results]


async def test_many_commands_are_answered_in_order(rpc: Grpc) -> None:
    async def requests() -> AsyncIterator[pb.ExecuteStreamRequest]:
        for number in range(20):
            confirm = pb.Command(order_id=f"o{number}", confirm_order=pb.ConfirmOrder())
            if number % 2:
                yield pb.ExecuteStreamRequest(commands=[place(f"o{number}"), confirm])
            else:
                yield pb.ExecuteStreamRequest(commands=[place(f"o{number}")])
                yield pb.ExecuteStreamRequest(commands=[confirm])

    answers = await results(rpc, requests())
    assert [answer.number for answer in answers] == list(range(1, 41))
    assert [answer.done.revision for answer in answers] == [0, 1] * 20


async def test_a_wrong_one_among_many_is_answered_and_the_next_goes_on(rpc: Grpc) -> None:
    requests = [
        place("o1"),
        pb.Command(),
        CONFIRM,
        pb.Command(order_id="o1", add_note=pb.AddNote()),
    ]
    answers = await results(rpc, [pb.ExecuteStreamRequest(commands=requests)])
    assert [answer.WhichOneof("result") for answer in answers] == [
        "done",
        "problem",
        "done",
        "problem",
    ]
    problem = answers[1].problem
    assert (problem.code, problem.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT.value[0],
        "malformed",
    )
    assert problem.violations[0].field == "command"


async def test_an_order_is_got_at_a_revision_and_as_of_a_time(rpc: Grpc) -> None:
    await placed(rpc)
    await rpc.call(EXECUTE, one(CONFIRM))
    now = await rpc.call(GET, pb.GetOrderRequest(order_id="o1"))
    then = await rpc.call(GET, pb.GetOrderRequest(order_id="o1", revision=0))
    assert (now.order["state"], then.order["state"]) == ("confirmed", "placed")
    assert MessageToDict(now.order) == (await rpc.api.client.get("/v1/orders/o1")).json()
    recorded = then.order["recorded_at"]
    at = await rpc.call(GET, pb.GetOrderRequest(order_id="o1", as_of=recorded))
    assert at.revision == 0


MISSING: list[tuple[dict[str, Any], grpc.StatusCode]] = [
    ({"revision": 5}, grpc.StatusCode.NOT_FOUND),
    ({"revision": -1}, grpc.StatusCode.INVALID_ARGUMENT),
    ({"as_of": "yesterday"}, grpc.StatusCode.INVALID_ARGUMENT),
    ({"as_of": "2020-01-01T00:00:00Z"}, grpc.StatusCode.NOT_FOUND),
]


async def test_what_there_is_not_is_said(rpc: Grpc) -> None:
    await placed(rpc)
    for fields, code in MISSING:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await rpc.call(GET, pb.GetOrderRequest(order_id="o1", **fields))
        assert caught.value.code() is code, fields


async def test_orders_are_listed_by_filters_a_page_at_a_time(rpc: Grpc) -> None:
    for number in range(3):
        await placed(rpc, f"o{number}", customer_id="ada" if number else "grace")
    await rpc.api.catch_up()
    by_id = {"sort": "ORDER_SORT_ORDER_ID", "limit": 1, "customer_id": "ada"}
    first = await rpc.call(LIST, pb.ListOrdersRequest(**by_id))
    assert [order.order_id for order in first.orders] == ["o1"]
    rest = await rpc.call(LIST, pb.ListOrdersRequest(**by_id, cursor=first.next))
    assert ([order.order_id for order in rest.orders], rest.next) == (["o2"], "")
    over_http = (await rpc.api.client.get("/v1/orders?customer_id=grace")).json()["items"]
    grace = await rpc.call(LIST, pb.ListOrdersRequest(customer_id="grace"))
    listed = {field.name: getattr(grace.orders[0], field.name) for field in _FIELDS}
    assert [listed] == over_http


_FIELDS = pb.ListedOrder.DESCRIPTOR.fields


WRONG_FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"limit": 501}, "limit"),
    ({"limit": -1}, "limit"),
    ({"state": 77}, "state"),
    ({"currency": "EURO"}, "currency"),
    ({"placed_after": "now"}, "placed_after"),
]
WRONG_PERIODS: list[tuple[dict[str, Any], str]] = [
    ({}, "of"),
    ({"of": 1, "begin": "x"}, "begin"),
    ({"of": 1, "tz": "Mars"}, "tz"),
]


async def test_a_wrong_filter_or_period_is_named(rpc: Grpc) -> None:
    wrong = [(LIST, pb.ListOrdersRequest(**fields), field) for fields, field in WRONG_FILTERS]
    wrong += [(TOTALS, pb.GetTotalsRequest(**fields), field) for fields, field in WRONG_PERIODS]  # type: ignore[misc]
    for path, request, field in wrong:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await rpc.call(path, request)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert details(caught.value)["BadRequest"].field_violations[0].field == field


async def test_totals_are_those_of_http(rpc: Grpc) -> None:
    await placed(rpc)
    pay = pb.CapturePayment(payment_id="p", capture_id="c", amount_cents=700, method="card")
    await rpc.call(EXECUTE, one(pb.Command(order_id="o1", capture_payment=pay)))
    await rpc.api.catch_up()
    for of in ("orders", "payments", "shipments"):
        answer = await rpc.call(TOTALS, pb.GetTotalsRequest(of=f"TOTALS_OF_{of.upper()}"))  # type: ignore[arg-type]
        [period] = answer.periods
        found = {
            currency: dict(totals.figures)
            | {name: dict(divided.figures) for name, divided in totals.divided.items()}
            for currency, totals in period.totals.items()
        }
        assert found == (await rpc.api.client.get(f"/v1/{of}/summary")).json()


async def test_totals_are_divided_by_days(rpc: Grpc) -> None:
    await placed(rpc)
    await rpc.api.catch_up()
    asked = pb.GetTotalsRequest(
        of="TOTALS_OF_ORDERS",
        begin="2026-11-22",
        end="2026-11-25",
        group_by="TOTALS_GROUP_BY_DAY",
    )
    answer = await rpc.call(TOTALS, asked)
    assert [period.period for period in answer.periods] == [
        "2026-11-22",
        "2026-11-23",
        "2026-11-24",
    ]
    assert answer.periods[1].totals["EUR"].figures["total_cents"] == 2000


@pytest.mark.parametrize("amount", [0, -1, CENTS_MAX, -CENTS_MAX, EXACT_MAX, EXACT_MAX - 1])
def test_an_amount_is_exact_in_a_document(amount: int) -> None:
    """Its numbers are doubles; every amount of the domain is below 2^53."""
    assert CENTS_MAX < EXACT_MAX
    read = struct_of({"a": amount}).fields["a"].number_value
    assert int(read) == amount


@pytest.mark.parametrize("sum_", [EXACT_MAX + 1, 2**63 - 1, -(2**63)])
def test_a_sum_that_a_double_does_not_hold_is_a_text(sum_: int) -> None:
    assert struct_of({"a": sum_}).fields["a"].string_value == str(sum_)
    assert int(float(EXACT_MAX + 1)) != EXACT_MAX + 1


async def test_many_callers_are_answered(rpc: Grpc) -> None:
    answers = await asyncio.gather(*(placed(rpc, f"o{number}") for number in range(200)))
    assert {answer.order_id for answer in answers} == {f"o{number}" for number in range(200)}
