"""Dashboards and alerts ask for nothing that Daybook does not expose."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from runtime.metrics import KINDS
from runtime.model_names import MODEL_NAMES
from tests.deployed import COMPOSE, ROOT

ALERTS = ROOT / "deploy/prometheus/alerts.yml"
DASHBOARD = ROOT / "deploy/grafana/dashboards/daybook.json"
GUIDE = ROOT / "docs/operations"

# Prometheus' own, and what prometheus-client exposes of any process.
FOREIGN = {
    "up": {"job", "service", "instance"},
    "ALERTS": {"alertname", "alertstate", "severity"},
    "process_resident_memory_bytes": set(),
    "process_cpu_seconds_total": set(),
    "process_open_fds": set(),
}
SCRAPED = {"job", "instance", "service", "le"}
"""Labels that Prometheus adds."""

_SELECTED = re.compile(r"\b((?:daybook|process)_\w+|up|ALERTS)\b(?:\{([^}]*)\})?")
_GROUPED = re.compile(r"\bby \(([^)]*)\)")


def exposed() -> dict[str, set[str]]:
    """Every series of the program -> its labels."""
    ends = {"histogram": ("_bucket", "_count", "_sum")}
    return {
        metric.name + end: set(metric.labels)
        for kind in KINDS.values()
        for metric in kind().described
        for end in ends.get(metric.kind, ("",))
    }


def problems(expression: str, known: dict[str, set[str]]) -> Iterator[str]:
    """What the expression asks for and nobody exposes."""
    labels = set(SCRAPED)
    for name, matchers in _SELECTED.findall(re.sub(r'"[^"]*"', '""', expression)):
        if name not in known:
            yield name
            continue
        mine = known[name] | SCRAPED
        labels |= mine
        for label in re.findall(r"(\w+)\s*(?:=|!)", matchers):
            if label not in mine:
                yield f"{name}{{{label}}}"
    for group in _GROUPED.findall(expression):
        for label in re.split(r",\s*", group):
            if label not in labels:
                yield f"by ({label})"


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return [panel for panel in found if panel["type"] != "row"]


def expressions() -> list[str]:
    shown = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [rule["expr"] for rule in alerts()] + shown


@pytest.mark.parametrize("expression", expressions())
def test_every_metric_that_is_asked_for_is_exposed(expression: str) -> None:
    assert list(problems(expression, exposed() | FOREIGN)) == []


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("rate(daybook_relay_publishd_total[5m])", "daybook_relay_publishd_total"),
        ('daybook_http_requests_total{code="5.."}', "daybook_http_requests_total{code}"),
        ("sum by (model) (daybook_projection_lag)", "by (model)"),
        ("daybook_http_requests", "daybook_http_requests"),
    ],
)
def test_what_nobody_tells_is_found(expression: str, wrong: str) -> None:
    assert list(problems(expression, exposed() | FOREIGN)) == [wrong]


def test_every_metric_is_shown_or_woken_by() -> None:
    """But for what another one exposes as well."""
    asked = " ".join(expressions())
    families = {metric.name for kind in KINDS.values() for metric in kind().described}
    twins = {"daybook_log_head", "daybook_projection_behind", "daybook_projection_lag"}
    twins |= {"daybook_projection_parked_orders", "daybook_worker_restarts_total"}
    assert {name for name in families if name not in asked} == twins


def test_the_guides_name_only_metrics_that_are_exposed() -> None:
    families = {metric.name for kind in KINDS.values() for metric in kind().described}
    places = {f"daybook_{name}" for name in (*MODEL_NAMES, "reader")}  # databases and roles
    for guide in GUIDE.glob("*.md"):
        named = set(re.findall(r"`(daybook_[a-z_]+)", guide.read_text())) - places
        assert named <= families, guide.name


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    headings = re.findall(r"^## (\w+)$", (GUIDE / "runbooks.md").read_text(), re.MULTILINE)
    assert headings == [rule["alert"] for rule in alerts()]
    for rule in alerts():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]


def test_the_dashboard_can_be_read() -> None:
    document = json.loads(DASHBOARD.read_text())
    ids = [panel["id"] for panel in document["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in document["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + column, place["y"] + line)
            for column in range(place["w"])
            for line in range(place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    sources = yaml.safe_load(
        (ROOT / "deploy/grafana/provisioning/datasources/daybook.yml").read_text()
    )["datasources"]
    used = {panel["datasource"]["uid"] for panel in panels()}
    assert used <= {source["uid"] for source in sources}


def test_whoever_is_named_in_the_watchers_settings_is_a_service() -> None:
    document = yaml.safe_load(COMPOSE.read_text())
    collector = yaml.safe_load((ROOT / "deploy/otel-collector.yaml").read_text())
    listening = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    exported = document["x-settings"]["OTEL_EXPORTER_OTLP_ENDPOINT"]
    assert exported == f"http://otel-collector:{listening.rpartition(':')[2]}"
    for name in (
        "deploy/otel-collector.yaml",
        "deploy/grafana/provisioning/datasources/daybook.yml",
    ):
        for host in re.findall(
            r"(?:endpoint|url): (?:http://)?([a-z-]+):\d+", (ROOT / name).read_text()
        ):
            assert "watch" in document["services"][host]["networks"], host
