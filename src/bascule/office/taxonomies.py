"""The tables of skills and titles: which version is stored where, and what becomes of ids when a new one comes."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bascule.hiring.rubrics import Rubrics, changes_of
from bascule.match import Matcher
from bascule.match.succession import Became, Fate, Succession
from bascule.model import Actor, Value
from bascule.store import Tx, scores

from .desk import Desk

TOGETHER = 200
UNKNOWN = "unknown"
"""The version of what was stored before versions were."""


@dataclass
class _Touched:
    """Where a stored id stands."""

    label: str = ""
    jobs: set[str] = field(default_factory=set[str])
    decisions: set[str] = field(default_factory=set[str])
    people: set[str] = field(default_factory=set[str])
    corrections: int = 0


class TaxonomyDesk:
    """`app.taxonomy_desk`."""

    def __init__(self, desk: Desk, rubrics: Rubrics, matcher: Callable[[], Matcher]) -> None:
        self._desk = desk
        self._rubrics = rubrics
        self._matcher = matcher

    async def told(self) -> dict[str, Any]:
        """The version that holds, how many rubrics and scores are of which, and every stored id that is not what it
        was: renamed, moved to another id, or gone, with how many rubrics, decisions of people and applicants it
        touches."""
        succession = await asyncio.to_thread(self._succession)
        versions: dict[str, Counter[str]] = {"rubrics": Counter(), "scores": Counter()}
        touched: dict[str, _Touched] = defaultdict(_Touched)
        async for rubric in self._rubrics_stored():
            versions["rubrics"][_version(rubric.body)] += 1
            for id, label in _ids(rubric.body.get("skills")):
                touched[id].label = label
                touched[id].jobs.add(rubric.job)
            for one in changes_of(rubric).skills:
                touched[one.id].label = one.label
                touched[one.id].decisions.add(rubric.job)
        async for score in self._scores_stored():
            versions["scores"][_version(score.body)] += 1
            for id, label in _ids(score.body.get("skills")):
                touched[id].label = label
                touched[id].people.add(score.application)
        for about, times in await self._desk.store.read(lambda tx: tx.corrections.skills(self._desk.workspace)):
            touched[about].corrections = times
        became = [(succession.of(id, one.label), one) for id, one in touched.items()]
        changed = [pair for pair in became if pair[0].fate is not Fate.SAME]
        changed.sort(key=lambda pair: (pair[0].fate, -len(pair[1].people), pair[0].label_was))
        return {
            "version": succession.version,
            "rubrics": dict(versions["rubrics"]),
            "scores": dict(versions["scores"]),
            "ids": len(touched),
            "changed": [_row(now, one) for now, one in changed],
        }

    async def migrate(self, actor: Actor) -> dict[str, Any]:
        """Bring everything stored to the version that holds: decisions of people and corrections get the ids that
        stand for theirs now, every rubric of another version is derived again, and its applications are scored again.
        The report is of how it was before."""
        report = await self.told()
        succession = self._succession()
        older = [one.job async for one in self._rubrics_stored() if _version(one.body) != succession.version]
        derived = 0
        for job in older:
            derived += await self._rubrics.carry(self._desk.workspace, job, succession)
        moved = [one for one in report["changed"] if one["fate"] == Fate.MOVED]

        def correct(tx: Tx) -> None:
            for one in moved:
                tx.corrections.rename(self._desk.workspace, one["was"], one["id"])

        await self._desk.store.write(correct)
        counted = Counter(str(one["fate"]) for one in report["changed"])
        await self._desk.note(
            actor, "taxonomy migrated", detail={"version": succession.version, "rubrics": derived, **counted}
        )
        self._desk.wake()
        return {**report, "derived": derived}

    def _succession(self) -> Succession:
        matcher = self._matcher()
        return Succession(matcher.taxonomy, matcher.skills)

    async def _rubrics_stored(self) -> AsyncIterator[scores.Rubric]:
        """The newest rubric of every job, some at a time."""
        after = ""
        while found := await self._desk.store.read(
            lambda tx, after=after: tx.scores.rubrics(self._desk.workspace, after=after, limit=TOGETHER)
        ):
            for one in found:
                yield one
            after = found[-1].job

    async def _scores_stored(self) -> AsyncIterator[scores.Score]:
        """The newest score of every application, some at a time."""
        after = ""
        while found := await self._desk.store.read(
            lambda tx, after=after: tx.scores.newest(self._desk.workspace, after=after, limit=TOGETHER)
        ):
            for one in found:
                yield one
            after = found[-1].application


def _version(body: Mapping[str, Value]) -> str:
    return str(body.get("taxonomy") or UNKNOWN)


def _ids(skills: Value) -> Iterator[tuple[str, str]]:
    """Ids and labels of stored skills."""
    for one in skills if isinstance(skills, tuple) else ():
        if isinstance(one, Mapping):
            yield str(one.get("id")), str(one.get("label") or "")


def _row(now: Became, one: _Touched) -> dict[str, Any]:
    return {
        **asdict(now), "fate": str(now.fate), "rubrics": len(one.jobs), "decisions": len(one.decisions),
        "people": len(one.people), "corrections": one.corrections,
    }  # fmt: skip
