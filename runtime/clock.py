"""The one clock: handed to whoever needs the time, so that a test can hand over another one."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the edge that all other code takes its clock from
