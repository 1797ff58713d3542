"""One customer in this process: a sandbox ATS, a real App on a real database, webhooks between them, a held clock.

Nothing waits: `quiet` does everything that is due now, `pass_time` moves the clock from one due thing to the next.
People's doings in the ATS are the sandbox's own functions, called as its pages call them.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.databases import Held

from bascule.app import App
from bascule.contract.account import Account
from bascule.engine.connections import Connected
from bascule.engine.ingest import Answer
from bascule.engine.runtime import Runtime
from bascule.engine.wire import AsgiApp, AsgiTransport, WireRequest, WireResponse
from bascule.hiring.resumes import Readings
from bascule.hiring.scoring import Scoring
from bascule.match import Matcher, ResumeReader
from bascule.model import Actor, ActorKind, Family, Kind, Mode, Record, StageType
from bascule.office.accounts import NewConnection
from bascule.sandbox import greenhouse
from bascule.sandbox.greenhouse import Change
from bascule.sandbox.greenhouse.deeds import deeds
from bascule.sandbox.kit.tables import Actor as AtsActor
from bascule.sandbox.kit.tables import Row
from bascule.settings import Settings
from bascule.store import Tx, open_store
from bascule.store.people import User
from bascule.store.tasks import Task
from bascule.trust.audit import ARITHMETIC

HOST = "127.0.0.1:9"
MASTER = bytes(range(32))
DANA = AtsActor("user:Dana Whitfield", 4_012_002)  # a Site Admin
ROBIN = AtsActor("user:Robin Falk", 4_012_003)  # a recruiter on every job
OWNER = Actor(ActorKind.PERSON, "owner", "Olga Owner")
AT_ONCE = timedelta(seconds=0.9)  # what is due within this is done now: reads gather for a moment before they leave
PLENTY = greenhouse.Rate(100_000, 30.0)
JOBS: tuple[Mapping[str, Any], ...] = (
    {
        "title": "Backend Engineer",
        "department": "Engineering",
        "office": "Malmö",
        "description": "<p>You build services in Python and PostgreSQL, run them with Docker and Kubernetes, and have "
        "at least 3 years of experience as a backend developer. Django is a plus.</p>",
        "questions": ("Why do you want to work here?",),
        "stages": ("Application Review", "Phone Screen", "Onsite", "Offer"),
    },
    {
        "title": "Staff Nurse",
        "department": "Care",
        "office": "London",
        "description": "<p>You administer medication, plan nursing care and document it. Registered nurse with "
        "2 years of experience in acute care. You speak English.</p>",
        "stages": ("Application Review", "Phone Screen", "Onsite", "Offer"),
    },
)
# What their stages are, as the owner confirms them.
STAGE_TYPES = {
    "Application Review": StageType.APPLIED, "Phone Screen": StageType.SCREEN, "Onsite": StageType.INTERVIEW,
    "Offer": StageType.OFFER,
}  # fmt: skip
CV = """{name}
Backend Developer

Experience
Backend Developer, Northwind Systems, January 2020 - present
Built services in Python and PostgreSQL; ran them with Docker and Kubernetes.
Software Developer, Contoso, March 2016 - December 2019
Django applications, automated tests.

Education
BSc Computer Science, 2015
{more}
"""

GARDENER = b"""Ada Byron
Head Gardener

Experience
Head Gardener, Kew Park, May 2019 - present
Planted roses and trees, kept the glasshouses, trained two apprentices and sold seeds on the market each spring.
Gardener, City of Leeds, 2012 - April 2019
Mowed lawns, trimmed hedges, looked after tools and machines, and planned the flower beds of four public parks.
"""


@dataclass
class Clock:
    """Time that moves when somebody sleeps or a test says so; a hair at each look, so that order is kept."""

    at: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(microseconds=50)
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Those who sleep at once sleep side by side: the clock moves to when each wakes, not by all they sleep."""
        wakes = self.at + timedelta(seconds=seconds)
        await asyncio.sleep(0)
        self.at = max(self.at, wakes)


@dataclass(frozen=True)
class Exchange:
    """One request of ours as the ATS saw it."""

    at: datetime
    method: str
    path: str
    status: int


class Wire(AsgiTransport):
    """The way to the ATS, with every request to its API and its token endpoint written down."""

    def __init__(self, apps: Mapping[str, AsgiApp], clock: Clock) -> None:
        super().__init__(apps)
        self.clock = clock
        self.log: list[Exchange] = []

    def serve(self, host: str, app: AsgiApp) -> None:
        """Somebody else is there too."""
        self._apps[host] = app

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        at, path = self.clock.at, urlsplit(request.url).path
        status = 0
        try:
            answer = await super().send(request, timeout)
            status = answer.status
            return answer
        finally:
            if path.startswith(("/v3/", "/token")):
                self.log.append(Exchange(at, request.method, path, status))


@dataclass(frozen=True)
class Applied:
    """The ids the ATS gave to an application."""

    candidate: int
    application: int


@dataclass
class Post:
    """The way of webhooks into a house."""

    house: House | None = None

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert self.house is not None
        answer = int(await self.house.app.ingest.deliver(url.rsplit("/", 1)[1], headers, body))
        self.house.answers.append(answer)
        return answer


@dataclass
class House:
    """Everything one test talks to."""

    app: App
    sandbox: greenhouse.Sandbox
    transport: Wire
    clock: Clock
    secret: str
    failures: list[tuple[str, Exception]]
    answers: list[int] = field(default_factory=list)
    name: str = "acme"
    _mark: int = 0

    async def connect_second(self, account: Account, **settings: str) -> Connected:
        """Another system beside the first, read to its end."""
        self.transport.serve(urlsplit(account.base_url).netloc, account.app)
        new = NewConnection(
            "second", account.system, account.base_url, settings={**account.settings(), **settings},
            secrets=account.secrets(),
        )  # fmt: skip
        await self.app.accounts.connect(new, OWNER)
        await self.until(lambda: self.app.connections.named("second").row.crawled, within=900)
        return self.app.connections.named("second")

    # ------------------------------------------------------------------------------------------------ time and work

    async def quiet(self, most: int = 5000) -> timedelta | None:
        """Do everything that is due now, on both sides; how long until something is due again."""
        for _ in range(most):
            sent = await self.sandbox.hooks.deliver_due()
            leased = await self.app.worker.step()
            await self.app.runtime.settle()
            if not sent and leased is not None and not len(leased):
                dues = [due for due in (leased.next_due, self.sandbox.hooks.next_due()) if due is not None]
                rest = max(min(dues) - self.clock.at, timedelta(milliseconds=1)) if dues else None
                if rest is None or rest > AT_ONCE:
                    return rest
                self.clock.at += rest
        raise AssertionError(f"no end of work after {most} rounds: {await self.app.standing.status()}")

    async def pass_time(self, seconds: float) -> None:
        """Let this much time pass, doing what falls due on the way."""
        end = self.clock.at + timedelta(seconds=seconds)
        while True:
            rest = await self.quiet()
            left = end - self.clock.at
            if left <= timedelta(0):
                return
            self.clock.at += min(left, rest or left, timedelta(seconds=1))

    async def leap(self, seconds: float, step: float = 45.0) -> None:
        """Let much time pass in leaps: what falls due in one is done at its end."""
        end = self.clock.at + timedelta(seconds=seconds)
        while self.clock.at < end:
            self.clock.at += min(timedelta(seconds=step), end - self.clock.at)
            await self.pass_time(1)

    async def polls(self, times: int = 2) -> None:
        """Let the lists that no webhook tells of (notes, tags) come round this often."""
        await self.pass_time(times * max(self.app.mappings.intervals(self.at).values()) + 1)

    async def until(self, done: Callable[[], Any], within: float = 60.0) -> None:
        """Let time pass until something holds; AssertionError with the state of things when it does not."""
        end = self.clock.at + timedelta(seconds=within)
        while True:
            rest = await self.quiet()
            held = done()
            if asyncio.iscoroutine(held):
                held = await held
            if held:
                return
            if self.clock.at >= end:
                raise AssertionError(f"not within {within} s: {json.dumps(await self.app.standing.status(), indent=1)}")
            self.clock.at += min(rest or timedelta(seconds=1), timedelta(seconds=1))

    # -------------------------------------------------------------------------------------------------- people there

    async def apply(
        self,
        first: str = "Ada",
        last: str = "Byron",
        email: str = "ada@example.org",
        job: str = "Backend Engineer",
        *,
        phone: str = "",
        file: bytes | None = None,
        filename: str = "cv.txt",
        answers: Mapping[int, str] | None = None,
        more: str = "",
    ) -> Applied:
        """Fill in the form of the careers page, as an applicant does."""
        content = CV.format(name=f"{first} {last}", more=more).encode() if file is None else file
        number = phone or f"+44 20 7946 0{len(self.sandbox.db['applications']) % 1000:03d}"
        form = {"first_name": first, "last_name": last, "email": email, "phone": number, "consent": "yes"}
        form |= {f"question_{number}": text for number, text in (answers or {}).items()}
        boundary, parts = uuid.uuid4().hex, list[bytes]()
        for name, text in form.items():
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            parts.append(f"{head}{text}\r\n".encode())
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="resume"; filename="{filename}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
        parts.append(f"--{boundary}--\r\n".encode())
        headers = {"content-type": f"multipart/form-data; boundary={boundary}", "accept": "application/json"}
        url = f"http://{HOST}/careers/jobs/{self.job(job)['id']}"
        answer = await self.transport.send(WireRequest("POST", url, headers, b"".join(parts)), 10)
        assert answer.status == 201, answer.body
        ids = json.loads(answer.body)
        return Applied(ids["candidate_id"], ids["application_id"])

    def job(self, title: str) -> Row:
        return next(row for row in self.sandbox.db["jobs"] if row["name"] == title)

    def stage(self, job: str, name: str) -> Row:
        rows = self.sandbox.db["job_interview_stages"].where("job_id", self.job(job)["id"])
        return next(row for row in rows if row["name"] == name)

    def reason(self, name: str) -> Row:
        return next(row for row in self.sandbox.db["rejection_reasons"] if row["name"] == name)

    # ------------------------------------------------------------------------------------------- what the ATS holds

    def candidate(self, id: int) -> Row:
        return self.sandbox.db["candidates"].rows[id]

    def application(self, id: int) -> Row:
        return self.sandbox.db["applications"].rows[id]

    def custom(self, row: Row) -> dict[str, Any]:
        """The custom fields of a row by their keys."""
        definitions = self.sandbox.db["custom_fields"].rows
        return {definitions[id]["name_key"]: value for id, value in row["custom_fields"].items()}

    def notes(self, candidate: int) -> list[Row]:
        return [n for n in self.sandbox.db["notes"].where("candidate_id", candidate) if n["type"] == "NOTE"]

    def tags(self, candidate: int) -> list[str]:
        applied = self.sandbox.db["applied_candidate_tags"].where("candidate_id", candidate)
        return sorted(self.sandbox.db["candidate_tags"].rows[one["candidate_tag_id"]]["name"] for one in applied)

    def mark(self) -> None:
        """`written` counts from here."""
        self._mark = len(self.sandbox.db.log)

    def written(self, *objects: str) -> list[Change]:
        """What came through the API since the last mark."""
        log = self.sandbox.db.log[self._mark :]
        return [c for c in log if c.actor.kind.startswith("api:") and (not objects or c.object in objects)]

    def calls(self, method: str, path: str = "") -> int:
        """How many requests the ATS has answered: by method and the beginning of the path."""
        counted = self.sandbox.requests.items()
        return sum(n for (m, p, _), n in counted if m == method and p.startswith(f"/v3/{path}"))

    # ----------------------------------------------------------------------------------------------- what Bascule holds

    @property
    def at(self) -> Connected:
        return self.app.connections.named(self.name)

    async def family(self, kind: Kind, external: int | str) -> Family | None:
        def query(tx: Tx) -> Family | None:
            found = tx.families.resolve(self.at.id, [(kind, str(external))]).get((kind, str(external)))
            return tx.families.family(found.family) if found else None

        return await self.app.store.read(query)

    async def record(self, kind: Kind, external: int | str) -> Record:
        """Our record of an object there."""
        family = await self.family(kind, external)
        assert family is not None, f"{kind} {external} is not known"
        link = family.link_at(self.at.id, kind, str(external))
        assert link is not None
        return family.records[link.record]

    async def value(self, kind: Kind, external: int | str, name: str) -> Any:
        return (await self.record(kind, external)).fields.get(name)

    async def person(self, name: str, ats_user: int) -> Actor:
        """A user of Bascule who is mapped to a user of the ATS."""
        email = f"{name.split()[0].lower()}@tenant.example"
        user = User(
            self.app.runtime.id(), self.app.workspace, email, name, "recruiter", self.clock(), {self.at.id: str(ats_user)}
        )  # fmt: skip
        await self.app.store.write(lambda tx: tx.people.set_user(user))
        await self.app.connections.refresh()
        return Actor(ActorKind.PERSON, user.id, name)

    async def open_failures(self) -> Sequence[Any]:
        return await self.app.store.read(lambda tx: tx.pages.failures(self.app.workspace, limit=100))

    async def open_reviews(self) -> Sequence[Any]:
        return await self.app.store.read(lambda tx: tx.pages.reviews(self.app.workspace, limit=100))

    async def notices(self, kind: str) -> list[str]:
        """What is told to the owner, of one kind."""
        found = await self.app.store.read(lambda tx: tx.notices.list(self.app.workspace))
        return [one.text for one in found if one.kind == kind]

    async def compared(self, name: str = "") -> Sequence[Mapping[str, Any]]:
        """Every list of a connection, compared with what is held."""
        name = name or self.name
        began = await self.app.parities.begin(name, OWNER)

        async def ended() -> bool:
            return all(one["ended"] and one["ended"] >= began for one in await self.app.parities.told(name))

        await self.until(ended, within=1800)
        return await self.app.parities.told(name)

    async def deliver(self, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """A delivery made by hand, signed unless headers are given."""
        signed = {"Signature": greenhouse.sign(self.secret, body), "Greenhouse-Event-ID": uuid.uuid4().hex}
        return await self.app.ingest.deliver(self.name, signed if headers is None else headers, body)

    # -------------------------------------------------------------------------------------------------------- set-up

    def scopes(self) -> list[str]:
        return self.app.grants.least("greenhouse")

    async def add(self, credential: Row) -> None:
        """Connect with this credential; reading begins."""
        await self.app.accounts.connect(
            NewConnection(
                self.name, "greenhouse", f"http://{HOST}/v3", settings={"client_id": credential["client_id"]},
                secrets={"client_secret": credential["secret"], "webhook_secret": self.secret},
                granted=credential["scopes"],
            ),
            OWNER,
        )  # fmt: skip

    async def connect(self, mode: Mode = Mode.LIVE, *, fields: bool = True, hooks: bool = True) -> None:
        """Connect as a customer does: credentials, first crawl, fields, webhooks in the ATS's form, promotion."""
        await self.add(self.sandbox.access.create(DANA, "Bascule", 4_012_001, self.scopes()))
        await self.until(lambda: self.at.row.crawled, within=600)
        if fields:
            await self.app.accounts.create_fields(self.name, OWNER)
        if mode is not Mode.OBSERVE:
            await self.app.accounts.set_mode(self.name, mode, OWNER)
        if hooks:
            url = f"http://{HOST}/hooks/{self.name}"
            values = {"name": "Bascule", "url": url, "secret": self.secret, "events": list(greenhouse.EVENTS)}
            await self.sandbox.hooks.save(DANA, values)
        await self.quiet()
        self.mark()


@dataclass
class Ground:
    """What a house stands on: the ATS, its time, and the way of its webhooks."""

    sandbox: greenhouse.Sandbox
    clock: Clock
    post: Post
    secret: str

    @classmethod
    def made(cls, **options: Any) -> Ground:
        clock, post = Clock(), Post()
        chosen = greenhouse.Options(**{"rate": PLENTY, "token_rate": PLENTY, "jobs": JOBS, **options})
        sandbox = greenhouse.Sandbox(chosen, now=clock, deliver=post, sleep=clock.sleep)
        return cls(sandbox, clock, post, f"hook-{uuid.uuid4().hex}")

    def again(self) -> Ground:
        """One that is as this one is now, and goes its own way."""
        copy = deepcopy(self)
        copy.sandbox.faults.deeds = deeds(copy.sandbox)
        return copy


@dataclass
class Ready:
    """What a house was like once it was connected: others start as it was."""

    ground: Ground
    held: Held
    tasks: Sequence[Task]
    allowed: Mapping[str, int]
    log: tuple[Exchange, ...]

    def arrange(self, tx: Tx) -> None:
        """Have the tasks due when they were; an App that starts would have most of them run at once."""
        for task in tx.tasks.list(self.tasks[0].workspace, limit=1000):
            tx.tasks.cancel(task.workspace, task.name, task.key)
        for task in self.tasks:
            tx.tasks.put(task.workspace, task.name, task.key, due=task.due, payload=task.payload)


class Workbench:
    """What tests of one session share because it is slow to make: the reader's child process, the word vectors, and
    houses that are connected, by database and by how."""

    def __init__(self) -> None:
        self.reader = ResumeReader()
        self.matcher = Matcher()
        self.ready: dict[tuple[str, Mode, bool, bool], Ready] = {}

    async def close(self) -> None:
        await self.reader.close()


@dataclass
class Builder:
    """Makes houses on one database."""

    database: str
    folder: Path
    bench: Workbench
    stack: AsyncExitStack
    used: bool = False  # there has been an App on this database
    undo: int = 0  # seconds for which what a person sends can be taken back

    def app(self, clock: Clock, transport: Wire, failures: list[tuple[str, Exception]]) -> App:
        """An App on this database, not started."""
        self.used = True
        settings = Settings(
            data=self.folder,
            database=self.database,
            workers=16,
            allowed_hosts=("127.0.0.1",),
            undo_seconds=self.undo,
        )
        store = open_store(self.database, master=MASTER, files=self.folder / "files", audit=ARITHMETIC, workers=4)
        app = App(settings, store, Runtime(transport, now=clock, sleep=clock.sleep))
        app.__dict__["matcher"] = self.bench.matcher
        app.__dict__["readings"] = readings = Readings(
            app.connections, app.contents, self.bench.reader, self.bench.matcher
        )
        app.__dict__["scoring"] = Scoring(
            app.runtime, app.connections, app.reconcile, app.matcher, app.rubrics, readings, address="http://b.test",
            follow=app.follow_score,
        )  # fmt: skip
        app.worker.on_failure = lambda what, error: failures.append((what, error))
        return app

    async def house(
        self,
        mode: Mode | None = Mode.LIVE,
        *,
        fields: bool = True,
        hooks: bool = True,
        copied: bool = True,
        **options: Any,
    ) -> House:
        """A customer's ATS and a Bascule that is connected to it (mode None: not yet). `copied`: from one that was
        connected before, without what that App only had in mind; never so where the ATS has `options`."""
        if copied and mode is not None and not options and not self.used:
            return await self._ready(mode, fields, hooks)
        house = await self._on(Ground.made(**options))
        if mode is not None:
            await house.connect(mode, fields=fields, hooks=hooks)
        return house

    async def _ready(self, mode: Mode, fields: bool, hooks: bool) -> House:
        """A house that was connected once in this session, stopped, and is started again: the first as all others."""
        how = (self.database.partition(":")[0], mode, fields, hooks)
        if ready := self.bench.ready.get(how):
            ready.held.put(self.database)
        else:
            ground = Ground.made()
            first = await self._open(ground)
            try:
                await first.connect(mode, fields=fields, hooks=hooks)
                tasks = await first.app.store.read(lambda tx: tx.tasks.list(first.app.workspace, limit=1000))
            finally:
                await self.leave(first)
            ground.post.house = None
            held, allowed = Held(self.database), dict(first.at.client.allowed)
            ready = self.bench.ready[how] = Ready(ground, held, tasks, allowed, tuple(first.transport.log))
        house = await self._on(ready.ground.again())
        await house.app.store.write(lambda tx: ready.arrange(tx))
        house.at.client.allowed.update(ready.allowed)
        house.transport.log.extend(ready.log)
        house.mark()
        return house

    async def _on(self, ground: Ground) -> House:
        house = await self._open(ground)
        self.stack.push_async_callback(self.leave, house)
        return house

    async def _open(self, ground: Ground) -> House:
        failures = list[tuple[str, Exception]]()
        transport = Wire({HOST: greenhouse.create_app(ground.sandbox)}, ground.clock)
        app = self.app(ground.clock, transport, failures)
        await app.start(work=False)
        house = House(app, ground.sandbox, transport, ground.clock, ground.secret, failures)
        ground.post.house = house
        return house

    async def restart(self, house: House) -> None:
        """Stop the App and start another on the same database."""
        await house.app.stop()
        house.app = self.app(house.clock, house.transport, house.failures)
        await house.app.start(work=False)

    async def second(self, house: House) -> House:
        """Another process of the same installation: the same database, clock and ATS."""
        app = self.app(house.clock, house.transport, house.failures)
        await app.start(work=False)
        other = House(app, house.sandbox, house.transport, house.clock, house.secret, house.failures)
        self.stack.push_async_callback(self.leave, other)
        return other

    @staticmethod
    async def leave(house: House) -> None:
        await house.app.runtime.settle()
        await house.app.stop()
        assert not house.failures, house.failures


@asynccontextmanager
async def builder(database: str, folder: Path, bench: Workbench) -> AsyncIterator[Builder]:
    async with AsyncExitStack() as stack:
        yield Builder(database, folder, bench, stack)


def fields_of(changes: Iterable[Change]) -> set[str]:
    return {change.field or change.action for change in changes}
