"""A vendor that does not exist, with what Greenhouse has not: UUIDs, an OAuth server, envelopes, RPC, a handshake."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bascule.sandbox.kit import options
from bascule.sandbox.kit.access import OAuth, Tokens, Traits, actor_of, rotated, secret
from bascule.sandbox.kit.app import application
from bascule.sandbox.kit.deeds import Doing, deeds
from bascule.sandbox.kit.desk import Applicant, Application, Choice, Desk, Field, File, Job, Note, Person, Setup
from bascule.sandbox.kit.errors import Refused
from bascule.sandbox.kit.hooks import Delivery, Hooks, Manner
from bascule.sandbox.kit.http import base_url, guarded, json_within
from bascule.sandbox.kit.ids import uuids
from bascule.sandbox.kit.options import Rate
from bascule.sandbox.kit.pages import pages, refused_page
from bascule.sandbox.kit.paging import after, pack, unpack
from bascule.sandbox.kit.people import arrivals, resume, somebody
from bascule.sandbox.kit.rates import Buckets, Together
from bascule.sandbox.kit.tables import SYSTEM, Actor, Database, Kind, Row, iso, plain
from bascule.sandbox.kit.tenant import Tenant
from bascule.sandbox.kit.trouble import Words

PARENTS: Mapping[str, tuple[str, ...]] = {
    "users": (), "jobs": (), "stages": ("job_id",), "candidates": (), "applications": ("candidate_id", "job_id"),
    "notes": ("candidate_id",), "attachments": ("candidate_id",), "fields": (), "credentials": (), "webhooks": (),
}  # fmt: skip
RATE = Rate(10, 1.0)
MOST = 2_000


@dataclass(frozen=True)
class Options(options.Options):
    rate: Rate = RATE
    together: int = 2


def refuse(status: int, message: str) -> Response:
    return JSONResponse({"code": status, "message": message}, status)


def field_name(db: Database, key: str) -> str:
    return db["fields"].rows[key]["name"]


def _headers(hook: Row, one: Delivery) -> dict[str, str]:
    return {"Acme-Signature": hmac.new(hook["secret"].encode(), one.body, hashlib.sha256).hexdigest()}


async def _shake_hands(hooks: Hooks, row: Row) -> bool:
    reply = await hooks.send(row["url"], {"X-Hook-Secret": row["secret"]}, b"")
    return reply is not None and reply.status == 200 and reply.headers.get("X-Hook-Secret") == row["secret"]


class Sandbox(Tenant[Options]):
    words = Words(refuse, lambda body: body["data"])

    def __init__(self, chosen: Options | None = None, **outside: Any) -> None:
        chosen = chosen or Options()
        made = {kind: Kind(uuids(chosen.seed, kind), parents) for kind, parents in PARENTS.items()}
        manner = Manner(
            body=lambda hook, one: json.dumps({"event": one.action, "data": plain(one.payload)}).encode(),
            headers=_headers, retries=(10, 30), final=frozenset({410}), greet=_shake_hands, gave_up=self._switch_off,
        )  # fmt: skip
        super().__init__(chosen, made, manner=manner, entries={"fields": field_name}, **outside)
        self.tokens = Tokens(self.now, chosen.seed)
        self.oauth = OAuth(self, self.tokens, Traits(access_lifetime=600, offline="offline", refresh_lifetime=86_400))
        self.buckets, self.together = Buckets(chosen.rate, burst=3), Together(chosen.together)
        with self.history():
            self._open()
        self.add_people(chosen.candidates)
        self.faults.deeds = deeds(self, Doing(
            admin=lambda: self.admin["id"], forget_tokens=partial(self.tokens.forget, "access"),
            forget_consents=partial(self.tokens.forget, "refresh"), rotate=self.rotate, scopes=True,
            rename_field=self.rename_field, delete={"candidates": self.delete_candidate},
            change={"candidates": self.change_candidate}, below={"candidates": [("applications", "candidate_id")]},
        ))  # fmt: skip
        self.faults.load(chosen.faults)

    def _open(self) -> None:
        self.admin = self.db.create("users", SYSTEM, name="Dana Whitfield")
        self.score = self.db.create("fields", SYSTEM, name="Score")["id"]
        for title in ("Pilot", "Cook"):
            job = self.db.create("jobs", SYSTEM, title=title, status="open")
            for name in ("New", "Talk", "Offer"):
                self.db.create("stages", SYSTEM, job_id=job["id"], name=name)

    def add_people(self, count: int, *, dirty: bool = False) -> int:
        for random, number, _ in arrivals(self, count):
            one = somebody(random, number)
            job = random.choice(list(self.db["jobs"]))
            row = self.apply(SYSTEM, job["id"], one.name, one.email)
            cv = resume(one.name, one.title, one.company, None)
            self.db.create("attachments", SYSTEM, candidate_id=row["id"], name="cv.txt", content=cv)
        return self.people()

    def forget_tokens(self) -> None:
        self.tokens.forget("access")

    # What people and programs do.

    def apply(self, actor: Actor, job_id: str, name: str, email: str) -> Row:
        row = self.db.create("candidates", actor, name=name, email=email, fields={}, tags=[])
        self.db.create("applications", actor, candidate_id=row["id"], job_id=job_id, status="active",
                       stage_id=self.db["stages"].where("job_id", job_id)[0]["id"])  # fmt: skip
        self.hooks.emit("candidate.created", lambda: show(row), about=f"candidate/{row['id']}")
        return row

    def change_candidate(self, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
        changed = self.db.change("candidates", row["id"], actor, values)
        if changed:
            self.hooks.emit("candidate.changed", lambda: show(row), about=f"candidate/{row['id']}")
        return bool(changed)

    def delete_candidate(self, actor: Actor, id: str) -> None:
        for one in self.db["applications"].where("candidate_id", id):
            self.db.delete("applications", one["id"], actor)
        self.db.delete("candidates", id, actor)
        self.hooks.emit("candidate.deleted", lambda: {"id": id}, about=f"candidate/{id}")

    def rename_field(self, actor: Actor, name: str, to: str) -> list[str]:
        row = next(row for row in self.db["fields"] if row["name"] == name)
        self.db.change("fields", row["id"], actor, {"name": to})
        return [f"fields/{row['id']}"]

    # Credentials and hooks.

    def credential(self, name: str, *scopes: str, redirect: str = "") -> Row:
        return self.db.create(
            "credentials", SYSTEM, name=name, client_id=secret(self.random, 16), secret=secret(self.random),
            previous_secret=None, previous_until=None, scopes=list(scopes), revoked=False, user_id=self.admin["id"],
            redirect_uris=[redirect] if redirect else [],
        )  # fmt: skip

    def rotate(self, actor: Actor, id: str, grace: timedelta) -> None:
        row = self.db["credentials"].rows[id]
        self.db.change("credentials", id, actor, rotated(row, secret(self.random), self.now(), grace))

    def _switch_off(self, row: Row, delivery: Delivery) -> None:
        self.hooks.disable(SYSTEM, row["id"])


def show(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "name": row["name"], "email": row["email"], "updated": iso(row["updated_at"])}


class Api:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def rpc(self, request: Request) -> Response:
        """`{"method": "candidates.list", "params": {...}}`."""
        sandbox = self.sandbox
        try:
            client, token = sandbox.oauth.caller(request)
            usage = sandbox.buckets.take(client["id"], sandbox.now())
            if usage.exceeded:
                raise Refused(429, "Slow down", headers=usage.headers("Limit", "Left", "", "Retry-After"))
            with sandbox.together.entered(client["id"]) as running:
                if running.exceeded:
                    raise Refused(429, "Not so many at once")
                asked = await json_within(request, MOST) or {}
                answer = self._answer(request, client, token.scopes, asked.get("method", ""), asked.get("params", {}))
        except Refused as refused:
            return JSONResponse({"code": refused.status, "message": refused.message}, refused.status, refused.headers)
        return JSONResponse({**answer, "base": base_url(request)}, headers=usage.headers("Limit", "Left", ""))

    def _answer(
        self, request: Request, client: Row, scopes: tuple[str, ...], method: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        sandbox, actor = self.sandbox, actor_of(client)
        if method not in scopes:
            raise Refused(403, f"The scope {method} is needed")
        if method == "candidates.create":
            row = sandbox.apply(actor, params["job"], params["name"], params["email"])
            row["visible_at"] = sandbox.now() + timedelta(seconds=request.state.not_ready)
            return {"data": [show(row)]}
        if method == "candidates.update":
            row = sandbox.db["candidates"].get(params["id"])
            if row is None:
                raise Refused(404, "Nobody")
            sandbox.change_candidate(actor, row, {"fields": {**row["fields"], sandbox.score: params["score"]}})
            return {"data": [show(row)]}
        shown = sandbox.as_of(request.state.stale) if request.state.stale else sandbox
        rows = [row for row in shown.db["candidates"] if sandbox.seen("candidates", row)]
        try:
            last = unpack(params["cursor"]) if "cursor" in params else None
        except ValueError as error:
            raise Refused(400, str(error)) from None
        page, following = after(rows, lambda row: [iso(row["created_at"]), row["id"]], last, params.get("limit", 2))
        for row in page:
            sandbox.overwrites.read(actor.kind, "candidates", row["id"], sandbox.db.real_now().timestamp())
        return {"data": [show(row) for row in page], "next": following and pack(following)}


async def named(request: Request) -> str:
    body = await request.body()
    return f"/rpc/{json.loads(body).get('method', '')}" if body else "/rpc"


# The desk.


def desk(sandbox: Sandbox) -> Desk:
    db = sandbox.db

    def job(row: Row) -> Job:
        ladder = [Choice(one["id"], one["name"]) for one in db["stages"].where("job_id", row["id"])]
        languages = [Choice("sv", "Svenska"), Choice("en", "English")]
        asked = [Field("hours", "Hours flown?", kind="number", required=True),
                 Field("language", "Language", kind="choice", choices=languages)]  # fmt: skip
        return Job(row["id"], row["title"], row["status"] == "open", ladder, "Air", "<p>Fly <b>far</b></p>", asked)

    def shown(row: Row) -> Application:
        person = db["candidates"].rows[row["candidate_id"]]
        return Application(row["id"], person["id"], person["name"], job(db["jobs"].rows[row["job_id"]]),
                           row["created_at"], row["stage_id"], row["status"], row.get("why", ""), score(person),
                           [(key, value) for key, value in row.get("answers", {}).items()])  # fmt: skip

    def score(row: Row) -> list[Field]:
        value = row["fields"].get(sandbox.score)
        return [Field("score", "Score", "" if value is None else str(value), "number", fixed=True)]

    def brief(row: Row) -> Person:
        own = [shown(one) for one in db["applications"].where("candidate_id", row["id"])]
        return Person(row["id"], row["name"], row["created_at"], row["email"], tags=row["tags"], applications=own,
                      fields=[*score(row), Field("site", "Site", row.get("site", ""), "url")])  # fmt: skip

    def found(id: str) -> Row:
        row = db["candidates"].get(id)
        if row is None:
            raise Refused(404, f"No person {id}")
        return row

    def person(id: str) -> Person:
        row = found(id)
        return replace(
            brief(row),
            contact=[Field("name", "Name", row["name"], required=True), Field("email", "E-mail", row["email"])],
            notes=[
                Note(one["id"], one["by"], one["created_at"], one["text"])
                for one in db["notes"].where("candidate_id", id)
            ],
            files=[
                File(one["id"], one["name"], one["created_at"]) for one in db["attachments"].where("candidate_id", id)
            ],
        )

    def people(text: str, offset: int, limit: int) -> tuple[list[Person], int]:
        rows = [row for row in db["candidates"].newest_first() if text in f"{row['name']} {row['email']}".lower()]
        return [brief(row) for row in rows[offset : offset + limit]], len(rows)

    def apply(actor: Actor, job_id: str, one: Applicant) -> str:
        if one.email == "blocked@example.org":
            raise Refused(422, "is blocked", field="email")
        row = sandbox.apply(actor, job_id, one.name, one.email)
        (application,) = db["applications"].where("candidate_id", row["id"])
        db.change("applications", application["id"], actor, {"answers": one.answers})
        for name, _, content in one.files:
            db.create("attachments", actor, candidate_id=row["id"], name=name, content=content)
        return row["id"]

    def move(actor: Actor, id: str, stage: str) -> None:
        db.change("applications", id, actor, {"stage_id": stage})

    def reject(actor: Actor, id: str, reason: str) -> str:
        if not reason:
            raise Refused(422, "Choose a reason")
        db.change("applications", id, actor, {"status": "rejected", "why": reason})
        return "Rejected for good"

    def edit(actor: Actor, id: str, values: Mapping[str, str]) -> None:
        sandbox.change_candidate(actor, found(id), dict(values))

    def tag(actor: Actor, id: str, name: str) -> None:
        db.change("candidates", id, actor, {"tags": [*found(id)["tags"], name]})

    def note(actor: Actor, id: str, text: str) -> None:
        db.create("notes", actor, candidate_id=id, by=actor.kind.removeprefix("user:"), text=text)

    async def add_hook(actor: Actor, values: Mapping[str, str]) -> str:
        row = await sandbox.hooks.save(actor, {"url": values["url"], "secret": "shh",
                                               "events": values["events"].split("\n")})  # fmt: skip
        return "Enabled" if row["enabled"] else "Saved disabled"

    events = [Choice(one, one) for one in ("candidate.created", "candidate.changed", "candidate.deleted")]
    return Desk(
        name="Acme", users=lambda: [Choice(row["id"], row["name"]) for row in db["users"]],
        jobs=lambda: [job(row) for row in db["jobs"]], people=people, person=person,
        applications=lambda id: [shown(row) for row in reversed(db["applications"].where("job_id", id))],
        file=lambda id: (db["attachments"].rows[id]["name"], "text/plain", db["attachments"].rows[id]["content"]),
        apply=apply, move=move, reject=reject, note=note, edit=edit, tag=tag, delete=sandbox.delete_candidate,
        reasons=lambda: [Choice("", "Choose"), Choice("skills", "Skills")], columns=lambda: ["score"],
        setups=[Setup("webhooks", "Webhooks", "Greeted before they are on.", ["Address", "State"],
                      lambda: [(row["id"], [row["url"], "on" if row["enabled"] else "off"]) for row in db["webhooks"]],
                      lambda: [Field("url", "Address", required=True), Field("events", "Events", kind="choices", choices=events)],
                      add_hook, {"disable": sandbox.hooks.disable})],
    )  # fmt: skip


def create_app(sandbox: Sandbox) -> Starlette:
    api, shown = Api(sandbox), desk(sandbox)

    async def token(request: Request) -> Response:
        return await sandbox.oauth.token(request)

    async def authorize(request: Request) -> Response:
        return await sandbox.oauth.authorize(request, sandbox.admin)

    return application(sandbox, [
        Route("/rpc", guarded(sandbox, api.rpc, named), methods=["POST"]),
        Route("/oauth/token", guarded(sandbox, token), methods=["POST"]),
        Route("/oauth/authorize", authorize, methods=["GET", "POST"]),
        *pages(sandbox, shown),
    ], refused_page(sandbox, shown))  # fmt: skip
