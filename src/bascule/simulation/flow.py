"""A run in which rules are in force: what follows from an application, by mail, forms, links and calendars.

The engine, lives, processes and systems are those of the other runs. Days pass: between what people do the date goes
ahead by hours at once, for everybody, while no request is on its way. What people do with what reaches them is in
`hiring_people.py`; what must hold is in `followed.py`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bascule.app import App
from bascule.core.events import FIRED
from bascule.engine.wire import AsgiTransport, WireRequest, WireResponse
from bascule.hiring.links import Purpose
from bascule.hiring.mail import Security, Server
from bascule.hiring.triggers import AUTOMATIC
from bascule.model import Actor, ActorKind, StageType
from bascule.office.subscriptions import NewSubscription
from bascule.sandbox import calendars
from bascule.store import Store, Tx
from bascule.store.people import User

from .connector import LATE
from .faults import Fault, dice
from .life import Life
from .network import Network, Simulated
from .objections import objection
from .relay import Counter, Relay, Taken
from .rules import AUTOMATIC_ONES, DANA, RITA_MAIL, ROBIN, rules
from .scenario import CALENDARS, CHAT, HARD, TROUBLE_ENDS
from .vendor import Vendor
from .world import OWNER, QUIET, World

RITA = Actor(ActorKind.PERSON, "rita", "Rita Recruiter")
RUTH = Actor(ActorKind.PERSON, "ruth", "Ruth Recruiter")
CHAT_HOST, CALENDAR_HOST = "chat.tenant.example", "127.0.0.1:7002"
SERVER = Server("127.0.0.1", 25, Security.NONE, "jobs@tenant.example", "Tenant", answers="answers@tenant.example")
EVENINGS, EVENING = 5, 26.0  # how often, and by how many hours, the date goes ahead when people have gone home
LULL = 4.0  # seconds after each
POLLED, WEEK = 120.0, 7 * 86400.0  # seconds between two readings of a list, and two comparisons
FOR_EVER = 1e6
_SECRET = re.compile(rf"(/(?:{'|'.join(Purpose)}|quiet)/)[A-Za-z0-9_-]+")


@dataclass
class Watched(Network):
    """The network, which knows what is on its way: while the date goes ahead nothing is."""

    under_way: int = 0
    closed: asyncio.Event | None = None  # set when it is open again

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        while self.closed is not None:
            await self.closed.wait()
        return await super().send(request, timeout)

    async def _carry(self, system: Any, request: Any, timeout: float, answer: Any) -> None:
        self.under_way += 1
        try:
            await super()._carry(system, request, timeout, answer)
        finally:
            self.under_way -= 1

    async def _land(self, system: Any, request: Any, seconds: float) -> None:
        self.under_way += 1
        try:
            await super()._land(system, request, seconds)
        finally:
            self.under_way -= 1

    def _spoilt(self, request: Any, response: WireResponse, strikes: Any) -> WireResponse:
        plain = request.url.split("/")[2] not in (CHAT_HOST, CALENDAR_HOST)
        return super()._spoilt(request, response, strikes) if plain else response


@dataclass
class Chat:
    """A channel that takes webhooks: what arrived, by the event's own id."""

    name: str = CHAT
    late: float = 8.0
    told: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list[tuple[str, Mapping[str, Any]]])

    async def answer(self, request: WireRequest, who: str, lag: float) -> WireResponse:
        self.told.append((request.headers["webhook-id"], json.loads(request.body or b"{}")))
        return WireResponse(200, {}, b"ok")


@dataclass
class Shared:
    """The colleagues' calendars, a sandbox in this process."""

    server: calendars.Server
    transport: AsgiTransport
    name: str = CALENDARS
    late: float = 8.0

    async def answer(self, request: WireRequest, who: str, lag: float) -> WireResponse:
        return await self.transport.send(replace(request, check=lambda: None), FOR_EVER)


@dataclass(frozen=True)
class Answer:
    """What a person said to something that was held. `sure`: they were told that it is done."""

    at: float
    review: str
    what: str  # was held: its kind
    answer: str
    sure: bool


@dataclass
class Flow(World):
    """Everything of one run."""

    answers: list[Answer] = field(default_factory=list[Answer])
    by_hand: set[str] = field(default_factory=set[str])  # messages that a person has sent
    written: int = 0  # times at which somebody may have sent one, and got no answer
    quiet: dict[str, datetime] = field(default_factory=dict[str, datetime])  # addresses that want no more, since when
    handled: set[str] = field(default_factory=set[str])  # letters that somebody has acted on

    def furnish(self) -> None:
        self.network = Watched(
            self.trouble, dice("network", self.scenario.seed), lambda: self.clock.seconds, self.log, self.receive
        )
        for name in self.scenario.systems:
            vendor = Vendor(name, HARD[name], lambda: self.clock.seconds + self.clock.leapt, self.network.tell)
            self.vendors[name] = vendor
            self.network.systems[name] = Simulated(vendor, LATE.total_seconds())
        self.relay = Relay(
            self.trouble, dice("relay", self.scenario.seed), lambda: self.clock.seconds, self.clock, self.log,
            self._looks, self.wrong,
        )  # fmt: skip
        self.chat = Chat()
        server = calendars.Server(calendars.Options(), asyncio.sleep, self.clock)
        self.calendars = Shared(server, AsgiTransport({CALENDAR_HOST: calendars.create_app(server)}))
        self.network.systems |= {CHAT_HOST: self.chat, CALENDAR_HOST: self.calendars}
        self.witness: Store = self.database.door(Life(lambda _: False, lambda _: None, lambda: 0.0), alone=False)

    def log(self, *what: object) -> None:
        """The diary, without the secrets of links: they are drawn from the machine's own randomness."""
        super().log(_SECRET.sub(r"\1...", " ".join(map(str, what))))

    def equip(self, app: App, life: Life) -> None:
        app.messages.post = Counter(self.relay, life)

    def _looks(self, letter: Taken) -> str:
        return self.witness.query(lambda tx: objection(self, tx, letter))

    # -------------------------------------------------------------------------------------------------------- set-up

    async def connect(self) -> None:
        await super().connect()
        app = self.app
        assert app is not None
        there = {app.connections.named(name).id: "user-1" for name in self.scenario.systems}
        now = app.runtime.now()
        users = [
            User(who.id, app.workspace, mail, who.name, role, now, there)
            for who, mail, role in (
                (RITA, RITA_MAIL, "recruiter"), (RUTH, "ruth@tenant.example", "recruiter"),
                (OWNER, "olga@tenant.example", "admin"),
            )
        ]  # fmt: skip

        def unit(tx: Tx) -> None:
            for user in users:
                tx.people.set_user(user)
            for connection in there:
                tx.connections.set(replace(tx.connections.get(connection), owner=RITA.id))

        await app.store.write(unit)
        await app.connections.refresh()
        for name in self.scenario.systems:
            await app.mappings.confirm(name, self._types(name), OWNER)
        await app.message_desk.set_server(SERVER, OWNER)
        self.relay.taken.clear()
        await self._calendars(app)
        await app.subscriptions.add(NewSubscription(f"https://{CHAT_HOST}/hooks", (FIRED,), format="standard"), OWNER)
        await self._unhurried(app)
        begin, end, days = dice("hours", self.scenario.seed).choice(((8, 19, range(5)), (6, 22, range(7))))
        await app.message_desk.set_hours(begin, end, days, "Europe/Berlin", "en", OWNER)
        drawn = dice("rules", self.scenario.seed)
        self.rules = rules(drawn)
        await app.trigger_desk.save(self.rules, OWNER)
        if drawn.random() < 0.35:
            by_itself = {f"{one}|{name}": "earned" for one in AUTOMATIC_ONES for name in self.scenario.systems}
            await app.store.write(lambda tx: tx.workspaces.set_setting(app.workspace, AUTOMATIC, by_itself))
            self.automatic = frozenset(AUTOMATIC_ONES)
        self.ruled = app.runtime.now()
        self._keep.append(asyncio.create_task(self._days()))
        self.log("ruled", drawn.random())

    automatic: frozenset[str] = frozenset()

    def _types(self, name: str) -> dict[str, StageType]:
        """What each stage of a system is, as its owner says."""
        there = {stage for ladder in self.vendors[name].ladders.values() for stage in ladder.values()}
        return {stage: StageType(stage) for stage in sorted(there)}

    async def _calendars(self, app: App) -> None:
        options = self.calendars.server.options
        given = {"system": "caldav", "on": True, "base_url": f"http://{CALENDAR_HOST}/dav", "account": options.user}
        await app.calendar_desk.choose(given, OWNER, secret=options.password)
        for email, name, zone in ((DANA, "Dana Whitfield", "Europe/Berlin"), (ROBIN, "Robin Falk", "UTC")):
            await app.calendar_desk.set_interviewer(email, OWNER, name=name, zone=zone, calendar=f"{email}/")

    async def _unhurried(self, app: App) -> None:
        """The owner has lists asked for, and compared, less often: webhooks and hours that pass are what a run has."""
        for name in self.scenario.systems:
            for one in await app.rhythms.told(name):
                parity = WEEK if one["parity"] else None
                await app.rhythms.choose(name, one["list"], POLLED, None, OWNER, parity=parity)

    async def _period(self, fault: Fault) -> None:
        if fault.at in self.vendors:
            await super()._period(fault)

    # ---------------------------------------------------------------------------------------------------------- time

    async def _days(self) -> None:
        for at, hours in self.scenario.leaps:
            await self.until(at)
            await self.leap(hours)

    async def leap(self, hours: float) -> None:
        """Hours pass at once. No request is on its way meanwhile: what a system promises of its seconds is kept."""
        assert isinstance(self.network, Watched)
        self.network.closed = closed = asyncio.Event()
        while self.network.under_way:
            await asyncio.sleep(0.05)
        self.clock.leap(hours * 3600.0)
        self.log("HOURS PASS", f"{hours:g}")
        self.network.closed = None
        closed.set()
        for process in self.processes:
            if process.app is not None and process.working:
                process.app.worker.wake()

    async def settle(self) -> None:
        """Wait until nothing is on its way; let days pass, in which what waits for a time or is tried again comes; and
        wait again."""
        await self.until(TROUBLE_ENDS + QUIET + self.scenario.linger)
        for _ in range(EVENINGS):
            await self.leap(EVENING)
            await asyncio.sleep(LULL)
        await asyncio.sleep(12.0)
