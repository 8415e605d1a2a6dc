"""Traces: whose child a span is, and what they cost who does not want them."""

import asyncio
import subprocess
import sys

import pytest

from runtime.terminal import Exit, ExitError
from runtime.tracing import is_sampled, traceparent, tracing_of
from tests.spans import CALLER, TRACE, TRACEPARENT, Kept, id_of, parent_of, trace_of
from tests.waiting import HUNG_S

UNSAMPLED = f"00-{TRACE}-{CALLER}-00"


async def test_traces_are_off_unless_asked_for() -> None:
    async with tracing_of("off", "test") as tracing:
        assert tracing is None


def test_without_traces_neither_the_sdk_nor_an_exporter_is_imported() -> None:
    program = (
        "import sys, api.serve, projections.commands, eventstore.relay.process\n"
        "costly = ('opentelemetry.sdk', 'opentelemetry.exporter', 'requests')\n"
        "sys.exit(any(name.startswith(costly) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_span_is_the_child_of_the_traceparent_it_is_given() -> None:
    kept = Kept()
    with kept.tracing.span("work", TRACEPARENT, attributes={"order": "o-1"}) as span:
        named = traceparent(span)
    [work] = kept.all
    assert (trace_of(work), parent_of(work)) == (TRACE, CALLER)
    assert named == f"00-{TRACE}-{id_of(work)}-01"
    assert work.attributes == {"order": "o-1"}


def test_without_a_traceparent_it_is_the_child_of_the_current_span() -> None:
    kept = Kept()
    with (
        kept.tracing.span("outer", "", attributes={}),
        kept.tracing.span("inner", None, attributes={}),
    ):
        pass
    assert parent_of(kept.named("inner")) == id_of(kept.named("outer"))
    assert parent_of(kept.named("outer")) is None


@pytest.mark.parametrize("parent", ["", "nonsense", f"00-{'0' * 32}-{CALLER}-01"])
def test_a_traceparent_that_is_none_begins_a_trace(parent: str) -> None:
    kept = Kept()
    with (
        kept.tracing.span("outer", TRACEPARENT, attributes={}),
        kept.tracing.span("inner", parent, attributes={}),
    ):
        pass
    inner = kept.named("inner")
    assert parent_of(inner) is None
    assert trace_of(inner) != TRACE


def test_a_span_of_what_is_over_has_the_times_it_is_told() -> None:
    kept = Kept()
    kept.tracing.past(
        "apply", TRACEPARENT, kind="consumer", began_ns=5, ended_ns=9, attributes={"n": 1}
    )
    [span] = kept.all
    assert (span.start_time, span.end_time, parent_of(span)) == (5, 9, CALLER)


@pytest.mark.parametrize("parent", [None, UNSAMPLED])
def test_what_has_no_recorded_trace_leaves_no_span_behind(parent: str | None) -> None:
    kept = Kept()
    kept.tracing.past("apply", parent, kind="consumer", began_ns=5, ended_ns=9, attributes={})
    assert kept.all == ()


def test_a_caller_that_does_not_record_is_followed_and_named_all_the_same() -> None:
    kept = Kept()
    with kept.tracing.span("work", UNSAMPLED, attributes={}) as span:
        named = traceparent(span)
    assert kept.all == ()
    assert named.startswith(f"00-{TRACE}-")
    assert not is_sampled(named)
    assert CALLER not in named


async def test_a_missing_exporter_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(ExitError, match=r"pip install 'daybook\[otlp\]'") as raised:
        async with tracing_of("otlp", "test"):
            pass
    assert raised.value.code == Exit.UNAVAILABLE


@pytest.mark.parametrize(
    ("given", "service"),
    [
        ({}, "daybook-relay"),
        ({"OTEL_SERVICE_NAME": "ledger-7"}, "ledger-7"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=ledger-8"}, "ledger-8"),
    ],
)
async def test_the_service_is_named_by_its_role_or_by_the_environment(
    given: dict[str, str],
    service: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    async with tracing_of("stderr", "relay") as tracing:
        assert tracing is not None
        with tracing.span("work", None, attributes={}):
            pass
    assert f'"service.name": "{service}"' in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_collector_that_does_not_answer_holds_up_no_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3600")  # for so long it tries by itself
    async with asyncio.timeout(HUNG_S), tracing_of("otlp", "test") as tracing:
        assert tracing is not None
        with tracing.span("work", None, attributes={}):
            pass
