"""Logging: lines on stderr, plain for people or JSON for machines; passwords hidden in both."""

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime

from runtime.lines import in_a_line
from runtime.settings import Settings
from runtime.urls import redacted

# The attributes of every LogRecord. All others were given by `extra=` and belong in the line.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


AGAIN_S = 30.0
"""Shortest time between two equal messages of Kafka's client."""


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record).isoformat().replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_extra(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return redacted(in_a_line(json.dumps(line, default=str, ensure_ascii=False)))


class PlainLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        words = [f"{_time(record):%H:%M:%S}", record.levelname.lower(), record.getMessage()]
        words += [f"{name}={value}" for name, value in _extra(record).items()]
        words = [in_a_line(word) for word in words]
        if record.exc_info:
            words.append("\n" + self.formatException(record.exc_info))
        return redacted(" ".join(words))


class SpanIds(logging.Filter):
    """Adds trace_id and span_id to what is logged within a span."""

    def __init__(self) -> None:
        super().__init__()
        from opentelemetry.trace import get_current_span  # costs nothing without traces

        self._current = get_current_span

    def filter(self, record: logging.LogRecord) -> bool:
        span = self._current().get_span_context()
        if span.is_valid:
            record.trace_id, record.span_id = f"{span.trace_id:032x}", f"{span.span_id:016x}"
        return True


class Seldom(logging.Filter):
    """Lets a message through once in every_s, whatever its arguments.

    For a client that logs every try: the loop that calls it logs why it waits.
    """

    def __init__(self, every_s: float) -> None:
        super().__init__()
        self._every_s = every_s
        self._told_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        message = str(record.msg)
        if record.created - self._told_at.get(message, -self._every_s) < self._every_s:
            return False
        self._told_at[message] = record.created
        return True


def configure_logs(settings: Settings) -> None:
    """Send all logs to stderr. A command calls it once."""
    plain = settings.log_format == "plain" or (
        settings.log_format == "auto" and sys.stderr.isatty()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLines() if plain else JsonLines())
    if settings.traces != "off":
        handler.addFilter(SpanIds())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for chatty in ("httpx", "httpcore", "aiosqlite", "aiokafka", "asyncio", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    # Work that is cancelled because a stop has taken too long is not an error.
    logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
    logging.getLogger("aiokafka").addFilter(Seldom(AGAIN_S))
    # It logs every rebalance as a heartbeat that failed.
    coordination = logging.getLogger("aiokafka.consumer.group_coordinator")
    coordination.setLevel(logging.ERROR)
    # What it logs as fatal it also raises, and the caller handles or logs that.
    coordination.addFilter(lambda record: "due to fatal error" not in str(record.msg))


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _OWN}
