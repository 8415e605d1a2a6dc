"""What the pages about money say is what the domain does, to the cent."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields

import pytest

from domain import events as e
from domain.commands import COMMANDS
from domain.events import EVENTS, Event
from domain.figures import order_figures
from domain.order import Order, decide, evolve
from domain.postings import ACCOUNTS, Posting, postings
from domain.rules import ANOMALIES, RULES
from tests.domain.field_cases import CASES, command_of
from tests.domain_pages import PAGES, Document, Example, examples, tables, text_of

EXAMPLES = list(examples())
EDGE_FIELDS = {"order_id", "actor", "occurred_at"}
"""Fields that every command takes, besides its own."""


def test_each_page_has_its_examples() -> None:
    for word in ("discount", "tax", "refund with parts", "dispute", "write-off", "exchange"):
        assert f"domain.md: Example: {word}" in [example.title for example in EXAMPLES]
    for page in PAGES:
        assert any(example.title.startswith(page) for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_ends_with_the_figures_that_the_page_gives(example: Example) -> None:
    order: Order | None = None
    for step in example.steps:
        *_, (_, _, order) = played(step.commands, order)
        shown = order_figures(order)
        assert {name: shown[name] for name in step.figures} == step.figures
        assert [one for one in shown["anomalies"] if one["state"] == "open"] == []


@pytest.mark.parametrize("page", ["README.md", "docs/domain.md"])
def test_a_refund_lowers_what_is_due_as_the_page_says(page: str) -> None:
    [rows] = tables(page, "| `grant-refund` of | on an order | `credit_cents` left out is |")
    assert len(rows) == 4
    for refund, on, credit in rows:
        due, paid, back = (cents(text) for text in (*on.split(", "), refund))
        *_, (granted, _, order) = played(refunded(due, paid, back))
        assert isinstance(granted, e.RefundGranted)
        assert granted.credit_cents == int(credit.partition(":")[0])
        assert order.money.due_cents == due - granted.credit_cents


def test_the_journal_is_the_postings_of_its_order() -> None:
    [journal] = tables("docs/accounting.md", "| event | debit | credit |")
    [example] = [each for each in EXAMPLES if each.title.startswith("accounting.md")]
    rows = [
        [type(event).__name__, side(posted, 1), side(posted, -1)]
        for event, before, after in played(example.commands)
        if (posted := posted_by(event, before, after))
    ]
    assert journal == rows


def test_the_table_of_postings_has_every_event_that_posts_and_every_account() -> None:
    usual, also = table_of_postings()
    seen: dict[str, set[str]] = {}
    for event, posting in every_posting():
        seen.setdefault(row_of(event), set()).add(posting.account)
    for row, accounts in seen.items():
        assert usual[row] <= accounts <= usual[row] | also[row], row
    assert {row for row in usual if usual[row]} == seen.keys()


def test_the_table_of_postings_names_events_and_accounts() -> None:
    usual, also = table_of_postings()
    assert {row.partition(",")[0] for row in usual} <= EVENTS.keys()
    for accounts in (*usual.values(), *also.values()):
        assert accounts <= set(ACCOUNTS)
    [rows] = tables("docs/accounting.md", "| account | what it holds |")
    assert re.findall(r"`(\w+)`", " ".join(row[0] for row in rows)) == list(ACCOUNTS)


def test_every_command_and_field_to_send_exists() -> None:
    rows = list(rows_to_send())
    for _, names, given, _ in rows:
        known = EDGE_FIELDS.union(*(field_names(name) for name in names))
        assert set(given) <= known, (names, given)
    sent = {name for _, names, _, _ in rows for name in names}
    assert {"authorize-payment", "capture-payment", "refund-payment", "fail-refund"} <= sent


def test_every_field_that_a_command_needs_is_named() -> None:
    for event, names, given, text in rows_to_send():
        if len(names) == 1 and not text.startswith("as "):
            kind = COMMANDS[names[0]]
            needed = {each.name for each in fields(kind) if each.default is MISSING}
            assert needed <= set(given), (event, names)


def test_an_unknown_field_or_command_would_be_found() -> None:
    assert "payment" not in field_names("capture-payment")
    assert "capture" not in COMMANDS
    with pytest.raises(KeyError):
        field_names("pay-order")


def test_every_command_that_a_page_names_exists() -> None:
    for page in PAGES:
        named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text_of(f"docs/{page}")))
        words = {"store-credit", "gift-card", "on-hold"}
        assert named <= {*COMMANDS, *RULES, *ANOMALIES, *words}


def test_every_route_that_a_page_names_exists() -> None:
    routes = re.findall(r"^\| `GET ([^`]+)`", text_of("docs/reference.md"), re.MULTILINE)
    for page in PAGES:
        named = re.findall(r"`GET (/v1/[^`? ]+)", text_of(f"docs/{page}"))
        assert set(named) <= set(routes), page


# The domain alone ---------------------------------------------------------------------------------


def played(
    lines: Iterable[Document], order: Order | None = None
) -> Iterator[tuple[Event, Order | None, Order]]:
    """Each event, the order before and after it. Each line must lead to one at least."""
    for line in lines:
        events = decide(command_of(line, "1"), order)
        assert events, line
        for event in events:
            before, order = order, evolve(order, event)
            yield event, before, order


def posted_by(event: Event, before: Order | None, after: Order) -> tuple[Posting, ...]:
    return postings(before.money if before else None, event, after.money)


def refunded(due: int, paid: int, back: int) -> tuple[Document, ...]:
    item = {"product_id": "a", "quantity": 1, "price_cents": due}
    payment = {"payment_id": "p1", "capture_id": "c1", "amount_cents": paid}
    refund = {"refund_id": "r1", "amount_cents": back, "reason": "x"}
    return (
        {"command": "place-order", "customer_id": "c", "currency": "EUR", "items": [item]},
        {"command": "capture-payment", **payment},
        {"command": "grant-refund", **refund},
    )


def cents(text: str) -> int:
    """Of the amount that the text begins with, as 12.50."""
    units, _, hundredths = text.split(maxsplit=1)[0].rstrip(",").partition(".")
    return int(units) * 100 + int(hundredths)


def every_posting() -> Iterator[tuple[Event, Posting]]:
    """Of the pages' examples and of the field cases."""
    cases = [case["commands"] for case in CASES]
    for lines in (*[example.commands for example in EXAMPLES], *cases):
        for event, before, after in played(lines):
            for posting in posted_by(event, before, after):
                yield event, posting


def side(posted: Iterable[Posting], sign: int) -> str:
    """The debits (1) or credits (-1), as the journal has them."""
    named = (
        (f"{posting.account} {posting.tax_code}".strip(), sign * posting.amount_cents)
        for posting in posted
    )
    return ", ".join(f"{name} {sum_ // 100}.{sum_ % 100:02}" for name, sum_ in named if sum_ > 0)


# The pages ----------------------------------------------------------------------------------------


def row_of(event: Event) -> str:
    if isinstance(event, e.OrderAdjusted):
        return f"OrderAdjusted, a {'charge' if event.amount_cents > 0 else 'credit'}"
    return type(event).__name__


def table_of_postings() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """By event: the accounts that it usually moves, and those that it moves in some cases."""
    [rows] = tables("docs/accounting.md", "| event | accounts | and also |")
    usual, also = {}, {}
    for named, accounts, more in rows:
        adjusted = named.startswith("OrderAdjusted")
        for event in [named] if adjusted else named.split(", "):
            usual[event] = set(re.findall(r"\w+", accounts))
            also[event] = set(re.findall(r"\w+", more)) & set(ACCOUNTS)
    return usual, also


def rows_to_send() -> Iterator[tuple[str, list[str], list[str], str]]:
    """What happened, the commands to send, the fields that are named, and the text they are in."""
    names = ("Stripe says", "Adyen says", "PayPal says", "Shopify says", "WooCommerce says")
    for name in (*names, "it happens"):
        [rows] = tables("docs/what-to-send.md", f"| {name} | you send | with |")
        for event, send, text in rows:
            commands = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", send)
            yield event, commands, re.findall(r"`(\w+)` =", text), text


def field_names(command: str) -> set[str]:
    return {each.name for each in fields(COMMANDS[command])}
