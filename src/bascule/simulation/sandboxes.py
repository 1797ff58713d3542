"""The vendors' sandboxes as systems of a run: how each account is opened, and where its own pages show what it holds.

Nothing here asks a connector: what stands there is read where a recruiter reads it, on the small ATS of the sandbox.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bascule.engine.wire import AsgiTransport, WireRequest, WireResponse
from bascule.errors import UnansweredError
from bascule.sandbox import greenhouse, lever
from bascule.sandbox.greenhouse import people as greenhouse_people
from bascule.sandbox.greenhouse import pipeline as greenhouse_pipeline
from bascule.sandbox.kit.desk import Applicant, Application, Choice, Desk, Field, Job, Note, Person
from bascule.sandbox.kit.faults import AnswerLost
from bascule.sandbox.kit.rates import Rate
from bascule.sandbox.kit.tables import CAREERS, Actor, Row
from bascule.sandbox.kit.tenant import Tenant
from bascule.sandbox.lever.desk import desk as lever_desk
from bascule.sandbox.lever.hooks import save_hook

PLENTY = Rate(1_000_000, 30.0)
STAGES = ("Applied", "Screen", "Interview", "Offer")
JOBS: tuple[Mapping[str, Any], ...] = tuple(
    {"title": title, "department": "Work", "office": "Malmö", "description": f"<p>{title}.</p>", "stages": STAGES}
    for title in ("Backend Engineer", "Staff Nurse")
)
KEY = "Bridge"  # what our credential is called there
FOR_EVER = 1e6  # seconds of virtual time


@dataclass
class Account:
    """One account of a run. `settings` and `secrets` are what a person enters to connect it."""

    name: str
    kind: Kind
    tenant: Any
    desk: Desk
    who: Actor  # the recruiter who does what people do there
    host: str
    transport: AsgiTransport
    late: float  # seconds within which a lost call may still land
    broke: Callable[[str], None]
    settings: dict[str, str] = field(default_factory=dict[str, str])
    secrets: dict[str, str] = field(default_factory=dict[str, str])
    whose: dict[str, str] = field(default_factory=dict[str, str])  # each person's id there -> who that is

    @property
    def base_url(self) -> str:
        return f"http://{self.host}{self.kind.path}"

    def people(self) -> Sequence[Person]:
        return self.desk.people("", 0, 1000)[0]

    def jobs(self) -> Sequence[Job]:
        """Those that people apply to."""
        return [one for one in self.desk.jobs() if one.open]

    def new_secret(self) -> Mapping[str, str]:
        """The secret as it is now, where it was replaced there."""
        row = next(one for one in self.tenant.db["credentials"] if one["name"] == KEY)
        return {next(iter(self.secrets)): row["secret"]}

    def hidden(self, kind: str, id: str) -> bool:
        return id in {str(one) for one in self.tenant.hidden.get(kind, ())}

    async def answer(self, request: WireRequest, who: str, lag: float) -> WireResponse:
        """What arrives is carried out, whoever waits for it still. What a sandbox did not foresee is its bug."""
        try:
            return await self.transport.send(replace(request, check=lambda: None), FOR_EVER)
        except UnansweredError as error:
            if not isinstance(error.__cause__, AnswerLost):
                self.broke(f"{request.method} {request.url}: {error.__cause__!r}")
            raise


@dataclass(frozen=True)
class Kind:
    """One vendor, configured in one way. `contact`: where its pages show what a candidate is here; `name` stands for
    the first and the last one. `key` opens a credential with these rights and says what is entered to connect."""

    system: str
    make: Callable[..., Tenant[Any]]
    app: Callable[[Any], Any]
    desk: Callable[[Any], Desk]
    who: Callable[[Any], Actor]
    key: Callable[[Any, Actor, list[str]], tuple[dict[str, str], dict[str, str]]]
    hook: Callable[[Account, str], Awaitable[None]]
    contact: Mapping[str, str]
    columns: frozenset[str]  # in which its table of candidates keeps them
    path: str = ""
    erases: bool = False  # whether the interface can remove or anonymise somebody
    acts: Callable[[Actor], str] = lambda who: str(who.user_id)  # as which user a recruiter here decides there
    application: Callable[[Any, Application], str] = lambda tenant, one: one.id  # as the interface calls it
    tags_on: str = "candidate"


# ---------------------------------------------------------------------------------------------------------- Greenhouse


def _greenhouse(tier: Literal["enterprise", "standard"]) -> Callable[..., Tenant[Any]]:
    def make(seed: int, **outside: Any) -> Tenant[Any]:
        options = greenhouse.Options(seed=seed, rate=PLENTY, token_rate=PLENTY, tier=tier, jobs=JOBS)
        return greenhouse.Sandbox(options, **outside)

    return make


class GreenhouseDesk:
    """Greenhouse's own pages are older than the kit's; the same people do the same there."""

    def __init__(self, tenant: greenhouse.Sandbox) -> None:
        self.tenant = tenant
        self.db = tenant.db

    def desk(self) -> Desk:
        people, pipeline, own = greenhouse_people, greenhouse_pipeline, self.tenant
        return Desk(
            name="Greenhouse", users=list, jobs=self.jobs, people=self.people, person=self.person,
            applications=lambda job: [], file=lambda id: ("", "", b""), apply=self.apply, move=self.move,
            reject=lambda who, id, reason: _done(
                pipeline.reject(own, who, int(id), {"rejection_reason_id": int(reason)})
            ),
            note=lambda who, id, text: _done(
                people.note(own, who, {"candidate_id": int(id), "body": text, "visibility": "public"})
            ),
            edit=self.edit, reasons=lambda: [Choice(str(one), "") for one in self.db["rejection_reasons"].ids],
            unreject=lambda who, id: _done(pipeline.unreject(own, who, int(id))),
            tag=lambda who, id, name: _done(people.tag(own, who, int(id), name)), untag=self.untag,
            delete_note=lambda who, id: _done(people.delete_note(own, who, int(id))),
            merge=lambda who, into, gone: _done(people.merge(own, who, int(into), int(gone))),
            anonymize=lambda who, id: _done(people.anonymize(own, who, int(id), people.ANONYMIZABLE)),
            delete=lambda who, id: _done(people.delete(own, who, int(id))),
        )  # fmt: skip

    def jobs(self) -> list[Job]:
        return [self._job(row) for row in self.db["jobs"]]

    def _job(self, row: Row) -> Job:
        steps = [Choice(str(one["id"]), one["name"]) for one in greenhouse_pipeline.stages(self.tenant, row["id"])]
        return Job(str(row["id"]), row["name"], row["status"] == "open", steps)

    def people(self, text: str, offset: int, most: int) -> tuple[list[Person], int]:
        found = [self.person(str(id)) for id in self.db["candidates"].ids]
        return found, len(found)

    def person(self, id: str) -> Person:
        row = self.tenant.row("candidates", int(id))
        contact = [Field(key, key, row[key] or "") for key in ("first_name", "last_name", "company", "title")]
        emails = "\n".join(one["value"] for one in row["email_addresses"])
        notes = [Note(str(one["id"]), "", one["created_at"], one["body"])
                 for one in self.db["notes"].where("candidate_id", row["id"]) if one["type"] == "NOTE"]  # fmt: skip
        mine = [self._application(one, row) for one in self.db["applications"].where("candidate_id", row["id"])]
        tags = [one["name"] for one in greenhouse_people.tags_of(self.tenant, row["id"])]
        return Person(id, "", row["created_at"], "", [*contact, Field("emails", "emails", emails)], self._fields(row),
                      tags, notes, (), mine)  # fmt: skip

    def _application(self, row: Row, person: Row) -> Application:
        state: Any = {"in_process": "active"}.get(row["status"], row["status"])
        return Application(str(row["id"]), str(person["id"]), "", self._job(self.db["jobs"].rows[row["job_id"]]),
                           row["created_at"], str(row["job_interview_stage_id"]), state, "",
                           self._fields(row))  # fmt: skip

    def _fields(self, row: Row) -> list[Field]:
        names = {one["id"]: one["name_key"] for one in self.db["custom_fields"]}
        return [Field(names[id], names[id], str(value)) for id, value in row["custom_fields"].items()]

    def apply(self, who: Actor, job: str, one: Applicant) -> str:
        mails = [{"value": one.email, "type": "personal"}]
        given = {"first_name": one.first, "last_name": one.last, "email_addresses": mails}
        files = [("resume", name, content, kind) for name, kind, content in one.files]
        made = greenhouse_pipeline.submit(
            self.tenant, CAREERS, given, {"job_id": int(job)}, files, answers=[], job_post_id=None
        )
        return str(made["candidate_id"])

    def move(self, who: Actor, id: str, stage: str) -> None:
        here = self.tenant.row("applications", int(id))["job_interview_stage_id"]
        values = {"from_stage_id": here, "to_stage_id": int(stage)}
        greenhouse_pipeline.move(self.tenant, who, int(id), values)

    def edit(self, who: Actor, id: str, values: Mapping[str, str]) -> None:
        given: dict[str, Any] = {key: value for key, value in values.items() if key != "emails"}
        if "emails" in values:
            given["email_addresses"] = [{"value": one, "type": "personal"} for one in values["emails"].split()]
        greenhouse_people.update(self.tenant, who, int(id), given)

    def untag(self, who: Actor, id: str, name: str) -> None:
        for one in self.db["applied_candidate_tags"].where("candidate_id", int(id)):
            if self.db["candidate_tags"].rows[one["candidate_tag_id"]]["name"] == name:
                greenhouse_people.remove_tag(self.tenant, who, one["id"])


def _done(_row: object) -> None:
    return None


def _greenhouse_key(tenant: greenhouse.Sandbox, who: Actor, rights: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    service = next(row["id"] for row in tenant.db["users"] if row["name"] == "Integration Service")
    key = tenant.access.create(who, KEY, service, rights)
    return {"client_id": key["client_id"]}, {"client_secret": key["secret"]}


async def _greenhouse_hook(account: Account, url: str) -> None:
    form = {"name": "Bridge", "url": url, "secret": account.secrets["webhook_secret"]}
    await account.tenant.hooks.save(account.who, {**form, "events": list(greenhouse.EVENTS)})


def _greenhouse_kind(tier: Literal["enterprise", "standard"]) -> Kind:
    return Kind(
        "greenhouse", _greenhouse(tier), greenhouse.create_app, lambda tenant: GreenhouseDesk(tenant).desk(),
        lambda tenant: _user(tenant, "Dana Whitfield"), _greenhouse_key, _greenhouse_hook,
        {"first_name": "first_name", "last_name": "last_name", "company": "company", "title": "title",
         "emails": "emails"},
        frozenset({"first_name", "last_name", "company", "title", "email_addresses"}), path="/v3", erases=True,
    )  # fmt: skip


def _user(tenant: Any, name: str) -> Actor:
    return Actor(f"user:{name}", next(row["id"] for row in tenant.db["users"] if row["name"] == name))


# --------------------------------------------------------------------------------------------------------------- Lever


def _lever(seed: int, **outside: Any) -> Tenant[Any]:
    return lever.Sandbox(
        lever.Options(
            seed=seed,
            rate=PLENTY,
            burst=1_000_000,
            posting_rate=PLENTY,
            webhooks_on=True,
            jobs=JOBS,
            posting_tags=False,
        ),
        **outside,
    )


def _lever_key(tenant: lever.Sandbox, who: Actor, rights: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    with tenant.history():
        tenant.db.create(
            "users", who, name="Bascule", email="bascule@tenant.example", access_role="team member",
            external_directory_id=None, job_title=None, manager_id=None, deactivated_at=None,
        )  # fmt: skip
    key = tenant.access.key(who, KEY, rights, confidential=True)
    return {"acting_user": "bascule@tenant.example"}, {"api_key": key["secret"]}


async def _lever_hook(account: Account, url: str) -> None:
    """One hook for each event; each has a token of its own, and all are entered."""
    rows = [
        save_hook(account.tenant, account.who, {"url": url.replace("http:", "https:"), "event": one}, None,
                  made_by="user", confidential=True)
        for one in lever.EVENTS
    ]  # fmt: skip
    account.secrets["webhook_secret"] = "\n".join(row["signature_token"] for row in rows)


LEVER = Kind(
    "lever", _lever, lever.create_app, lever_desk, lambda tenant: _user(tenant, "Dana Whitfield"), _lever_key,
    _lever_hook, {"name": "name", "company": "headline", "emails": "emails"}, frozenset({"name", "headline", "emails"}),
    path="/v1", tags_on="application",
)  # fmt: skip

KINDS: Mapping[str, Kind] = {
    "greenhouse": _greenhouse_kind("enterprise"),
    "greenhouse-standard": _greenhouse_kind("standard"),
    "lever": LEVER,
}
"""Every account that a run may have, by its name there."""
