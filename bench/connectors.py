"""Reading an account of each vendor for the first time, without rate limits: beside a bare loop, and at Ashby beside
airbyte-source-ashby.

The account is the sandbox of the contract's tests in a process of its own. The bare loop asks for the same lists page
by page, by Bascule's own client, and keeps nothing: it says what the account takes by itself. Bascule plans and stores
every object, with history and audit, durable on disk; and asks by id for what no list of that vendor shows. A record is
an object that is kept: a candidate, an application, a note, a file.

At Ashby both read the same eight lists in pages of the same size: Bascule's connector is without its other lists there,
and airbyte-source-ashby (its manifest, under airbyte-cdk) is asked for the same eight streams and keeps nothing. What
it takes to start, and to get to know the account, is counted on neither side.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bascule.connectors import registry

from . import airbyte
from .processes import program
from .reading import SHARED, asked_of
from .rows import Row

LARGE, READ = 20_000, 2_000  # candidates of an account; of one that is read whole for each vendor
FEW = ("ashby",)  # at a size that measures nothing, this is enough
WITHIN = 3_600.0
FIRST, TIMES = 5.0, 3.0  # goals: seconds until a hundred candidates are readable; how many times as fast


@dataclass(frozen=True, slots=True)
class Reading:
    """`first`: seconds until a hundred candidates were there. `cpu` of the reader, `asked` of the vendor."""

    first: float
    seconds: float
    records: int
    cpu: float
    asked: Counter[str]

    @property
    def rate(self) -> float:
        return self.records / self.seconds

    @property
    def each(self) -> float:
        return sum(self.asked.values()) / self.records

    @property
    def words(self) -> str:
        return (
            f"{self.rate:,.0f} records/s ({self.records:,} in {self.seconds:.1f} s), {1000 * self.each:.1f} requests a "
            f"thousand, {1000 * self.cpu / self.records:.2f} ms of processor time each"
        )

    def figures(self) -> Mapping[str, Any]:
        return {
            "first_s": round(self.first, 2), "seconds": round(self.seconds, 1), "records": self.records,
            "records_per_s": round(self.rate), "requests": sum(self.asked.values()),
            "requests_per_record": round(self.each, 4), "cpu_ms_per_record": round(1000 * self.cpu / self.records, 2),
        }  # fmt: skip


def run(size: float = 1.0) -> list[Row]:
    """A row for each vendor, one for the first hundred, one beside airbyte-source-ashby. `size` 1 reads 2,000
    candidates of each vendor and 20,000 at Ashby; 10 reads 20,000 of each."""
    names = FEW if size < 0.01 else [name for name in registry.names() if name in registry.BUILT_IN]
    few, many = max(20, int(READ * size)), max(20, int(LARGE * min(size, 1.0)))
    rows = [_row(name, few, *_beside_bare(name, few)) for name in names]
    first = {name: _beside_bare(name, many, "--first") for name in names}
    return [*rows, _first(many, first), _beside_airbyte(many)]


def _beside_bare(system: str, people: int, *how: str) -> tuple[Reading, Reading]:
    with program("-m", "bench.vendor_account", system, "--candidates", str(people)) as account:
        return _read(account.said(WITHIN), *how)


def _read(told: Mapping[str, Any], *how: str) -> tuple[Reading, Reading]:
    """Bascule's reading and the bare loop's."""
    with (
        tempfile.TemporaryDirectory(prefix="bascule-bench-") as data,
        program("-m", "bench.reading", "--data", str(Path(data) / "data"), *how) as reader,
    ):
        reader.tell(json.dumps(told))
        bare, ours = (
            Reading(**said | {"asked": Counter(said["asked"])}) for said in (reader.said(WITHIN) for _ in "12")
        )
        return ours, bare


def _row(system: str, people: int, ours: Reading, bare: Reading) -> Row:
    label = registry.load(system).label
    return Row(
        "connectors", f"First reading of {people:,} candidates: {label}", round(ours.rate / bare.rate, 4),
        "records/s to baseline's", ours.words, f"a bare loop over the same lists: {bare.words}",
        figures={**ours.figures(), "baseline": bare.figures()},
    )  # fmt: skip


def _first(people: int, found: Mapping[str, tuple[Reading, Reading]]) -> Row:
    slowest = max(found, key=lambda name: found[name][0].first)
    ours, bare = found[slowest]
    each = ", ".join(f"{registry.load(name).label} {one.first:.1f} s" for name, (one, _) in found.items())
    return Row(
        "connectors", f"The first 100 of {people:,} candidates readable over the API after connecting, slowest vendor",
        round(ours.first / bare.first, 2), "seconds to baseline's", f"{ours.first:.2f} s ({each})",
        f"the same bare loop has seen 100 at {registry.load(slowest).label}: {bare.first:.2f} s",
        f"within {FIRST:g} s", ours.first <= FIRST,
        {"slowest": slowest, "first_s": {name: round(one.first, 2) for name, (one, _) in found.items()}},
    )  # fmt: skip


def _beside_airbyte(people: int) -> Row:
    with (
        tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder,
        program("-m", "bench.vendor_account", "ashby", "--candidates", str(people)) as account,
    ):
        told = account.said(WITHIN)
        ours, _ = _read(told, "--same")
        before = asyncio.run(asked_of(told["url"]))
        theirs = airbyte.read(Path(folder), told["url"], told["secrets"]["api_key"], tuple(SHARED))
        their_asked = asyncio.run(asked_of(told["url"])) - before
    objects = sum(theirs.records.values())
    our_asked = sum(ours.asked[path] for path in SHARED.values())
    our_rate, their_rate = objects / ours.seconds, objects / theirs.seconds
    our_each, their_each = our_asked / objects, sum(their_asked.values()) / objects
    ratio = our_rate / their_rate
    return Row(
        "connectors", f"The same eight lists of {people:,} candidates at Ashby, beside airbyte-source-ashby",
        round(ratio, 3), "objects/s to baseline's",
        f"{our_rate:,.0f} objects/s ({objects:,} in {ours.seconds:.1f} s), {1000 * our_each:.2f} requests a thousand, "
        f"{1000 * ours.cpu / objects:.2f} ms of processor time each; planned, stored and audited",
        f"{their_rate:,.0f}/s ({theirs.seconds:.1f} s), {1000 * their_each:.2f} requests a thousand, "
        f"{1000 * theirs.cpu / objects:.2f} ms; kept nowhere",
        f"at least {TIMES:g}, no more requests", ratio >= TIMES and our_each <= their_each,
        {"objects": objects, "seconds": round(ours.seconds, 1), "requests": our_asked,
         "requests_in_all": sum(ours.asked.values()), "baseline_seconds": round(theirs.seconds, 1),
         "baseline_requests": sum(their_asked.values()), "cpu_ms": round(1000 * ours.cpu / objects, 2),
         "baseline_cpu_ms": round(1000 * theirs.cpu / objects, 2)},
    )  # fmt: skip
