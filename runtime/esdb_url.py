"""Connection strings of EventStoreDB: what Daybook takes, and in words what to write instead.

No message here holds any part of the string: it may be the password.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

ESDB_SCHEMES: Final = ("esdb://", "esdb+discover://")
FORM: Final = "esdb://user:password@host:2113"

_OPTIONS: Final = {
    "tls": "Tls",
    "tlscafile": "TlsCaFile",
    "usercertfile": "UserCertFile",
    "userkeyfile": "UserKeyFile",
    "connectionname": "ConnectionName",
    "defaultdeadline": "DefaultDeadline",
    "keepaliveinterval": "KeepAliveInterval",
    "keepalivetimeout": "KeepAliveTimeout",
    "maxdiscoverattempts": "MaxDiscoverAttempts",
    "discoveryinterval": "DiscoveryInterval",
    "gossiptimeout": "GossipTimeout",
    "nodepreference": "NodePreference",
    "tlsverifycert": "TlsVerifyCert",
}
_WHOLE_NUMBERS: Final = (
    "defaultdeadline",
    "keepaliveinterval",
    "keepalivetimeout",
    "maxdiscoverattempts",
    "discoveryinterval",
    "gossiptimeout",
)


@dataclass(frozen=True, slots=True)
class EsdbUrl:
    """hosts: host:port of each node that is named. options: by lower-case name."""

    hosts: tuple[str, ...]
    is_discovered: bool
    user: str
    password: str = field(repr=False)
    options: Mapping[str, str]

    @property
    def has_tls(self) -> bool:
        return self.options.get("tls", "true") == "true"

    @property
    def is_cluster(self) -> bool:
        """The leader is found by asking the nodes."""
        return self.is_discovered or len(self.hosts) > 1

    @property
    def shown(self) -> str:
        """For messages: without user and password."""
        return ", ".join(self.hosts)

    def number(self, option: str, default: int) -> int:
        return int(self.options.get(option, default))


def is_esdb(url: str) -> bool:
    return url.startswith(ESDB_SCHEMES)


def parse_esdb_url(url: str) -> EsdbUrl:
    """Raises ValueError for what could not work, or would not mean what it says."""
    if not is_esdb(url):
        raise ValueError(f"must be {FORM}")
    try:
        parts = urlsplit(url)
        hosts = _hosts(parts)
    except ValueError as error:
        raise ValueError(f"is not of the form {FORM}: {_without_url(error)}") from None
    if parts.path not in {"", "/"} or parts.fragment:
        raise ValueError(f"has something behind the host: write {FORM} and options behind a ?")
    parsed = EsdbUrl(
        hosts=hosts,
        is_discovered=parts.scheme == "esdb+discover",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        options=_options(parts.query),
    )
    if parsed.is_discovered and len(hosts) != 1:
        raise ValueError("names several hosts: esdb+discover:// takes the one name of the cluster")
    if parsed.has_tls and not (parsed.user and parsed.password):
        raise ValueError(f"names no user and password, which a server with TLS needs: {FORM}")
    return parsed


def _hosts(parts: SplitResult) -> tuple[str, ...]:
    user, _, hosts = parts.netloc.rpartition("@")
    if "@" in user:
        raise _Unusable("write an @ in the password as %40")
    if "[" in hosts:
        raise _Unusable("an IPv6 address is not understood by the client: use a host name")
    return tuple(_host(host.strip()) for host in hosts.split(","))


def _host(text: str) -> str:
    host, colon, port = text.partition(":")
    if not host or (colon and not port.isdecimal()):
        raise _Unusable("each host is a name, or a name and a port")
    return f"{host}:{port or 2113}"


def _options(query: str) -> Mapping[str, str]:
    options = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}
    if unknown := [name for name in options if name not in _OPTIONS]:
        raise ValueError(
            f"has options that are not known ({len(unknown)} of them): "
            f"there are {', '.join(sorted(_OPTIONS.values()))}"
        )
    for name in ("tls", "tlsverifycert"):
        if name in options:
            options[name] = options[name].lower()
            if options[name] not in {"true", "false"}:
                raise ValueError(f"has an option {_OPTIONS[name]} that is neither true nor false")
    if options.get("tlsverifycert") == "false":
        raise ValueError(
            "asks not to verify the certificate, which is always done: "
            "name the authority that signed it with TlsCaFile=<path>"
        )
    if options.get("nodepreference", "leader").lower() != "leader":
        raise ValueError("prefers other nodes than the leader: leave NodePreference out")
    for name in _WHOLE_NUMBERS:
        if not options.get(name, "1").isdecimal() or int(options.get(name, "1")) < 1:
            raise ValueError(f"has an option {_OPTIONS[name]} that is no whole number above 0")
    return options


class _Unusable(ValueError):
    """A message of ours: it holds nothing of the URL."""


def _without_url(error: ValueError) -> str:
    return str(error) if isinstance(error, _Unusable) else "it cannot be read"
