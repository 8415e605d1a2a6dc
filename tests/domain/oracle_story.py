"""Plays commands on an order by the oracle alone; what it shows is that of GET /v1/orders/{id}."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.domain.oracle import books
from tests.domain.oracle_anomalies import states
from tests.domain.oracle_history import History
from tests.domain.oracle_judge import verdict


def played(commands: Iterable[Mapping[str, Any]]) -> History:
    """The history that the commands make; none may be refused or do nothing."""
    history: History = ()
    for command in commands:
        judged = verdict(history, command)
        assert judged.entries, f"{command}: {judged}"
        history = (*history, *judged.entries)
    return history


def document(history: History) -> dict[str, Any]:
    now = books(history)
    owed = now.owed
    billed_at_first = history[0]
    return {
        "total_cents": _total(billed_at_first),
        "billed_cents": owed.bill.billed,
        "credited_cents": sum(owed.credited),
        "written_off_cents": owed.written_off,
        "due_cents": now.due,
        "net_cents": now.net,
        "balance_cents": now.balance,
        "state": now.state,
        "on_hold": now.on_hold,
        "fulfilment": now.fulfilment,
        "payment": now.payment_status,
        "accounts": now.accounts,
        "open_anomalies": [kind for kind, _, state in states(history) if state == "open"],
    }


def _total(placed: Mapping[str, Any]) -> int:
    parts = [*placed["lines"], placed["shipping"]]
    contained = placed.get("prices_include_tax")
    return sum(part["net"] + (0 if contained else part["tax"]) for part in parts)
