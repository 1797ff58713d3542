"""The fairness probe of a job: its applicants' resumes beside their twins, scored by its own rubric."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bascule.errors import InputError
from bascule.hiring.resumes import Subject, answers_of, as_of, newest, person_of
from bascule.hiring.rubrics import Rubrics, job_of
from bascule.match import Matcher
from bascule.match.probe import Probe, Resume, probe
from bascule.model import Actor, FamilyState, Record, RecordState
from bascule.store import Tx

from .desk import Desk

PEOPLE = 50
MOST = 500


class Fairness:
    """`app.fairness`."""

    def __init__(self, desk: Desk, rubrics: Rubrics, matcher: Callable[[], Matcher]) -> None:
        self._desk = desk
        self._rubrics = rubrics
        self._matcher = matcher

    async def probe(self, job: str, actor: Actor, *, people: int = PEOPLE) -> dict[str, Any]:
        """Score the resumes of up to `people` applicants (best first) beside twins of theirs. Nothing is kept of it but
        its figures in the audit. NotFoundError where there is no such job; InputError where nobody's resume has been
        read, or more than 500 are asked for."""
        if not 1 <= people <= MOST:
            raise InputError(f"{people} applicants cannot be probed at once.", hint=f"Say 1 to {MOST}.")
        record, version, resumes = await self._desk.store.read(lambda tx: self._resumes(tx, job, people))
        if not resumes:
            raise InputError(
                "No applicant's CV has been read for this job.", hint="Probe it when somebody has been scored."
            )
        rubric, version = await self._rubrics.of(record, version)
        found = await asyncio.to_thread(probe, self._matcher(), rubric, resumes)
        told = {"job": job, "rubric": version, **as_data(found)}
        await self._desk.note(
            actor,
            "fairness probed",
            record=job,
            detail={"rubric": version, "resumes": found.resumes, "broken": found.broken},
        )
        return told

    def _resumes(self, tx: Tx, job: str, people: int) -> tuple[Record, int, list[Resume]]:
        record = job_of(tx, self._desk.workspace, job)
        found: list[Resume] = []
        ranked = tx.pages.ranked(job, limit=2 * people, named=False)
        for family in tx.families.families({one.family for one in ranked}).values():
            if family.state is not FamilyState.LIVE:
                continue
            for application in family.records.values():
                if application.fields.get("job") != job or application.state is not RecordState.LIVE:
                    continue
                resume = newest(family, application)
                address = tx.stored.of(resume.id, "text") if resume else None
                text = tx.stored.get(address) if address else None
                if text and application.parent is not None:
                    subject = Subject(
                        family, application, family.records[application.parent], record, resume, None, None, None, "", 0
                    )
                    answers = answers_of(subject)
                    found.append(Resume(text.decode(), person_of(subject), as_of(subject), answers))
        return record, tx.scores.rubric_version(job), found[:people]


def as_data(found: Probe) -> dict[str, Any]:
    """The probe as JSON data; differences in points."""
    return {
        "resumes": found.resumes,
        "broken": found.broken,
        "attributes": [
            {
                "attribute": str(row.attribute), "how": "a line added to both" if row.written else "exchanged",
                "exact": row.exact, "pairs": row.pairs, "differ": row.differ, "most": row.most / 10,
                "mean": round(row.mean / 10, 3), "broken": row.broken,
            }
            for row in found.rows
        ],
        "left": [{"kind": miss.kind, "times": miss.times, "resumes": miss.resumes} for miss in found.misses],
    }  # fmt: skip
