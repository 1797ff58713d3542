"""The small ATS on which a person uses this company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..kit.desk import Applicant, Application, Choice, Desk, Field, File, Job, Note, Person, Setup, asked
from ..kit.desk import View as Base
from ..kit.errors import Refused
from ..kit.tables import Actor, Row, plain
from . import doings, seed
from .deeds import rename_stage
from .hooks import activate
from .sandbox import Sandbox
from .tables import CONTEXTS, OVER, SCOPES, TYPES

CONTACT = (("first_name", "First name"), ("last_name", "Last name"), ("email", "Email"), ("phone", "Phone"))
PLACE = (("city", "City"), ("country", "Country"))
# How a property's value is edited, by its type.
EDITED: Mapping[str, Any] = {"NUMBER": "number", "PERCENT": "number", "DATE": "date", "BOOLEAN": "yes_no",
                             "SINGLE_SELECT": "choice"}  # fmt: skip


def desk(sandbox: Sandbox) -> Desk:
    view = View(sandbox)
    return Desk(
        name="SmartRecruiters", users=view.users, jobs=view.jobs, people=view.people, person=view.person,
        applications=view.applications, file=view.file, apply=view.apply, move=view.move, reject=view.reject,
        reasons=view.reasons, note=view.note, edit=view.edit, unreject=view.unreject, hire=view.hire, tag=view.tag,
        untag=view.untag, attach=view.attach, delete_note=view.delete_note, merge=view.merge, delete=view.delete,
        edit_application=view.edit_application, rename_stage=view.rename_stage, open_job=view.open_job,
        close_job=view.close_job, setups=[*_credentials(sandbox), _webhooks(sandbox), _properties(sandbox),
                                          _processes(sandbox), _outbox(sandbox)],
        columns=view.columns,
    )  # fmt: skip


def _name(row: Row) -> str:
    return f"{row['first_name']} {row['last_name']}".strip() or row["id"]


class View(Base[Sandbox]):
    # What there is.

    def users(self) -> Sequence[Choice]:
        return [Choice(row["id"], _name(row)) for row in self.db["users"]]

    def columns(self) -> Sequence[str]:
        return [row["id"] for row in self.db["properties"] if row["type"] == "NUMBER"]

    def _job(self, row: Row) -> Job:
        ladder = [Choice(one["id"], self._stage(one)) for one in self.sandbox.ladder(row["process_id"])]
        about = [
            row["ref"],
            row["department"]["label"],
            row["location"]["city"],
            row["status"].replace("_", " ").title(),
        ]
        return Job(row["id"], row["title"], row["posting_status"] == "PUBLIC" and row["status"] != "CANCELLED", ladder,
                   " · ".join(about), row["description"], asked(row["questions"]))  # fmt: skip

    def _stage(self, row: Row) -> str:
        return str(row["name"] or row["status"].replace("_", " ").capitalize())

    def jobs(self) -> Sequence[Job]:
        return [self._job(row) for row in self.db["jobs"]]

    def _application(self, row: Row) -> Application:
        person, stage = self.db["candidates"].rows[row["candidate_id"]], self.db["stages"].rows[row["stage_id"]]
        job = self._job(self.db["jobs"].rows[row["job_id"]])
        reason, status = self.db["reasons"].get(row["reason_id"]), row["status"]
        over = status in OVER and status != "HIRED"
        ended = status.title() + (f": {reason['label']}" if reason else "")
        starts = f"Starts {row['starts_on']}" if row["starts_on"] else "Lead" if status == "LEAD" else ""
        return Application(
            row["id"], person["id"], _name(person), job, row["created_at"],
            stage["id"] if any(one.id == stage["id"] for one in job.ladder) else "",
            "hired" if status == "HIRED" else "rejected" if over else "active",
            ended if over else starts,
            [self._field(one, row["properties"].get(one["id"])) for one in self.db["properties"]],
            [("Source", str(row["source"].get("sourceId", ""))), *row["answers"]],
        )  # fmt: skip

    def _field(self, row: Row, value: Any) -> Field:
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, dict):
            value = f"{value['value']:g} {value['code']}"
        return Field(row["id"], row["label"], "" if value is None else str(value), EDITED.get(row["type"], "text"),
                     [Choice(one["id"], one["label"]) for one in row["values"]], required=row["required"])  # fmt: skip

    def applications(self, job: str) -> Sequence[Application]:
        rows = sorted(self.db["applications"].where("job_id", job), key=lambda row: row["created_at"], reverse=True)
        return [self._application(row) for row in rows]

    def people(self, text: str, offset: int, limit: int) -> tuple[Sequence[Person], int]:
        wanted = text.casefold()
        rows = [
            row
            for row in self.db["candidates"].newest_first()
            if any(wanted in word.casefold() for word in (_name(row), row["email"], row["id"], *row["tags"]))
        ]
        return [self.person(row["id"]) for row in rows[offset : offset + limit]], len(rows)

    def person(self, id: str) -> Person:
        row, db = self._row("candidates", id), self.db
        names = {one["id"]: _name(one) for one in db["users"]}
        contact = [Field(key, label, row[key] or "", required=key in ("first_name", "last_name"))
                   for key, label in CONTACT]  # fmt: skip
        contact += [Field(key, label, str((row["location"] or {}).get(key, ""))) for key, label in PLACE]
        web = Field("website", "Website", str(row["web"].get("website", "")), "url")
        said = [Note(one["id"], names.get(one["author_id"], ""), one["created_at"], self._read(one["content"]),
                     one["visibility"].title()) for one in db["notes"] if id in one["candidates"]]  # fmt: skip
        said += [Note(f"review-{one['id']}", names[one["user_id"]], one["created_at"], one["comment"],
                      f"Review {'★' * one['rating']}{'☆' * (5 - one['rating'])}")
                 for one in db["reviews"].where("candidate_id", id)]  # fmt: skip
        files = [File(one["id"], one["name"], one["created_at"]) for one in db["attachments"].where("candidate_id", id)]
        mine = db["applications"].where("candidate_id", id)
        work = next((f"{one.get('title')}, {one.get('company')}" for one in row["experience"]), "")
        about = [work, row["location"] and row["location"].get("city"), "" if mine else "No application"]
        return Person(
            id, _name(row), row["created_at"], " · ".join(one for one in about if one), contact, [web], row["tags"],
            sorted(said, key=lambda one: one.at, reverse=True), files, [self._application(one) for one in mine],
        )  # fmt: skip

    def _read(self, content: str) -> str:
        """A message with names where programs see ids."""
        users = {row["id"]: _name(row) for row in self.db["users"]}
        text = doings.MENTION.sub(lambda found: f"@{users.get(found[1], found[1])}", content)
        return doings.TAGGED.sub("", text).strip()

    def reasons(self) -> Sequence[Choice]:
        return [Choice(row["id"], row["label"] if row["kind"] == "rejection" else f"Withdrawn: {row['label']}")
                for row in self.db["reasons"]]  # fmt: skip

    def file(self, id: str) -> tuple[str, str, bytes]:
        row = self._row("attachments", id)
        return row["name"], row["content_type"], row["content"]

    # What a person does.

    def apply(self, actor: Actor, job: str, one: Applicant) -> str:
        named = {"first_name": one.first, "last_name": one.last, "email": one.email, "phone": one.phone or None}
        row = doings.create_candidate(self.sandbox, actor, named)
        said = [(field.name, one.answers[field.key]) for field in self._job(self._row("jobs", job)).questions
                if one.answers.get(field.key)]  # fmt: skip
        made = doings.apply(self.sandbox, actor, row["id"], job, answers=said,
                            source={"sourceTypeId": "CAREER_SITE", "sourceId": "CAREER_SITE"})  # fmt: skip
        for name, kind, content in one.files:
            doings.attach(self.sandbox, actor, row["id"], name, kind, content, type="RESUME", application=made)
        return row["id"]

    def _set(self, actor: Actor, application: str, **asked: Any) -> None:
        doings.set_status(self.sandbox, actor, self._row("applications", application), asked)

    def move(self, actor: Actor, application: str, stage: str) -> None:
        row = self._row("stages", stage)
        self._set(actor, application, status=row["status"], subStatus=row["name"])

    def reject(self, actor: Actor, application: str, reason: str) -> None:
        kind = self._row("reasons", reason)["kind"] if reason else "rejection"
        self._set(actor, application, status="REJECTED" if kind == "rejection" else "WITHDRAWN", reason=reason or None)

    def unreject(self, actor: Actor, application: str) -> None:
        """Back to where it was before, as its history has it."""
        rows = [row for row in self.db["history"].where("application_id", application)
                if row["status"] not in ("REJECTED", "WITHDRAWN", "TRANSFERRED")]  # fmt: skip
        self.move(actor, application, rows[-1]["stage_id"])

    def hire(self, actor: Actor, application: str) -> None:
        self._set(actor, application, status="HIRED")

    def note(self, actor: Actor, person: str, text: str) -> None:
        content = f"{text.strip()} #[CANDIDATE:{person}]"
        doings.share(self.sandbox, actor, {"content": content, "shareWith": {"openNote": True}})

    def delete_note(self, actor: Actor, note: str) -> None:
        kind, id = ("reviews", note.removeprefix("review-")) if note.startswith("review-") else ("notes", note)
        self.db.delete(kind, self._row(kind, id)["id"], actor)

    def edit(self, actor: Actor, person: str, values: Mapping[str, str]) -> None:
        row = self._row("candidates", person)
        known: dict[str, Any] = {key: values[key] for key, _ in CONTACT if key in values}
        if "phone" in known:
            known["phone"] = known["phone"] or None
        if any(key in values for key, _ in PLACE):
            place = {**(row["location"] or {}), **{key: values[key] for key, _ in PLACE if key in values}}
            known["location"] = {key: value for key, value in place.items() if value} or None
        if "website" in values:
            web = {**row["web"], "website": values["website"]}
            known["web"] = {key: value for key, value in web.items() if value}
        doings.edit_candidate(self.sandbox, actor, person, known)

    def edit_application(self, actor: Actor, application: str, values: Mapping[str, str]) -> None:
        row, known = self._row("applications", application), self.db["properties"]
        asked: dict[str, Any] = {}
        for key, text in values.items():
            own = known.get(key)
            if own is None:
                continue
            value: Any = text or None
            if value and own["type"] == "CURRENCY":
                amount, _, code = text.partition(" ")
                value = {"value": amount, "code": code or "EUR"}
            elif value and own["type"] == "SINGLE_SELECT" and self.sandbox.options.select == "label":
                value = next((one["label"] for one in own["values"] if one["id"] == text), text)
            asked[key] = value
        doings.set_properties(self.sandbox, actor, row, asked)

    def tag(self, actor: Actor, person: str, name: str) -> None:
        row = self._row("candidates", person)
        doings.set_tags(self.sandbox, actor, row, [*row["tags"], name])

    def untag(self, actor: Actor, person: str, name: str) -> None:
        row = self._row("candidates", person)
        doings.set_tags(self.sandbox, actor, row, [one for one in row["tags"] if one != name])

    def attach(self, actor: Actor, person: str, name: str, kind: str, content: bytes) -> None:
        doings.attach(self.sandbox, actor, self._row("candidates", person)["id"], name, kind, content,
                      application=doings.primary(self.sandbox, person))  # fmt: skip

    def merge(self, actor: Actor, into: str, who: str) -> None:
        if self._row("candidates", into) is self._row("candidates", who):
            raise Refused(422, "They are the same")
        doings.merge(self.sandbox, actor, into, who)

    def delete(self, actor: Actor, person: str) -> None:
        doings.delete_candidate(self.sandbox, actor, self._row("candidates", person)["id"])

    def rename_stage(self, actor: Actor, stage: str, name: str) -> None:
        row = self._row("stages", stage)
        if not row["name"]:
            raise Refused(422, "A status cannot be renamed, only a sub-status")
        rename_stage(self.sandbox, actor, row["name"], name)

    def open_job(self, actor: Actor, title: str, stages: Sequence[str]) -> str:
        process = next(iter(self.db["processes"]))
        if stages:
            process = doings.open_process(self.sandbox, title, seed.divided(stages))
        return seed.open_job(self.sandbox, actor, {"title": title}, process["id"])["id"]

    def close_job(self, actor: Actor, job: str) -> None:
        doings.set_job_status(self.sandbox, actor, self._row("jobs", job)["id"], "CANCELLED")


# Settings.


def _lines(values: Mapping[str, str], key: str) -> list[str]:
    return [one.strip() for one in values.get(key, "").split("\n") if one.strip()]


def _choices(names: Sequence[str]) -> list[Choice]:
    return [Choice(one, one) for one in names]


def _credentials(sandbox: Sandbox) -> list[Setup]:
    db = sandbox.db

    def rows() -> list[tuple[str, Sequence[str]]]:
        return [(row["id"], (row["name"], "API key" if row["type"] == "key" else row["client_id"],
                             row["role"].title() or "none", str(len(row["scopes"])),
                             "revoked" if row["revoked"] else "active")) for row in db["credentials"]]  # fmt: skip

    def form() -> list[Field]:
        users = [Choice(row["id"], _name(row)) for row in db["users"]]
        return [
            Field("name", "Name", required=True),
            Field("type", "Kind", "key", "choice", [Choice("key", "API key"), Choice("client", "OAuth client")]),
            Field("user", "Acts as", users[-1].id, "choice", users, required=True),
            Field("role", "System role", "ADMINISTRATOR", "choice", [Choice("", "none"), *_choices(["ADMINISTRATOR"])]),
            Field("scopes", "Scopes", "\n".join(SCOPES), "choices", _choices(SCOPES)),
            Field("redirect", "Redirect address", "", "url"),
        ]  # fmt: skip

    def make(actor: Actor, values: Mapping[str, str]) -> str:
        row = sandbox.open_credential(actor, values.get("type", "key"), values["name"], _lines(values, "scopes"),
                                      user_id=values.get("user"), role=values.get("role", ""),
                                      redirect=values.get("redirect", ""))  # fmt: skip
        key = f"X-SmartToken: {row['secret']}"
        return key if row["type"] == "key" else f"Client ID {row['client_id']}, client secret {row['secret']}"

    return [Setup("credentials", "API credentials", "A key is sent as X-SmartToken. An OAuth client needs a system "
                  "role besides its scopes.", ("Name", "Client ID", "System role", "Scopes", "State"), rows, form, make,
                  {"revoke": sandbox.revoke})]  # fmt: skip


def _webhooks(sandbox: Sandbox) -> Setup:
    def rows() -> list[tuple[str, Sequence[str]]]:
        return [(row["id"], (row["url"], ", ".join(row["events"]),
                             "active" if row["enabled"] else "suspended" if row["suspended"] else "inactive",
                             str(len(row["keys"])))) for row in sandbox.db["webhooks"]]  # fmt: skip

    async def act(actor: Actor, id: str) -> str:
        await activate(sandbox, actor, id)
        return "Active"

    return Setup("webhooks", "Webhook subscriptions", "Made through the API. Inactive until the callback has echoed "
                 "its X-Hook-Secret.", ("Callback", "Events", "State", "Keys"), rows,
                 acts={"activate": act, "deactivate": sandbox.hooks.disable,
                       "delete": sandbox.hooks.remove})  # fmt: skip


def _properties(sandbox: Sandbox) -> Setup:
    def rows() -> list[tuple[str, Sequence[str]]]:
        return [(row["id"], (row["label"], row["type"], ", ".join(row["contexts"]),
                             ", ".join(one["label"] for one in row["values"]), row["id"]))
                for row in sandbox.db["properties"]]  # fmt: skip

    def make(actor: Actor, values: Mapping[str, str]) -> str:
        type = values.get("type", "TEXT")
        options = [one.strip() for one in values.get("values", "").split(",") if one.strip()]
        row = doings.new_property(
            sandbox,
            actor,
            values["label"],
            type,
            _lines(values, "contexts"),
            values=options if type == "SINGLE_SELECT" else (),
        )
        return f"Made with the id {row['id']}"

    def form() -> list[Field]:
        return [Field("label", "Label", required=True), Field("type", "Type", "NUMBER", "choice", _choices(TYPES)),
                Field("contexts", "Shown in", "CANDIDATE_PROFILE", "choices", _choices(CONTEXTS)),
                Field("values", "Values, with commas")]  # fmt: skip

    return Setup("properties", "Candidate properties", "Each application has values of its own.",
                 ("Label", "Type", "Contexts", "Values", "Id"), rows, form, make)  # fmt: skip


def _processes(sandbox: Sandbox) -> Setup:
    def rows() -> list[tuple[str, Sequence[str]]]:
        return [(row["id"], (row["name"], *(", ".join(
            one["name"] for one in sandbox.db["stages"].where("process_id", row["id"])
            if one["status"] == status and one["name"]) for status in ("IN_REVIEW", "INTERVIEW", "OFFERED"))))
            for row in sandbox.db["processes"]]  # fmt: skip

    return Setup("processes", "Hiring processes", "A stage is a status with one of its sub-statuses. Programs know a "
                 "sub-status by its name alone.", ("Process", "In review", "Interview", "Offered"), rows)  # fmt: skip


def _outbox(sandbox: Sandbox) -> Setup:
    def rows() -> list[tuple[str, Sequence[str]]]:
        return [(row["id"], (str(plain(row["created_at"])), row["to"], row["subject"], row["body"], row["why"]))
                for row in sandbox.db["emails"].newest_first()]  # fmt: skip

    return Setup("outbox", "Outbox", "E-mails to people who were mentioned, and alerts. Nothing leaves this machine.",
                 ("At", "To", "Subject", "Text", "Sent by"), rows)  # fmt: skip
