"""The mapping of a connection: the document people read, the choices they make in it, and its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bascule.core import mapping, stages
from bascule.core.mapping import Choice, Chosen, Difference
from bascule.core.plan import rearrange
from bascule.core.stages import Exempt, Ladder, Pipeline, Step
from bascule.engine import drift
from bascule.engine.connections import Connected
from bascule.engine.metrics import Metrics
from bascule.engine.remap import REMAP, Effects, Remap, between, terms_to
from bascule.engine.rhythm import of as rhythm
from bascule.engine.rhythm import pace, polled_only, usual
from bascule.errors import ConflictError, InputError, NotFoundError
from bascule.model import BASCULE, EMPTY, FIELDS, Actor, Direction, Family, Kind, RecordState, StageType
from bascule.store import Tx
from bascule.store.lanes import Hint
from bascule.store.mappings import Version

from . import mapping_file
from .desk import Desk
from .mapping_file import StageName

SHOWN = 20  # values that a dry run shows in full
TAKEN_UP = timedelta(minutes=1)  # a change whose process died is carried through by a worker after this


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do: what the mapping would say differently, and what that does to what is held."""

    differences: Sequence[Difference]
    effects: Effects


class Mappings:
    """`app.mappings`. Every change of a mapping goes through here, as a new version."""

    def __init__(self, desk: Desk, metrics: Metrics, remap: Remap) -> None:
        self._desk = desk
        self._metrics = metrics
        self._remap = remap
        self._stages: dict[
            str, tuple[Mapping[str, int], tuple[Pipeline, ...]]
        ] = {}  # as they were at these revs of jobs

    async def document(self, name: str) -> mapping.Document:
        """The mapping document of a connection, from live configuration."""
        at = self._desk.connections.named(name)
        schema = [
            mapping.SchemaField(one.object, one.name, one.type, one.kind, one.into, one.why)
            for one in at.connector.schema(at.tenant)
        ]
        gaps, heard = await self._desk.store.read(
            lambda tx: (tx.gaps.list(at.row.workspace, connection=at.id), tx.inbox.heard(at.id))
        )
        by_field = {(gap.kind, gap.field): f"{gap.value} ({gap.times} times)" for gap in gaps}
        tags = self.intervals(at).get("tags")
        polled = {} if tags is None else {(Kind.CANDIDATE, "tags"): f"every {tags:g} s"}
        proposed = self._fields(at)
        facts = mapping.Measured(
            promised=self.promised(at, heard.arrives),
            polled=polled,
            measured=self.measured(at),
            gaps=by_field,
            off=mapping.switched_off(proposed, self._chosen(at)),
            missing=frozenset(mapping.key(each) for each in proposed if each.missing),
        )
        fields = [f for maps in at.view.fields.values() for f in maps]
        return mapping.document(fields, schema, facts)

    # ----------------------------------------------------------------------------------------------- changing it

    async def choose(self, name: str, kind: Kind, field: str, choice: Choice, actor: Actor) -> mapping.Document:
        """Switch a field of the mapping on or off, or choose its direction and authority. Nothing old is written: what
        differs now is settled as it is. An output may be chosen before its field is created; switched off, it is not
        created. InputError for a choice that cannot be."""
        at, head = self._desk.connections.named(name), field.partition(".")[0]
        meant = [
            each
            for each in self._fields(at)
            if field in each.canonical
            and (each.kind is kind or (head in FIELDS[kind] and head not in FIELDS[each.kind]))
        ]
        if not meant:
            raise InputError(f"{kind}.{field} is not mapped at {name}.", hint=f"See: bascule mapping show {name}")
        was = self._chosen(at)
        chosen = replace(was, fields={**was.fields, **{mapping.key(each): choice for each in meant}})
        await self.change(at, chosen, actor, f"{kind}.{field}")
        return await self.document(name)

    async def switch(self, name: str, kind: Kind, field: str, on: bool, actor: Actor) -> None:
        """Write a field there, or do not. What is read there too goes on being read."""
        at = self._desk.connections.named(name)
        both = next(
            (e for e in self._fields(at) if (e.kind, e.created) == (kind, False) and field in e.canonical), None
        )
        was = Choice() if both is None else self._chosen(at).fields.get(mapping.key(both), Choice())
        usual = Direction.BOTH if both is not None and both.opt_in else None
        inward = replace(was, on=True, direction=usual if on else Direction.IN)
        await self.choose(name, kind, field, Choice(on) if both is None else inward, actor)

    async def confirm(self, name: str, types: Mapping[str, StageType | None], actor: Actor, *, job: str = "") -> int:
        """Say which type stages of these names have: in every job of this connection, now and later, or in one job
        alone; None takes back what was said. The version. InputError for a name no stage there has."""
        at, chosen = await self._said(name, types, job)
        return await self.change(at, chosen, actor, "stage types")

    async def preview_types(
        self, name: str, types: Mapping[str, StageType | None], actor: Actor, *, job: str = "", most: int = SHOWN
    ) -> Preview:
        """What saying so would do."""
        at, chosen = await self._said(name, types, job)
        return await self._preview(at, chosen, actor, most)

    async def _said(self, name: str, types: Mapping[str, StageType | None], job: str) -> tuple[Connected, Chosen]:
        at = self._desk.connections.named(name)
        pipelines = [one for one in await self._pipelines(at) if job in ("", one.job)]
        if not pipelines and job:
            raise InputError(f"There is no such job at {name}.", hint=f"See: bascule mapping ladders {name}")
        chosen = self._chosen(at)
        known = {stages.fold(step.name) for one in pipelines for step in one.steps}
        known |= {stages.fold(one) for one in (chosen.stages if not job else [n for of, n in chosen.jobs if of == job])}
        unknown = [one for one in types if stages.fold(one) not in known]
        if unknown:
            there = sorted({step.name for one in pipelines for step in one.steps})
            raise InputError(f"No stage at {name} is called {unknown[0]!r}.", hint=f"There are: {', '.join(there)}.")
        return at, chosen.say(types, job)

    async def apply(self, name: str, text: str, actor: Actor) -> int:
        """Take over a mapping file; the version. ConflictError if the mapping has changed since it was exported."""
        at, written = self._read(name, text)
        if written.version is not None and written.version != at.row.mapping_version:
            raise ConflictError(
                f"This file was exported from version {written.version}; the mapping of {at.row.name} is at version "
                f"{at.row.mapping_version} now.",
                hint=f"Export it again, change that, and look: bascule mapping export {at.row.name}",
            )
        return await self.change(at, written.chosen, actor, "from a file")

    async def rollback(self, name: str, version: int, actor: Actor) -> int:
        """What was chosen in an earlier version, as a new one. NotFoundError if there was none of that number."""
        at = self._desk.connections.named(name)
        return await self.change(at, await self._as_in(at, version), actor, f"back to version {version}")

    async def change(self, at: Connected, chosen: Chosen, actor: Actor, why: str) -> int:
        """A new version: kept, in force at once, every record in its terms. What is the same stays as it is."""
        mapping.check(self._fields(at), self._new(at, chosen))
        data = chosen.stored()
        differences = self._differences(at, self._chosen(at), chosen, await self._titles(at))
        if not differences:
            return at.row.mapping_version
        number = at.row.mapping_version + 1
        after = self._desk.connections.as_if(replace(at.row, choices=data, mapping_version=number))
        cause = self._desk.id()
        terms = between(at, after, actor, cause)
        key = f"{at.id}|{number}"

        def unit(tx: Tx) -> None:
            row = tx.connections.get(at.id)
            if row.mapping_version != at.row.mapping_version:
                raise ConflictError("Somebody else has just changed this mapping.", hint="Look at it, then try again.")
            now = self._desk.now()
            tx.connections.set(replace(row, choices=data, mapping_version=number))
            tx.mappings.add(row.workspace, Version(at.id, number, now, actor, data, why))
            for stage in chosen.stages:
                tx.notices.close(row.workspace, drift.DRIFT, drift.stage_about(at.id, stage), now=now)
            tx.tasks.put(row.workspace, REMAP, key, due=now + TAKEN_UP, payload=terms_to(terms))
            for one in differences:
                tx.audit.record(
                    workspace=row.workspace,
                    at=now,
                    action="mapping changed",
                    actor=actor,
                    connection=at.id,
                    detail={"version": number, "field": one.what, "from": one.before, "to": one.after, "why": why},
                )

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        await self._remap.apply(self._desk.connections.get(at.id), terms)
        await self._desk.store.write(lambda tx: tx.tasks.cancel(at.row.workspace, REMAP, key))
        if chosen.same or Chosen.read(at.row.choices).same:
            await self._go_on()
        self._desk.reload()
        return number

    async def _go_on(self) -> None:
        """What waited for a counterpart is planned anew, and of whom something was not known is read again."""
        mine = [at for at in self._desk.connections.all() if at.row.workspace == self._desk.workspace]
        waiting = await self._desk.store.read(lambda tx: {one for at in mine for one in tx.families.waiting_at(at.id)})
        for family in sorted(waiting):
            await self._desk.reconcile.replan(family, rearrange)

        def look(tx: Tx) -> None:
            for at in mine:
                known = {"job", "stage", "reason"}
                names = {each.name for each in at.view.fields.get(Kind.APPLICATION, ()) if known & {*each.canonical}}
                open_gaps = tx.gaps.list(self._desk.workspace, connection=at.id)
                for gap in [one for one in open_gaps if one.kind is Kind.APPLICATION and one.field in names]:
                    records = [one.record for one in tx.gaps.waiting_for(at.id, gap.value) if one.record]
                    families = {home for one in records if (home := tx.families.record_family(one)) is not None}
                    roots = [one for one in tx.pages.roots_of(families) if one[0] == at.id]
                    tx.gaps.close(at.id, gap.kind, gap.field, gap.value)
                    tx.reads.wanted([Hint(id, kind, root) for id, kind, root in roots], now=self._desk.now())

        await self._desk.store.write(look)
        self._desk.wake()

    # ------------------------------------------------------------------------------------------ looking beforehand

    async def preview(self, name: str, text: str, actor: Actor, *, most: int = SHOWN) -> Preview:
        """What a mapping file would do. Nothing is changed; that somebody has looked is an entry in the audit."""
        at, written = self._read(name, text)
        mapping.check(self._fields(at), self._new(at, written.chosen))
        return await self._preview(at, written.chosen, actor, most)

    async def preview_of(self, name: str, version: int, actor: Actor, *, most: int = SHOWN) -> Preview:
        """The same for going back to a version."""
        at = self._desk.connections.named(name)
        return await self._preview(at, await self._as_in(at, version), actor, most)

    async def _preview(self, at: Connected, chosen: Chosen, actor: Actor, most: int) -> Preview:
        after = self._desk.connections.as_if(replace(at.row, choices=chosen.stored()))
        effects = await self._remap.preview(after, between(at, after, actor, ""), most=most)
        await self._desk.note(actor, "mapping previewed", connection=at.id, detail={"records": effects.records})
        return Preview(self._differences(at, self._chosen(at), chosen, await self._titles(at)), effects)

    # ------------------------------------------------------------------------------------------ the file, versions

    async def export(self, name: str) -> str:
        """The mapping as a file to edit."""
        at = self._desk.connections.named(name)
        system, version = f"{at.connector.label}, {at.row.label}", at.row.mapping_version
        return mapping_file.write(
            at.row.name, system, version, self._fields(at), self._chosen(at), await self.stages(name)
        )

    def _read(self, name: str, text: str) -> tuple[Connected, mapping_file.Written]:
        at = self._desk.connections.named(name)
        written = mapping_file.read(text, self._fields(at), self._chosen(at))
        if written.connection not in ("", at.row.name):
            raise InputError(
                f"This is the mapping of {written.connection}, not of {at.row.name}.",
                hint="Change the line `connection` if you mean it.",
            )
        return at, written

    async def versions(self, name: str) -> list[tuple[Version, Sequence[Difference]]]:
        """Every version, the newest first, each with what it changed."""
        at = self._desk.connections.named(name)
        kept = await self._desk.store.read(lambda tx: tx.mappings.list(at.id))
        first = Version(at.id, 1, at.row.created, BASCULE, EMPTY, "as the connector proposes it")
        both = zip(kept, [*kept[1:], first], strict=False)
        titles = await self._titles(at)
        told = [
            (one, self._differences(at, Chosen.read(before.chosen), Chosen.read(one.chosen), titles))
            for one, before in both
        ]
        return [*told, (first, ())]

    def _differences(
        self, at: Connected, before: Chosen, after: Chosen, titles: Mapping[str, str]
    ) -> Sequence[Difference]:
        return mapping.differences(self._fields(at), before, after, titles)

    async def _titles(self, at: Connected) -> dict[str, str]:
        return {one.job: one.title for one in await self._pipelines(at)}

    async def _as_in(self, at: Connected, number: int) -> Chosen:
        """What was chosen in a version, as far as its fields are still there."""
        found = next((one for one, _ in await self.versions(at.row.name) if one.number == number), None)
        if found is None:
            raise NotFoundError(
                f"The mapping of {at.row.name} has no version {number}.",
                hint=f"List them: bascule mapping versions {at.row.name}",
            )
        chosen = Chosen.read(found.chosen)
        known = {mapping.key(each) for each in self._fields(at)}
        return replace(chosen, fields={key: one for key, one in chosen.fields.items() if key in known})

    async def stages(self, name: str) -> list[StageName]:
        """The names of stages at a connection, the most used first, with the type a person has given or it suggests.
        Of names that fold to the same, the first counts."""
        at = self._desk.connections.named(name)
        rules = self._chosen(at).rules()
        counts: dict[str, list[str]] = {}
        exempt: dict[str, list[Exempt]] = {}
        for ladder in stages.ladders(await self._pipelines(at), rules):
            for rung in ladder.rungs:
                counts.setdefault(stages.fold(rung.step.name), []).extend([rung.step.name] * len(ladder.jobs))
            for one in ladder.exceptions:
                exempt.setdefault(stages.fold(one.name), []).append(one)
        found = [
            StageName(
                spelt[0],
                len(spelt),
                said.type if (said := rules.certain(spelt[0])) is not None else None,
                stages.propose(spelt[0]),
                tuple(exempt.get(folded, ())),
            )
            for folded, spelt in counts.items()
        ]
        return sorted(found, key=lambda one: (-one.jobs, one.name))

    async def ladders(self, name: str) -> tuple[Ladder, ...]:
        """Every ladder of a connection once, with the jobs that have it and the rule that gives each type."""
        at = self._desk.connections.named(name)
        return stages.ladders(await self._pipelines(at), self._chosen(at).rules())

    async def _pipelines(self, at: Connected) -> tuple[Pipeline, ...]:
        """The live stages of every job linked there. They are looked at again when a job has changed."""
        return await self._desk.store.read(lambda tx: self._known_pipelines(tx, at))

    def _known_pipelines(self, tx: Tx, at: Connected) -> tuple[Pipeline, ...]:
        revs = self._remap.revs(tx, at.id, Kind.JOB)
        known = self._stages.get(at.id)
        if known is not None and known[0] == revs:
            return known[1]
        found = tuple(_pipeline(family, at.id) for family in self._remap.families(tx, at.id, Kind.JOB))
        self._stages[at.id] = (revs, found)
        return found

    def _fields(self, at: Connected) -> Sequence[mapping.FieldMap]:
        """What the connector proposes for this account."""
        return at.connector.fields(at.tenant, at.id)

    def _chosen(self, at: Connected) -> Chosen:
        return Chosen.read(at.row.choices)

    def _new(self, at: Connected, chosen: Chosen) -> mapping.Choices:
        was = self._chosen(at).fields
        return {key: one for key, one in chosen.fields.items() if was.get(key) != one}

    # ------------------------------------------------------------------------------------------ what is promised

    def promised(self, at: Connected, hooked: bool) -> dict[Kind, str]:
        """How soon a change is promised to follow, by kind: as polls go, until the system's webhooks arrive."""
        out: dict[Kind, str] = {}
        for reads in at.connector.reads:
            every = usual(reads)
            if every is None or reads.kind in out:
                continue
            one = rhythm(at, reads, hooked)
            if one.kept and one.promise is not None:
                out[reads.kind] = f"within {one.promise.total_seconds():g} s"
            else:
                out[reads.kind] = "webhook, 1-2 s" if one.told else f"every {pace(at, reads, 0, every):g} s"
        return out

    def intervals(self, at: Connected) -> dict[str, float]:
        """Seconds between two readings of what no webhook tells, by list (notes, tags)."""
        return {
            reads.title: round(pace(at, reads, 0, every), 1)
            for reads in at.connector.reads
            if polled_only(reads) and (every := usual(reads)) is not None
        }

    def measured(self, at: Connected) -> dict[Kind, str]:
        """How soon changes did follow, by kind, in words: read there, as is promised, and written there."""
        read: dict[Kind, tuple[float, float]] = {}
        for reads in at.connector.reads:
            fresh = self._metrics.freshness(at.id, reads.title)
            if fresh is not None and fresh[1] >= read.get(reads.kind, (0.0, 0.0))[1]:
                read[reads.kind] = fresh[:2]
        out: dict[Kind, str] = {}
        for kind in at.view.fields:
            written = self._metrics.lag(at.id, kind)
            told = {"read": read.get(kind), "written": None if written[0] is None else written}
            out[kind] = "; ".join(f"{what} p50 {one[0]:.1f} s, p95 {one[1]:.1f} s" for what, one in told.items() if one)
        return out


def _pipeline(family: Family, connection: str) -> Pipeline:
    linked = {link.record for link in family.links.values() if link.connection == connection and link.open}
    live = [
        one
        for one in family.records.values()
        if one.kind is Kind.STAGE and one.state is RecordState.LIVE and one.id in linked
    ]
    steps = tuple(
        Step(
            str(one.fields.get("name") or ""), str(one.fields.get("kind") or ""), one.fields.get("active") is not False
        )
        for one in sorted(live, key=stages.order)
    )
    return Pipeline(family.root.id, str(family.root.fields.get("title") or ""), steps)
