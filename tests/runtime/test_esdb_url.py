import pytest
from pydantic import ValidationError

from runtime.addresses import redacted
from runtime.environment import SettingsError, load_settings
from runtime.esdb_url import is_esdb, parse_esdb_url
from runtime.settings import Settings

SECRET = "hunter2"


def test_a_url_names_hosts_and_who_asks() -> None:
    url = parse_esdb_url("esdb://ops:p%40ss%2Fword@a:2114,b?TlsCaFile=ca.pem")

    assert url.hosts == ("a:2114", "b:2113")
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
        (f"esdb://ops:{SECRET}@[::1]:2113", "use a host name"),
        (f"esdb://ops:{SECRET}@[::1", "cannot be read"),
        (f"esdb://ops:{SECRET}@a/db", "behind the host"),
        (f"esdb://ops:{SECRET}@a#x", "behind the host"),
        (f"esdb+discover://ops:{SECRET}@a,b", "takes the one name"),
        ("esdb://a", "names no user and password"),
        ("esdb://ops@a", "names no user and password"),
        (f"esdb://ops:{SECRET}@a?password={SECRET}", "options that are not known"),
        (f"esdb://ops:{SECRET}@a?Tls={SECRET}", "neither true nor false"),
        (f"esdb://ops:{SECRET}@a?TlsVerifyCert=false", "TlsCaFile"),
        (f"esdb://ops:{SECRET}@a?NodePreference=follower", "leave NodePreference out"),
        (f"esdb://ops:{SECRET}@a?DefaultDeadline={SECRET}", "DefaultDeadline that is no whole"),
        (f"esdb://ops:{SECRET}@a?KeepAliveInterval=0", "no whole number above 0"),
    ],
)
def test_a_wrong_url_is_refused_in_words_that_never_hold_the_password(
    url: str, advice: str
) -> None:
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
