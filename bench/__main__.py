"""`python -m bench [NAME] [--size S] [--json]`: all programs, or one.

What is measured at full size is kept by program in results.json, each with its day and machine, and RESULTS.md is
written from that.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import machine
from .accept import TURNS
from .rows import table

PROGRAMS = (
    "accept",
    "latency",
    "mixed",
    "scoring",
    "rescoring",
    "memory",
    "idle",
    "delivery",
    "backfill",
    "connectors",
    "backlog",
    "pages",
    "rediscovery",
    "subscribers",
    "duplicates",
    "workspaces",
)
RESULTS, KEPT = Path(__file__).with_name("RESULTS.md"), Path(__file__).with_name("results.json")


def main() -> None:
    line = argparse.ArgumentParser(prog="python -m bench", description="What we claim about speed and size, measured.")
    line.add_argument("name", nargs="?", choices=PROGRAMS, help="one program (default: all, into bench/RESULTS.md)")
    line.add_argument("--size", type=float, default=1.0, help="share of the full size; below 1 nothing is written")
    line.add_argument("--json", action="store_true", help="print the rows for a program to read")
    given = line.parse_args()
    rows: list[dict[str, Any]] = []
    for name in [given.name] if given.name else PROGRAMS:
        began = time.monotonic()
        measured = _run(name, given.size)
        rows += measured
        if given.size >= 1:
            keep(name, measured, time.monotonic() - began)
    sys.stdout.write((json.dumps(rows) if given.json else table(rows)) + "\n")


def keep(name: str, rows: list[dict[str, Any]], seconds: float) -> None:
    """A program's rows take the place of those of its last run, and RESULTS.md is written anew."""
    kept: dict[str, Any] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    told = [{key: value for key, value in row.items() if key not in ("program", "figures")} for row in rows]
    kept[name] = {**machine.describe(), "seconds": round(seconds), "rows": told}
    kept = {one: kept[one] for one in PROGRAMS if one in kept}
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    RESULTS.write_text(page(kept), "utf-8")
    sys.stderr.write(f"Written to {RESULTS}\n")


def _run(name: str, size: float) -> list[dict[str, Any]]:
    sys.stderr.write(f"{name} ...\n")
    return [row.as_dict() for row in importlib.import_module(f"bench.{name}").run(size)]


def took(seconds: int | None) -> str:
    """How long a program ran; not known of rows that are older than this table."""
    return f"{seconds} s" if seconds is not None else ""


def page(kept: Mapping[str, Any]) -> str:
    """What RESULTS.md says."""
    at = max(kept.values(), key=lambda one: one["date"])
    runs = "\n".join(
        f"| {name} | {one['date']} | {took(one['seconds'])} | {one['load']} |" for name, one in kept.items()
    )
    return f"""# What was measured

Written by `make bench` (`python -m bench`; `python -m bench NAME` runs one of {", ".join(PROGRAMS)}, and takes the
place of that program's rows).

{table([row for one in kept.values() for row in one["rows"]])}

{at["cores"]} cores, {at["memory"]}, {at["system"]}, Python {at["python"]}, SQLite {at["sqlite"]}, PostgreSQL
{at["postgresql"]} (`fsync` on), Bascule {at["bascule"]}. Each program ran by itself:

| program | measured on | took | load average when it ended |
|---|---|---|---|
{runs}

How to read it:

- **The ratio is the result.** Product and baseline are measured in the same run. Absolute figures are those of this
  machine on that day; everything shares its cores: Bascule, the sandbox ATS, and whoever applies or sends. A load
  average above the number of cores means that others were at work here too, and every time above is longer for it.
  Processor time hardly moves with that.
- **Accept**: 32 keep-alive connections from another process, every twentieth delivery sent twice, no worker running.
  Median of {TURNS} turns; both endpoints take turns. What was stored is counted and compared with what was sent.
- **Latency**: both ends are read from the sandbox's own clock. The sandbox takes 20 ms for every answer and its rate
  limit is lifted; real CV files are downloaded, read in the reader's process, scored and written back. Applications
  come evenly spaced; if Bascule falls behind, the wait is part of the latency.
- **A season's events**: of ten, eight are stage moves and one is a transfer to another job of people who are there
  already, one is a new application. A move has nothing to be written back at one connection; it must be in the record.
  It is an easier question than fifty applications a second, which has its own row.
- **Subscribers**: from when the sandbox changed a stage to when the subscriber's server had the body. The baseline is
  told by the same webhook and passes it on as it came, so that the ratio is the price of reading, recording, signing
  and remembering it. Slack's messages are sent at the pace that Slack takes.
- **Requests**: all of Harvest's in the time of the run, polls for notes, tags and lists included; files come from
  elsewhere and are not counted there, so the bare script makes 5 that count and 1 that does not.
- **Scored again**: by the median of three turns, each of everybody: loaded, judged, kept with reasons, and for a
  changed rubric with history, note and audit. The baseline scores the same people from the same studies, a task and a
  commit each. Processor time is that of the process and of the child that judges.
- **Memory**: proportional set size of the demo's process, which is server and worker (and the demo's own driver), and
  of its reader child; not of the two sandboxes.
- **Idle**: processor time of every process of the installation, and of PostgreSQL's server, over half a minute. Every
  list is set to be asked once in seven days; what the engine looks after by itself (sealing the audit, alerts,
  estimates) goes on.
- **Pages**: every page and list, asked for 30 times in-process as an administrator; processor time of all threads.
  Nothing that is counted is kept from one request to the next.
- **Rediscovery**: people made of pieces of real resumes, each of one kind of work; asked for by adverts, by pieces of
  adverts and by people who are not there. The index is the one that pages ask, without the database behind it.
  `BASCULE_PEOPLE=1000000` measures it at that size.
- **Duplicates**: people are made up, and the rules were written by those who made them up: precision and recall say
  that the look works and what it costs, not how it does on yours. Few names are common, most are rare.
- **Delivery**: every write is one GET and one PATCH, since nothing is written over what was not just looked at; 16 at
  once a worker. Where answers come at once, a bare loop does nothing but them; Bascule keeps several commits for each
  write, durable on disk, and that is what the ratio says.
- **Backlog**: lanes of reads and writes at one connection, SQLite on disk; finding, leasing and ending them, without
  what the system itself takes.
- **First reading**: with the limit lifted, Greenhouse's documented 75 requests in 30 s makes it at least as long as the
  baseline says. Where the limit holds, time is virtual: the clock moves when nothing is left to do, and an answer takes
  0.2 s of it; what the first row measures would be spent beside the waiting. Part of the limit is kept free for people
  and changes, and polls go on.
- **First reading, by vendor**: no limit, and no time for an answer but what the sandbox's own work takes. The bare loop
  asks for the same lists by the same client and keeps nothing. What a vendor shows in no list is asked for by id,
  object by object where it has to be: hence the requests at Lever and SmartRecruiters. Beside airbyte-source-ashby,
  both read the same lists in pages of a hundred; that one prints what it reads, Bascule plans, audits and keeps it.
"""


if __name__ == "__main__":
    main()
