"""A score made again from what is stored, and held against the one that was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bascule.errors import NotFoundError
from bascule.hiring.resumes import Readings, Subject
from bascule.hiring.resumes import subject as subject_of
from bascule.hiring.rubrics import Rubrics, kept_text, text_of
from bascule.hiring.scoring import Scoring
from bascule.hiring.telling import Told
from bascule.model import Actor, Value
from bascule.store import Tx, scores

from .desk import Desk

WORDS: Mapping[str, str] = {
    "file": "the CV's file", "person": "the name, address or phone that is blanked",
    "answers": "the answers", "wrong": "what people said is wrong", "day": "the day it is judged at",
}  # fmt: skip
MADE_BY: Mapping[str, str] = {
    "scorer": "the rules of scoring", "taxonomy": "the tables of skills and titles", "model": "the model",
    "reader": "the rules of reading",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Differs:
    """One thing that is not as it was when the score was told."""

    what: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Replay:
    """`same`: value, parts, reasons and flags are what they were. `score`, `again` are of 100, None where there is no
    score; `inputs` is what differs of what it was made of, `outcome` of what came of it."""

    application: str
    candidate: str
    version: int
    at: datetime
    same: bool
    score: float | None
    again: float | None
    made_by: Mapping[str, str]
    inputs: tuple[Differs, ...]
    outcome: tuple[Differs, ...]


class Replays:
    """`app.replays`."""

    def __init__(
        self, desk: Desk, rubrics: Rubrics, scoring: Callable[[], Scoring], readings: Callable[[], Readings]
    ) -> None:
        self._desk = desk
        self._rubrics = rubrics
        self._scoring = scoring
        self._readings = readings

    async def of(self, application: str, actor: Actor, *, version: int = 0) -> Replay:
        """Make the score of an application again: of its newest rubric, or of a `version`. Nothing is changed by it.
        NotFoundError where there is no such application (any more), no score of that version, or no CV is kept."""
        subject, kept, rubric = await self._desk.store.read(lambda tx: _load(tx, application, version))
        study = await self._readings().again(subject)
        assert subject.job is not None
        derived = await asyncio.to_thread(self._rubrics.again, rubric, text_of(subject.job))
        told = await asyncio.to_thread(self._scoring().judge, subject, study, derived, kept.version)
        await self._desk.note(
            actor, "score replayed", family=subject.family.id, record=application, detail={"version": kept.version}
        )
        return _held_against(subject, kept, rubric, told)


def _load(tx: Tx, application: str, version: int) -> tuple[Subject, scores.Score, scores.Rubric]:
    subject = subject_of(tx, application)
    if subject is None or subject.job is None:
        raise NotFoundError("There is no such application.", hint="Of somebody who was erased nothing can be replayed.")
    told = tx.scores.of_all([application]).get(application, [])
    kept = next((one for one in told if version in (0, one.version)), None)
    rubric = tx.scores.rubric(subject.job.id, kept.version) if kept is not None else None
    if kept is None or rubric is None:
        of = f" of version {version}" if version else ""
        raise NotFoundError(f"This application has no score{of}.", hint="Its scores stand on the candidate's page.")
    return subject, kept, rubric


def _held_against(subject: Subject, kept: scores.Score, rubric: scores.Rubric, told: Told) -> Replay:
    then, now = kept.body, told.body
    before, after = then.get("inputs"), now.get("inputs")
    inputs: list[Differs] = []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        inputs += [_differs(words, before.get(name), after.get(name)) for name, words in WORDS.items()
                   if before.get(name) != after.get(name)]  # fmt: skip
    if then.get("rubric") != now.get("rubric"):
        why = "the rubric" if kept_text(rubric) else "the rubric, made of the job's text as it is today"
        inputs.append(_differs(why, then.get("rubric"), now.get("rubric")))
    inputs += [
        _differs(words, then.get(name), now.get(name))
        for name, words in MADE_BY.items()
        if then.get(name) != now.get(name)
    ]
    same = then.get("told") == now.get("told") and then.get("tenths") == now.get("tenths")
    outcome: list[Differs] = []
    if not same:
        outcome += [
            _differs(name, then.get(name), now.get(name))
            for name in ("status", "reason", "tenths", "confidence")
            if then.get(name) != now.get(name)
        ]
        outcome += _parts(then.get("parts"), now.get("parts"))
        outcome = outcome or [Differs("reasons", "as they were told", "in other words, or others")]
    return Replay(
        kept.application, subject.candidate.id, kept.version, kept.at, same, kept.score, told.value,
        {words: str(then.get(name) or "") for name, words in MADE_BY.items()}, tuple(inputs), tuple(outcome),
    )  # fmt: skip


def _parts(then: Value, now: Value) -> list[Differs]:
    def values(told: Value) -> dict[str, str]:
        rows = [one for one in told if isinstance(one, Mapping)] if isinstance(told, tuple) else []
        return {str(one.get("label") or one.get("key")): str(one.get("value")) for one in rows}

    before, after = values(then), values(now)
    return [
        _differs(name, before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _differs(what: str, then: Value, now: Value) -> Differs:
    return Differs(what, "" if then is None else str(then), "" if now is None else str(now))
