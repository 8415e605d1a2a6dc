"""The compose file is one, and all that it names exists in the program."""

import json
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError

from api.operations.routes import operation_routes
from daybook import cli
from docs.deployment import PARTS, written_anew
from runtime.environment import SettingsError, load_settings
from runtime.model_names import MODEL_NAMES
from runtime.settings import Settings, variable
from tests.deployed import COMPOSE, ROOT, Unset, composed, made_env, ours, read_env, services

SCHEMA = json.loads((ROOT / "tests/golden/compose/compose-spec.json").read_text())
INSIDE = ("log", "bus", "read", "watch")
WRITERS = ("relay", *(f"worker-{name}" for name in MODEL_NAMES))


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return made_env(tmp_path_factory.mktemp("made"))


@pytest.fixture
def document(env: dict[str, str]) -> dict[str, Any]:
    return composed(env)


def environment(service: dict[str, Any], prefix: str = "DAYBOOK_") -> dict[str, str]:
    given = service["environment"].items()
    return {name: value for name, value in given if name.startswith(prefix)}


def settings_of(service: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As a process of the service reads them. Raises SettingsError."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    for name, value in environment(service).items():
        monkeypatch.setenv(name, value)
    return load_settings()


def parsed(arguments: list[str]) -> click.Context:
    """The command line as the program takes it, not run. Raises click.UsageError."""
    name, command, rest = cli.resolve_command(click.Context(cli), list(arguments))
    assert command is not None
    return command.make_context(name, list(rest))


@pytest.mark.parametrize("path", PARTS)
def test_the_parts_that_name_each_read_model_follow_from_the_list(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == written_anew(path), "run `make reference`"


def test_it_is_what_the_compose_specification_asks_for(document: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(document)


@pytest.mark.parametrize(
    ("key", "value"), [("imagge", "x"), ("restart", 1), ("ports", "8080"), ("networks", 5)]
)
def test_a_mistake_in_a_service_is_no_compose_file(
    document: dict[str, Any], key: str, value: object
) -> None:
    document["services"]["api"][key] = value
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(document)


def test_every_name_in_it_is_declared_in_it(document: dict[str, Any]) -> None:
    for name, service in document["services"].items():
        assert set(service.get("networks", ())) <= document["networks"].keys(), name
        assert set(service.get("depends_on", ())) <= document["services"].keys(), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            known = source in document["volumes"] or (ROOT / source).exists()
            assert known, f"{name}: {volume}"


def test_every_image_is_pinned_to_a_version(document: dict[str, Any]) -> None:
    for name, service in document["services"].items():
        tag = service["image"].rpartition(":")[2]
        assert re.match(r"v?\d+\.\d+", tag), f"{name}: {service['image']}"
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert bases
    assert all(re.search(r":\d+\.\d+\.\d+-", base) for base in bases)


def test_whatever_runs_for_long_is_started_again_and_says_how_it_is(
    document: dict[str, Any],
) -> None:
    for name, service in services(document, "single", "cluster", "observability").items():
        assert service["restart"] == "unless-stopped", name
        assert service["logging"]["options"]["max-size"], name
    keeping = {name for name, service in document["services"].items() if service.get("volumes")}
    without = {"proxy", "otel-collector"}  # their images have nothing to ask with
    for name in (keeping - without) | {"api", *WRITERS}:
        assert "healthcheck" in document["services"][name], name


def test_each_process_starts_with_the_settings_given_to_it(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in ours(document).values():
        settings = settings_of(service, monkeypatch)
        assert settings.bus.startswith("kafka://")
        assert settings.store.startswith("esdb://")


def test_a_misspelt_setting_in_it_is_found(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = document["services"]["relay"]
    relay["environment"]["DAYBOOK_TOPIC_REPLICAS"] = relay["environment"].pop(
        "DAYBOOK_TOPIC_REPLICATION"
    )
    with pytest.raises(SettingsError, match="DAYBOOK_TOPIC_REPLICAS is no setting"):
        settings_of(relay, monkeypatch)


def test_every_command_in_it_is_one_of_the_program(document: dict[str, Any]) -> None:
    for name, service in ours(document).items():
        if service["command"] != ["--help"]:
            assert parsed(service["command"]).command, name
    with pytest.raises(click.UsageError):
        parsed(["relais"])
    with pytest.raises(click.UsageError):
        parsed(["worker", "orders"])


def test_there_is_a_worker_for_each_read_model_with_a_database_of_its_own(
    document: dict[str, Any],
) -> None:
    urls = set()
    for name in MODEL_NAMES:
        service = document["services"][f"worker-{name}"]
        assert service["command"] == ["worker", name]
        databases = {key for key in environment(service) if key.endswith("_DB")}
        assert databases == {variable(f"{name}_db")}
        urls.add(environment(service)[variable(f"{name}_db")])
    assert len(urls) == len(MODEL_NAMES)


def test_health_is_asked_where_the_program_answers_it(document: dict[str, Any]) -> None:
    paths = {getattr(route, "path", "") for route in operation_routes(Any).routes}  # type: ignore[arg-type]
    for name in ("api", "grpc", *WRITERS):
        service = document["services"][name]
        program, url = service["healthcheck"]["test"][1:]
        assert (ROOT / "deploy" / program).exists()
        port, path = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/\w+)", url).groups()  # type: ignore[union-attr]
        assert port == environment(service)["DAYBOOK_METRICS_PORT"], name
        assert path in paths, name


def test_prometheus_asks_every_process_where_it_tells_its_metrics(
    document: dict[str, Any],
) -> None:
    scraped = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    asked = set()
    for job in scraped["scrape_configs"]:
        for static in job.get("static_configs", ()):
            asked |= {tuple(target.split(":")) for target in static["targets"]}
        for found in job.get("dns_sd_configs", ()):
            asked |= {(name, str(found["port"])) for name in found["names"]}
    ports = {
        name: environment(document["services"][name])["DAYBOOK_METRICS_PORT"]
        for name in ("api", "grpc", *WRITERS)
    }
    # These two share the proxy's network.
    places = {"api": "proxy", "grpc": "proxy"}
    assert asked == {(places.get(name, name), port) for name, port in ports.items()}
    assert len(asked) == len(ports)
    assert all("watch" in document["services"][name]["networks"] for name, _ in asked)


def test_the_only_door_is_the_proxy_and_it_is_on_loopback(document: dict[str, Any]) -> None:
    published = {
        name: service["ports"]
        for name, service in document["services"].items()
        if service.get("ports")
    }
    assert published.keys() == {"proxy", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert all(document["networks"][name]["internal"] for name in INSIDE)
    outside = {
        name
        for name, service in document["services"].items()
        if set(service.get("networks", ())) - set(INSIDE)
    }
    assert outside == {"proxy", "grafana"}
    api = document["services"]["api"]
    assert api["network_mode"] == "service:proxy"
    proxy = (ROOT / "deploy/haproxy.cfg").read_text()
    assert f"server api {api['environment']['DAYBOOK_HOST']}:8000" in proxy
    assert environment(api)["DAYBOOK_PORT"] == "8000"
    grpc = document["services"]["grpc"]
    assert grpc["network_mode"] == "service:proxy"
    inside = f"{environment(grpc)['DAYBOOK_HOST']}:{environment(grpc)['DAYBOOK_GRPC_PORT']}"
    assert f"server grpc {inside} proto h2" in proxy
    asking = "http-request auth realm daybook unless { http_auth(callers) }"
    assert proxy.count(asking) == len(re.findall(r"^frontend ", proxy, re.MULTILINE)) == 2
    for name in re.findall(r"\$\{(\w+)\}", proxy):
        assert name in document["services"]["proxy"]["environment"]


def test_only_those_who_need_a_part_can_reach_it(document: dict[str, Any]) -> None:
    def on(network: str) -> set[str]:
        everybody = services(document, "single").items()
        return {name for name, service in everybody if network in service.get("networks", ())}

    workers = {f"worker-{name}" for name in MODEL_NAMES}
    assert on("log") == {"eventstore", "proxy", "relay", *workers}
    assert on("bus") == {"kafka", "relay", *workers}
    assert on("read") == {"postgres", "proxy", *workers}


def test_no_password_stands_in_it(env: dict[str, str]) -> None:
    text = COMPOSE.read_text()
    passwords = [name for name in env if name.endswith("PASSWORD")]
    for name in passwords:
        with pytest.raises(Unset, match=f"{name}: run deploy/make-env first"):
            composed(env | {name: ""})
    given = re.findall(r"^ +\w*PASSWORD: (.+)$", text, re.MULTILINE)
    assert len(given) >= len(passwords)
    assert all(value.startswith("${") for value in given)
    assert all(found.startswith("${") for found in re.findall(r"://\w+:([^@/\s]+)@", text))


@pytest.mark.parametrize("options", [(), ("--cluster",), ("--observability",)])
def test_make_env_gives_all_that_is_asked_for(tmp_path: Path, options: tuple[str, ...]) -> None:
    env = made_env(tmp_path, *options)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    secrets = [value for name, value in env.items() if name.endswith("PASSWORD")]
    assert len(set(secrets)) == len(secrets) >= 8
    assert all(re.fullmatch(r"[\w-]{43}", secret) for secret in secrets)
    document = composed(env)
    running = services(document, *env["COMPOSE_PROFILES"].split(","))
    nodes = re.findall(r"[\w-]+(?=:2113)", env["STORE"])
    assert nodes == [name for name in running if name.startswith("eventstore")]
    assert len(nodes) == (3 if "--cluster" in options else 1)
    assert ("otel-collector" in running) == (env["TRACES"] == "otlp")


def test_make_env_overwrites_no_password(tmp_path: Path) -> None:
    first = made_env(tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        made_env(tmp_path)
    assert read_env(tmp_path / ".env") == first


def test_the_image_holds_the_whole_program_and_runs_without_rights(
    document: dict[str, Any],
) -> None:
    recipe = (ROOT / "Dockerfile").read_text()
    pyproject = (ROOT / "pyproject.toml").read_text()
    [extras] = re.findall(r"'daybook\[([\w,]+)\]'", recipe)
    [table] = re.findall(r"optional-dependencies\]\n(.*?)\n\n", pyproject, re.DOTALL)
    assert set(extras.split(",")) == set(re.findall(r"^(\w+) =", table, re.MULTILINE))
    [version] = re.findall(r'^version = "(.+)"$', pyproject, re.MULTILINE)
    assert {service["image"] for service in ours(document).values()} == {f"daybook:{version}"}
    users = re.findall(r"^USER (.+)$", recipe, re.MULTILINE)
    assert users == ["10001:10001"]
    assert 'ENTRYPOINT ["daybook"]' in recipe
    sent = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    [packages] = re.findall(r"^only-include = (\[.+\])$", pyproject, re.MULTILINE)
    assert {*json.loads(packages), "deploy/healthy"} <= set(sent)
    assert all((ROOT / name).exists() for name in sent)


def test_the_settings_that_the_guide_gives_for_several_hosts_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guide = (ROOT / "docs/operations/deploying.md").read_text()
    given = dict(re.findall(r"`(DAYBOOK_\w+)=(\S+)`", guide))
    assert given.keys() >= {"DAYBOOK_STORE", "DAYBOOK_BUS", "DAYBOOK_ORDER_DB"}
    assert settings_of({"environment": given}, monkeypatch)
    for name, encrypted, plain in (
        ("DAYBOOK_BUS", "kafka+ssl://", "kafka://"),
        ("DAYBOOK_ORDER_DB", "?ssl=verify-full", ""),
    ):
        changed = given | {name: given[name].replace(encrypted, plain)}
        with pytest.raises(SettingsError, match=name):
            settings_of({"environment": changed}, monkeypatch)
