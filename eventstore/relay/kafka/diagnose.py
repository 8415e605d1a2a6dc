"""Why a cluster cannot be reached: the client raises one error for every cause."""

import asyncio
import ssl
from typing import Final

from aiokafka.conn import create_conn  # type: ignore[import-untyped]
from aiokafka.errors import (  # type: ignore[import-untyped]
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from eventstore.relay.kafka.connection import client_options, words
from runtime.urls import CA_FILE, KAFKA_PLAIN, KAFKA_TLS, KafkaUrl

TRY_S: Final = 3.0
_REFUSED: Final = "the user or the password is refused: correct them in the URL"
_NO_TLS: Final = f"it does not answer with TLS on this port: use {KAFKA_PLAIN}://, or another port"


async def diagnose_connection(url: KafkaUrl) -> str:
    """For each broker of the URL, why it cannot be used and what to do; empty if one accepts us.

    Raises BusUnavailable for an unreadable TlsCaFile.
    """
    options = client_options(url)
    del options["bootstrap_servers"]
    reasons = []
    for server in url.servers:
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(TRY_S):
                connection = await create_conn(host, int(port), **options)
        except (KafkaError, OSError) as error:
            reasons.append(f"{server}: {_meaning(error, url)}")
        else:
            connection.close()
            return ""
    return "; ".join(reasons)


def _meaning(error: KafkaError | OSError, url: KafkaUrl) -> str:
    match error:
        case SaslAuthenticationFailed():
            return _REFUSED
        case UnsupportedSaslMechanismError():
            return "it does not accept SCRAM-SHA-512: enable that mechanism on this port"
        case ssl.SSLCertVerificationError():
            return (
                f"its certificate is not trusted ({error.verify_message}): set the authority that "
                f"signed it with {CA_FILE}=<path>, and use the broker's name as in the certificate"
            )
        case ConnectionRefusedError():
            return "no process listens there"
        case ssl.SSLError() | ConnectionError() if url.has_tls:
            return _NO_TLS
        case TimeoutError():
            return f"no answer within {TRY_S:.0f} s" + (f"; {_NO_TLS}" if url.has_tls else "")
        case KafkaConnectionError() if not url.has_tls:
            return f"it closes the connection: if the port expects TLS, use {KAFKA_TLS}://"
        case _:
            return error.strerror if isinstance(error, OSError) and error.strerror else words(error)
