"""URLs of servers: those that Daybook accepts, and what to write instead of others.

No message here contains any part of a URL: it may be the password.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import unquote

from pydantic_core import MultiHostUrl
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

ESDB_SCHEMES: Final = ("esdb://", "esdb+discover://")
ESDB_FORM: Final = "esdb://user:password@host:2113"
ESDB_PORT: Final = 2113
KAFKA_PLAIN: Final = "kafka"
KAFKA_TLS: Final = "kafka+ssl"
KAFKA_SCHEMES: Final = (f"{KAFKA_PLAIN}://", f"{KAFKA_TLS}://")
KAFKA_FORM: Final = "kafka://host:9092 or kafka+ssl://user:password@host:9092"
KAFKA_PORT: Final = 9092
CA_FILE: Final = "TlsCaFile"
POSTGRES_SCHEME: Final = "postgresql+asyncpg://"
POSTGRES_FORM: Final = f"{POSTGRES_SCHEME}user:password@host:5432/database"
POSTGRES_PORT: Final = 5432

U = TypeVar("U", bound="ServerUrl")

_ESDB_OPTIONS: Final = {
    name.lower(): name
    for name in (
        "Tls",
        CA_FILE,
        "UserCertFile",
        "UserKeyFile",
        "ConnectionName",
        "DefaultDeadline",
        "KeepAliveInterval",
        "KeepAliveTimeout",
        "MaxDiscoverAttempts",
        "DiscoveryInterval",
        "GossipTimeout",
        "NodePreference",
        "TlsVerifyCert",
    )
}
_ESDB_WHOLE_NUMBERS: Final = (
    "defaultdeadline",
    "keepaliveinterval",
    "keepalivetimeout",
    "maxdiscoverattempts",
    "discoveryinterval",
    "gossiptimeout",
)
_POSTGRES_OPTIONS: Final = frozenset({"ssl", "host", "port", "target_session_attrs"})
_ENCRYPTED: Final = ("require", "verify-ca", "verify-full")
_MAYBE_PLAIN: Final = ("disable", "allow", "prefer")

_URL_PASSWORD: Final = re.compile(r"(://[^:/@\s]*):[^\s\"]+@")


def redacted(text: str) -> str:
    """The text with the password of every URL in it hidden."""
    return _URL_PASSWORD.sub(r"\1:***@", text)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """servers: host:port of each server that is named. user, password: empty where not named.

    options: what follows the ?, by lower-case name.
    """

    scheme: str
    servers: tuple[str, ...]
    user: str
    password: str = field(repr=False)
    options: Mapping[str, str]

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(server.rpartition(":")[0] for server in self.servers)

    @property
    def shown(self) -> str:
        """For messages, without user and password."""
        return ", ".join(self.servers)


@dataclass(frozen=True, slots=True)
class EsdbUrl(ServerUrl):
    """Of EventStoreDB."""

    @property
    def has_tls(self) -> bool:
        return self.options.get("tls", "true").lower() == "true"

    @property
    def is_discovered(self) -> bool:
        """One name stands for all nodes of a cluster."""
        return self.scheme == "esdb+discover"

    @property
    def is_cluster(self) -> bool:
        """The leader is found by asking the nodes."""
        return self.is_discovered or len(self.servers) > 1

    def number(self, option: str, default: int) -> int:
        return int(self.options.get(option, default))


@dataclass(frozen=True, slots=True)
class KafkaUrl(ServerUrl):
    """Of a Kafka cluster: the client learns of other brokers from the ones named."""

    @property
    def has_tls(self) -> bool:
        return self.scheme == KAFKA_TLS

    @property
    def ca_file(self) -> str:
        """Of the authority that signed the brokers' certificates; empty: the system's."""
        return self.options.get(CA_FILE.lower(), "")


def is_esdb(url: str) -> bool:
    return url.startswith(ESDB_SCHEMES)


def is_kafka(url: str) -> bool:
    return url.startswith(KAFKA_SCHEMES)


def is_postgres(url: str) -> bool:
    return url.startswith(POSTGRES_SCHEME)


def parse_esdb_url(url: str) -> EsdbUrl:
    """Raises ValueError for what could not work, or would not mean what it says."""
    parsed = _parsed(
        EsdbUrl,
        url,
        schemes=ESDB_SCHEMES,
        form=ESDB_FORM,
        port=ESDB_PORT,
        options=_ESDB_OPTIONS.values(),
    )
    _check_esdb_options(parsed.options)
    if parsed.is_discovered and len(parsed.servers) != 1:
        raise ValueError("names several hosts: esdb+discover:// takes the one name of the cluster")
    if parsed.has_tls and not (parsed.user and parsed.password):
        raise ValueError(f"names no user and password, which a server with TLS needs: {ESDB_FORM}")
    return parsed


def parse_kafka_url(url: str) -> KafkaUrl:
    """Raises ValueError for what could not work, or would not mean what it says."""
    parsed = _parsed(
        KafkaUrl,
        url,
        schemes=KAFKA_SCHEMES,
        form=KAFKA_FORM,
        port=KAFKA_PORT,
        options=(CA_FILE,),
    )
    if parsed.user and not parsed.has_tls:
        raise ValueError(f"would send a password in plain text: write {KAFKA_TLS}://")
    if bool(parsed.user) != bool(parsed.password):
        raise ValueError("names a user or a password, but not both")
    if parsed.ca_file and not parsed.has_tls:
        raise ValueError(f"has {CA_FILE} without TLS: write {KAFKA_TLS}://")
    return parsed


def check_postgres_url(url: str) -> None:
    """Raises ValueError where no database is named, or an option that is not known."""
    parsed = _postgres(url)
    if parsed is None or parsed.port == 0 or not parsed.database or "@" in (parsed.host or ""):
        raise ValueError(f"must be {POSTGRES_FORM}; write an @ in the password as %40")
    if not parsed.query.keys() <= _POSTGRES_OPTIONS:
        raise ValueError(f"may have the options {', '.join(sorted(_POSTGRES_OPTIONS))} after a ?")
    if parsed.query.get("ssl", "prefer") not in (*_ENCRYPTED, *_MAYBE_PLAIN):
        raise ValueError(f"may have ssl={'|'.join((*_MAYBE_PLAIN, *_ENCRYPTED))} after a ?")


def named_database(url: str) -> str:
    """The database that a PostgreSQL URL names, whoever connects to it and however."""
    parsed = make_url(url)
    host = parsed.host or ",".join(_texts(parsed.query.get("host", "")))
    return f"//{host}:{parsed.port or POSTGRES_PORT}/{parsed.database}"


def refuse_plain_text(url: str) -> None:
    """Raises ValueError where an EventStoreDB URL asks for no TLS to another machine."""
    parsed = parse_esdb_url(url)
    if not parsed.has_tls and not all(map(is_loopback, parsed.hosts)):
        raise ValueError(
            "DAYBOOK_STORE asks for Tls=false to another machine: use TLS, or set "
            "DAYBOOK_ESDB_INSECURE=true if nobody else can listen on the way"
        )


def refuse_plain_bus(url: str) -> None:
    """Raises ValueError where a Kafka URL asks for no TLS to another machine."""
    parsed = parse_kafka_url(url)
    if not parsed.has_tls and not all(map(is_loopback, parsed.hosts)):
        raise ValueError(
            "DAYBOOK_BUS asks for plain text to another machine: use kafka+ssl://, or set "
            "DAYBOOK_BUS_INSECURE=true if nobody else can listen on the way"
        )


def refuse_plain_database(variable: str, url: str) -> None:
    """Raises ValueError where a PostgreSQL URL asks for no TLS to another machine."""
    parsed = make_url(url)
    hosts = [parsed.host or ""]
    hosts += [host for text in _texts(parsed.query.get("host", "")) for host in text.split(",")]
    others = [
        host
        for host in map(_without_port, hosts)
        if host and not host.startswith("/") and not is_loopback(host)
    ]
    if others and parsed.query.get("ssl") not in _ENCRYPTED:
        raise ValueError(
            f"{variable} does not ask for TLS to another machine: add ?ssl=verify-full "
            "(or ?ssl=require, which verifies nothing), or set DAYBOOK_DB_INSECURE=true if nobody "
            "else can listen on the way"
        )


def _parsed(
    kind: type[U],
    url: str,
    *,
    schemes: tuple[str, ...],
    form: str,
    port: int,
    options: Iterable[str],
) -> U:
    """form: what to write. port: where none is named. options: the ones it may have."""
    if not url.startswith(schemes):
        raise ValueError(f"must be {form}")
    if url.partition("://")[2].partition("/")[0].count("@") > 1:
        raise ValueError(f"is not of the form {form}: write an @ in the password as %40")
    try:
        # Spaces after the commas of a list of hosts are common, and no host contains one.
        parts = MultiHostUrl(re.sub(r",\s+", ",", url))
    except ValueError:
        raise ValueError(f"is not of the form {form}: each host is a name and a port") from None
    hosts = parts.hosts()
    if not hosts or any(host["port"] == 0 or not host["host"] for host in hosts):
        raise ValueError(f"is not of the form {form}: each host is a name and a port")
    if any("[" in (host["host"] or "") for host in hosts):
        raise ValueError(f"is not of the form {form}: the client takes a host name, not IPv6")
    if (parts.path or "/") != "/" or parts.fragment:
        raise ValueError(f"has something after the hosts: write {form}, and options after a ?")
    user = hosts[0]
    return kind(
        scheme=parts.scheme,
        servers=tuple(f"{host['host']}:{host['port'] or port}" for host in hosts),
        user=unquote(user["username"] or ""),
        password=unquote(user["password"] or ""),
        options=_options(parts.query_params(), options),
    )


def _options(given: Iterable[tuple[str, str]], known: Iterable[str]) -> dict[str, str]:
    options = {name.lower(): value for name, value in given}
    names = sorted(known)
    if unknown := options.keys() - {name.lower() for name in names}:
        raise ValueError(
            f"has options that are not known ({len(unknown)} of them): there are {', '.join(names)}"
        )
    return options


def _check_esdb_options(options: Mapping[str, str]) -> None:
    for name in ("tls", "tlsverifycert"):
        if options.get(name, "true").lower() not in {"true", "false"}:
            raise ValueError(f"has an option {_ESDB_OPTIONS[name]} that is neither true nor false")
    if options.get("tlsverifycert", "true").lower() == "false":
        raise ValueError(
            "asks not to verify the certificate, which is always done: "
            f"name the authority that signed it with {CA_FILE}=<path>"
        )
    _check_esdb_certificates(options)
    if options.get("nodepreference", "leader").lower() != "leader":
        raise ValueError("prefers other nodes than the leader: leave NodePreference out")
    for name in _ESDB_WHOLE_NUMBERS:
        if not options.get(name, "1").isdecimal() or int(options.get(name, "1")) < 1:
            raise ValueError(f"has an option {_ESDB_OPTIONS[name]} that is no whole number above 0")


def _check_esdb_certificates(options: Mapping[str, str]) -> None:
    if options.get("tls", "true").lower() == "false":
        for name in ("tlscafile", "usercertfile", "userkeyfile"):
            if name in options:
                raise ValueError(f"has {_ESDB_OPTIONS[name]} and Tls=false: leave out one of them")
    if ("usercertfile" in options) != ("userkeyfile" in options):
        raise ValueError("has UserCertFile or UserKeyFile alone: name the certificate and its key")


def _postgres(url: str) -> URL | None:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        return None


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _without_port(host: str) -> str:
    return host.partition(":")[0] if host.count(":") == 1 else host
