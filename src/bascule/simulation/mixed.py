"""A run with the vendors' sandboxes and the real connectors, several systems in one Bascule.

Everything that is Bascule's is as in the other runs: lives, crashes, processes, commits, network. The systems are the
sandboxes in this process, under the run's clock, with their own faults; the connectors are those that customers use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bascule.app import App
from bascule.engine.wire import AsgiTransport
from bascule.errors import BasculeError
from bascule.model import EMPTY, Actor, ActorKind, Family, Mode
from bascule.office.accounts import NewConnection
from bascule.sandbox.kit.desk import Applicant
from bascule.sandbox.kit.hooks import Reply
from bascule.sandbox.kit.tables import CAREERS
from bascule.sandbox.kit.worker import work
from bascule.store import Tx
from bascule.store.people import User

from .faults import Fault, dice
from .ledger import READ_LANES, WRITE_LANES
from .life import Crashed
from .sandboxes import KINDS, Account
from .scenario import TROUBLE_ENDS
from .world import OWNER, World

RITA = Actor(ActorKind.PERSON, "rita", "Rita Recruiter")
SECRET = "a-hook-secret-of-forty-characters-0000000"
SETTING_UP = 10_000.0  # seconds before a run begins to count
QUIET = 420.0  # seconds from the last trouble: what may land late has landed (300), and was found
POLLED = 25.0  # seconds between two readings of a list, at least, while people act
SELDOM = 60.0  # and when they have gone home
RESTS = 1000.0  # seconds until what rests after errors (900) has been tried again
LULL = 130.0  # seconds in which nothing may be written any more: all that tells of people is polled in them, twice
CV = b"Backend Developer\n\nExperience\nBackend Developer, Northwind, January 2020 - present\nPython services.\n"

KIT: Mapping[str, Mapping[str, Any]] = {
    "hooks lost": {"kind": "drop", "chance": 0.5},
    "hooks late": {"kind": "late", "chance": 0.5, "seconds": 15.0, "spread": 14.0},
    "hooks twice": {"kind": "repeat", "chance": 0.4, "copies": 2, "seconds": 7.0},
    "hooks shuffled": {"kind": "reorder", "chance": 0.4, "seconds": 30.0},
    "hooks old": {"kind": "old_body", "chance": 0.4},
    "stale": {"kind": "stale", "chance": 0.4, "seconds": 1.5},
    "skewed": {"kind": "clock", "seconds": 25.0},
    "hidden": {"kind": "hide"},
    "tokens gone": {"kind": "expire_tokens"},
    "locked out": {"kind": "rotate"},
}
"""Faults that a sandbox has itself, as they are ordered; the others are the network's."""
DEEDS = {"expire_tokens", "rotate"}  # done to credentials, where there is such a thing


@dataclass
class Mixed(World):
    """Everything of one run. `compared` is what the product's own comparison of all lists said at the end."""

    explains: bool = True
    accounts: dict[str, Account] = field(default_factory=dict[str, Account])
    compared: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=lambda: EMPTY)
    marks: dict[str, int] = field(default_factory=dict[str, int])  # how long each system's log was when all was quiet
    known: set[str] = field(default_factory=set[str])  # connections that there are

    def furnish(self) -> None:
        self.clock.count(-SETTING_UP)
        for number, name in enumerate(self.scenario.systems):
            kind, host = KINDS[name], f"127.0.0.1:{8101 + number}"
            drawn = dice("tenant", self.scenario.seed, name)
            tenant = kind.make(drawn.randrange(10_000), now=self.clock, deliver=self._posts(name))
            account = Account(
                name, kind, tenant, kind.desk(tenant), kind.who(tenant), host, AsgiTransport({host: kind.app(tenant)}),
                broke=lambda what: self.wrong("a sandbox broke", what),
            )  # fmt: skip
            self.accounts[name] = account
            self.network.systems[host] = account
            self._keep.append(asyncio.get_running_loop().create_task(work(tenant)))

    # ------------------------------------------------------------------------------------------------------ webhooks

    def _posts(self, name: str) -> Callable[[str, Mapping[str, str], bytes], Awaitable[Reply | int | None]]:
        """The way of a system's webhooks to whatever life there is."""
        drawn = dice("hooks", self.scenario.seed, name)

        async def post(url: str, headers: Mapping[str, str], body: bytes) -> Reply | int | None:
            if name not in self.known:
                return 200  # entered before there was a connection
            await asyncio.sleep(drawn.uniform(0.05, 1.0))
            app, path = self.app, url.partition("/hooks/")[2].split("/")
            if app is None:
                return None
            try:
                status = int(await app.ingest.deliver(path[0], headers, body, *path[1:]))
            except (Crashed, asyncio.CancelledError, BasculeError):
                return None
            self.log("hook", name, body.decode()[:120], status)
            return status

        return post

    # -------------------------------------------------------------------------------------------------------- people

    def person(self, system: str, whose: str, jobs: tuple[str, ...] = (), first: str = "First", job: int = 0) -> str:
        """Somebody fills in the form of a careers page."""
        account = self.accounts[system]
        given = Applicant(
            f"{first}{whose}", f"Last{whose}", f"{whose}@people.example", "", [("cv.txt", "text/plain", CV)]
        )
        open_jobs = account.jobs()
        id = account.desk.apply(CAREERS, open_jobs[job % len(open_jobs)].id, given)
        account.whose[id] = whose
        if whose not in self.people:
            self.people.append(whose)
        return id

    def everybody(self, family: Family) -> list[str]:
        found = (self.accounts[system].whose.get(id) for system, id in self.objects(family))
        return sorted({whose for whose in found if whose is not None})

    # -------------------------------------------------------------------------------------------------------- set-up

    async def connect(self) -> None:
        """As a customer connects each: credentials, hooks, the first reading, our fields, then live."""
        app = await self.begin(self.processes[0])
        for account in self.accounts.values():
            rights = app.grants.least(account.kind.system)
            account.settings, entered = account.kind.key(account.tenant, account.who, rights)
            account.secrets = {**entered, "webhook_secret": SECRET}
            await account.kind.hook(account, f"http://127.0.0.1:8400/hooks/{account.name}")
            await app.accounts.connect(
                NewConnection(
                    account.name, account.kind.system, account.base_url,
                    settings={**account.settings, "erasure": "keep"},
                    secrets=account.secrets, granted=rights,
                ),
                OWNER,
            )  # fmt: skip
            self.known.add(account.name)
        await self._work(app)
        await self._until(lambda: all(at.row.crawled for at in app.connections.all()), "never read whole")
        for name, account in self.accounts.items():
            await app.accounts.create_fields(name, OWNER)
            await self._grant(app, account)
            await app.accounts.set_mode(name, Mode.LIVE, OWNER, waive="a run of the simulation")
            await self._unhurried(app, name, POLLED)
        identities = {app.connections.named(one.name).id: one.kind.acts(one.who) for one in self.accounts.values()}
        user = User(
            RITA.id, app.workspace, "rita@people.example", RITA.name, "recruiter", app.runtime.now(), identities
        )
        await app.store.write(lambda tx: tx.people.set_user(user))
        await app.connections.refresh()
        for process in self.processes[1:]:
            await self._work(await self.begin(process))
        self.clock.count()
        self.connected = True
        self.log("live")
        for fault in self.scenario.faults:
            if fault.kind in KIT:
                self._keep.append(asyncio.create_task(self._period(fault)))

    async def _grant(self, app: App, account: Account) -> None:
        """What rights it needs besides is told once it is known how the account is made: the owner has them given."""
        rights = app.grants.of(app.connections.named(account.name))
        if rights.missing:
            account.grant(rights.missing)
            await app.grants.enter(account.name, rights.needed, OWNER)

    async def _unhurried(self, app: App, name: str, seconds: float) -> None:
        """The owner has lists that are asked for every few seconds asked for less often: that is what a run takes."""
        for one in await app.rhythms.told(name):
            if 0 < (one["usual"] or 0) < seconds:
                await app.rhythms.choose(name, one["list"], seconds, None, OWNER)

    async def _until(self, done: Callable[[], bool], otherwise: str, within: float = 900.0) -> None:
        end = self.clock.seconds + within
        while not done():
            if self.clock.seconds > end:
                self.wrong(otherwise)
                return
            await asyncio.sleep(0.5)

    async def _period(self, fault: Fault) -> None:
        account = self.accounts[fault.at]
        drawn = dice("period", self.scenario.seed, fault)
        await self.until(fault.start)
        if KIT[fault.kind]["kind"] in DEEDS - account.tenant.faults.deeds.keys():
            self.log("nothing of the kind", fault.kind, fault.at)
            return
        self.log("BEGIN", fault.kind, fault.at)
        spec = {**KIT[fault.kind], "seed": drawn.randrange(10_000)}
        if spec["kind"] not in DEEDS:
            spec["until"] = fault.seconds
        if spec["kind"] == "stale" and account.kind.posts:
            spec["method"] = "GET|POST"
        account.tenant.faults.add(spec)
        await self.until(fault.start + fault.seconds)
        self.log("END", fault.kind, fault.at)
        if fault.kind == "locked out":
            await self.enter(account.name, account.new_secret())

    # ------------------------------------------------------------------------------------------------------- the end

    async def settle(self) -> None:
        """Wait until nothing should be open any more; look at everything, as happens once a day, for what nothing tells
        of sooner; let what hooks lost be found by a comparison; then see that nothing is written any more, and compare
        again."""
        await self.until(TROUBLE_ENDS + self.scenario.linger + POLLED)
        app = await self.working()
        for name in self.accounts:
            await self._unhurried(app, name, SELDOM)
        await self.until(TROUBLE_ENDS + QUIET + self.scenario.linger)
        app = self.app
        if app is None:
            return
        await self._rested(app)
        await self._look(app)
        await self._rested(app)
        await self._compare(app)
        self.log("compared")
        await asyncio.sleep(60.0)
        self.marks = {name: len(account.tenant.db.log) for name, account in self.accounts.items()}
        await asyncio.sleep(LULL)
        self.compared = await self._compare(app)

    async def _rested(self, app: App) -> None:
        end = self.clock.seconds + RESTS
        while app.store.query(self._waits) and self.clock.seconds < end:
            await asyncio.sleep(5.0)

    async def _look(self, app: App) -> None:
        """The owner has the account learned anew (as happens every hour), and then every list read, whole."""
        self.log("looks")
        for name in self.accounts:
            await app.accounts.create_fields(name, OWNER)
            await app.runs.pull(name, OWNER)
        end = self.clock.seconds + RESTS
        while self.clock.seconds < end:
            await asyncio.sleep(5.0)
            if not any([(await app.runs.left(name)).reads for name in self.accounts]):
                return

    @staticmethod
    def _waits(tx: Tx) -> bool:
        """Whether anything is to be read or written still, be it that it rests after errors."""
        return bool(tx.rows(READ_LANES)) or any(state == "ready" for *_, state in tx.rows(WRITE_LANES))

    async def _compare(self, app: App) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        began = {name: await app.parities.begin(name, OWNER) for name in self.accounts}
        end = self.clock.seconds + 1800.0
        while True:
            told = {name: await app.parities.told(name) for name in self.accounts}
            if all(one["ended"] and one["ended"] >= began[name] for name in told for one in told[name]):
                return told
            if self.clock.seconds > end:
                self.wrong("a comparison that does not end")
                return told
            await asyncio.sleep(5.0)
