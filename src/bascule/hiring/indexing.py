"""What everybody is found by, made from what is kept of them: the newest CV, what the ATS says, what people noted.

A change of somebody who is read live is looked at at once (the task `index`, one a family); everybody else, as after a
first reading, in portions (the task `index all`). Nothing is written to a system because of it, and nothing of it is
shown there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from bascule.core.plan import Plan
from bascule.core.rediscovery import Fact, Policy, Standing, moment, outs, read, standing
from bascule.core.retention import Rule
from bascule.engine.connections import Connections
from bascule.engine.reconcile import Task
from bascule.engine.runtime import Runtime
from bascule.match import Matcher, Person, Traits, Wrong
from bascule.match.index import as_bytes, word_number
from bascule.model import ActorKind, Family, FamilyState, Kind, Record, RecordState, Value
from bascule.store import Store, Tx
from bascule.store.codec import stamp
from bascule.store.indexed import Indexed, Mark, found_otherwise
from bascule.store.listing import name_of, texts_of
from bascule.store.tasks import TaskLease

from .results import objection
from .resumes import study_key

INDEX, INDEX_ALL = "index", "index all"
SETTING = "rediscovery"
TOGETHER, AT_ONCE = 100, 10  # people of one portion; of one commit
SOON = timedelta(seconds=0.6)  # after a change: the score comes first, and what was made of the CV for it is used
IDLE = 30.0  # seconds between two looks for who is marked
FOR_EVER = 1 << 62
SAID = ("title", "company", "preferred_name")
OF_APPLICATIONS = ("experience_title", "experience_employer", "match_skills", "tags")


def policy_of(tx: Tx, workspace: str) -> Policy:
    """Who may be considered again."""
    return read(tx.workspaces.setting(workspace, SETTING))


def marked(before: Family | None, planned: Plan, live: bool) -> Sequence[Task]:
    """What a commit calls for: whoever changed is looked at anew, where that was no first reading."""
    family = planned.family
    return [Task(INDEX, family.id, SOON.total_seconds())] if live and found_otherwise(before, family) else []


@dataclass(frozen=True, slots=True)
class Material:
    """All that somebody is found by, loaded in one snapshot."""

    mark: Mark
    family: Family
    text: str  # of the newest CV that is kept; "" for none
    said: tuple[str, ...]
    noted: tuple[str, ...]
    day: date  # of the CV: what went on then
    standing: Standing
    unread: bool = False  # there is a CV that is to be fetched
    study: bytes | None = None  # what was made of the CV on that day, where it is kept


class Indexing:
    """Handles the tasks `index` and `index all`. `rule_of` gives a workspace's retention rule."""

    def __init__(
        self, runtime: Runtime, store: Store, connections: Connections, matcher: Matcher,
        rule_of: Callable[[Tx, str], Rule],
    ) -> None:  # fmt: skip
        self._runtime = runtime
        self._store = store
        self._connections = connections
        self._matcher = matcher
        self._rule_of = rule_of
        self._looked = False  # for rows of other models

    @property
    def model(self) -> str:
        """By what vectors are made; those of different ones are never compared."""
        return self._matcher.embedder.model

    async def index(self, task: TaskLease) -> float | None:
        """Whoever of a family is marked."""
        await self._make(task.workspace, await self._store.read(lambda tx: tx.indexed.due_of(task.key)))
        return None

    async def index_all(self, task: TaskLease) -> float:
        """A portion of everybody who is marked; at once the next, as long as there are any."""
        if not self._looked:
            await self._store.write(lambda tx: tx.indexed.mark_all(task.workspace, other_than=self.model))
            self._looked = True
        marks = await self._store.read(lambda tx: tx.indexed.due(task.workspace, TOGETHER))
        await self._make(task.workspace, marks)
        return 0.0 if len(marks) == TOGETHER else IDLE

    async def _make(self, workspace: str, marks: Sequence[Mark]) -> None:
        for first in range(0, len(marks), AT_ONCE):
            some = marks[first : first + AT_ONCE]
            found = await self._store.read(lambda tx, some=some: self._material(tx, workspace, some))
            rows = await self._made(found)
            unread = {one.mark.record for one in found if one.unread}
            await self._store.write(lambda tx, s=some, r=rows, u=unread: self._keep(tx, workspace, s, r, u))

    def _material(self, tx: Tx, workspace: str, marks: Sequence[Mark]) -> list[Material]:
        policy, rule = policy_of(tx, workspace), self._rule_of(tx, workspace)
        homes = {mark.record: tx.families.record_family(mark.record) for mark in marks}
        families = tx.families.families({home for home in homes.values() if home is not None})
        stages = _stages(tx, workspace, families.values())
        return [
            self._one(tx, mark, families[home], policy, rule, stages)
            for mark in marks
            if (home := homes[mark.record]) in families and is_held(families[home], mark.record)
        ]

    def _one(
        self, tx: Tx, mark: Mark, family: Family, policy: Policy, rule: Rule, stages: Mapping[str, Record]
    ) -> Material:
        now = self._runtime.now()
        stood = standing(family, policy, rule, stages.get, ai=not objection(self._connections, family), now=now)
        if outs(stood.facts, stood.until, now) is not None:  # counted, and that is all
            return Material(mark, family, "", (), (), applied_on(family, None), stood)
        resume, text = newest_text(tx, family)
        noted = tuple(_text(one.fields.get("body")) for one in notes_of(family))
        unread = policy.read and not text and bool(resumes_of(family)) and tx.stored.keeps(family.workspace, "text")
        day = applied_on(family, resume)
        study = _studied(tx, family, resume, day) if resume is not None else None
        return Material(mark, family, text, told_of(family), noted, day, stood, unread, study)

    async def _made(self, found: Sequence[Material]) -> list[Indexed]:
        return await asyncio.to_thread(self._rows, found)

    def _rows(self, found: Sequence[Material]) -> list[Indexed]:
        return [self._row(one, self._traits(one)) for one in found]

    def _traits(self, one: Material) -> Traits:
        study = self._matcher.unpacked(one.study) if one.study is not None else None
        return self._matcher.traits(one.text, one.said, one.noted, whose(one.family.root), one.day, study)

    def _row(self, one: Material, traits: Traits) -> Indexed:
        vector, scale = as_bytes(traits.vector)
        words = np.array(sorted({word_number(word) for word in traits.words}), np.dtype("<u4"))
        stood = one.standing
        return Indexed(
            record=one.mark.record,
            family=one.family.id,
            model=self.model,
            vector=vector.tobytes(),
            scale=scale,
            words=words.tobytes(),
            contact=stamp(stood.contact) // 1_000_000,
            until=FOR_EVER if stood.until is None else stamp(stood.until) // 1_000_000,
            flags=int(stood.facts | (Fact.RESUME if one.text else 0)),
            reached=stood.reached,
        )

    def _keep(
        self, tx: Tx, workspace: str, marks: Sequence[Mark], rows: Sequence[Indexed], unread: Collection[str]
    ) -> None:
        """Of whoever is still who they were; nothing of the others."""
        now, made = self._runtime.now(), {row.record: row for row in rows}
        families = tx.families.families({row.family for row in rows})
        gone: list[Mark] = []
        for mark in marks:
            row = made.get(mark.record)
            if row is not None and row.family in families and is_held(families[row.family], mark.record):
                tx.indexed.put(workspace, row, marks=mark.marks, now=now, unread=mark.record in unread)
            else:
                gone.append(mark)
        tx.indexed.drop(workspace, gone, now=now)


def newest_text(tx: Tx, family: Family) -> tuple[Record | None, str]:
    """The newest CV of which a text is kept, and that text."""
    for one in resumes_of(family):
        address = tx.stored.of(one.id, "text")
        if address is not None:
            return one, tx.stored.get(address).decode()
    return None, ""


def _studied(tx: Tx, family: Family, resume: Record, day: date) -> bytes | None:
    """What was made of this CV for an application of the same day, where nobody said that anything in it is wrong."""
    addresses = tx.stored.of_all([one.id for one in _live(family, Kind.APPLICATION)], "study")
    key = study_key(resume, whose(family.root), day, Wrong())
    kept = tx.stored.contents(set(addresses.values())).values()
    return next((one[len(key) :] for one in kept if one.startswith(key)), None)


def resumes_of(family: Family) -> list[Record]:
    """Their CVs, the newest first."""
    mine = [one for one in _live(family, Kind.ATTACHMENT) if one.fields.get("type") == "resume"]
    return sorted(mine, key=lambda one: (str(one.fields.get("created_at") or ""), one.id), reverse=True)


def told_of(family: Family) -> tuple[str, ...]:
    """What is said of a person beside their CV: name, addresses, title and employer, tags, answers."""
    person = family.root
    found = [name_of(person), *texts_of(person.fields.get("emails")), *(_text(person.fields.get(n)) for n in SAID)]
    found.append(_text(person.fields.get("tags")))
    for one in _live(family, Kind.APPLICATION):
        found += [_text(one.fields.get(name)) for name in OF_APPLICATIONS]
        found.append(_text(one.fields.get("answers")))
    return tuple(dict.fromkeys(text for text in found if text))


def notes_of(family: Family) -> list[Record]:
    """Notes of people that everybody who may see candidates may find them by."""
    return [
        one
        for one in _live(family, Kind.NOTE)
        if one.fields.get("visibility") != "admin"
        and not ((source := one.sources.get("body")) and source.actor.kind is ActorKind.AI)
    ]


def whose(person: Record) -> Person:
    """Who they are, to be blanked before texts are compared."""
    names = (_text(person.fields.get(name)) for name in ("first_name", "last_name", "preferred_name"))
    fields = person.fields
    return Person(tuple(one for one in names if one), texts_of(fields.get("emails")), texts_of(fields.get("phones")))


def _text(value: Value) -> str:
    if isinstance(value, Mapping):
        return ". ".join(text for one in value.values() if (text := _text(one)))
    if isinstance(value, tuple):
        return ", ".join(text for one in value if (text := _text(one)))
    return value if isinstance(value, str) else ""


def _live(family: Family, kind: Kind) -> list[Record]:
    return [one for one in family.records.values() if one.kind is kind and one.state is RecordState.LIVE]


def applied_on(family: Family, resume: Record | None) -> date:
    """The day a CV is of: what it says goes on went on then. Without one, that of the last application."""
    given = moment(resume.fields.get("created_at")) if resume is not None else None
    if given is not None:
        return given.date()
    applied = [moment(one.fields.get("applied_at")) or one.born for one in _live(family, Kind.APPLICATION)]
    return max(applied, default=family.root.born).date()


def _stages(tx: Tx, workspace: str, families: Iterable[Family]) -> dict[str, Record]:
    wanted = {
        str(one.fields["stage"])
        for family in families
        for one in _live(family, Kind.APPLICATION)
        if one.fields.get("stage")
    }
    return tx.families.records(workspace, wanted)


def is_held(family: Family, record: str) -> bool:
    """Whether this is a person who can be found: there, not merged into another, and not being erased."""
    one = family.records.get(record)
    return family.state is FamilyState.LIVE and one is not None and one.state is RecordState.LIVE and family.root is one
