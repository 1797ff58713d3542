"""Parity: a list as the system shows it now, compared page by page with what is held of it; what nothing explains is
read again by the usual way, and what stays then becomes a task.

One run goes through one list in turns, each a page, a part of what we hold, or some of the differences; where it stands
is in the database, so that a list of any length needs no memory and a restart loses nothing. It is paid for with what
is left for the least urgent, and mends nothing by itself: a difference is an object that is wanted, and is read and
planned like any other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bascule.connectors.spec import Reads
from bascule.core import bulk, parity
from bascule.core.digest import digest
from bascule.core.draft import Draft
from bascule.core.parity import DECIDED, MOVING, UNEXPLAINED, WHOLE, Cause
from bascule.errors import AbsentError, MalformedError, PermissionMissingError, RejectedError, RemoteError
from bascule.model import (
    PARENT_OF,
    ROOT_OF,
    Family,
    Kind,
    Link,
    LinkState,
    Part,
    Presence,
    Read,
    ReviewKind,
    ReviewState,
)
from bascule.store import Tx
from bascule.store.budgets import Work
from bascule.store.lanes import Hint, Priority
from bascule.store.parity import KEPT_OF_A_CAUSE, Found, Run
from bascule.store.sweeps import roots
from bascule.store.tasks import TaskLease

from .connections import Connected, Connections
from .feeds import Feeds
from .observe import parse
from .rates import Rates
from .reconcile import Reconcile
from .rhythm import PARITY, SLACK, compared, compared_every, pace
from .runtime import Runtime

CHUNK = 100  # objects that are compared in one reading of the database
PART = 1000  # objects held here that are gone through in one turn
AGAIN = 200  # differences that are looked at again in one go
ROUND = 2000  # ... and in one turn
PATIENT = timedelta(minutes=10)  # a change that nothing told of may take so long to be polled, at most
HEALING = timedelta(hours=1)  # what was not read again within this is left
LOOK = 5.0  # seconds between two looks at what is being read again


def summary(run: Run) -> dict[str, int]:
    """The differences of a run, counted: on their way, decided, unexplained."""
    counts = {Cause(name): n for name, n in run.counts.items()}
    groups = (("moving", MOVING), ("decided", DECIDED), ("unexplained", UNEXPLAINED))
    return {name: sum(n for cause, n in counts.items() if cause in causes) for name, causes in groups}


@dataclass
class _Looked:
    """What one part of a list has shown."""

    found: list[Found] = field(default_factory=list[Found])
    theirs: int = 0
    ours: int = 0
    their_digest: int = 0
    our_digest: int = 0
    met: set[str] = field(default_factory=set[str])

    def add(self, other: _Looked) -> None:
        self.found += other.found
        self.theirs += other.theirs
        self.ours += other.ours
        self.their_digest += other.their_digest
        self.our_digest += other.our_digest
        self.met |= other.met


class Parity:
    """The handler of the task "parity": one run after another through one list of a connection."""

    def __init__(
        self, runtime: Runtime, connections: Connections, reconcile: Reconcile, feeds: Feeds, rates: Rates
    ) -> None:
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._feeds = feeds
        self._rates = rates

    # ------------------------------------------------------------------------------------------------------- the task

    async def run(self, task: TaskLease) -> float | None:
        """The next turn of the run that goes on, else a new run; in how many seconds again."""
        id, _, title = task.key.partition("|")
        at = await self._connections.find(id)
        reads = next((one for one in compared(at.connector) if one.title == title), None) if at is not None else None
        if at is None or reads is None:
            return None
        every = compared_every(at.row.settings, reads).total_seconds()
        if not at.row.crawled or not self._connections.working(at, self._runtime.now()):
            return min(every, 60.0)
        run = await self._connections.store.read(lambda tx: tx.parity.open(at.id, title))
        if run is None:
            run = await self._begin(at, reads, task)
        match run.state:
            case "reading":
                return await self._page(at, reads, run, task, every)
            case "holding":
                return await self._holding(at, reads, run, task, every)
            case "waiting":
                return await self._waited(at, reads, run, task)
            case _:
                return await self._healing(at, reads, run, task, every)

    async def _begin(self, at: Connected, reads: Reads, task: TaskLease) -> Run:
        def unit(tx: Tx) -> Run:
            tx.tasks.hold(task)
            run = Run(tx.number(), at.row.workspace, at.id, reads.title, reads.kind, self._runtime.now())
            tx.parity.begin(run)
            return run

        return await self._connections.store.write(unit)

    async def _keep(self, task: TaskLease, run: Run, found: Sequence[Found] = (), met: Iterable[str] = ()) -> Run:
        """What a turn has found, and where the run stands."""
        counts = Counter(dict(run.counts))
        kept: list[Found] = []
        for one in found:
            counts[one.cause] += 1
            if one.state == "open" or counts[one.cause] <= KEPT_OF_A_CAUSE:
                kept.append(one)
        run = replace(run, counts=dict(counts))

        def unit(tx: Tx) -> None:
            tx.tasks.hold(task)
            tx.parity.met(run, met)
            tx.parity.add(run, kept)
            tx.parity.set(run)

        await self._connections.store.write(unit)
        return run

    # -------------------------------------------------------------------------------------------- what the list shows

    async def _page(self, at: Connected, reads: Reads, run: Run, task: TaskLease, every: float) -> float:
        """One page of the list, compared."""
        purse, wait = await self._rates.ask(at.id, at.classes, Work.BACKFILL, reads.budget)
        if purse is None:
            return wait
        try:
            number, started = await self._connections.number()
            page = await at.paid_from(purse).client.page(reads, at=run.place)
        except PermissionMissingError as error:
            return await self._refused(at, reads, run, task, every, error)
        except (RejectedError, AbsentError, MalformedError) as error:
            if not run.place:
                raise
            return await self._end(at, reads, replace(run, error=f"the list broke off: {error}"), task, every)
        finally:
            self._rates.close(purse)
        if page.next and page.next == run.place:
            return await self._end(at, reads, replace(run, error="the list leads in a circle"), task, every)
        parts = [
            part for part in parse(reads, page.items, at.tenant) if ROOT_OF.get(part.kind, part.kind) == reads.root
        ]
        looked = _Looked()
        for start in range(0, len(parts), CHUNK):
            some = parts[start : start + CHUNK]
            looked.add(
                await self._connections.store.read(lambda tx, p=some: self._look(tx, at, reads, p, number, started))
            )
        run = replace(_added(run, looked), pages=run.pages + 1, place=page.next, number=number)
        if page.next:
            await self._keep(task, run, looked.found, looked.met)
            return 0.0
        whole = reads.sweep is not None  # what stays away from it is missed
        run = replace(run, state="holding" if whole else "waiting", place="", until=self._runtime.now())
        run = await self._keep(task, run, looked.found, looked.met)
        return 0.0 if whole else await self._compared(at, reads, run, task, every)

    async def _refused(
        self, at: Connected, reads: Reads, run: Run, task: TaskLease, every: float, error: RemoteError
    ) -> float:
        """A list that our rights do not reach: all that we hold of it may differ, and the owner is told as always."""

        def unit(tx: Tx) -> int:
            self._connections.note_error(tx, at, error, self._runtime.now())
            return roots(tx, at.id, reads.kind)

        held = await self._connections.store.write(unit)
        run = replace(run, error=f"{Cause.PERMISSION}: {error}", counts={Cause.PERMISSION: max(1, held)})
        return await self._end(at, reads, run, task, every)

    def _look(
        self, tx: Tx, at: Connected, reads: Reads, parts: Sequence[Part], number: int, asked: datetime
    ) -> _Looked:
        """Some objects of a page."""
        key = _key(tx, at)
        known = tx.families.resolve(at.id, [(part.kind, part.external) for part in parts])
        families = tx.families.families({one.family for one in known.values()})
        strangers = [p for p in parts if (p.kind, p.external) not in known and p.presence is Presence.HERE]
        homes, _ = self._feeds.homes(tx, at, reads, strangers) if strangers else ({}, set[str]())
        links: dict[tuple[Kind, str], Link] = {}
        for place, one in known.items():
            family = families.get(one.family)
            link = family.links.get(one.link or "") if family is not None else None
            if link is not None:
                links[place] = link
        lanes = {
            place: (families[known[place].family].kind, families[known[place].family].home_of(link) or "")
            for place, link in links.items()
        } | {place: (reads.root, home) for place, home in homes.items()}
        open_lanes = tx.reads.open(at.id, lanes.values())
        buried = self._buried(tx, at, reads, strangers, homes)
        nobody = self._anonymised(tx, at, reads, homes.values())
        drafts = self._drafts(tx, at, families, [p for p in parts if (p.kind, p.external) in links])
        looked = _Looked()
        for part in parts:
            place = (part.kind, part.external)
            link, moving = links.get(place), lanes.get(place) in open_lanes
            if link is not None:
                draft = drafts[known[place].family]
                self._known(looked, draft, link, part, key, asked, number, moving=moving)
            elif place in homes:
                why = Cause.ERASED if place in buried else Cause.GONE if homes[place] in nobody else None
                why = why or (Cause.ON_ITS_WAY if moving else Cause.LOST)
                self._stranger(looked, at, part, homes[place], key, number, why)
            if part.kind == reads.kind:
                looked.met.add(part.external)
        return looked

    @staticmethod
    def _known(
        looked: _Looked, draft: Draft, link: Link, part: Part, key: str, asked: datetime, number: int, *, moving: bool
    ) -> None:
        """An object that we know, as the list shows it and as we hold it."""
        values = parity.shown(draft.maps(link.connection, link.kind), part)
        looked.theirs += 1
        looked.their_digest += parity.object_digest(key, part, values)
        if link.open:
            looked.ours += 1
            looked.our_digest += parity.object_digest(key, part, parity.held(link, values))
        for one in parity.compare(draft, link, part, key, asked, moving=moving):
            looked.found.append(
                Found(
                    part.kind, part.external, one.field, draft.before.id, link.record, one.cause, _state(one.cause),
                    one.seen, number,
                )
            )  # fmt: skip

    @staticmethod
    def _stranger(looked: _Looked, at: Connected, part: Part, home: str, key: str, number: int, cause: Cause) -> None:
        """An object that nobody here knows."""
        looked.theirs += 1
        looked.their_digest += parity.object_digest(key, part, parity.shown(at.view.fields.get(part.kind, ()), part))
        looked.found.append(Found(part.kind, part.external, "", "", "", cause, _state(cause), home, number))

    @staticmethod
    def _buried(
        tx: Tx, at: Connected, reads: Reads, parts: Sequence[Part], homes: Mapping[tuple[Kind, str], str]
    ) -> set[tuple[Kind, str]]:
        """Those of these objects that are, or belong to, somebody who was erased."""
        names = {f"{at.id}|{reads.root}|{home}" for home in homes.values()}
        names |= {f"{at.id}|{part.kind}|{part.external}" for part in parts}
        found = tx.erasure.buried(at.row.workspace, names) if names else set()
        return {
            (part.kind, part.external)
            for part in parts
            if f"{at.id}|{part.kind}|{part.external}" in found
            or f"{at.id}|{reads.root}|{homes.get((part.kind, part.external))}" in found
        }

    @staticmethod
    def _anonymised(tx: Tx, at: Connected, reads: Reads, homes: Iterable[str]) -> set[str]:
        """Those of these roots who are kept here and anonymised there: nothing new of theirs is taken."""
        known = tx.families.resolve(at.id, {(reads.root, home) for home in homes})
        families = tx.families.families({one.family for one in known.values()})
        links = {link.id: link for family in families.values() for link in family.links.values()}
        ended = {id for id, link in links.items() if link.state is LinkState.ANONYMISED}
        return {home for (_, home), one in known.items() if one.link in ended}

    def _drafts(
        self, tx: Tx, at: Connected, families: Mapping[str, Family], parts: Sequence[Part] = ()
    ) -> dict[str, Draft]:
        """The families, ready to render what we would write."""
        about = [(family, at.id, ()) for family in families.values()]
        refs = self._reconcile.refs(tx, [*about, (None, at.id, parts)] if parts else about)
        context = self._reconcile.context(tx, at.row.workspace, refs)
        return {id: Draft(family, context) for id, family in families.items()}

    # --------------------------------------------------------------------------------------------------- what we hold

    async def _holding(self, at: Connected, reads: Reads, run: Run, task: TaskLease, every: float) -> float:
        """Some of what we hold as there: what the list has not shown."""

        def read(tx: Tx) -> tuple[list[Found], int, str, int]:
            some = tx.parity.held(run, run.place, PART)
            missing = {one.external for one in some if not one.met}
            key = _key(tx, at)
            added = sum(int(digest(key, run.kind, external, "not shown"), 16) for external in missing)
            last = some[-1].external if len(some) == PART else ""
            return self._missing(tx, at, reads, run, missing), len(missing), last, added

        found, missing, place, added = await self._connections.store.read(read)
        total = (int(run.our_digest, 16) + added) % WHOLE
        run = replace(run, place=place, ours=run.ours + missing, our_digest=f"{total:x}")
        run = await self._keep(task, run, found)
        return 0.0 if place else await self._compared(at, reads, run, task, every)

    def _missing(self, tx: Tx, at: Connected, reads: Reads, run: Run, missing: set[str]) -> list[Found]:
        known = tx.families.resolve(at.id, [(run.kind, external) for external in missing])
        families = tx.families.families({one.family for one in known.values()})
        homes: dict[str, str] = {}
        for (_, external), one in known.items():
            family = families.get(one.family)
            link = family.links.get(one.link or "") if family is not None else None
            homes[external] = family.home_of(link) or "" if family is not None and link is not None else ""
        moving = tx.reads.open(at.id, [(reads.root, home) for home in homes.values() if home])
        found: list[Found] = []
        for (kind, external), one in sorted(known.items()):
            family = families.get(one.family)
            link = family.links.get(one.link or "") if family is not None else None
            if family is None or link is None:
                continue
            cause = _away(family, link, run, moving=(reads.root, homes[external]) in moving)
            found.append(Found(kind, external, "", family.id, link.record, cause, _state(cause), "", run.number))
        return found

    async def _compared(self, at: Connected, reads: Reads, run: Run, task: TaskLease, every: float) -> float:
        """Everything is compared. What may still arrive by itself is given the time for it."""
        if not summary(run)["unexplained"]:
            return await self._end(at, reads, run, task, every)
        away = run.counts.get(Cause.NOT_LISTED, 0)
        if away and await self._connections.store.write(
            lambda tx: self._feeds.vanished(tx, at, reads, away, run.ours, run.began)
        ):
            why = f"{away} of {run.ours} are no longer listed: a person has to look first"
            return await self._end(at, reads, replace(run, error=why), task, every)
        wait = self._patience(at, reads)
        await self._keep(task, replace(run, state="waiting", place="", until=self._runtime.now() + wait))
        return wait.total_seconds()

    @staticmethod
    def _patience(at: Connected, reads: Reads) -> timedelta:
        """Within this a change is here without parity: told by a webhook, or found by a poll."""
        polled = timedelta(seconds=pace(at, reads, 0, reads.every)) if reads.every is not None else timedelta(0)
        return min(PATIENT, max(at.connector.settle, polled + SLACK))

    # -------------------------------------------------------------------------------------------------------- healing

    async def _waited(self, at: Connected, reads: Reads, run: Run, task: TaskLease) -> float:
        """What has not arrived by itself is read again: the objects are wanted, the rest follows as always."""
        now = self._runtime.now()
        if run.until is not None and now < run.until:
            return (run.until - now).total_seconds()
        some = await self._connections.store.read(lambda tx: tx.parity.in_state(run, "open", None, AGAIN))
        if not some:
            await self._keep(task, replace(run, state="healing", until=now + HEALING))
            return LOOK
        left = await self._connections.store.read(lambda tx: self._judged(tx, at, some))
        passed = [replace(one, state="passed", cause=Cause.ON_ITS_WAY) for one in some if left[one] is None]
        rest = [replace(one, state="reading") for one in some if left[one] is not None]
        await self._doubt(at, [one for one in rest if one.cause == Cause.HERE])
        counts = Counter(dict(run.counts))
        counts.subtract(one.cause for one in some if left[one] is None)
        counts[Cause.ON_ITS_WAY] += len(passed)
        run = replace(run, passed=run.passed + len(passed), counts=dict(+counts))

        def unit(tx: Tx) -> None:
            tx.tasks.hold(task)
            tx.reads.wanted(self._hints(tx, at, reads, rest), now=self._runtime.now())
            tx.parity.move(run, [*passed, *rest])
            tx.parity.set(run)

        await self._connections.store.write(unit)
        return 0.0

    async def _doubt(self, at: Connected, found: Sequence[Found]) -> None:
        """What was altered here: the family is settled on it, so that what is read next is taken for the newer."""
        by_family: defaultdict[str, list[Found]] = defaultdict(list)
        for one in found:
            by_family[one.family].append(one)
        for id, some in by_family.items():

            def step(family: Family, context: parity.Context, some: Sequence[Found] = some) -> parity.Plan:
                links = [(family.link_at(at.id, one.kind, one.external), one.field) for one in some]
                names = [(link.id, name) for link, name in links if link is not None]
                return parity.doubt(family, at.id, names, context)

            await self._reconcile.replan(id, step)

    def _hints(self, tx: Tx, at: Connected, reads: Reads, found: Sequence[Found]) -> list[Hint]:
        """The objects to read for these differences: whole where nobody knows them yet."""
        homes = self._places(tx, at, reads, found)
        hints: set[Hint] = set()
        for one in found:
            kinds = frozenset({one.kind}) if one.family else frozenset[Kind]()
            if home := homes.get((one.kind, one.external)):
                hints.add(Hint(at.id, reads.root, home, kinds, Priority.SWEEP))
        return sorted(hints, key=lambda hint: (hint.external, len(hint.kinds)))

    def _places(self, tx: Tx, at: Connected, reads: Reads, found: Sequence[Found]) -> dict[tuple[Kind, str], str]:
        """By which root's id each of these is read."""
        places = {(one.kind, one.external): one for one in found}
        known = tx.families.resolve(at.id, places)
        families = tx.families.families({one.family for one in known.values()})
        homes: dict[tuple[Kind, str], str] = {}
        for place, one in places.items():
            there = known.get(place)
            family = families.get(there.family) if there is not None else None
            link = family.links.get(there.link or "") if family is not None and there is not None else None
            home = family.home_of(link) if family is not None and link is not None else None
            if home is not None:
                homes[place] = home
            elif not one.family:
                homes[place] = one.seen or (one.external if one.kind == reads.root else "")
        return homes

    def _judged(self, tx: Tx, at: Connected, found: Sequence[Found]) -> dict[Found, Cause | None]:
        """What is left of each: None where it has arrived, or is known and settled."""
        known = tx.families.resolve(at.id, {(one.kind, one.external) for one in found})
        families = tx.families.families({one.family for one in known.values()})
        drafts = self._drafts(tx, at, families)
        key = _key(tx, at)
        left: dict[Found, Cause | None] = {}
        for one in found:
            there = known.get((one.kind, one.external))
            family = families.get(there.family) if there is not None else None
            link = family.links.get(there.link or "") if family is not None and there is not None else None
            if not one.family:
                left[one] = Cause.LOST if there is None else None
            elif family is None or link is None or not link.open:
                left[one] = None
            elif one.cause == Cause.NOT_LISTED:
                left[one] = None if link.state is LinkState.UNSEEN else Cause.NOT_LISTED
            else:
                left[one] = parity.judge(drafts[family.id], link, one.field, one.seen, one.number, key)
        return left

    async def _healing(self, at: Connected, reads: Reads, run: Run, task: TaskLease, every: float) -> float:
        """Look at what is being read again, until all of it has been."""
        over = run.until is not None and self._runtime.now() >= run.until
        after: Found | None = None
        waiting = 0
        for _ in range(ROUND // AGAIN):
            some = await self._connections.store.read(
                lambda tx, r=run, a=after: tx.parity.in_state(r, "reading", a, AGAIN)
            )
            if not some:
                break
            after = some[-1]
            moved = await self._read_again(at, reads, some, over=over)
            waiting += len(some) - len(moved)
            run = self._tally(run, moved)
            standing = run

            def unit(tx: Tx, moved: Sequence[Found] = moved, standing: Run = standing) -> None:
                tx.tasks.hold(task)
                tx.parity.move(standing, moved)
                tx.parity.set(standing)

            await self._connections.store.write(unit)
        if waiting or (after is not None and await self._any(run)):
            return LOOK
        return await self._end(at, reads, run, task, every)

    async def _any(self, run: Run) -> bool:
        return bool(await self._connections.store.read(lambda tx: tx.parity.in_state(run, "reading", None, 1)))

    @staticmethod
    def _tally(run: Run, moved: Sequence[Found]) -> Run:
        counts = Counter(dict(run.counts))
        passed = [one for one in moved if one.state == "passed"]
        counts[Cause.NOT_LISTED] -= len(passed)
        counts[Cause.ON_ITS_WAY] += len(passed)
        return replace(
            run,
            counts=dict(+counts),
            passed=run.passed + len(passed),
            healed=run.healed + sum(one.state == "healed" for one in moved),
            left=run.left + sum(one.state == "left" for one in moved),
        )

    async def _read_again(self, at: Connected, reads: Reads, some: Sequence[Found], *, over: bool) -> list[Found]:
        """Those of these that have been read again, with what came of it."""

        def read(tx: Tx) -> tuple[dict[Found, Cause | None], set[tuple[Kind, str]], dict[tuple[Kind, str], str]]:
            homes = self._places(tx, at, reads, some)
            lanes = tx.reads.open(at.id, [(reads.root, home) for home in homes.values() if home])
            return self._judged(tx, at, some), lanes, homes

        left, lanes, homes = await self._connections.store.read(read)
        moved: list[Found] = []
        for one in some:
            cause, home = left[one], homes.get((one.kind, one.external), "")
            if cause is None:
                moved.append(replace(one, state="healed"))
            elif not over and (reads.root, home) in lanes:
                continue
            elif cause is Cause.NOT_LISTED:
                moved.append(await self._still_away(at, reads, one, home))
            else:
                moved.append(replace(one, state="left"))
        return moved

    async def _still_away(self, at: Connected, reads: Reads, one: Found, home: str) -> Found:
        """It was read by id, or with its parent, and is held as there: so the list has passed over it. Where no read
        shows such children whole, or none can show this one, the list is the evidence there is: not shown, and so
        unseen, as by any read; what is adrift nothing else will ask about."""
        adrift = await self._connections.store.read(lambda tx: self._adrift(tx, at, one))
        if one.kind == reads.root or (reads.collection and adrift is None):
            return replace(one, state="passed", cause=Cause.ON_ITS_WAY)
        part, known_by = Part(one.kind, one.external, presence=Presence.ABSENT), adrift or home
        for _ in range(1 if adrift is None else 2):
            number, started = await self._connections.number()
            read = Read(f"{self._runtime.id()}:{known_by}", number, at.id, started, (part,))
            settled = await self._reconcile.reads(at, reads.root, {known_by: read})
            for error in settled.failed.values():
                raise error
        left = await self._connections.store.read(lambda tx: self._judged(tx, at, [one]))
        return replace(one, state="healed" if left[one] is None else "left")

    @staticmethod
    def _adrift(tx: Tx, at: Connected, one: Found) -> str | None:
        """Of what hangs there on an object that is not its family's, or not any more, the id by which its family was
        known there: it was merged into somebody whom a person here says is another. A read of that one tells nothing of
        it once that one is gone."""
        there = tx.families.resolve(at.id, [(one.kind, one.external)]).get((one.kind, one.external))
        if there is None or there.link is None:
            return None
        family = tx.families.family(there.family)
        up = _hangs_on(family, family.links[there.link])
        known = [
            link.external for link in family.links.values() if (link.connection, link.kind) == (at.id, family.kind)
        ]
        return min(known, default=None) if up is None or not up.open else None

    # ----------------------------------------------------------------------------------------------------- its result

    async def _end(self, at: Connected, reads: Reads, run: Run, task: TaskLease, every: float) -> float:
        """The result is kept; what is left is told to the owner once, until a run finds nothing of it."""
        now = self._runtime.now()
        run = replace(run, ended=now, state="failed" if run.error else "done", place="", until=None)
        about = f"{at.id}|{reads.title}"
        lost = run.counts.get(Cause.LOST, 0)

        def unit(tx: Tx) -> list[str]:
            nonlocal run
            tx.tasks.hold(task)
            objects = tx.parity.objects(run, Cause.LOST) if lost else []
            if len(objects) > bulk.limit(max(run.theirs, run.ours)):
                tx.parity.recause(run, Cause.LOST, Cause.BULK)
                run = replace(run, counts={(Cause.BULK if c == Cause.LOST else c): n for c, n in run.counts.items()})
            tx.parity.end(run)
            if run.left:
                told = _told(at, reads, run)
                tx.notices.put(at.row.workspace, PARITY, about, told, now=now, connection=at.id)
            elif not run.error:
                tx.notices.close(at.row.workspace, PARITY, about, now=now)
            return _whose(tx, at, reads, objects)

        if untold := await self._connections.store.write(unit):
            await self._feeds.on_untold(at, reads, untold)
        return every


def _whose(tx: Tx, at: Connected, reads: Reads, objects: Sequence[tuple[Kind, str]]) -> list[str]:
    """The root objects there that these hang on, each once."""
    known = tx.families.resolve(at.id, objects)
    families = tx.families.families({one.family for one in known.values()})
    found = {external for kind, external in objects if kind == reads.root}
    for one in known.values():
        link = families[one.family].links.get(one.link or "")
        found.add((families[one.family].home_of(link) if link is not None else None) or "")
    return sorted(found - {""})


def _told(at: Connected, reads: Reads, run: Run) -> str:
    name, what = at.row.name, reads.title.replace("_", " ")
    one = run.left == 1
    return (
        f"{name}: {run.left} difference{'' if one else 's'} in {what} stay{'s' if one else ''} after "
        f"{'it was' if one else 'they were'} read again. See: bascule parity {name} --object {reads.title} --last"
    )


def _key(tx: Tx, at: Connected) -> str:
    """What this workspace's digests are keyed with."""
    return tx.vault.digest(at.row.workspace, None, PARITY.encode())


def _state(cause: Cause) -> str:
    return "open" if cause in UNEXPLAINED else "told"


def _added(run: Run, looked: _Looked) -> Run:
    theirs = (int(run.their_digest, 16) + looked.their_digest) % WHOLE
    ours = (int(run.our_digest, 16) + looked.our_digest) % WHOLE
    return replace(
        run, theirs=run.theirs + looked.theirs, ours=run.ours + looked.ours, their_digest=f"{theirs:x}",
        our_digest=f"{ours:x}",
    )  # fmt: skip


def _hangs_on(family: Family, link: Link) -> Link | None:
    """The object of its family that a read has shown it to hang on there."""
    above = PARENT_OF.get(link.kind)
    return family.link_at(link.connection, above, link.parent) if above is not None and link.parent else None


def _away(family: Family, link: Link, run: Run, *, moving: bool) -> Cause:
    """Why a list may lack what we hold as there."""
    asked = {
        r.about for r in family.reviews.values() if r.kind is ReviewKind.VISIBILITY and r.state is ReviewState.OPEN
    }
    if link.state is LinkState.UNSEEN:
        return Cause.REVIEW if link.id in asked else Cause.GONE
    up = _hangs_on(family, link)
    if up is not None and up.id in asked:
        return Cause.REVIEW  # what hangs on somebody is hidden with them
    fresh = link.read_at is not None and link.read_at >= run.began
    calls = any(a.link == link.id for a in family.attempts.values())
    unread = link.read_at is None  # made by a call of ours, and not read since
    return Cause.ON_ITS_WAY if moving or fresh or calls or unread or link.missing else Cause.NOT_LISTED
