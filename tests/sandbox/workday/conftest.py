"""A tenant of Workday in this process, a clock that is held, and envelopes written by hand."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import lxml.etree as etree
import pytest

from bascule.sandbox.kit.tables import Actor
from bascule.sandbox.workday import Options, Rate, Sandbox, create_app
from bascule.sandbox.workday import doings as people

BASE = "http://wd.test"
WD = "{urn:com.workday/bsvc}"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
PLENTY = Rate(100_000, 1.0)
PERSON = Actor("user:Dana Whitfield", None)
VERSION = "v45.2"


@dataclass
class Clock:
    at: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Got:
    """An answer in XML: names are Workday's, attributes too."""

    status: int
    root: Any
    response: httpx2.Response

    def all(self, path: str) -> list[Any]:
        return self.root.findall(".//" + "/".join(f"{WD}{step}" for step in path.split("/")))

    def text(self, path: str) -> str:
        found = self.all(path)
        return found[0].text if found else ""

    def texts(self, path: str) -> list[str]:
        return [one.text for one in self.all(path)]

    def ids(self, reference: str, type: str = "WID") -> list[str]:
        return [one.text for ref in self.all(reference) for one in ref if one.get(f"{WD}type") == type]

    @property
    def fault(self) -> tuple[str, str]:
        return self.root.findtext(".//faultcode"), self.root.findtext(".//faultstring")

    @property
    def message(self) -> str:
        return self.text("Validation_Error/Message")


def ref(name: str, type: str, value: str) -> str:
    return f'<wd:{name}><wd:ID wd:type="{type}">{value}</wd:ID></wd:{name}>'


def wid(name: str, value: str) -> str:
    return ref(name, "WID", value)


@dataclass
class Rig:
    sandbox: Sandbox
    clock: Clock
    http: httpx2.AsyncClient
    slept: list[float] = field(default_factory=list)

    @property
    def db(self) -> Any:
        return self.sandbox.db

    def credential(self, type: str) -> Any:
        return next(row for row in self.db["credentials"] if row["type"] == type)

    def header(self, name: str | None = None, password: str | None = None, more: str = "", kind: str = TEXT) -> str:
        user = self.credential("isu")
        name = f"{user['name']}@sandbox" if name is None else name
        return (f'<wsse:Security xmlns:wsse="{WSSE}"><wsse:UsernameToken><wsse:Username>{name}</wsse:Username>'
                f'<wsse:Password Type="{kind}">{user["secret"] if password is None else password}</wsse:Password>'
                f"</wsse:UsernameToken></wsse:Security>{more}")  # fmt: skip

    async def soap(
        self,
        name: str,
        inside: str = "",
        *,
        attributes: str = "",
        version: str = VERSION,
        header: str | None = None,
        tenant: str = "sandbox",
        service: str = "Recruiting",
        headers: Any = None,
    ) -> Got:
        body = (f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wd="urn:com.workday/bsvc"><e:Header>'
                f"{self.header() if header is None else header}</e:Header><e:Body><wd:{name} wd:version=\"{version}\" "
                f"{attributes}>{inside}</wd:{name}></e:Body></e:Envelope>")  # fmt: skip
        return await self.post(body.encode(), version=version, tenant=tenant, service=service, headers=headers)

    async def post(
        self,
        body: bytes,
        *,
        version: str = VERSION,
        tenant: str = "sandbox",
        service: str = "Recruiting",
        headers: Any = None,
    ) -> Got:
        url = f"/ccx/service/{tenant}/{service}/{version}"
        sent = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', **(headers or {})}
        response = await self.http.post(url, content=body, headers=sent)
        root = etree.fromstring(response.content) if response.content.startswith(b"<") else None
        return Got(response.status_code, root, response)

    async def ok(self, name: str, inside: str = "", **more: Any) -> Got:
        got = await self.soap(name, inside, **more)
        assert got.status == 200, got.response.text
        return got

    async def refused(self, name: str, inside: str = "", **more: Any) -> str:
        """The message of a Validation_Fault."""
        got = await self.soap(name, inside, **more)
        assert got.status == 500, got.response.text
        assert got.fault[0] == "SOAP-ENV:Client.validationError", got.response.text
        assert got.fault[1] == f"Validation error occurred. {got.message}"
        return got.message

    async def token(self, **form: str) -> httpx2.Response:
        client = self.credential("client")
        basic = base64.b64encode(f"{client['client_id']}:{client['secret']}".encode()).decode()
        return await self.http.post("/ccx/oauth2/sandbox/token", data=form, headers={"Authorization": f"Basic {basic}"})

    async def bearer(self) -> dict[str, str]:
        """The header of a token for the client's own integration user."""
        answer = await self.token(grant_type="refresh_token",
                                  refresh_token=self.sandbox.refresh_token(self.credential("client")))  # fmt: skip
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def as_worker(self, name: str) -> dict[str, str]:
        """The header of a token that a worker has allowed."""
        client, worker = self.credential("client"), self.sandbox.named("users", name)
        text = self.sandbox.tokens.give("access", client["id"], worker["id"], lifetime=3600, scopes=client["scopes"])
        return {"Authorization": f"Bearer {text}"}

    async def rest(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx2.Response:
        sent = await self.bearer() if headers is None else headers
        return await self.http.request(method, f"/ccx/api/recruiting/v4/sandbox/{path}", headers=sent, **more)

    # What there is.

    def job(self, title: str = "Backend Engineer") -> Any:
        return next(row for row in self.db["jobs"] if row["title"] == title)

    def step(self, name: str, job: str = "Backend Engineer") -> Any:
        process = self.job(job)["process_id"]
        return next(row for row in self.db["stages"].where("process_id", process) if row["name"] == name)

    def person(self, first: str = "Ada", last: str = "Byron", job: str | None = "Backend Engineer", **more: Any) -> Any:
        """Somebody who has applied; the application is `applied`."""
        row = people.create_candidate(
            self.sandbox,
            PERSON,
            {"first_name": first, "last_name": last, "email": f"{first}.{last}@mail.example".lower(), **more},
        )
        if job:
            people.apply(self.sandbox, PERSON, row["id"], self.job(job)["id"])
        return row

    def applied(self, person: Any) -> Any:
        return self.db["applications"].where("candidate_id", person["id"])[0]

    async def move(
        self,
        application: Any,
        step: str,
        job: str = "Backend Engineer",
        kind: str = "Next_Step_Reference",
        comment: str = "",
    ) -> Got:
        said = f"<wd:Comment_Data><wd:Comment>{comment}</wd:Comment></wd:Comment_Data>" if comment else ""
        return await self.soap(
            "Move_Candidate_Request", move(application, wid(kind, self.step(step, job)["id"]) + said)
        )

    def writes(self) -> Iterator[Any]:
        return (one for one in self.db.log if one.actor.kind.startswith("api:"))


def move(application: Any, parameters: str) -> str:
    return (f"<wd:Dynamic_Business_Process_Parameters>{parameters}</wd:Dynamic_Business_Process_Parameters>"
            f"<wd:Move_Candidate_Data>{wid('Job_Application_Reference', application['id'])}</wd:Move_Candidate_Data>")  # fmt: skip


Build = Callable[..., Rig]


@pytest.fixture
async def build() -> AsyncGenerator[Build]:
    clients: list[httpx2.AsyncClient] = []

    def make(**options: Any) -> Rig:
        clock, slept = Clock(), list[float]()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        sandbox = Sandbox(Options(**{"rate": PLENTY, **options}), now=clock, sleep=sleep)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(sandbox)), base_url=BASE)
        clients.append(http)
        return Rig(sandbox, clock, http, slept)

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def rig(build: Build) -> Rig:
    return build()
