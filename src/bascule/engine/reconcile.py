"""From what was read or edited to what is stored: read -> plan -> record, pairs, writes, audit in one commit.

The plan is pure; this file loads what it needs, saves what it says, and asks for what it wants read again. On
PostgreSQL another worker may have been faster (compare-and-set): then everything is loaded and planned again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias, TypeVar

from bascule.core import bulk, stages
from bascule.core.families import remaining, shown
from bascule.core.plan import Context, Plan, merge, plan, removed_unmet, unmerge
from bascule.errors import (
    BasculeError,
    ConflictError,
    ErasedError,
    ForbiddenError,
    NotFoundError,
    StaleError,
    StoreUnavailableError,
)
from bascule.jsontext import dumps_sorted
from bascule.model import (
    FIELDS,
    PARENT_OF,
    ROOT_OF,
    Actor,
    ActorKind,
    AttemptState,
    Edit,
    Family,
    FieldType,
    History,
    Kind,
    LinkState,
    Part,
    Read,
    Record,
    Refs,
    ReviewKind,
    Value,
    Want,
    WriteState,
)
from bascule.store import Store, Tx
from bascule.store.bulk import Bulk
from bascule.store.lanes import Hint
from bascule.store.links import Glimpse
from bascule.store.rehome import rehome
from bascule.store.rows import Alias, Claim
from bascule.store.tasks import TaskLease

from . import doubles, entries
from .connections import Connected, Connections
from .entries import root_external
from .news import new, owned, says, strayed
from .runtime import Runtime
from .strangers import Strangers
from .traces import Span, parent, read_of, task_of, write_of

T = TypeVar("T")
TRIES = 8  # compare-and-set misses before one commit is given up; its lane tries again later
Finish: TypeAlias = Callable[[Tx, Mapping[str, Exception]], None]
"""What follows in the commit of reads (acknowledging their lanes); is told which of them, by root, failed, and why."""
MERGE = "merge"  # the task that joins two families a system has merged
REFERENCES = frozenset({FieldType.REFERENCE, FieldType.REFERENCES})
REFERRING = {kind: tuple(name for name, spec in FIELDS[kind].items() if spec.type in REFERENCES) for kind in FIELDS}


@dataclass(frozen=True, slots=True)
class Task:
    """Work for a handler above the engine, by name. Level-triggered: one row per (name, key)."""

    name: str
    key: str
    delay: float = 0.0  # seconds, counted from the first commit that called for it


class React(Protocol):
    """What follows above the engine from a commit (a new CV wants a score). Pure; asked inside the commit."""

    def __call__(self, before: Family | None, planned: Plan, live: bool) -> Sequence[Task]: ...


@dataclass(frozen=True, slots=True)
class Settled:
    """What one reconciliation did, by root external id: the families, which of them changed, what failed (with why)."""

    families: Mapping[str, str]
    changed: frozenset[str]
    failed: Mapping[str, Exception]


@dataclass
class Watchers:
    """Pages that want to know what changed. Each gets (kind, family id); a slow one loses lines, never blocks."""

    listeners: set[Callable[[str, str], None]] = field(default_factory=set)

    def tell(self, kind: str, subject: str) -> None:
        for listener in tuple(self.listeners):
            listener(kind, subject)


class Reconcile:
    """Plans families and saves what the plan says."""

    def __init__(self, runtime: Runtime, connections: Connections, react: React, *, wake: Callable[[], None]) -> None:
        self._traces = runtime.traces
        self._runtime = runtime
        self._connections = connections
        self._react = react
        self._wake = wake
        self._strangers = Strangers(runtime, self)
        self._counted: dict[str, tuple[int, datetime]] = {}
        self.watchers = Watchers()

    @property
    def _store(self) -> Store:
        return self._connections.store

    # ---------------------------------------------------------------------------------------------------- in a unit

    def context(self, tx: Tx, workspace: str, refs: Refs, as_if: Connected | None = None) -> Context:
        """`as_if`: a connection with another mapping than the one in force."""
        views = self._connections.views(workspace)
        waiting = tx.bulk.all(workspace) if len(views) > 1 else ()  # with one, nothing travels between systems
        held = frozenset((one.connection, one.cause) for one in waiting)
        views = views if as_if is None else {**views, as_if.id: as_if.view}
        return Context(self._runtime.now(), self._runtime.id, views, refs, held)

    def refs(
        self,
        tx: Tx,
        about: Iterable[tuple[Family | None, str, Sequence[Part]]],
        edits: Iterable[Edit] = (),
        as_if: Connected | None = None,
    ) -> Refs:
        """External ids of everything outside that these families, and the parts a connection shows of them, refer to,
        both ways. What is the family's own needs no looking up."""
        records: set[str] = set()
        externals: set[tuple[str, Kind, str]] = set()
        workspace = ""
        for family, connection, parts in about:
            shown = self._shown(connection, parts, as_if)
            if family is not None:
                workspace = family.workspace
                shown -= {(link.connection, link.kind, link.external) for link in family.links.values() if link.open}
                for record in family.records.values():
                    records |= _references(record) - family.records.keys()
            elif parts:
                workspace = workspace or self._connections.get(connection).row.workspace
            externals |= shown
        for edit in edits:
            for value in edit.fields.values():
                records |= set(_texts(value))
        found = tx.families.refs(workspace, self._connections.ids(), records, externals)
        return self._counterparts(tx, workspace, found, as_if)

    def _counterparts(self, tx: Tx, workspace: str, refs: Refs, as_if: Connected | None) -> Refs:
        """The same with what a person has paired with any of these records, and the stages of jobs that are paired."""
        views = self._connections.views(workspace)
        views = views if as_if is None else {**views, as_if.id: as_if.view}
        pairs = {pair for view in views.values() for pair in view.same.items()}
        if not pairs:
            return refs
        known, more = set(refs.records), set[str]()
        known |= {one.parent for one in refs.records.values() if one.kind is Kind.STAGE and one.parent}
        for there, here in pairs:
            if there in known or here in known:
                more |= {there, here}
        jobs = {id for id, one in tx.families.records(workspace, more).items() if one.kind is Kind.JOB}
        more |= tx.families.stages(jobs)
        wider = tx.families.refs(workspace, self._connections.ids(), more)
        return Refs(
            {**wider.external, **refs.external}, {**wider.record, **refs.record}, {**wider.records, **refs.records}
        )

    def _shown(self, connection: str, parts: Sequence[Part], as_if: Connected | None) -> set[tuple[str, Kind, str]]:
        """External objects that these parts refer to."""
        found: set[tuple[str, Kind, str]] = set()
        for part in parts:
            at = as_if if as_if is not None and as_if.id == connection else self._connections.get(connection)
            for name, kind in at.references.get(part.kind, ()):
                if name in part.seen:
                    found |= {(connection, kind, text) for text in _texts(part.seen[name])}
        return found

    def save(
        self,
        tx: Tx,
        before: Family | None,
        planned: Plan,
        *,
        live: bool = True,
        shared: bool = False,
        read: Read | None = None,
        elsewhere: Collection[str] = (),
    ) -> Family:
        """One plan's commit: the family, what it wakes, what it wants read again, what follows above the engine.
        `read` is what it comes from, `elsewhere` are records that come from another family. The family as it is
        stored now."""
        now = self._runtime.now()
        for connection, cause in sorted(bulk.touched(before, planned)):
            planned = self._bulk(tx, planned, connection, cause, now)
        root = planned.family.root.id if planned.family.records else ""
        untyped, typed = stages.gaps(before, planned.family) if planned.family.kind is Kind.JOB else ((), ())
        stored = tx.families.save(
            before,
            planned.family,
            now=now,
            history=planned.history,
            gaps=(*planned.gaps, *untyped),
            claims=[Claim(key, root, shared) for key in planned.claims],
            linked=planned.linked,
            aliases=[
                Alias(connection, kind, external, planned.family.links[link].record, link)
                for connection, kind, external, link in planned.aliases
                if link in planned.family.links
            ],
        )
        doubles.keep(tx, before, planned.family)
        above = parent()
        if above:
            tx.traces.put(_made_due(before, planned.family), above, now=now)
        self._want(tx, planned, above)
        for connection in sorted(_freed(before, planned.family)):
            tx.writes.want(connection, planned.family.id, now=now)
            tx.writes.wake(connection, now=now, family=planned.family.id)
        entries.close_gaps(tx, planned, now)
        for connection, record in typed:
            tx.gaps.left(connection, Kind.STAGE, "type", record)
        if planned.family.kind is Kind.JOB and before is not None:
            entries.stages_renamed(tx, self._connections, planned, now)
        for task in self._react(before, planned, live):
            due = now + timedelta(seconds=task.delay)
            tx.tasks.gather(planned.family.workspace, task.name, task.key, due=due, now=now)
            if above:
                tx.traces.put([task_of(task.name, task.key)], above, now=now)
        for connection, kind_there, survivor, _ in planned.merged:
            key = f"{planned.family.id}|{connection}|{kind_there}|{survivor}"
            tx.tasks.put(planned.family.workspace, MERGE, key, due=now)
        entries.visibility(tx, self._connections, planned, now)
        entries.tell(tx, self._connections, before, planned, now, live=live, elsewhere=elsewhere)
        entries.audit(tx, planned, now, read)
        if planned.history:
            kind = str(planned.family.kind)
            tx.after_commit(lambda: self.watchers.tell(kind, planned.family.id))
        tx.after_commit(self._wake)
        return stored

    def _bulk(self, tx: Tx, planned: Plan, connection: str, cause: str, now: datetime) -> Plan:
        """Count one more family under a cause; past the limit, what it makes due waits for a person."""
        workspace = planned.family.workspace
        known = tx.bulk.get(connection, cause)
        if known is not None and known.state == "agreed":
            if now < known.until:
                tx.bulk.set(workspace, replace(known, until=now + bulk.WINDOW))
                return planned
            tx.bulk.drop(connection, cause)
            known = None
        many = tx.bulk.touch(connection, cause, planned.family.id, now=now, since=now - bulk.WINDOW)
        if known is None and many <= bulk.LEAST:
            return planned
        records = self._records(tx, connection, now)
        if known is None and many <= bulk.limit(records):
            return planned
        planned = bulk.hold(planned, {(connection, cause)})
        if known is None:  # another worker may be asking just now: one question, whoever comes first
            tx.lock([f"bulk {connection} {cause}"])
            known = tx.bulk.get(connection, cause)
        if known is None or (known.state == "held" and tx.families.review_family(workspace, known.review) is None):
            seen = {"changed": many, "records": records}
            planned, review = bulk.ask(planned, connection, cause, seen, self.context(tx, workspace, Refs()))
            tx.bulk.set(workspace, Bulk(connection, cause, "held", review.id, now))
        return planned

    def _records(self, tx: Tx, connection: str, now: datetime) -> int:
        """How many records a connection holds, counted once a minute."""
        counted = self._counted.get(connection)
        if counted is None or now - counted[1] > timedelta(minutes=1):
            counted = self._counted[connection] = (tx.bulk.records(connection), now)
        return counted[0]

    def save_if_moved(self, tx: Tx, before: Family, planned: Plan) -> Family:
        """The same, where the plan changes anything but what is to be read again."""
        if self._moved(before, planned):
            return self.save(tx, before, planned)
        self._want(tx, planned)
        return before

    def _want(self, tx: Tx, planned: Plan, above: str = "") -> None:
        """`above`: the trace that these reads go on with."""
        if planned.wants:
            wants = [self._hint(tx, planned.family, want) for want in planned.wants]
            hints, now = [hint for hint in wants if hint is not None], self._runtime.now()
            tx.reads.wanted(hints, now=now)
            if above:
                tx.traces.put([read_of(hint.connection, hint.kind, hint.external) for hint in hints], above, now=now)

    def _hint(self, tx: Tx, family: Family, want: Want) -> Hint | None:
        """A want of a child is a want of that kind of its family; a child of a family nobody knows is dropped."""
        if want.kind not in ROOT_OF:
            return Hint(want.connection, want.kind, want.external, after=_together(want.after))
        link = family.link_at(want.connection, want.kind, want.external)
        if link is None:
            found = tx.families.resolve(want.connection, [(want.kind, want.external)]).get((want.kind, want.external))
            if found is None:
                return None
            family = tx.families.family(found.family)
            link = family.links.get(found.link or "")
        root = family.home_of(link) if link is not None else root_external(family, want.connection)
        kinds = frozenset({want.kind, PARENT_OF[want.kind]} - {ROOT_OF[want.kind]} | {want.kind})
        return (
            None
            if root is None
            else Hint(want.connection, ROOT_OF[want.kind], root, kinds, after=_together(want.after))
        )

    # ------------------------------------------------------------------------------------------------------- reading

    async def reads(
        self,
        at: Connected,
        root: Kind,
        reads: Mapping[str, Read],
        *,
        live: bool = True,
        finish: Finish | None = None,
        spans: Mapping[str, Span] | None = None,
    ) -> Settled:
        """Apply one read per root, all in one commit; if one of them cannot be planned, each in its own, so that a
        poisoned one does not hold up its neighbours. A read that shows nothing new changes nothing. `finish` runs in
        the same commit, or after the single ones. `spans` are those of the reads, by root. What fails is in the answer;
        only what is no read's own fault is raised."""
        try:
            families, changed = await self.commit(
                lambda tx: self._apply(tx, at, root, reads, live, False, finish, spans)
            )
            return Settled(families, frozenset(changed), {})
        except StaleError as error:  # others keep changing one of them
            spoilt: Exception = error
        except BasculeError:
            raise
        except Exception as error:
            spoilt = error
        families, changed, failed = {}, set[str](), dict[str, Exception]()
        for external, read in reads.items():
            if len(reads) == 1:
                failed[external] = spoilt
                break
            try:
                done, moved = await self.commit(
                    lambda tx, e=external, r=read: self._apply(tx, at, root, {e: r}, live, False, None, spans)
                )
                families |= done
                changed |= moved
            except StoreUnavailableError:  # it is not this one's fault
                raise
            except Exception as error:
                failed[external] = error
        if finish is not None:
            await self._store.write(lambda tx: finish(tx, failed))
        return Settled(families, frozenset(changed), failed)

    async def reads_then(self, at: Connected, root: Kind, reads: Mapping[str, Read], then: Callable[[Tx], T]) -> T:
        """Apply reads whose time matters, and what follows from them, in one commit."""

        def unit(tx: Tx) -> T:
            self._apply(tx, at, root, reads, True, True, None, None)
            return then(tx)

        return await self.commit(unit)

    def _apply(
        self,
        tx: Tx,
        at: Connected,
        root: Kind,
        reads: Mapping[str, Read],
        live: bool,
        keep: bool,
        finish: Finish | None,
        spans: Mapping[str, Span] | None,
    ) -> tuple[dict[str, str], set[str]]:
        found = tx.families.resolve(at.id, [(root, external) for external in reads])
        loaded = tx.families.families({one.family for one in found.values()})
        homes = {external: loaded.get(one.family) for (_, external), one in found.items()}
        refs = self.refs(tx, [(homes.get(external), at.id, read.parts) for external, read in reads.items()])
        strangers = [p for e, r in reads.items() if (root, e) not in found for p in r.parts if p.kind == root]
        owners = self._owners(tx, at, root, reads, homes)
        done: dict[str, str] = {}
        changed: set[str] = set()
        for external, read in reads.items():
            known = found.get((root, external))
            if known is not None and known.family in loaded:
                before = loaded[known.family]
                done[external] = before.id
                if not keep and not new(at, before, read):
                    self._keep_raw(tx, at, before, read)
                    continue
                mine = owned(read, before.id, owners)
                planned = plan(before, [mine], [], self.context(tx, at.row.workspace, refs))
                shared = False
            else:
                first = self._strangers.met(tx, at, root, external, read, refs, strangers, owners)
                if first is None:
                    continue
                before, planned, shared = first
            after = planned.family
            if self._moved(before, planned):
                with self._planning(tx, planned, at.id, (spans or {}).get(external), live=live):
                    after = self.save(tx, before, planned, live=live, shared=shared, read=read)
                if planned.history:
                    changed.add(external)
            else:
                self._want(tx, planned)
            loaded[after.id] = after
            done[external] = planned.family.id
            self._keep_raw(tx, at, planned.family, read)
            for other, parts in strayed(read, after.id, owners).items():
                self._stray(tx, at, loaded, other, replace(read, parts=parts, complete=()), live)
        if finish is not None:
            finish(tx, {})
        return done, changed

    def _owners(
        self, tx: Tx, at: Connected, root: Kind, reads: Mapping[str, Read], homes: Mapping[str, Family | None]
    ) -> Mapping[tuple[Kind, str], str]:
        """Which family holds what these reads show and their own do not know: the vendor may have hung an object on
        somebody else, by a merge of which no event has told."""
        asked: set[tuple[Kind, str]] = set()
        for external, read in reads.items():
            home = homes.get(external)
            known = {(o.kind, o.external) for o in home.links.values() if o.connection == at.id} if home else set()
            asked |= {(p.kind, p.external) for p in read.parts if p.kind != root} - known
        found = tx.families.resolve(at.id, asked)
        return {key: one.family for key, one in found.items() if one.link is not None}

    def _stray(self, tx: Tx, at: Connected, loaded: dict[str, Family], family: str, read: Read, live: bool) -> None:
        """What was shown under another person is told to the family that holds it."""
        before = loaded.get(family) or tx.families.family(family)
        refs = self.refs(tx, [(before, at.id, read.parts)])
        planned = plan(before, [read], [], self.context(tx, at.row.workspace, refs))
        if not self._moved(before, planned):
            self._want(tx, planned)
            return
        with self._planning(tx, planned, at.id, None, live=live):
            loaded[family] = self.save(tx, before, planned, live=live, read=read)

    def newsworthy(self, tx: Tx, at: Connected, reads: Mapping[str, Read]) -> dict[str, Read]:
        """Those of the reads that could change anything, found without loading a family: with a value that is not
        settled, or a raw object that is not the one kept (the mapping may carry later what it does not carry now)."""
        shown = {(part.kind, part.external) for read in reads.values() for part in read.parts}
        settled = tx.links.settled(at.id, shown)

        def tells(read: Read, part: Part) -> bool:
            link = settled.get((part.kind, part.external))
            return link is None or not link.quiet or says(at, read, part, link.pairs.get) or moved(link, part)

        def moved(link: Glimpse, part: Part) -> bool:
            if part.raw is None or link.raw is None:
                return False
            return _address(tx, link.workspace, link.family, part) != link.raw

        return {
            external: read
            for external, read in reads.items()
            if read.complete or any(tells(read, part) for part in read.parts)
        }

    def unfollowed(self, tx: Tx, at: Connected, reads: Mapping[str, Read]) -> set[str]:
        """The roots of which a list shows an object that is not as it was when all that hangs on it was last asked
        for, whatever other reads have shown of the object since. Where a list gives no raw object: one with news."""
        shown = {(part.kind, part.external) for read in reads.values() for part in read.parts if part.raw is not None}
        settled = tx.links.settled(at.id, shown)

        def ahead(part: Part) -> bool:
            link = settled.get((part.kind, part.external))
            return link is None or _address(tx, link.workspace, link.family, part) != link.followed

        raw = {external: [part for part in read.parts if part.raw is not None] for external, read in reads.items()}
        bare = {external: read for external, read in reads.items() if not raw[external]}
        return {external for external, parts in raw.items() if any(map(ahead, parts))} | self.newsworthy(
            tx, at, bare
        ).keys()

    def follow(self, tx: Tx, at: Connected, reads: Iterable[Read]) -> None:
        """In the commit that asks for what hangs on what these reads have shown: it is asked for behind them."""
        parts = {(p.kind, p.external): p for read in reads for p in read.parts if p.raw is not None}
        links = tx.links.settled(at.id, parts)
        tx.links.follow(
            at.id, {key: _address(tx, one.workspace, one.family, parts[key]) for key, one in links.items()}
        )  # fmt: skip

    @staticmethod
    def _moved(before: Family | None, planned: Plan) -> bool:
        return before is None or planned.family != before or bool(planned.history or planned.gaps)

    def _keep_raw(self, tx: Tx, at: Connected, family: Family, read: Read) -> None:
        """The newest raw object of each link, sealed, through the one storage door (which may keep nothing). StaleError
        where somebody else has erased the person meanwhile. With a read of all that hangs on it, that has been asked
        for behind it as well."""
        hanging = {kind for one in at.connector.reads if one.root == family.kind for kind in one.follow}
        if hanging and hanging <= read.sought:
            self.follow(tx, at, [read])
        for part in read.parts:
            link = family.link_at(at.id, part.kind, part.external) if part.raw is not None else None
            if link is None:
                continue
            data, now = _raw(part.raw), self._runtime.now()
            try:
                tx.stored.put(family.workspace, family.id, "raw", link.id, data, now=now)
            except NotFoundError:
                raise StaleError(f"Family {family.id} has been erased meanwhile.") from None

    # ---------------------------------------------------------------------------------------- merged by a system

    async def merge(self, task: TaskLease) -> float | None:
        """Two objects became one at a system: the families behind them follow. A survivor nobody has met yet is read
        first; while a call of either family is under way, it waits."""
        other_id, connection, kind, survivor = task.key.split("|")

        def unit(tx: Tx) -> float | None:
            found = tx.families.resolve(connection, [(Kind(kind), survivor)]).get((Kind(kind), survivor))
            if found is None:
                tx.reads.wanted([Hint(connection, Kind(kind), survivor)], now=self._runtime.now())
                return 2.0 if task.tries < TRIES else None
            if found.family == other_id:
                return None
            loaded = tx.families.families([found.family, other_id])
            if len(loaded) < 2:
                return None
            kept, gone = loaded[found.family], loaded[other_id]
            if not any(r.kind is ReviewKind.MERGE and r.about.endswith(f"|{survivor}") for r in gone.reviews.values()):
                return None  # a person has answered, or they are one already
            actor = Actor(ActorKind.SYSTEM, connection, self._connections.get(connection).row.name)
            try:
                self.merge_in(tx, kept, gone, actor, task.key)
            except ConflictError:  # a call of one of them is under way
                return 2.0
            except ForbiddenError:  # one of them is erased: the item stays, for a person
                return None
            return None

        return await self.commit(unit)

    def merge_in(self, tx: Tx, kept: Family, gone: Family, actor: Actor, cause: str) -> None:
        """Join two families inside a unit. What `merge` raises says why not; then nothing is saved."""
        context = self.context(tx, kept.workspace, self.refs(tx, [(kept, "", ()), (gone, "", ())]))
        into, rest = merge(kept, gone, context, actor, cause)
        self.save(tx, gone, rest)
        self.save(tx, kept, into, elsewhere=gone.records.keys())
        tx.events.rehome(gone.id, kept.id)

    def unmerge_in(self, tx: Tx, kept: Family, merged: History, actor: Actor, cause: str) -> None:
        """Give a merged record back to its own family, inside a unit. `merged` is the history's line of the merge."""
        image = merged.old if isinstance(merged.old, Mapping) else {}
        empty = tx.families.family(str(image["family"]))
        into, homes = kept.lives_on_as(merged.record), tx.pages.homes(kept)
        context = self.context(tx, kept.workspace, self.refs(tx, [(kept, "", ()), (empty, "", ())]))
        stays, back = unmerge(kept, empty, image, context, actor, cause)
        self.save(tx, kept, stays)
        given = self.save(tx, empty, back, elsewhere=kept.records.keys())
        held, seen = back.family.root.fields, shown(back.family, context)
        own = tx.pages.homes(given)
        rehome(
            tx, kept, given, given.records.keys(), homes=[home for home in homes if home not in own],
            stays=lambda line: remaining(line, merged, held, into, seen), since=merged.at, now=self._runtime.now(),
        )  # fmt: skip

    @contextmanager
    def _planning(
        self, tx: Tx, planned: Plan, connection: str | None = None, span: Span | None = None, *, live: bool = True
    ) -> Generator[None]:
        """The span of one plan's saving: under that of its read, else under the current one, else the first of a trace.
        It ends, and is told of, once the commit is durable. A first reading of everything makes none."""
        if not self._traces.on or not live:
            yield
            return
        family = planned.family
        above = [parent(span)] if span is not None else []
        made = self._traces.start("plan", above, connection=connection, family=family.id, object_kind=str(family.kind))
        with self._traces.inside(made):
            yield
        tx.after_commit(lambda: self._traces.end(made))

    async def commit(self, unit: Callable[[Tx], T]) -> T:
        """Run a unit that loads, plans and saves; again when somebody else was faster (compare-and-set), or has erased
        somebody between two of its reads."""
        unit = self._traces.carry(unit)
        for _ in range(TRIES - 1):
            try:
                return await self._store.write(unit)
            except (StaleError, ErasedError):
                continue
        return await self._store.write(unit)

    # ---------------------------------------------------------------------------------------------- events and edits

    def event(self, tx: Tx, at: Connected, read: Read) -> None:
        """A signed event that carries what no read can give: planned in the commit that accepted it."""
        for part in read.parts:
            found = tx.families.resolve(at.id, [(part.kind, part.external)]).get((part.kind, part.external))
            if found is None:
                self._removed_unmet(tx, at, part)
                continue
            before = tx.families.family(found.family)
            numbered = replace(read, number=tx.number(), parts=(part,))
            refs = self.refs(tx, [(before, at.id, (part,))])
            planned = plan(before, [numbered], [], self.context(tx, at.row.workspace, refs))
            with self._planning(tx, planned, at.id):
                self.save_if_moved(tx, before, planned)

    def _removed_unmet(self, tx: Tx, at: Connected, part: Part) -> None:
        """Nobody here has met what is gone there: it may be what a creation made whose answer never came."""
        for family, attempt in tx.families.open_creates(at.id, part.kind):
            self.replan_in(tx, family, lambda before, context, id=attempt.id: removed_unmet(before, id, part, context))

    def edit_in(self, tx: Tx, family_id: str, edits: Sequence[Edit]) -> Plan:
        """Plan and save edits of one family inside a unit. Raises what a gate or a moved base says."""
        before = tx.families.family(family_id)
        refs = self.refs(tx, [(before, "", ())], edits)
        planned = plan(before, [], edits, self.context(tx, before.workspace, refs))
        with self._planning(tx, planned):
            self.save_if_moved(tx, before, planned)
        return planned

    async def edit(self, family_id: str, edits: Sequence[Edit]) -> Plan:
        """The same in a commit of its own, again when somebody else was faster."""
        return await self.commit(lambda tx: self.edit_in(tx, family_id, edits))

    def replan_in(
        self, tx: Tx, family_id: str, step: Callable[[Family, Context], Plan], edits: Sequence[Edit] = ()
    ) -> Plan:
        """Any other pure step on one family (decide, replay, discard, rebaseline), inside a unit. `edits` are what it
        may come to: the step knows the records that they name."""
        before = tx.families.family(family_id)
        planned = step(before, self.context(tx, before.workspace, self.refs(tx, [(before, "", ())], edits)))
        if self._moved(before, planned):
            with self._planning(tx, planned):
                self.save(tx, before, planned)
        return planned

    async def replan(self, family_id: str, step: Callable[[Family, Context], Plan], edits: Sequence[Edit] = ()) -> Plan:
        """The same in a commit of its own, again when somebody else was faster."""
        return await self.commit(lambda tx: self.replan_in(tx, family_id, step, edits))


def _made_due(before: Family | None, after: Family) -> list[str]:
    """The writes that a plan has made, or has put more into."""
    old = before.writes if before is not None else {}
    open_ = (WriteState.DUE, WriteState.WAITING, WriteState.HELD)
    return [write_of(one.id) for one in after.writes.values() if one.state in open_ and old.get(one.id) != one]


def _freed(before: Family | None, after: Family) -> set[str]:
    """Connections at which what is due may leave by now: an object is seen again there, or it is known what became of
    a call that was lost."""
    due = {write.connection for write in after.writes.values() if write.state is WriteState.DUE}
    if before is None or not due:
        return set()
    seen = {
        link.connection
        for id, link in before.links.items()
        if link.state is not LinkState.LIVE and id in after.links and after.links[id].state is LinkState.LIVE
    }
    lost = (attempt for attempt in before.attempts.values() if attempt.state is AttemptState.LOST)
    known = {attempt.connection for attempt in lost if after.attempts.get(attempt.id) != attempt}
    return due & (seen | known)


def _together(after: datetime) -> datetime:
    """Fences end at whole seconds: nobody waits for these reads, and what is read together costs fewer requests."""
    return after.replace(microsecond=0) + timedelta(seconds=1) if after.microsecond else after


def _texts(value: Value) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, tuple) else ()


def _references(record: Record) -> set[str]:
    fields = record.fields
    return {text for name in REFERRING[record.kind] if name in fields for text in _texts(fields[name])}


def _address(tx: Tx, workspace: str, family: str, part: Part) -> str:
    return tx.stored.address(workspace, family, "raw", _raw(part.raw))


def _raw(value: object) -> bytes:
    return dumps_sorted(value)
