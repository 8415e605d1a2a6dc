"""`make report`: the longest files and functions of the program, as places to read.

A long one often contains a second idea. Where it is one idea, it may stay as it is.
"""

import ast
import sys
from collections.abc import Iterator

from tests.deployed import ROOT

FOLDERS = ("domain", "eventstore", "projections", "api", "replay", "runtime", "daybook_client")
FILE_LINES = 300
FUNCTION_LINES = 40


def long_ones() -> Iterator[tuple[int, str]]:
    for folder in FOLDERS:
        for path in ROOT.glob(f"{folder}/**/*.py"):
            place = path.relative_to(ROOT)
            text = path.read_text(encoding="utf-8")
            if (lines := len(text.splitlines())) > FILE_LINES:
                yield lines, str(place)
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    assert node.end_lineno is not None
                    if (lines := node.end_lineno - node.lineno + 1) > FUNCTION_LINES:
                        yield lines, f"{place}:{node.lineno} {node.name}"


if __name__ == "__main__":
    for lines, place in sorted(long_ones(), reverse=True):
        sys.stdout.write(f"{lines:5} {place}\n")
