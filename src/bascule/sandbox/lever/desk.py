"""The pages of this ATS: what they show of a tenant of Lever, and what a person does on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..kit.desk import Applicant, Application, Choice, Desk, Field, File, Job, Note, Person, Setup
from ..kit.errors import Refused
from ..kit.ids import Id
from ..kit.tables import CAREERS, Actor, Row
from . import people, records
from .access import CONFIDENTIAL, OFFLINE, scopes
from .errors import invalid, missing
from .hooks import EVENTS, ORIGINS, save_hook, switched_on
from .jobs import custom_answers
from .sandbox import Sandbox
from .seed import post

# The page of opportunities without a posting.
NONE = "none"
KINDS: Mapping[str, Any] = {
    "text": "text", "textarea": "long", "code": "long", "currency": "number", "date": "date", "dropdown": "choice",
    "multiple-choice": "choice", "multiple-select": "choices", "yes-no": "choice", "score-system": "choice",
    "score": "choice",
}  # fmt: skip
DOCUMENTS = ("pdf", "doc", "docx", "txt", "rtf", "odt")


def desk(sandbox: Sandbox) -> Desk:
    """The pages of a tenant."""
    it = Office(sandbox)
    return Desk(
        name="Lever", users=it.users, jobs=it.jobs, people=it.people, person=it.person, applications=it.applications,
        file=it.file, apply=it.apply, move=it.move, reject=it.reject, note=it.note, edit=it.edit, reasons=it.reasons,
        edit_application=it.edit_application, unreject=it.unreject, hire=it.hire, tag=it.tag, untag=it.untag,
        attach=it.attach, delete_note=it.delete_note,
        merge=lambda who, into, gone: people.merge(sandbox, who, into, gone),
        anonymize=lambda who, id: people.anonymize(sandbox, who, id),
        delete=lambda who, id: people.delete_contact(sandbox, who, id),
        rename_stage=it.rename_stage, open_job=it.open_job, close_job=it.close_job, columns=it.columns,
        setups=[it.keys(), it.apps(), it.events(), it.hooks(), it.templates("form_templates", "Profile form templates"),
                it.templates("feedback_templates", "Feedback templates"), it.outbox()],
    )  # fmt: skip


class Office:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.db = sandbox.db

    # What is shown.

    def users(self) -> list[Choice]:
        return [Choice(row["id"], row["name"]) for row in self.db["users"] if row["deactivated_at"] is None]

    def _user(self, id: Id) -> str:
        row = self.db["users"].get(id)
        return row["name"] if row else "System"

    def _ladder(self) -> list[Choice]:
        rows = sorted(self.db["stages"], key=lambda row: row["position"])
        return [Choice(row["id"], row["text"]) for row in rows]

    def jobs(self) -> list[Job]:
        ladder = self._ladder()
        return [*(self._job(row, ladder) for row in self.db["jobs"]), Job(NONE, "No posting", False, ladder)]

    def _job(self, row: Row, ladder: Sequence[Choice]) -> Job:
        where = [row["categories"]["team"], row["categories"]["location"]]
        about = ", ".join(one for one in where if one)
        marks = [one for one in (row["state"], row["confidentiality"]) if one not in ("published", "non-confidential")]
        questions = [Field(one["id"], one["text"], kind="yes_no" if one["type"] == "yes-no" else "text",
                           required=one["required"])
                     for form in row["content"]["customQuestions"] for one in form["fields"]]  # fmt: skip
        return Job(row["id"], row["text"], row["state"] == "published", ladder, " · ".join([about, *marks]),
                   row["content"]["descriptionHtml"], questions)  # fmt: skip

    def people(self, query: str, offset: int, most: int) -> tuple[list[Person], int]:
        def found(row: Row) -> bool:
            tags = [tag for one in self.db["applications"].where("candidate_id", row["id"]) for tag in one["tags"]]
            return any(query in text.lower() for text in (row["name"], row["id"], *row["emails"], *tags))

        rows = [row for row in self.db["candidates"].newest_first() if not query or found(row)]
        return [self.person(row["id"]) for row in rows[offset : offset + most]], len(rows)

    def person(self, id: str) -> Person:
        row = self.sandbox.row("candidates", id)
        own = self.db["applications"].where("candidate_id", id)
        notes = sorted(self.db["notes"].where("candidate_id", id), key=lambda one: one["created_at"], reverse=True)
        files = [
            File(one["id"], one["name"], one["created_at"]) for one in self.db["attachments"].where("candidate_id", id)
        ]
        contact = (
            Field("name", "Name", row["name"], required=True), Field("headline", "Headline", row["headline"]),
            Field("location", "Location", row["location"]),
            Field("emails", "E-mail addresses, one a line", "\n".join(row["emails"]), "long"),
            Field("phones", "Phones, one a line: number, type",
                  "\n".join(f"{one['value']}, {one['type']}" for one in row["phones"]), "long"),
            Field("links", "Links, one a line", "\n".join(row["links"]), "long"),
        )  # fmt: skip
        return Person(
            id, row["name"] or "(no name)", row["created_at"], row["headline"], contact,
            tags=list(dict.fromkeys(tag for one in own for tag in one["tags"])),
            notes=[self._note(one) for one in notes if one["deleted_at"] is None], files=files,
            applications=[self._application(one, row) for one in own],
        )  # fmt: skip

    def _note(self, row: Row) -> Note:
        marks = [f"score {one['score']}" for one in row["fields"] if one["score"]]
        text = "\n\n".join(one["value"] for one in row["fields"])
        return Note(row["id"], self._user(row["user_id"]), row["created_at"], text,
                    ", ".join([*(["secret"] if row["secret"] else []), *marks]))  # fmt: skip

    def applications(self, job: str) -> list[Application]:
        rows = self.db["applications"].where("job_id", job) if job != NONE else [
            row for row in self.db["applications"] if row["job_id"] is None]  # fmt: skip
        return [self._application(row, self.db["candidates"].rows[row["candidate_id"]]) for row in reversed(rows)]

    def _application(self, row: Row, person: Row) -> Application:
        ladder, job = self._ladder(), self.db["jobs"].get(row["job_id"])
        reason = self.db["archive_reasons"].get((row["archived"] or {}).get("reason"))
        state = "active" if row["archived"] is None else "hired" if reason and reason["type"] == "hired" else "rejected"
        answers = [(one["text"], str(one.get("value") or ""))
                   for made in self.db["submissions"].where("application_id", row["id"])
                   for form in made["custom_questions"] for one in form["fields"]]  # fmt: skip
        answers += [(f"Interview: {one['subject']}", self._when(one))
                    for one in self.db["interviews"].where("application_id", row["id"])]  # fmt: skip
        shown = self._job(job, ladder) if job else Job(NONE, "No posting", False, ladder)
        return Application(row["id"], person["id"], person["name"], shown, row["created_at"], row["stage_id"], state,
                           f"Archived: {reason['text']}" if reason else "", self._fields(row), answers)  # fmt: skip

    @staticmethod
    def _when(row: Row) -> str:
        who = ", ".join(one["name"] for one in row["interviewers"])
        where, off = row["location"], " (cancelled)" if row["canceled_at"] else ""
        said = f"{row['date']:%Y-%m-%d %H:%M} UTC, {row['duration']} minutes, with {who}"
        return f"{said}, {where}{off}" if where else f"{said}{off}"

    def _fields(self, row: Row) -> list[Field]:
        """What an opportunity has besides its stage: owner, sources, snooze; profile forms; feedback."""
        snoozed = row["snoozed_until"]
        own = [Field("owner", "Owner", row["owner_id"] or "", "choice", self.users()),
               Field("sources", "Sources, one a line", "\n".join(row["sources"]), "long"),
               Field("snoozed", "Snoozed until", f"{snoozed:%Y-%m-%d}" if snoozed else "", "date")]  # fmt: skip
        for template in self.db["form_templates"]:
            made = self._form(row, template["id"])
            values = {one["id"]: one["value"] for one in made["fields"]} if made else {}
            own += [_field(one, values.get(one["id"])) for one in template["fields"]]
        for form in self.db["feedback"].where("application_id", row["id"]):
            said = "\n".join(f"{one['text']}: {one['value']}" for one in form["fields"] if one["value"])
            who = f"{form['text']}, {self._user(form['user_id'])}"
            own.append(Field(f"feedback-{form['id']}", who, said, "long", fixed=True))
        return own

    def _form(self, row: Row, template: Id) -> Row | None:
        """The newest profile form of a template: what a person reads as its values."""
        found = [one for one in self.db["forms"].where("application_id", row["id"])
                 if one["template_id"] == template and one["deleted_at"] is None]  # fmt: skip
        return max(found, key=lambda one: one["created_at"], default=None)

    def columns(self) -> list[str]:
        """The fields of forms that programs have made templates for: their scores."""
        return [one["id"] for template in self.db["form_templates"] if template["by_api"]
                for one in template["fields"] if one["type"] != "textarea"]  # fmt: skip

    def reasons(self) -> list[Choice]:
        return [Choice(row["id"], row["text"]) for row in self.db["archive_reasons"]
                if row["type"] == "non-hired" and row["status"] == "active"]  # fmt: skip

    def file(self, id: str) -> tuple[str, str, bytes]:
        row = self.sandbox.row("attachments", id)
        return row["name"], records.media_type(row["ext"]), row["content"]

    # What a person does.

    def apply(self, who: Actor, job: str, given: Applicant) -> str:
        row = self.sandbox.row("jobs", job)
        forms: list[Row] = [{"id": form["id"], "fields": [{"value": _answer(one, given.answers.get(one["id"], ""))}
                                                          for one in form["fields"]]}
                            for form in row["content"]["customQuestions"]]  # fmt: skip
        phones = [{"type": "mobile", "value": given.phone}] if given.phone else []
        person = {"name": given.name, "emails": [given.email], "phones": phones}
        resume = next(((name, content) for name, _, content in given.files), None)
        made, _ = records.apply(self.sandbox, CAREERS if who.kind == "careers" else who, row, person,
                                {"custom_questions": custom_answers(row, forms)}, resume=resume, source="Posting",
                                silent=False)  # fmt: skip
        for name, _, content in given.files[1:]:
            records.keep(self.sandbox, who, made["id"], name, content)
        return made["candidate_id"]

    def move(self, who: Actor, id: str, stage: str) -> None:
        people.move(self.sandbox, who, id, stage)

    def reject(self, who: Actor, id: str, reason: str) -> None:
        people.archive(self.sandbox, who, id, reason)

    def unreject(self, who: Actor, id: str) -> None:
        people.archive(self.sandbox, who, id, None)

    def hire(self, who: Actor, id: str) -> None:
        """Against the open requisition of its posting, where the account has them."""
        row = self.sandbox.row("applications", id)
        reason = next(one["id"] for one in self.db["archive_reasons"]
                      if one["type"] == "hired" and one["status"] == "active")  # fmt: skip
        linked = next((one["id"] for one in self.db["requisitions"]
                       if row["job_id"] in one["postings"] and one["status"] == "open"), None)  # fmt: skip
        people.archive(self.sandbox, who, id, reason, requisition=linked)

    def _newest(self, contact: str) -> Row:
        """The opportunity that a note about a person goes to: the newest that is not archived, else the newest."""
        own = self.db["applications"].where("candidate_id", contact)
        if not own:
            raise missing("Opportunity")
        return max(own, key=lambda one: (one["archived"] is None, one["created_at"]))

    def note(self, who: Actor, contact: str, text: str) -> None:
        records.note(self.sandbox, who, self._newest(contact)["id"], {"value": text})

    def delete_note(self, who: Actor, id: str) -> None:
        row = self.sandbox.row("notes", id)
        records.remove(self.sandbox, who, "notes", row["application_id"], id, by_api=False)

    def tag(self, who: Actor, contact: str, name: str) -> None:
        if not name:
            raise invalid("A tag needs a name")
        people.label(self.sandbox, who, self._newest(contact)["id"], "tags", [name])

    def untag(self, who: Actor, contact: str, name: str) -> None:
        for one in self.db["applications"].where("candidate_id", contact):
            people.label(self.sandbox, who, one["id"], "tags", [name], remove=True)

    def attach(self, who: Actor, contact: str, name: str, kind: str, content: bytes) -> None:
        """A document is a resume where there is none yet, or where it says so; everything else is a file."""
        row = self._newest(contact)
        has = any(one["kind"] == "resume" for one in self.db["attachments"].where("application_id", row["id"]))
        document = name.rpartition(".")[2].lower() in DOCUMENTS
        named = any(word in name.lower() for word in ("cv", "resume"))
        records.keep(
            self.sandbox, who, row["id"], name, content, kind="resume" if document and (named or not has) else "file"
        )

    def edit(self, who: Actor, contact: str, values: Mapping[str, str]) -> None:
        given: dict[str, Any] = {key: values[key] for key in ("name", "headline", "location") if key in values}
        for key in ("emails", "links"):
            if key in values:
                given[key] = _lines(values[key])
        if "phones" in values:
            pairs = [line.rpartition(",") if "," in line else (line, "", "mobile") for line in _lines(values["phones"])]
            given["phones"] = [{"value": number.strip(), "type": kind.strip()} for number, _, kind in pairs]
        people.update_contact(self.sandbox, who, contact, people.contact_values(given))

    def edit_application(self, who: Actor, id: str, values: Mapping[str, str]) -> None:
        row = self.sandbox.row("applications", id)
        chosen: dict[str, Any] = {}
        if values.get("owner"):
            chosen["owner_id"] = values["owner"]
        if "sources" in values:
            chosen["sources"] = people.known_texts(self.sandbox, who, "sources", _lines(values["sources"]))
        if "snoozed" in values:
            chosen["snoozed_until"] = _day(values["snoozed"])
        self.db.change("applications", id, who, chosen)
        for template in self.db["form_templates"]:
            self._fill(who, row, template, values)

    def _fill(self, who: Actor, row: Row, template: Row, values: Mapping[str, str]) -> None:
        """On the pages, a form that is there can be changed; through the interface only another can be filled in."""
        made = self._form(row, template["id"])
        held = {one["id"]: one["value"] for one in made["fields"]} if made else {}
        told = {one["id"]: _parsed(one, values[one["id"]]) if one["id"] in values else held.get(one["id"])
                for one in template["fields"]}  # fmt: skip
        if all(value == held.get(id) for id, value in told.items()):
            return
        given = [{"id": id, "value": value} for id, value in told.items()]
        if made is None:
            records.form(self.sandbox, who, row["id"], {"baseTemplateId": template["id"], "fields": given})
        else:
            self.db.change(
                "forms", made["id"], who, {"fields": records.filled(template, given, "A value is not valid")}
            )
            self.sandbox.interacted(row["id"], "forms")

    def rename_stage(self, who: Actor, id: str, name: str) -> None:
        self.sandbox.row("stages", id)
        if not name:
            raise invalid("A stage needs a name")
        self.db.change("stages", id, who, {"text": name})

    def open_job(self, who: Actor, title: str, stages: Sequence[str]) -> str:
        """A posting; its stages are the account's, whatever was written."""
        if not title:
            raise invalid("A posting needs a title")
        return post(self.sandbox, len(self.db["jobs"]), {"title": title})["id"]

    def close_job(self, who: Actor, id: str) -> None:
        self.sandbox.row("jobs", id)
        self.db.change("jobs", id, who, {"state": "closed"})

    # Settings.

    def keys(self) -> Setup:
        return Setup(
            "keys", "API keys", "For the account's own programs. A key may be restricted to some endpoints; whether it "
            "sees confidential data is chosen here and stays so.", ("Name", "May", "Confidential", "Acts as", "State"),
            lambda: self._credentials("key"), lambda: self._credential_form(key=True), self.make_key,
            {"rotate": self.rotate, "revoke": self.sandbox.access.revoke},
        )  # fmt: skip

    def apps(self) -> Setup:
        return Setup(
            "apps", "OAuth apps", "As Lever registers them for a partner.",
            ("Name", "May ask for", "Client id", "State"),
            lambda: [(id, (cells[0], cells[1], self.db["credentials"].rows[id]["client_id"], cells[4]))
                     for id, cells in self._credentials("app")],
            lambda: self._credential_form(key=False), self.make_app,
            {"rotate": self.rotate, "revoke": self.sandbox.access.revoke},
        )  # fmt: skip

    def _credentials(self, kind: str) -> list[tuple[str, tuple[str, ...]]]:
        every = len(scopes())
        return [(row["id"], (row["name"], "everything" if len(row["scopes"]) >= every else ", ".join(row["scopes"]),
                             "yes" if row["confidential"] else "no", self._user(row["user_id"]),
                             "revoked" if row["revoked"] else "active"))
                for row in self.db["credentials"] if row["kind"] == kind]  # fmt: skip

    def _credential_form(self, *, key: bool) -> list[Field]:
        names = [*scopes(), *([] if key else [CONFIDENTIAL])]
        may = Field(
            "scopes", "May (nothing chosen: everything)", kind="choices", choices=[Choice(one, one) for one in names]
        )
        own = [Field("confidential", "Sees confidential data", "false", "yes_no")] if key else [
            Field("redirect_uris", "Address that users are sent back to", required=True)]  # fmt: skip
        return [Field("name", "Name", required=True), *own, may]

    def make_key(self, who: Actor, values: Mapping[str, str]) -> str:
        row = self.sandbox.access.key(who, values.get("name", ""), _lines(values.get("scopes", "")) or scopes(),
                                      confidential=values.get("confidential") == "true", user=who.user_id)  # fmt: skip
        return f"API key: {row['secret']}"

    def make_app(self, who: Actor, values: Mapping[str, str]) -> str:
        may = _lines(values.get("scopes", "")) or [*scopes(), CONFIDENTIAL]
        row = self.sandbox.access.app(who, values.get("name", ""), may, _lines(values.get("redirect_uris", "")))
        return f"Client id: {row['client_id']}   secret: {row['secret']}   ask for {OFFLINE} to get a refresh token"

    def rotate(self, who: Actor, id: str) -> str:
        return f"New secret: {self.sandbox.access.rotate(who, id)}"

    def events(self) -> Setup:
        """What must be on for anything to be sent, also to webhooks that programs have made."""

        def switch(who: Actor, id: str) -> None:
            row = self.sandbox.row("webhook_events", int(id))
            self.db.change("webhook_events", row["id"], who, {"on": not row["on"]})

        return Setup("events", "Webhook events", "A webhook that a program has made sends nothing until its event is "
                     "switched on here.", ("Event", "State"),
                     lambda: [(str(row["id"]), (row["event"], "on" if row["on"] else "off"))
                              for row in self.db["webhook_events"]],
                     acts={"switch": switch})  # fmt: skip

    def hooks(self) -> Setup:
        def rows() -> list[tuple[str, tuple[str, ...]]]:
            return [(row["id"], (row["event"], row["url"], row["made_by"], ", ".join(row["origins"]) or "all",
                                 row["signature_token"],
                                 "sends" if switched_on(self.sandbox, row["event"]) else "event is off"))
                    for row in self.db["webhooks"]]  # fmt: skip

        return Setup(
            "webhooks", "Webhooks", "One for each event and address.",
            ("Event", "Address", "Made by", "Origins", "Signature token", "State"), rows,
            lambda: [Field("url", "Address", kind="url", required=True),
                     Field("events", "Events", kind="choices", choices=[Choice(one, one) for one in EVENTS]),
                     Field("origins", "Only these origins", kind="choices",
                           choices=[Choice(one, one) for one in ORIGINS])],
            self.make_hooks, {"test": self.test_hook, "delete": self.delete_hook},
        )  # fmt: skip

    def make_hooks(self, who: Actor, values: Mapping[str, str]) -> str:
        """Enter an address for some events; that switches them on."""
        chosen = _lines(values.get("events", ""))
        if not chosen:
            raise invalid("Choose an event")
        origins = _lines(values.get("origins", ""))
        for event in chosen:
            conditions = {"conditions": {"origins": origins}} if origins and EVENTS.get(event) else {}
            save_hook(self.sandbox, who, {"url": values.get("url"), "event": event, "configuration": conditions},
                           None, made_by="ui", confidential=True)  # fmt: skip
            for row in self.db["webhook_events"]:
                if row["event"] == event:
                    self.db.change("webhook_events", row["id"], who, {"on": True})
        return "Saved; the signature tokens are in the list"

    async def test_hook(self, who: Actor, id: str) -> str:
        """Send a candidateHired with nothing in it, as Lever's own test does."""
        row = self.sandbox.row("webhooks", id)
        delivery = self.sandbox.hooks.record(row, "candidateHired", {})
        reply = await self.sandbox.hooks.post(row, delivery)
        answered = reply is not None and 200 <= reply.status < 300
        delivery.state = "delivered" if answered else "failed"
        if not answered:
            raise Refused(400, "The address did not answer with 2xx")
        self.db.change("webhooks", id, who, {"verified_at": self.sandbox.now()})
        return "The address answers"

    def delete_hook(self, who: Actor, id: str) -> None:
        """On the pages, only what was made there."""
        if self.sandbox.row("webhooks", id)["made_by"] != "ui":
            raise invalid("A webhook that a program has made can only be deleted by programs")
        self.sandbox.hooks.remove(who, id)

    def templates(self, kind: str, title: str) -> Setup:
        known = records.FEEDBACK_FIELDS if kind == "feedback_templates" else records.FORM_FIELDS

        def rows() -> list[tuple[str, tuple[str, ...]]]:
            def told(one: Row) -> str:
                return f"{one['text']} ({one['type']}{', required' if one['required'] else ''})"

            return [(row["id"], (row["text"], "; ".join(map(told, row["fields"])), "API" if row["by_api"] else "pages"))
                    for row in self.db[kind]]  # fmt: skip

        def make(who: Actor, values: Mapping[str, str]) -> str:
            fields: list[Row] = []
            for line in _lines(values.get("fields", "")):
                name, _, rest = line.partition("|")
                type, _, options = rest.partition("|")
                fields.append({"text": name.strip(), "type": type.strip() or "text",
                               "options": [one.strip() for one in options.split(",") if one.strip()]})  # fmt: skip
            records.save_template(self.sandbox, who, kind, {"text": values.get("text", ""), "fields": fields})
            return "Created"

        def delete(who: Actor, id: str) -> None:
            records.delete_template(self.sandbox, who, kind, id)

        return Setup(kind, title, f"Types: {', '.join(known)}.", ("Name", "Fields", "Made by"), rows,
                     lambda: [Field("text", "Name", required=True),
                              Field("fields", "Fields, one a line: name | type | options", kind="long", required=True)],
                     make, {"delete": delete})  # fmt: skip

    def outbox(self) -> Setup:
        return Setup("outbox", "Outbox", "E-mails that Lever would have sent. Nothing leaves this machine.",
                     ("To", "Subject", "Text", "Because of"),
                     lambda: [(str(row["id"]), (", ".join(row["to"]), row["subject"], row["body"], row["why"]))
                              for row in reversed(list(self.db["emails"]))])  # fmt: skip


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise invalid("A date is written as 2026-12-31") from None


def _options(field: Row) -> list[str]:
    fixed = {"yes-no": ["yes", "no", "?"], "score": ["1", "2", "3", "4"]}
    return fixed.get(field["type"]) or [one["text"] for one in field.get("options", ())]


def _field(field: Row, value: Any) -> Field:
    """A field of a form as the pages show it."""
    if value is None:
        shown = ""
    elif isinstance(value, list):
        shown = "\n".join(value)
    elif field["type"] == "date":
        shown = f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%d}"
    else:
        shown = str(value)
    return Field(field["id"], field["text"], shown, KINDS[field["type"]], [Choice(one, one) for one in _options(field)],
                 required=field["required"])  # fmt: skip


def _parsed(field: Row, text: str) -> Any:
    """A value of a form out of what was written on a page."""
    if not text:
        return None
    try:
        match field["type"]:
            case "currency":
                return float(text) if "." in text else int(text)
            case "score":
                return int(text)
            case "date":
                day = _day(text)
                return day and round(day.timestamp() * 1000)
            case "multiple-select":
                return text.split("\n")
            case _:
                return text
    except ValueError:
        raise invalid(f"{field['text']}: {text!r} is not a number") from None


def _answer(question: Row, text: str) -> str:
    return {"true": "yes", "false": "no"}.get(text, text) if question["type"] == "yes-no" else text
