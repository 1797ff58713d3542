"""Finding people again: how fast, how exact and how large the index of everybody ever met is, on vectors of real texts;
and how soon a new person is in it and an erased one out of it.

A person is 60 words from one to three places of resumes of one kind of work, so that a million differ and yet lie as
close together as people of one trade do. Texts are those of `../shared/data/matching`, or where they are not there the
demo's. Asked is for adverts whole, for pieces of adverts, and for people who are not in the index, everybody allowed
and a fifth. The baseline is an exact search of the same vectors as 32-bit numbers. `BASCULE_PEOPLE` says how many.

How soon is measured on an App with its worker, on SQLite on disk, from the commit that makes a person (or asks for an
erasure) to the moment the index of the same process holds them (or does not any more); beside it the commit alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bascule.app import App, running
from bascule.hiring.indexing import INDEX, SOON
from bascule.match.embed import Embedder, Vector
from bascule.match.index import Index, Row, as_bytes, word_number
from bascule.model import Actor, ActorKind, Family, Kind, Record, Source
from bascule.settings import Settings
from bascule.store import Tx
from bascule.store.listing import words_of

from . import rows as table
from . import scoring
from .processes import pss

SHARED = Path(__file__).parents[2] / "shared" / "data" / "matching"
PEOPLE = int(os.environ.get("BASCULE_PEOPLE", "100000"))
WORDS, AT_ONCE, ASKED = 60, 4, 150
RECALL, WITHIN, ROOM = 0.95, 50.0, 1500.0  # at ten, ms, MB
FOUND_WITHIN, GONE_WITHIN = 1.0, 60.0  # seconds
OWNER = Actor(ActorKind.PERSON, "bench", "bench")

Texts = list[list[list[str]]]  # kinds of work, their resumes, their words


def material() -> tuple[Texts, list[str], str]:
    """Resumes by kind of work, adverts, and where they are from."""
    if not SHARED.is_dir():
        kinds: dict[int, list[list[str]]] = {}
        for text, job in scoring.texts():
            kinds.setdefault(job, []).append(text.split())
        return list(kinds.values()), [text for _, text in scoring.jobs()], f"the demo's, as {SHARED} is not there"
    by: dict[str, list[list[str]]] = {}
    for line in (SHARED / "category_resumes_dev.jsonl").read_text("utf-8").splitlines():
        resume = json.loads(line)
        by.setdefault(resume["category"], []).append(resume["text"].split())
    queries = (SHARED / "category_queries_dev.jsonl").read_text("utf-8").splitlines()
    return list(by.values()), [json.loads(line)["text"] for line in queries], "1,278 resumes"


def people(texts: Texts, seed: int) -> Iterator[str]:
    """One text after the other, without end."""
    chance = random.Random(seed)
    while True:
        kind, parts = chance.choice(texts), chance.choice((1, 2, 3))
        said: list[str] = []
        for _ in range(parts):
            words = chance.choice(kind)
            at = chance.randrange(max(1, len(words) - WORDS // parts))
            said += words[at : at + WORDS // parts]
        yield " ".join(said)


def queries(texts: Texts, adverts: list[str], embedder: Embedder) -> list[Vector]:
    chance, found = random.Random(3), list(adverts)
    for advert in adverts:
        words = advert.split()
        for _ in range(3):
            at = chance.randrange(max(1, len(words) - WORDS))
            found.append(" ".join(words[at : at + WORDS]))
    strangers = people(texts, seed=4)
    found += [next(strangers) for _ in range(max(0, ASKED - len(found)))]
    return [embedder.vector(text) for text in found]


def fill(many: int, texts: Texts, embedder: Embedder, file: Path) -> tuple[Index, float]:
    """The index of so many people, and the seconds it took to put them; their vectors go to a file too."""
    index, spent, some = Index(embedder.dimensions), 0.0, people(texts, seed=7)
    with file.open("wb") as out:
        for first in range(0, many, AT_ONCE):
            said = [next(some) for _ in range(min(AT_ONCE, many - first))]
            vectors = embedder.vectors(said)
            out.write(vectors.tobytes())
            words = [np.array(sorted(map(word_number, words_of(text))), np.uint32) for text in said]
            began = time.perf_counter()
            for n, vector in enumerate(vectors):
                index.put(f"{first + n:036d}", Row(*as_bytes(vector), words[n], contact=(first + n) % 5))
            spent += time.perf_counter() - began
    return index, spent


def run(size: float = 1.0) -> list[table.Row]:
    """Four rows: the search, its memory, how soon somebody is in it and out of it. `size` 1 is `PEOPLE` people."""
    many = max(2000, int(PEOPLE * size))
    texts, adverts, source = material()
    embedder = Embedder.load()
    asked = queries(texts, adverts, embedder)
    before = pss(os.getpid())
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:
        file = Path(folder) / "vectors"
        index, filling = fill(many, texts, embedder, file)
        found, ours = _search(index, asked)
        grown = pss(os.getpid()) - before
        exact, plain = _exactly(np.fromfile(file, np.float32).reshape(many, -1), asked)
    speed, memory = _speed(many, source, found, ours, exact, plain), _memory(many, grown, index, filling)
    return [speed, memory, *asyncio.run(_soon(max(3, int(20 * size))))]


Answers = dict[str, list[set[str]]]
Times = dict[str, list[tuple[float, float]]]  # milliseconds: of the clock, of the processor
AMONG = {"everybody": None, "a fifth": 3}


def _search(index: Index, asked: list[Vector]) -> tuple[Answers, Times]:
    answers: Answers = {}
    times: Times = {}
    for name, only in AMONG.items():
        for query in asked:
            began, used = time.perf_counter(), time.process_time()
            among = None if only is None else index.where(lambda facts, only=only: facts["contact"] == only)
            found = index.search(query, k=10, among=among).found
            times.setdefault(name, []).append(_since(began, used))
            answers.setdefault(name, []).append({one.id for one in found})
    return answers, times


def _exactly(vectors: Vector, asked: list[Vector]) -> tuple[Answers, Times]:
    answers: Answers = {}
    times: Times = {}
    for name, only in AMONG.items():
        allowed = np.ones(len(vectors), np.bool_) if only is None else np.arange(len(vectors)) % 5 == only
        for query in asked:
            began, used = time.perf_counter(), time.process_time()
            alike = np.where(allowed, vectors @ query, -2)
            best = np.argpartition(-alike, 10)[:10]
            times.setdefault(name, []).append(_since(began, used))
            answers.setdefault(name, []).append({f"{n:036d}" for n in best})
    return answers, times


def _since(began: float, used: float) -> tuple[float, float]:
    return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)


def _speed(many: int, source: str, found: Answers, ours: Times, exact: Answers, plain: Times) -> table.Row:
    recall = {
        name: float(np.mean([len(a & b) / 10 for a, b in zip(found[name], exact[name], strict=True)])) for name in found
    }
    clock = {name: _percentiles([wall for wall, _ in ours[name]]) for name in ours}
    used = {name: _percentiles([cpu for _, cpu in ours[name]]) for name in ours}
    base, base_used = (table.percentile([one[n] for one in plain["everybody"]], 0.95) for n in (0, 1))
    figures: dict[str, Any] = {
        "people": many, "recall_at_10": recall, "p50_p95_ms": clock, "p50_p95_cpu_ms": used, "exact_p95_ms": base,
        "exact_p95_cpu_ms": base_used, "texts": source,
    }  # fmt: skip
    said = "; ".join(
        f"among {name} p50 {clock[name][0]:.1f}, p95 {clock[name][1]:.1f} ms (of the processor {used[name][1]:.1f}), "
        f"recall at ten {recall[name]:.3f}"
        for name in ours
    )
    reached = min(recall.values()) >= RECALL and max(p95 for _, p95 in clock.values()) < WITHIN
    return table.Row(
        "rediscovery", f"Who is nearest to a job, among {many:,} people", round(clock["everybody"][1] / base, 3),
        "p95 to baseline's", said,
        f"exact search of the same vectors: p95 {base:.0f} ms (of the processor {base_used:.0f})",
        f"p95 < {WITHIN:g} ms, recall ≥ {RECALL}", reached, figures,
    )  # fmt: skip


def _percentiles(values: list[float]) -> tuple[float, float]:
    return table.percentile(values, 0.5), table.percentile(values, 0.95)


def _memory(many: int, grown: float, index: Index, filling: float) -> table.Row:
    arrays, plain = index.bytes() / 2**20, many * index.dimensions * 4 / 2**20
    put = 1e6 * filling / many
    figures: dict[str, Any] = {
        "people": many, "mb": round(grown), "arrays_mb": round(arrays), "baseline_mb": round(plain),
        "put_us": round(put),
    }  # fmt: skip
    return table.Row(
        "rediscovery", f"Memory of the index of {many:,} people", round(grown / plain, 2), "MB to baseline's",
        f"{grown:.0f} MB more than before (arrays {arrays:.0f}); {put:.0f} µs to put one",
        f"the vectors alone, as 32-bit numbers: {plain:.0f} MB", f"< {ROOM:.0f} MB", grown < ROOM, figures,
    )  # fmt: skip


async def _soon(times: int) -> list[table.Row]:
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:
        async with running(Settings(data=Path(folder), log_level="error")) as app:
            held = await app.pool.of(app.workspace)
            await asyncio.to_thread(app.indexing.model.upper)  # loads what a running worker has loaded
            made = [await _made(app, n) for n in range(times + 1)][1:]
            into, commits, people = ([*some] for some in zip(*made, strict=True))
            out: list[float] = []
            for record in people:
                began = time.perf_counter()
                await app.erasures.begin(record, OWNER)
                while record in held.index:
                    await asyncio.sleep(0.005)
                out.append(time.perf_counter() - began)
    commit = statistics.median(commits)
    return [
        _row("A new person is in the index", into, commit, FOUND_WITHIN),
        _row("An erased person is out of the index", out, commit, GONE_WITHIN),
    ]


async def _made(app: App, number: int) -> tuple[float, float, str]:
    """Seconds until somebody new is in the index, and of the commit alone; their record."""
    held = await app.pool.of(app.workspace)
    now, id, family = app.runtime.now(), app.runtime.id(), app.runtime.id()
    fields = {"first_name": "Ada", "last_name": f"Byron {number}", "title": "Platform engineer", "tags": ()}
    source = Source("ours", OWNER, "bench", now)
    record = Record(
        id, app.workspace, Kind.CANDIDATE, family, None, fields, dict.fromkeys(fields, source), "ours", now
    )  # fmt: skip
    new = Family(family, app.workspace, Kind.CANDIDATE, 0, "salt", {id: record}, {})

    def commit(tx: Tx) -> None:
        tx.families.save(None, new, now=now)
        tx.tasks.put(app.workspace, INDEX, family, due=now + SOON)

    began = time.perf_counter()
    await app.store.write(commit)
    committed = time.perf_counter() - began
    app.desk.wake()
    while id not in held.index:
        await asyncio.sleep(0.005)
    return time.perf_counter() - began, committed, id


def _row(what: str, seconds: list[float], commit: float, goal: float) -> table.Row:
    p50, p95 = _percentiles([1000 * one for one in seconds])
    figures: dict[str, Any] = {"times": len(seconds), "p50_ms": p50, "p95_ms": p95, "commit_ms": 1000 * commit}
    return table.Row(
        "rediscovery", what, round(p50 / 1000 / commit, 1), "p50 to the commit's", f"p50 {p50:.0f}, p95 {p95:.0f} ms",
        f"the commit alone: {1000 * commit:.1f} ms", f"p95 < {goal:g} s", p95 < 1000 * goal, figures,
    )  # fmt: skip
