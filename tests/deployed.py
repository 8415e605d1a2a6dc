"""The compose file as it comes out with an .env that deploy/make-env has made."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
COMPOSE = ROOT / "docker-compose.yml"

_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


class Unset(Exception):
    """The compose file asks for a variable that nothing gives."""


def made_env(folder: Path, *options: str) -> dict[str, str]:
    """What make-env writes, run in a copy of its place in the folder."""
    (folder / "deploy").mkdir(parents=True, exist_ok=True)
    shutil.copy(COMPOSE, folder)
    shutil.copy(ROOT / "deploy/make-env", folder / "deploy")
    subprocess.run([folder / "deploy/make-env", *options], check=True, capture_output=True)
    return read_env(folder / ".env")


def read_env(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def composed(env: dict[str, str], text: str | None = None) -> dict[str, Any]:
    """The compose file with its variables filled in. Raises Unset."""
    document: dict[str, Any] = _filled(yaml.safe_load(text or COMPOSE.read_text()), env)
    return document


def services(document: dict[str, Any], *profiles: str) -> dict[str, dict[str, Any]]:
    """Those that run with these profiles."""
    return {
        name: service
        for name, service in document["services"].items()
        if not service.get("profiles") or set(service["profiles"]) & set(profiles)
    }


def ours(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services that run Daybook."""
    return {
        name: service
        for name, service in document["services"].items()
        if service["image"].startswith("daybook:")
    }


def _filled(value: Any, env: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, env) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, env) for inner in value]
    return (
        _VARIABLE.sub(lambda found: _value(found, env), value) if isinstance(value, str) else value
    )


def _value(found: re.Match[str], env: dict[str, str]) -> str:
    name, how, rest = found.groups()
    value = env.get(name, "")
    if value or how is None:
        return value
    if how == "-":
        return rest
    raise Unset(f"{name}: {rest}")
