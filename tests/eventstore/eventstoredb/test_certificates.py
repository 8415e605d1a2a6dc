"""Certificates that do not fit: a sentence that names the cause, and exit code 2."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("esdbclient")

from eventstore.eventstoredb import Timing, probe
from eventstore.port import StoreMisconfigured, StoreUnavailable
from tests.deployed import ROOT
from tests.esdb_stub.certificate import Certificate
from tests.esdb_stub.server import Stub

QUICK = Timing(append_s=2.0, settle_s=3.0, patience_s=0.2, read_s=10.0)
ONE_NODE, CLUSTER = "esdb://ops:right@{}?", "esdb+discover://ops:right@{}?MaxDiscoverAttempts=1&"


class Certificates(NamedTuple):
    """good: for the loopback. elsewhere: for another name. client: accepted by servers that ask for
    one. stranger: of nobody they know.
    """

    good: Certificate
    elsewhere: Certificate
    client: Certificate
    stranger: Certificate


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    return Certificates(
        Certificate(folder / "good"),
        Certificate(folder / "elsewhere", names="DNS:elsewhere.example"),
        Certificate(folder / "client", names="DNS:client.example"),
        Certificate(folder / "stranger", names="DNS:stranger.example"),
    )


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    """Not started yet. It knows one user, as clients send theirs."""
    stub = Stub()
    stub.door.credentials = "ops:right"
    yield stub
    await stub.stop()


async def error_of(form: str, server: Stub, options: str) -> str:
    with pytest.raises(StoreMisconfigured) as error:
        await probe(form.format(f"127.0.0.1:{server.port}") + options, timing=QUICK)
    assert "right" not in str(error.value)
    return str(error.value)


def shown(certificate: Path, key: Path) -> str:
    return f"&UserCertFile={certificate}&UserKeyFile={key}"


@pytest.mark.parametrize("form", [ONE_NODE, CLUSTER])
async def test_a_certificate_of_another_name(server: Stub, made: Certificates, form: str) -> None:
    await server.start(certificate=made.elsewhere.pair)

    sentence = await error_of(form, server, f"TlsCaFile={made.elsewhere.path}")

    assert "has a certificate of another name" in sentence


@pytest.mark.parametrize("form", [ONE_NODE, CLUSTER])
async def test_a_certificate_of_an_authority_that_is_not_trusted(
    server: Stub, made: Certificates, form: str
) -> None:
    await server.start(certificate=made.elsewhere.pair)

    sentence = await error_of(form, server, f"TlsCaFile={made.good.path}")

    assert "is not trusted here: set the authority that signed it with TlsCaFile=" in sentence


@pytest.mark.parametrize("form", [ONE_NODE, CLUSTER])
@pytest.mark.parametrize("brings_one", [False, True])
async def test_a_server_that_does_not_accept_the_clients_certificate(
    server: Stub, made: Certificates, form: str, *, brings_one: bool
) -> None:
    await server.start(certificate=made.good.pair, clients=made.client.path.read_bytes())
    own = shown(made.stranger.path, made.stranger.key) if brings_one else ""

    sentence = await error_of(form, server, f"TlsCaFile={made.good.path}{own}")

    assert "expects a certificate of the client that is signed by an authority" in sentence


@pytest.mark.parametrize("form", [ONE_NODE, CLUSTER])
async def test_a_client_certificate_that_is_accepted(
    server: Stub, made: Certificates, form: str
) -> None:
    await server.start(certificate=made.good.pair, clients=made.client.path.read_bytes())
    own = shown(made.client.path, made.client.key)
    url = form.format(f"127.0.0.1:{server.port}") + f"TlsCaFile={made.good.path}{own}"

    assert await probe(url, timing=QUICK) == "23.10.7.0"


@pytest.mark.parametrize("form", [ONE_NODE, CLUSTER])
async def test_a_wrong_password(server: Stub, made: Certificates, form: str) -> None:
    await server.start(certificate=made.good.pair)
    server.door.credentials = "ops:another"

    sentence = await error_of(form, server, f"TlsCaFile={made.good.path}")

    assert "rejects the user or the password" in sentence


async def test_a_cluster_that_is_down_is_no_mistake_in_the_settings(
    server: Stub, made: Certificates
) -> None:
    await server.start(certificate=made.good.pair)
    await server.stop()
    url = CLUSTER.format(f"127.0.0.1:{server.port}") + f"TlsCaFile={made.good.path}"

    with pytest.raises(StoreUnavailable, match="no leader is found") as error:
        await probe(url, timing=QUICK)

    assert not isinstance(error.value, StoreMisconfigured)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("TlsCaFile={folder}/none.pem", "TlsCaFile={folder}/none.pem cannot be read: No such"),
        ("TlsCaFile={folder}", "TlsCaFile={folder} cannot be read: Is a directory"),
        ("TlsCaFile={text}", "TlsCaFile={text} contains no certificate in PEM"),
        (
            "UserCertFile={folder}/none.pem&UserKeyFile={key}",
            "UserCertFile={folder}/none.pem cannot be read: No such",
        ),
        (
            "UserCertFile={certificate}&UserKeyFile={folder}/none.pem",
            "UserKeyFile={folder}/none.pem cannot be read: No such",
        ),
        (
            "UserCertFile={certificate}&UserKeyFile={other_key}",
            "UserKeyFile={other_key} does not fit the certificate UserCertFile={certificate}",
        ),
        (
            "UserCertFile={certificate}&UserKeyFile={locked}",
            "UserKeyFile={locked} are not a certificate and its key in PEM, without a passphrase",
        ),
        ("UserCertFile={certificate}&UserKeyFile={text}", "are not a certificate and its key"),
        ("UserCertFile={certificate}", "name the certificate and its key"),
        ("UserKeyFile={key}", "name the certificate and its key"),
    ],
)
async def test_files_that_cannot_be_used_end_a_check_with_exit_code_2(
    made: Certificates, tmp_path: Path, options: str, sentence: str
) -> None:
    text = tmp_path / "text.pem"
    text.write_text("no certificate\n")
    places = {
        "folder": str(tmp_path),
        "text": str(text),
        "certificate": str(made.client.path),
        "key": str(made.client.key),
        "other_key": str(made.stranger.key),
        "locked": str(locked(made.client.key, tmp_path / "locked.pem")),
    }

    code, said = await daybook_check("esdb://ops:right@127.0.0.1:9?" + options.format(**places))

    assert (code, sentence.format(**places) in said) == (2, True), said
    assert "Traceback" not in said


async def test_a_certificate_that_does_not_fit_ends_a_check_with_exit_code_2(
    server: Stub, made: Certificates
) -> None:
    await server.start(certificate=made.elsewhere.pair)
    options = f"TlsCaFile={made.elsewhere.path}"

    code, said = await daybook_check(ONE_NODE.format(f"127.0.0.1:{server.port}") + options)

    assert (code, "has a certificate of another name" in said) == (2, True), said


def locked(key: Path, copy: Path) -> Path:
    """The key with a passphrase."""
    subprocess.run(
        ["openssl", "rsa", "-aes256", "-passout", "pass:secret", "-in", key, "-out", copy],
        check=True,
        capture_output=True,
    )
    return copy


async def daybook_check(url: str) -> tuple[int | None, str]:
    """The exit code, and what is said on standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "daybook.py"), "check"),
        env={**os.environ, "DAYBOOK_STORE": url},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()
