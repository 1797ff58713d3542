"""CVs that were read once, scored again through the product: App and worker, SQLite on disk.

The applicants have the demo's CVs, each a name of its own, and are scored once. Then a person asks for one more skill,
and the clock runs until no score of the job is stale: loaded, judged, kept with reasons, note and audit. Nobody is
linked to a system, so nothing is planned for one. Then all are scored for another job, as people met before are. Both
take turns; the median counts. The baseline, in the same run, is the same one person at a time; and, beside it, with
what was kept of the CVs taken away: then files, or texts, are read again. Processor time is that of this process and
its children. `BASCULE_APPLICANTS` says how many.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bascule.app import App, running
from bascule.engine.runtime import run as on_loop
from bascule.hiring import fitting
from bascule.hiring.fitting import FIT
from bascule.hiring.indexing import INDEX
from bascule.hiring.resumes import version_of
from bascule.hiring.rubrics import RESCORE, SCORE
from bascule.hiring.scoring import RANK
from bascule.model import Actor, ActorKind, Family, Fields, Kind, Record, Source, Status
from bascule.office.rubrics import Asked
from bascule.settings import Settings
from bascule.store import Tx

from . import scoring
from .processes import spent
from .rows import Row

APPLICANTS = int(os.environ.get("BASCULE_APPLICANTS", "5000"))
WITHIN, BATCH, SHARE = 5.0, 100, 20  # seconds for 5,000; families in a commit; the baseline's share of the applicants
TURNS = 3
SKILLS = ("COBOL", "Fortran", "Ada", "Lisp", "Prolog")
OWNER = Actor(ActorKind.PERSON, "bench", "bench")


def run(size: float = 1.0) -> list[Row]:
    """Two rows: scored again for a changed rubric, and for a new job."""
    return on_loop(_measured(max(20, round(APPLICANTS * size))))


@dataclass(frozen=True, slots=True)
class Took:
    """What it took to score so many people."""

    people: int
    seconds: float
    processor: float

    @property
    def each(self) -> float:
        """Milliseconds of processor time."""
        return 1000 * self.processor / self.people


async def _measured(many: int) -> list[Row]:
    few = max(10, many // SHARE)
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:
        async with running(Settings(data=Path(folder), log_level="error")) as app:
            job = await _filled(app, many)
            await _quiet(app)
            again, fitted = list[Took](), list[Took]()
            for turn, skill in enumerate(SKILLS[:TURNS]):
                again.append(await _again(app, job, skill, many))
                fitted.append(await _fitted(app, f"opening {turn}", many))
            alone = await _alone(app, job, SKILLS[TURNS], few), await _fitted(app, "one by one", few, 1)
            await app.store.write(lambda tx: _forget(tx, job))
            unread = await _alone(app, job, SKILLS[TURNS + 1], few), await _fitted(app, "unread", few)
    return [
        _row(f"{many:,} applicants scored again for a changed rubric", again, alone[0], unread[0], "files"),
        _row(f"{many:,} people of earlier scored for a new job", fitted, alone[1], unread[1], "texts"),
    ]


def _row(what: str, turns: list[Took], alone: Took, unread: Took, read: str) -> Row:
    ours = sorted(turns, key=lambda one: one.seconds)[len(turns) // 2]
    many = ours.people
    one_by_one, reading = alone.seconds * many / alone.people, unread.seconds * many / unread.people
    figures = {
        "people": many, "seconds": round(ours.seconds, 2), "cpu_ms_each": round(ours.each, 2),
        "all_seconds": [round(one.seconds, 2) for one in turns], "per_s": round(many / ours.seconds),
        "one_by_one_s": round(one_by_one, 1), "one_by_one_cpu_ms_each": round(alone.each, 2),
        "reading_again_s": round(reading, 1), "reading_again_cpu_ms_each": round(unread.each, 2),
        "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    return Row(
        "rescoring", what, alone.each / ours.each, "processor time one by one to together",
        f"{ours.seconds:.1f} s (median of {len(turns)}), {many / ours.seconds:.0f}/s; {ours.each:.1f} ms of processor "
        f"time each",
        f"one person at a time: {one_by_one:.0f} s, {alone.each:.1f} ms each (by {alone.people}); reading their {read} "
        f"again: {reading:.0f} s",
        f"{WITHIN:g} s for 5,000", ours.seconds * 5000 / many <= WITHIN, figures,
    )  # fmt: skip


async def _filled(app: App, many: int) -> str:
    """A job, and applicants to it with their CVs; the job."""
    (title, advert), *_ = scoring.jobs()
    job, now = await _opened(app, title, advert), app.runtime.now()
    told = json.loads((scoring.MATERIAL / "applications.json").read_text("utf-8"))
    files = [(one["file"], (scoring.MATERIAL / "files" / one["file"]).read_bytes()) for one in told]
    for first in range(0, many, BATCH):
        numbers = range(first, min(first + BATCH, many))
        await app.store.write(lambda tx, some=numbers: [_applicant(tx, app, job, n, files, now) for n in some])
    return job


async def _opened(app: App, title: str, advert: str) -> str:
    """A new job."""
    now, job, home = app.runtime.now(), app.runtime.id(), app.runtime.id()
    record = _record(app, job, Kind.JOB, home, None, {"title": title, "description": advert}, now)
    family = Family(home, app.workspace, Kind.JOB, 0, "salt", {job: record}, {})
    await app.store.write(lambda tx: tx.families.save(None, family, now=now))
    return job


def _applicant(tx: Tx, app: App, job: str, number: int, files: list[tuple[str, bytes]], now: datetime) -> None:
    home, person, application, file = (app.runtime.id() for _ in range(4))
    name, data = files[number % len(files)]
    records = [
        _record(app, person, Kind.CANDIDATE, home, None, {"first_name": "Robin", "last_name": f"Nr{number}"}, now),
        _record(
            app, application, Kind.APPLICATION, home, person,
            {"job": job, "status": Status.ACTIVE, "applied_at": now.isoformat()}, now,
        ),
        _record(
            app, file, Kind.ATTACHMENT, home, person,
            {"filename": name, "type": "resume", "application": application, "created_at": now.isoformat()}, now,
        ),
    ]  # fmt: skip
    family = Family(home, app.workspace, Kind.CANDIDATE, 0, "salt", {one.id: one for one in records}, {})
    tx.families.save(None, family, now=now)
    tx.stored.put(app.workspace, home, "resume", file, data, now=now, media=version_of(records[-1]))
    tx.tasks.put(app.workspace, SCORE, application, due=now)


def _record(app: App, id: str, kind: Kind, family: str, parent: str | None, fields: Fields, now: datetime) -> Record:
    sources = dict.fromkeys(fields, Source("ours", OWNER, "bench", now))
    return Record(id, app.workspace, kind, family, parent, fields, sources, "ours", now)


async def _quiet(app: App) -> None:
    """Everything that is due has been done."""
    app.desk.wake()
    while any([await app.store.read(lambda tx, n=n: tx.tasks.count(app.workspace, n)) for n in (SCORE, INDEX, RANK)]):
        await asyncio.sleep(0.2)


def _forget(tx: Tx, job: str) -> None:
    for one in tx.pages.ranked(job, limit=100_000, named=False):
        tx.stored.release(one.application, "study")


async def _fitted(app: App, name: str, many: int, together: int = fitting.AT_ONCE) -> Took:
    """So many people against a job that is new to them, so many at a time."""
    _, (title, advert), *_ = scoring.jobs()
    model = app.indexing.model
    people = await app.store.read(lambda tx: [one.record for one in tx.indexed.page(app.workspace, model, "", many)])
    job = await _opened(app, f"{title}, {name}", advert)
    payload: Fields = {"records": tuple(people)}
    usual, fitting.AT_ONCE = fitting.AT_ONCE, together
    try:
        begun = _now()
        await app.store.write(lambda tx: tx.tasks.put(app.workspace, FIT, job, due=app.runtime.now(), payload=payload))
        return await _until_done(app, FIT, begun, len(people))
    finally:
        fitting.AT_ONCE = usual


async def _again(app: App, job: str, skill: str, many: int) -> Took:
    """Ask for one more skill, until every score that this makes stale is made."""
    version, begun = await app.store.read(lambda tx: tx.scores.rubric_version(job)), _now()
    await app.rubric_desk.change(job, Asked({skill: "must"}), version, OWNER)
    return await _until_done(app, RESCORE, begun, many)


async def _alone(app: App, job: str, skill: str, few: int) -> Took:
    """The same for some of them, a task and a commit each."""
    together = app.worker.handlers.pop(RESCORE)
    try:
        version = await app.store.read(lambda tx: tx.scores.rubric_version(job))
        await app.rubric_desk.change(job, Asked({skill: "must"}), version, OWNER)
        some, begun = await app.store.read(lambda tx: tx.scores.to_redo(job, limit=few)), _now()
        now = app.runtime.now()
        await app.store.write(lambda tx: [tx.tasks.put(app.workspace, SCORE, id, due=now) for id in some])
        return await _until_done(app, SCORE, begun, len(some))
    finally:
        await app.store.write(lambda tx: tx.tasks.cancel(app.workspace, RESCORE, job))
        app.worker.handlers[RESCORE] = together


async def _until_done(app: App, task: str, begun: tuple[float, float], people: int) -> Took:
    app.desk.wake()
    while await app.store.read(lambda tx: tx.tasks.count(app.workspace, task)):
        await asyncio.sleep(0.02)
    seconds, processor = (now - then for now, then in zip(_now(), begun, strict=True))
    return Took(people, seconds, processor)


def _now() -> tuple[float, float]:
    """Seconds on the clock, and of processor time of this process and its children."""
    return time.perf_counter(), spent(os.getpid())
