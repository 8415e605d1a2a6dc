"""`python -m benchmarks [NAME ...] [--scale 0.1]`: the figures, as a Markdown table."""

import argparse
import importlib
import os
import platform
import sqlite3
import sys

# name -> how many commands or events at scale 1
BENCHMARKS = {
    "http": 20_000,
    "calls": 6_000,
    "fanout": 2_000,
    "appends": 20_000,
    "rebuild": 200_000,
    "postgres": 40_000,
    "bulk": 20_000,
    "visible": 4_000,
    "growth": 100_000,
    "eventstoredb": 20_000,
    "esdb_orders": 8_000,
    "esdb_reading": 120_000,
    "relay": 50_000,
    "production": 3_000,
    "tracing": 2_000,
    "hostile": 8_000,
    "long_orders": 4_000,
    "periods": 1_000_000,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full counts")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    print(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}\n"
    )
    print("| what | figure | asked |\n|---|---|---|", flush=True)
    missed = 0
    for name in asked.names or BENCHMARKS:
        module = importlib.import_module(f"benchmarks.{name}")
        for figure in module.measure(int(BENCHMARKS[name] * asked.scale)):
            print(figure.line(), flush=True)
            missed += figure.missed
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
