"""The certificates that a connection string names, loaded before anything is sent."""

import ssl
from pathlib import Path
from typing import Final

from eventstore.port import StoreMisconfigured
from runtime.urls import CA_FILE, EsdbUrl

CERTIFICATE: Final = "UserCertFile"
KEY: Final = "UserKeyFile"


def tls_context(address: EsdbUrl) -> ssl.SSLContext:
    """Raises StoreMisconfigured: a file cannot be read, or does not contain what it should."""
    # As gRPC checks certificates: a newer Python's default context is stricter.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    if authority := address.options.get(CA_FILE.lower()):
        _load_authority(context, authority)
    else:
        context.load_default_certs()
    certificate = address.options.get(CERTIFICATE.lower())
    key = address.options.get(KEY.lower())
    if certificate and key:
        _load_client(context, certificate, key)
    return context


def _load_authority(context: ssl.SSLContext, path: str) -> None:
    _check_readable(CA_FILE, path)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        raise _misconfigured(CA_FILE, path, "contains no certificate in PEM") from None


def _load_client(context: ssl.SSLContext, certificate: str, key: str) -> None:
    _check_readable(CERTIFICATE, certificate)
    _check_readable(KEY, key)
    try:
        # Without a password OpenSSL would ask for one at the terminal.
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            why = f"does not fit the certificate {CERTIFICATE}={certificate}"
            raise _misconfigured(KEY, key, why) from None
        why = f"and {KEY}={key} are not a certificate and its key in PEM, without a passphrase"
        raise _misconfigured(CERTIFICATE, certificate, why) from None


def _check_readable(option: str, path: str) -> None:
    try:
        with Path(path).open("rb"):
            pass
    except OSError as error:
        raise _misconfigured(option, path, f"cannot be read: {error.strerror}") from None


def _misconfigured(option: str, path: str, why: str) -> StoreMisconfigured:
    return StoreMisconfigured(f"EventStoreDB: {option}={path} {why}")
