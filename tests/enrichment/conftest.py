"""A house whose workspace may look people up at a provider in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.engine.kit import OWNER, Applied, Builder, House

from bascule.core.enrichment import Step
from bascule.core.rediscovery import Policy
from bascule.enrichment.choice import Provider
from bascule.hiring.enriching import Enriched, Looked
from bascule.model import Kind
from bascule.sandbox.greenhouse import people
from bascule.sandbox.peopledata import Options, Server, create_app
from bascule.store.lookups import Lookup

HOST = "127.0.0.1:6"
KEY = "pdl-sandbox"
AGREED = Policy(agreed=("Talent pool",))
GRACE = {
    "id": "pdl-1_0000", "full_name": "grace hopper", "birth_year": 1990, "linkedin_url": "linkedin.com/in/gracehopper",
    "work_email": "grace@work.example", "recommended_personal_email": "grace@post.example",
    "personal_emails": ["grace@post.example", "grace@example.org"],
    "emails": [
        {"address": "grace@post.example", "type": "personal", "last_seen": "2026-08-01"},
        {"address": "grace@work.example", "type": "current_professional", "last_seen": "2026-08-01"},
        {"address": "grace@example.org", "type": "personal", "last_seen": "2019-01-01"},
    ],
    "mobile_phone": True, "phone_numbers": ["+442079460555"], "job_title": "backend developer",
    "job_company_name": "fabrikam", "job_last_verified": "2026-09-15", "location_name": "leeds, england",
    "location_last_updated": "2026-01-01",
}  # fmt: skip


@dataclass
class Asking:
    """The house, and the provider."""

    house: House
    server: Server

    async def choose(self, **more: Any) -> None:
        given = {
            "on": True, "base_url": f"http://{HOST}/v5", "price": 0.25, "cost": 1.0, "fresh": 30, "only_agreed": False,
            **more,
        }  # fmt: skip
        await self.house.app.providers.choose("peopledata", given, OWNER, key=KEY)

    async def applied(self, first: str = "Grace", last: str = "Hopper", email: str = "grace@example.org") -> str:
        """Somebody applies with a CV that says nothing of them; their id here."""
        made = await self.house.apply(first, last, email, file=f"{first} {last}\n\nI like work.\n".encode())
        await self.house.pass_time(8)
        return (await self.house.record(Kind.CANDIDATE, made.candidate)).id

    async def person(self, made: Applied) -> Any:
        return await self.house.record(Kind.CANDIDATE, made.candidate)

    async def look(self, candidate: str) -> Enriched:
        return await self.house.app.enrichment.enrich(candidate, OWNER, [Provider.PEOPLEDATA])

    async def looked(self, candidate: str) -> Looked:
        return (await self.look(candidate)).looked[0]

    async def lookups(self) -> list[Lookup]:
        """The oldest first."""
        return (await self.house.app.providers.lookups())[::-1]

    def tag(self, candidate: int, name: str) -> None:
        from tests.engine.kit import DANA

        people.tag(self.house.sandbox, DANA, candidate, name)


def by_field(steps: tuple[Step, ...]) -> dict[str, list[str]]:
    """Field -> what happens to each value."""
    found: dict[str, list[str]] = {}
    for step in steps:
        found.setdefault(step.found.field, []).append(f"{step.found.value}: {step.effect}")
    return found


@pytest.fixture
async def asking(build: Builder) -> AsyncIterator[Asking]:
    house = await build.house()
    server = Server(Options(people=[GRACE], made_up=False, rate=1000), house.clock.sleep, lambda: house.clock.at)
    house.transport.serve(HOST, create_app(server))
    yield Asking(house, server)
    assert not house.failures
