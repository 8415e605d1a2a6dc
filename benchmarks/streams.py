"""Many commands in one stream: `python -m benchmarks.streams bulk|grpc PLACE COUNT PREFIX`.

Prints how many were answered a second. The client of gRPC is grpcio's.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from api.proto.daybook.v1 import ledger_pb2 as pb
from benchmarks.load import place_order

CHUNK_LINES = 100
"""Written at once; of gRPC, in one message."""


def bulk(url: str, count: int, prefix: str) -> float:
    """POST /v1/commands, read while it is sent."""
    parts = urlsplit(url)
    orders = [json.loads(place_order(number, prefix)) for number in range(count)]
    lines = [json.dumps({"command": "place-order", **order}).encode() + b"\n" for order in orders]
    chunks = [b"".join(lines[at : at + CHUNK_LINES]) for at in range(0, count, CHUNK_LINES)]
    size = sum(map(len, chunks))
    head = (
        f"POST /v1/commands HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {size}\r\n"
        "Content-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"
    ).encode()
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
        began = time.perf_counter()

        def send() -> None:
            for chunk in (head, *chunks):
                connection.sendall(chunk)

        threading.Thread(target=send).start()
        answered = 0
        while data := connection.recv(1 << 18):
            answered += data.count(b'"status":201')
        rate = answered / (time.perf_counter() - began)
    if answered != count:
        raise RuntimeError(f"{answered} of {count} were accepted")
    return rate


def grpc_stream(address: str, count: int, prefix: str) -> float:
    """ExecuteStream."""
    import grpc

    commands = [_command(number, prefix) for number in range(count)]
    sent = [
        pb.ExecuteStreamRequest(commands=commands[at : at + CHUNK_LINES])
        for at in range(0, count, CHUNK_LINES)
    ]

    def requests() -> Iterator[pb.ExecuteStreamRequest]:
        yield from sent

    with grpc.insecure_channel(address) as channel:
        call = channel.stream_stream(
            "/daybook.v1.LedgerService/ExecuteStream",
            pb.ExecuteStreamRequest.SerializeToString,
            pb.ExecuteStreamResponse.FromString,
        )
        began = time.perf_counter()
        answered = sum(
            one.WhichOneof("result") == "done"
            for answer in call(requests())
            for one in answer.results
        )
        rate = answered / (time.perf_counter() - began)
    if answered != count:
        raise RuntimeError(f"{answered} of {count} were accepted")
    return rate


def _command(number: int, prefix: str) -> pb.Command:
    order = json.loads(place_order(number, prefix))
    items = [pb.OrderedItem(**item) for item in order.pop("items")]
    return pb.Command(
        order_id=order.pop("order_id"), place_order=pb.PlaceOrder(items=items, **order)
    )


if __name__ == "__main__":
    kind, place, number, prefix = sys.argv[1:]
    json.dump(
        {"rate": {"bulk": bulk, "grpc": grpc_stream}[kind](place, int(number), prefix)}, sys.stdout
    )
