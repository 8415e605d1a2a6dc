"""The answer to a command with `?dry_run=true`: what it would write, and the order after it."""

import json
from typing import Any

from api.commands.handler import Result, failed, members_of, status_of
from api.documents import order_document
from eventstore.ledger.dry_run import NOWHERE, DryRun
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import Submission


async def dry_run(ledger: Ledger, submission: Submission) -> Result:
    """The result that the command would have, with the order after it. Never raises."""
    try:
        done = await ledger.dry_run(submission)
    except Exception as error:  # noqa: BLE001 (each becomes a problem; unknown ones are logged)
        return failed(error)
    return Result(status_of(done.answer, submission), _members(done))


def _members(done: DryRun) -> dict[str, Any]:
    members = members_of(done.answer)
    order = order_document(done.order)
    if done.data:
        for event, data in zip(members["events"], done.data, strict=True):
            event["data"] = json.loads(data)
    if done.answer.position == NOWHERE:
        members["position"] = None
        # They depend on when and where the events are stored.
        order |= {"position": None, "hash": None, "recorded_at": None}
    return {"dry_run": True, **members, "order": order}
