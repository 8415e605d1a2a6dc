"""Connect as a part of the API, where what it needs is installed."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from api.services import Services

if TYPE_CHECKING:
    from api.connect.app import ConnectDoor


def connect_door(services: Services) -> "ConnectDoor | None":
    """None where the extra `grpc` is not installed."""
    if not all(map(find_spec, ("connectrpc", "grpc_status"))):
        return None
    from api.connect.app import ConnectDoor
    from api.rpc.services import methods_of
    from api.rpc.watch import Watch

    return ConnectDoor(methods_of(services), Watch(services.telemetry), services.limits)
