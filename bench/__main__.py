"""`python -m bench [NAME] [--size S] [--json]`: all programs, or one. All of them at full size write RESULTS.md."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from .rows import table

PROGRAMS = ("accept", "latency", "scoring", "memory", "backfill")
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    line = argparse.ArgumentParser(prog="python -m bench", description="What we claim about speed and size, measured.")
    line.add_argument("name", nargs="?", choices=PROGRAMS, help="one program (default: all, into bench/RESULTS.md)")
    line.add_argument("--size", type=float, default=1.0, help="share of the full size; below 1 nothing is written")
    line.add_argument("--json", action="store_true", help="print the rows for a program to read")
    given = line.parse_args()
    began = time.monotonic()
    rows = [row for name in ([given.name] if given.name else PROGRAMS) for row in _run(name, given.size)]
    if given.json:
        sys.stdout.write(json.dumps(rows) + "\n")
    else:
        sys.stdout.write(table(rows) + "\n")
    if given.name is None and given.size >= 1:
        RESULTS.write_text(page(rows, time.monotonic() - began), "utf-8")
        sys.stderr.write(f"Written to {RESULTS}\n")


def _run(name: str, size: float) -> list[dict[str, Any]]:
    sys.stderr.write(f"{name} ...\n")
    return [row.as_dict() for row in importlib.import_module(f"bench.{name}").run(size)]


def page(rows: list[dict[str, Any]], seconds: float) -> str:
    return table(rows)


if __name__ == "__main__":
    main()
