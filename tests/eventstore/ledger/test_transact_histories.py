"""Random histories of several writers, retries and lost answers: nothing is lost or doubled.

The answers to clients are compared with the log, as a client would compare them.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.commands import CancelOrder, CapturePayment, ConfirmOrder
from domain.order import fold
from domain.rules import OrderRefused
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import Answer, CommandIdReused, Contended, Submission
from eventstore.port import OutcomeUnknown, StorageFull
from eventstore.record.codec import OrderEvent
from tests.eventstore.ledgers import (
    HOLD,
    PLAN,
    RELEASE,
    Clock,
    Fault,
    FaultyStore,
    another,
    note,
    place,
    stored,
    submission,
)

CAPTURE = CapturePayment(payment_id="p-1", capture_id="k-1", amount_cents=100)
SUBMISSIONS = [
    place("o-1"),
    place("o-2"),
    note(1),
    note(1, text="another content"),
    note(2),
    note(2, "o-2"),
    HOLD,
    RELEASE,
    PLAN,
    submission(ConfirmOrder(), "confirm"),
    submission(CAPTURE, "capture"),
    submission(CancelOrder(reason="late"), "cancel"),
]
REFUSALS = (OrderRefused, CommandIdReused, Contended, OutcomeUnknown, StorageFull, RuntimeError)


@dataclass
class Answers:
    """The answers to the clients."""

    given: list[tuple[Submission, Answer]] = field(default_factory=list)
    refused: list[tuple[Submission, Exception]] = field(default_factory=list)


async def client(ledger: Ledger, commands: list[Submission], answers: Answers) -> None:
    for command in commands:
        try:
            answers.given.append((command, await ledger.submit(command)))
        except REFUSALS as error:
            answers.refused.append((command, error))


def check(log: list[OrderEvent], answers: Answers) -> None:
    by_id = {event.event_id: event for event in log}
    assert len(by_id) == len(log), "an event is stored twice"
    for command, answer in answers.given:
        for answered in answer.events:
            event = by_id[answered.event_id]
            assert (event.type, event.revision) == (answered.type, answered.revision)
            assert event.metadata.command_id == command.command_id
            assert event.order_id == command.order_id
        if answer.events:
            assert answer.position == by_id[answer.events[-1].event_id].position
    firsts = Counter(
        (command.order_id, command.command_id)
        for command, answer in answers.given
        if answer.events and not answer.replayed
    )
    assert not firsts or max(firsts.values()) == 1, "written twice"
    for command, error in answers.refused:
        if isinstance(error, CommandIdReused):
            assert any(event.metadata.command_id == command.command_id for event in log)


@settings(max_examples=150)
@given(
    clients=st.lists(st.lists(st.sampled_from(SUBMISSIONS), max_size=12), min_size=1, max_size=4),
    faults=st.lists(st.sampled_from(Fault), max_size=12),
)
def test_the_answers_to_clients_agree_with_the_log(
    clients: list[list[Submission]], faults: list[Fault]
) -> None:
    async def run() -> None:
        store, answers = FaultyStore(faults), Answers()
        ledgers = [another(store) for _ in clients]
        await asyncio.gather(
            *(client(ledger, mine, answers) for ledger, mine in zip(ledgers, clients, strict=True))
        )
        await store.arrive()
        # Every client sends all commands again: now each has its final answer.
        store.faults.clear()
        for ledger in ledgers:
            await client(ledger, [place("o-1"), place("o-2"), *SUBMISSIONS], answers)

        log = await stored(store)

        check(log, answers)
        for order_id in ("o-1", "o-2"):
            events = [event.event for event in log if event.order_id == order_id]
            for ledger in ledgers:
                assert (await ledger.order(order_id)).order == fold(events)

    asyncio.run(run())


@settings(max_examples=100)
@given(
    commands=st.lists(st.sampled_from(SUBMISSIONS), max_size=25),
    faults=st.lists(st.sampled_from([each for each in Fault if each is not Fault.BEATEN])),
    cache_max=st.sampled_from([0, 1, 25_000]),
)
def test_the_answers_of_one_writer_agree_with_the_log(
    commands: list[Submission], faults: list[Fault], cache_max: int
) -> None:
    async def run() -> None:
        store, answers = FaultyStore(faults), Answers()
        ledger = Ledger(store, clock=Clock(), cache_max=cache_max, attempts_max=2)
        await asyncio.gather(
            client(ledger, commands[::2], answers), client(ledger, commands[1::2], answers)
        )
        await store.arrive()
        store.faults.clear()
        await client(ledger, SUBMISSIONS, answers)

        check(await stored(store), answers)

    asyncio.run(run())
