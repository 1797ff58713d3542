"""What a recruiter sees and does here, by the functions that the interfaces use."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from functools import partial
from html import escape, unescape
from typing import Any

from ..kit.desk import Applicant, Application, Choice, Desk, Field, File, Job, Note, Person, Setup
from ..kit.errors import Refused
from ..kit.people import ascii_of
from ..kit.tables import Actor, Row
from . import crud, deeds, mail, recruitment, schema, seed
from .recruitment import APPLICANT, CANDIDATE, ladder
from .sandbox import Sandbox
from .schema import OFFICER, SETTINGS
from .values import text_of

KINDS = {"char": "text", "text": "long", "html": "long", "integer": "number", "float": "number", "boolean": "yes_no",
         "date": "date", "datetime": "text", "selection": "choice"}  # fmt: skip
# What a form of custom fields offers.
MADE = (("char", "Text"), ("text", "Long text"), ("float", "Number"), ("boolean", "Yes or no"), ("date", "Date"))
HOOKED = (("hr.applicant", "Applicants"), ("mail.message", "Messages"), ("ir.attachment", "Attachments"),
          ("hr.job", "Jobs"), ("hr.recruitment.stage", "Stages"))  # fmt: skip
STATES: Mapping[str, Any] = {"ongoing": "active", "hired": "hired", "refused": "rejected", "archived": "rejected"}


def desk(sandbox: Sandbox) -> Desk:
    own = _Desk(sandbox)
    return Desk(
        name="Odoo Recruitment", users=own.users, jobs=own.jobs, people=own.people, person=own.person,
        applications=own.applications, file=own.file, apply=own.apply, move=own.move, reject=own.reject, note=own.note,
        edit=own.edit, reasons=own.reasons, edit_application=own.edit_application, unreject=own.unreject, hire=own.hire,
        tag=own.tag, untag=own.untag, attach=own.attach, delete_note=own.delete_note, delete=own.delete,
        rename_stage=own.rename_stage, open_job=own.open_job, close_job=own.close_job, columns=own.columns,
        setups=[own.keys(), own.rules(), own.fields(), own.mails(), own.outbox()],
    )  # fmt: skip


def plain(body: str) -> str:
    """The text of rich text."""
    broken = re.sub(r"<br\s*/?>|</(p|li|div|h\d)>", "\n", body or "")
    return unescape(re.sub(r"<[^>]+>", "", broken)).strip()


class _Desk:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.db = sandbox.db
        self.root = sandbox.robot()
        self.person_model = CANDIDATE if sandbox.options.persons else APPLICANT

    # What there is.

    def users(self) -> list[Choice]:
        rows = [row for row in self.db["users"] if row["active"] and row["id"] != seed.INTEGRATION]
        able = [row for row in rows if {SETTINGS, OFFICER} & set(row["groups"])]
        return [Choice(str(row["id"]), row["name"]) for row in able]

    def jobs(self) -> list[Job]:
        return [self.job(row) for row in self.db["jobs"]]

    def job(self, row: Row) -> Job:
        steps = [Choice(str(one["id"]), one["name"]) for one in ladder(self.root, row["id"])]
        asked = [Field(one["name"], one["string"]) for one in row["applicant_properties_definition"] or ()]
        place = self.root.name_of("hr.department", row["department_id"])
        company = self.root.name_of("res.company", row["company_id"])
        about = ", ".join(one for one in (place, company) if one)
        return Job(str(row["id"]), row["name"], row["active"], steps, about, row["description"] or "", asked)

    def _where(self, id: str) -> tuple[str, Row]:
        """An applicant by its id."""
        row = self.db[self.root.table(APPLICANT)].get(int(id)) if id.isdigit() else None
        if row is None:
            raise Refused(404, f"There is no applicant {id}")
        return APPLICANT, row

    def _who(self, id: str) -> Row:
        row = self.db["candidates"].get(int(id)) if id.isdigit() else None
        if row is None:
            raise Refused(404, f"There is nobody with the id {id}")
        return row

    def application(self, row: Row) -> Application:
        at, value = row["created_at"], partial(self.root.value, APPLICANT, row)
        state = STATES[str(value("application_status"))]
        why = self.root.name_of("hr.applicant.refuse.reason", row["refuse_reason_id"])
        if state == "rejected" and not why:
            why = "Archived"
        known = row["job_id"]
        job = self.job(self.db["jobs"].rows[known]) if known else Job("", "No job")
        answers = [(one["string"], str(one["value"])) for one in self.root.shown(APPLICANT, row, "applicant_properties")
                   if one["value"]]  # fmt: skip
        of = "application_id" if self.sandbox.options.persons else "candidate_id"
        answers += [self._meeting(one) for one in self.db["interviews"].where(of, row["id"])]
        person = row["candidate_id"] if self.sandbox.options.persons else row["id"]
        names = [name for name, spec in self.sandbox.fields(APPLICANT).items() if spec.manual]
        return Application(str(row["id"]), str(person), str(value("partner_name") or ""), job, at,
                           str(row["stage_id"] or ""), state, why,
                           [self._field(APPLICANT, row, name) for name in ("priority", "kanban_state", *names)],
                           answers)  # fmt: skip

    def _meeting(self, row: Row) -> tuple[str, str]:
        """When a meeting is, and who comes."""
        people = (self.db["contacts"].get(id) for id in row["partner_ids"])
        who = ", ".join(one["name"] for one in people if one)
        said = f"{row['start']:%Y-%m-%d %H:%M} to {row['stop']:%H:%M} UTC, with {who}"
        return f"Meeting: {row['name']}", said if row["active"] else f"{said} (archived)"

    def _field(self, model: str, row: Row, name: str, label: str = "") -> Field:
        spec, value = self.sandbox.fields(model)[name], self.root.value(model, row, name)
        choices = [Choice(key, said) for key, said in spec.selection]
        kind: Any = KINDS.get(spec.type, "text")
        shown = "" if value is None else str(value)
        if kind == "yes_no":
            shown = "true" if value else "false"
        elif spec.type == "datetime" and value:
            shown = text_of(value)
        elif spec.type == "html":
            shown = plain(shown)
        return Field(name, label or spec.string, shown, kind, choices, spec.type not in KINDS, spec.required)

    def applications(self, job_id: str) -> list[Application]:
        rows = self.root.applicants_of(int(job_id)) if job_id.isdigit() else []
        return [self.application(row) for row in reversed(rows)]

    def person(self, id: str) -> Person:
        return self._person(self._who(id))

    def _person(self, row: Row) -> Person:
        model, persons = self.person_model, self.sandbox.options.persons
        applied = self.db["applications"].where("candidate_id", row["id"]) if persons else self._same(row)
        known = [name for name, spec in self.sandbox.fields(model).items() if spec.manual]
        mine = ("linkedin_profile", "availability") if persons else ("linkedin_profile", "availability", "priority",
                                                                     "kanban_state")  # fmt: skip
        rich = () if persons or self.sandbox.options.version == "17" else ("applicant_notes",)
        tags = [self.root.name_of("hr.applicant.category", one) for one in row["categ_ids"]]
        files = self.db["attachments"].where("candidate_id", row["id"])
        told = [one for one in self.db["notes"].where("candidate_id", row["id"]) if plain(one["body"])]
        contact = [self._field(model, row, name) for name in ("partner_name", "email_from", "partner_phone")]
        about = ", ".join(one for one in (f"{len(applied)} applications" if len(applied) > 1 else "",
                                          "" if row["active"] else "archived") if one)  # fmt: skip
        return Person(
            str(row["id"]), row["partner_name"] or f"Applicant {row['id']}", row["created_at"], about, contact,
            [self._field(model, row, name) for name in (*mine, *rich, *known)], tags,
            [self._note(one) for one in reversed(told)],
            [File(str(one["id"]), one["name"], one["created_at"]) for one in files],
            [self.application(one) for one in reversed(applied)],
        )  # fmt: skip

    def _same(self, row: Row) -> list[Row]:
        """Without persons: the applicants with the same address, this one among them."""
        address = schema.normalized(row["email_from"])
        partner = row["partner_id"]
        found = [one for one in self.db["candidates"] if one is not row and partner and one["partner_id"] == partner
                 and schema.normalized(one["email_from"]) == address] if partner else []  # fmt: skip
        return sorted([row, *found], key=lambda one: one["id"])

    def _note(self, row: Row) -> Note:
        kinds = {"comment": "Message", "auto_comment": "E-mail", "notification": "Log", "email": "E-mail"}
        kind = self.root.name_of("mail.message.subtype", row["subtype_id"])
        mark = kind if row["message_type"] == "comment" else kinds.get(row["message_type"], "")
        by = self.root.name_of("res.partner", row["author_id"])
        return Note(str(row["id"]), by, row["date"], plain(row["body"]), mark)

    def people(self, wanted: str, offset: int, limit: int) -> tuple[Sequence[Person], int]:
        rows = [row for row in self.db["candidates"].newest_first() if self._matches(row, wanted)]
        return [self._person(row) for row in rows[offset : offset + limit]], len(rows)

    def _matches(self, row: Row, wanted: str) -> bool:
        tags = [self.root.name_of("hr.applicant.category", one) for one in row["categ_ids"]]
        told = (row["partner_name"], row["email_from"], str(row["id"]), *tags)
        return not wanted or any(wanted in (one or "").lower() for one in told)

    def file(self, id: str) -> tuple[str, str, bytes]:
        row = self.db["attachments"].get(int(id)) if id.isdigit() else None
        if row is None:
            raise Refused(404, f"There is no file {id}")
        return row["name"], row["mimetype"], row["datas"] or b""

    def reasons(self) -> list[Choice]:
        rows = sorted(self.db["reasons"], key=lambda row: (row["sequence"], row["id"]))
        return [Choice(str(row["id"]), row["name"]) for row in rows if row["active"]]

    def columns(self) -> list[str]:
        made = [name for name, spec in self.sandbox.fields(self.person_model).items()
                if spec.manual and spec.type in ("float", "integer", "selection")]  # fmt: skip
        both = [name for name, spec in self.sandbox.fields(APPLICANT).items()
                if spec.manual and spec.type in ("float", "integer", "selection")]  # fmt: skip
        return list(dict.fromkeys([*made, *both, "priority"]))

    # What is done.

    def apply(self, actor: Actor, job_id: str, who: Applicant) -> str:
        """The form of the website: a person, an application, its files."""
        env = self.sandbox.robot(actor)
        medium = next((row["id"] for row in self.db["mediums"] if row["name"] == "Website"), False)
        id = seed.new_applicant(
            env, {"partner_name": who.name, "email_from": who.email, "partner_phone": who.phone or False},
            {"job_id": int(job_id), "medium_id": medium, "applicant_properties": dict(who.answers)})  # fmt: skip
        row = env.row(APPLICANT, id)
        for name, kind, content in who.files:
            self._attach(env, APPLICANT, id, name, kind, content)
        return str(row["candidate_id"] if self.sandbox.options.persons else id)

    def _attach(self, env: Any, model: str, id: int, name: str, kind: str, content: bytes) -> None:
        crud.create(env, "ir.attachment", [{"name": name, "datas": base64.b64encode(content).decode(), "mimetype": kind,
                                            "res_model": model, "res_id": id}])  # fmt: skip

    def attach(self, actor: Actor, id: str, name: str, kind: str, content: bytes) -> str:
        self._attach(self.sandbox.person(actor), self.person_model, self._who(id)["id"], name, kind, content)
        return "Attached"

    def move(self, actor: Actor, id: str, stage: str) -> str:
        model, row = self._where(id)
        before = len(self.db["emails"])
        crud.write(self.sandbox.person(actor), model, [row["id"]], {"stage_id": int(stage)})
        mailed = any(one["why"] == "stage_template" for one in list(self.db["emails"])[before:])
        return "Moved, and the stage's e-mail was sent" if mailed else "Moved"

    def hire(self, actor: Actor, id: str) -> str:
        """Into the first stage of the job that hires."""
        _, row = self._where(id)
        stage = next((one for one in ladder(self.root, row["job_id"] or 0) if one["hired_stage"]), None)
        if stage is None:
            raise Refused(422, "No stage of this job hires")
        return self.move(actor, id, str(stage["id"]))

    def reject(self, actor: Actor, id: str, reason: str) -> str:
        """The wizard of the Refuse button, which mails where the reason has a template."""
        _, row = self._where(id)
        if not reason:
            raise Refused(422, "Choose a reason")
        env = self.sandbox.person(actor)
        asked = {"refuse_reason_id": int(reason), "applicant_ids": [[6, 0, [row["id"]]]]}
        (wizard,) = crud.create(env, "applicant.get.refuse.reason", [asked])
        recruitment.refuse(env, env.row("applicant.get.refuse.reason", wizard))
        return "Refused"

    def unreject(self, actor: Actor, id: str) -> str:
        _, row = self._where(id)
        env = self.sandbox.person(actor)
        if row["active"]:
            recruitment.reset(env, [row["id"]])
        else:
            recruitment.set_active(env, APPLICANT, [row["id"]], True)
        return "Back in the first stage"

    def note(self, actor: Actor, id: str, body: str) -> str:
        """Log note, as the button of the chatter does."""
        if not body:
            raise Refused(422, "Write something")
        lines = "<br>".join(escape(line) for line in body.splitlines())
        mail.post(
            self.sandbox.person(actor),
            self.person_model,
            self._who(id),
            {"body": f"<p>{lines}</p>", "body_is_html": True, "message_type": "comment", "subtype_xmlid": mail.NOTE},
        )
        return "Logged"

    def delete_note(self, actor: Actor, id: str) -> str:
        crud.unlink(self.sandbox.robot(actor), "mail.message", [int(id)])
        return "Deleted"

    def edit(self, actor: Actor, id: str, values: Mapping[str, str]) -> str:
        row = self._who(id)
        return self._edited(actor, self.person_model, row, values)

    def edit_application(self, actor: Actor, id: str, values: Mapping[str, str]) -> str:
        model, row = self._where(id)
        return self._edited(actor, model, row, values)

    def _edited(self, actor: Actor, model: str, row: Row, values: Mapping[str, str]) -> str:
        """Only what a form made different is written, as the web client does it."""
        changed: dict[str, Any] = {}
        for name, value in values.items():
            if value != self._field(model, row, name).value:
                kind = self.sandbox.fields(model)[name].type
                changed[name] = value == "true" if kind == "boolean" else value or False
        if changed:
            crud.write(self.sandbox.person(actor), model, [row["id"]], changed)
        return "Saved"

    def tag(self, actor: Actor, id: str, name: str) -> str:
        row, env = self._who(id), self.sandbox.person(actor)
        if not name:
            raise Refused(422, "Write a tag")
        known = next((one["id"] for one in self.db["tags"] if one["name"].lower() == name.lower()), None)
        change = [4, known] if known else [0, 0, {"name": name}]
        crud.write(env, self.person_model, [row["id"]], {"categ_ids": [change]})
        return "Tagged"

    def untag(self, actor: Actor, id: str, name: str) -> str:
        row = self._who(id)
        gone = [[3, one] for one in row["categ_ids"] if self.root.name_of("hr.applicant.category", one) == name]
        crud.write(self.sandbox.person(actor), self.person_model, [row["id"]], {"categ_ids": gone})
        return "Removed"

    def delete(self, actor: Actor, id: str) -> None:
        deeds.delete_record(self.sandbox.person(actor), self.person_model, self._who(id)["id"])

    def rename_stage(self, actor: Actor, id: str, name: str) -> str:
        if not name:
            raise Refused(422, "Write a name")
        crud.write(self.sandbox.robot(actor), "hr.recruitment.stage", [int(id)], {"name": name})
        return "Renamed"

    def open_job(self, actor: Actor, title: str, stages: Sequence[str]) -> str:
        env = self.sandbox.person(actor)
        (job,) = crud.create(env, "hr.job", [{"name": title or False, "is_published": True}])
        for place, name in enumerate(stages):
            crud.create(
                self.sandbox.robot(actor),
                "hr.recruitment.stage",
                [
                    {
                        "name": name,
                        "sequence": place,
                        "job_ids": [[6, 0, [job]]],
                        "hired_stage": place == len(stages) - 1,
                    }
                ],
            )
        return str(job)

    def close_job(self, actor: Actor, id: str) -> str:
        """Archived, and with it everybody who applied."""
        crud.write(self.sandbox.person(actor), "hr.job", [int(id)], {"active": False})
        return "Archived, with its applicants"

    # Settings.

    def keys(self) -> Setup:
        def rows() -> list[tuple[str, list[str]]]:
            return [
                (
                    str(row["id"]),
                    [
                        row["name"],
                        self.root.name_of("res.users", row["user_id"]),
                        self.db["users"].rows[row["user_id"]]["login"],
                        ", ".join(row["scopes"]),
                        text_of(row["expires_at"]) if row["expires_at"] else "never",
                        "revoked" if row["revoked"] else "works",
                    ],
                )
                for row in self.db["credentials"]
            ]

        def form() -> list[Field]:
            users = [Choice(str(row["id"]), row["name"]) for row in self.db["users"] if row["active"]]
            return [Field("name", "Name", "Bridge", required=True), Field("user", "User", users[0].id, "choice", users),
                    Field("days", "Days it works (empty: for ever)", "", "number")]  # fmt: skip

        def make(actor: Actor, values: Mapping[str, str]) -> str:
            days = float(values["days"]) if values.get("days") else None
            row = self.sandbox.new_key(
                actor, values.get("name") or "Key", int(values.get("user") or seed.INTEGRATION), days=days
            )
            return f"The key, shown this once: {row['secret']}"

        def revoke(actor: Actor, id: str) -> str:
            self.db.change("credentials", int(id), actor, {"revoked": True})
            return "Revoked"

        return Setup(
            "keys",
            "API keys",
            "A key acts as its user, with the groups of that user.",
            ["Name", "User", "Login", "Groups", "Expires", "State"],
            rows,
            form,
            make,
            {"revoke": revoke},
        )

    def rules(self) -> Setup:
        def does(action: Row) -> str:
            if action["state"] == "mail_post":
                return f"e-mail: {self.root.name_of('mail.template', action['template_id'])}"
            return action["url"] or action["state"]

        def rows() -> list[tuple[str, list[str]]]:
            return [
                (
                    str(row["id"]),
                    [
                        row["name"],
                        self.root.name_of("ir.model", row["model_id"]),
                        row["trigger"],
                        ", ".join(map(does, self.db["webhooks"].where("base_automation_id", row["id"]))),
                        "active" if row["active"] else "archived",
                    ],
                )
                for row in self.db["automations"]
            ]

        def form() -> list[Field]:
            people = [("hr.candidate", "Candidates")] if self.sandbox.options.persons else []
            models = [Choice(name, said) for name, said in (*HOOKED[:1], *people, *HOOKED[1:])]
            triggers = [Choice(name, said) for name, said in schema.TRIGGERS]
            return [Field("name", "Name", "Tell the bridge", required=True), Field("url", "Webhook URL", required=True),
                    Field("model", "Model", APPLICANT, "choice", models),
                    Field("trigger", "Trigger", "on_create_or_write", "choice", triggers)]  # fmt: skip

        def make(actor: Actor, values: Mapping[str, str]) -> str:
            if not values.get("url", "").startswith(("http://", "https://")):
                raise Refused(422, "Write the address of a receiver")
            model = self.sandbox.model_ids[values.get("model") or APPLICANT]
            action = {"name": "Send Webhook Notification", "model_id": model, "state": "webhook",
                      "webhook_url": values["url"]}  # fmt: skip
            crud.create(self.sandbox.robot(actor), "base.automation", [{
                "name": values.get("name") or "Rule", "model_id": model,
                "trigger": values.get("trigger") or "on_create_or_write",
                "action_server_ids": [[0, 0, action]]}])  # fmt: skip
            return "Saved. Nothing is signed and nothing is tried twice."

        def switch(actor: Actor, id: str) -> None:
            active = self.db["automations"].rows[int(id)]["active"]
            crud.write(self.sandbox.robot(actor), "base.automation", [int(id)], {"active": not active})

        def drop(actor: Actor, id: str) -> str:
            crud.unlink(self.sandbox.robot(actor), "base.automation", [int(id)])
            return "Deleted"

        return Setup("automation", "Automation rules", "A rule sends a webhook for each record that it holds for.",
                     ["Name", "Model", "Trigger", "Webhook URL", "State"], rows, form, make,
                     {"switch": switch, "delete": drop})  # fmt: skip

    def fields(self) -> Setup:
        def rows() -> list[tuple[str, list[str]]]:
            return [(str(row["id"]), [row["name"], row["field_description"], row["model"], row["ttype"],
                                      "required" if row["required"] else ""])
                    for row in self.db["fields"] if row["state"] == "manual"]  # fmt: skip

        def form() -> list[Field]:
            models = [Choice(APPLICANT, "Applicant"), *([Choice(CANDIDATE, "Candidate")] if self.sandbox.options.persons
                                                        else [])]  # fmt: skip
            return [Field("label", "Label", required=True), Field("model", "Model", APPLICANT, "choice", models),
                    Field("type", "Type", "char", "choice", [Choice(key, said) for key, said in MADE])]  # fmt: skip

        def make(actor: Actor, values: Mapping[str, str]) -> str:
            label = values.get("label", "")
            name = "x_" + "_".join(ascii_of(one) for one in label.split()).lower()
            crud.create(self.sandbox.robot(actor), "ir.model.fields", [{
                "name": name, "field_description": label, "ttype": values.get("type") or "char",
                "model_id": self.sandbox.model_ids[values.get("model") or APPLICANT]}])  # fmt: skip
            return f"Made as {name}"

        def drop(actor: Actor, id: str) -> str:
            crud.unlink(self.sandbox.robot(actor), "ir.model.fields", [int(id)])
            return "Deleted with its values"

        return Setup("fields", "Custom fields", "Programs make them too, with a key of a user who has Settings rights.",
                     ["Name", "Label", "Model", "Type", ""], rows, form, make, {"delete": drop})  # fmt: skip

    def mails(self) -> Setup:
        def rows() -> list[tuple[str, list[str]]]:
            named = partial(self.root.name_of, "hr.job")
            return [
                (
                    str(row["id"]),
                    [
                        row["name"],
                        ", ".join(map(named, row["job_ids"])) or "all jobs",
                        self.root.name_of("mail.template", row["template_id"]),
                        "hires" if row["hired_stage"] else "",
                    ],
                )
                for row in sorted(self.db["stages"], key=lambda row: (row["job_ids"], row["sequence"]))
            ]

        def switch(actor: Actor, id: str) -> None:
            held = self.db["stages"].rows[int(id)]["template_id"]
            crud.write(self.sandbox.robot(actor), "hr.recruitment.stage", [int(id)],
                       {"template_id": False if held else self.db["templates"].ids[0]})  # fmt: skip

        return Setup("stages", "Stages and their e-mails", "Whoever enters a stage with a template gets its e-mail.",
                     ["Stage", "Jobs", "E-mail", ""], rows, acts={"switch": switch})  # fmt: skip

    def outbox(self) -> Setup:
        def rows() -> list[tuple[str, list[str]]]:
            newest = list(self.db["emails"])[-200:]
            return [(str(row["id"]), [text_of(row["created_at"]), ", ".join(row["to"]), row["subject"] or "",
                                      row["why"]])
                    for row in reversed(newest)]  # fmt: skip

        return Setup("outbox", "Outbox", "E-mail that would have been sent, newest first.",
                     ["At", "To", "Subject", "Why"], rows)  # fmt: skip
