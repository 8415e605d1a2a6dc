"""URLs of PostgreSQL databases, as the settings take them."""

from urllib.parse import parse_qsl, urlsplit

POSTGRES_SCHEME = "postgresql+asyncpg://"
POSTGRES = f"{POSTGRES_SCHEME}user:password@host:5432/database"
OPTIONS = frozenset({"ssl", "host", "port", "target_session_attrs"})


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
    if not dict(parse_qsl(parts.query, keep_blank_values=True)).keys() <= OPTIONS:
        raise ValueError(f"may have the options {', '.join(sorted(OPTIONS))} behind its ?")


def named_database(url: str) -> str:
    """What a URL names, whoever connects to it and however."""
    parts = urlsplit(url)
    host = parts.hostname or dict(parse_qsl(parts.query)).get("host", "")
    return f"//{host}:{parts.port or 5432}{parts.path}"
