import pytest

from runtime.addresses import redacted
from runtime.environment import SettingsError, load_settings
from runtime.kafka_url import KafkaUrl, is_kafka, parse_kafka_url

SECRET = "hunter2"


def test_a_url_names_brokers() -> None:
    assert is_kafka("kafka://a")
    assert parse_kafka_url("kafka://a:9093, b") == KafkaUrl(("a:9093", "b:9092"), has_tls=False)
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
        ("kafka://[::1]:9092", "use a host name"),
        (f"kafka+ssl://ops:{SECRET}@[::1", "cannot be read"),
        ("kafka://a/orders", "behind the hosts"),
        ("kafka://a#x", "behind the hosts"),
        (f"kafka://ops:{SECRET}@a", "in plain text"),
        ("kafka+ssl://ops@a", "not both"),
        (f"kafka+ssl://:{SECRET}@a", "not both"),
        ("kafka://a?TlsCaFile=ca.pem", "without TLS"),
        (f"kafka+ssl://a?password={SECRET}", "options that are not known"),
    ],
)
def test_a_wrong_url_is_refused_in_words_that_never_hold_the_password(
    url: str, advice: str
) -> None:
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
