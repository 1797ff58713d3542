"""A small world on loopback: a sandbox ATS, a Bascule connected to it as a customer would, and people who apply."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from bascule.app import App
from bascule.connectors.greenhouse import CONNECTOR
from bascule.connectors.spec import Tenant, scopes
from bascule.engine.connections import Connected
from bascule.model import Actor, ActorKind, Mode
from bascule.office.accounts import NewConnection
from bascule.sandbox import greenhouse
from bascule.server.run import listening
from bascule.settings import Settings

NAME = "greenhouse"
DANA, ROBIN = "dana@tenant.example", "robin@tenant.example"
SECRET = "journey-webhook-secret"
SETUP = Actor(ActorKind.PERSON, "set-up", "set-up")
MATERIAL = Path(greenhouse.__file__).parents[2] / "demo" / "material"
JOBS = [
    {key: job[key] for key in ("title", "description", "department", "office", "stages") if key in job}
    for job in json.loads((MATERIAL / "jobs.json").read_text("utf-8"))
]
HUMAN = greenhouse.Actor("person", None)


@dataclass
class World:
    """Both sides, and how to reach them."""

    app: App
    url: str
    ats: greenhouse.Sandbox
    ats_url: str
    client: httpx2.AsyncClient
    applied: list[dict[str, int]] = field(default_factory=list)

    @property
    def at(self) -> Connected:
        return self.app.connections.named(NAME)

    def job(self, number: int = 0) -> dict[str, Any]:
        """An open job of the ATS."""
        return list(self.ats.db["jobs"])[number]

    async def apply(
        self, first: str, last: str, email: str, file: str = "zhangwei_backend.pdf", job: int = 0
    ) -> dict[str, int]:
        """Somebody applies through the careers page, with a CV."""
        posted = self.job(job)
        answer = await self.client.post(
            f"{self.ats_url}/careers/jobs/{posted['id']}",
            data={"first_name": first, "last_name": last, "email": email, "consent": "yes"},
            files={"resume": (file, (MATERIAL / "files" / file).read_bytes(), "application/pdf")},
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 201, answer.text
        self.applied.append(answer.json())
        return answer.json()

    async def login(self) -> str:
        """A fresh login link for the administrator."""
        return await self.app.doors.login_link()

    async def candidate(self, name: str) -> str:
        """The id of a candidate, once Bascule knows the person."""

        async def found() -> str | None:
            rows = await self.app.store.read(lambda tx: tx.pages.candidates(self.app.workspace, search=name))
            return rows[0].record if rows else None

        return await until(found)

    async def quiet(self) -> None:
        """Until nothing is on its way."""

        async def still() -> bool:
            counts = await self.app.store.read(lambda tx: tx.pages.overview([self.at.id]))
            found = counts[self.at.id]
            scoring = await self.app.store.read(lambda tx: tx.tasks.list(self.app.workspace, name="score", state="due"))
            return not found.writes.get("due") and not found.writes.get("sent") and not scoring and not found.reads

        await until(still)


async def until(ask: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What `ask` answers, once it answers with something. AssertionError when it does not."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    while loop.time() < ends:
        answer = await ask()
        if answer:
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError(f"{getattr(ask, '__qualname__', ask)} did not come true within {seconds:g} s")


@asynccontextmanager
async def world(folder: Path, *, live: bool = True, undo: int = 0, **options: Any) -> AsyncGenerator[World]:
    """Start both sides, connect them, and (if `live`) let Bascule write. `undo`: seconds for which what a person sends
    can be taken back."""
    ready: asyncio.Future[tuple[str, greenhouse.Sandbox]] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    chosen = greenhouse.Options(**{"rate": greenhouse.Rate(3000, 30), "jobs": JOBS, **options})
    serving = asyncio.create_task(
        greenhouse.run(0, chosen, ready=lambda url, sandbox: ready.set_result((url, sandbox)), stop=stop)
    )
    ats_url, ats = await ready
    try:
        settings = Settings(data=folder, port=0, log_level="error", undo_seconds=undo)
        async with listening(settings, announce=True) as running, httpx2.AsyncClient(timeout=30) as client:
            made = World(running.app, running.url, ats, ats_url, client)
            await running.app.doors.first_login()
            await connect(made, live=live)
            yield made
    finally:
        stop.set()
        await serving


async def connect(made: World, *, live: bool) -> None:
    """As a customer does: a credential with the least rights, a webhook in the ATS's own form, custom fields."""
    ats = made.ats
    service = next(user for user in ats.db["users"] if user["service_account"])
    least = scopes(CONNECTOR, CONNECTOR.fields(Tenant(), ""), setup=True)
    key = ats.access.create(HUMAN, "Bascule", service["id"], least)
    await made.app.accounts.connect(
        NewConnection(
            NAME,
            "greenhouse",
            f"{made.ats_url}/v3",
            settings={"client_id": key["client_id"]},
            secrets={"client_secret": key["secret"], "webhook_secret": SECRET},
            granted=sorted(least),
        ),
        SETUP,
    )
    hook = {"name": "Bascule", "url": f"{made.url}/hooks/{NAME}", "secret": SECRET, "events": list(greenhouse.EVENTS)}
    assert (await ats.hooks.save(HUMAN, hook))["enabled"]

    async def crawled() -> bool:
        await made.app.connections.refresh()
        return made.at.row.crawled

    await until(crawled)
    if live:
        await made.app.accounts.create_fields(NAME, SETUP)
        await made.app.accounts.set_mode(NAME, Mode.LIVE, SETUP)
