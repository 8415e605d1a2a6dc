"""Certificates made for one test run: each is signed by itself, so it is its own authority."""

import shutil
import subprocess
from pathlib import Path

import pytest


class Certificate:
    """path: the certificate, as a client's TlsCaFile; key: its key; pair: both for Stub.start."""

    def __init__(self, folder: Path, *, names: str = "IP:127.0.0.1,DNS:localhost") -> None:
        """names: the hosts that it is for."""
        folder.mkdir(exist_ok=True)
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("needs the openssl command to make a certificate")
        self.key, self.path = folder / "key.pem", folder / "certificate.pem"
        subprocess.run(
            [
                *(openssl, "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "1"),
                *("-subj", "/CN=localhost", "-addext", f"subjectAltName={names}"),
                *("-keyout", str(self.key), "-out", str(self.path)),
            ],
            check=True,
            capture_output=True,
        )
        self.pair = (self.key.read_bytes(), self.path.read_bytes())
