"""URLs of PostgreSQL databases, as the settings take them."""

from urllib.parse import parse_qsl, urlsplit

POSTGRES_SCHEME = "postgresql+asyncpg://"
POSTGRES = f"{POSTGRES_SCHEME}user:password@host:5432/database"
OPTIONS = frozenset({"ssl", "host", "port", "target_session_attrs"})
ENCRYPTED = ("require", "verify-ca", "verify-full")
MAYBE_PLAIN = ("disable", "allow", "prefer")


def is_postgres(url: str) -> bool:
    return url.startswith(POSTGRES_SCHEME)


def check_postgres_url(url: str) -> None:
    """Raises ValueError where no database is named, or an option that nobody knows."""
    parts = urlsplit(url)
    try:
        named = parts.port != 0 and parts.path.strip("/") != ""
    except ValueError:
        named = False
    if not named:
        raise ValueError(f"must be {POSTGRES}")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not options.keys() <= OPTIONS:
        raise ValueError(f"may have the options {', '.join(sorted(OPTIONS))} behind its ?")
    if options.get("ssl", "prefer") not in (*ENCRYPTED, *MAYBE_PLAIN):
        raise ValueError(f"may have ssl={'|'.join((*MAYBE_PLAIN, *ENCRYPTED))} behind its ?")


def is_encrypted(url: str) -> bool:
    """Whether there is no connection without TLS."""
    return dict(parse_qsl(urlsplit(url).query)).get("ssl") in ENCRYPTED


def hosts_of(url: str) -> list[str]:
    """Where a connection may go; nothing of what is a folder with a Unix socket."""
    parts = urlsplit(url)
    named = [value for name, value in parse_qsl(parts.query) if name == "host"]
    hosts = [parts.hostname or "", *(host for value in named for host in value.split(","))]
    return [_without_port(host) for host in hosts if host and not host.startswith("/")]


def _without_port(host: str) -> str:
    return host.partition(":")[0] if host.count(":") == 1 else host


def named_database(url: str) -> str:
    """What a URL names, whoever connects to it and however."""
    parts = urlsplit(url)
    host = parts.hostname or dict(parse_qsl(parts.query)).get("host", "")
    return f"//{host}:{parts.port or 5432}{parts.path}"
