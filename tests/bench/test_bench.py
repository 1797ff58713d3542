"""Every program of the bench runs, at a size that takes seconds, and says its rows. Nothing here is about speed."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = {
    "accept": 2,
    "latency": 3,
    "mixed": 1,
    "scoring": 2,
    "memory": 1,
    "idle": 1,
    "delivery": 1,
    "backfill": 2,
    "connectors": 3,
    "backlog": 1,
    "pages": 1,
    "rediscovery": 4,
    "subscribers": 2,
}


@pytest.mark.parametrize("name", ROWS)
def test_a_program_measures_both_sides_and_says_so(name: str) -> None:
    line = [sys.executable, "-m", "bench", name, "--size", "0.004", "--json"]
    environment = os.environ | {"TMPDIR": os.environ.get("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())}
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert len(rows) == ROWS[name]
    for row in rows:
        assert row["program"] == name
        assert row["ratio"] > 0
        assert math.isfinite(row["ratio"])
        assert row["measured"]
        assert row["baseline"]
        assert row["reached"] is None or row["goal"]
