"""What a person sees and does here: candidates, jobs with their plans, offers, keys, webhooks, fields, the outbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from ..kit import desk
from ..kit.desk import Applicant, Choice, Desk, Field, Setup
from ..kit.errors import Refused
from ..kit.tables import Actor, Row
from . import fields, people, pipeline, storage
from .access import SCOPES
from .hooks import EVENTS
from .sandbox import Sandbox
from .seed import open_job

STATES: Mapping[str, Any] = {"Hired": "hired", "Archived": "rejected"}
KINDS: Mapping[str, Any] = {
    "Number": "number", "LongText": "long", "Date": "date", "ValueSelect": "choice", "MultiValueSelect": "choices",
    "Boolean": "yes_no", "Url": "url", "String": "text", "UUID": "text",
}  # fmt: skip
CONTACT = (("name", "Name"), ("email", "E-mail"), ("phone", "Phone"), ("position", "Position"), ("company", "Company"))
ENDS = ("Hired", "Archived")
# What a partner's assessment is called among the fields of a person.
ASSESSMENT = "assessment."


def made(sandbox: Sandbox) -> Desk:
    own = Own(sandbox)
    return Desk(
        "Ashby", own.users, own.jobs, own.people, own.person, own.applications, own.file,
        apply=own.apply, move=own.move, reject=own.reject, note=own.note, edit=own.edit, reasons=own.reasons,
        edit_application=own.edit_application, unreject=own.unreject, hire=own.hire, tag=own.tag, untag=own.untag,
        attach=own.attach, delete_note=partial(_quietly, people.delete_note, sandbox),
        merge=partial(_quietly, people.merge, sandbox), anonymize=partial(_quietly, people.anonymize, sandbox),
        delete=partial(_quietly, people.delete, sandbox), rename_stage=own.rename_stage, open_job=own.open_job,
        close_job=own.close_job, setups=own.setups(), columns=own.columns,
    )  # fmt: skip


def _quietly(do: Callable[..., object], sandbox: Sandbox, *given: Any) -> None:
    do(sandbox, *given)


def _plain(row: Row, value: Any) -> str:
    """A value as it stands in a form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if row["field_type"] == "MultiValueSelect":
        return "\n".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read(row: Row, text: str) -> Any:
    """A value from what stands in a form."""
    if not text:
        return None
    match row["field_type"]:
        case "Number":
            try:
                return json.loads(text)
            except ValueError:
                return text
        case "Boolean":
            return text == "true"
        case "MultiValueSelect":
            return [one for one in text.split("\n") if one]
        case _:
            return text


class Own:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.db = sandbox.db

    # What there is.

    def users(self) -> Sequence[Choice]:
        return [Choice(row["id"], f"{row['first_name']} {row['last_name']}") for row in self.db["users"]
                if row["enabled"]]  # fmt: skip

    def _user(self, id: Any) -> str:
        row = self.db["users"].get(id)
        return f"{row['first_name']} {row['last_name']}" if row else "System"

    def jobs(self) -> Sequence[desk.Job]:
        return [self._job(row) for row in self.db["jobs"]]

    def _job(self, row: Row) -> desk.Job:
        place, team = self.db["locations"].get(row["location_id"]), self.db["departments"].get(row["department_id"])
        named = [one["name"] for one in (team, place) if one]
        marks = [row["status"] * (row["status"] != "Open"), "confidential" * row["confidential"]]
        about = [*named, *(one for one in marks if one)]
        stages = [one for one in pipeline.stages(self.sandbox, row["plan_id"]) if one["type"] not in ENDS]
        ladder = [Choice(one["id"], one["name"]) for one in stages]
        questions = [self._question(one) for posting in self.db["postings"].where("job_id", row["id"])
                     for one in storage.application_form(posting)["sections"][0]["fields"]
                     if not one["field"]["path"].startswith("_systemfield")]  # fmt: skip
        line, is_open = " · ".join(about), row["status"] == "Open"
        return desk.Job(row["id"], row["title"], is_open, ladder, line, row["description"], questions)

    def _question(self, one: Mapping[str, Any]) -> Field:
        field = one["field"]
        choices = [Choice(each["value"], each["label"]) for each in field.get("selectableValues", ())]
        return Field(field["path"], field["title"], kind="choice" if choices else "text", choices=choices,
                     required=one["isRequired"])  # fmt: skip

    def people(self, query: str, offset: int, most: int) -> tuple[Sequence[desk.Person], int]:
        rows = [row for row in self.db["candidates"].newest_first() if not query or query in self._searched(row)]
        return [self._person(row) for row in rows[offset : offset + most]], len(rows)

    def _searched(self, row: Row) -> str:
        tags = [tag["title"] for id in row["tag_ids"] if (tag := self.db["tags"].get(id))]
        return " ".join([row["id"], row["name"], *(one["value"] for one in row["emails"]), *tags]).lower()

    def person(self, id: str) -> desk.Person:
        row = self.db["candidates"].get(id)
        if row is None:
            raise Refused(404, "No such candidate")
        return self._person(row)

    def _person(self, row: Row) -> desk.Person:
        primary = {kind: next((one["value"] for one in row[kind] if one["isPrimary"]), "")
                   for kind in ("emails", "phones")}  # fmt: skip
        held = {**row, "email": primary["emails"], "phone": primary["phones"]}
        contact = [Field(key, name, held[key] or "", required=key == "name") for key, name in CONTACT]
        notes = [desk.Note(one["id"], self._user(one["user_id"]), one["created_at"], one["body"],
                           "private" if one["private"] else "") for one in self._of("notes", row)]  # fmt: skip
        files = [desk.File(one["id"], one["name"], one["created_at"]) for one in self._of("attachments", row)]
        tags = [tag["title"] for id in row["tag_ids"] if (tag := self.db["tags"].get(id))]
        about = " at ".join(filter(None, (row["position"], row["company"])))
        applied = [self._application(one) for one in self._of("applications", row)]
        return desk.Person(row["id"], row["name"], row["created_at"], about, contact,
                           [*self._fields("Candidate", row), *self._assessments(row)], tags, notes, files,
                           applied)  # fmt: skip

    def _of(self, kind: str, row: Row) -> list[Row]:
        return list(reversed(self.db[kind].where("candidate_id", row["id"])))

    def _fields(self, of: str, row: Row) -> list[Field]:
        return [self._field(one, row["custom_fields"].get(one["id"])) for one in self.db["custom_fields"]
                if one["object_type"] == of and not one["archived"]]  # fmt: skip

    def _field(self, row: Row, value: Any) -> Field:
        choices = [Choice(one["value"], one["label"]) for one in row["options"]]
        kind = KINDS.get(row["field_type"], "text")
        name = f"{row['title']} (private)" if row["private"] else row["title"]
        return Field(row["id"], name, _plain(row, value), kind, choices, fixed=row["field_type"] not in KINDS)

    def _assessments(self, row: Row) -> list[Field]:
        shown: list[Field] = []
        for one in self._of("assessments", row):
            sent = one["assessment"]
            value = sent["result"]["value"]
            name = f"{sent.get('assessmentName') or 'Assessment'}: {sent['result'].get('label', '')}"
            shown.append(Field(f"{ASSESSMENT}{sent['assessmentTypeId']}", name, str(value), fixed=True))
        return shown

    def applications(self, job_id: str) -> Sequence[desk.Application]:
        return [self._application(row) for row in reversed(self.db["applications"].where("job_id", job_id))]

    def _application(self, row: Row) -> desk.Application:
        person, job = self.db["candidates"].rows[row["candidate_id"]], self.db["jobs"].rows[row["job_id"]]
        reason, stage = self.db["archive_reasons"].get(row["archive_reason_id"]), self.db["stages"].get(row["stage_id"])
        why = reason["text"] if reason else (stage["name"] if stage and row["status"] == "Hired" else "")
        answers = [(str(key), str(value)) for key, value in self._answers(row)]
        answers += [(f"Interview, {one['status'].lower()}", self._when(one))
                    for one in self.db["schedules"].where("application_id", row["id"])]  # fmt: skip
        for one in self.db["feedback"].where("application_id", row["id"]):
            said = ", ".join(str(value.get("score") or value.get("value") if isinstance(value, dict) else value)
                             for value in one["values"].values())  # fmt: skip
            answers.append((f"Feedback of {self._user(one['user_id'])}", said))
        return desk.Application(row["id"], person["id"], person["name"], self._job(job), row["created_at"],
                                row["stage_id"], STATES.get(row["status"], "active"), why,
                                self._fields("Application", row), answers)  # fmt: skip

    def _when(self, row: Row) -> str:
        events = self.db["events"].where("schedule_id", row["id"])
        return "; ".join(f"{one['start']:%Y-%m-%d %H:%M} to {one['end']:%H:%M} UTC, with "
                         + ", ".join(self._user(who["user_id"]) for who in one["interviewers"])
                         for one in events)  # fmt: skip

    def _answers(self, row: Row) -> Sequence[tuple[str, Any]]:
        if not row["form"]:
            return ()
        titles = {one["field"]["path"]: one["field"]["title"]
                  for section in row["form"]["formDefinition"]["sections"] for one in section["fields"]}  # fmt: skip
        return [(titles.get(path, path), value) for path, value in row["form"]["submittedValues"].items()
                if not path.startswith("_systemfield")]  # fmt: skip

    def file(self, id: str) -> tuple[str, str, bytes]:
        row = self.db["attachments"].get(id)
        if row is None:
            raise Refused(404, "No such file")
        return row["name"], row["type"], row["content"]

    def reasons(self) -> Sequence[Choice]:
        return [Choice(row["id"], row["text"]) for row in self.db["archive_reasons"] if not row["archived"]]

    def columns(self) -> Sequence[str]:
        """Numbers, and what partners have assessed."""
        types = {one["assessment"]["assessmentTypeId"] for one in self.db["assessments"]}
        numbers = [row["id"] for row in self.db["custom_fields"] if row["field_type"] == "Number"]
        return [*numbers, *(f"{ASSESSMENT}{one}" for one in sorted(types))]

    # What is done.

    def apply(self, who: Actor, job_id: str, applicant: Applicant) -> str:
        posting = next((row for row in self.db["postings"].where("job_id", job_id) if row["published"]), None)
        if posting is None:
            raise Refused(422, "This job is not published")
        person = people.create(self.sandbox, who, {
            "name": applicant.name, "emails": people.contacts(people.address(applicant.email)),
            "phones": people.contacts(applicant.phone or None)})  # fmt: skip
        for number, (name, type, content) in enumerate(applicant.files):
            people.attach(self.sandbox, who, person["id"], name, type, content, resume=number == 0)
        form = storage.submission(self.sandbox, storage.application_form(posting), applicant.answers)
        pipeline.apply(self.sandbox, who, person["id"], job_id, stage_id=pipeline.FIRST_SCREEN, form=form,
                       posting_id=posting["id"], ip="203.0.113.9", agent="Mozilla/5.0")  # fmt: skip
        return person["id"]

    def move(self, who: Actor, id: str, stage_id: str) -> None:
        pipeline.move(self.sandbox, who, id, stage_id)

    def reject(self, who: Actor, id: str, reason_id: str) -> str:
        row = self.sandbox.row("applications", id, "application")
        stage = pipeline.first(self.sandbox, row["plan_id"], "Archived")
        pipeline.move(self.sandbox, who, id, stage["id"], reason_id=reason_id or None)
        return "Archived"

    def unreject(self, who: Actor, id: str) -> str:
        """Back to the stage it was archived from."""
        row = self.sandbox.row("applications", id, "application")
        before = [one["stage_id"] for one in self.db["history"].where("application_id", id)]
        open_stages = [one for one in before if (stage := self.db["stages"].get(one)) and stage["type"] not in ENDS
                       and stage["plan_id"] == row["plan_id"]]  # fmt: skip
        back = open_stages[-1] if open_stages else pipeline.first(self.sandbox, row["plan_id"], "Lead")["id"]
        pipeline.move(self.sandbox, who, id, back)
        return "Active again"

    def hire(self, who: Actor, id: str) -> str:
        row = self.sandbox.row("applications", id, "application")
        pipeline.move(self.sandbox, who, id, pipeline.first(self.sandbox, row["plan_id"], "Hired")["id"])
        return "Hired"

    def note(self, who: Actor, id: str, text: str) -> None:
        people.add_note(self.sandbox, who, id, text)

    def edit(self, who: Actor, id: str, values: Mapping[str, str]) -> None:
        row = self.sandbox.row("candidates", id, "candidate")
        changed: dict[str, Any] = {key: values[key] or None for key in ("position", "company") if key in values}
        if "name" in values:
            changed["name"] = values["name"]
        if values.get("email"):
            changed["emails"] = people.with_primary(row["emails"], people.address(values["email"]))
        if values.get("phone"):
            changed["phones"] = people.with_primary(row["phones"], values["phone"])
        people.update(self.sandbox, who, id, changed)
        self._edit_fields(who, "Candidate", row, values)

    def edit_application(self, who: Actor, id: str, values: Mapping[str, str]) -> None:
        self._edit_fields(who, "Application", self.sandbox.row("applications", id, "application"), values)

    def _edit_fields(self, who: Actor, of: str, row: Row, values: Mapping[str, str]) -> None:
        given = {one["id"]: _read(one, values[one["id"]]) for one in self.db["custom_fields"]
                 if one["id"] in values and one["field_type"] in KINDS}  # fmt: skip
        new = {id: value for id, value in given.items() if value != row["custom_fields"].get(id)}
        if new:
            pipeline.set_values(self.sandbox, who, of, row["id"], new)

    def tag(self, who: Actor, id: str, name: str) -> None:
        people.add_tag(self.sandbox, who, id, people.define_tag(self.sandbox, who, name)["id"])

    def untag(self, who: Actor, id: str, name: str) -> None:
        for tag in self.db["tags"]:
            if tag["title"] == name:
                people.remove_tag(self.sandbox, who, id, tag["id"])

    def attach(self, who: Actor, id: str, name: str, type: str, content: bytes) -> None:
        people.attach(self.sandbox, who, id, name, type, content)

    def rename_stage(self, who: Actor, id: str, name: str) -> None:
        self.sandbox.row("stages", id, "interview_stage")
        if not name:
            raise Refused(422, "A stage needs a name")
        self.db.change("stages", id, who, {"name": name})

    def open_job(self, who: Actor, title: str, stages: Sequence[str]) -> str:
        if not title:
            raise Refused(422, "A job needs a title")
        spec: dict[str, Any] = {"title": title, "department": "General", "office": "Remote"}
        row = open_job(self.sandbox, {**spec, "stages": tuple(stages)} if stages else spec, len(self.db["jobs"]), who)
        self.sandbox.tell_job(row, "jobCreate")
        return row["id"]

    def close_job(self, who: Actor, id: str) -> None:
        pipeline.set_status(self.sandbox, who, id, "Closed")

    # Settings.

    def setups(self) -> Sequence[Setup]:
        return (
            Setup("keys", "API keys", "What programs may do, and if they see confidential jobs and private fields",
                  ("Name", "Key", "Confidential", "Private", "Permissions"), self._keys, self._key_form, self._make_key,
                  {"rotate": self._rotate, "revoke": self._revoke}),
            Setup("webhooks", "Webhooks", "One type of event each. A ping is sent first; unanswered, it stays off.",
                  ("Event", "Address", "State"), self._hooks, self._hook_form, self._make_hook,
                  {"enable": self._enable, "disable": self._disable, "delete": self._drop_hook}),
            Setup("fields", "Custom fields", "What this tenant keeps beside the usual.",
                  ("Title", "Of", "Type", "Seen"), self._field_rows, self._field_form, self._make_field,
                  {"archive": self._archive_field}),
            Setup("offers", "Offers", "What candidates answer.", ("Candidate", "Job", "Status", "Answer"),
                  self._offers, acts={"accept": partial(self._decide, True), "decline": partial(self._decide, False)}),
            Setup("outbox", "Outbox", "E-mails that Ashby would send. Nothing leaves this machine.",
                  ("When", "To", "Subject", "Why"), self._emails),
        )  # fmt: skip

    def _keys(self) -> Sequence[tuple[str, Sequence[str]]]:
        yes = {True: "yes", False: "no"}
        shown: list[tuple[str, Sequence[str]]] = []
        for row in self.db["credentials"]:
            scopes = "all" if len(row["scopes"]) == len(SCOPES) else ", ".join(row["scopes"])
            key = "revoked" if row["revoked"] else row["secret"]
            shown.append((str(row["id"]), (row["name"], key, yes[row["confidential"]], yes[row["private_fields"]],
                                           scopes)))  # fmt: skip
        return shown

    def _key_form(self) -> Sequence[Field]:
        scopes = [Choice(one, one) for one in SCOPES]
        return (Field("name", "Name", required=True),
                Field("scopes", "Permissions", "\n".join(SCOPES), "choices", scopes),
                Field("confidential", "Sees confidential jobs", "false", "yes_no"),
                Field("private_fields", "Sees private fields", "false", "yes_no"),
                Field("update_history", "May update application history", "false", "yes_no"))  # fmt: skip

    def _make_key(self, who: Actor, values: Mapping[str, str]) -> str:
        switches = {key: values.get(key) == "true" for key in ("confidential", "private_fields", "update_history")}
        row = self.sandbox.create_key(who, values.get("name", ""), values.get("scopes", "").split(), **switches,
                                      user_id=who.user_id)  # fmt: skip
        return f"The key is {row['secret']}"

    def _key(self, id: str) -> Any:
        return int(id) if id.isdigit() else None

    def _rotate(self, who: Actor, id: str) -> str:
        self.sandbox.rotate_key(who, self._key(id), timedelta())
        return "The key before does not work any more"

    def _revoke(self, who: Actor, id: str) -> str:
        self.sandbox.revoke_key(who, self._key(id))
        return "Deactivated"

    def _hooks(self) -> Sequence[tuple[str, Sequence[str]]]:
        return [(row["id"], (row["events"][0], row["url"], "enabled" if row["enabled"] else "disabled"))
                for row in self.db["webhooks"]]  # fmt: skip

    def _hook_form(self) -> Sequence[Field]:
        return (Field("type", "Event", kind="choice", choices=[Choice(one, one) for one in EVENTS], required=True),
                Field("url", "Request URL", required=True), Field("secret", "Secret token"))  # fmt: skip

    async def _make_hook(self, who: Actor, values: Mapping[str, str]) -> str:
        type, url = values.get("type", ""), values.get("url", "")
        if type not in EVENTS or not fields.URL.fullmatch(url):
            raise Refused(422, "A webhook has an event and an address")
        row = await self.sandbox.hooks.save(who, {"url": url, "secret": values.get("secret", ""), "events": [type],
                                                  "name": type})  # fmt: skip
        return "Enabled" if row["enabled"] else "Saved disabled: the ping was not answered"

    async def _enable(self, who: Actor, id: str) -> str:
        row = await self.sandbox.hooks.enable(who, id)
        return "Enabled" if row["enabled"] else "The ping was not answered"

    def _disable(self, who: Actor, id: str) -> None:
        self.sandbox.hooks.disable(who, id)

    def _drop_hook(self, who: Actor, id: str) -> None:
        self.sandbox.hooks.remove(who, id)

    def _field_rows(self) -> Sequence[tuple[str, Sequence[str]]]:
        return [(row["id"], (row["title"], row["object_type"], row["field_type"],
                             "archived" if row["archived"] else "private" if row["private"] else "all"))
                for row in self.db["custom_fields"]]  # fmt: skip

    def _field_form(self) -> Sequence[Field]:
        return (Field("title", "Title", required=True),
                Field("of", "Of", kind="choice", choices=[Choice(one, one) for one in fields.VALUED], required=True),
                Field("type", "Type", kind="choice", choices=[Choice(one, one) for one in fields.TYPES], required=True),
                Field("options", "Selectable values, one a line", kind="long"),
                Field("private", "Private", "false", "yes_no"))  # fmt: skip

    def _make_field(self, who: Actor, values: Mapping[str, str]) -> str:
        of, type = values.get("of", ""), values.get("type", "")
        if of not in fields.VALUED or type not in fields.TYPES:
            raise Refused(422, "A field has an object and a type")
        lines = [one.strip() for one in values.get("options", "").splitlines() if one.strip()]
        choices = [{"label": one, "value": one, "isArchived": False} for one in lines]
        if type in fields.SELECTS and not choices:
            raise Refused(422, "A field of this type needs selectable values")
        pipeline.define_field(self.sandbox, who, values.get("title", ""), of, type, choices=choices,
                              private=values.get("private") == "true")  # fmt: skip
        return "Created"

    def _archive_field(self, who: Actor, id: str) -> None:
        self.sandbox.row("custom_fields", id, "custom_field")
        self.db.change("custom_fields", id, who, {"archived": True})

    def _offers(self) -> Sequence[tuple[str, Sequence[str]]]:
        shown: list[tuple[str, Sequence[str]]] = []
        for row in self.db["offers"]:
            application = self.db["applications"].rows[row["application_id"]]
            person, job = self.db["candidates"].rows[row["candidate_id"]], self.db["jobs"].rows[application["job_id"]]
            shown.append((row["id"], (person["name"], job["title"], row["status"], row["acceptance"])))
        return shown

    def _decide(self, accepted: bool, who: Actor, id: str) -> str:
        pipeline.decide_offer(self.sandbox, who, id, accepted)
        return "Accepted" if accepted else "Declined"

    def _emails(self) -> Sequence[tuple[str, Sequence[str]]]:
        return [(row["id"], (f"{row['created_at']:%d %b %Y, %H:%M}", ", ".join(row["to"]), row["subject"], row["why"]))
                for row in self.db["emails"].newest_first()]  # fmt: skip
