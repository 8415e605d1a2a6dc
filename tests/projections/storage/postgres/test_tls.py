"""`ssl=` in the URL holds for all that is asked of PostgreSQL: rows, COPY, readers, the pointer.

The server of the tests was built without TLS, so a door in front of it speaks it.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from projections.storage.database import ReadDatabase
from projections.storage.errors import Unreachable
from projections.storage.open import open_generations
from projections.storage.tables import applied
from projections.worker.writer import open_writer
from replay.rebuild import rebuild
from tests.esdb_stub.certificate import Certificate
from tests.projections.kinds import OnPostgres
from tests.projections.toy import TALLY, Log, contents, placed, url_of

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
ORDERS = 100
"""In one batch: more than go without COPY."""


class Door:
    """Lets those through who ask for TLS first, as PostgreSQL does; counts them and the others."""

    def __init__(self, context: ssl.SSLContext, host: str, port: int) -> None:
        self.encrypted = self.plain = 0
        self._context = context
        self._behind = (host, port)

    async def open(self) -> asyncio.Server:
        return await asyncio.start_server(self._enter, "127.0.0.1", 0)

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if await reader.readexactly(len(SSL_REQUEST)) == SSL_REQUEST:
                writer.write(b"S")
                await writer.start_tls(self._context)
                self.encrypted += 1
                inner_reader, inner_writer = await asyncio.open_connection(*self._behind)
                await asyncio.gather(_pass(reader, inner_writer), _pass(inner_reader, writer))
            else:
                self.plain += 1
        writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    writer.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def door(certificate: Certificate, on_postgres: OnPostgres) -> Door:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.path, certificate.path.with_name("key.pem"))
    return Door(context, on_postgres.server.host, on_postgres.server.port)


@pytest.fixture
async def url(tmp_path: Path, door: Door, on_postgres: OnPostgres) -> AsyncIterator[str]:
    async with await door.open() as server:
        port = server.sockets[0].getsockname()[1]
        yield url_of(tmp_path).replace(f":{on_postgres.server.port}/", f":{port}/")


@pytest.mark.parametrize("ssl_", ["require", "verify-full"])
async def test_all_reads_and_writes_are_encrypted(
    tmp_path: Path,
    url: str,
    door: Door,
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    ssl_: str,
) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", str(certificate.path))
    url += f"?ssl={ssl_}"
    log = Log()
    for n in range(ORDERS):
        await log.append(f"o-{n}", placed(f"o-{n}"))

    await rebuild(TALLY, url, log.store)
    replayed = contents(tmp_path)
    async with aclosing(open_generations(url)) as found:
        await found.create(TALLY, 9)
        async with open_writer(TALLY, found, 9) as writer:
            await writer.commit(await log.items(), {})
    async with aclosing(ReadDatabase(TALLY, url)) as database:
        assert await database.ask(lambda conn: applied(conn, "o-1")) == 0

    assert len(replayed["lines"]) == ORDERS
    assert contents(tmp_path, 9)["lines"] == replayed["lines"]
    assert (door.encrypted > 3, door.plain) == (True, 0)


@pytest.mark.parametrize("ssl_", ["disable", "verify-full"])
async def test_a_connection_that_is_not_encrypted_or_not_verified_is_refused(
    url: str, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ssl_: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # where a certificate of one's own might be
    async with aclosing(ReadDatabase(TALLY, f"{url}?ssl={ssl_}")) as database:
        with pytest.raises(Unreachable):
            await database.ask(lambda conn: applied(conn, "o-1"))
    assert (door.plain > 0) == (ssl_ == "disable")
