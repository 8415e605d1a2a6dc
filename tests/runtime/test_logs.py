"""Log lines."""

import json
import logging

from runtime.logs import JsonLines, PlainLines, Seldom, SpanIds, configure_logs
from runtime.settings import Settings
from tests.spans import TRACE, TRACEPARENT, Kept, id_of


def _record(message: str, **extra: object) -> logging.LogRecord:
    record = logging.makeLogRecord({"name": "daybook", "levelname": "INFO", "msg": message})
    vars(record).update(extra)
    return record


def test_a_json_line_is_one_line_with_its_extra_fields() -> None:
    line = JsonLines().format(_record("two\nlines", model="order", lag=3))
    assert "\n" not in line
    document = json.loads(line)
    assert (document["message"], document["model"], document["lag"]) == ("two\nlines", "order", 3)
    assert document["time"].endswith("Z")


def test_what_is_named_in_a_line_cannot_end_it() -> None:
    ends = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029\x1b\x9b"
    record = _record(f"order-x{ends}ERROR forged", stream=f"order-{ends}")

    for formatter in (JsonLines(), PlainLines()):
        line = formatter.format(record)
        assert not set(ends) & set(line)
        assert len(line.splitlines()) == 1
    assert json.loads(JsonLines().format(record))["stream"] == f"order-{ends}"


def test_an_extra_field_cannot_forge_a_plain_message() -> None:
    line = PlainLines().format(_record("stopped", model="order"))
    assert line.endswith("info stopped model=order")


def test_what_is_repeated_is_said_once_in_a_while_and_everything_else_at_once() -> None:
    seldom = Seldom(30)
    said = [
        seldom.filter(logging.makeLogRecord({"msg": message, "created": at}))
        for message, at in [
            ("gone: %s", 100.0),
            ("gone: %s", 129.0),
            ("back", 129.0),
            ("gone: %s", 130.0),
        ]
    ]

    assert said == [True, False, True, True]


def test_passwords_in_urls_reach_neither_kind_of_line() -> None:
    record = _record("cannot reach esdb://admin:changeit@db:2113", url="x://u:changeit@h")
    for formatter in (JsonLines(), PlainLines()):
        assert "changeit" not in formatter.format(record)


def test_an_exception_is_part_of_the_line() -> None:
    try:
        raise ValueError("x://user:secret@host")  # noqa: TRY301
    except ValueError as error:
        record = _record("failed", exc_info=(type(error), error, error.__traceback__))
    document = json.loads(JsonLines().format(record))
    assert "ValueError" in document["error"]
    assert "secret" not in document["error"]


def test_a_line_inside_of_a_span_names_it_and_its_trace() -> None:
    kept, ids = Kept(), SpanIds()
    inside, outside = _record("appended"), _record("idle")
    with kept.tracing.span("append", TRACEPARENT, attributes={}):
        assert ids.filter(inside)
    assert ids.filter(outside)
    document = json.loads(JsonLines().format(inside))
    [span] = kept.all
    assert (document["trace_id"], document["span_id"]) == (TRACE, id_of(span))
    assert "trace_id" not in json.loads(JsonLines().format(outside))


def test_lines_name_spans_where_traces_are_on_and_there_alone() -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        found = []
        for traces in ("off", "stderr"):
            configure_logs(Settings(traces=traces))
            found.append([type(one) for one in root.handlers[0].filters])
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert found == [[], [SpanIds]]


def test_what_kafkas_client_calls_fatal_is_left_to_who_catches_it() -> None:
    client = logging.getLogger("aiokafka.consumer.group_coordinator")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logs(Settings())
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)

    def tells(message: str) -> bool:
        line = logging.LogRecord(client.name, logging.ERROR, "", 0, message, ("[Error 26]",), None)
        return bool(client.filter(line))

    assert not tells("Attempt to join group failed due to fatal error: %s")
    assert tells("Group Coordinator Request failed: %s")
