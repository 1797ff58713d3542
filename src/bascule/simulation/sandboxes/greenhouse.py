"""Greenhouse, with application fields (Enterprise) and without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from bascule.sandbox import greenhouse
from bascule.sandbox.greenhouse import people, pipeline
from bascule.sandbox.kit.desk import Applicant, Application, Choice, Desk, Field, Job, Note, Person
from bascule.sandbox.kit.tables import CAREERS, Actor, Row
from bascule.sandbox.kit.tenant import Tenant

from .account import JOBS, KEY, PLENTY, Account, Kind, user


def _sandbox(tier: Literal["enterprise", "standard"]) -> Callable[..., Tenant[Any]]:
    def make(seed: int, **outside: Any) -> Tenant[Any]:
        options = greenhouse.Options(seed=seed, rate=PLENTY, token_rate=PLENTY, tier=tier, jobs=JOBS)
        return greenhouse.Sandbox(options, **outside)

    return make


class Own:
    """Greenhouse's own pages are older than the kit's; the same people do the same there."""

    def __init__(self, tenant: greenhouse.Sandbox) -> None:
        self.tenant = tenant
        self.db = tenant.db

    def desk(self) -> Desk:
        own = self.tenant
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
        steps = [Choice(str(one["id"]), one["name"]) for one in pipeline.stages(self.tenant, row["id"])]
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
        tags = [one["name"] for one in people.tags_of(self.tenant, row["id"])]
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
        made = pipeline.submit(self.tenant, CAREERS, given, {"job_id": int(job)}, files, answers=[], job_post_id=None)
        return str(made["candidate_id"])

    def move(self, who: Actor, id: str, stage: str) -> None:
        here = self.tenant.row("applications", int(id))["job_interview_stage_id"]
        values = {"from_stage_id": here, "to_stage_id": int(stage)}
        pipeline.move(self.tenant, who, int(id), values)

    def edit(self, who: Actor, id: str, values: Mapping[str, str]) -> None:
        given: dict[str, Any] = {key: value for key, value in values.items() if key != "emails"}
        if "emails" in values:
            given["email_addresses"] = [{"value": one, "type": "personal"} for one in values["emails"].split()]
        people.update(self.tenant, who, int(id), given)

    def untag(self, who: Actor, id: str, name: str) -> None:
        for one in self.db["applied_candidate_tags"].where("candidate_id", int(id)):
            if self.db["candidate_tags"].rows[one["candidate_tag_id"]]["name"] == name:
                people.remove_tag(self.tenant, who, one["id"])


def _done(_row: object) -> None:
    return None


def _key(tenant: greenhouse.Sandbox, who: Actor, rights: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    service = next(row["id"] for row in tenant.db["users"] if row["name"] == "Integration Service")
    key = tenant.access.create(who, KEY, service, rights)
    return {"client_id": key["client_id"]}, {"client_secret": key["secret"]}


async def _hook(account: Account, url: str) -> None:
    form = {"name": "Bridge", "url": url, "secret": account.secrets["webhook_secret"]}
    await account.tenant.hooks.save(account.who, {**form, "events": list(greenhouse.EVENTS)})


def kind(tier: Literal["enterprise", "standard"]) -> Kind:
    return Kind(
        "greenhouse", _sandbox(tier), greenhouse.create_app, lambda tenant: Own(tenant).desk(),
        lambda tenant: user(tenant, "Dana Whitfield"), _key,
        {"first_name": "first_name", "last_name": "last_name", "company": "company", "title": "title",
         "emails": "emails"},
        frozenset({"first_name", "last_name", "company", "title", "email_addresses"}), hook=_hook, path="/v3",
    )  # fmt: skip


KINDS = {"greenhouse": kind("enterprise"), "greenhouse-standard": kind("standard")}
