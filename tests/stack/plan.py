"""From the compose file to processes on this machine: other addresses, the same settings."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventstore.stores import is_shared
from runtime.settings import PREFIX
from tests.deployed import composed, ours
from tests.parts.ports import free_port

LOOPBACK = "127.0.0.1"
# Plain text to another host is what they allow; here all is loopback.
NEEDLESS = {"DAYBOOK_ESDB_INSECURE", "DAYBOOK_BUS_INSECURE", "DAYBOOK_DB_INSECURE"}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts are. postgres: host:port. secrets: what .env would say."""

    store: str
    bus: str
    postgres: str
    secrets: Mapping[str, str]
    folder: Path
    api_port: int = 0
    grpc_port: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """A process: its name, the command line after `daybook`, its environment, where it is asked."""

    name: str
    arguments: tuple[str, ...]
    env: Mapping[str, str]
    metrics: str


def planned(places: Places, *, instances: int = 1, **settings: str) -> Iterator[Planned]:
    """The API, gRPC, the relay, and so many instances of each worker. settings: for all of them."""
    for name, service in ours(_document(places)).items():
        if "tools" in service.get("profiles", ()):
            continue
        if name == "grpc" and not is_shared(places.store):
            continue  # the API answers gRPC too
        copies = instances if name.startswith("worker-") else 1
        for number in range(1, copies + 1):
            port = free_port()
            own = {"DAYBOOK_METRICS_PORT": str(port)} | settings
            yield Planned(
                name if copies == 1 else f"{name}-{number}",
                tuple(service["command"]),
                environment(service, places, **own),
                f"http://{LOOPBACK}:{port}",
            )


def by_hand(places: Places, **settings: str) -> dict[str, str]:
    """The environment of commands by hand: the service `daybook` of the compose file."""
    return environment(_document(places)["services"]["daybook"], places, **settings)


def environment(service: Mapping[str, Any], places: Places, **settings: str) -> dict[str, str]:
    """Nothing of what the developer has set, but what the service is given."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "OTEL_"))
    }
    given = {name: value for name, value in service["environment"].items() if name not in NEEDLESS}
    here = {"DAYBOOK_BUS": places.bus, "DAYBOOK_DATA_DIR": str(places.folder)}
    if "DAYBOOK_METRICS_HOST" in given:
        here["DAYBOOK_METRICS_HOST"] = LOOPBACK
    if "DAYBOOK_PORT" in given:
        here["DAYBOOK_PORT"] = str(places.api_port)
    if "DAYBOOK_GRPC_PORT" in given and (
        given["DAYBOOK_GRPC_PORT"] != "off" or not is_shared(places.store)
    ):
        here["DAYBOOK_GRPC_PORT"] = str(places.grpc_port)
    there = {
        name: value.replace("@postgres:5432/", f"@{places.postgres}/")
        for name, value in given.items()
        if name.endswith("_DB")
    }
    return {
        name: value for name, value in (clean | given | there | here | settings).items() if value
    }


def _document(places: Places) -> dict[str, Any]:
    return composed({**places.secrets, "STORE": places.store})
