"""Clients that send the commands of ordinary orders, each until it is answered.

A command whose answer did not arrive is sent again with the same Idempotency-Key, as a real client
would. Every acknowledgement is kept, and the time of every answer beside the disturbance that was
going on.
"""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

CLIENTS = 8
PAUSE_S = 0.15
"""Between two commands of a client: some forty commands a second in all."""
AGAIN_S = 0.2
TIMEOUT_S = 35.0
"""More than a server takes for a request that it still answers."""
ANSWERED = frozenset({200, 201})
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
        async with httpx.AsyncClient(base_url=self.url, timeout=TIMEOUT_S) as client:
            await asyncio.gather(*(self._client(client, n, stop) for n in range(CLIENTS)))

    async def pause(self) -> None:
        """Returns when no command is under way; none is sent until resume()."""
        self._open.clear()
        if self._under_way:
            self._idle.clear()
            await self._idle.wait()

    def resume(self) -> None:
        self._open.set()

    async def _client(self, client: httpx.AsyncClient, number: int, stop: asyncio.Event) -> None:
        chance = random.Random(f"{self.seed}-{number}")
        orders = 0
        while not stop.is_set():
            orders += 1
            for n, (path, body) in enumerate(commands(f"h{self.seed}-{number}-{orders}", chance)):
                if stop.is_set():
                    return
                await self._open.wait()
                self._under_way += 1
                try:
                    await self._send(client, path, body, f"{number}-{orders}-{n}")
                finally:
                    self._under_way -= 1
                    if not self._under_way:
                        self._idle.set()
                await asyncio.sleep(chance.uniform(0, 2 * PAUSE_S))

    async def _send(
        self, client: httpx.AsyncClient, path: str, body: dict[str, Any], key: str
    ) -> None:
        headers = {"Idempotency-Key": f'"{key}"'}
        while True:
            during, began = self.during, time.perf_counter()
            try:
                answer = await client.post(path, json=body, headers=headers)
            except httpx.HTTPError as error:
                self.resent[type(error).__name__] += 1
                await asyncio.sleep(AGAIN_S)
                continue
            if answer.status_code in TEMPORARY:
                self.resent[str(answer.status_code)] += 1
                await asyncio.sleep(AGAIN_S)
                continue
            if self.during == during:
                self.seconds[during].append(time.perf_counter() - began)
            self._take(answer, key)
            return

    def _take(self, answer: httpx.Response, key: str) -> None:
        said = answer.json()
        if answer.status_code in ANSWERED:
            self.acknowledged.append(
                Acknowledged(said["order_id"], key, said["revision"], len(said["events"]))
            )
        else:
            self.refused[f"{answer.status_code} {said.get('rule') or said.get('type')}"] += 1


def commands(order_id: str, chance: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """An order's life: the path and the body of each command."""
    price, count = chance.randint(100, 9_999), chance.randint(1, 3)
    item = {"product_id": f"p-{chance.randint(1, 40)}", "quantity": count, "price_cents": price}
    total = price * count
    place = {"order_id": order_id, "customer_id": "c-1", "currency": "EUR", "items": [item]}
    yield "/v1/orders", place
    of = f"/v1/orders/{order_id}/"
    yield of + "confirm-order", {}
    paid = {"payment_id": "p-1", "amount_cents": total}
    yield of + "authorize-payment", paid | {"method": "card"}
    yield of + "capture-payment", paid | {"capture_id": "k-1"}
    for note in range(chance.randint(0, 3)):
        yield of + "add-note", {"note_id": f"n-{note}", "text": "seen"}
    lines = [{"line": 1, "quantity": count}]
    yield of + "plan-shipment", {"shipment_id": "s-1", "location": "north", "lines": lines}
    yield of + "dispatch-shipment", {"shipment_id": "s-1", "carrier": "post", "tracking": "t-1"}
    if chance.random() < 0.3:
        refund = {"refund_id": "r-1", "amount_cents": price, "reason": "damaged"}
        yield of + "grant-refund", refund
        yield of + "refund-payment", paid | {"payout_id": "r-1", "amount_cents": price}
    yield of + "deliver-shipment", {"shipment_id": "s-1"}
