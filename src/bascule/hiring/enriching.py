"""Filling in what a person's record lacks, from their CV and from providers; what a value may do: `core.enrichment`.

By itself, after a CV was read, only from the CV and where that is switched on for the connection. A provider is asked
only because a person has said so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bascule.core import identity
from bascule.core.enrichment import ENTERS, RESUME, SURE, Effect, Step, fold, missing, stale, steps
from bascule.core.plan import Plan
from bascule.core.rediscovery import outs, standing
from bascule.core.retention import Rule
from bascule.engine.connections import Connected, Connections
from bascule.engine.reconcile import Reconcile
from bascule.engine.runtime import Runtime
from bascule.enrichment.choice import VENDORS, Choice, Provider
from bascule.enrichment.door import Lookups, Objection, choice_of
from bascule.enrichment.people import no_query, query_of
from bascule.errors import DeclinedError, NotFoundError, RemoteError, UnansweredError, UnavailableError
from bascule.match import Matcher
from bascule.model import (
    Actor,
    ActorKind,
    Edit,
    Family,
    Fields,
    FoundValue,
    Kind,
    ReviewKind,
    ReviewState,
    enricher,
)
from bascule.store import Store, Tx
from bascule.store.found import Kept
from bascule.store.listing import texts_of
from bascule.store.tasks import TaskLease

from .found import found_in
from .indexing import applied_on, is_held, newest_text, policy_of, whose
from .messages import CAME_BACK, NO_MORE
from .resumes import Subject, file_of
from .telling import Told

ENRICH = "enrich"  # the task after a CV was read: key a candidate
ASKED = "enrich asked"  # the same because a person has said so; the payload says who, and by which sources
SWITCH = "enrich"  # the setting of a connection
TRIES = 3  # of a task, at a provider that does not answer
DOUBTED = ("emails", "phones", "title", "company")
"""What a provider is asked for besides what is missing, where contact data may be out of date."""
NAMES: Mapping[str, str] = {RESUME: "the CV", **{str(name): vendor.label for name, vendor in VENDORS.items()}}
"""How a source is called."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of asking a provider about somebody, or would. `why` it was not asked, or got no answer; "" where it
    was, or would be. `found`: values it gave; None where it was not asked, or knows nobody like that."""

    provider: Provider
    why: str = ""
    found: int | None = None


@dataclass(frozen=True, slots=True)
class Enriched:
    """What became of each value, and of each provider."""

    steps: tuple[Step, ...]
    looked: tuple[Looked, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """A person, the text of their newest CV, and what was found of them before, loaded in one snapshot."""

    family: Family
    text: str
    file: str
    written: date
    known: tuple[Kept, ...]
    bounced: tuple[str, ...]  # addresses that a message came back from

    def stale(self, now: datetime) -> tuple[str, ...]:
        """Why contact data may be out of date."""
        return stale(self.family, now, [one.found for one in self.known], self.bounced)


def switched_on(at: Connected) -> bool:
    """Whether CVs that are read there fill gaps by themselves."""
    return at.row.settings.get(SWITCH) is True


def want(tx: Tx, workspace: str, candidate: str, now: datetime) -> None:
    """Have what the CV of this person says fill their gaps."""
    tx.tasks.put(workspace, ENRICH, candidate, due=now)


def actor_for(source: str) -> Actor:
    """A source as who enters what it knows."""
    return enricher(source, f"Enrichment from {NAMES.get(source, source)}")


def material(tx: Tx, workspace: str, record: str) -> Material:
    """NotFoundError where there is no such candidate, or they are being erased."""
    home = tx.families.record_family(record)
    family = tx.families.families([home]).get(home) if home is not None else None
    if family is None or family.workspace != workspace or not is_held(family, record):
        raise NotFoundError("There is no such candidate.", hint="Search by name under Candidates.")
    resume, text = newest_text(tx, family)
    file = file_of(resume) if resume is not None else ""
    known = tuple(tx.found.of(_people(family)))
    return Material(family, text, file, applied_on(family, resume), known, bounced(tx, family))


def bounced(tx: Tx, family: Family) -> tuple[str, ...]:
    """The addresses of a person that a message came back from."""
    return tuple(one for one in _emails(family) if tx.messages.hushed(family.workspace, one) == CAME_BACK)


def _emails(family: Family) -> tuple[str, ...]:
    return texts_of(family.root.fields.get("emails"))


def consent(rule_of: Callable[[Tx, str], Rule], now: Callable[[], datetime]) -> Objection:
    """Who may be looked up: not who may not be considered again, nor, where only those who have agreed are, the others.
    Both as the workspace's policy for finding people again has it."""

    def objection(tx: Tx, family: Family, choice: Choice) -> str:
        policy = policy_of(tx, family.workspace)
        asked = replace(policy, only_agreed=policy.only_agreed or choice.only_agreed)
        stood = standing(family, asked, rule_of(tx, family.workspace), lambda _: None, ai=True, now=now())
        out = outs(stood.facts, stood.until, now())
        if out is None and any(tx.messages.hushed(family.workspace, one) == NO_MORE for one in _emails(family)):
            return f"May not be looked up: {NO_MORE}."
        return f"May not be looked up: {out}." if out is not None else ""

    return objection


def wanted(found: Material, now: datetime) -> tuple[str, ...]:
    """What a provider is asked for: what the record lacks, and where contact data may be out of date, those too."""
    lacks = missing(found.family.root)
    doubted = DOUBTED if found.stale(now) else ()
    return tuple(dict.fromkeys((*lacks, *doubted)))


class Enriching:
    """Handles the tasks `enrich` and `enrich asked`, and what a person asks of one candidate."""

    def __init__(
        self, runtime: Runtime, connections: Connections, reconcile: Reconcile, matcher: Callable[[], Matcher],
        lookups: Lookups,
    ) -> None:  # fmt: skip
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._matcher = matcher
        self._lookups = lookups

    @property
    def _store(self) -> Store:
        return self._connections.store

    def follow(self, tx: Tx, subject: Subject, told: Told) -> None:
        """A CV was read: where that is switched on, what it says fills the gaps of its person."""
        at = self._connections.known(subject.connection or "")
        if at is not None and switched_on(at) and told.body.get("status") == "read":
            want(tx, subject.family.workspace, subject.candidate.id, self._runtime.now())

    async def run(self, task: TaskLease) -> float | None:
        """The task `enrich`."""
        await self._attempt(task, (RESUME,), None)
        return None

    async def run_asked(self, task: TaskLease) -> float | None:
        """The task `enrich asked`."""
        who = Actor(ActorKind.PERSON, str(task.payload.get("actor", "")), str(task.payload.get("name", "")))
        given = task.payload.get("sources")
        await self._attempt(task, tuple(map(str, given)) if isinstance(given, tuple | list) else (RESUME,), who)
        return None

    async def _attempt(self, task: TaskLease, sources: Collection[str], actor: Actor | None) -> None:
        try:
            await self.enrich(task.workspace, task.key, sources, actor, task)
        except NotFoundError:
            return  # erased, or another's, since

    # ------------------------------------------------------------------------------------------------------ one person

    async def preview(self, workspace: str, record: str, sources: Collection[str]) -> Enriched:
        """What enriching would do now. Nothing is done, and nobody is asked."""
        found = await self._store.read(lambda tx: material(tx, workspace, record))
        values = [*await self.said(found, record, sources), *_before(found, sources)]

        def load(tx: Tx) -> Enriched:
            looked = [self._would(tx, found, provider) for provider in _providers(sources)]
            return Enriched(tuple(self._steps(tx, found, values)), tuple(looked))

        return await self._store.read(load)

    def _would(self, tx: Tx, found: Material, provider: Provider) -> Looked:
        lacks = wanted(found, self._runtime.now())
        if query_of(found.family.root, lacks) is None:
            return Looked(provider, no_query(lacks))
        refusal = self._lookups.refusal(tx, found.family, choice_of(tx, found.family.workspace, provider))
        return Looked(provider, refusal.why if refusal is not None else "")

    async def enrich(
        self, workspace: str, record: str, sources: Collection[str], actor: Actor | None, task: TaskLease | None = None
    ) -> Enriched:
        """Do it: gaps are filled and contacts added beside in the name of `actor` (None: by itself), the rest is
        proposed. A provider is asked only for a person."""
        found = await self._store.read(lambda tx: material(tx, workspace, record))
        said = await self.said(found, record, sources)
        looked: list[Looked] = []
        if actor is not None:
            for provider in _providers(sources):
                told, how = await self._look(found, said, provider, actor, task)
                said += told
                looked.append(how)

        def unit(tx: Tx) -> tuple[Step, ...]:
            if task is not None:
                tx.tasks.hold(task)
            now = material(tx, workspace, record)
            values = {one.id: one for one in _before(now, sources)}
            values |= {one.id: one for one in (self._identified(tx, now, each) for each in said)}
            return tuple(self._enter(tx, now, list(values.values()), actor))

        return Enriched(await self._reconcile.commit(unit), tuple(looked))

    async def _look(
        self, found: Material, said: Sequence[FoundValue], provider: Provider, actor: Actor, task: TaskLease | None
    ) -> tuple[list[FoundValue], Looked]:
        """Ask a provider for what the CV does not say either. A task asks one that does not answer again."""
        sure = {one.field for one in said if one.confidence >= SURE}
        lacks = tuple(name for name in wanted(found, self._runtime.now()) if name not in sure)
        try:
            told = await self._lookups.look_up(found.family, provider, lacks, actor)
        except DeclinedError as error:
            return [], Looked(provider, str(error).removesuffix(error.hint).strip())
        except (UnavailableError, UnansweredError) as error:
            if task is not None and task.tries < TRIES:
                raise
            return [], Looked(provider, str(error))
        except RemoteError as error:
            return [], Looked(provider, str(error))
        return told or [], Looked(provider, found=None if told is None else len(told))

    async def said(self, found: Material, record: str, sources: Collection[str]) -> list[FoundValue]:
        """What the CV says."""
        if RESUME not in sources or not found.text:
            return []
        return await asyncio.to_thread(self._of_resume, found, record)

    def _of_resume(self, found: Material, record: str) -> list[FoundValue]:
        now = self._runtime.now()
        resume = self._matcher().resume(found.text, found.written)
        return [
            FoundValue("", record, one.field, one.value, RESUME, one.confidence, found.written.isoformat(), now,
                    found.file, one.quote)
            for one in found_in(found.text, resume, whose(found.family.root).names, found.written, now.date())
        ]  # fmt: skip

    @staticmethod
    def _identified(tx: Tx, found: Material, one: FoundValue) -> FoundValue:
        if one.id:
            return one
        family = found.family
        value = fold(one.field, one.value)
        return replace(one, id=tx.found.id_of(family.workspace, family.id, one.record, one.field, one.source, value))

    def _steps(self, tx: Tx, found: Material, values: Sequence[FoundValue]) -> list[Step]:
        family = found.family
        views = self._connections.views(family.workspace)
        return steps(family, values, views, declined=_declined(found.known), elsewhere=_elsewhere(tx, family, values))

    # ------------------------------------------------------------------------------------------------------ keeping it

    def _enter(self, tx: Tx, found: Material, values: Sequence[FoundValue], actor: Actor | None) -> list[Step]:
        family, made = found.family, self._steps(tx, found, values)
        edits = [*self._entering(made, actor), *self._proposing(made)]
        planned = self._reconcile.edit_in(tx, family.id, edits) if edits else None
        before = {one.found.id: one for one in found.known}
        tx.found.put(family.workspace, [_kept(step, family.id, before, planned) for step in made])
        if edits:
            tx.audit.record(
                workspace=family.workspace, at=self._runtime.now(), action="enriched", family=family.id,
                actor=actor or edits[0].actor, record=family.root.id, detail=_told(made),
            )  # fmt: skip
        return made

    def _entering(self, made: Sequence[Step], actor: Actor | None) -> list[Edit]:
        """One edit a field: what it becomes in the end."""
        last: dict[str, Step] = {}
        for step in made:
            if step.effect in ENTERS:
                last[step.found.field] = step
        return [self._edit(step, actor or actor_for(step.found.source)) for step in last.values()]

    def _proposing(self, made: Sequence[Step]) -> list[Edit]:
        """One proposal a field and source."""
        last: dict[tuple[str, str], Step] = {}
        for step in made:
            if step.effect is Effect.PROPOSE:
                last.setdefault((step.found.field, step.found.source), step)
        return [self._edit(step, actor_for(step.found.source), propose=True) for step in last.values()]

    def _edit(self, step: Step, actor: Actor, *, propose: bool = False) -> Edit:
        one = step.found
        return Edit(self._runtime.id(), one.record, {one.field: step.becomes}, actor, one.id, propose=propose)


def _providers(sources: Collection[str]) -> list[Provider]:
    return [provider for provider in Provider if str(provider) in sources]


def _before(found: Material, sources: Collection[str]) -> list[FoundValue]:
    """What providers have told before: it is not asked again while it is fresh."""
    return [one.found for one in found.known if one.found.source in sources and one.found.source != RESUME]


def _declined(known: Iterable[Kept]) -> set[tuple[str, str]]:
    """What a person has said no to, or taken away after it was entered: it does not come back by itself."""
    return {
        (one.found.field, fold(one.found.field, one.found.value))
        for one in known
        if one.outcome in (*ENTERS, Effect.DECLINED) or one.state in (ReviewState.DECLINED, ReviewState.APPROVED)
    }


def _elsewhere(tx: Tx, family: Family, values: Iterable[FoundValue]) -> set[str]:
    """Strong keys among these that somebody else here is known by."""
    keys = {f"email:{identity.email(one.value)}" for one in values if one.field == "emails"}
    keys |= {f"phone:{identity.phone(one.value)}" for one in values if one.field == "phones"}
    return {key for key, home, _ in tx.families.prospects(family.workspace, keys) if home != family.id}


def _kept(step: Step, family: str, before: Mapping[str, Kept], planned: Plan | None) -> Kept:
    """A value with what became of it. What was entered stays so for as long as it is there."""
    one, was = step.found, before.get(step.found.id)
    if step.effect is Effect.SAME and was is not None:
        return replace(was, found=one, family=family)
    review = was.review if was is not None and step.effect is Effect.DECLINED else None
    if step.effect is Effect.PROPOSE and planned is not None:
        actor = actor_for(one.source)
        review = next(
            (
                each.id
                for each in planned.family.reviews.values()
                if (each.kind, each.state, each.record, each.field, each.actor.id)
                == (ReviewKind.PROPOSAL, ReviewState.OPEN, one.record, one.field, actor.id)
            ),
            None,
        )
    return Kept(one, family, str(step.effect), review)


def _told(made: Iterable[Step]) -> Fields:
    """For the audit: which fields, from where; no value."""
    found: dict[str, tuple[str, ...]] = {}
    for step in made:
        if step.effect in (*ENTERS, Effect.PROPOSE):
            said = f"{step.found.field} ({step.found.source})"
            found[str(step.effect)] = tuple(dict.fromkeys((*found.get(str(step.effect), ()), said)))
    return found


def _people(family: Family) -> list[str]:
    return [one.id for one in family.records.values() if one.kind is Kind.CANDIDATE]
