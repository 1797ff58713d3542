"""What people have said is wrong in a score: a skill that somebody does not have, a passage that proves nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from ..model import Actor, ActorKind
from . import statements as s
from .codec import dumps, loads, moment, stamp

if TYPE_CHECKING:
    from .tx import Tx


class CorrectionKind(StrEnum):
    """A skill that is not theirs, wherever it is named; or a passage that no reason may stand on."""

    SKILL = "skill"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class Correction:
    """One of them, of an application and the file it was scored from. `about` is a skill's id, or the key of the
    score's part; `label` and `quote` are the words that were shown, `start` and `end` the place in the file's text."""

    id: str
    application: str
    job: str
    resume: str
    kind: CorrectionKind
    about: str
    at: datetime
    actor: Actor
    label: str
    quote: str = ""
    start: int = -1
    end: int = -1
    why: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How often the same thing was said to be wrong, of how many people, for how many jobs."""

    kind: CorrectionKind
    about: str
    times: int
    people: int
    jobs: int


class Corrections:
    """`tx.corrections`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, workspace: str, family: str, one: Correction) -> None:
        body = {
            "actor": {"kind": str(one.actor.kind), "id": one.actor.id, "name": one.actor.name},
            "label": one.label,
            "quote": one.quote,
            "start": one.start,
            "end": one.end,
            "why": one.why,
        }
        self._tx.run(
            s.CORRECTION_ADD,
            id=one.id,
            workspace=workspace,
            family=family,
            application=one.application,
            job=one.job,
            resume=one.resume,
            kind=str(one.kind),
            about=one.about,
            at=stamp(one.at),
            body=self._tx.vault.seal(workspace, family, dumps(body).encode()),
        )

    def of(self, applications: Collection[str]) -> dict[str, list[Correction]]:
        """Those that hold, by application, in the order they were made."""
        found: dict[str, list[Correction]] = {}
        rows = self._tx.rows(s.CORRECTIONS_OF, applications=applications) if applications else []
        self._tx.vault.fetch([row[7] for row in rows])
        for id, application, job, resume, kind, about, at, sealed in rows:
            body = self._tx.vault.decoded(sealed, loads)
            actor = Actor(ActorKind(body["actor"]["kind"]), body["actor"]["id"], body["actor"]["name"])
            found.setdefault(application, []).append(
                Correction(
                    id,
                    application,
                    job,
                    resume,
                    CorrectionKind(kind),
                    about,
                    moment(at),
                    actor,
                    body["label"],
                    body["quote"],
                    body["start"],
                    body["end"],
                    body["why"],
                )
            )
        return found

    def move(self, workspace: str, family: str, one: Correction) -> None:
        """Keep it for another person, whose application it is of now."""
        self._tx.run(s.CORRECTION_DROP, id=one.id)
        self.add(workspace, family, one)

    def undo(self, application: str, id: str, *, now: datetime) -> bool:
        """Take one back, and forget its words; False where it does not hold."""
        taken = self._tx.row(s.CORRECTION_UNDO, id=id, application=application, now=stamp(now), nothing=b"")
        return taken is not None

    def skills(self, workspace: str) -> list[tuple[str, int]]:
        """Every skill that was said to be wrong, by its id, and how often."""
        rows = self._tx.rows(s.CORRECTED_SKILLS, workspace=workspace, kind=str(CorrectionKind.SKILL))
        return [(about, times) for about, times in rows]

    def rename(self, workspace: str, was: str, id: str) -> None:
        """Have corrections of a skill hold for the id that stands for it now."""
        self._tx.run(s.CORRECTIONS_RENAMED, workspace=workspace, kind=str(CorrectionKind.SKILL), was=was, id=id)

    def counted(self, workspace: str, *, limit: int = 200) -> list[Count]:
        """What was said to be wrong most often, first."""
        rows = self._tx.rows(s.CORRECTIONS_COUNTED, workspace=workspace, limit=limit)
        return [Count(CorrectionKind(kind), *rest) for kind, *rest in rows]
