"""One run: systems, a network, the real App on the real store in memory, people, crashes; and what came of it."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path
from typing import Any

from bascule.app import App
from bascule.connectors.registry import load
from bascule.connectors.spec import Connector
from bascule.core.plan import plan
from bascule.engine.connections import Connected
from bascule.errors import BasculeError
from bascule.model import Actor, ActorKind, Family, Kind, Mode, Part, Read
from bascule.office.accounts import NewConnection
from bascule.settings import Settings
from bascule.store import Tx
from bascule.store.codec import moment
from bascule.store.sql import Sql

from . import loop
from .connector import LATE, connector
from .databases import Database, Memory
from .faults import CRASH, PAUSE, PERIODS, RACE, Fault, Trouble, dice
from .life import FAMILIES, Crashed, Life, runtime
from .network import Network, Simulated
from .scenario import HARD, LEASE, TROUBLE_ENDS, Scenario
from .scorer import Indexer, Scorer
from .vendor import APPLICATION, JOBS, PERSON, SOMEBODY, STAGES, Thing, Vendor

OWNER = Actor(ActorKind.PERSON, "owner", "Olga Owner")
REQUEST_TIMEOUT = 8.0
FOR_EVER = float("inf")
QUIET = LATE.total_seconds() + 55.0  # seconds from the last trouble until everything must be settled
RESTS = 1000.0  # seconds until what rests after errors (900) has been tried again
RESTING = Sql("""
    SELECT MAX(due) FROM (
        SELECT due FROM read_lanes WHERE tries > 0
        UNION ALL SELECT due FROM write_lanes WHERE tries > 0 AND state = 'ready') AS resting""")
READY_BY = 60.0  # seconds until every connection has been read whole


@dataclass
class Said:
    """A person's change: at a system or here, of whom, what. `sure`: it was made, and not only tried."""

    at: float
    where: str
    whose: str
    what: str
    value: str
    sure: bool = True


@dataclass(frozen=True)
class Decided:
    """Somebody answered here what was asked about a person, or may have when the process died."""

    at: float
    whose: frozenset[str]
    kind: str
    field: str
    answer: str


@dataclass(frozen=True)
class Remapped:
    """An owner chose anew whether, and which way, a field of one system goes."""

    at: float
    system: str
    field: str
    comes: bool  # what is edited there is read
    goes: bool  # what is edited elsewhere is written there


@dataclass
class Erasure:
    """Somebody was erased here by a person: whom, and by which objects they were known here."""

    at: float
    record: str
    whose: frozenset[str]
    objects: set[tuple[str, str]]  # (system, id)
    marks: frozenset[str]  # of what was made, or may yet be, at systems


@dataclass(frozen=True)
class Apart:
    """A person told two apart: the record that is on its own again, and all whom it and the other are about."""

    since: float  # when they were joined, or earlier
    at: float
    record: str
    whose: frozenset[str]


@dataclass
class Process:
    """One that runs the engine, life after life; all share the database."""

    number: int
    app: App | None = None  # none while it is down
    life: Life | None = None

    @property
    def working(self) -> bool:
        return self.app is not None and self.life is not None and not self.life.stands_still


@dataclass
class World:
    """Everything of one run."""

    scenario: Scenario
    clock: loop.Clock
    folder: Path  # what is kept beside the database, which outlives every process too
    database: Database = field(default_factory=Memory)
    diary: list[str] = field(default_factory=list[str])
    said: list[Said] = field(default_factory=list[Said])
    bad: Counter[str] = field(default_factory=Counter[str])
    why: list[str] = field(default_factory=list[str])
    stats: Counter[str] = field(default_factory=Counter[str])
    people: list[str] = field(default_factory=list[str])
    gone: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])  # (system, whose) that somebody removed
    merged: set[str] = field(default_factory=set[str])  # whose, on either side of a merge
    twice: set[str] = field(default_factory=set[str])  # made by hand at a second system
    remapped: list[Remapped] = field(default_factory=list[Remapped])
    erasures: list[Erasure] = field(default_factory=list[Erasure])
    apart: list[Apart] = field(default_factory=list[Apart])
    decided: list[Decided] = field(default_factory=list[Decided])
    explains: bool = False  # the scorer says why
    live_at: float = 0.0
    connected: bool = False  # everything has been read, and is written to
    rested: float = 0.0  # when the last that rested after errors had been tried again; 0: nothing did
    slack: float = 0.0  # seconds by which the machine itself was late; none in virtual time

    def __post_init__(self) -> None:
        seed = self.scenario.seed
        self.trouble = Trouble(seed, self.scenario.faults, None)
        self.entropy = random.Random(f"ids {seed}")
        self.network = Network(self.trouble, dice("network", seed), lambda: self.clock.seconds, self.log, self.receive)
        self.vendors: dict[str, Vendor] = {}
        self.processes = [Process(number) for number in range(self.scenario.processes)]
        self.up = asyncio.Event()  # set while there is a process that people can ask
        self._keep: list[asyncio.Task[None]] = []
        self.crashes = 0
        self.values = 0
        self.furnish()

    def furnish(self) -> None:
        """Make the systems of the scenario."""
        for name in self.scenario.systems:
            vendor = Vendor(name, HARD[name], lambda: self.clock.seconds, self.network.tell)
            self.vendors[name] = vendor
            self.network.systems[name] = Simulated(vendor, LATE.total_seconds())

    def log(self, *what: object) -> None:
        self.diary.append(f"{self.clock.seconds:9.3f} " + " ".join(map(str, what)))

    def wrong(self, what: str, *about: object) -> None:
        self.bad[what] += 1
        self.why.append(f"{what}: " + " ".join(map(str, about)))

    def digest(self) -> str:
        return hashlib.sha256("\n".join([*self.diary, *self.why]).encode()).hexdigest()[:16]

    # -------------------------------------------------------------------------------------------------- life, death

    def quietly(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A task that ended in a crash is no news; anything else that nobody waited for is."""
        if not isinstance(context.get("exception"), Crashed):
            self.wrong("unforeseen", context.get("message"), repr(context.get("exception")))

    @property
    def app(self) -> App | None:
        """The one that people, programs and systems talk to: the first that works, else one that will go on."""
        able = sorted((one for one in self.processes if one.app is not None), key=lambda one: not one.working)
        return able[0].app if able else None

    async def begin(self, process: Process) -> App:
        """A life: the App is built anew on the database as it is."""
        life = Life(lambda where: self._strikes(process, where), lambda where: self._died(process, where), self._meets)
        alone = len(self.processes) == 1
        store = self.database.door(life, alone=alone)
        world = runtime(life, self.network, self.clock, self.entropy)
        settings = Settings(
            data=self.folder, database="sqlite://", request_timeout=REQUEST_TIMEOUT, lease=LEASE, undo_seconds=0
        )
        app = App(settings, store, world, self._connector)
        drawn = dice("scores", self.scenario.seed, self.crashes, process.number)
        app.__dict__["scoring"] = Scorer(app, drawn, explains=self.explains)
        app.__dict__["indexing"] = Indexer(app)
        app.worker.on_failure = lambda what, error: self.wrong("unforeseen", what, type(error).__name__, error)
        app.worker.on_lost = self._lost
        process.app, process.life = app, life
        self.equip(app, life)
        await app.start(work=False)
        return app

    def equip(self, app: App, life: Life) -> None:
        """Give a new life what else of the world it acts on."""

    def _lost(self, what: str) -> None:
        self.stats["leases lost"] += 1
        self.log("lease lost", what)

    def _connector(self, name: str) -> Connector:
        return connector(name, HARD[name]) if name in HARD else load(name)

    def _strikes(self, process: Process, where: str) -> bool:
        if process is self.processes[-1]:
            self._pause(process, where)
        return self.trouble.strikes(CRASH, "", self.clock.seconds) is not None

    def _pause(self, process: Process, where: str) -> None:
        """Where a pause strikes, a process stands still from here to its end, with what it has on its way: the second
        where there are two, for people ask the first. Every other pause waits for a call that is about to leave."""
        life, now = process.life, self.clock.seconds
        fault = next((f for f in self.scenario.faults if f.kind == PAUSE and f.lasts(now)), None)
        if fault is None or life is None or life.stands_still:
            return
        if dice("pause", self.scenario.seed, fault).random() < 0.5:
            if where != "before send":
                return
        elif not self.trouble.strikes(PAUSE, "", now):
            return
        self.log("PAUSE", process.number, where)
        self.stats["pauses"] += 1
        life.stand_still()
        asyncio.get_running_loop().call_later(fault.start + fault.seconds - now, self._goes_on, life)

    def _goes_on(self, life: Life) -> None:
        self.log("goes on")
        life.wake()

    def _meets(self) -> float:
        drawn = self.trouble.strikes(RACE, "", self.clock.seconds)
        return drawn.uniform(0.01, 0.5) if drawn else 0.0

    def _died(self, process: Process, where: str) -> None:
        self.crashes += 1
        self.stats["crashes"] += 1
        self.log("CRASH", process.number, where)
        process.app = None  # what is under way ends at its next call to the world
        if self.app is None:
            self.up.clear()
        wait = dice("restart", self.scenario.seed, self.crashes).uniform(0.2, 8.0)
        asyncio.get_running_loop().call_later(wait, self._again, process)

    def _again(self, process: Process) -> None:
        self._keep.append(asyncio.get_running_loop().create_task(self._restart(process)))

    async def _restart(self, process: Process) -> None:
        try:
            app = await self.begin(process)
            await self._work(app)
        except Crashed:
            return
        self.log("restarted", process.number)

    async def _work(self, app: App) -> None:
        await app.start()
        self.up.set()

    def end(self) -> None:
        """The run is over: nothing of the engine acts any more."""
        for process in self.processes:
            if process.life is not None:
                process.life.alive = False

    async def _period(self, fault: Fault) -> None:
        """A fault with a beginning and an end: the key is no longer good until somebody enters the new one, or the
        system's clock is wrong for a while."""
        vendor = self.vendors[fault.at]
        drawn = dice("period", self.scenario.seed, fault)
        await self.until(fault.start)
        self.log("BEGIN", fault.kind, fault.at)
        if fault.kind == "skewed":
            vendor.skew = drawn.uniform(-30.0, 30.0)
        elif fault.kind == "locked out":
            vendor.replace_key()
        elif fault.kind == "tokens end":
            vendor.end_tokens()
            vendor.hasty = True
        elif fault.kind == "field gone":
            vendor.lack(drawn.choice(("title", "company")))
        elif fault.kind == "field required":
            vendor.requires = "country"
        hidden = self._hide(vendor, drawn) if fault.kind == "hidden" else None
        await self.until(fault.start + fault.seconds)
        self.log("END", fault.kind, fault.at)
        vendor.lack("")
        vendor.skew, vendor.requires, vendor.hasty = 0.0, "", False
        if hidden is not None:
            hidden.hidden = False
        if fault.kind == "locked out":
            await self.enter(vendor.name, vendor.credentials)

    def _hide(self, vendor: Vendor, drawn: random.Random) -> Thing | None:
        """Somebody there cannot be seen, with all that hangs on them."""
        there = sorted(vendor.live(PERSON), key=lambda one: one.id)
        one = drawn.choice(there) if there else None
        if one is not None:
            one.hidden = True
        return one

    async def enter(self, name: str, credentials: Mapping[str, str]) -> None:
        """Somebody enters what is new there, and tries again where the system or Bascule is down."""
        while True:
            app = await self.working()
            try:
                await app.accounts.set_credentials(name, credentials, OWNER)
            except (Crashed, BasculeError):
                await asyncio.sleep(3.0)
            else:
                return

    async def working(self) -> App:
        """The App that people ask, once one is up: who is woken for one may find that it has ended meanwhile."""
        await self.up.wait()
        while (app := self.app) is None:
            await asyncio.sleep(0.1)
            await self.up.wait()
        return app

    async def receive(self, name: str, headers: Mapping[str, str], raw: bytes) -> int:
        """A webhook arrives at whatever life there is; 0 when nobody answers."""
        app = self.app
        if app is None:
            return 0
        try:
            return int(await app.ingest.deliver(name, headers, raw))
        except (Crashed, asyncio.CancelledError, BasculeError):
            return 0

    # ------------------------------------------------------------------------------------------------------ set-up

    def person(self, system: str, whose: str, jobs: tuple[str, ...] = JOBS[:1], first: str = "First") -> str:
        """Somebody applies at a system."""
        vendor = self.vendors[system]
        state = {
            "first_name": f"{first}{whose}", "last_name": f"Last{whose}", "title": self.value("title"), "company": None,
            "emails": [f"{whose}@people.example"], "tags": [self.value("Tag")], "score": None,
        }  # fmt: skip
        root = vendor.create(PERSON, None, state, SOMEBODY, whose)
        for job in jobs:
            self.application(system, root, job)
        if whose not in self.people:
            self.people.append(whose)
        return root

    def application(self, system: str, root: str, job: str) -> str:
        vendor = self.vendors[system]
        body = {"job": f"{system}-{job}", "stage": vendor.stage_id(job, STAGES[0]), "status": "open", "score": None}
        return vendor.create(APPLICATION, root, body, SOMEBODY, vendor.things[root].whose)

    def value(self, prefix: str) -> str:
        """A value nobody has used yet."""
        self.values += 1
        return f"{prefix} {self.values}"

    async def connect(self) -> None:
        """A customer connects every system; jobs of one title are one job here, as their owner would say."""
        app = await self.begin(self.processes[0])
        for rank, name in enumerate(self.scenario.systems):
            vendor = self.vendors[name]
            at = await app.accounts.connect(
                NewConnection(
                    name,
                    name,
                    settings={"erasure": "keep"},
                    secrets={**vendor.credentials, "webhook_secret": vendor.secret},
                ),
                OWNER,
            )
            await self._ranked(app, at, rank)
        await self._jobs(app)
        await self._work(app)
        for process in self.processes[1:]:
            await self._work(await self.begin(process))
        for fault in self.scenario.faults:
            if fault.kind in PERIODS:
                self._keep.append(asyncio.create_task(self._period(fault)))
        while not all(at.row.crawled for at in app.connections.all()):
            if self.clock.seconds > READY_BY:
                self.wrong("never read whole", await app.standing.status())
                return
            await asyncio.sleep(0.25)
        for name in self.scenario.systems:
            await app.accounts.set_mode(name, Mode.LIVE, OWNER)
        for one, other in permutations(self.scenario.systems, 2):
            await app.copies.begin(one, other, OWNER)
        self.connected = True
        self.log("live")

    async def settle(self) -> None:
        """Wait until nothing should be open any more: for what rests after errors too, and as much longer as the
        machine itself was late."""
        quiet = TROUBLE_ENDS + QUIET + self.scenario.linger
        await self.until(quiet)
        while (due := self._resting()) and due < quiet + RESTS:
            await self.until(due + LATE.total_seconds() + 45.0)
            self.rested = self.clock.seconds
        if self.rested:
            await asyncio.sleep(30.0)
        await asyncio.sleep(min(self.slack, QUIET))

    def _resting(self) -> float:
        """When the last of what was tried, and failed, is tried again; 0: nothing rests."""
        app = self.app
        if app is None:
            return 0.0
        (last,) = app.store.query(lambda tx: tx.row(RESTING)) or (None,)
        return (moment(last) - loop.BEGINNING).total_seconds() if last is not None else 0.0

    async def _ranked(self, app: App, at: Connected, rank: int) -> None:
        await app.store.write(lambda tx: tx.connections.set(replace(tx.connections.get(at.id), rank=rank)))
        await app.connections.refresh()

    async def _jobs(self, app: App) -> None:
        """Each job as one record with a link at every system, its stages by their names."""
        for job in JOBS:
            family = Family(app.runtime.id(), app.workspace, Kind.JOB, 0, salt="0" * 32)
            await app.store.write(lambda tx, f=family, j=job: self._job(tx, app, f, j))

    def _job(self, tx: Tx, app: App, family: Family, job: str) -> None:
        before: Family | None = None
        for name in self.scenario.systems:
            at, vendor = app.connections.named(name), self.vendors[name]
            root = f"{name}-{job}"
            parts = [Part(Kind.JOB, root, {"title": job})] + [
                Part(Kind.STAGE, id, {"name": stage, "order": order}, root)
                for order, (id, stage) in enumerate(vendor.ladders[job].items())
            ]
            read = Read(app.runtime.id(), tx.number(), at.id, app.runtime.now(), tuple(parts))
            known = before or family
            refs = app.reconcile.refs(tx, [(before, at.id, parts)])
            joins = {(at.id, Kind.JOB, root): before.root.id} if before else {}
            planned = plan(known, [read], [], app.reconcile.context(tx, app.workspace, refs), joins)
            before = app.reconcile.save(tx, before, planned)

    # -------------------------------------------------------------------------------------------------- looking

    def families(self, tx: Tx, app: App) -> list[Family]:
        """Every family there is."""
        ids = [id for (id,) in tx.rows(FAMILIES)]
        return list(tx.families.families(ids).values())

    def whose(self, family: Family) -> str:
        """Whom of the world's people a family is about; several, after a merge."""
        return "+".join(self.everybody(family))

    def everybody(self, family: Family) -> list[str]:
        things = (self.vendors[system].things.get(id) for system, id in self.objects(family))
        return sorted({thing.whose for thing in things if thing is not None and thing.kind == PERSON})

    def objects(self, family: Family) -> set[tuple[str, str]]:
        """The systems' objects that a family is linked to."""
        names = {at.id: at.row.name for at in self.app.connections.all()} if self.app else {}
        return {
            (system, link.external)
            for link in family.links.values()
            if (system := names.get(link.connection)) is not None
        }

    @property
    def erased(self) -> set[str]:
        """Whose erasure was asked for."""
        return {whose for one in self.erasures for whose in one.whose}

    def answered(self, whose: str, *fields: str, since: float = 0.0) -> bool:
        """Whether somebody answered, since then, what was asked about a person: about these fields, or anything."""
        return any(
            whose in one.whose and one.at >= since and (not fields or one.field in fields) for one in self.decided
        )

    def said_so(self, whose: str, kind: str) -> bool:
        """Whether somebody approved what was asked about a person."""
        return any(whose in one.whose and (one.kind, one.answer) == (kind, "approve") for one in self.decided)

    def carried(self, way: str, system: str, field: str, since: float, until: float = FOR_EVER) -> bool:
        """Whether the mapping took a field of a system that way ("comes", "goes") all the time between the two."""
        mine = [one for one in self.remapped if (one.system, one.field) == (system, field)]
        return all(getattr(one, way) for one in [*[m for m in mine if m.at <= since][-1:],
                                                 *[m for m in mine if since < m.at <= until]])  # fmt: skip

    async def until(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds - self.clock.seconds))
