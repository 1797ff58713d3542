"""An Odoo database: 19 over JSON-2, 17 and 18 over JSON-RPC; in 18 persons are apart from their applications."""

from __future__ import annotations

import base64
import json
from typing import Any, ClassVar

from bascule.model import Kind, Presence
from bascule.sandbox.kit.desk import Applicant
from bascule.sandbox.kit.tables import Actor, plain
from bascule.sandbox.odoo import Options, Sandbox, create_app
from bascule.sandbox.odoo.ats import desk
from bascule.sandbox.odoo.ats import plain as text
from bascule.sandbox.odoo.crud import create, write
from bascule.sandbox.odoo.recruitment import ladder

from . import CV, Edited, Gone, OnKit, Setting, beside

DANA = Actor("user:Dana Whitfield", 3)
SERVICE = 2
CONTACT = ("partner_name", "email_from", "partner_phone", "partner_mobile", "linkedin_profile")


class Account(OnKit):
    system: ClassVar[str] = "odoo"
    variants = ("19", "17", "18")
    edited = (
        Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB, Kind.STAGE, Kind.NOTE, Kind.ATTACHMENT, Kind.INTERVIEW, Kind.USER,
        Kind.SOURCE, Kind.REJECTION_REASON,
    )  # fmt: skip

    def __init__(self, setting: Setting) -> None:
        options = Options(version=setting.variant or "19", candidates=setting.candidates)  # type: ignore[arg-type]
        sandbox = Sandbox(options, **setting.outside)
        self.stand(setting, sandbox, create_app(sandbox))
        self.desk = desk(self.sandbox)
        self.key = self.sandbox.new_key(DANA, "Bridge", SERVICE)
        self.applied = "applications" if options.persons else "candidates"

    def settings(self) -> dict[str, str]:
        if self.sandbox.options.version == "19":
            return {}
        return {"database": "acme", "login": self.db["users"].rows[SERVICE]["login"]}

    def secrets(self) -> dict[str, str]:
        return {"api_key": self.key["secret"], "webhook_secret": self.setting.secret}

    def row(self, application: str) -> Any:
        return self.db[self.applied].rows[int(application)]

    def home(self, row: Any) -> str:
        return str(row["candidate_id"] if self.sandbox.options.persons else row["id"])

    def applicant(self) -> tuple[str, str]:
        row = next(
            one for one in self.db[self.applied]
            if one["active"] and not one["refuse_reason_id"] and not one["date_closed"] and one["job_id"]
        )  # fmt: skip
        return self.home(row), str(row["id"])

    def applications(self) -> set[str]:
        return {str(id) for id in self.db[self.applied].ids}

    def contacts(self) -> Any:
        people = {row["id"]: {key: row.get(key) for key in CONTACT} for row in self.db["candidates"]}
        return people, {row["id"]: [row["name"], row["email"], row["phone"]] for row in self.db["contacts"]}

    def mails(self) -> int:
        return len(self.db["emails"])

    def interviewer(self) -> str:
        return str(DANA.user_id)

    def seen_by_people(self, candidate: str, application: str) -> str:
        made = {key: plain(value) for key, value in self.row(application).items() if key.startswith("x_")}
        notes = [text(row["body"]) for row in self.db["notes"].where("candidate_id", int(candidate))]
        return json.dumps([made, notes, self.desk.person(candidate).tags], ensure_ascii=False)

    def apply(self) -> tuple[str, str]:
        job = next(row["id"] for row in self.db["jobs"] if row["active"])
        who = Applicant("Late", "Comer", "late.comer@mail.example", "+46 70 000 00 01", [
            ("CV.txt", "text/plain", CV),
        ])  # fmt: skip
        candidate = self.desk.apply(DANA, str(job), who)
        made = [row for row in self.db[self.applied] if self.home(row) == candidate]
        return candidate, str(made[-1]["id"])

    def edit(self, kind: Kind) -> Edited:
        candidate, application = self.applicant()
        env = self.sandbox.person(DANA)
        match kind:
            case Kind.CANDIDATE:
                self.desk.edit(DANA, candidate, {"partner_name": "Edited Somebody"})
                return Edited(kind, candidate, {"partner_name": "Edited Somebody"})
            case Kind.APPLICATION:
                stage = self.next_stage(application)
                self.moved(application, stage)
                return Edited(kind, application, {"stage_id": stage})
            case Kind.NOTE:
                self.desk.note(DANA, candidate, "Spoke to her")
                made = max(row["id"] for row in self.db["notes"] if text(row["body"]) == "Spoke to her")
                return Edited(kind, str(made), {"body": "Spoke to her"})
            case Kind.ATTACHMENT:
                self.desk.attach(DANA, candidate, "Diploma.pdf", "application/pdf", b"%PDF")
                made = max(row["id"] for row in self.db["attachments"] if row["name"] == "Diploma.pdf")
                return Edited(kind, str(made), {"name": "Diploma.pdf"})
            case Kind.INTERVIEW:
                (made,) = create(env, "calendar.event", [{
                    "name": "Second talk", "start": "2026-11-25 09:00:00", "stop": "2026-11-25 10:00:00",
                    "applicant_id": int(application),
                }])  # fmt: skip
                return Edited(kind, str(made), {"name": "Second talk"})
            case Kind.STAGE:
                job, _, stage = self.next_stage(application).partition("/")
                self.desk.rename_stage(DANA, stage, "Trial day")
                return Edited(kind, f"{job}/{stage}", {"name": "Trial day"})
            case _:
                model, table = {
                    Kind.JOB: ("hr.job", "jobs"), Kind.USER: ("res.users", "users"),
                    Kind.SOURCE: ("utm.source", "sources"),
                    Kind.REJECTION_REASON: ("hr.applicant.refuse.reason", "reasons"),
                }[kind]  # fmt: skip
                id = max(self.db[table].ids)
                write(env, model, [id], {"name": "Edited"})
                return Edited(kind, str(id), {"name": "Edited"})

    def replace_file(self, candidate: str, words: bytes) -> str:
        row = self.db["attachments"].where("candidate_id", int(candidate))[-1]
        write(self.sandbox.person(DANA), "ir.attachment", [row["id"]], {"datas": base64.b64encode(words).decode()})
        return str(row["id"])

    def next_stage(self, application: str) -> str:
        row = self.row(application)
        steps = [one["id"] for one in ladder(self.sandbox.robot(), row["job_id"]) if not one["hired_stage"]]
        return f"{row['job_id']}/{beside(steps, row['stage_id'])}"

    def moved(self, application: str, stage: str) -> None:
        self.desk.move(DANA, application, stage.partition("/")[2])

    def reason(self) -> str:
        return str(next(iter(self.db["reasons"].ids)))

    def hire(self, application: str) -> None:
        self.desk.hire(DANA, application)

    def require(self, label: str) -> None:
        row = next(one for one in self.db["fields"] if one["field_description"] == label)
        env = self.sandbox.env(self.db["users"].rows[DANA.user_id], DANA, root=True)
        write(env, "ir.model.fields", [row["id"]], {"required": True})

    def delete(self) -> Gone:
        candidate, _ = self.applicant()
        self.desk.delete(DANA, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.ABSENT)

    async def hook(self) -> None:
        form = {"name": "Bridge", "url": f"{self.setting.hook}/{self.setting.secret}"}
        next(one for one in self.desk.setups if one.key == "automation").make(DANA, form)
