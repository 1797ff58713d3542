"""Duplicates: how soon one new person is compared with everybody, and how many of those who are really there are found.

People are made up, with the truth known, as `bascule.evaluation.made_up` says. Asked is for people who apply again and
for people who never did, in a real store, with keys, sealed records and all; only those who may be met in a look are
kept whole, the others by their keys (a look opens no other record). The baseline compares by keys and one weighted
mean of spellings, as a script would, in memory. `BASCULE_PEOPLE` says how many.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import random
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bascule.engine.doubles import Doubles
from bascule.engine.sweeper import weigh
from bascule.evaluation.made_up import AGAIN, BASELINE, Fields, plain_keys, plain_mean, population
from bascule.match.likeness import CROWD, Verdict, blocks, compare, person
from bascule.model import EMPTY, Family, Kind, Record
from bascule.store import Store, Tx, open_store

from . import rows as table

PEOPLE = int(os.environ.get("BASCULE_PEOPLE", "100000"))
ASKED, SOON = 4000, 5.0
SWEPT, ROOM = 90.0, 4000  # seconds, MB
PAGE = 2000
AT = datetime(2026, 11, 1, tzinfo=UTC)
WORKSPACE = "01900000-0000-7000-8000-000000000000"
Times = list[tuple[float, float]]  # milliseconds: of the clock, of the processor


def run(size: float = 1.0) -> list[table.Row]:
    """Three rows: how soon, how right, and everybody with everybody. `size` 1 is `PEOPLE` people."""
    many = max(2000, int(PEOPLE * size))
    people, truth = population(many)
    chance = random.Random(9)
    asked = chance.sample(sorted(truth), min(len(truth), ASKED // 2))
    asked += chance.sample(range(int(many * (1 - AGAIN))), min(many // 2, ASKED - len(asked)))
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:
        found, times, filling = asyncio.run(_look(people, asked, Path(folder)))
    return [*_rows(many, people, truth, asked, found, times, filling), _sweep(many, people, truth)]


# -------------------------------------------------------------------------------------------------------------- ours


def _id(n: int, kind: str) -> str:
    return f"0190{kind}000-0000-7000-8000-{n:012d}"


def _family(n: int, fields: Fields) -> Family:
    id = _id(n, "f")
    record = Record(_id(n, "a"), WORKSPACE, Kind.CANDIDATE, id, None, fields, EMPTY, "", AT)
    return Family(id, WORKSPACE, Kind.CANDIDATE, 0, salt="00", records={record.id: record})


async def _look(
    people: Sequence[Fields], asked: Sequence[int], folder: Path
) -> tuple[dict[int, list[int]], Times, float]:
    """(whom each of the asked was found to be like, how long each look took, seconds of the processor for all keys)."""
    store = open_store(f"sqlite:///{folder / 'bascule.db'}", master=bytes(32))
    doubles = Doubles(store, None, lambda: AT)  # type: ignore[arg-type]  # nobody is asked here
    filling = 0.0
    for first in range(0, len(people), PAGE):
        page = range(first, min(len(people), first + PAGE))

        def put(tx: Tx, page: range = page) -> float:
            began = time.thread_time()
            tx.likenesses.put(WORKSPACE, {_id(n, "a"): blocks(person(people[n])) for n in page})
            return time.thread_time() - began

        filling += await store.write(put)
    await _keep(store, people, asked)
    found: dict[int, list[int]] = {}
    times: Times = []
    for n in asked:

        def one(tx: Tx, n: int = n) -> tuple[list[int], tuple[float, float]]:
            tx.shared.kept.drop(_id(n, "f"))
            began, used = time.perf_counter(), time.thread_time()
            like = doubles.find(tx, tx.families.family(_id(n, "f")))
            spent = (1000 * (time.perf_counter() - began), 1000 * (time.thread_time() - used))
            return [int(each.record[-12:]) for each in like], spent

        found[n], spent = await store.read(one)
        times.append(spent)
    await store.close()
    return found, times, filling


async def _keep(store: Store, people: Sequence[Fields], asked: Sequence[int]) -> None:
    """Keep whole those who are asked for, and whoever shares a key with one of them."""

    def met(tx: Tx, page: Sequence[int]) -> set[int]:
        some = set(page)
        for n in page:
            for records in tx.likenesses.found(WORKSPACE, blocks(person(people[n])), limit=CROWD + 1).values():
                some |= {int(record[-12:]) for record in records} if len(records) <= CROWD else set()
        return some

    whole: set[int] = set()
    for first in range(0, len(asked), PAGE):
        page = asked[first : first + PAGE]
        whole |= await store.read(lambda tx, page=page: met(tx, page))
    order = sorted(whole)
    for first in range(0, len(order), PAGE):

        def put(tx: Tx, page: Sequence[int] = order[first : first + PAGE]) -> None:
            for n in page:
                tx.families.save(None, _family(n, people[n]), now=AT)

        await store.write(put)


# ---------------------------------------------------------------------------------------------------------- baseline


def baseline(people: Sequence[Fields], asked: Sequence[int], least: float) -> tuple[dict[int, list[int]], Times]:
    """Keys, and a weighted mean of spellings."""
    lists: defaultdict[str, list[int]] = defaultdict(list)
    for n, fields in enumerate(people):
        for key in plain_keys(fields):
            lists[key].append(n)
    found: dict[int, list[int]] = {}
    times: Times = []
    for n in asked:
        began, used = time.perf_counter(), time.thread_time()
        near = {m for key in plain_keys(people[n]) if len(lists[key]) <= CROWD for m in lists[key]} - {n}
        found[n] = [m for m in near if plain_mean(people[n], people[m]) >= least]
        times.append((1000 * (time.perf_counter() - began), 1000 * (time.thread_time() - used)))
    return found, times


# ------------------------------------------------------------------------------------------ everybody with everybody

Pairs = set[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of the clock and of the processor, and MB at most."""

    clock: float
    cpu: float
    mb: float


def _sweep(many: int, people: Sequence[Fields], truth: Mapping[int, int]) -> table.Row:
    known = [person(fields) for fields in people]
    keys = [blocks(one) for one in known]
    parts = [
        "".join(f"{key[0]}{_digest(key)}\t{n}\n" for n in range(first, min(many, first + PAGE)) for key in keys[n])
        for first in range(0, many, PAGE)
    ]
    found, spent = asyncio.run(_weighed(parts))
    holders = Counter(key for mine in keys for key in mine)
    began = time.process_time()
    kept = {(a, b) for a, b in found if compare(known[a], known[b], lambda key: holders[key]).verdict is not Verdict.NO}
    rules = time.process_time() - began
    plain, plainly = _alone(many)
    right = {(one, again) for again, one in truth.items()}
    ours, theirs = (_share(kept, right), _share(plain, right))
    figures: dict[str, Any] = {
        "people": many, "seconds": spent.clock, "cpu": spent.cpu, "mb": spent.mb, "pairs": len(found),
        "rules_cpu": rules,
        "precision": ours[0], "recall": ours[1], "baseline_seconds": plainly.clock, "baseline_cpu": plainly.cpu,
        "baseline_mb": plainly.mb, "baseline_precision": theirs[0], "baseline_recall": theirs[1],
    }  # fmt: skip
    return table.Row(
        "duplicates", f"A sweep of {many:,}: everybody with everybody", round(spent.cpu / plainly.cpu, 2),
        "processor time to baseline's",
        f"{spent.clock:.0f} s ({spent.cpu:.0f} of the processor), {spent.mb:,.0f} MB for {len(found):,} likely pairs; "
        f"after the rules ({rules:.0f} s) precision {ours[0]:.3f}, recall {ours[1]:.3f}",
        f"keys and a weighted mean of spellings, in memory: {plainly.clock:.0f} s ({plainly.cpu:.0f}), "
        f"{plainly.mb:,.0f} MB, precision {theirs[0]:.3f}, recall {theirs[1]:.3f}",
        f"< {SWEPT:g} s and < {ROOM:,} MB", spent.clock < SWEPT and spent.mb < ROOM, figures,
    )  # fmt: skip


def _digest(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=6).hexdigest()


def _share(found: Pairs, right: Pairs) -> tuple[float, float]:
    return len(found & right) / max(1, len(found)), len(found & right) / max(1, len(right))


async def _weighed(parts: Sequence[str]) -> tuple[Pairs, Spent]:
    async def lines() -> AsyncIterator[bytes]:
        for part in parts:
            yield part.encode()

    before, began = _children(), time.perf_counter()
    pairs = await weigh(lines())
    clock, after = time.perf_counter() - began, _children()
    spent = Spent(clock, after.cpu - before.cpu, after.mb)
    return {(min(int(a), int(b)), max(int(a), int(b))) for a, b in pairs}, spent


def _children() -> Spent:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(0.0, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _alone(many: int) -> tuple[Pairs, Spent]:
    """The baseline in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_everybody, many).result()


def _everybody(many: int) -> tuple[Pairs, Spent]:
    people, _ = population(many)
    began, used = time.perf_counter(), time.process_time()
    found, _times = baseline(people, range(many), BASELINE)
    spent = Spent(
        time.perf_counter() - began, time.process_time() - used,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )  # fmt: skip
    return {(min(n, m), max(n, m)) for n, others in found.items() for m in others}, spent


# -------------------------------------------------------------------------------------------------------------- rows


def _score(found: Mapping[int, list[int]], truth: Mapping[int, int], asked: Sequence[int]) -> tuple[float, float]:
    """(precision, recall) over everybody who was asked for."""
    back: dict[int, int] = {one: again for again, one in truth.items()}
    right = wrong = there = 0
    for n in asked:
        other = truth.get(n, back.get(n))
        there += other is not None
        right += other in found[n]
        wrong += sum(m != other for m in found[n])
    return right / max(1, right + wrong), right / max(1, there)


def _rows(
    many: int, people: Sequence[Fields], truth: Mapping[int, int], asked: Sequence[int],
    found: Mapping[int, list[int]], times: Times, filling: float,
) -> list[table.Row]:  # fmt: skip
    plain, plain_times = baseline(people, asked, BASELINE)
    ours, theirs = _score(found, truth, asked), _score(plain, truth, asked)
    p50, p99 = (table.percentile([wall for wall, _ in times], at) for at in (0.5, 0.99))
    c50, c99 = (table.percentile([cpu for _, cpu in times], at) for at in (0.5, 0.99))
    b50, b99 = (table.percentile([cpu for _, cpu in plain_times], at) for at in (0.5, 0.99))
    keys = Counter(len(blocks(person(people[n]))) for n in asked)
    each = sum(n * m for n, m in keys.items()) / max(1, sum(keys.values()))
    figures: dict[str, Any] = {
        "people": many, "asked": len(asked), "p50_ms": p50, "p99_ms": p99, "p50_cpu_ms": c50,
        "p99_cpu_ms": c99, "baseline_p50_cpu_ms": b50, "baseline_p99_cpu_ms": b99, "precision": ours[0],
        "recall": ours[1], "baseline_precision": theirs[0], "baseline_recall": theirs[1],
        "put_us": 1e6 * filling / many, "keys": each,
    }  # fmt: skip
    return [
        table.Row(
            "duplicates", f"One new person compared with {many:,}", round(c99 / b99, 1), "p99 of the processor",
            f"p50 {p50:.2f}, p99 {p99:.2f} ms (of the processor {c50:.2f} and {c99:.2f}), records opened; "
            f"{1e6 * filling / many:.0f} µs to keep {each:.1f} keys",
            f"in memory, nothing sealed: of the processor p50 {b50:.3f}, p99 {b99:.2f} ms", f"p99 < {SOON:g} ms",
            p99 < SOON, figures,
        ),
        table.Row(
            "duplicates", f"Who is found again among {many:,}, of made-up people", round(ours[0] / theirs[0], 2),
            "precision to baseline's", f"precision {ours[0]:.3f}, recall {ours[1]:.3f}",
            f"keys and a weighted mean of spellings: precision {theirs[0]:.3f}, recall {theirs[1]:.3f}",
            figures=figures,
        ),
    ]  # fmt: skip
