"""Filling in what people's records lack: one person or many, after a look; and what waits for a yes, in bulk."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bascule.core.enrichment import FIELDS, RESUME, Effect, Step, contacted, missing
from bascule.core.reviews import APPROVE, DECLINE
from bascule.engine.remap import families_after
from bascule.enrichment.choice import Provider
from bascule.enrichment.door import choice_of
from bascule.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from bascule.hiring.enriching import ASKED, SWITCH, Enriched, Enriching, material
from bascule.hiring.indexing import is_held
from bascule.model import Actor, ActorKind, Family, FoundValue, Kind, Value
from bascule.store import Tx
from bascule.store.found import Kept
from bascule.store.listing import name_of

from .changes import Changes
from .desk import Desk

PAGE, MOST = 200, 1000


@dataclass(frozen=True, slots=True)
class Filters:
    """Whom to enrich: who has applied for a job, whom a connection shows, who lacks a field, whose contact data may be
    out of date; all of it together."""

    job: str = ""
    connection: str = ""
    missing: str = ""
    stale: bool = False

    def __post_init__(self) -> None:
        if self.missing and self.missing not in FIELDS:
            raise InputError(f"{self.missing} is not found by enrichment.", hint=f"There are: {', '.join(FIELDS)}.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one person's record: what it lacks, why it may be out of date, and what was found."""

    candidate: str
    name: str
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    contacted: datetime | None
    values: tuple[Kept, ...]
    resume: bool  # a CV of theirs has been read


@dataclass(frozen=True, slots=True)
class Someone:
    """What enriching would do to one of many."""

    candidate: str
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """What enriching these people would do. `people`: how many the filter finds; `more`: there are further ones.
    `lookups`: how many of them would be looked up, by provider, for `cost` at most; `left`: how many would not, by
    why."""

    people: int
    more: bool
    items: tuple[Someone, ...]
    counts: Counter[Effect]
    lookups: Mapping[str, int]
    cost: Mapping[str, str]
    left: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value that waits for a person. `now`: what the field holds."""

    found: FoundValue
    review: str
    name: str
    now: Value


@dataclass(frozen=True, slots=True)
class Decided:
    """How many proposals were answered, and how many could not be: somebody was faster, or the value has moved."""

    done: int
    failed: int


class Enrichment:
    """`app.enrichment`."""

    def __init__(self, desk: Desk, enriching: Enriching, changes: Changes) -> None:
        self._desk = desk
        self._enriching = enriching
        self._changes = changes

    # ------------------------------------------------------------------------------------------------------ one person

    async def of(self, candidate: str) -> Standing:
        """NotFoundError where there is no such candidate."""
        return await self._desk.store.read(lambda tx: self.standing(tx, candidate))

    def standing(self, tx: Tx, candidate: str) -> Standing:
        """The same inside a unit."""
        found = material(tx, self._desk.workspace, candidate)
        person = found.family.root
        return Standing(
            candidate, name_of(person), missing(person), found.stale(self._desk.now()), contacted(found.family),
            found.known, bool(found.text),
        )  # fmt: skip

    async def preview(self, candidate: str, sources: Collection[str] = (RESUME,)) -> Enriched:
        """What would be done to one person. Nothing is, and no provider is asked."""
        return await self._enriching.preview(self._desk.workspace, candidate, _sources(sources))

    async def enrich(self, candidate: str, actor: Actor, sources: Collection[str] = (RESUME,)) -> Enriched:
        """Do it, in the name of a person: gaps are filled, contacts added beside, the rest proposed."""
        _a_person(actor)
        made = await self._enriching.enrich(self._desk.workspace, candidate, _sources(sources), actor)
        self._desk.wake()
        return made

    # ----------------------------------------------------------------------------------------------------- many people

    async def look(self, filters: Filters, sources: Collection[str] = (RESUME,), limit: int = 100) -> Many:
        """What would be done to the first `limit` people whom the filter finds."""
        found, more = await self._chosen(filters, limit)
        items: list[Someone] = []
        counts, lookups, left = Counter[Effect](), Counter[str](), Counter[str]()
        for candidate, name in found:
            made = await self._enriching.preview(self._desk.workspace, candidate, _sources(sources))
            counts.update(step.effect for step in made.steps)
            lookups.update(str(one.provider) for one in made.looked if not one.why)
            left.update(one.why for one in made.looked if one.why)
            if any(step.effect in (Effect.FILL, Effect.ADD, Effect.PROPOSE) for step in made.steps):
                items.append(Someone(candidate, name, made.steps))
        cost = await self._desk.store.read(lambda tx: self._cost(tx, lookups))
        return Many(len(found), more, tuple(items), counts, lookups, cost, left)

    def _cost(self, tx: Tx, lookups: Mapping[str, int]) -> Mapping[str, str]:
        """What so many look-ups cost at most, in words."""
        chosen = {name: choice_of(tx, self._desk.workspace, Provider(name)) for name in lookups}
        return {name: f"{many * chosen[name].price:.2f} {chosen[name].currency}" for name, many in lookups.items()}

    async def begin(
        self, filters: Filters, actor: Actor, sources: Collection[str] = (RESUME,), limit: int = 100
    ) -> int:
        """Have them enriched one after the other, in the name of a person; how many."""
        _a_person(actor)
        found, _ = await self._chosen(filters, limit)
        payload = {"actor": actor.id, "name": actor.name, "sources": tuple(_sources(sources))}

        def unit(tx: Tx) -> None:
            for candidate, _name in found:
                tx.tasks.put(self._desk.workspace, ASKED, candidate, due=self._desk.now(), payload=payload)
            detail = {"people": len(found), "sources": payload["sources"], "job": filters.job,
                      "connection": filters.connection, "missing": filters.missing, "stale": filters.stale}  # fmt: skip
            tx.audit.record(
                workspace=self._desk.workspace, at=self._desk.now(), action="enrichment asked", actor=actor,
                detail=detail,
            )  # fmt: skip

        await self._desk.store.write(unit)
        self._desk.wake()
        return len(found)

    async def _chosen(self, filters: Filters, limit: int) -> tuple[list[tuple[str, str]], bool]:
        """(candidate, name) of the first whom the filter finds, and whether there are more."""
        if not 1 <= limit <= MOST:
            raise InputError(f"{limit} people at once is not between 1 and {MOST}.")
        found: list[tuple[str, str]] = []
        async for family in self._families(filters):
            if await self._passes(family, filters):
                if len(found) == limit:
                    return found, True
                found.append((family.root.id, name_of(family.root)))
        return found, False

    async def _passes(self, family: Family, filters: Filters) -> bool:
        if not family.records or not is_held(family, family.root.id):
            return False
        if filters.missing and filters.missing not in missing(family.root):
            return False
        if not filters.stale:
            return True
        try:
            found = await self._desk.store.read(lambda tx: material(tx, family.workspace, family.root.id))
        except NotFoundError:
            return False  # erased since
        return bool(found.stale(self._desk.now()))

    async def _families(self, filters: Filters) -> AsyncIterator[Family]:
        """Everybody of a job, or of the connections, each once."""
        desk, seen = self._desk, set[str]()
        at = [desk.connections.named(filters.connection)] if filters.connection else desk.connections.all()
        if filters.job:
            ids = {one.id for one in at} if filters.connection else set[str]()
            records = await desk.store.read(lambda tx: tx.families.records(desk.workspace, _applied(tx, filters.job)))
            for family in await self._loaded(sorted({one.family for one in records.values()})):
                if not ids or any(link.connection in ids for link in family.links.values()):
                    yield family
            return
        for each in at:
            after = ""
            while page := await desk.store.read(
                lambda tx, c=each.id, a=after: families_after(tx, c, Kind.CANDIDATE, a, PAGE)
            ):
                after = page[-1][0]
                new = [family for _, family in page if family not in seen]
                seen.update(new)
                for family in await self._loaded(new):
                    yield family

    async def _loaded(self, ids: Sequence[str]) -> list[Family]:
        found = await self._desk.store.read(lambda tx: tx.families.families(set(ids)))
        return [found[id] for id in dict.fromkeys(ids) if id in found]

    # --------------------------------------------------------------------------------------------------- what waits

    async def proposals(
        self, *, field: str = "", source: str = "", job: str = "", sure: float = 0.0, limit: int = MOST
    ) -> list[Proposal]:
        """Values found that wait for a person; `sure`: at least so confident."""
        return await self._desk.store.read(lambda tx: self._waiting(tx, field, source, job, sure, limit))

    def _waiting(self, tx: Tx, field: str, source: str, job: str, sure: float, limit: int) -> list[Proposal]:
        of_job = _applied(tx, job) if job else None
        found: list[Proposal] = []
        after = ""
        while len(found) < limit:
            page = tx.found.waiting(self._desk.workspace, field=field, source=source, after=after, limit=PAGE)
            people = tx.families.records(self._desk.workspace, {one.found.record for one in page})
            found += [
                Proposal(one.found, one.review or "", name_of(person), person.fields.get(one.found.field))
                for one in page
                if (person := people.get(one.found.record)) is not None
                and one.found.confidence >= sure
                and (of_job is None or person.id in of_job)
            ]
            if len(page) < PAGE:
                break
            after = page[-1].found.id
        return found[:limit]

    async def decide(self, proposals: Iterable[Proposal], answer: str, actor: Actor) -> Decided:
        """Answer these, each as a review of its own, in the name of a person."""
        _a_person(actor)
        if answer not in (APPROVE, DECLINE):
            raise InputError(f"Answer with {APPROVE} or {DECLINE}.")
        done = failed = 0
        for review in dict.fromkeys(one.review for one in proposals):
            try:
                await self._changes.decide(review, answer, actor)
                done += 1
            except (ConflictError, NotFoundError):
                failed += 1
        self._desk.wake()
        return Decided(done, failed)

    # ------------------------------------------------------------------------------------------------------ by itself

    async def switch(self, name: str, on: bool, actor: Actor) -> None:
        """Whether CVs read at a connection fill gaps by themselves. NotFoundError if there is none of that name."""
        desk, at = self._desk, self._desk.connections.named(name)

        def unit(tx: Tx) -> None:
            row = tx.connections.get(at.id)
            tx.connections.set(replace(row, settings={**row.settings, SWITCH: on}))
            tx.audit.record(
                workspace=row.workspace, at=desk.now(), action="enrichment switched", actor=actor, connection=at.id,
                detail={"on": on},
            )  # fmt: skip

        await desk.store.write(unit)
        await desk.connections.refresh()


def _applied(tx: Tx, job: str) -> set[str]:
    found = tx.families.record_family(job)
    if found is None:
        raise NotFoundError("There is no such job.", hint="See: bascule jobs, or the page Jobs.")
    return tx.pages.applicants([job])


def _sources(given: Collection[str]) -> tuple[str, ...]:
    known = (RESUME, *map(str, Provider))
    for one in given:
        if one not in known:
            raise InputError(f"There is no source {one!r}.", hint=f"There are: {', '.join(known)}.")
    return tuple(dict.fromkeys(given))


def _a_person(actor: Actor) -> None:
    if actor.kind is not ActorKind.PERSON:
        raise ForbiddenError(
            "Only a person has people enriched.", hint="What needs no person is done after a CV is read."
        )
