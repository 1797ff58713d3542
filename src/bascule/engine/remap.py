"""A connection's mapping has changed: every family there in the new terms, or what that would do, without doing it.

Both are the same pure step (`core.remap`); only one of them is committed. What the mapping carries anew is taken from
the stored raw objects: the system is not read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bascule.core.mapping import Chosen, carried
from bascule.core.remap import Carried, Terms, remap
from bascule.core.stages import Rules
from bascule.errors import NotFoundError
from bascule.jsontext import loads
from bascule.model import (
    EMPTY,
    FIELDS,
    OPEN_WRITES,
    Actor,
    ActorKind,
    Divergence,
    Family,
    Fields,
    Kind,
    Part,
    Value,
    is_secret,
)
from bascule.store import Tx
from bascule.store.sweeps import roots_after
from bascule.store.tasks import TaskLease

from .connections import Connected, Connections
from .observe import parse
from .reconcile import Reconcile
from .runtime import Runtime

REMAP = "remap"  # the task
PAGE = 50  # families looked at in one snapshot
HOLD = timedelta(seconds=90)
ROOTS = (Kind.JOB, Kind.CANDIDATE)


@dataclass(frozen=True, slots=True)
class Effect:
    """One value of a record that would change."""

    record: str
    family: str
    kind: Kind
    field: str
    before: Value
    after: Value


@dataclass
class Effects:
    """What a mapping would do to what is held. `records` would change, some of them in so many `jobs`; `effects` are
    the first values of them; `unlike` are objects whose two sides would stay different, `dropped` writes that would not
    be sent any more, `ended` objects of which a field is not followed any more (each by vendor field)."""

    families: int = 0
    records: int = 0
    jobs: int = 0
    effects: list[Effect] = field(default_factory=list[Effect])
    by_field: Counter[str] = field(default_factory=Counter[str])
    unlike: Counter[str] = field(default_factory=Counter[str])
    ended: Counter[str] = field(default_factory=Counter[str])
    dropped: int = 0

    def add(self, other: Effects, most: int) -> None:
        self.families += other.families
        self.records += other.records
        self.jobs += other.jobs
        self.effects += other.effects[: max(0, most - len(self.effects))]
        self.by_field += other.by_field
        self.unlike += other.unlike
        self.ended += other.ended
        self.dropped += other.dropped


def between(before: Connected, after: Connected, actor: Actor, cause: str) -> Terms:
    """What is new in the mapping of a connection."""
    fresh = carried(after.view.fields) - carried(before.view.fields)
    was, now = (Chosen.read(one.row.choices).rules() for one in (before, after))
    typed = was != now
    again = frozenset({(Kind.STAGE, each.name) for each in after.view.fields.get(Kind.STAGE, ()) if typed})
    return Terms(after.id, actor, cause, fresh, again, was, now)


class Remap:
    """`run` is the handler of the task "remap"."""

    def __init__(self, runtime: Runtime, connections: Connections, reconcile: Reconcile) -> None:
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile

    async def preview(self, after: Connected, terms: Terms, *, most: int) -> Effects:
        """What the mapping of `after` would do, the first `most` values in full. Nothing is changed."""
        before = self._connections.get(after.id)
        ended: Carried = carried(before.view.fields) - carried(after.view.fields)
        found = Effects()
        for kind in ROOTS:
            place = ""
            while True:
                page, place = await self._connections.store.read(
                    lambda tx, k=kind, a=place: self._look(tx, after, terms, ended, k, a, most)
                )
                found.add(page, most)
                if not place:
                    break
        return found

    def _look(
        self, tx: Tx, at: Connected, terms: Terms, ended: Carried, kind: Kind, after: str, most: int
    ) -> tuple[Effects, str]:
        """One page of families, and where it ended ("": behind the last one)."""
        page = families_after(tx, at.id, kind, after, PAGE)
        found = Effects()
        for family in tx.families.families({family for _, family in page}).values():
            parts = self.kept(tx, at, family)
            refs = self._reconcile.refs(tx, [(family, at.id, parts)], as_if=at)
            planned = remap(family, terms, parts, self._reconcile.context(tx, family.workspace, refs, at))
            found.add(_effects(family, planned.family, ended, at.id), most)
        return found, page[-1][0] if page else ""

    async def run(self, task: TaskLease) -> None:
        """Every family in the new terms. Doing it twice changes nothing more."""
        at = await self._connections.find(task.key.split("|")[0])
        if at is not None:
            await self.apply(at, terms_from(at.id, task.payload), lambda tx: self._hold(tx, task))

    def _hold(self, tx: Tx, task: TaskLease) -> None:
        tx.tasks.renew(task, until=self._runtime.now() + HOLD)

    async def apply(self, at: Connected, terms: Terms, holding: Callable[[Tx], None] = lambda _tx: None) -> None:
        """The same now, `holding` once a page."""
        for kind in ROOTS:
            after = ""
            while True:
                page = await self._connections.store.read(
                    lambda tx, k=kind, a=after: families_after(tx, at.id, k, a, PAGE)
                )
                if not page:
                    break
                after = page[-1][0]
                await self._connections.store.write(holding)
                for _, family in page:
                    await self._reconcile.commit(lambda tx, id=family: self._settle(tx, at, terms, id))

    def _settle(self, tx: Tx, at: Connected, terms: Terms, id: str) -> None:
        before = tx.families.family(id)
        parts = self.kept(tx, at, before)
        refs = self._reconcile.refs(tx, [(before, at.id, parts)])
        self._reconcile.save_if_moved(
            tx, before, remap(before, terms, parts, self._reconcile.context(tx, before.workspace, refs))
        )

    def families(self, tx: Tx, connection: str, kind: Kind) -> Iterable[Family]:
        """Every family of a kind that is there, in one snapshot."""
        after = ""
        while page := families_after(tx, connection, kind, after, PAGE):
            after = page[-1][0]
            yield from tx.families.families({family for _, family in page}).values()

    def revs(self, tx: Tx, connection: str, kind: Kind) -> dict[str, int]:
        """The revs of every family of a kind that is there."""
        found, after = dict[str, int](), ""
        while page := families_after(tx, connection, kind, after, PAGE):
            after = page[-1][0]
            found |= tx.families.revs({family for _, family in page})
        return found

    def kept(self, tx: Tx, at: Connected, family: Family) -> list[Part]:
        """What the stored raw objects of a family show through this mapping; nothing where none are kept."""
        parts: list[Part] = []
        for link in family.links.values():
            address = tx.stored.of(link.id, "raw") if link.connection == at.id and link.open else None
            reads = next((r for r in at.connector.reads if r.kind is link.kind and r.by and not r.group), None)
            if address is None or reads is None:
                continue
            try:
                parts += parse(reads, [loads(tx.stored.get(address))], at.tenant)
            except NotFoundError:  # its file is gone: the next read shows it
                continue
        return parts


def families_after(tx: Tx, connection: str, kind: Kind, after: str, limit: int) -> list[tuple[str, str]]:
    """(root's external id, family), behind `after`."""
    externals = roots_after(tx, connection, kind, after, limit)
    found = tx.families.resolve(connection, [(kind, e) for e in externals])
    return [(e, found[kind, e].family) for e in externals if (kind, e) in found]


def _effects(before: Family, after: Family, ended: Carried, connection: str) -> Effects:
    """What one family's step would change."""
    found = Effects(families=1)
    for id, record in after.records.items():
        old = before.records.get(id)
        if old is None or old.fields == record.fields:
            continue
        names = [n for n in FIELDS[record.kind] if old.fields.get(n) != record.fields.get(n)]
        found.records += 1
        found.jobs = int(after.kind is Kind.JOB)
        found.by_field.update(f"{record.kind}.{name}" for name in names)
        found.effects += [
            Effect(id, after.id, record.kind, name, old.fields.get(name), record.fields.get(name))
            for name in names
            if not is_secret(record.kind, name)
        ]
    mine = [(link, before.links.get(link.id)) for link in after.links.values() if link.connection == connection]
    for link, was in mine:
        known = was.pairs if was is not None and was.open else EMPTY
        found.ended.update(f"{link.kind}.{name}" for name in known if (link.kind, name) in ended)
        found.unlike.update(
            f"{link.kind}.{name}"
            for name, pair in link.pairs.items()
            if pair.divergence is Divergence.ADOPTED and (name not in known or known[name].divergence is None)
        )
    closed = [w for id, w in after.writes.items() if w.state not in OPEN_WRITES and id in before.writes]
    found.dropped = sum(before.writes[write.id].state in OPEN_WRITES for write in closed)
    return found


def terms_to(terms: Terms) -> Fields:
    """As a task carries them."""
    return {
        "actor": {"kind": str(terms.actor.kind), "id": terms.actor.id, "name": terms.actor.name},
        "cause": terms.cause,
        "fresh": tuple(sorted(f"{kind}.{name}" for kind, name in terms.fresh)),
        "again": tuple(sorted(f"{kind}.{name}" for kind, name in terms.again)),
        "was": Chosen(stages=terms.was.names, jobs=terms.was.jobs).stored(),
        "now": Chosen(stages=terms.now.names, jobs=terms.now.jobs).stored(),
    }


def terms_from(connection: str, payload: Fields) -> Terms:
    who = payload.get("actor")
    actor = who if isinstance(who, Mapping) else {}
    return Terms(
        connection,
        Actor(ActorKind(str(actor.get("kind"))), str(actor.get("id")), str(actor.get("name"))),
        str(payload.get("cause")),
        _named(payload.get("fresh")),
        _named(payload.get("again")),
        _rules(payload.get("was")),
        _rules(payload.get("now")),
    )


def _rules(value: Value) -> Rules:
    return Chosen.read(value if isinstance(value, Mapping) else EMPTY).rules()


def _named(value: Value) -> Carried:
    texts: Sequence[Value] = value if isinstance(value, tuple) else ()
    split = [str(one).partition(".") for one in texts]
    return frozenset((Kind(kind), name) for kind, _, name in split)
