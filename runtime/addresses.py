"""What may be sent where, and what of an address may be shown."""

import ipaddress
import re

from runtime.esdb_url import parse_esdb_url
from runtime.kafka_url import parse_kafka_url
from runtime.postgres_url import hosts_of, is_encrypted

_URL_PASSWORD = re.compile(r"(://[^:/@\s]*):[^\s\"]+@")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_plain_text(esdb_url: str) -> None:
    """Raises ValueError where the URL asks for no TLS to another machine."""
    url = parse_esdb_url(esdb_url)
    if not url.has_tls and not all(is_loopback(host.partition(":")[0]) for host in url.hosts):
        raise ValueError(
            "DAYBOOK_STORE asks for Tls=false to another machine: use TLS, or set "
            "DAYBOOK_ESDB_INSECURE=true if nobody else can listen on the way"
        )


def refuse_plain_bus(kafka_url: str) -> None:
    """Raises ValueError where the URL asks for no TLS to another machine."""
    url = parse_kafka_url(kafka_url)
    if not url.has_tls and not all(map(is_loopback, url.hosts)):
        raise ValueError(
            "DAYBOOK_BUS asks for plain text to another machine: use kafka+ssl://, or set "
            "DAYBOOK_BUS_INSECURE=true if nobody else can listen on the way"
        )


def refuse_plain_database(variable: str, url: str) -> None:
    """Raises ValueError where the URL of a PostgreSQL asks for no TLS to another machine."""
    if not is_encrypted(url) and not all(map(is_loopback, hosts_of(url))):
        raise ValueError(
            f"{variable} does not ask for TLS to another machine: put ?ssl=verify-full behind it "
            "(or ?ssl=require, which verifies nothing), or set DAYBOOK_DB_INSECURE=true if nobody "
            "else can listen on the way"
        )


def redacted(text: str) -> str:
    """The text with the password of every URL in it hidden."""
    return _URL_PASSWORD.sub(r"\1:***@", text)
