import pytest
from pydantic import ValidationError

from runtime.environment import SettingsError, load_settings
from runtime.settings import Settings
from runtime.urls import (
    KafkaUrl,
    check_postgres_url,
    is_esdb,
    is_kafka,
    parse_esdb_url,
    parse_kafka_url,
    redacted,
)

SECRET = "hunter2"


def test_an_esdb_url_names_hosts_and_a_user() -> None:
    url = parse_esdb_url("esdb://ops:p%40ss%2Fword@a:2114,b?TlsCaFile=ca.pem")

    assert url.servers == ("a:2114", "b:2113")
    assert url.hosts == ("a", "b")
    assert (url.user, url.password) == ("ops", "p@ss/word")
    assert (url.has_tls, url.is_cluster, url.is_discovered) == (True, True, False)
    assert url.shown == "a:2114, b:2113"


def test_options_are_taken_whatever_their_case() -> None:
    assert not parse_esdb_url("esdb://localhost?tls=FALSE").has_tls


@pytest.mark.parametrize(
    ("url", "is_cluster"),
    [
        ("esdb://a?Tls=false", False),
        ("esdb://a,b?Tls=false", True),
        ("esdb+discover://a?Tls=false", True),
    ],
)
def test_the_leader_is_looked_for_where_there_can_be_several_nodes(
    url: str, *, is_cluster: bool
) -> None:
    assert is_esdb(url)
    assert parse_esdb_url(url).is_cluster is is_cluster


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        (f"http://ops:{SECRET}@a", "must be esdb://"),
        ("esdb://", "each host is a name"),
        (f"esdb://ops:{SECRET}@", "each host is a name"),
        (f"esdb://ops:{SECRET}@a:port", "each host is a name"),
        (f"esdb://ops:{SECRET}@b@a", "an @ in the password as %40"),
        (f"esdb://ops:{SECRET}/x@a", "each host is a name"),
        (f"esdb://ops:{SECRET}@[::1]:2113", "not IPv6"),
        (f"esdb://ops:{SECRET}@[::1", "each host is a name"),
        (f"esdb://ops:{SECRET}@a/db", "after the hosts"),
        (f"esdb://ops:{SECRET}@a#x", "after the hosts"),
        (f"esdb+discover://ops:{SECRET}@a,b", "takes the one name"),
        ("esdb://a", "names no user and password"),
        ("esdb://ops@a", "names no user and password"),
        (f"esdb://ops:{SECRET}@a?password={SECRET}", "options that are not known"),
        (f"esdb://ops:{SECRET}@a?Tls={SECRET}", "neither true nor false"),
        (f"esdb://ops:{SECRET}@a?TlsVerifyCert=false", "TlsCaFile"),
        (f"esdb://ops:{SECRET}@a?NodePreference=follower", "leave NodePreference out"),
        (f"esdb://ops:{SECRET}@a?DefaultDeadline={SECRET}", "DefaultDeadline that is no whole"),
        (f"esdb://ops:{SECRET}@a?KeepAliveInterval=0", "no whole number above 0"),
        (f"esdb://ops:{SECRET}@a?UserCertFile=c.pem", "name the certificate and its key"),
        (f"esdb://ops:{SECRET}@a?UserKeyFile=k.pem", "name the certificate and its key"),
        ("esdb://a?Tls=false&TlsCaFile=ca.pem", "has TlsCaFile and Tls=false"),
    ],
)
def test_the_error_of_a_wrong_esdb_url_never_contains_the_password(url: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice) as error:
        parse_esdb_url(url)

    assert SECRET not in str(error.value)


def test_a_url_shows_no_password_when_it_is_printed() -> None:
    assert SECRET not in repr(parse_esdb_url(f"esdb://ops:{SECRET}@a"))


@pytest.mark.parametrize(
    "text",
    [
        f"esdb://ops:{SECRET}@a:2113",
        f"no esdb+discover://ops:{SECRET}@a here",
        f"esdb://ops:x@{SECRET}@a:2113",
        f"esdb://ops:x/{SECRET}@a:2113",
        f'{{"store":"esdb://ops:{SECRET}@a","mail":"x@y"}}',
    ],
)
def test_a_password_is_taken_out_of_any_text(text: str) -> None:
    assert SECRET not in redacted(text)
    assert "ops:***@" in redacted(text)


@pytest.mark.parametrize("hosts", ["127.0.0.1", "localhost", "127.0.0.1:1,127.0.0.1:2"])
def test_no_tls_is_taken_on_this_machine(hosts: str) -> None:
    assert Settings(store=f"esdb://{hosts}?Tls=false").store


@pytest.mark.parametrize("hosts", ["10.0.0.1", "log.example", "127.0.0.1:1,10.0.0.1"])
def test_no_tls_is_refused_to_other_machines_unless_a_setting_says_so(hosts: str) -> None:
    url = f"esdb://{hosts}?Tls=false"
    with pytest.raises(ValidationError, match="DAYBOOK_ESDB_INSECURE=true"):
        Settings(store=url)

    assert Settings(store=url, esdb_insecure=True).store == url


def test_a_wrong_store_is_a_settings_error_without_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DAYBOOK_STORE", f"esdb://ops:{SECRET}@10.0.0.1?Tls=false")

    with pytest.raises(SettingsError, match="DAYBOOK_STORE asks for Tls=false") as error:
        load_settings()

    assert SECRET not in str(error.value)
    assert SECRET not in repr(error.value.__cause__)


def test_settings_never_show_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(store=f"esdb://ops:{SECRET}@a")

    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.shown())


def test_a_url_names_brokers() -> None:
    assert is_kafka("kafka://a")
    assert parse_kafka_url("kafka://a:9093, b") == KafkaUrl(
        "kafka", ("a:9093", "b:9092"), "", "", {}
    )
    assert parse_kafka_url("kafka://a:9093,b/").hosts == ("a", "b")


def test_a_url_with_tls_names_a_user_and_who_signed_the_certificates() -> None:
    url = parse_kafka_url("kafka+ssl://ops:p%40ss%2Fword@a,b:2?TlsCaFile=/etc/ca.pem")
    assert (url.servers, url.has_tls) == (("a:9092", "b:2"), True)
    assert (url.user, url.password, url.ca_file) == ("ops", "p@ss/word", "/etc/ca.pem")
    assert url.shown == "a:9092, b:2"
    assert "p@ss" not in repr(url)


def test_tls_needs_no_user() -> None:
    assert parse_kafka_url("kafka+ssl://a").user == ""


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        (f"http://ops:{SECRET}@a", "must be kafka://"),
        ("kafka://", "each host is a name"),
        ("kafka://a,", "each host is a name"),
        (f"kafka+ssl://ops:{SECRET}@", "each host is a name"),
        (f"kafka+ssl://ops:{SECRET}@a:port", "each host is a name"),
        ("kafka://a:0", "each host is a name"),
        ("kafka://a:65536", "each host is a name"),
        (f"kafka+ssl://ops:{SECRET}@b@a", "an @ in the password as %40"),
        (f"kafka+ssl://ops:{SECRET}/x@a", "each host is a name"),
        ("kafka://[::1]:9092", "not IPv6"),
        (f"kafka+ssl://ops:{SECRET}@[::1", "each host is a name"),
        ("kafka://a/orders", "after the hosts"),
        ("kafka://a#x", "after the hosts"),
        (f"kafka://ops:{SECRET}@a", "in plain text"),
        ("kafka+ssl://ops@a", "not both"),
        (f"kafka+ssl://:{SECRET}@a", "not both"),
        ("kafka://a?TlsCaFile=ca.pem", "without TLS"),
        (f"kafka+ssl://a?password={SECRET}", "options that are not known"),
    ],
)
def test_the_error_of_a_wrong_kafka_url_never_contains_the_password(url: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice) as error:
        parse_kafka_url(url)
    assert SECRET not in str(error.value)


def test_the_setting_bus_takes_it_and_never_shows_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DAYBOOK_BUS", f"kafka+ssl://ops:{SECRET}@a.example.org:9092")
    settings = load_settings()
    assert SECRET not in str(settings.shown())
    assert SECRET not in repr(settings)
    assert SECRET not in redacted(f"no kafka+ssl://ops:{SECRET}@a:9092 here")


def test_plain_text_leaves_the_machine_only_when_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DAYBOOK_BUS", "kafka://localhost:9092,kafka.example.org:9092")
    with pytest.raises(SettingsError, match="DAYBOOK_BUS_INSECURE=true"):
        load_settings()
    monkeypatch.setenv("DAYBOOK_BUS_INSECURE", "true")
    assert load_settings().bus


@pytest.mark.parametrize("url", ["kafka://127.0.0.1:9092", "kafka+ssl://kafka.example.org"])
def test_plain_text_on_this_machine_and_tls_to_any_are_taken(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DAYBOOK_BUS", url)
    assert load_settings().bus == url


@pytest.mark.parametrize("topic", ["", " ", "a b", "a/b", ".", "..", "x" * 250])
def test_a_topic_has_a_name_that_kafka_takes(monkeypatch: pytest.MonkeyPatch, topic: str) -> None:
    monkeypatch.setenv("DAYBOOK_TOPIC", topic)
    if not topic:
        assert load_settings().topic == "daybook.order-events"
        return
    with pytest.raises(SettingsError, match=r"DAYBOOK_TOPIC: .*letters"):
        load_settings()


def test_more_replicas_in_sync_than_there_are_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBOOK_TOPIC_REPLICATION", "1")
    with pytest.raises(SettingsError, match="DAYBOOK_TOPIC_MIN_INSYNC"):
        load_settings()


def test_a_log_in_memory_cannot_be_relayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBOOK_BUS", "kafka://127.0.0.1:9092")
    monkeypatch.setenv("DAYBOOK_STORE", "memory://")
    with pytest.raises(SettingsError, match=r"DAYBOOK_BUS.*memory://"):
        load_settings()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+asyncpg://u:{SECRET}@h",
        f"postgresql+asyncpg://u:{SECRET}@h:0/db",
        f"postgresql+asyncpg://u:{SECRET}@h:{SECRET}/db",
        f"postgresql+asyncpg://u:{SECRET}@{SECRET}@h/db",
        f"postgresql+asyncpg://u:{SECRET}@h/db?password={SECRET}",
        f"postgresql+asyncpg://u:{SECRET}@h/db?ssl={SECRET}",
    ],
)
def test_the_error_of_a_wrong_postgresql_url_never_contains_the_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"must be|may have") as error:
        check_postgres_url(url)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://u:p@/db?host=/var/run",
        "postgresql+asyncpg://u:p@[::1]:5432/db?ssl=require",
        "postgresql+asyncpg:///db?host=127.0.0.1:5432,127.0.0.2:5432",
    ],
)
def test_a_postgresql_url_is_what_the_driver_takes(url: str) -> None:
    check_postgres_url(url)
