"""The only clock. It is passed to what needs the time, so that a test can pass another one."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the edge that all other code takes its clock from
