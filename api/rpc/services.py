"""The services, composed: what every server of calls answers."""

from api.rpc.call import Method
from api.rpc.commands import Commands
from api.rpc.following import Following
from api.rpc.ledger import LedgerCalls
from api.rpc.orders import OrderCalls
from api.rpc.reads import Reads
from api.services import Services


def methods_of(services: Services) -> list[Method]:
    """All methods. They share their limits, so that this is called once for a server."""
    commands, reads = Commands(services), Reads(services.limits)
    return [
        *OrderCalls(services, commands, reads).methods(),
        *LedgerCalls(services, commands, reads).methods(),
        *Following(services).methods(),
    ]
