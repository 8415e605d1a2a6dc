"""`make stack`: the production topology on this machine until Ctrl-C."""

import contextlib
import os
import signal
import sys
import threading
from pathlib import Path

import click

from runtime.urls import redacted
from tests.parts.kafka import Missing
from tests.stack.running import NotReady, Stack, stack

WIDTH = 16
ORDER = (
    '{"order_id": "first", "customer_id": "c-1", "currency": "EUR",'
    ' "items": [{"product_id": "tea", "quantity": 2, "price_cents": 1250}]}'
)


@click.command()
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the log in this folder.")
@click.option("--instances", default=1, show_default=True, help="Of each worker.")
@click.option("--port", default=8000, show_default=True, help="Of the API.")
def main(*, keep: Path | None, instances: int, port: int) -> None:
    """Kafka, PostgreSQL, the log, the API, the relay and four workers, until Ctrl-C.

    The log is a file that goes with it, or in the folder KEEP, or DAYBOOK_STORE. Kafka and
    PostgreSQL begin empty each time: they are filled from the log.
    """
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    store = os.environ.get("DAYBOOK_STORE", "")
    tell(("stack", "starting Kafka, PostgreSQL, the API, the relay and the workers"))
    try:
        with stack(
            folder=keep.absolute() if keep else None,
            store=store,
            instances=instances,
            api_port=port,
            say=lambda name, line: tell((name, line)),
        ) as running:
            show(running)
            watch(running, ended)
            tell(("stack", "stopping"))
    except (NotReady, Missing) as error:
        raise click.ClickException(str(error)) from error
    codes = {name: code for name, code in running.codes.items() if code}
    tell(("stack", f"ended with {codes}" if codes else "all ended in order"))
    sys.exit(1 if codes else 0)


def watch(running: Stack, ended: threading.Event) -> None:
    """Until Ctrl-C, or until a process has ended by itself."""
    while not ended.wait(0.5):
        if gone := running.ended():
            tell(("stack", "; ".join(gone)))
            return


def show(running: Stack) -> None:
    """What to try."""
    places, url = running.places, running.url
    lines = [
        f"the log     {redacted(places.store)}",
        f"Kafka       {redacted(places.bus)}",
        f"PostgreSQL  {places.postgres}",
        f"gRPC        127.0.0.1:{places.grpc_port}",
        *(f"{one.name:16}{one.plan.metrics}/metrics" for one in running.processes),
        "Try, in another terminal:",
        f"  curl -sS -X POST {url}/v1/orders -H 'Content-Type: application/json' -d '{ORDER}'",
        f"  curl -sS '{url}/v1/orders/first/payments?min_revision=0'",
        f"  curl -sS '{url}/v1/orders?limit=5'",
        f"  curl -sS {url}/v1/projections",
        f"Documentation: {url}/docs. Ctrl-C stops all of it.",
    ]
    for line in lines:
        tell(("stack", line))


def tell(said: tuple[str, str]) -> None:
    name, line = said
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(f"{name:{WIDTH}} | {line}\n")


if __name__ == "__main__":
    main()
