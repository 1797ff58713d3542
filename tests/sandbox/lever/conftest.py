"""A tenant of Lever in this process, a clock that is held, and a receiver that keeps what was sent to it."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from bascule.sandbox.lever import OFFLINE, Actor, Options, Rate, Sandbox, create_app, scopes

from ..conftest import Clock, Receiver

BASE = "http://ats.test"
PLENTY = Rate(100_000, 1.0)
Json = dict[str, Any]


@dataclass
class Rig:
    """Everything a test talks to."""

    sandbox: Sandbox
    clock: Clock
    receiver: Receiver
    http: httpx2.AsyncClient
    slept: list[float] = field(default_factory=list[float])
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def person(self) -> Actor:
        """Somebody on the pages."""
        return Actor("user:Robin Falk", self.user("Robin Falk"))

    def user(self, name: str) -> str:
        return next(row["id"] for row in self.sandbox.db["users"] if row["name"] == name)

    def job(self, title: str = "Backend Engineer") -> str:
        return next(row["id"] for row in self.sandbox.db["jobs"] if row["text"] == title)

    def stage(self, text: str) -> str:
        return next(row["id"] for row in self.sandbox.db["stages"] if row["text"] == text)

    def reason(self, text: str) -> str:
        return next(row["id"] for row in self.sandbox.db["archive_reasons"] if row["text"] == text)

    def template(self, kind: str = "form_templates") -> Json:
        return next(iter(self.sandbox.db[kind]))

    # Signing in.

    def use_key(self, *may: str, confidential: bool = False, name: str = "Bridge") -> Json:
        """Make an API key; later calls use it."""
        row = self.sandbox.access.key(self.person, name, list(may) or scopes(), confidential=confidential)
        self.basic(row["secret"])
        return row

    def basic(self, key: str) -> None:
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}

    async def consent(self, app: Json, scope: str = "", **query: str) -> Json:
        """Ask a Super Admin for consent, take the code, trade it for tokens; later calls use them."""
        asked = {
            "client_id": app["client_id"], "redirect_uri": app["redirect_uris"][0], "response_type": "code",
            "state": "xyz", "scope": scope or " ".join([OFFLINE, *app["scopes"]]), "prompt": "consent",
            "audience": f"{BASE}/v1/", **query,
        }  # fmt: skip
        sent = await self.http.post("/authorize", params=asked, data={"allow": "yes"})
        assert sent.status_code == 302, sent.text
        back = {key: values[0] for key, values in parse_qs(urlsplit(sent.headers["location"]).query).items()}
        assert back["state"] == "xyz"
        given = await self.token(
            app, grant_type="authorization_code", code=back["code"], redirect_uri=app["redirect_uris"][0]
        )
        assert given.status_code == 200, given.text
        self.headers = {"Authorization": f"Bearer {given.json()['access_token']}"}
        return given.json()

    async def token(self, app: Json, **form: str) -> httpx2.Response:
        return await self.http.post(
            "/oauth/token", data={"client_id": app["client_id"], "client_secret": app["secret"], **form}
        )

    # Calls.

    async def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return await self.http.request(method, f"/v1/{path}", headers=headers, **more)

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.call("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def send(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self.call(method, path, **more)
        assert answer.status_code == status, answer.text
        return answer.json()["data"] if status in (200, 201) else answer.json()

    async def items(self, path: str, **params: Any) -> list[Json]:
        """Every row of a list, page after page."""
        rows: list[Json] = []
        while True:
            page = (await self.call("GET", path, params=params)).json()
            rows += page["data"]
            if not page["hasNext"]:
                assert "next" not in page
                return rows
            params["offset"] = page["next"]

    async def create(self, **values: Any) -> Json:
        """An opportunity through the interface."""
        given = {"name": "Ada Byron", "emails": ["ada@example.org"], "origin": "sourced", **values}
        path = f"opportunities?perform_as={self.user('Robin Falk')}"
        return await self.send("POST", path, 201, json=given)

    async def apply(self, job: str | None = None, **form: Any) -> Json:
        """Send the application form of a posting; the newest opportunity that it made."""
        job = job or self.job()
        said = self.sandbox.db["jobs"].rows[job]["content"]["customQuestions"]
        answers = {f"question_{one['id']}": "true" for part in said for one in part["fields"] if one["required"]}
        data = {"first_name": "Grace", "last_name": "Hopper", "email": "grace@example.org", "phone": "+1 555 0100",
                "consent": "yes", **answers, **form}  # fmt: skip
        answer = await self.http.post(
            f"/careers/jobs/{job}", data=data, headers={"Accept": "application/json"},
            files={"resume": ("cv.txt", b"Analyst at Engine Ltd", "text/plain")},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        own = self.sandbox.db["applications"].where("candidate_id", answer.json()["candidate_id"])
        return own[-1]

    # Webhooks.

    async def hook(self, *events: str, **more: Any) -> list[Json]:
        """Make a webhook for each event through the interface, and have them switched on by a person."""
        made = [await self.send("POST", "webhooks", 201, json={"url": "https://sync.example.org/lever", "event": event, **more})
                for event in events]  # fmt: skip
        for row in self.sandbox.db["webhook_events"]:
            if row["event"] in events and not row["on"]:
                await self.http.post(f"/ats/configure/events/{row['id']}/switch")
        return made

    async def events(self) -> list[Json]:
        """Deliver what is due and say what arrived since the last call."""
        await self.sandbox.hooks.deliver_due()
        got = [json.loads(body) for _, _, body in self.receiver.got]
        self.receiver.got.clear()
        return got


Build = Callable[..., Rig]


@pytest.fixture
async def build() -> AsyncGenerator[Build]:
    clients: list[httpx2.AsyncClient] = []

    def make(**options: Any) -> Rig:
        clock, receiver, slept = Clock(), Receiver(), list[float]()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        chosen = Options(**{"rate": PLENTY, "burst": 100_000, "posting_rate": PLENTY, **options})
        sandbox = Sandbox(chosen, now=clock, deliver=receiver, sleep=sleep)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(sandbox)), base_url=BASE)
        clients.append(http)
        made = Rig(sandbox, clock, receiver, http, slept)
        made.use_key()
        return made

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def rig(build: Build) -> Rig:
    """A clean tenant with an API key that may do everything but see confidential data."""
    return build()
