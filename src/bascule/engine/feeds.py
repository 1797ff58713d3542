"""What no webhook tells: polls by watermark, whole lists, and sweeps that come round to every object.

Watermarks are the vendor's clock, never ours. A poll's page is itself a read: its parts are sorted by family and
planned; an object nobody knows is wanted whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Collection as Some
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bascule.connectors.drift import compare
from bascule.connectors.spec import Reads, Tenant
from bascule.core import bulk
from bascule.errors import ResyncError
from bascule.model import PARENT_OF, ROOT_OF, Json, Kind, Part, Presence, Read, Value
from bascule.store import Tx
from bascule.store.budgets import Work
from bascule.store.lanes import Hint, Priority
from bascule.store.sweeps import roots, roots_after, unseen
from bascule.store.tasks import TaskLease

from . import drift
from .connections import Connected, Connections, tenant_from, tenant_to
from .consents import CREDENTIALS
from .http import Errand, Observation
from .incidents import AWAY
from .lists import instant, within
from .observe import belonging, parse
from .pulse import UPTIME
from .rates import Rates
from .reconcile import Reconcile
from .rhythm import FAST, PARITY, asked, compared, compared_every, pace, usual
from .runtime import Runtime
from .stage_history import STAGE_HISTORY
from .strangers import asked_by_hand

BEFORE = timedelta(days=1)  # a new connection's first polls start this much before it was made; the rest is backfill
OVERLAP = timedelta(seconds=2)  # a poll starts this much before the newest time it has seen
DISCOVER_EVERY = 3600.0
FIRST_DELAY = 0.5
TOGETHER = 100  # objects of a page that are planned at once
VANISHED = "objects vanished"  # the notice about a list that suddenly lacks very much, and what a person says of it
ASKED, AGREED = "asked", "agreed"
FOR = timedelta(hours=25)  # who agrees does so for every list: each comes round within a day
REST = timedelta(seconds=15)  # an object that could not be read and is not asked for again before stands still
BACK = timedelta(seconds=30)  # ... after what it has missed has had the time to be polled


class Feeds:
    """The handlers of the tasks "poll", "sweep" and "discover"."""

    def __init__(
        self, runtime: Runtime, connections: Connections, reconcile: Reconcile, rates: Rates, *, hold: timedelta
    ) -> None:
        """`hold` is for how long a task is leased again while its list waits for its turn."""
        self._hold_for = hold
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._rates = rates
        self.on_seen: Callable[[Connected, Reads, float], None] = lambda _at, _reads, _seconds: None
        """A list has shown a change that nothing had told of, at most so many seconds old."""
        self.on_untold: Callable[[Connected, Reads, Sequence[str]], Awaitable[None]] = _nobody
        """It has shown changes of these objects, in one page."""

    def arrange(self, tx: Tx, at: Connected, now: datetime) -> None:
        """Give a connection its polls, sweeps and comparisons (level-triggered: putting them again is harmless). What
        was due while nobody worked is due now."""
        cursors = tx.connections.cursors(at.id)
        for reads in at.connector.reads:
            if reads.every is not None:
                tx.tasks.put(
                    at.row.workspace, "poll", f"{at.id}|{reads.title}", due=now + timedelta(seconds=FIRST_DELAY)
                )
            if reads.sweep is not None:
                rests = asked(at.row.settings, reads, reads.sweep)
                first = now + (timedelta(seconds=FIRST_DELAY) if rests < FAST else rests)
                last = cursors.get(f"sweep {reads.title}")
                if last is not None:
                    first = min(first, max(last[1] + rests, now + timedelta(seconds=FIRST_DELAY)))
                tx.tasks.put(at.row.workspace, "sweep", f"{at.id}|{reads.title}", due=first)
        self._arrange_parity(tx, at, now, cursors.get(UPTIME))
        tx.tasks.put(at.row.workspace, CREDENTIALS, at.id, due=now + timedelta(seconds=FIRST_DELAY))
        tx.tasks.put(at.row.workspace, "discover", at.id, due=now + timedelta(seconds=DISCOVER_EVERY))
        if at.connector.stage_history is not None:
            tx.tasks.put(at.row.workspace, STAGE_HISTORY, at.id, due=now + timedelta(seconds=FIRST_DELAY))
        for cls, rate in at.connector.rates.items():
            tx.budgets.declare(at.id, cls, rate.requests, rate.per)

    def _arrange_parity(self, tx: Tx, at: Connected, now: datetime, alive: tuple[Value, datetime] | None) -> None:
        """Each list is compared when its interval has passed; every list, where nobody has worked for a while."""
        away = alive is not None and now - alive[1] > AWAY
        last = {one.object: one.ended for one in tx.parity.newest(at.id)}
        for reads in compared(at.connector):
            every, ended = compared_every(at.row.settings, reads), last.get(reads.title)
            due = now + every if ended is None else max(ended + every, now)
            if away or tx.parity.open(at.id, reads.title) is not None:
                due = now
            tx.tasks.put(at.row.workspace, PARITY, f"{at.id}|{reads.title}", due=max(due, now + BACK))

    def due(self, tx: Tx, at: Connected, reads: Reads, now: datetime) -> None:
        """Its interval has changed: what follows this list is due now, and from then on as set."""
        for name, every in (("poll", reads.every), ("sweep", reads.sweep)):
            if every is not None and every == usual(reads):
                tx.tasks.put(at.row.workspace, name, f"{at.id}|{reads.title}", due=now)

    async def _at(self, key: str) -> Connected | None:
        """The connection of a task, or None when it is gone."""
        return await self._connections.find(key.split("|")[0])

    # ---------------------------------------------------------------------------------------------------------- poll

    async def poll(self, task: TaskLease) -> float | None:
        """One list endpoint: what changed since the watermark, or the whole of a small list."""
        at = await self._at(task.key)
        if at is None:
            return None
        title = task.key.split("|", 1)[1]
        reads = self._reads(at, title)
        if reads is None or reads.every is None:
            return None
        every = pace(at, reads, 0, reads.every, await self._part(at, reads))
        if not self._connections.working(at, self._runtime.now()):
            return every
        async with self._paying(at, reads.budget, task) as (paying, wait):
            if paying is None:
                return wait
            await self._follow(paying, reads, task)
        return every

    async def _part(self, at: Connected, reads: Reads) -> float:
        """Which part of the rate lists may use now."""

        def query(tx: Tx) -> float:
            budgets = [one for one in tx.budgets.list(at.id) if one.cls == reads.budget]
            return budgets[0].for_polls(self._runtime.now()) if budgets else 1.0

        return await self._connections.store.read(query)

    async def _follow(self, at: Connected, reads: Reads, task: TaskLease) -> None:
        """Read a list from its watermark on, and move the watermark."""
        name = f"poll {reads.title}"
        mark, last = (await self._connections.store.read(lambda tx: tx.connections.cursors(at.id))).get(
            name, (None, None)
        )
        new = not at.row.crawled
        if new and mark is None and left_to_backfill(reads):
            return
        newest = Newest(reads, mark if isinstance(mark, str) else "", first=at.row.created - BEFORE if new else None)
        number, started = await self._connections.number()
        try:
            with Errand() as asked:
                async for items in at.client.list(reads, **newest.asked, on_token=newest.told):
                    await self.absorb(
                        at, reads, items, number, started, asked=asked, last=last,
                        priority=Priority.BACKFILL if new and not newest.began else Priority.LIVE,
                    )  # fmt: skip
                    newest.saw(items)
        except ResyncError:
            if not newest.began:
                raise
            newest.forget()  # read whole the next time, which is now

        def move(tx: Tx) -> None:
            tx.tasks.hold(task)
            tx.connections.set_cursor(at.id, name, newest.mark, now=self._runtime.now())

        await self._connections.store.write(move)
        if newest.began and not newest.mark:
            await self._follow(at, reads, task)

    def read_whole(self, tx: Tx, at: Connected, reads: Reads, token: str) -> None:
        """The first reading has come to the end of this list: polls go on from there."""
        name = f"poll {reads.title}"
        if tx.connections.cursor(at.id, name) is None:
            tx.connections.set_cursor(at.id, name, token, now=self._runtime.now())

    @asynccontextmanager
    async def _paying(self, at: Connected, cls: str, task: TaskLease) -> AsyncGenerator[tuple[Connected | None, float]]:
        """The connection with a purse for requests of this class, or none and in how many seconds there may be one. The
        task's lease is kept while they wait for their turn."""
        purse, wait = await self._rates.ask(at.id, at.classes, Work.SWEEP, cls)
        if purse is None:
            yield None, wait
            return
        purse.hold = lambda: self._hold(task)
        try:
            yield at.paid_from(purse), 0.0
        finally:
            self._rates.close(purse)

    async def _hold(self, task: TaskLease) -> None:
        until = self._runtime.now() + self._hold_for
        await self._connections.store.write(lambda tx: tx.tasks.renew(task, until=until))

    def _reads(self, at: Connected, title: str) -> Reads | None:
        return next((r for r in at.connector.reads if r.title == title), None)

    async def absorb(
        self, at: Connected, reads: Reads, items: Sequence[Json], number: int, started: datetime,
        *, live: bool = True, priority: Priority = Priority.LIVE, asked: Sequence[Observation] = (),
        last: datetime | None = None,
    ) -> set[str]:  # fmt: skip
        """Plan one page of a list, some families at a time: all that hangs on a family is loaded to plan it, and pages
        of several lists are planned at once. `asked`: the requests behind it, the last of them showed the page.
        `last`: when this list was read before, so that a change is known to be no older. What it showed."""
        shown = set[str]()
        for start in range(0, len(items), TOGETHER):
            some = items[start : start + TOGETHER]
            shown |= await self._absorb(
                at, reads, some, number, started, live=live, priority=priority, asked=asked, last=last
            )
        return shown

    async def _absorb(
        self, at: Connected, reads: Reads, items: Sequence[Json], number: int, started: datetime,
        *, live: bool, priority: Priority, asked: Sequence[Observation], last: datetime | None,
    ) -> set[str]:  # fmt: skip
        """Plan these objects, sorted by family; what belongs to nobody we know is wanted whole."""
        parts: list[Part] = []
        others: defaultdict[Kind, list[Part]] = defaultdict(list)  # what it shows of other families, by their root
        for part in parse(reads, items, at.tenant):
            root = ROOT_OF.get(part.kind, part.kind)
            (parts if root == reads.root else others[root]).append(part)
        for root, theirs in others.items():
            await self._beside(at, reads, root, theirs, number, started, live=live, priority=priority)
        run = self._runtime.id()
        shown_by = {reads.kind: asked[-1].exchange} if asked else {}

        def sort(tx: Tx) -> tuple[dict[str, Read], set[str], dict[str, Read]]:
            homes, unknown = self.homes(tx, at, reads, parts)
            unknown -= (laid := self._laid_to_rest(tx, at, reads.root, unknown, parts))
            alone = self._alone(tx, at, reads, parts, homes) - unknown if live else set[str]()
            by_root: defaultdict[str, list[Part]] = defaultdict(list)
            for part in parts:
                home = homes.get((part.kind, part.external))
                if home is not None and home not in alone:
                    by_root[home].append(belonging(part, reads.root, home) if part.via is not None else part)
            shown = {
                external: Read(f"{run}:{external}", number, at.id, started, tuple(mine), asked=shown_by)
                for external, mine in by_root.items()
                if external not in unknown | laid or (reads.root == reads.kind and reads.by)
            }
            ahead = self._reconcile.unfollowed(tx, at, shown) - laid if reads.follow else set[str]()
            return self._reconcile.newsworthy(tx, at, shown), unknown | alone, {one: shown[one] for one in ahead}

        todo, unknown, ahead = await self._connections.store.read(sort)
        kinds = frozenset(reads.follow)
        if todo:
            settled = await self._reconcile.reads(at, reads.root, todo, live=live)
            unknown |= settled.failed.keys()  # read by itself, what cannot be planned is told to somebody
            await self._note_seen(at, reads, settled.changed, last)
            if _gathered(at, reads) and live:
                await self._whole(at, reads, settled.changed, Priority.LIVE, frozenset({reads.kind}))
            if not live and reads.kind == reads.root:
                met = (unknown & todo.keys()) - settled.failed.keys()
                unknown -= met  # what hangs on them is in lists of its own, which are read next
                await self._whole(at, reads, met, priority, unlisted(at, reads.root) | kinds)
        if not live and not at.row.crawled and reads.kind != reads.root:
            kinds -= followed(at, reads.root)
        await self._whole(at, reads, ahead, priority, kinds, ahead.values())
        if unknown:
            if last is not None:
                await self.on_untold(at, reads, sorted(unknown))
            now = self._runtime.now()
            hints = [Hint(at.id, reads.root, external, priority=priority) for external in unknown]
            await self._connections.store.write(lambda tx: tx.reads.wanted(hints, now=now))
        return {part.external for part in parts if part.kind == reads.kind}

    def _alone(
        self, tx: Tx, at: Connected, reads: Reads, parts: Iterable[Part], homes: Mapping[tuple[Kind, str], str]
    ) -> set[str]:
        """Whose application this list shows for the first time and alone. They are read whole: an application without
        the files it brought would be judged by the CV of an earlier one. Who cannot be read by themselves at the moment
        is taken as the list shows them."""
        keys = {(p.kind, p.external) for p in parts if p.kind is Kind.APPLICATION and p.presence is Presence.HERE}
        met = tx.families.resolve(at.id, keys)
        alone = {homes[key] for key in keys - met.keys() if key in homes}
        resting = tx.reads.resting(at.id, [(reads.root, home) for home in alone], soon=self._runtime.now() + REST)
        return alone - {external for _, external in resting}

    def _laid_to_rest(self, tx: Tx, at: Connected, root: Kind, unknown: Some[str], parts: Iterable[Part]) -> set[str]:
        """Those of the unknown who were erased here: lists go on to show who is only anonymised there, and what hangs
        on them. They are read again only where they are shown as somebody still, long enough after, and nobody is asked
        yet to see to it."""
        names = {f"{at.id}|{root}|{external}": external for external in unknown}
        buried = tx.erasure.buried(at.row.workspace, names)
        if not buried:
            return set()
        since = self._runtime.now() - at.connector.settle - at.connector.late
        old = buried - tx.erasure.buried(at.row.workspace, buried, since=since)
        here = {part.external for part in parts if part.kind == root and part.presence is Presence.HERE}
        still = {names[name] for name in old if names[name] in here and not asked_by_hand(tx, at, names[name])}
        return {names[name] for name in buried} - still

    async def _beside(
        self, at: Connected, reads: Reads, root: Kind, parts: Sequence[Part], number: int, started: datetime,
        *, live: bool, priority: Priority,
    ) -> None:  # fmt: skip
        """What a page shows of other families than its own: of those that are known it is taken, the others are wanted
        where they can be read, else this is all that is known of them."""
        readable = any(root == one.root and root in one.by for one in at.connector.reads)
        run = self._runtime.id()

        def sort(tx: Tx) -> tuple[dict[str, Read], set[str]]:
            homes, unknown = self.homes(tx, at, replace(reads, root=root), parts)
            by_root: defaultdict[str, list[Part]] = defaultdict(list)
            for part in parts:
                home = homes.get((part.kind, part.external))
                if home is not None and not (readable and home in unknown):
                    by_root[home].append(part)
            shown = {
                external: Read(f"{run}:{external}", number, at.id, started, tuple(mine))
                for external, mine in by_root.items()
            }
            unknown -= self._laid_to_rest(tx, at, root, unknown, parts)
            return self._reconcile.newsworthy(tx, at, shown), unknown if readable else set()

        todo, unknown = await self._connections.store.read(sort)
        if todo:
            settled = await self._reconcile.reads(at, root, todo, live=live)
            unknown |= settled.failed.keys() if readable else set()
        if unknown:
            now = self._runtime.now()
            hints = [Hint(at.id, root, external, priority=priority) for external in unknown]
            await self._connections.store.write(lambda tx: tx.reads.wanted(hints, now=now))

    async def _note_seen(self, at: Connected, reads: Reads, changed: Some[str], last: datetime | None) -> None:
        if last is not None and changed:
            await self.on_untold(at, reads, sorted(changed))
            for _ in changed:
                self.on_seen(at, reads, (self._runtime.now() - last).total_seconds())

    async def _whole(
        self, at: Connected, reads: Reads, roots: Some[str], priority: Priority, kinds: frozenset[Kind],
        behind: Some[Read] = (),
    ) -> None:  # fmt: skip
        """Read these again by id, of these kinds: what shows them stands in lists that no poll reads. `behind`: what
        has moved, and is followed by this."""
        hints = [Hint(at.id, reads.root, external, kinds, priority) for external in sorted(roots) if kinds]

        def unit(tx: Tx) -> None:
            tx.reads.wanted(hints, now=self._runtime.now())
            self._reconcile.follow(tx, at, behind)

        if hints:
            await self._connections.store.write(unit)

    def homes(
        self, tx: Tx, at: Connected, reads: Reads, parts: Iterable[Part]
    ) -> tuple[Mapping[tuple[Kind, str], str], set[str]]:
        """(part -> its root's external id, roots nobody knows). A child that names only itself is found by its link."""
        homes: dict[tuple[Kind, str], str] = {}
        asked: dict[tuple[Kind, str], list[tuple[Kind, str]]] = defaultdict(list)
        for part in parts:
            key = (part.kind, part.external)
            if part.kind == reads.root:
                homes[key] = part.external
            elif part.parent is not None and PARENT_OF[part.kind] == reads.root:
                homes[key] = part.parent
            elif part.parent is not None:
                asked[PARENT_OF[part.kind], part.parent].append(key)
            elif part.via is not None:
                asked[part.via].append(key)
            else:
                asked[key].append(key)
        found = tx.families.resolve(at.id, asked)
        families = tx.families.families({one.family for one in found.values()})
        for via, keys in asked.items():
            if via in found and found[via].family in families:
                family = families[found[via].family]
                link = family.links.get(found[via].link or "") or family.link_of(family.root.id, at.id)
                home = family.home_of(link) if link is not None else None
                if home is not None:
                    homes.update(dict.fromkeys(keys, home))
        known = {external for _, external in tx.families.resolve(at.id, {(reads.root, e) for e in homes.values()})}
        return homes, {external for external in homes.values() if external not in known}

    # --------------------------------------------------------------------------------------------------------- sweep

    async def sweep(self, task: TaskLease) -> float | None:
        """Walk a whole list: take what changed, and look closely at whatever it lacks that we hold as there."""
        at = await self._at(task.key)
        reads = self._reads(at, task.key.split("|", 1)[1]) if at is not None else None
        if at is None or reads is None or reads.sweep is None:
            return None
        total = await self._connections.store.read(lambda tx: roots(tx, at.id, reads.kind))
        seconds = pace(at, reads, total, reads.sweep, await self._part(at, reads))
        if not at.row.crawled or not self._connections.working(at, self._runtime.now()):
            return seconds
        async with self._paying(at, reads.budget, task) as (paying, wait):
            if paying is None:
                return wait
            await self._walk(paying, reads, task, total)
        return seconds

    async def _walk(self, at: Connected, reads: Reads, task: TaskLease, total: int) -> None:
        name = f"sweep {reads.title}"

        def known(tx: Tx) -> tuple[set[str], set[str], datetime | None]:
            held = set(roots_after(tx, at.id, reads.kind, "", total + 1))
            last = tx.connections.cursors(at.id).get(name, (None, None))[1]
            return held, unseen(tx, at.id, reads.kind), last

        before, lost, last = await self._connections.store.read(known)
        number, started = await self._connections.number()
        shown: set[str] = set()
        following = ""
        while True:
            with Errand() as asked:
                page = await at.client.page(reads, at=following)
            shown |= await self.absorb(at, reads, page.items, number, started, asked=asked, last=last)
            following = page.next
            if not following:
                break
            await self._hold(task)
        if reads.kind == reads.root and _gathered(at, reads):
            await self._whole(at, reads, shown, Priority.SWEEP, frozenset({reads.kind}))
        if reads.kind == reads.root and reads.follow:
            await self._whole(at, reads, shown, Priority.SWEEP, frozenset(reads.follow))
        missing = before - shown
        vanished = len(missing - lost)

        def done(tx: Tx) -> None:
            if self.vanished(tx, at, reads, vanished, total, started):
                return
            tx.connections.set_cursor(at.id, name, "", now=started)
            if missing:
                self._look_closely(tx, at, reads, missing)

        await self._connections.store.write(done)

    def vanished(self, tx: Tx, at: Connected, reads: Reads, vanished: int, total: int, started: datetime) -> bool:
        """Whether a list lacks so much at once that a person has to look first: then the connection is paused now."""
        answer, when = tx.connections.cursors(at.id).get(VANISHED, ("", started))
        if vanished <= bulk.limit(total) or (answer == AGREED and started <= when + FOR):
            return False
        self._pause(tx, at, reads, vanished, total)
        return True

    def _pause(self, tx: Tx, at: Connected, reads: Reads, vanished: int, total: int) -> None:
        """A list that lacks so much at once tells of a lost right or another account, hardly of deletions: nothing is
        concluded, and nothing goes on before a person has looked. Who resumes the connection agrees to it."""
        what = f"{reads.title}: {vanished} of {total} are no longer listed"
        name, label = at.row.name, at.connector.label
        tx.connections.set(replace(tx.connections.get(at.id), paused=what))
        tx.connections.set_cursor(at.id, VANISHED, ASKED, now=self._runtime.now())
        tx.notices.put(
            at.row.workspace, VANISHED, at.id, now=self._runtime.now(), connection=at.id,
            text=f"{name} is paused. {what}. Has the user of the credentials lost a right, or is it another account? "
            f"See in {label}; if they are really gone: bascule connections resume {name}",
        )  # fmt: skip
        tx.after_commit(self._connections.changed)

    def _look_closely(self, tx: Tx, at: Connected, reads: Reads, missing: set[str]) -> None:
        """Objects a whole list lacks: their families are read by id, and only that can conclude anything."""
        found = tx.families.resolve(at.id, [(reads.kind, external) for external in missing])
        families = tx.families.families({one.family for one in found.values()})
        hints: set[Hint] = set()
        for one in found.values():
            family = families.get(one.family)
            link = family.links.get(one.link or "") if family is not None else None
            home = family.home_of(link) if family is not None and link is not None else None
            if home is not None:
                hints.add(Hint(at.id, reads.root, home, frozenset({reads.kind}), Priority.SWEEP))
        tx.reads.wanted(hints, now=self._runtime.now())

    # ------------------------------------------------------------------------------------------------------ discover

    async def discover(self, task: TaskLease) -> float | None:
        """Read the account's own configuration again: custom fields, users, what the credentials may do."""
        at = await self._at(task.key)
        if at is None:
            return None
        if at.row.paused:
            return DISCOVER_EVERY
        async with self._paying(at, at.connector.default_class, task) as (paying, wait):
            if paying is None:
                return wait
            await self.learn(paying)
        return DISCOVER_EVERY

    async def learn(self, at: Connected) -> None:
        """Ask the account how it is configured now, and keep that."""
        tenant = await at.client.run(at.connector.discover())
        await self.keep(at, tenant)

    async def keep(self, at: Connected, tenant: Tenant, *, ours: bool = False) -> None:
        """Store what is particular to this account; the mapping is compiled from it anew. Of what has drifted the owner
        is told in the same commit, unless it is our own doing."""

        now = self._runtime.now()

        def unit(tx: Tx) -> None:
            row = tx.connections.get(at.id)
            drifts = compare(tenant_from(row.tenant), tenant)
            tx.connections.set(replace(row, tenant=tenant_to(replace(tenant, learned=now))))
            drift.tell(tx, at, drifts, tenant, now, ours=ours)

        await self._connections.store.write(unit)
        await self._connections.refresh()


def unlisted(at: Connected, root: Kind) -> frozenset[Kind]:
    """Kinds of a family of which a part is shown by no list that is read from end to end."""
    return frozenset(one.kind for one in at.connector.reads if one.root == root and one.by and not one.walked)


def followed(at: Connected, root: Kind) -> frozenset[Kind]:
    """Kinds that a first reading reads by id for everybody whom the list of the roots shows."""
    lists = [one for one in at.connector.reads if one.root == root == one.kind and one.walked and one.by]
    return frozenset(kind for one in lists for kind in one.follow) | unlisted(at, root)


def left_to_backfill(reads: Reads) -> bool:
    """Whether a new connection's first poll of a list could only read the whole of it, as its first reading does."""
    return reads.walked and bool(reads.by) and not reads.since and not reads.newest_first


async def _nobody(_at: Connected, _reads: Reads, _changed: Sequence[str]) -> None:
    return


def _gathered(at: Connected, reads: Reads) -> bool:
    """Whether some of what shows this kind is asked by id only."""
    return any(
        (other.group or other.through) and other.kind == reads.kind and other.root == reads.root
        for other in at.connector.reads
    )


class Newest:
    """How far a list has been followed: the time of its newest item, or the token that its last page showed. `first`:
    from when on it is asked for before anything is known."""

    def __init__(self, reads: Reads, mark: str, first: datetime | None = None) -> None:
        self._reads = reads
        self._first = first
        self.began = self.mark = mark

    @property
    def asked(self) -> Mapping[str, Any]:
        """What a poll asks for changes with: a time, a little earlier than the mark, or a token."""
        if self._reads.token is not None:
            return {"token": self.began}
        at = instant(self.began)
        since = at - OVERLAP if at is not None else self._first
        return {"since": since if self._reads.since or self._reads.newest_first else None}

    def saw(self, items: Sequence[Json]) -> None:
        if self._reads.token is None:
            marks = [str(mark) for one in items if (mark := within(one, self._reads.watermark))]
            self.mark = max([self.mark, *marks], key=lambda mark: instant(mark) or EVER)

    def told(self, token: str) -> None:
        self.mark = token

    def forget(self) -> None:
        self.mark = ""


EVER = datetime.min.replace(tzinfo=UTC)
