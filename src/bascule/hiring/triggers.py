"""Triggers at work: an application that has moved is looked at under every rule, and what is due is done, once.

A rule looks at the live state in the commit in which it acts, so that a stage which has gone by cannot fire it; that it
has fired is kept in the same commit, so that a crash or a second worker cannot make it fire twice. What is not due yet
is one timer an application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from bascule.core import gates
from bascule.core.events import FIRED
from bascule.core.plan import Plan
from bascule.core.stages import fold
from bascule.core.triggers import Do, Fact, Facts, Held, Name, Trigger, covers, look
from bascule.engine.connections import Connected, Connections, covered
from bascule.engine.entries import ANNOUNCE
from bascule.engine.reconcile import React, Reconcile, Task
from bascule.engine.runtime import Runtime
from bascule.errors import ForbiddenError, InputError
from bascule.model import (
    BASCULE,
    Actor,
    ActorKind,
    Edit,
    Event,
    Family,
    FamilyState,
    Kind,
    Mode,
    Record,
    RecordState,
    ReviewKind,
    ReviewState,
    Source,
    Status,
    Value,
)
from bascule.store import Tx
from bascule.store.tasks import TaskLease
from bascule.store.triggers import Firing, FiringState

from .trigger_file import read

TRIGGER = "trigger"  # the task that looks at one application under every rule
LOST = "triggers.lost"  # the setting: when a trigger last lost what it had earned at a connection
AUTOMATIC = "triggers.automatic"  # the setting: which trigger acts by itself at which connection, and since when
LOOK_ALL = "triggers"  # the task that looks at everybody, after the rules have changed
CLASHES = "triggers check"  # the nightly task, and the notice it makes
PAGE = 200
MATTERS = frozenset({"stage", "status", "match_score", "top_ten", "screening_status", "job"})
LOOKED_AT = MATTERS | {"manager_feedback"}  # what calls for a look; of the last the past does not tell
MACHINES = frozenset({ActorKind.AI, ActorKind.RULE, ActorKind.BASCULE})


@dataclass(frozen=True, slots=True)
class Deed:
    """What became of what a rule wants. `effect` is what came of it: a message, a review, a record."""

    state: FiringState
    why: str = ""
    effect: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One application under one rule, as it is in this commit. `id` is the firing's."""

    id: str
    trigger: Trigger
    family: Family
    application: Record
    candidate: Record
    job: Record | None
    at: Connected
    held: Held
    automatic: bool = False  # it has earned to act by itself, and its owner has said so

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.RULE, self.trigger.name, f"the trigger {self.trigger.name}")


Act = Callable[[Tx, Case], Deed]
"""Does what a rule wants, inside the commit that keeps that it has fired."""
Drop = Callable[[Tx, str, Firing, str], None]
"""Takes back what waits for a person, because it holds no more: (workspace, firing, why)."""
MOVED_ON = "what it was for holds no more"


@lru_cache(maxsize=16)
def rules_of(text: str) -> tuple[Trigger, ...]:
    """The rules of a file that is in force."""
    return read(text)


def in_force(tx: Tx, workspace: str) -> tuple[int, tuple[Trigger, ...]]:
    """The version in force and its rules, each with when it came into force."""
    version = tx.triggers.version(workspace)
    if version is None:
        return 0, ()
    return version.number, tuple(replace(one, since=version.since.get(one.name)) for one in rules_of(version.text))


def reaction(connections: Connections) -> React:
    """What a commit calls for: a look at every application of which something has changed that rules ask for."""

    def react(before: Family | None, planned: Plan, live: bool) -> Sequence[Task]:
        family = planned.family
        if family.kind is not Kind.CANDIDATE or not live or family.workspace not in connections.ruled:
            return []
        old = before.records if before else {}
        return [
            Task(TRIGGER, record.id)
            for record in family.records.values()
            if record.kind is Kind.APPLICATION and _moved(old.get(record.id), record)
        ]

    return react


def _moved(old: Record | None, new: Record) -> bool:
    return old is None or any(old.fields.get(name) != new.fields.get(name) for name in LOOKED_AT)


# -------------------------------------------------------------------------------------------------------------- facts


def facts_of(application: Record, stages: Mapping[str, Record], more: Facts) -> dict[Name, Fact]:
    """What is true of an application, since when, and what made it so. `more` is what other parts know of it."""

    def fact(name: str, value: Value, given: str = "") -> Fact:
        source = application.sources.get(given or name)
        plain = value if isinstance(value, (str, int, float, bool)) else None
        return Fact(plain, source.at if source else application.born, source.cause if source else "")

    fields = application.fields
    found = {Name.STATUS: fact("status", fields.get("status") or Status.ACTIVE)}
    stage = stages.get(str(fields.get("stage") or ""))
    if stage is not None:
        found[Name.STAGE] = fact("stage", stage.fields.get("type"))
        found[Name.STAGE_NAMED] = fact("stage", fold(str(stage.fields.get("name") or "")))
    if fields.get("match_score") is not None:
        found[Name.SCORE] = fact("match_score", fields["match_score"])
    found[Name.TOP_TEN] = fact("top_ten", bool(fields.get("top_ten")))
    found[Name.SCREENING] = fact("screening_status", fields.get("screening_status"))
    found[Name.DECIDED] = _decided(application)
    return found | dict(more)


def _decided(application: Record) -> Fact:
    """Whether a person has moved it, or closed it, since it was first met."""
    first = application.sources.get("job")
    moved = [
        source
        for name in ("stage", "status")
        if (source := application.sources.get(name)) is not None and _by_person(source, first)
    ]
    if not moved:
        return Fact(False, application.born, "")
    last = max(moved, key=lambda source: source.at)
    return Fact(True, last.at, last.cause)


def _by_person(source: Source, first: Source | None) -> bool:
    return source.actor.kind not in MACHINES and (first is None or source.cause != first.cause)


# ------------------------------------------------------------------------------------------------------------ working


class Triggers:
    """The handlers of the tasks "trigger" and "triggers". `acts` are what rules can do; `more` what else is known of
    an application: (its record, its family) -> facts."""

    def __init__(
        self, runtime: Runtime, connections: Connections, reconcile: Reconcile, acts: Mapping[Do, Act],
        drops: Mapping[Do, Drop], more: Iterable[Callable[[Tx, Family, Record], Facts]] = (),
    ) -> None:  # fmt: skip
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._acts: dict[Do, Act] = {**own_acts(runtime, reconcile), **acts}
        self._drops = dict(drops)
        self._more = tuple(more)

    @property
    def able(self) -> frozenset[Do]:
        """What can be done here."""
        return frozenset(self._acts)

    async def look(self, task: TaskLease) -> float | None:
        """The task "trigger": one application under every rule; when it is to be looked at again, if anything waits."""

        def unit(tx: Tx) -> float | None:
            tx.tasks.hold(task)
            return self._look(tx, task.key)

        return await self._reconcile.commit(unit)

    async def look_all(self, task: TaskLease) -> float | None:
        """The task "triggers": everybody whose application goes on."""
        after = ""
        while True:

            def unit(tx: Tx, after: str = after) -> list[str]:
                found = tx.triggers.active(task.workspace, after=after, limit=PAGE)
                for application in found:
                    tx.tasks.put(task.workspace, TRIGGER, application, due=self._runtime.now())
                return found

            page = await self._connections.store.write(unit)
            if not page:
                return None
            after = page[-1]

    def _look(self, tx: Tx, application: str) -> float | None:
        loaded = load(tx, application)
        if loaded is None:
            return None
        family, record = loaded
        number, triggers = in_force(tx, family.workspace)
        before = tx.triggers.of(application)
        fired, later = {(one.trigger, one.cause) for one in before}, list[datetime]()
        holding = list(self.cases(tx, family, record, triggers))
        self._settle(tx, family, record, [one for one in before if one.state is FiringState.WAITING], holding)
        for case in holding:
            if (case.trigger.name, case.held.cause) in fired:
                continue
            if case.held.due > self._runtime.now():
                later.append(case.held.due)
            else:
                self._fire(tx, case, number)
        return max(0.0, (min(later) - self._runtime.now()).total_seconds()) + 0.01 if later else None

    def _settle(
        self, tx: Tx, family: Family, record: Record, waiting: Iterable[Firing], holding: Sequence[Case]
    ) -> None:
        """What waits for a person: a proposal that is open no more has been answered, here or in the ATS; a message
        whose reason holds no more is taken back."""
        holds = {case.trigger.name for case in holding}
        for one in waiting:
            if one.action == Do.PROPOSE:
                if one.effect not in family.reviews:
                    stage = record.sources.get("stage")
                    moved = stage is not None and stage.at > one.at
                    state = FiringState.DONE if moved else FiringState.WITHHELD
                    said = "the application has been moved" if moved else "a person has declined it"
                    tx.triggers.settle(one.id, state, said, now=self._runtime.now())
            elif one.trigger not in holds and (drop := self._drops.get(Do(one.action))) is not None:
                drop(tx, family.workspace, one, MOVED_ON)

    def cases(self, tx: Tx, family: Family, application: Record, triggers: Iterable[Trigger]) -> Iterable[Case]:
        """The rules whose conditions hold of an application at a live connection, whether they are due or not."""
        at = self._live(tx, family, application)
        candidate = family.records.get(application.parent or "")
        if at is None or candidate is None or candidate.state is not RecordState.LIVE:
            return
        job_id, stage_id = str(application.fields.get("job") or ""), str(application.fields.get("stage") or "")
        near = tx.families.records(family.workspace, [one for one in (job_id, stage_id) if one])
        job = near.get(job_id)
        more: dict[Name, Fact] = {}
        for each in self._more:
            more |= each(tx, family, application)
        facts = facts_of(application, near, more)
        names = [job_id, str(job.fields.get("requisition") or "")] if job is not None else [job_id]
        department = str(job.fields.get("department") or "") if job is not None else ""
        kept = tx.workspaces.setting(family.workspace, AUTOMATIC)
        switched: Mapping[str, Value] = kept if isinstance(kept, Mapping) else {}
        for trigger in triggers:
            if covers(trigger, connections=[at.row.name], job=names, department=department):
                held = look(trigger, facts)
                if held is not None:
                    by_itself = f"{trigger.name}|{at.row.name}" in switched
                    yield Case(self._runtime.id(), trigger, family, application, candidate, job, at, held, by_itself)

    def _fire(self, tx: Tx, case: Case, version: int) -> None:
        act = self._acts.get(case.trigger.do)
        deed = act(tx, case) if act is not None else Deed(FiringState.FAILED, f"nothing here can {case.trigger.do}")
        now = self._runtime.now()
        job = case.job.id if case.job is not None else None
        over = None if deed.state is FiringState.WAITING else now
        firing = Firing(
            case.id, case.trigger.name, version, case.application.id, case.held.cause, case.at.id, job, now,
            case.held.since, case.held.facts, case.trigger.do, deed.state, deed.why, deed.effect, over,
        )  # fmt: skip
        tx.triggers.fire(case.family.workspace, firing)
        if case.automatic and deed.state in (FiringState.WITHHELD, FiringState.FAILED):
            key = f"{case.trigger.name}|{case.at.row.name}"
            lose(tx, case.family.workspace, [key], deed.why, now, connection=case.at.id)
        tx.audit.record(
            workspace=case.family.workspace, action="trigger fired", actor=case.actor, at=now, family=case.family.id,
            record=case.application.id, connection=case.at.id,
            detail={"trigger": case.trigger.name, "version": version, "action": str(case.trigger.do),
                    "state": str(deed.state), "effect": deed.effect or ""},
        )  # fmt: skip

    def _live(self, tx: Tx, family: Family, application: Record) -> Connected | None:
        """The live connection that shows the application, and whose mode covers it; the first by rank."""
        found = [
            at
            for link in family.links.values()
            if link.record == application.id and link.open and link.primary
            and (at := self._connections.known(link.connection)) is not None
            and at.row.mode is Mode.LIVE and at.row.crawled and covered(tx, at, family, application)
        ]  # fmt: skip
        return min(found, key=lambda at: (at.row.rank, at.row.name), default=None)


def load(tx: Tx, application: str) -> tuple[Family, Record] | None:
    """An application that stands, with its family."""
    family_id = tx.families.record_family(application)
    family = tx.families.family(family_id) if family_id is not None else None
    record = family.records.get(application) if family is not None else None
    if family is None or record is None or record.state is not RecordState.LIVE or family.state is not FamilyState.LIVE:
        return None
    return family, record


def over(tx: Tx, workspace: str, effect: str, state: FiringState, why: str, now: datetime) -> None:
    """What a rule wanted has ended: a person has answered, or it is known what became of it. What was done may turn out
    to have failed; anything but done takes the right to act by itself at that connection away."""
    firing = tx.triggers.behind(effect)
    if firing is None or (firing.state is not FiringState.WAITING and state is FiringState.DONE):
        return
    tx.triggers.settle(firing.id, state, why, now=now)
    if state is not FiringState.DONE:
        names = [one.name for one in tx.connections.list(workspace) if one.id == firing.connection]  # none: taken away
        keys = [f"{firing.trigger}|{name}" for name in names]
        lose(tx, workspace, keys, why or str(state), now, connection=firing.connection)


def lose(
    tx: Tx, workspace: str, keys: Iterable[str], why: str, now: datetime, *,
    connection: str | None = None, actor: Actor = BASCULE,
) -> None:  # fmt: skip
    """Take away what triggers have earned ("<trigger>|<connection>"): they begin anew, and a person decides again."""
    kept = tx.workspaces.setting(workspace, AUTOMATIC)
    lost = [key for key in keys if isinstance(kept, Mapping) and key in kept]
    if not lost or not isinstance(kept, Mapping):
        return
    before = tx.workspaces.setting(workspace, LOST)
    times: dict[str, Value] = {
        **(before if isinstance(before, Mapping) else {}),
        **dict.fromkeys(lost, now.isoformat()),
    }
    tx.workspaces.set_setting(workspace, AUTOMATIC, {name: at for name, at in kept.items() if name not in lost})
    tx.workspaces.set_setting(workspace, LOST, times)
    for key in lost:
        tx.audit.record(
            workspace=workspace, at=now, action="trigger held again", actor=actor, connection=connection,
            detail={"trigger": key.partition("|")[0], "why": why},
        )  # fmt: skip


# -------------------------------------------------------------------------------------- what needs no other part


def own_acts(runtime: Runtime, reconcile: Reconcile) -> dict[Do, Act]:
    """What a rule can do to the record itself; it reaches the systems by planning, like any change."""

    def edit(tx: Tx, case: Case, record: str, fields: Mapping[str, Value], create: Kind | None = None) -> Plan:
        made = Edit(runtime.id(), record, fields, case.actor, case.id, create=create)
        return reconcile.edit_in(tx, case.family.id, [made])

    def note(tx: Tx, case: Case) -> Deed:
        gates.may_create(case.actor, Kind.NOTE)
        body = f"{case.trigger.told['text']}\n({case.trigger.name}: {case.trigger.why})"
        edit(
            tx,
            case,
            case.candidate.id,
            {"body": body, "visibility": "private", "application": case.application.id},
            Kind.NOTE,
        )
        return Deed(FiringState.DONE)

    def tag(tx: Tx, case: Case) -> Deed:
        held = case.candidate.fields.get("tags")
        tags = {str(one).casefold(): str(one) for one in held} if isinstance(held, tuple) else {}
        if case.trigger.told["tag"].casefold() in tags:
            return Deed(FiringState.DONE, "it has that tag already")
        tags[case.trigger.told["tag"].casefold()] = case.trigger.told["tag"]
        edit(tx, case, case.candidate.id, {"tags": tuple(tags[key] for key in sorted(tags))})
        return Deed(FiringState.DONE)

    def propose(tx: Tx, case: Case) -> Deed:
        stage = _next_of(tx, case, case.trigger.told["stage"])
        if stage is None:
            return Deed(FiringState.FAILED, f"the job has no stage of the type {case.trigger.told['stage']}")
        if stage.id == case.application.fields.get("stage"):
            return Deed(FiringState.DONE, "it is there already")
        try:
            planned = edit(tx, case, case.application.id, {"stage": stage.id})
        except (ForbiddenError, InputError) as error:
            return Deed(FiringState.WITHHELD, str(error).removesuffix(error.hint).strip())
        asked = next(
            (
                one.id
                for one in planned.family.reviews.values()
                if (one.kind, one.state, one.record, one.field)
                == (ReviewKind.PROPOSAL, ReviewState.OPEN, case.application.id, "stage")
            ),
            None,
        )
        return Deed(FiringState.WAITING, effect=asked)

    def tell(tx: Tx, case: Case) -> Deed:
        now, workspace = runtime.now(), case.family.workspace
        about = {"candidate": case.candidate.id, "application": case.application.id}
        about |= {"job": case.job.id} if case.job is not None else {}
        event = Event(
            FIRED, case.family.id, case.application.id, now, about, after=case.trigger.told["event"],
            actor=str(ActorKind.RULE), cause=case.id,
        )  # fmt: skip
        tx.events.add(workspace, [event])
        tx.tasks.put(workspace, ANNOUNCE, "all", due=now)
        return Deed(FiringState.DONE)

    return {Do.NOTE: note, Do.TAG: tag, Do.PROPOSE: propose, Do.TELL: tell}


def _next_of(tx: Tx, case: Case, type: str) -> Record | None:
    """The first active stage of that type in the application's job."""
    if case.job is None:
        return None
    family = tx.families.record_family(case.job.id)
    stages = tx.families.family(family).children(case.job.id, Kind.STAGE) if family is not None else ()
    found = [one for one in stages if one.fields.get("type") == type and one.fields.get("active") is not False]
    return min(found, key=lambda one: (float(str(one.fields.get("order") or 0)), one.id), default=None)
