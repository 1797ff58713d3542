"""Positions and skills out of a CV whose layout could not be made out here, by a language model where the workspace has
chosen one.

A value is kept where its quote stands in the CV and the value stands in its quote. When a position was held is read
from the quote here. What holds fills the application's experience, which no part of a score is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date

from bascule.engine.connections import Connections
from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.match import Matcher
from bascule.match.dates import Stretch, months, stretches
from bascule.match.phrases import split
from bascule.model import Fields, Kind
from bascule.models import prompts
from bascule.models.checks import Source, place
from bascule.models.choice import Purpose
from bascule.models.door import About, Answer, Models, Question, actor_of, choice_of
from bascule.models.shapes import Extracted, PositionFound, SkillFound
from bascule.store import Store, Tx
from bascule.store.tasks import TaskLease

from .asking import NOTHING, ask
from .results import Result, enter, objection, stands
from .resumes import Readings, Subject, as_of, file_of, person_of, subject
from .telling import EXTRACTED, Told, experience, frozen

EXTRACT = "extract"
UNCLEAR = 0.5  # of a profile's confidence: below it, a layout was not made out
LONGEST = 24_000  # characters of a CV that are sent
MOST = 2_000  # tokens of an answer


@dataclass(frozen=True, slots=True)
class Held:
    """A position that holds. `first` and `last` are months ("2020-01"), "" where the quote names none."""

    title: str
    employer: str
    quote: str
    first: str = ""
    last: str = ""
    current: bool = False
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A skill that holds, with its canonical id where it has one."""

    name: str
    quote: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What holds of an answer. `years` None: no position says when."""

    positions: tuple[Held, ...]
    skills: tuple[Named, ...]
    years: float | None
    dropped: int


def held(answer: Extracted, source: Source, matcher: Matcher, day: date) -> Found:
    """What of an answer stands in the CV; `day` ends the positions that go on."""
    positions, ranges = list[Held](), list[Stretch]()
    for one in answer.positions:
        span = place(one.quote, source.sent)
        if span is None or place(one.title, source.sent[slice(*span)]) is None:
            continue
        made, when = _position(one, source.sent[slice(*span)], source.written[slice(*span)], matcher, day)
        positions.append(made)
        ranges += [when] if when is not None else []
    skills = [made for one in answer.skills if (made := _skill(one, source, matcher)) is not None]
    dropped = len(answer.positions) + len(answer.skills) - len(positions) - len(skills)
    kept, named = dict.fromkeys(positions), dict.fromkeys(skills)
    return Found(tuple(kept), tuple(named), round(months(ranges) / 12, 1) if ranges else None, dropped)


def _position(one: PositionFound, sent: str, written: str, matcher: Matcher, day: date) -> tuple[Held, Stretch | None]:
    when = next(iter(stretches(split(sent), day)), None)
    title, employer = _as_written(one.title, sent, written), _as_written(one.employer, sent, written)
    quote, codes = " ".join(written.split()), matcher.titles.codes(title)
    if when is None:
        return Held(title, employer, quote, codes=codes), None
    return Held(title, employer, quote, _month(when.first), _month(when.last), when.current, codes), when


def _skill(one: SkillFound, source: Source, matcher: Matcher) -> Named | None:
    span = place(one.quote, source.sent)
    if span is None:
        return None
    written = source.written[slice(*span)]
    name = _as_written(one.name, source.sent[slice(*span)], written)
    concept = matcher.skills.find(name) if name else None
    return Named(name, " ".join(written.split()), concept.id if concept else "") if name else None


def _as_written(value: str, sent: str, written: str) -> str:
    """A value as it stands in its quote; "" where it does not."""
    span = place(value, sent)
    return " ".join(written[slice(*span)].split()) if span is not None else ""


def _month(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02}"


class Extracting:
    """The handler of the task "extract"."""

    def __init__(
        self,
        runtime: Runtime,
        connections: Connections,
        reconcile: Reconcile,
        matcher: Matcher,
        readings: Readings,
        models: Models,
    ) -> None:
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._matcher = matcher
        self._readings = readings
        self._models = models

    @property
    def _store(self) -> Store:
        return self._connections.store

    def follow(self, tx: Tx, subject: Subject, told: Told) -> None:
        """A score is kept: where the CV's layout was not made out, a model is to read it, once for each file."""
        workspace = subject.family.workspace
        if told.value is None or told.understood >= UNCLEAR or EXTRACTED in told.body:
            return
        if Purpose.EXTRACT in choice_of(tx, workspace).purposes:
            tx.tasks.put(workspace, EXTRACT, subject.application.id, due=self._runtime.now())

    async def extract(self, task: TaskLease) -> float | None:
        """Read one CV."""
        found, known = await self._store.read(lambda tx: self._to_read(tx, task.key))
        if found is None:
            return None
        if known is not None:  # of another application with the same file
            await self._reconcile.commit(lambda tx: self._place(tx, task, found, known))
            return None
        reading = await self._readings.read(found)
        written, sent = await asyncio.to_thread(self._matcher.shown, reading.text, person_of(found))
        source = Source(sent[:LONGEST], written[:LONGEST])
        about = About(found.family.id, found.application.id, person_of(found))
        question = Question(Purpose.EXTRACT, prompts.load("extract"), source.sent, Extracted, MOST, about)
        answer = await ask(self._models, task, question)
        if answer is not None:
            kept = await asyncio.to_thread(held, answer.value, source, self._matcher, as_of(found))
            await self._reconcile.commit(lambda tx: self._keep(tx, task, found, answer, kept))
        return None

    def _to_read(self, tx: Tx, application: str) -> tuple[Subject | None, Fields | None]:
        """Whose CV is to be read, and what is known of the same file already."""
        found = subject(tx, application)
        if found is None or found.previous is None or found.resume is None or (found.fresh and found.kept is not None):
            return None, None
        if EXTRACTED in found.previous.body or objection(self._connections, found.family, found.application):
            return None, None
        others = [one.id for one in found.family.records.values() if one.kind is Kind.APPLICATION]
        kept = [each.body.get(EXTRACTED) for scores in tx.scores.of_all(others).values() for each in scores[:1]]
        file = file_of(found.resume)
        return found, next((one for one in kept if isinstance(one, Mapping) and one.get("file") == file), None)

    def _keep(self, tx: Tx, task: TaskLease, found: Subject, answer: Answer[Extracted], kept: Found) -> None:
        """What holds, beside the score of the same file, and as the application's experience."""
        tx.tasks.hold(task)
        many = len(kept.positions) + len(kept.skills)
        tx.model_calls.judged(answer.call, "answered" if many else NOTHING, kept=many, dropped=kept.dropped)
        assert found.resume is not None
        said = {
            **asdict(kept), "file": file_of(found.resume), "model": answer.model, "prompt": answer.prompt,
            "call": answer.call, "at": self._runtime.now().isoformat(),
        }  # fmt: skip
        if many:
            self._place(tx, task, found, frozen(said))

    def _place(self, tx: Tx, task: TaskLease, found: Subject, extracted: Fields) -> None:
        """What was extracted, where its file is still the one that the application is judged by."""
        tx.tasks.hold(task)
        application, family = found.application.id, found.family
        if not stands(tx, family.id, application):
            return
        now, there = (
            tx.scores.of(application),
            tx.families.family(family.id).records.get(str(extracted["file"]).partition(":")[0]),
        )
        if now is None or now.score is None or there is None or file_of(there) != extracted["file"]:
            return
        tx.scores.set(family.workspace, family.id, replace(now, body={**now.body, EXTRACTED: extracted}))
        if now.stale:
            tx.scores.make_stale(application)
        enter(tx, self._reconcile, self._runtime.id, application, Result(experience(extracted)),
              actor_of(str(extracted["model"])))  # fmt: skip
