"""A local server that behaves as Tiny does (REST v1): jobs, candidates with one CV, applications with a score sheet.

Lists come oldest first and are cut by a cursor; whatever is not known is a 404; an application takes any key under
`extra`. There are no webhooks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bascule.sandbox.kit import options
from bascule.sandbox.kit.access import actor_of
from bascule.sandbox.kit.app import application
from bascule.sandbox.kit.deeds import Doing, deeds
from bascule.sandbox.kit.errors import Refused
from bascule.sandbox.kit.http import guarded, json_within
from bascule.sandbox.kit.ids import numbers
from bascule.sandbox.kit.paging import after, pack, unpack
from bascule.sandbox.kit.people import arrivals, resume, somebody
from bascule.sandbox.kit.rates import Windows
from bascule.sandbox.kit.server import Vendor
from bascule.sandbox.kit.tables import CAREERS, SYSTEM, Actor, Kind, Row, iso, plain
from bascule.sandbox.kit.tenant import Tenant
from bascule.sandbox.kit.trouble import Words

PARENTS = {"jobs": (), "candidates": (), "applications": ("candidate_id", "job_id"), "credentials": ()}
JOBS = (
    ("Data Analyst", "You query data with SQL and Python. At least 3 years of experience.", ("New", "Talk", "Offer")),
    ("Cook", "You cook for two hundred people a day.", ("New", "Trial day")),
)
MOST = 200  # items of a page
RATE = options.Rate(100, 60.0)


@dataclass(frozen=True)
class Options(options.Options):
    rate: options.Rate = RATE


def refuse(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)


class Sandbox(Tenant[Options]):
    words = Words(refuse, lambda body: body["items"])

    def __init__(self, chosen: Options | None = None, **outside: Any) -> None:
        chosen = chosen or Options()
        super().__init__(
            chosen, {kind: Kind(numbers(1001), parents) for kind, parents in PARENTS.items()}, **outside
        )  # fmt: skip
        self.windows = Windows(chosen.rate)
        with self.history():
            self.key = self.db.create(
                "credentials", SYSTEM, name="Bascule", user_id=None, secret="tiny-key-of-the-sandbox"
            )
            for title, text, stages in JOBS:
                ladder = [{"id": f"{title[:1].lower()}{at}", "name": name} for at, name in enumerate(stages)]
                self.db.create("jobs", SYSTEM, title=title, text=text, open=True, stages=ladder)
        self.add_people(chosen.candidates)
        self.faults.deeds = deeds(self, Doing(delete={"candidates": self.delete}))
        self.faults.load(chosen.faults)

    def add_people(self, count: int, *, dirty: bool = False) -> int:
        for random, number, _ in arrivals(self, count):
            one = somebody(random, number)
            self.apply(1001 + number % len(JOBS), one.first, one.last, one.email,
                       resume(one.name, one.title, one.company, None))  # fmt: skip
        return self.people()

    def apply(self, job: int, first: str, last: str, email: str, cv: bytes) -> tuple[int, int]:
        """Somebody applies on the careers page: (candidate, application)."""
        person = self.db.create("candidates", CAREERS, first=first, last=last, email=email, cv=cv)
        stage = self.db["jobs"].rows[job]["stages"][0]["id"]
        applied = self.db.create("applications", CAREERS, candidate_id=person["id"], job_id=job, stage=stage, extra={})
        return person["id"], applied["id"]

    def delete(self, actor: Actor, id: int) -> None:
        for one in self.db["applications"].where("candidate_id", id):
            self.db.delete("applications", one["id"], actor)
        self.db.delete("candidates", id, actor)


def shown(row: Row) -> dict[str, Any]:
    """A row as the interface shows it; a CV has an address of its own."""
    said = {key: plain(value) for key, value in row.items() if key not in ("cv", "created_at", "updated_at")}
    return {**said, "created": iso(row["created_at"]), "updated": iso(row["updated_at"])}


class Api:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def handle(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except Refused as refused:
            return JSONResponse({"error": refused.message}, refused.status, refused.headers)

    async def _answer(self, request: Request) -> Response:
        sandbox, kind, id = self.sandbox, request.path_params["kind"], request.path_params.get("id")
        if request.headers.get("x-api-key") != sandbox.key["secret"]:
            raise Refused(401, "Whose key is this?")
        usage = sandbox.windows.take(sandbox.key["id"], sandbox.now())
        if usage.exceeded:
            raise Refused(429, "Slower, please", headers=usage.headers())
        if kind not in ("jobs", "candidates", "applications"):
            raise Refused(404, "There is no such thing")
        if id is None:
            return JSONResponse(self._list(kind, request))
        row = sandbox.db[kind].get(id)
        if row is None or not sandbox.seen(kind, row):
            raise Refused(404, f"There is no {id} in {kind}")
        if request.method == "PATCH":
            self._change(kind, id, await json_within(request, 100_000) or {})
        if request.url.path.endswith("/cv"):
            return Response(row["cv"], media_type="text/plain")
        return JSONResponse(shown(row))

    def _list(self, kind: str, request: Request) -> dict[str, Any]:
        sandbox, asked = self.sandbox, request.query_params
        source = sandbox.as_of(request.state.stale) if request.state.stale else sandbox
        rows = [
            row
            for row in source.db[kind]
            if sandbox.seen(kind, row) and iso(row["updated_at"]) >= asked.get("since", "")
        ]
        for name, column in (("id", "id"), ("candidate", "candidate_id")):
            if name in asked:
                rows = [row for row in rows if str(row.get(column)) in asked[name].split(",")]
        try:
            last, most = unpack(asked["cursor"]) if "cursor" in asked else None, int(asked.get("limit", MOST))
        except ValueError as error:
            raise Refused(400, str(error)) from None
        page, following = after(rows, lambda row: [row["id"]], last, min(most, MOST))
        return {"items": [shown(row) for row in page], "next": following and pack(following)}

    def _change(self, kind: str, id: int, body: dict[str, Any]) -> None:
        row, actor = self.sandbox.db[kind].rows[id], actor_of(self.sandbox.key)
        if kind != "applications" or body.keys() - {"stage", "extra"}:
            raise Refused(422, "Only stage and extra of an application can be changed")
        ladder = [one["id"] for one in self.sandbox.db["jobs"].rows[row["job_id"]]["stages"]]
        if "stage" in body and body["stage"] not in ladder:
            raise Refused(422, "The job has no such stage")
        changed = {"extra": {**row["extra"], **body["extra"]}} if "extra" in body else {}
        self.sandbox.db.change(kind, id, actor, changed | {key: body[key] for key in ("stage",) if key in body})


def create_app(sandbox: Sandbox) -> Starlette:
    handle = guarded(sandbox, Api(sandbox).handle)
    return application(sandbox, [
        Route("/v1/{kind}", handle), Route("/v1/{kind}/{id:int}", handle, methods=["GET", "PATCH"]),
        Route("/v1/{kind}/{id:int}/cv", handle),
    ])  # fmt: skip


VENDOR = Vendor(
    "tiny", "a made-up REST v1, no webhooks", Sandbox, create_app, Options,
    told=lambda url, sandbox: [("Tiny API", f"{url}/v1   X-Api-Key: {sandbox.key['secret']}")],
)  # fmt: skip
