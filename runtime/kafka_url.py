"""URLs of a Kafka cluster: what Daybook takes, and in words what to write instead.

No message here holds any part of the URL: it may be the password.
"""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

PLAIN: Final = "kafka"
TLS: Final = "kafka+ssl"
KAFKA_SCHEMES: Final = (f"{PLAIN}://", f"{TLS}://")
FORM: Final = "kafka://host:9092 or kafka+ssl://user:password@host:9092"
PORT: Final = 9092
CA_FILE: Final = "TlsCaFile"


@dataclass(frozen=True, slots=True)
class KafkaUrl:
    """servers: host:port of each broker that is named; the client learns of the others by them.

    ca_file: of the authority that signed the brokers' certificates; empty: those that the system
    trusts. user: empty where the cluster asks for none.
    """

    servers: tuple[str, ...]
    has_tls: bool
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    @property
    def shown(self) -> str:
        """For messages: without user and password."""
        return ", ".join(self.servers)

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(server.rpartition(":")[0] for server in self.servers)


def is_kafka(url: str) -> bool:
    return url.startswith(KAFKA_SCHEMES)


def parse_kafka_url(url: str) -> KafkaUrl:
    """Raises ValueError for what could not work, or would not mean what it says."""
    if not is_kafka(url):
        raise ValueError(f"must be {FORM}")
    try:
        parts = urlsplit(url)
        servers = _servers(parts)
    except ValueError as error:
        raise ValueError(f"is not of the form {FORM}: {_without_url(error)}") from None
    if parts.path not in {"", "/"} or parts.fragment:
        raise ValueError(
            f"has something behind the hosts: the topic is set by itself; write {FORM}"
        )
    parsed = KafkaUrl(
        servers=servers,
        has_tls=parts.scheme == TLS,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca_file=_ca_file(parts.query),
    )
    if parsed.user and not parsed.has_tls:
        raise ValueError(f"would send a password in plain text: write {TLS}://")
    if bool(parsed.user) != bool(parsed.password):
        raise ValueError("names a user or a password, but not both")
    if parsed.ca_file and not parsed.has_tls:
        raise ValueError(f"has {CA_FILE} without TLS: write {TLS}://")
    return parsed


def _servers(parts: SplitResult) -> tuple[str, ...]:
    user, _, servers = parts.netloc.rpartition("@")
    if "@" in user:
        raise _Unusable("write an @ in the password as %40")
    if "[" in servers:
        raise _Unusable("an IPv6 address is not understood by the client: use a host name")
    return tuple(_server(server.strip()) for server in servers.split(","))


def _server(text: str) -> str:
    host, colon, port = text.partition(":")
    if not host or (colon and not (port.isdecimal() and 0 < int(port) < 2**16)):
        raise _Unusable("each host is a name, or a name and a port")
    return f"{host}:{port or PORT}"


def _ca_file(query: str) -> str:
    options = dict(parse_qsl(query, keep_blank_values=True))
    ca_file = options.pop(CA_FILE, "")
    if options:
        raise ValueError(
            f"has options that are not known ({len(options)} of them): there is {CA_FILE}"
        )
    return ca_file


class _Unusable(ValueError):
    """A message of ours: it holds nothing of the URL."""


def _without_url(error: ValueError) -> str:
    return str(error) if isinstance(error, _Unusable) else "it cannot be read"
