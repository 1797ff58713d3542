"""Two companies of one group: one hires in Greenhouse, the other in Lever, and one Bascule is connected to both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from tests.engine.kit import DANA, HOST, OWNER, PLENTY, STAGE_TYPES, Builder, Clock, House, Wire

from bascule.connectors import registry
from bascule.connectors.spec import Tenant, scopes
from bascule.engine.connections import Connected
from bascule.engine.wire import WireRequest, WireResponse
from bascule.model import Family, Kind, Mode, StageType
from bascule.office.accounts import NewConnection
from bascule.sandbox import greenhouse, lever
from bascule.sandbox.kit.tables import Row
from bascule.sandbox.lever import records
from bascule.sandbox.lever.hooks import save_hook

LEVER_HOST = "127.0.0.1:8001"
WORD = "hook-secret-of-both"
JOBS: tuple[Mapping[str, Any], ...] = (
    {
        "title": "Backend Engineer", "department": "Engineering", "office": "Malmö",
        "description": "<p>You build services in Python and PostgreSQL.</p>",
        "stages": ("Application Review", "Phone Screen", "Onsite", "Offer"),
    },
    {
        "title": "Staff Nurse", "department": "Care", "office": "London",
        "description": "<p>You plan nursing care and document it.</p>",
        "stages": ("Application Review", "Phone Screen", "Onsite", "Offer"),
    },
)  # fmt: skip
STAGES = ("New lead", "New applicant", "Recruiter screen", "On-site interview", "Offer")
TYPES: Mapping[str, Mapping[str, StageType]] = {
    "greenhouse": STAGE_TYPES,
    "lever": {
        "New lead": StageType.LEAD, "New applicant": StageType.APPLIED, "Recruiter screen": StageType.SCREEN,
        "On-site interview": StageType.INTERVIEW, "Offer": StageType.OFFER,
    },
}  # fmt: skip


class Line(Wire):
    """The way to both, on which a proxy may answer 503 for what the system has done."""

    def __init__(self, apps: Mapping[str, Any], clock: Clock) -> None:
        super().__init__(apps, clock)
        self.unwell: list[tuple[str, str]] = []  # (method, end of the path), each for one request

    async def send(self, request: WireRequest, timeout: float) -> WireResponse:
        answer = await super().send(request, timeout)
        told = (request.method, urlsplit(request.url).path)
        for one in self.unwell:
            if one[0] == told[0] and told[1].endswith(one[1]):
                self.unwell.remove(one)
                return WireResponse(503, {}, b"")
        return answer


@dataclass
class Group(House):
    """Both companies' systems, with what a person sees and does in Lever besides."""

    lever: lever.Sandbox = None  # type: ignore[assignment]

    async def quiet(self, most: int = 5000) -> timedelta | None:
        """Everything that is due now, on all three sides."""
        while True:
            rest = await super().quiet(most)
            if not await self.lever.hooks.deliver_due():
                due = self.lever.hooks.next_due()
                return rest if due is None else min(rest or timedelta(days=1), max(due - self.clock.at, timedelta(0)))

    @property
    def line(self) -> Line:
        return cast(Line, self.transport)

    def there(self, name: str) -> Connected:
        return self.app.connections.named(name)

    @property
    def mei(self) -> lever.Actor:
        """A recruiter who works in Lever."""
        row = next(one for one in self.lever.db["users"] if one["name"] == "Mei Tanaka")
        return lever.Actor("user:Mei Tanaka", row["id"])

    def posting(self, title: str) -> Row:
        return next(row for row in self.lever.db["jobs"] if row["text"] == title)

    def lever_stage(self, name: str) -> str:
        return str(next(row["id"] for row in self.lever.db["stages"] if row["text"] == name))

    def contacts(self, email: str) -> list[Row]:
        return [row for row in self.lever.db["candidates"] if email in row["emails"]]

    def opportunities(self, email: str) -> list[Row]:
        return [
            row
            for one in self.contacts(email)
            for row in self.lever.db["applications"].where("candidate_id", one["id"])
        ]

    def lever_notes(self, opportunity: Row) -> list[str]:
        return [one["fields"][0]["value"] for one in self.lever.db["notes"].where("application_id", opportunity["id"])]

    def lever_files(self, opportunity: Row) -> list[str]:
        return [one["name"] for one in self.lever.db["attachments"].where("application_id", opportunity["id"])]

    def apply_there(self, name: str, email: str, job: str = "Backend Engineer") -> Row:
        """Somebody fills in the form of Lever's job site."""
        person = {"name": name, "emails": [email], "phones": []}
        row, _ = records.apply(
            self.lever, lever.Actor("applicant", None), self.posting(job), person, {}, source="Posting", silent=True,
            resume=("cv.txt", b"A CV."),
        )  # fmt: skip
        return row

    def people(self, email: str) -> list[Row]:
        """Greenhouse's candidates who have an address."""
        return [
            row
            for row in self.sandbox.db["candidates"]
            if any(one["value"].casefold() == email.casefold() for one in row["email_addresses"])
        ]

    def writes(self, *besides: str) -> int:
        """How many changes have come through the interfaces of both, besides those of these kinds."""
        log = [*self.sandbox.db.log, *self.lever.db.log]
        return sum(one.actor.kind.startswith("api:") and one.object not in besides for one in log)

    async def known(self, email: str) -> Family:
        (row,) = self.people(email)
        family = await self.family(Kind.CANDIDATE, row["id"])
        assert family is not None
        return family

    async def pair(self) -> None:
        """What the owner does: confirm the types of stages, and pair what is proposed."""
        for name, types in TYPES.items():
            await self.app.mappings.confirm(name, types, OWNER)
        await self.app.counterparts.confirm("greenhouse", "lever", OWNER)

    async def copy(self, *, older: bool = False) -> None:
        """... and switch copying on, both ways."""
        for one, other in (("greenhouse", "lever"), ("lever", "greenhouse")):
            await self.app.copies.begin(one, other, OWNER, older=older, agreed=True)

    async def calm(self, seconds: float = 100) -> None:
        """Long enough for every list to come round and every fence to pass."""
        await self.leap(seconds, step=10)

    async def ends(self) -> int:
        """Once all is quiet nothing more is written: how often both were written to in another while."""
        await self.calm()
        before = self.writes()
        await self.calm(200)
        return self.writes() - before

    async def both_compared(self) -> list[Mapping[str, Any]]:
        """Every list of both, compared with what is held."""
        return [one for name in ("greenhouse", "lever") for one in await self.compared(name)]


def rights(system: str) -> list[str]:
    """The least a credential needs where people are created too."""
    connector = registry.load(system)
    return sorted(scopes(connector, connector.fields(Tenant(), "c1"), setup=True, copies=True))


async def group(build: Builder, *, candidates: int = 0, **options: Any) -> Group:
    """Both connected and live, as their owner would: credentials, webhooks, first reading."""
    clock, failures = Clock(), list[tuple[str, Exception]]()
    house: Group | None = None

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert house is not None
        lower = {key.lower(): value for key, value in headers.items()}
        return int(await house.app.ingest.deliver(url.rsplit("/", 1)[1], lower, body))

    one = greenhouse.Sandbox(
        greenhouse.Options(rate=PLENTY, token_rate=PLENTY, jobs=JOBS, candidates=candidates, **options),
        now=clock, deliver=post, sleep=clock.sleep,
    )  # fmt: skip
    plenty = lever.Rate(1_000_000, 30.0)
    two = lever.Sandbox(
        lever.Options(
            rate=plenty, burst=1_000_000, posting_rate=plenty, jobs=JOBS, stages=STAGES, webhooks_on=True,
            candidates=candidates, posting_tags=False,
        ),
        now=clock, deliver=post, sleep=clock.sleep,
    )  # fmt: skip
    transport = Line({HOST: greenhouse.create_app(one), LEVER_HOST: lever.create_app(two)}, clock)
    app = build.app(clock, transport, failures)
    await app.start(work=False)
    house = Group(app, one, transport, clock, WORD, failures, name="greenhouse", lever=two)
    build.stack.push_async_callback(build.leave, house)
    await house.add(one.access.create(DANA, "Bascule", 4_012_001, rights("greenhouse")))
    hook = {
        "name": "Bascule", "url": f"http://{HOST}/hooks/greenhouse", "secret": WORD, "events": list(greenhouse.EVENTS)
    }  # fmt: skip
    await one.hooks.save(DANA, hook)
    await _lever(house)
    await house.until(lambda: all(at.row.crawled for at in app.connections.all()), within=900)
    for name in ("greenhouse", "lever"):
        await app.accounts.create_fields(name, OWNER)
        await app.accounts.set_mode(name, Mode.LIVE, OWNER, waive="a test of both directions")
    await house.pass_time(30)
    house.mark()
    return house


async def _lever(house: Group) -> None:
    """A user for Bascule, a key with the least rights, a webhook for each event."""
    sandbox = house.lever
    admin = sandbox.admin()
    dana = lever.Actor(f"user:{admin['name']}", admin["id"])
    with sandbox.history():
        sandbox.db.create(
            "users", dana, name="Bascule", email="bascule@tenant.example", access_role="team member",
            external_directory_id=None, job_title=None, manager_id=None, deactivated_at=None,
        )  # fmt: skip
    least = rights("lever")
    key = sandbox.access.key(dana, "Bridge", list(least), confidential=True)
    rows = [
        save_hook(
            sandbox, dana, {"url": "https://b.test/hooks/lever", "event": one}, None, made_by="user", confidential=True
        )
        for one in lever.EVENTS
    ]  # fmt: skip
    tokens = "\n".join(row["signature_token"] for row in rows)
    await house.app.accounts.connect(
        NewConnection(
            "lever", "lever", f"http://{LEVER_HOST}/v1", settings={"acting_user": "bascule@tenant.example"},
            secrets={"api_key": key["secret"], "webhook_secret": tokens}, granted=least,
        ),
        OWNER,
    )  # fmt: skip
