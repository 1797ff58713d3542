"""Ask a system what it holds now, and sort the answer by family.

Nothing here decides anything: a fetch turns wanted objects into `Read`s, one per family root, each carrying the number
that was drawn before the first request left.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Collection as Some
from dataclasses import dataclass, field
from datetime import datetime

from bascule.connectors.spec import Reads, Tenant
from bascule.errors import AbsentError, PermissionMissingError
from bascule.model import PARENT_OF, Collection, Exchange, Json, Kind, Part, Presence, Read, replace

from .http import Client, Errand
from .lists import alone


@dataclass
class Catch:
    """What one fetch has gathered so far: parts by root, and which child belongs to which parent."""

    root: Kind
    parts: dict[str, list[Part]] = field(default_factory=lambda: defaultdict(list))
    complete: dict[str, set[Collection]] = field(default_factory=lambda: defaultdict(set))
    hidden: set[Kind] = field(default_factory=set[Kind])  # kinds of which some list is not for us to see
    homes: dict[tuple[Kind, str], str] = field(default_factory=dict)  # (kind, external) -> root external
    strays: list[Part] = field(default_factory=list)  # parts whose root this fetch cannot know

    def ids(self, kind: Kind, roots: Some[str]) -> list[str]:
        """External ids of `kind` known to belong to these roots."""
        return [external for (k, external), home in self.homes.items() if k == kind and home in roots]

    def through(self, kind: Kind, externals: Sequence[str], where: Callable[[Json], str]) -> list[str]:
        """What this reading has shown in these objects' own answers to ask for more of them by."""
        mine = [p for external in externals for p in self.parts.get(self.homes.get((kind, external), ""), ())]
        asked = [where(p.raw) for p in mine if p.kind == kind and p.external in externals and p.raw is not None]
        return [one for one in dict.fromkeys(asked) if one]

    def shows(self, kind: Kind, external: str, name: str, values: Some[str]) -> bool:
        """Whether this reading has shown that field of an object with one of these values."""
        mine = self.parts.get(self.homes.get((kind, external), ""), ())
        return any(p.kind == kind and p.external == external and p.seen.get(name) in values for p in mine)

    def take(self, part: Part) -> None:
        """Put a part with its root; a child whose parent has not been seen is a stray."""
        home = self.home(part)
        if home is None:
            self.strays.append(part)
            return
        self.homes.setdefault((part.kind, part.external), home)
        self.parts[home].append(belonging(part, self.root, home) if part.via is not None else part)

    def home(self, part: Part) -> str | None:
        if part.kind == self.root:
            return part.external
        known = self.homes.get((part.kind, part.external))
        if known is None and part.parent is None and part.via is not None:
            return self.homes.get(part.via)
        if known is not None or part.parent is None:
            return known
        parent_kind = PARENT_OF[part.kind]
        return part.parent if parent_kind == self.root else self.homes.get((parent_kind, part.parent))


def strip(items: Iterable[Json], drop: Some[str]) -> list[Json]:
    """Items without the keys that must never be stored (demographics, national ids, photos), at any depth."""
    if not drop:
        return list(items)
    gone = frozenset(drop)

    def clean(value: Json) -> Json:
        if type(value) is dict:
            return {
                key: clean(inner) if type(inner) in _NESTED else inner
                for key, inner in value.items()
                if key not in gone
            }
        return [clean(inner) if type(inner) in _NESTED else inner for inner in value] if type(value) is list else value

    return [clean(item) for item in items]


_NESTED = frozenset({dict, list})


def parse(reads: Reads, items: Iterable[Json], tenant: Tenant) -> list[Part]:
    return [replace(part, of=reads.title) for item in strip(items, reads.drop) for part in reads.parse(item, tenant)]


def plan_of(all_reads: Sequence[Reads], root: Kind, kinds: Some[Kind]) -> list[Reads]:
    """The lists to ask for these kinds of a family, in the connector's order (all kinds when none is named)."""
    wanted = frozenset(kinds)
    return [r for r in all_reads if r.root == root and r.by and (not wanted or wanted & {r.kind, *r.also})]


def waits(reads: Reads, root: Kind, others: Iterable[Reads]) -> bool:
    """Whether one of the others has to be read first: it shows the ids that this list is asked by, or the object whose
    moving tells of what only this list shows, which has to be seen as new as that at least."""
    if not reads.walked and any(reads.kind in o.follow for o in others if o is not reads):
        return True
    if root in reads.by:
        return reads.through is not None and any(o.through is None and o.kind in reads.by for o in others)
    return any(root in o.by and (o.kind in reads.by or o.kind == root) for o in others)


def cost(all_reads: Sequence[Reads], root: Kind, kinds: Some[Kind], roots: int) -> Counter[str]:
    """How many requests of each endpoint class a fetch of `roots` objects takes at least (one page a batch)."""
    price = Counter[str]()
    for reads in plan_of(all_reads, root, kinds):
        price[reads.budget] += -(-roots // reads.at_once(root if root in reads.by else next(iter(reads.by))))
    return price


def one_by_one(all_reads: Sequence[Reads], root: Kind, kinds: Some[Kind]) -> int:
    """How many requests each object costs by itself, however many are read together."""
    lists = plan_of(all_reads, root, kinds)
    return sum(reads.at_once(root if root in reads.by else next(iter(reads.by))) == 1 for reads in lists)


async def fetch(
    client: Client,
    all_reads: Sequence[Reads],
    tenant: Tenant,
    *,
    connection: str,
    number: int,
    read_id: str,
    started: datetime,
    root: Kind,
    externals: Sequence[str],
    kinds: Some[Kind],
    known: Mapping[tuple[Kind, str], str],
    refused: Callable[[PermissionMissingError], None] = lambda _error: None,
) -> dict[str, Read]:
    """Read the given roots, and the kinds wanted of each, in the connector's batches; one `Read` per root.

    `known` are children already linked, (kind, external id) -> root external id, so that a child endpoint can be asked
    without listing its parents again. Endpoints that need nothing from one another are asked side by side.
    A list that our rights do not reach shows nothing: `refused` is told, and the others go on; without the roots' own
    list there is no read. Raises the errors of the client.
    """
    catch = Catch(root, homes={(root, external): external for external in externals} | dict(known))
    requests: dict[Kind, Exchange] = {}
    todo = plan_of(all_reads, root, kinds)
    sought = frozenset(kind for reads in todo for kind in (reads.kind, *reads.also))
    while todo:
        ready = [r for r in todo if not waits(r, root, todo)] or todo[:1]
        todo = [r for r in todo if r not in ready]
        asked = (_ask(client, r, tenant, catch, root, externals, refused) for r in ready)
        for reads, found in zip(ready, await asyncio.gather(*asked), strict=True):
            catch.hidden |= {reads.kind} if found.refused else set()
            if found.asked is not None:
                requests.setdefault(reads.kind, found.asked)
            for part in found.parts:
                catch.take(part)
            for home, collection in found.complete:
                catch.complete[home].add(collection)
    return {
        external: Read(
            id=f"{read_id}:{external}",
            number=number,
            connection=connection,
            started=started,
            parts=tuple(catch.parts.get(external, ())),
            complete=tuple(
                sorted(
                    (one for one in catch.complete.get(external, ()) if one.kind not in catch.hidden),
                    key=lambda c: (c.kind, c.parent),
                )
            ),
            asked=requests,
            sought=sought,
        )
        for external in externals
    }


@dataclass(frozen=True, slots=True)
class _Found:
    parts: list[Part]
    complete: list[tuple[str, Collection]]
    asked: Exchange | None = None
    refused: bool = False


async def _ask(
    client: Client,
    reads: Reads,
    tenant: Tenant,
    catch: Catch,
    root: Kind,
    externals: Sequence[str],
    refused: Callable[[PermissionMissingError], None],
) -> _Found:
    """What one list endpoint shows of the wanted objects; nothing, where that is not for us to see."""
    try:
        with Errand() as heard:
            found = await _every_page(client, reads, tenant, catch, root, externals)
        return replace(found, asked=heard[-1].exchange if heard else None)
    except PermissionMissingError as error:
        if reads.kind == root and not reads.group:
            raise
        refused(error)
        return _Found([], [], refused=True)


def belonging(part: Part, root: Kind, home: str | None) -> Part:
    """A part that does not say whose it is belongs to the root that was asked for."""
    alone = part.parent is None and PARENT_OF.get(part.kind) == root
    return replace(part, parent=home) if alone and home is not None else part


async def _every_page(
    client: Client, reads: Reads, tenant: Tenant, catch: Catch, root: Kind, externals: Sequence[str]
) -> _Found:
    """One list endpoint for the wanted objects, in batches, every page."""
    by = root if root in reads.by else next(kind for kind in reads.by)
    ids = list(externals) if by == root else catch.ids(by, frozenset(externals))
    if reads.only is not None:
        ids = [external for external in ids if catch.shows(by, external, *reads.only)]
    if reads.through is not None:
        ids = catch.through(by, ids, reads.through)
    parts: list[Part] = []
    complete: list[tuple[str, Collection]] = []
    for start in range(0, len(ids), reads.at_once(by)):
        chunk = ids[start : start + reads.at_once(by)]
        found: list[Part] = []
        try:
            async for items in client.list(reads, by=by, ids=chunk):
                found += parse(reads, items, tenant)
        except AbsentError:
            if reads.batch > 1:
                raise
            continue  # the one object it was asked of is not there, or not for us to see
        if reads.asked:
            found = [belonging(part, root, catch.homes.get((by, chunk[0]))) for part in found]
        if by == reads.kind and (by == root or alone(reads, by)) and reads.through is None:
            shown = {part.external for part in found if part.kind == reads.kind}
            found += [
                Part(reads.kind, external, presence=Presence.ABSENT) for external in chunk if external not in shown
            ]
        if reads.collection:
            complete += [
                (home, Collection(by, external, reads.kind))
                for external in chunk
                if (home := catch.homes.get((by, external))) is not None
            ]
        parts += found
    return _Found(parts, complete)
