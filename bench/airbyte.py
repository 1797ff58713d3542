"""The other reader of the connectors bench: airbyte-source-ashby as it is published, from the outsiders' environment.

Its manifest is run by airbyte-cdk's own program for manifests, with the sandbox's address in the place of Ashby's: so
it needs neither TLS nor a proxy in between. What it reads is written to a file and counted.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .processes import ROOT

PROGRAMS = ROOT / ".outsiders" / "venv" / "bin"
ADDRESS = "https://api.ashbyhq.com"


@dataclass(frozen=True, slots=True)
class Read:
    """`seconds` from when its first list began until it ended; `cpu` less what it takes to say what it is, which is to
    start: neither counts the start."""

    seconds: float
    cpu: float
    records: Counter[str]


def read(folder: Path, url: str, key: str, streams: Sequence[str]) -> Read:
    """Read these streams whole. RuntimeError where it fails, or is not installed."""
    if not (PROGRAMS / "source-declarative-manifest").exists():
        raise RuntimeError("The outsiders are not installed: run `sh tests/outsiders/setup.sh`.")
    (published,) = PROGRAMS.parent.glob("lib/python*/site-packages/source_ashby/manifest.yaml")
    text = published.read_text("utf-8")
    assert ADDRESS in text
    manifest = _write(folder / "manifest.yaml", text.replace(ADDRESS, url))
    config = _write(folder / "config.json", {"api_key": key, "start_date": "2020-01-01T00:00:00Z"})
    catalog = _write(folder / "catalog.json", {"streams": [
        {"stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
         "sync_mode": "full_refresh", "destination_sync_mode": "append"} for name in streams
    ]})  # fmt: skip
    start, _ = _run(folder, "spec", "--manifest-path", manifest)
    used, ended = _run(folder, "read", "--config", config, "--catalog", catalog, "--manifest-path", manifest)
    began, records = _told(folder / "said")
    return Read(ended - began, max(0.0, used - start), records)


def _run(folder: Path, *line: str | Path) -> tuple[float, float]:
    """(processor time of the program, when it ended). What it says is in the file `said`."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (folder / "said").open("wb") as said:
        done = subprocess.run(
            [PROGRAMS / "source-declarative-manifest", *line], stdout=said, stderr=subprocess.STDOUT, cwd=folder,
            env={**kept, "HOME": str(folder)}, check=False,
        )  # fmt: skip
    ended, after = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"airbyte-source-ashby ended with {done.returncode}. {_last(folder / 'said')}")
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime), ended


def _told(path: Path) -> tuple[float, Counter[str]]:
    """When the first list began, and how many records each has shown."""
    began, records = 0.0, Counter[str]()
    with path.open("rb") as lines:
        for line in lines:
            if not line.startswith(b"{"):
                continue
            one = json.loads(line)
            if one["type"] == "RECORD":
                records[one["record"]["stream"]] += 1
            elif not began and one["type"] == "TRACE" and one["trace"]["type"] == "STREAM_STATUS":
                began = one["trace"]["emitted_at"] / 1000
    assert began, "it has said of no list that it began"
    return began, records


def _write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def _last(path: Path) -> str:
    return path.read_text("utf-8", "replace")[-2000:]
