"""A score's reasons in two plain sentences, by a language model where the workspace has chosen one.

The score is made and written before the model is asked, and nothing that it answers reaches the score. It is shown the
reasons with their quotes, blanked, and what it says is kept with a quote that stands in the CV or not at all. Where
none is chosen, or none answers, the reasons stand as they were made here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bascule.engine.connections import Connections
from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.match import Matcher
from bascule.model import Fields, Value
from bascule.models import prompts
from bascule.models.checks import Said, Source, sentences
from bascule.models.choice import Purpose
from bascule.models.door import About, Answer, Models, Question, choice_of
from bascule.models.shapes import Explained
from bascule.store import Store, Tx
from bascule.store.tasks import TaskLease

from .asking import NOTHING, ask
from .results import Result, enter, objection, stands
from .resumes import Readings, Subject, answers_of, person_of, subject
from .telling import EXPLAINED, Told, frozen, worded

EXPLAIN = "explain"
RESUME = "resume"  # the source of a reason that is no screening answer
MOST_REASONS, MOST_MISSING = 6, 6  # of one part


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model is told, and the texts it may quote, by the name that reasons have for them."""

    data: str
    labels: str  # of it, what is in our own words
    sources: Mapping[str, Source]


class Wording:
    """The handler of the task "explain"."""

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
        """A score is kept: its reasons are to be put in sentences, where they are not."""
        workspace = subject.family.workspace
        if told.value is None or EXPLAINED in told.body:
            return
        if Purpose.EXPLAIN in choice_of(tx, workspace).purposes:
            tx.tasks.put(workspace, EXPLAIN, subject.application.id, due=self._runtime.now())

    async def explain(self, task: TaskLease) -> float | None:
        """Put one score's reasons in sentences."""
        found = await self._store.read(lambda tx: self._to_explain(tx, task.key))
        if found is None:
            return None
        text, asked = await self._asked(found)
        about = About(found.family.id, found.application.id, person_of(found))
        question = Question(Purpose.EXPLAIN, prompts.load("explain"), asked.data, Explained, about=about)
        answer = await ask(self._models, task, question)
        if answer is None:
            return None
        given = [(one.text, one.quotes) for one in answer.value.sentences]
        whole = (Source(text.sent, text.written), *asked.sources.values())
        kept, dropped = sentences(given, whole, asked.labels)
        await self._reconcile.commit(lambda tx: self._keep(tx, task, found, answer, kept, dropped))
        return None

    def _to_explain(self, tx: Tx, application: str) -> Subject | None:
        found = subject(tx, application)
        if found is None or found.previous is None or found.previous.score is None or found.resume is None:
            return None
        gone = found.fresh and found.kept is not None  # another CV has come: it is scored first
        if (
            gone
            or found.previous.stale
            or EXPLAINED in found.previous.body
            or objection(self._connections, found.family, found.application)
        ):
            return None
        return found

    async def _asked(self, found: Subject) -> tuple[Source, Asked]:
        """The CV, and what is said of its score."""
        reading = await self._readings.read(found)
        assert found.previous is not None
        return await asyncio.to_thread(self._told, found, found.previous.body, reading.text)

    def _told(self, found: Subject, body: Fields, text: str) -> tuple[Source, Asked]:
        person = person_of(found)
        written, sent = self._matcher.shown(text, person)
        sources = {RESUME: Source(sent, written)}
        for question, answer in answers_of(found).items():
            written, sent = self._matcher.shown(answer, person)
            sources[question] = Source(sent, written)
        job = str(found.job.fields.get("title") or "") if found.job is not None else ""
        parts = sorted(_maps(body["parts"]), key=lambda part: -part["points"])
        told: dict[str, Any] = {"job": job, "parts": [_part(part, sources) for part in parts]}
        labels = [job, *(name for part in told["parts"] for name in _labels(part))]
        return sources[RESUME], Asked(json.dumps(told, ensure_ascii=False, indent=1), "; ".join(labels), sources)

    def _keep(
        self, tx: Tx, task: TaskLease, found: Subject, answer: Answer[Explained], kept: Sequence[Said], dropped: int
    ) -> None:
        """The sentences that hold, beside the reasons they were made of, unless those are others by now."""
        tx.tasks.hold(task)
        quotes = sum(len(one.quotes) for one in kept)
        tx.model_calls.judged(answer.call, "answered" if kept else NOTHING, kept=len(kept) + quotes, dropped=dropped)
        application, family = found.application.id, found.family
        now = tx.scores.of(application)
        assert found.previous is not None
        same = now is not None and now.body.get("digest") == found.previous.body.get("digest") and not now.stale
        if now is None or not same or not kept or not stands(tx, family.id, application):
            return
        said = {
            "sentences": [{"text": one.text, "quotes": list(one.quotes)} for one in kept],
            "model": answer.model, "prompt": answer.prompt, "call": answer.call, "at": self._runtime.now().isoformat(),
        }  # fmt: skip
        explained = frozen(said)
        tx.scores.set(family.workspace, family.id, replace(now, body={**now.body, EXPLAINED: explained}))
        reasons = tx.families.family(family.id).records[application].fields.get("match_reasons")
        fields: dict[str, Value] = {"match_reasons": worded(reasons, explained)}
        enter(tx, self._reconcile, self._runtime.id, application, Result(fields), answer.actor)


def _part(part: Mapping[str, Any], sources: Mapping[str, Source]) -> dict[str, Any]:
    """One part of a score as it is told: without a quote that is not there (any more), and each one blanked."""
    reasons: list[dict[str, str]] = []
    for reason in _maps(part["reasons"])[:MOST_REASONS]:
        source, start, end = sources.get(str(reason["source"])), int(reason["start"]), int(reason["end"])
        there = source is not None and start >= 0 and source.written[start:end] == reason["quote"]
        quote = " ".join(source.sent[start:end].split()) if source is not None and there else ""
        reasons.append({"text": str(reason["text"]), **({"quote": quote} if quote.strip("· ") else {})})
    return {"name": part["name"], "reasons": reasons, "missing": list(part["missing"])[:MOST_MISSING]}


def _labels(part: Mapping[str, Any]) -> list[str]:
    """What a part says in our own words."""
    return [*(one["text"] for one in part["reasons"]), *part["missing"]]


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, tuple | list) else []
