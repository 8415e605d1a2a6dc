"""What keeps a cluster from being reached, in words: the client raises "unable to bootstrap" and no
more, whatever it was.
"""

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
_REFUSED: Final = "the user or the password is refused: mend them in the URL"
_NO_TLS: Final = (
    f"it does not answer with TLS on this port: write {KAFKA_PLAIN}://, or another port"
)


async def why_unreached(url: KafkaUrl) -> str:
    """What each of the named brokers says to us now, and what to do; empty if one lets us in.

    Raises BusUnavailable for an unreadable TlsCaFile.
    """
    options = client_options(url)
    del options["bootstrap_servers"]
    said = []
    for server in url.servers:
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(TRY_S):
                connection = await create_conn(host, int(port), **options)
        except (KafkaError, OSError) as error:
            said.append(f"{server}: {_meaning(error, url)}")
        else:
            connection.close()
            return ""
    return "; ".join(said)


def _meaning(error: KafkaError | OSError, url: KafkaUrl) -> str:
    match error:
        case SaslAuthenticationFailed():
            return _REFUSED
        case UnsupportedSaslMechanismError():
            return "it does not take SCRAM-SHA-512: enable that mechanism on this port"
        case ssl.SSLCertVerificationError():
            return (
                f"its certificate is not trusted ({error.verify_message}): name the authority that "
                f"signed it with {CA_FILE}=<path>, and the broker as the certificate does"
            )
        case ConnectionRefusedError():
            return "nobody listens there"
        case ssl.SSLError() | ConnectionError() if url.has_tls:
            return _NO_TLS
        case TimeoutError():
            return f"no answer within {TRY_S:.0f} s" + (f"; {_NO_TLS}" if url.has_tls else "")
        case KafkaConnectionError() if not url.has_tls:
            return f"it closes the connection: where the port asks for TLS, write {KAFKA_TLS}://"
        case _:
            return error.strerror if isinstance(error, OSError) and error.strerror else words(error)
