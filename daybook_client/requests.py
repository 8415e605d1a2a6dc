"""The conversation behind each method of a client, blocking or not."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from daybook_client.bulk import submit
from daybook_client.exchange import JSON, NDJSON, Naming, Policy, Wanted, exchange
from daybook_client.exporting import export
from daybook_client.following import EVENT_STREAM, follow
from daybook_client.sending import (
    Sender,
    Sending,
    check_sending,
    command_headers,
    key_of,
    order_id_of,
    plain,
    query_string,
    segment,
    sender_headers,
)
from daybook_client.wire import Conversation, Give, Request

View: TypeAlias = Literal["order", "shipment", "payment"]
_DONE = Wanted(
    frozenset({200, 201}), frozenset({"order_id", "revision", "position", "events", "replayed"})
)
_PAGE = Wanted(members=frozenset({"items", "next"}))
FOLLOW_TIMEOUT_S = 60.0
"""A stream that is silent for so long is opened again; the server sends something every 15 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """headers: sent with every request."""

    policy: Policy
    sender: Sender
    headers: Mapping[str, bytes] = field(repr=False)  # Authorization may be among them
    timeout_s: float

    def command(
        self,
        name: str,
        order_id: str | None,
        fields: Mapping[str, Any],
        sending: Sending,
        *,
        dry_run: bool = False,
    ) -> Conversation[Any]:
        """The answer to one command; see exchange()."""
        check_sending(sending)
        key = key_of(sending)
        body = command_fields(fields)
        if name == PLACE:
            path = "/v1/orders"
            body |= {} if order_id is None else {"order_id": order_id}
        else:
            path = f"/v1/orders/{segment('order_id', order_id or '')}/{name}"
        request = self._request(
            "POST",
            path + ("?dry_run=true" if dry_run else ""),
            headers={"Content-Type": JSON.encode()} | command_headers(self.sender, sending, key),
            content=json_bytes(body),
        )
        naming = Naming(order_id or order_id_of(key), key)
        naming_it = None if dry_run else naming
        return exchange(request, self.policy, naming=naming_it, wanted=_DONE)

    def query(
        self,
        path: str,
        query: Mapping[str, Any],
        wanted: Wanted,
    ) -> Conversation[Any]:
        """The answer to one query."""
        request = self._request("GET", path + query_string(query), headers={})
        return exchange(request, self.policy, wanted=wanted)

    def pages(self, path: str, query: Mapping[str, Any]) -> Conversation[None]:
        """Give the items of all pages of a list."""
        cursor: Any = None
        while True:
            page = yield from self.query(path, {**query, "cursor": cursor}, _PAGE)
            for item in page["items"]:
                yield Give(item)
            cursor = page["next"]
            if cursor is None:
                return

    def submit(self) -> Conversation[None]:
        """See bulk.submit()."""

        def request_of(content: bytes) -> Request:
            headers = {"Content-Type": NDJSON.encode()} | sender_headers(self.sender, Sending())
            return self._request("POST", "/v1/commands", headers=headers, content=content)

        return submit(request_of, self.policy)

    def export(self, query: Mapping[str, Any]) -> Conversation[None]:
        """See exporting.export()."""
        path = f"/v1/audit/export{query_string({'format': 'ndjson', **query})}"
        return export(self._request("GET", path, headers={}), self.policy)

    def follow(
        self,
        *,
        after: int | None,
        types: Sequence[str],
        order_id: str | None,
        customer_id: str | None,
        view: View | None,
        until_caught_up: bool,
        give_up_after_s: float,
    ) -> Conversation[None]:
        """See following.follow()."""
        whose = "" if order_id is None else f"/orders/{segment('order_id', order_id)}"
        query = {"type": list(types), "customer_id": customer_id, "view": view}
        if order_id is not None and customer_id is not None:
            raise ValueError("name an order or a customer")

        def request_of(position: int | None) -> Request:
            headers = {"Accept": EVENT_STREAM.encode(), "Cache-Control": b"no-store"}
            path = f"/v1{whose}/stream{query_string({**query, 'after': position})}"
            return self._request("GET", path, headers=headers, timeout_s=FOLLOW_TIMEOUT_S)

        return follow(
            request_of,
            self.policy,
            after=after,
            until_caught_up=until_caught_up,
            give_up_after_s=give_up_after_s,
        )

    def _request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, bytes],
        content: bytes = b"",
        timeout_s: float | None = None,
    ) -> Request:
        return Request(
            method=method,
            path=path,
            headers={**self.headers, **headers},
            content=content,
            timeout_s=timeout_s or self.timeout_s,
        )


PLACE = "place-order"


def command_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is left out is not sent: the server has the defaults."""
    return {name: plain(value) for name, value in fields.items() if value is not None}


def json_bytes(document: Any) -> bytes:
    """Raises ValueError for a number that JSON has not."""
    return json.dumps(document, allow_nan=False).encode()
