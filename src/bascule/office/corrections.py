"""A person says that something in a score is wrong: it is left out, the score is made again, and it is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bascule.errors import InputError, NotFoundError
from bascule.hiring.resumes import file_of, newest
from bascule.hiring.rubrics import SCORE
from bascule.match import Matcher
from bascule.model import Actor, Family, Kind, Record
from bascule.store import Tx, scores
from bascule.store.corrections import Correction, CorrectionKind

from .desk import Desk

LONGEST = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What is wrong: a skill, by its id; or a passage of a part's reason, by where it stands in the resume."""

    skill: str = ""
    part: str = ""
    start: int = -1
    end: int = -1
    why: str = ""


class Corrections:
    """`app.corrections`."""

    def __init__(self, desk: Desk, matcher: Callable[[], Matcher]) -> None:
        self._desk = desk
        self._matcher = matcher

    async def mark(self, application: str, said: Said, actor: Actor) -> Correction:
        """Leave it out of the application's scores from this file on. What was said already stays as it was said first.
        NotFoundError where there is no such application, InputError where its newest score does not say that."""

        def unit(tx: Tx) -> Correction:
            family, record = self._application(tx, application)
            score = tx.scores.of(application)
            resume = newest(family, record)
            if score is None or score.score is None or resume is None:
                raise InputError("This application has no score.", hint="Wait until it is scored.")
            one = self._correction(score, record, file_of(resume), said, actor)
            for known in tx.corrections.of([application]).get(application, []):
                if (known.resume, known.kind, known.about, known.start) == (one.resume, one.kind, one.about, one.start):
                    return known
            tx.corrections.add(family.workspace, family.id, one)
            self._again(tx, family, record, "score corrected", actor, {"kind": str(one.kind), "about": one.about})
            return one

        one = await self._desk.store.write(unit)
        self._desk.wake()
        return one

    async def undo(self, application: str, id: str, actor: Actor) -> None:
        """Let it count again. NotFoundError where it does not hold."""

        def unit(tx: Tx) -> None:
            family, record = self._application(tx, application)
            if not tx.corrections.undo(application, id, now=self._desk.now()):
                raise NotFoundError("There is no such correction.", hint="Somebody may have taken it back already.")
            self._again(tx, family, record, "correction taken back", actor, {})

        await self._desk.store.write(unit)
        self._desk.wake()

    async def of(self, application: str) -> list[Correction]:
        """Those that hold. NotFoundError where there is no such application."""

        def read(tx: Tx) -> list[Correction]:
            self._application(tx, application)
            return tx.corrections.of([application]).get(application, [])

        return await self._desk.store.read(read)

    async def counted(self) -> list[dict[str, Any]]:
        """What is said to be wrong most often: how many times, of how many people, for how many jobs."""
        found = await self._desk.store.read(lambda tx: tx.corrections.counted(self._desk.workspace))
        return [
            {
                "kind": str(one.kind), "about": one.about, "label": self._label(one.kind, one.about),
                "times": one.times, "people": one.people, "jobs": one.jobs,
            }
            for one in found
        ]  # fmt: skip

    def _label(self, kind: CorrectionKind, about: str) -> str:
        if kind is CorrectionKind.PASSAGE:
            return about
        return self._matcher().skills.label(about) or about.removeprefix("advert:")

    def _application(self, tx: Tx, id: str) -> tuple[Family, Record]:
        record = tx.families.records(self._desk.workspace, [id]).get(id)
        if record is None or record.kind is not Kind.APPLICATION:
            raise NotFoundError("There is no such application.", hint="It may have been deleted in the ATS.")
        return tx.families.family(record.family), record

    def _correction(self, score: scores.Score, record: Record, file: str, said: Said, actor: Actor) -> Correction:
        why = " ".join(said.why.split())[:LONGEST]
        if said.skill:
            known = [one for one in _maps(score.body.get("skills")) if one.get("id") == said.skill]
            known += [reason for _, reason in _reasons(score) if reason.get("about") == said.skill]
            if not known:
                raise InputError("The score does not name that skill.", hint="Load the page again.")
            label, kind, about = str(known[0].get("label") or known[0].get("text")), CorrectionKind.SKILL, said.skill
            quote, start, end = str(known[0].get("quote") or ""), -1, -1
        else:
            found = next(
                (
                    one
                    for part, one in _reasons(score)
                    if (part, one.get("start"), one.get("end")) == (said.part, said.start, said.end) and said.start >= 0
                ),
                None,
            )
            if found is None or found.get("source") not in (None, "resume"):
                raise InputError("The score gives no such reason from the resume.", hint="Load the page again.")
            label, kind, about = str(found.get("text")), CorrectionKind.PASSAGE, said.part
            quote, start, end = str(found.get("quote") or ""), said.start, said.end
        return Correction(
            self._desk.id(), record.id, score.job, file, kind, about, self._desk.now(), actor, label, quote, start, end,
            why,
        )  # fmt: skip

    def _again(self, tx: Tx, family: Family, record: Record, action: str, actor: Actor, detail: dict[str, str]) -> None:
        now = self._desk.now()
        tx.scores.make_stale(record.id)
        tx.tasks.put(family.workspace, SCORE, record.id, due=now)
        tx.audit.record(
            workspace=family.workspace, at=now, action=action, actor=actor, family=family.id, record=record.id,
            detail=detail,
        )  # fmt: skip


def _reasons(score: scores.Score) -> list[tuple[str, Mapping[str, Any]]]:
    """The reasons a score gives, each with its part's key."""
    return [
        (str(part.get("key")), reason)
        for part in _maps(score.body.get("parts"))
        for reason in _maps(part.get("reasons"))
    ]


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, tuple) else []
