"""Reading an account with 5,000 candidates for the first time, against what the rate limit alone would take.

The sandbox is a process of its own with its limit lifted, so that what is measured is Bascule. The baseline is
arithmetic: the same requests at Greenhouse's documented 75 in 30 seconds. A ratio below 1 says that the limit, and not
Bascule, decides how long a first reading takes.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from .latency import LIMIT, requests_of
from .processes import program, sandbox, spent
from .rows import Row

CANDIDATES = 5_000
DOCUMENTED = 75 / 30  # requests a second
WITHIN = 300.0


def run(size: float = 1.0) -> list[Row]:
    """One row. `size` 1 is 5,000 candidates."""
    people = max(10, int(CANDIDATES * size))
    with (
        tempfile.TemporaryDirectory(prefix="bascule-bench-") as data,
        sandbox("--rate", LIMIT, "--candidates", str(people)) as url,
        program("-m", "bench.connected", "--data", str(Path(data) / "data"), "--ats", url, "--read-only") as bascule,
    ):
        told = bascule.said(WITHIN)
        used = spent(bascule.pid)
        asked = sum(asyncio.run(requests_of(url)).values())
    seconds, records, alone = told["seconds"], told["records"], asked / DOCUMENTED
    figures = {
        "candidates": people, "seconds": round(seconds, 1), "records": records, "requests": asked,
        "records_per_s": round(records / seconds), "requests_per_record": round(asked / records, 4),
        "cpu_ms_per_record": round(1000 * used / records, 2), "limit_alone_s": round(alone, 1),
    }  # fmt: skip
    return [
        Row(
            "backfill", f"First reading of {people:,} candidates", round(seconds / alone, 3), "seconds to the limit's",
            f"{seconds:.1f} s: {records:,} records, {records / seconds:,.0f}/s, {asked} requests "
            f"({1000 * asked / records:.1f} a thousand records), "
            f"{1000 * used / records:.1f} ms of processor time a record",
            f"the same requests at 75 in 30 s: {alone:.0f} s", "< 1: the limit decides", seconds < alone, figures,
        )
    ]  # fmt: skip
