"""Clients that send the commands of ordinary orders, each until it is answered.

They are Daybook's own: a command whose answer did not arrive is sent again with the same key. Every
acknowledgement is kept, and the time of every answer beside the disturbance that was going on.
"""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from daybook_client import AsyncClient, DaybookError, Retrying
from daybook_client.documents import Answer

CLIENTS = 8
PAUSE_S = 0.15
"""Between two commands of a client: some forty commands a second in all."""
RETRYING = Retrying(tries_max=1_000, total_s=600.0, first_pause_s=0.2, pause_max_s=0.4)
TIMEOUT_S = 35.0
"""More than a server takes for a request that it still answers."""
TEMPORARY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a command was answered."""

    order_id: str
    key: str
    revision: int
    events: int


@dataclass(slots=True)
class Honest:
    """during: the disturbance that is going on, set by who causes it."""

    url: str
    seed: int
    during: str = "calm"
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    resent: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _under_way: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Until stop is set and every command under way is answered."""
        self._open.set()
        async with httpx.AsyncClient(transport=_Watched(self)) as http:
            client = AsyncClient(self.url, http=http, retrying=RETRYING, timeout_s=TIMEOUT_S)
            await asyncio.gather(*(self._client(client, n, stop) for n in range(CLIENTS)))

    async def pause(self) -> None:
        """Returns when no command is under way; none is sent until resume()."""
        self._open.clear()
        if self._under_way:
            self._idle.clear()
            await self._idle.wait()

    def resume(self) -> None:
        self._open.set()

    async def _client(self, client: AsyncClient, number: int, stop: asyncio.Event) -> None:
        chance = random.Random(f"{self.seed}-{number}")
        orders = 0
        while not stop.is_set():
            orders += 1
            order_id = f"h{self.seed}-{number}-{orders}"
            for n, (command, fields) in enumerate(commands(chance)):
                if stop.is_set():
                    return
                await self._open.wait()
                self._under_way += 1
                try:
                    await self._send(client, order_id, command, fields, f"{number}-{orders}-{n}")
                finally:
                    self._under_way -= 1
                    if not self._under_way:
                        self._idle.set()
                await asyncio.sleep(chance.uniform(0, 2 * PAUSE_S))

    async def _send(
        self,
        client: AsyncClient,
        order_id: str,
        command: str,
        fields: Mapping[str, Any],
        key: str,
    ) -> None:
        method = getattr(client, command)
        try:
            answer: Answer = await method(order_id=order_id, idempotency_key=key, **fields)
        except DaybookError as error:
            self.refused[str(error)] += 1
            return
        self.acknowledged.append(
            Acknowledged(order_id, key, answer["revision"], len(answer["events"]))
        )


class _Watched(httpx.AsyncBaseTransport):
    """Counts what is sent again, and times every other answer."""

    def __init__(self, honest: Honest) -> None:
        self._honest = honest
        self._own = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        honest = self._honest
        during, began = honest.during, time.perf_counter()
        try:
            answer = await self._own.handle_async_request(request)
        except httpx.TransportError as error:
            honest.resent[type(error).__name__] += 1
            raise
        if answer.status_code in TEMPORARY:
            honest.resent[str(answer.status_code)] += 1
        elif honest.during == during:
            honest.seconds[during].append(time.perf_counter() - began)
        return answer

    async def aclose(self) -> None:
        await self._own.aclose()


def commands(chance: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """An order's life: the client's method and the fields of each command."""
    price, count = chance.randint(100, 9_999), chance.randint(1, 3)
    item = {"product_id": f"p-{chance.randint(1, 40)}", "quantity": count, "price_cents": price}
    total = price * count
    yield "place_order", {"customer_id": "c-1", "currency": "EUR", "items": [item]}
    yield "confirm_order", {}
    paid = {"payment_id": "p-1", "amount_cents": total}
    yield "authorize_payment", paid | {"method": "card"}
    yield "capture_payment", paid | {"capture_id": "k-1"}
    for note in range(chance.randint(0, 3)):
        yield "add_note", {"note_id": f"n-{note}", "text": "seen"}
    lines = [{"line": 1, "quantity": count}]
    yield "plan_shipment", {"shipment_id": "s-1", "location": "north", "lines": lines}
    yield "dispatch_shipment", {"shipment_id": "s-1", "carrier": "post", "tracking": "t-1"}
    if chance.random() < 0.3:
        yield "grant_refund", {"refund_id": "r-1", "amount_cents": price, "reason": "damaged"}
        yield "refund_payment", paid | {"payout_id": "r-1", "amount_cents": price}
    yield "deliver_shipment", {"shipment_id": "s-1"}
