"""A connection to a sandbox in this process: the real client, the real sandbox, a clock that is held."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bascule.connectors import registry
from bascule.connectors.spec import Connector, Reads, Rendered, Tenant, scopes
from bascule.engine.http import Client, Observation
from bascule.engine.observe import fetch
from bascule.engine.talk import provision
from bascule.engine.wire import AsgiTransport
from bascule.model import EMPTY, Actor, ActorKind, FieldMap, Kind, Part, Read, Record, Value
from bascule.sandbox.greenhouse import Actor as Somebody
from bascule.sandbox.greenhouse import Options, Rate, Sandbox, create_app

HOST = "127.0.0.1:8001"
PLENTY = Rate(1_000_000, 30.0)
PERSON = Somebody("user:Dana Whitfield", 4_012_002)
AI = Actor(ActorKind.AI, "match", "Bascule match")
RECRUITER = Actor(ActorKind.PERSON, "u1", "Dana Whitfield")
OUTPUTS = (
    "match_score", "match_reasons", "match_skills", "experience_title", "experience_employer", "experience_years",
    "ai_status", "audit_reference", "shortlist_link", "screening_status", "screening_answers",
    "manager_feedback", "top_ten",
)  # fmt: skip


@dataclass
class Clock:
    at: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Rig:
    """Everything a test talks to. `person` acts in the sandbox as a recruiter does on its pages."""

    sandbox: Sandbox
    clock: Clock
    connector: Connector
    client: Client
    seen: list[Observation] = field(default_factory=list[Observation])
    tenant: Tenant = field(default_factory=Tenant)

    async def set_up(self) -> None:
        """Create our fields there, as connecting does."""
        self.tenant, _ = await provision(self.client, OUTPUTS)

    def maps(self, kind: Kind) -> dict[str, FieldMap]:
        return {each.name: each for each in self.connector.fields(self.tenant, "c1") if each.kind is kind}

    async def read(self, kind: Kind, *externals: str, kinds: tuple[Kind, ...] = ()) -> dict[str, Read]:
        return await fetch(
            self.client, self.connector.reads, self.tenant, connection="c1", number=1, read_id="r",
            started=self.clock(), root=kind, externals=externals, kinds=kinds, known={},
        )  # fmt: skip

    async def shown(self, kind: Kind, root: str, of: Kind, external: str) -> dict[str, Value]:
        """Everything one read shows of one object, from all lists together."""
        found: dict[str, Value] = {}
        for part in (await self.read(kind, root))[root].parts:
            if part.kind is of and part.external == external:
                found |= part.seen
        return found

    async def send(
        self, call: str, external: str = "", fields: Mapping[str, Value] = EMPTY, *, actor: Actor = AI, **more: Any
    ) -> Mapping[str, Value]:
        sends = self.connector.sends[call]
        record = more.pop("record", Record("rec", "w", sends.kind, "f", None, {}, {}, "ours", self.clock()))
        settings: dict[str, Any] = {
            "parents": {}, "current": {}, "added": {}, "removed": {}, "marker": "bsc-0123456789abcdef", "acts_as": "",
            **more,
        }  # fmt: skip
        write = Rendered(call, sends.kind, record, external, fields=fields, actor=actor, **settings)
        return await self.client.run(sends.talk(write, self.tenant))

    async def all(self, reads: Reads) -> AsyncIterator[Part]:
        async for items in self.client.list(reads):
            for item in items:
                for part in reads.parse(item, self.tenant):
                    yield part

    def list(self, title: str) -> Reads:
        return next(reads for reads in self.connector.reads if reads.title == title)

    def changes(self, *objects: str) -> int:
        """How many changes the sandbox has logged of these kinds of object."""
        return sum(change.object in objects for change in self.sandbox.db.log)

    def user(self, name: str) -> dict[str, Any]:
        return next(row for row in self.sandbox.db["users"] if row["name"] == name)

    def applicant(self) -> tuple[str, str]:
        """(candidate, application) of somebody who is in process on a job."""
        row = next(one for one in self.sandbox.db["applications"] if one["status"] == "in_process" and one["job_id"])
        return str(row["candidate_id"]), str(row["id"])


def build(*, granted: tuple[str, ...] | None = None, deliver: Any = None, **options: Any) -> Rig:
    """A rig whose credential has exactly the scopes the connector asks for, and the right to create fields."""
    clock, connector = Clock(), registry.load("greenhouse")
    transport = {"deliver": deliver} if deliver else {}
    sandbox = Sandbox(Options(**{"rate": PLENTY, "candidates": 12, **options}), now=clock, **transport)
    users = {row["name"]: row["id"] for row in sandbox.db["users"]}
    wanted = granted or tuple(
        scopes(connector, connector.fields(everything(options.get("tier", "enterprise")), "c1"), setup=True)
    )
    key = sandbox.access.create(PERSON, "Bridge", users["Integration Service"], list(wanted))
    seen: list[Observation] = []
    client = Client(
        connector,
        AsgiTransport({HOST: create_app(sandbox)}),
        base_url=f"http://{HOST}/v3",
        settings={"client_id": key["client_id"]},
        secrets={"client_secret": key["secret"]},
        now=clock,
        on_request=seen.append,
    )
    return Rig(sandbox, clock, connector, client, seen)


def everything(tier: str) -> Tenant:
    from .recorded import with_fields

    return with_fields(registry.load("greenhouse"), "application" if tier == "enterprise" else "candidate")
