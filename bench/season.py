"""A made-up season of hiring, put into a store as it would stand there: nothing of it was asked of any system.

Everybody has an application with a score, its reasons and its way through the pipeline; every tenth has two. Some
writes have failed, some things wait for a person, and the audit has an entry for everything that happened. The numbers
are what a large employer has; names and words are drawn from short lists, so that sorting and searching have work.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bascule.engine.runtime import spelled, uuid7
from bascule.model import (
    BASCULE,
    OURS,
    Actor,
    ActorKind,
    Decision,
    Family,
    Fields,
    Gap,
    History,
    HistoryKind,
    Kind,
    Link,
    Pair,
    Record,
    Review,
    ReviewKind,
    Source,
    Write,
    WriteState,
)
from bascule.store import Store, Tx, scores
from bascule.store import statements as s
from bascule.store.codec import moment, stamp
from bascule.store.families import Claim
from bascule.store.outcomes import Outcome

AI = Actor(ActorKind.AI, "match", "Bascule match")
VENDOR = Actor(ActorKind.SYSTEM, "41", "Dana Recruiter")
STAGES = ("Application review", "Phone screen", "Take-home", "Onsite interview", "Offer")
TITLES = ("Backend Engineer", "Data Analyst", "Accountant", "Nurse", "Account Executive", "Support Lead", "Welder")
FIRST = ("Ada", "Bo", "Chiara", "Dmitri", "Edith", "Farid", "Grace", "Hannah", "Ines", "Jonas", "Kofi", "Lena", "Minh")
LAST = ("Adler", "Byron", "Clarke", "Dubois", "Eriksson", "Fuchs", "Garcia", "Hopper", "Ivanova", "Jansen", "Kowalski")
SKILLS = ("Python", "PostgreSQL", "Kubernetes", "Bookkeeping", "Triage", "Negotiation", "MIG welding", "German")
EVERY_JOB = 250  # candidates to a job
EVERY_FAILURE, EVERY_REVIEW, TWICE, NOTED = 500, 250, 10, 4
DAY = 86_400_000_000  # microseconds
BATCH = 500  # families in one commit
UNKNOWN = ("Talent pool", "On hold", "Silver medallist", "Reference check")


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    external: int
    stages: tuple[str, ...]


class Season:
    """Families of one workspace at one connection, the oldest first. The same seed gives the same season."""

    def __init__(self, workspace: str, connection: str, people: int, now: datetime) -> None:
        self.workspace, self.connection, self.people = workspace, connection, people
        self.jobs: list[Job] = []
        self._began, self._ends = now - timedelta(days=270), now
        self._random = random.Random(1)
        self._external = 1000

    async def fill(self, store: Store) -> None:
        """Put all of it into the store, and seal the audit."""
        count = max(4, self.people // EVERY_JOB)
        await store.write(lambda tx: [self._job(tx, number) for number in range(count)])
        for start in range(0, self.people, BATCH):
            numbers = range(start, min(start + BATCH, self.people))
            await store.write(lambda tx, numbers=numbers: [self._person(tx, number) for number in numbers])
        while await store.write(lambda tx: tx.audit.seal()):
            pass

    def _id(self, at: datetime) -> str:
        return spelled(uuid7(int(at.timestamp() * 1000), self._random.randbytes(10)))

    def _link(self, record: Record, at: datetime) -> Link:
        self._external += 1
        pairs = {name: Pair(value, value) for name, value in record.fields.items() if isinstance(value, str)}
        return Link(self._id(at), self.connection, record.kind, str(self._external), record.id, pairs=pairs, read_at=at)

    def _record(self, kind: Kind, family: str, parent: str | None, fields: Fields, at: datetime) -> Record:
        source = Source(self.connection, VENDOR, self._id(at), at)
        sources = dict.fromkeys(fields, source)
        return Record(self._id(at), self.workspace, kind, family, parent, fields, sources, self.connection, at)

    # ------------------------------------------------------------------------------------------------------ jobs

    def _job(self, tx: Tx, number: int) -> None:
        at, family = self._began, self._id(self._began)
        fields: Fields = {
            "title": TITLES[number % len(TITLES)], "status": "open" if number % 3 else "closed",
            "department": f"Department {number % 12}", "offices": (f"Office {number % 5}",),
            "description": "We look for somebody who does this work well. " * 20, "opened_at": at.isoformat(),
        }  # fmt: skip
        job = self._record(Kind.JOB, family, None, fields, at)
        stages = [
            self._record(Kind.STAGE, family, job.id, {"name": name, "order": place, "active": True}, at)
            for place, name in enumerate(STAGES)
        ]
        records = {one.id: one for one in (job, *stages)}
        links = {link.id: link for link in (self._link(one, at) for one in records.values())}
        made = Family(family, self.workspace, Kind.JOB, 0, "salt", records, links)
        gaps = [Gap(self.connection, Kind.STAGE, "type", UNKNOWN[number], job.id)] if number < len(UNKNOWN) else []
        tx.families.save(None, made, now=at, gaps=gaps)
        body: Fields = {"skills": tuple({"label": s, "importance": "must have"} for s in SKILLS[:4]), "years": 3}
        tx.scores.set_rubric(self.workspace, scores.Rubric(job.id, 1, body, at))
        self.jobs.append(Job(job.id, self._external, tuple(one.id for one in stages)))

    # ---------------------------------------------------------------------------------------------------- people

    def _person(self, tx: Tx, number: int) -> None:
        at = self._began + (self._ends - self._began) * (number / self.people)
        family = self._id(at)
        first, last = self._random.choice(FIRST), self._random.choice(LAST)
        email = f"{first}.{last}.{number}@mail.example".lower()
        fields: Fields = {
            "first_name": first, "last_name": f"{last}-{number % 997}", "emails": (email,),
            "phones": (f"+4930{number:08}",), "company": f"Company {number % 300}", "title": TITLES[number % 7],
            "tags": ("referral",) if number % 9 == 0 else (), "created_at": at.isoformat(),
        }  # fmt: skip
        person = self._record(Kind.CANDIDATE, family, None, fields, at)
        chosen = self._chosen(number)
        applications = [self._application(person, job, at) for job in chosen]
        children = [*applications, self._file(person, at), *([self._note(person, at)] if number % NOTED == 0 else [])]
        records = {one.id: one for one in (person, *children)}
        links = {link.id: link for link in (self._link(one, at) for one in records.values())}
        by_record = {link.record: link.id for link in links.values()}
        writes = {one.id: one for one in (self._write(a, by_record[a.id], number, at) for a in applications)}
        reviews = {one.id: one for one in self._reviews(person, number, at)}
        made = Family(family, self.workspace, Kind.CANDIDATE, 0, "salt", records, links, writes=writes, reviews=reviews)
        claims = [Claim(f"email:{email}", person.id)]
        tx.families.save(None, made, now=at, history=list(self._history(made, at)), claims=claims)
        for one, job in zip(applications, chosen, strict=True):
            self._scored(tx, one, at)
            self._went(tx, one, job, at)
        self._audited(tx, made, person, applications, at)

    def _chosen(self, number: int) -> list[Job]:
        """The job applied to; a few jobs draw many more people than the others."""
        width = len(self.jobs) if number % 3 else max(1, len(self.jobs) // 20)
        return self._random.sample(self.jobs[:width], min(width, 2 if number % TWICE == 0 else 1))

    def _application(self, person: Record, job: Job, at: datetime) -> Record:
        place = min(int(self._random.expovariate(1.2)), len(job.stages) - 1)
        score = round(self._random.triangular(10, 95, 45), 1)
        fields: Fields = {
            "job": job.id, "stage": job.stages[place],
            "status": "active" if self._random.random() < 0.6 else "rejected",
            "applied_at": at.isoformat(), "match_score": score, "ai_status": "scored",
            "match_reasons": ("Python, told in the course of work", "Five years where three are asked for"),
            "match_skills": SKILLS[:3], "experience_years": 5.0, "top_ten": score > 80,
        }  # fmt: skip
        return self._record(Kind.APPLICATION, person.family, person.id, fields, at)

    def _file(self, person: Record, at: datetime) -> Record:
        return self._record(Kind.ATTACHMENT, person.family, person.id, {"filename": "cv.pdf", "type": "resume"}, at)

    def _note(self, person: Record, at: datetime) -> Record:
        fields: Fields = {"body": "Spoke on the phone.", "visibility": "private", "created_at": at.isoformat()}
        return self._record(Kind.NOTE, person.family, person.id, fields, at)

    def _write(self, application: Record, link: str, number: int, at: datetime) -> Write:
        failed = number % EVERY_FAILURE == 0
        return Write(
            self._id(at), self.connection, application.id, link, "update_application",
            frozenset({"custom.match_score", "custom.match_reasons"}), AI, "score", at,
            state=WriteState.DEAD if failed else WriteState.DONE, tries=1, closed=at,
            why="422: is not included in the list" if failed else "",
        )  # fmt: skip

    def _reviews(self, person: Record, number: int, at: datetime) -> Iterator[Review]:
        if number % EVERY_REVIEW == 0:
            detail: Fields = {"base": "+4930", "seen": "+4931", "ours": "+4932"}
            about = f"{person.id}|phones"
            yield Review(
                self._id(at), ReviewKind.CONFLICT, person.id, self.connection, "phones", about, detail, BASCULE, at
            )

    def _history(self, made: Family, at: datetime) -> Iterator[History]:
        for record in made.records.values():
            for name, value in record.fields.items():
                ours = record.sources[name].origin == OURS or name.startswith(("match", "ai_", "experience", "top_"))
                actor, where = (AI, None) if ours else (VENDOR, self.connection)
                yield History(record.id, HistoryKind.CHANGED, name, None, value, where, actor, "read", at)
                if ours:
                    yield History(record.id, HistoryKind.WRITTEN, name, None, value, self.connection, AI, "write", at)
            if record.kind is Kind.APPLICATION:
                value = record.fields.get("stage")
                yield History(
                    record.id, HistoryKind.CHANGED, "stage", None, value, self.connection, VENDOR, "read",
                    at + timedelta(days=2),
                )  # fmt: skip

    def _went(self, tx: Tx, application: Record, job: Job, at: datetime) -> None:
        """Its way to where it stands, a few days a stage, and what was decided about it first."""
        fields = application.fields
        place = job.stages.index(str(fields["stage"]))
        ended = "rejected" if fields["status"] == "rejected" else ""
        times = [stamp(at)]
        while len(times) <= place + 1:
            times.append(times[-1] + int(self._random.expovariate(1 / 3) * DAY))
        way = [
            (application.id, job.id, stage, times[n], times[n + 1] if n < place or ended else None,
             ended if n == place else "", n == 0)
            for n, stage in enumerate(job.stages[: place + 1])
        ]  # fmt: skip
        tx.run(s.PASSAGES_DROP, ids=[application.id])
        tx.figures.add(self.workspace, application.family, way)
        if place or ended:
            decision = Decision.FORWARD if place else Decision.REJECTED
            score = fields["match_score"]
            assert isinstance(score, float)
            tx.outcomes.set(
                self.workspace, application.family,
                Outcome(application.id, job.id, decision, moment(times[1]), score, 1, "match"),
            )  # fmt: skip

    def _scored(self, tx: Tx, application: Record, at: datetime) -> None:
        reason: Fields = {"text": "Python, told in the course of work", "quote": "rebuilt billing in Python"}
        parts = tuple(
            {"name": name, "points": 180, "weight": 250, "reasons": (reason,), "missing": ("Kubernetes",)}
            for name in ("Skills", "Work like this job's", "Same kind of role", "Years of experience")
        )
        body: Fields = {"parts": parts, "skills": tuple({"label": one} for one in SKILLS[:3]), "flags": ()}
        job, score = str(application.fields["job"]), application.fields["match_score"]
        assert isinstance(score, float)
        tx.scores.set(self.workspace, application.family, scores.Score(application.id, 1, job, score, body, at))

    def _audited(self, tx: Tx, made: Family, person: Record, applications: list[Record], at: datetime) -> None:
        note = {"workspace": self.workspace, "at": at, "family": made.id, "connection": self.connection}
        pull: Fields = {"endpoint": "GET /v3/candidates", "status": 200, "read": self._id(at)}
        tx.audit.record(action="pull", actor=BASCULE, record=person.id, detail=pull, **note)  # type: ignore[arg-type]
        for one in applications:
            push: Fields = {"endpoint": "PATCH /v3/applications/{id}", "status": 200, "rubric": 1}
            tx.audit.record(action="scored", actor=AI, record=one.id, detail={"rubric": 1}, **note)  # type: ignore[arg-type]
            tx.audit.record(action="push", actor=AI, record=one.id, detail=push, **note)  # type: ignore[arg-type]


def now() -> datetime:
    return datetime.now(UTC)
