"""The small ATS: what a person sees and does, in the words of the kit's pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from ..kit.desk import Applicant, Application, Choice, Desk, Field, File, Job, Note, Person, Setup
from ..kit.errors import Refused
from ..kit.ids import Id
from ..kit.tables import Actor, Row, iso
from . import fields, people, pipeline
from . import partner as partners
from .errors import Invalid
from .hooks import EVENTS, SIGNATURES
from .jsonapi import number
from .sandbox import LEVELS, Sandbox

CONTACT = (("first_name", "First name"), ("last_name", "Last name"), ("email", "E-mail"), ("phone", "Phone"),
           ("linkedin_url", "LinkedIn"), ("pitch", "Pitch"))  # fmt: skip
Kind = Literal["text", "long", "number", "date", "choice", "choices", "yes_no", "url"]
KINDS: Mapping[str, Kind] = {"Number": "number", "Date": "date", "Checkbox": "yes_no", "Select": "choice",
                             "MultiSelect": "choices", "Url": "url"}  # fmt: skip
RIGHTS = {"read": (True, False), "write": (False, True), "read/write": (True, True)}
A_WEEK = timedelta(days=7)


def desk(sandbox: Sandbox) -> Desk:
    """Everything of one company's ATS."""
    shown, deeds = Shown(sandbox), Deeds(sandbox)
    return Desk(
        name="Teamtailor", users=shown.users, jobs=shown.jobs, people=shown.people, person=shown.person,
        applications=shown.applications, file=shown.file, reasons=shown.reasons, apply=deeds.apply, move=deeds.move,
        reject=deeds.reject, unreject=deeds.unreject, hire=deeds.hire, note=deeds.note, edit=deeds.edit, tag=deeds.tag,
        untag=deeds.untag, attach=deeds.attach, delete_note=deeds.delete_note, merge=deeds.merge, delete=deeds.delete,
        rename_stage=deeds.rename_stage, open_job=deeds.open_job, close_job=deeds.close_job, setups=setups(sandbox),
        columns=shown.columns,
    )  # fmt: skip


# What is shown.


class Shown:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.db = sandbox.db

    def users(self) -> Sequence[Choice]:
        return [Choice(str(row["id"]), row["name"]) for row in self.db["users"] if row["role"] != "no_access"]

    def reasons(self) -> Sequence[Choice]:
        return [Choice(str(row["id"]), row["reason"]) for row in self.db["reject_reasons"]]

    def jobs(self) -> Sequence[Job]:
        return [self._job(row) for row in self.db["jobs"]]

    def _job(self, row: Row) -> Job:
        status = pipeline.human_status(self.sandbox, row)
        department = self.db["departments"].get(row["department_id"])
        places = [self.db["locations"].rows[id]["name"] for id in row["location_ids"]]
        parts = (department["name"] if department else "", *places, status if status != "published" else "")
        about = " · ".join(one for one in parts if one)
        ladder = [Choice(str(one["id"]), one["name"]) for one in pipeline.stages(self.sandbox, row["id"])]
        asked = [Field(str(one["id"]), one["title"], kind="yes_no" if one["question_type"] == "Boolean" else "text")
                 for one in self.db["questions"].where("job_id", row["id"])]  # fmt: skip
        return Job(str(row["id"]), row["title"], status == "published" and not row["internal"], ladder, about,
                   row["body"], asked)  # fmt: skip

    def applications(self, job_id: str) -> Sequence[Application]:
        """Each with what the board shows of its candidate, whose fields they are."""
        rows = self.db["applications"].where("job_id", number(job_id))
        people_of, wanted = self.db["candidates"].rows, set(self.columns())
        return [replace(self._application(row), fields=[
            one for one in self._fields(people_of[row["candidate_id"]]) if one.key in wanted])
            for row in reversed(rows)]  # fmt: skip

    def _application(self, row: Row) -> Application:
        person, job = self.db["candidates"].rows[row["candidate_id"]], self.db["jobs"].rows[row["job_id"]]
        reason = self.db["reject_reasons"].get(row["reject_reason_id"])
        hired = self.db["stages"].rows[row["stage_id"]]["stage_type"] == pipeline.HIRED
        state = "rejected" if row["rejected_at"] else "hired" if hired else "active"
        answers = [(question["title"], _answer(one)) for one in self.db["answers"].where("candidate_id", person["id"])
                   for question in [self.db["questions"].rows[one["question_id"]]]
                   if question["job_id"] == row["job_id"]]  # fmt: skip
        if row["cover_letter"]:
            answers.insert(0, ("Cover letter", row["cover_letter"]))
        return Application(str(row["id"]), str(person["id"]), people.named(person), self._job(job), row["created_at"],
                           str(row["stage_id"]), state,
                           reason["reason"] if reason and row["rejected_at"] else "", answers=answers)  # fmt: skip

    def people(self, text: str, offset: int, count: int) -> tuple[Sequence[Person], int]:
        wanted = text.strip().casefold()

        def matches(row: Row) -> bool:
            held = (people.named(row), row["email"] or "", str(row["id"]), *row["tags"])
            return any(wanted in one.casefold() for one in held)

        found = [row for row in self.db["candidates"].newest_first() if not wanted or matches(row)]
        return [self._person(row) for row in found[offset : offset + count]], len(found)

    def person(self, id: str) -> Person:
        return self._person(self.sandbox.row("candidates", number(id)))

    def _person(self, row: Row) -> Person:
        db, id = self.db, row["id"]
        traits = [name for name in ("sourced", "connected", "internal", "unsubscribed") if row[name]]
        came = [f"via {row['referring_site']}"] if row["referring_site"] else []
        leaves = [f"will be removed {iso(row['removal_at'])}"] if row["removal_at"] else []
        users = db["users"].rows
        notes = [Note(str(one["id"]), users[one["user_id"]]["name"], one["created_at"], one["note"])
                 for one in db["notes"].where("candidate_id", id)]  # fmt: skip
        kept = [File(str(one["id"]), one["file_name"] + (" (resume)" if one["id"] == row["resume_id"] else ""),
                     one["created_at"]) for one in db["attachments"].where("candidate_id", id)]  # fmt: skip
        contact = [
            Field(key, name, row[key] or "", "url" if key == "linkedin_url" else "text") for key, name in CONTACT
        ]
        applications = [self._application(one) for one in db["applications"].where("candidate_id", id)]
        return Person(str(id), people.named(row), row["created_at"], " · ".join([*traits, *came, *leaves]), contact,
                      self._fields(row), row["tags"], notes[::-1], kept, applications)  # fmt: skip

    def columns(self) -> Sequence[str]:
        """Partners' results, and numbers that anybody has."""
        numbers = [row["api_name"] for row in self.db["custom_fields"] if row["field_type"] == "CustomField::Number"
                   and self.db["custom_field_values"].where("custom_field_id", row["id"])]  # fmt: skip
        return [*(f"partner-{row['id']}" for row in self.db["partners"]), *numbers]

    def _fields(self, person: Row) -> Sequence[Field]:
        """A card for each partner that has a result, and the company's own fields."""
        cards: dict[Id, Row] = {}
        for one in self.db["partner_results"].where("candidate_id", person["id"]):
            cards[one["partner_id"]] = one
        own = [row for row in self.db["custom_fields"] if row["owner_type"] == "Candidate"]
        return [*(self._card(row, cards.get(row["id"])) for row in self.db["partners"]),
                *(self._field(row, people.held(self.sandbox, person["id"], row["id"])) for row in own)]  # fmt: skip

    def _card(self, partner: Row, card: Row | None) -> Field:
        """A partner's newest result as one line: score, grade, status, summary."""
        parts: list[str] = []
        if card is not None:
            score, grade = card["assessment"]["score"], card["assessment"]["grade"]
            parts = [f"{score:g} %" if score is not None else "", (grade or "").replace("_", " "),
                     card["status"] if card["status"] != "completed" else "", card["summary"] or ""]  # fmt: skip
        line = " · ".join(one for one in parts if one)
        return Field(f"partner-{partner['id']}", f"{partner['name']} assessment", line, fixed=True)

    def _field(self, row: Row, held: Row | None) -> Field:
        value: Any = "" if held is None else held["value"]
        options = [Choice(str(one["id"]), one["value"]) for one in
                   self.db["custom_field_options"].where("custom_field_id", row["id"])]  # fmt: skip
        text = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
        kind = KINDS.get(row["field_type"].removeprefix("CustomField::"), "text")
        return Field(row["api_name"], row["name"], text, kind, options)

    def file(self, id: str) -> tuple[str, str, bytes]:
        row = self.sandbox.row("attachments", number(id))
        kind = "application/pdf" if row["content"].startswith(b"%PDF") else "text/plain; charset=utf-8"
        return row["file_name"], kind, row["content"]


def _answer(row: Row) -> str:
    if row["boolean"] is not None:
        return "Yes" if row["boolean"] else "No"
    return row["text"] or ""


# What is done.


class Deeds:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.db = sandbox.db

    def apply(self, actor: Actor, job_id: str, one: Applicant) -> str:
        """From the careers page. Who has applied before, under the same address, is the same candidate."""
        values = {"first_name": one.first, "last_name": one.last, "phone": one.phone or None, "email": one.email,
                  "referring_url": f"{self.sandbox.company['website']}/jobs"}  # fmt: skip
        known = people.by_email(self.sandbox, one.email)
        job = self.sandbox.row("jobs", number(job_id))
        if known is not None and any(
            each["job_id"] == job["id"] for each in self.db["applications"].where("candidate_id", known["id"])
        ):
            raise Refused(422, "has already been used to apply for this job", field="email")
        if known is None:
            row = people.create(self.sandbox, actor, values)
        else:
            row = known
            people.update(self.sandbox, actor, row["id"], {key: value for key, value in values.items() if value})
        for place, (name, _, content) in enumerate(one.files):
            people.keep(
                self.sandbox, actor, row["id"], "upload" if place else "resume", name, content, job_id=job["id"]
            )
        for question in self.db["questions"].where("job_id", job["id"]):
            said = one.answers.get(str(question["id"]), "")
            if said:
                yes = question["question_type"] == "Boolean"
                agreed = said.lower() in ("true", "yes", "on") if yes else None
                self.db.create("answers", actor, candidate_id=row["id"], question_id=question["id"],
                               text=None if yes else said, boolean=agreed, choices=None, range=None,
                               video_token=None)  # fmt: skip
        pipeline.apply(self.sandbox, actor, row["id"], job["id"], referring_url=values["referring_url"],
                       referring_site=row["referring_site"])  # fmt: skip
        self.sandbox.email(actor, row["email"], f"Thank you for applying to {job['title']}",
                           "We have received your application.", "default reply", row["id"])  # fmt: skip
        return str(row["id"])

    def move(self, actor: Actor, id: str, stage: str) -> None:
        pipeline.update(self.sandbox, actor, number(id), {"stage_id": number(stage)})

    def reject(self, actor: Actor, id: str, reason: str) -> None:
        pipeline.reject(self.sandbox, actor, number(id), number(reason) if reason else None)

    def unreject(self, actor: Actor, id: str) -> None:
        pipeline.update(self.sandbox, actor, number(id), {"rejected_at": None})

    def hire(self, actor: Actor, id: str) -> None:
        """To the last stage, which every job has."""
        row = self.sandbox.row("applications", number(id))
        hired = pipeline.stages(self.sandbox, row["job_id"])[-1]
        pipeline.update(self.sandbox, actor, row["id"], {"stage_id": hired["id"]})

    def note(self, actor: Actor, id: str, text: str) -> None:
        people.note(self.sandbox, actor, number(id), actor.user_id, text)

    def delete_note(self, actor: Actor, id: str) -> None:
        people.delete_note(self.sandbox, actor, number(id))

    def edit(self, actor: Actor, id: str, values: Mapping[str, str]) -> None:
        contact = {key: values[key].strip() or None for key, _ in CONTACT if key in values}
        if contact:
            people.update(self.sandbox, actor, number(id), contact)
        for field in self.db["custom_fields"]:
            if field["api_name"] in values:
                text = values[field["api_name"]].strip()
                several = field["field_type"] in fields.SELECTS
                entered = [one for one in text.split("\n") if one] if several else text
                people.enter_value(self.sandbox, actor, number(id), field["id"], entered)

    def tag(self, actor: Actor, id: str, name: str) -> None:
        row = self.sandbox.row("candidates", number(id))
        people.update(self.sandbox, actor, row["id"], {"tags": [*row["tags"], name]})

    def untag(self, actor: Actor, id: str, name: str) -> None:
        row = self.sandbox.row("candidates", number(id))
        people.update(self.sandbox, actor, row["id"], {"tags": [tag for tag in row["tags"] if tag != name]})

    def attach(self, actor: Actor, id: str, name: str, kind: str, content: bytes) -> None:
        people.keep(self.sandbox, actor, self.sandbox.row("candidates", number(id))["id"], "upload", name, content,
                    internal=True)  # fmt: skip

    def merge(self, actor: Actor, primary: str, duplicate: str) -> None:
        people.merge(self.sandbox, actor, number(primary), number(duplicate))

    def delete(self, actor: Actor, id: str) -> None:
        people.delete(self.sandbox, actor, number(id))

    def rename_stage(self, actor: Actor, id: str, name: str) -> None:
        pipeline.rename_stage(self.sandbox, actor, number(id), name)

    def open_job(self, actor: Actor, title: str, stages: Sequence[str]) -> str:
        values = {"title": title, "body": f"<p>{title}</p>", "user_id": actor.user_id}
        ladder = [one for one in stages if one not in (pipeline.INBOX, pipeline.HIRED)]
        return str(pipeline.open_job(self.sandbox, actor, values, ladder or pipeline.LADDER)["id"])

    def close_job(self, actor: Actor, id: str) -> None:
        pipeline.change_job(self.sandbox, actor, number(id), {"status": "archived"})


# Settings.


def _chosen(values: Mapping[str, str], key: str) -> list[str]:
    return [one for one in values.get(key, "").split("\n") if one]


def _choices(names: Sequence[str]) -> list[Choice]:
    return [Choice(name, name) for name in names]


def setups(sandbox: Sandbox) -> Sequence[Setup]:
    """Settings > Integrations and what else an administrator sets up."""
    return [_keys(sandbox), _webhooks(sandbox), _partners(sandbox), _fields(sandbox), _triggers(sandbox),
            _privacy(sandbox), _audit(sandbox), _outbox(sandbox)]  # fmt: skip


def _row(sandbox: Sandbox, kind: str, do: Callable[[Actor, Row], object]) -> Callable[[Actor, str], None]:
    """A button on a row of a table."""

    def act(actor: Actor, id: str) -> None:
        do(actor, sandbox.row(kind, number(id)))

    return act


def _keys(sandbox: Sandbox) -> Setup:
    db = sandbox.db

    def rows() -> Sequence[tuple[str, Sequence[str]]]:
        return [(str(row["id"]), (row["name"], row["kind"], ", ".join(row["scopes"]),
                                  "revoked" if row["revoked"] else "works"))
                for row in db["credentials"]]  # fmt: skip

    def make(actor: Actor, values: Mapping[str, str]) -> str:
        read, write = RIGHTS[values["rights"]]
        row = sandbox.key(values["name"], level=values["level"], read=read, write=write)
        return f"The key of {row['name']}: {row['secret']}"

    return Setup(
        "keys", "API keys", "A key belongs to this company alone. What is written with it names nobody.",
        ("Name", "Interface", "Scopes", "State"), rows,
        lambda: [Field("name", "Name", required=True), Field("level", "Scope", "admin", "choice", _choices(LEVELS)),
                 Field("rights", "Permissions", "read/write", "choice", _choices([*RIGHTS]))],
        make, {"revoke": _row(sandbox, "credentials", lambda actor, row: db.change(
            "credentials", row["id"], actor, {"revoked": True}))},
    )  # fmt: skip


def _webhooks(sandbox: Sandbox) -> Setup:
    db = sandbox.db

    def rows() -> Sequence[tuple[str, Sequence[str]]]:
        return [(str(row["id"]), (row["name"], row["url"], row["signature_version"], ", ".join(row["events"]),
                                  "on" if row["enabled"] else "off"))
                for row in db["webhooks"] if row["kind"] == "company"]  # fmt: skip

    async def make(actor: Actor, values: Mapping[str, str]) -> str:
        row = await sandbox.hook(actor, values["name"], values["url"], _chosen(values, "events"), values["version"])
        return f"The signature key of {row['name']}: {row['secret']}"

    async def enable(actor: Actor, id: str) -> None:
        await sandbox.hooks.enable(actor, number(id))

    return Setup(
        "webhooks", "Webhooks", "Sent once: what is not answered with 2xx is listed as failed and never sent again.",
        ("Label", "URL", "Signature", "Events", "State"), rows,
        lambda: [Field("name", "Label", required=True), Field("url", "Webhook URL", required=True),
                 Field("version", "Signature version", "v2", "choice", _choices(SIGNATURES)),
                 Field("events", "Events", "\n".join(EVENTS), "choices", _choices(EVENTS))],
        make, {"enable": enable, "disable": lambda actor, id: sandbox.hooks.disable(actor, number(id)),
               "delete": lambda actor, id: sandbox.hooks.remove(actor, number(id))},
    )  # fmt: skip


def _partners(sandbox: Sandbox) -> Setup:
    def rows() -> Sequence[tuple[str, Sequence[str]]]:
        return [(str(row["id"]), (row["name"], row["base_url"] or "no address")) for row in sandbox.db["partners"]]

    def make(actor: Actor, values: Mapping[str, str]) -> str:
        known = next((row for row in sandbox.db["partners"] if row["name"] == values["name"]), None)
        if not partners.valid_address(values["base_url"]):
            raise Invalid(("address", "is invalid"))
        if known is not None:
            partners.configure(sandbox, actor, known["id"], {"base_url": values["base_url"]})
            return f"{known['name']} is called at {values['base_url'] or 'no address'}"
        row = partners.install(sandbox, values["name"], values["base_url"])
        key = next(one for one in sandbox.db["credentials"] if one["partner_id"] == row["id"])
        return f"The API key of {row['name']}: {key['secret']}; its webhook secret: {row['secret']}"

    return Setup(
        "partners", "Partner integrations", "A partner puts results on candidates' cards; a trigger calls its webhook. "
        "The name of one that is there changes its address.", ("Partner", "Base URL"), rows,
        lambda: [Field("name", "Partner", required=True), Field("base_url", "Base URL")], make,
    )  # fmt: skip


def _fields(sandbox: Sandbox) -> Setup:
    def rows() -> Sequence[tuple[str, Sequence[str]]]:
        return [(str(row["id"]), (row["name"], row["api_name"], row["field_type"], row["owner_type"], ", ".join(
            one["value"] for one in sandbox.db["custom_field_options"].where("custom_field_id", row["id"]))))
                for row in sandbox.db["custom_fields"]]  # fmt: skip

    def make(actor: Actor, values: Mapping[str, str]) -> None:
        options = [one.strip() for one in values.get("options", "").split("\n") if one.strip()]
        fields.define(sandbox, actor, {"name": values["name"], "field_type": values["type"], "select_options": options})

    return Setup(
        "fields", "Custom fields", "Fields of candidates. Programs know them by a name made of their name.",
        ("Name", "Name for programs", "Type", "Of", "Options"), rows,
        lambda: [Field("name", "Name", required=True),
                 Field("type", "Type", fields.TYPES[0], "choice", _choices(fields.TYPES)),
                 Field("options", "Options, one a line", kind="long")],
        make, {"delete": lambda actor, id: fields.drop(sandbox, actor, number(id))},
    )  # fmt: skip


def _triggers(sandbox: Sandbox) -> Setup:
    db = sandbox.db

    def rows() -> Sequence[tuple[str, Sequence[str]]]:
        return [(str(row["id"]), (db["jobs"].rows[stage["job_id"]]["title"], stage["name"], row["trigger_type"],
                                  row["data"]))
                for row in db["triggers"] for stage in [db["stages"].rows[row["stage_id"]]]]  # fmt: skip

    def stages() -> list[Choice]:
        return [Choice(str(stage["id"]), f"{job['title']}: {stage['name']}") for job in db["jobs"]
                for stage in pipeline.stages(sandbox, job["id"])]  # fmt: skip

    def make(actor: Actor, values: Mapping[str, str]) -> None:
        text = values.get("text", "").strip()
        partner = next((row["id"] for row in db["partners"] if str(row["id"]) == values.get("partner")), None)
        data: dict[str, Any] = {"Message": {"subject": "News about your application", "body": text},
                                "Tag": {"tags": [text]},
                                "Webhook": {"partner_id": partner, "fields": {}}}[values["kind"]]  # fmt: skip
        if values["kind"] == "Webhook" and partner is None:
            raise Invalid(("partner", "must be chosen"))
        if values["kind"] != "Webhook" and not text:
            raise Invalid(("message or tag", "can't be blank"))
        pipeline.add_trigger(sandbox, actor, sandbox.row("stages", number(values["stage"]))["id"], values["kind"], data)

    return Setup(
        "triggers", "Triggers", "What a stage does by itself with everybody who comes into it, whoever moves them.",
        ("Job", "Stage", "Type", "Settings"), rows,
        lambda: [Field("stage", "Stage", kind="choice", choices=stages()),
                 Field("kind", "Type", "Message", "choice", _choices(("Message", "Tag", "Webhook"))),
                 Field("text", "Message or tag"),
                 Field("partner", "Partner", kind="choice", choices=[
                     Choice(str(row["id"]), row["name"]) for row in db["partners"]])],
        make, {"delete": _row(sandbox, "triggers", lambda actor, row: db.delete("triggers", row["id"], actor))},
    )  # fmt: skip


def _privacy(sandbox: Sandbox) -> Setup:
    db = sandbox.db
    ways = {
        "flag": "Remove in a week",
        "delete": "Delete now, together",
        "rejected": "Delete rejected applications only",
    }

    def rows() -> Sequence[tuple[str, Sequence[str]]]:
        return [(str(row["id"]), (people.named(row), iso(row["removal_at"]) or "")) for row in db["candidates"]
                if row["removal_at"]]  # fmt: skip

    def make(actor: Actor, values: Mapping[str, str]) -> str:
        ids = [number(one) for one in values["ids"].replace(",", " ").split()]
        for id in ids:
            sandbox.row("candidates", id)
        if values["way"] == "delete":
            people.delete_many(sandbox, actor, ids)
        for id in ids if values["way"] == "flag" else ():
            db.change("candidates", id, actor, {"removal_at": sandbox.now() + A_WEEK}, touch=False)
        for id in ids if values["way"] == "rejected" else ():
            for one in db["applications"].where("candidate_id", id):
                if one["rejected_at"]:
                    pipeline.delete(sandbox, actor, one["id"])
        return f"{ways[values['way']]}: {len(ids)}"

    return Setup(
        "privacy", "Data & privacy",
        "Who is flagged goes after a week. A rejected application can go without its person.",
        ("Candidate", "Goes"), rows,
        lambda: [Field("ids", "Candidates' ids", required=True),
                 Field("way", "What", "flag", "choice", [Choice(key, name) for key, name in ways.items()])],
        make, {"keep": _row(sandbox, "candidates", lambda actor, row: db.change(
            "candidates", row["id"], actor, {"removal_at": None}, touch=False))},
    )  # fmt: skip


def _audit(sandbox: Sandbox) -> Setup:
    def rows() -> Sequence[tuple[str, Sequence[str]]]:
        return [(str(row["id"]), (iso(row["created_at"]) or "", row["actor_label"],
                                  f"{row['source_type']}.{row['action']}", row["source_label"] or "",
                                  row["description"]))
                for row in list(sandbox.db["audit_events"])[:-200:-1]]  # fmt: skip

    return Setup("audit", "Audit log", "The newest entries.", ("At", "Who", "Action", "What", "Description"), rows)


def _outbox(sandbox: Sandbox) -> Setup:
    def rows() -> Sequence[tuple[str, Sequence[str]]]:
        return [(str(row["id"]), (iso(row["created_at"]) or "", ", ".join(row["to"]), row["subject"], row["why"]))
                for row in list(sandbox.db["emails"])[:-200:-1]]  # fmt: skip

    return Setup("outbox", "Outbox", "E-mails that would have been sent; none leaves this machine.",
                 ("At", "To", "Subject", "Why"), rows)  # fmt: skip
