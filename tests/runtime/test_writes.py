"""An answer's head and body leave in one write, and nothing is held back for longer than a turn."""

import asyncio
from typing import Any, cast

import pytest

from runtime.http.writes import JoinedWrites


class Written:
    """A transport that remembers."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.parts.append(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> str:
        return f"the {name}"


@pytest.fixture
async def written() -> Written:
    return Written()


async def test_a_head_and_its_body_are_one_write(written: Written) -> None:
    transport = joined(written)
    transport.write(b"head ")
    transport.write(b"body")

    assert written.parts == [b"head body"]
    await asyncio.sleep(0)
    assert written.parts == [b"head body"]


async def test_a_write_alone_leaves_in_the_next_turn(written: Written) -> None:
    transport = joined(written)
    transport.write(b"head")

    assert written.parts == []
    await asyncio.sleep(0)
    assert written.parts == [b"head"]


async def test_closing_writes_what_is_held_back_first(written: Written) -> None:
    transport = joined(written)
    transport.write(b"head")
    transport.close()
    await asyncio.sleep(0)

    assert written.parts == [b"head"]
    assert written.closed


async def test_everything_else_is_the_transports_own(written: Written) -> None:
    assert joined(written).get_extra_info("peer") == "the peer"


def joined(written: Written) -> Any:
    return JoinedWrites(cast("asyncio.Transport", written))
