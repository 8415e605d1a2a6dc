"""`daybook submit` of a file, against the same commands as single requests one after the other."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.load import place_order
from benchmarks.processes import DAYBOOK, ROOT, environment, ledger, load


def measure(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, ledger(Path(folder)) as (base, _):
        load(base, count=count // 10, prefix="warm", connections=1)
        single = load(base, count=count // 4, connections=1)["rate"]
        many = load(base, count=count, prefix="many", connections=32)["rate"]
        url = _submit(count, Path(folder), "url", "--url", base)
    with tempfile.TemporaryDirectory() as folder:
        in_process = _submit(count, Path(folder), "file")
    return [
        Figure("single requests, one at a time", single, "commands/s"),
        Figure("single requests, 32 at a time", many, "commands/s"),
        Figure("daybook submit, in-process", in_process, "commands/s"),
        Figure("daybook submit --url", url, "commands/s"),
        Figure("submit in-process / one at a time", in_process / single, "", at_least=3),
        Figure("submit --url / one at a time", url / single, "", at_least=3),
        Figure("submit in-process / 32 at a time", in_process / many, ""),
    ]


def _submit(count: int, folder: Path, prefix: str, *options: str) -> float:
    file = folder / f"{prefix}.ndjson"
    with file.open("w", encoding="utf-8") as lines:
        for number in range(count):
            order = json.loads(place_order(number, prefix))
            lines.write(json.dumps({"command": "place-order", **order}) + "\n")
    started = time.perf_counter()
    subprocess.run(
        [DAYBOOK, "submit", str(file), *options],
        env=environment(folder),
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=600,
    )
    return count / (time.perf_counter() - started)
