"""CVs that were read once, scored again through the product: App and worker, SQLite on disk.

The applicants have the demo's CVs, each a name of its own, and are scored once. Then a person asks for one more skill,
and the clock runs until no score of the job is stale: loaded, judged, kept with reasons, note and audit. Nobody is
linked to a system, so nothing is planned for one. Then all are scored for another job, as people met before are.
The baseline of each, in the same run, is the same with what was kept of the CVs taken away: then files, or texts, are
read again. `BASCULE_APPLICANTS` says how many.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from datetime import datetime
from pathlib import Path

from bascule.app import App, running
from bascule.hiring.fitting import FIT
from bascule.hiring.indexing import INDEX
from bascule.hiring.resumes import version_of
from bascule.hiring.rubrics import SCORE
from bascule.hiring.scoring import RANK
from bascule.model import Actor, ActorKind, Family, Fields, Kind, Record, Source, Status
from bascule.office.rubrics import Asked
from bascule.settings import Settings
from bascule.store import Tx
from bascule.store.sql import Sql

from . import scoring
from .rows import Row

APPLICANTS = int(os.environ.get("BASCULE_APPLICANTS", "5000"))
WITHIN, BATCH, SHARE = 5.0, 100, 20  # seconds for 5,000; families in a commit; the baseline's share of the applicants
MADE = Sql("SELECT COUNT(*) FROM scores WHERE job = :job AND version = :version")
OWNER = Actor(ActorKind.PERSON, "bench", "bench")


def run(size: float = 1.0) -> list[Row]:
    """Two rows: scored again for a changed rubric, and for a new job."""
    return asyncio.run(_measured(max(20, round(APPLICANTS * size))))


async def _measured(many: int) -> list[Row]:
    few = max(10, many // SHARE)
    with tempfile.TemporaryDirectory(prefix="bascule-bench-") as folder:
        async with running(Settings(data=Path(folder), log_level="error")) as app:
            job = await _filled(app, many)
            await _quiet(app)
            again, fitted = await _again(app, job, "COBOL"), await _fitted(app, "first", many)
            await app.store.write(lambda tx: _forget(tx, job))
            without = await _fitted(app, "second", few), await _again(app, job, "Fortran", few)
    return [
        _row(f"{many:,} applicants scored again for a changed rubric", again, without[1], many, few, "files"),
        _row(f"{many:,} people of earlier scored for a new job", fitted, without[0], many, few, "texts"),
    ]


def _row(what: str, ours: tuple[float, float], plain: tuple[float, float], many: int, few: int, read: str) -> Row:
    seconds, used = ours
    reading = plain[0] * many / few
    figures = {
        "people": many, "seconds": round(seconds, 2), "cpu_ms_each": round(1000 * used / many, 2),
        "per_s": round(many / seconds), "reading_again_s": round(reading, 1),
        "reading_again_cpu_ms_each": round(1000 * plain[1] / few, 2),
    }  # fmt: skip
    return Row(
        "rescoring", what, round(reading / seconds, 1), "seconds of reading again to seconds",
        f"{seconds:.1f} s, {many / seconds:.0f}/s; {1000 * used / many:.1f} ms of processor time each",
        f"reading their {read} again: {reading:.0f} s (by {few})", f"{WITHIN:g} s for 5,000",
        seconds * 5000 / many <= WITHIN, figures,
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


async def _fitted(app: App, name: str, many: int) -> tuple[float, float]:
    """So many people against a job that is new to them: seconds, and the processor's seconds of this process."""
    _, (title, advert), *_ = scoring.jobs()
    model = app.indexing.model
    people = await app.store.read(lambda tx: [one.record for one in tx.indexed.page(app.workspace, model, "", many)])
    job = await _opened(app, f"{title}, {name} opening", advert)
    began, used = time.perf_counter(), time.process_time()
    payload: Fields = {"records": tuple(people)}
    await app.store.write(lambda tx: tx.tasks.put(app.workspace, FIT, job, due=app.runtime.now(), payload=payload))
    app.desk.wake()
    while await app.store.read(lambda tx: tx.tasks.count(app.workspace, FIT)):
        await asyncio.sleep(0.02)
    return time.perf_counter() - began, time.process_time() - used


async def _again(app: App, job: str, skill: str, few: int | None = None) -> tuple[float, float]:
    """Ask for one more skill; seconds until the scores that this makes stale are made (or `few` of them), and the
    processor's seconds of this process."""
    version = await app.store.read(lambda tx: tx.scores.rubric_version(job))
    began, used = time.perf_counter(), time.process_time()
    await app.rubric_desk.change(job, Asked({skill: "must"}), version, OWNER)
    wanted = few or len(await app.store.read(lambda tx: tx.pages.ranked(job, limit=100_000, named=False)))
    while (await app.store.read(lambda tx: tx.rows(MADE, job=job, version=version + 1)))[0][0] < wanted:
        await asyncio.sleep(0.02)
    return time.perf_counter() - began, time.process_time() - used
