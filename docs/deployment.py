"""The parts of deployment files that name each read model: `python -m docs.deployment`.

A part is what is between the lines `# BEGIN <part>` and `# END <part>` of a file.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from runtime.model_names import MODEL_NAMES
from runtime.settings import variable

ROOT: Final = Path(__file__).parents[1]
_UNSET: Final = ":?run deploy/make-env first"


def _databases() -> Iterator[str]:
    yield "x-databases-to-read: &databases-to-read"
    for name in MODEL_NAMES:
        yield f"  {_database(name, 'reader', 'READER_PASSWORD')}"
    yield ""
    yield "x-databases: &databases"
    for name in MODEL_NAMES:
        yield f"  {_own_database(name)}"
    yield ""
    yield "x-database-passwords: &database-passwords"
    for name in MODEL_NAMES:
        yield f"  {_password(name)}: ${{{_password(name)}{_UNSET}}}"


def _workers() -> Iterator[str]:
    for name in MODEL_NAMES:
        yield f"  worker-{name}:"
        yield "    <<: *worker"
        yield f"    command: [worker, {name}]"
        yield "    environment:"
        yield "      <<: *settings"
        yield f"      {_own_database(name)}"
        yield f"      OTEL_SERVICE_NAME: daybook-worker-{name}"


def _scraped() -> Iterator[str]:
    yield f"      - names: [{', '.join(f'worker-{name}' for name in MODEL_NAMES)}]"


def _own_database(name: str) -> str:
    return _database(name, name, _password(name))


def _database(name: str, role: str, password: str) -> str:
    """password: the variable that has it."""
    place = f"daybook_{role}:${{{password}{_UNSET}}}@postgres:5432/daybook_{name}"
    return f"{variable(f'{name}_db')}: postgresql+asyncpg://{place}"


def _password(name: str) -> str:
    return f"{name.upper()}_DB_PASSWORD"


PARTS: Final[Mapping[str, Mapping[str, Callable[[], Iterator[str]]]]] = {
    "docker-compose.yml": {"databases": _databases, "workers": _workers},
    "deploy/prometheus/prometheus.yml": {"workers": _scraped},
}
"""By file, relative to the repository: its parts."""


def written_anew(path: str) -> str:
    """The text of the file with its parts as MODEL_NAMES asks for. Raises LookupError."""
    text = (ROOT / path).read_text(encoding="utf-8")
    for name, lines in PARTS[path].items():
        part = re.compile(rf"(^ *# BEGIN {name}\b.*\n)(?:.*\n)*?(?=^ *# END {name}$)", re.MULTILINE)
        if len(part.findall(text)) != 1:
            raise LookupError(f"{path} needs one part from `# BEGIN {name}` to `# END {name}`")
        content = "".join(f"{line}\n" for line in lines())
        text = part.sub(lambda found, content=content: found[1] + content, text)
    return text


if __name__ == "__main__":
    for path in PARTS:
        (ROOT / path).write_text(written_anew(path), encoding="utf-8")
