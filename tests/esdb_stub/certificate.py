"""A certificate for the loopback, made for one test run."""

import shutil
import subprocess
from pathlib import Path

import pytest


class Certificate:
    """path: the certificate, as a client's TlsCaFile; key: its key; pair: both for Stub.start."""

    def __init__(self, folder: Path) -> None:
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("needs the openssl command to make a certificate")
        self.key, self.path = folder / "key.pem", folder / "certificate.pem"
        subprocess.run(
            [
                *(openssl, "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "1"),
                *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
                *("-keyout", str(self.key), "-out", str(self.path)),
            ],
            check=True,
            capture_output=True,
        )
        self.pair = (self.key.read_bytes(), self.path.read_bytes())
