"""A Lever account: as usual, and with everything the other way round that Lever's own text leaves open."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from bascule.connectors import registry
from bascule.connectors.lever.objects import when
from bascule.connectors.manifest import booking
from bascule.connectors.spec import scopes
from bascule.model import Kind, Presence
from bascule.sandbox.kit.tables import plain
from bascule.sandbox.lever import EVENTS, Actor, Options, Rate, Sandbox, create_app, people, records
from bascule.sandbox.lever.hooks import ms, save_hook

from ..recorded import with_fields
from . import CV, Edited, Gone, OnKit, Setting, beside
from . import Account as Base

CONTACT = ("name", "headline", "location", "emails", "phones", "links")
OTHER: dict[str, Any] = {
    "merged": "gone", "order": "updated", "deleted": "marked", "archived_stage": "allow", "posting_tags": False,
    "interactions": ("notes", "feedback", "forms", "files", "interviews"), "requisitions": True, "confidential": 403,
}  # fmt: skip


class Account(OnKit):
    system: ClassVar[str] = "lever"
    contact = CONTACT
    variants = ("usual", "otherwise")
    required_when_new = True
    base_url = "http://127.0.0.1:8001/v1"
    edited = (
        Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB, Kind.NOTE, Kind.USER, Kind.ATTACHMENT, Kind.INTERVIEW,
        Kind.SCORECARD,
    )  # fmt: skip

    def __init__(self, setting: Setting) -> None:
        more = OTHER if setting.variant == "otherwise" else {}
        plenty = Rate(1_000_000, 30.0)
        options = Options(
            rate=plenty, burst=1_000_000, posting_rate=plenty, candidates=setting.candidates, webhooks_on=True, **more
        )
        sandbox = Sandbox(options, **setting.outside)
        self.stand(setting, sandbox, create_app(sandbox))
        self.users = {row["name"]: row["id"] for row in self.db["users"]}
        self.dana = Actor("user:Dana Whitfield", self.users["Dana Whitfield"])
        with self.sandbox.history():
            self.db.create(
                "users", self.dana, name="Bascule", email="bascule@tenant.example", access_role="team member",
                external_directory_id=None, job_title=None, manager_id=None, deactivated_at=None,
            )  # fmt: skip
        connector = registry.load("lever")
        least = {
            *scopes(connector, connector.fields(with_fields(connector, "application"), "c1"), setup=True),
            *booking(connector),
        }
        self.key = self.sandbox.access.key(self.dana, "Bridge", self.granted(least), confidential=True)

    def settings(self) -> dict[str, str]:
        return {"acting_user": "bascule@tenant.example"}

    def secrets(self) -> dict[str, str]:
        return {"api_key": self.key["secret"], "webhook_secret": self.setting.secret}

    def applicant(self) -> tuple[str, str]:
        row = next(one for one in self.db["applications"] if one["archived"] is None and one["job_id"])
        return str(row["candidate_id"]), str(row["id"])

    def mails(self) -> int:
        return len(self.db["emails"])

    def seen_by_people(self, candidate: str, application: str) -> str:
        said = [
            [one["value"] for one in row["fields"]]
            for kind in ("notes", "feedback", "forms")
            for row in self.db[kind].where("application_id", application)
        ]
        return json.dumps([said, plain(self.db["applications"].rows[application]["tags"])], ensure_ascii=False)

    def apply(self) -> tuple[str, str]:
        job = next(row for row in self.db["jobs"] if row["state"] == "published")
        person = {"name": "Late Comer", "emails": [f"late{len(self.db['applications'])}@example.org"], "phones": []}
        row, _ = records.apply(
            self.sandbox, Actor("applicant", None), job, person, {}, source="Posting", silent=True,
            resume=("Late_Comer.txt", CV),
        )  # fmt: skip
        return str(row["candidate_id"]), str(row["id"])

    def edit(self, kind: Kind) -> Edited:
        candidate, application = self.applicant()
        match kind:
            case Kind.CANDIDATE:
                people.update_contact(self.sandbox, self.dana, candidate, {"headline": "Edited Ltd"})
                return Edited(kind, candidate, {"headline": "Edited Ltd"})
            case Kind.APPLICATION:
                stage = self.next_stage(application)
                self.moved(application, stage)
                return Edited(kind, application, {"stage": stage})
            case Kind.JOB:
                job = next(iter(self.db["jobs"].ids))
                self.db.change("jobs", job, self.dana, {"text": "Edited Job"})
                return Edited(kind, str(job), {"text": "Edited Job"})
            case Kind.USER:
                self.db.change("users", self.users["Jamie Osei"], self.dana, {"access_role": "admin"})
                return Edited(kind, self.users["Jamie Osei"], {"accessRole": True})
            case Kind.ATTACHMENT:
                made = records.keep(self.sandbox, self.dana, application, "Reference.txt", b"Very good.")
                return Edited(kind, str(made["id"]), {"name": "Reference.txt", "type": "other"})
            case Kind.INTERVIEW | Kind.SCORECARD:
                return self._interviewed(kind, application)
            case _:
                made = records.note(self.sandbox, self.dana, application, {"value": "Spoke to her", "secret": True})
                return Edited(Kind.NOTE, str(made["id"]), {"value": "Spoke to her", "secret": "secret"})

    def _interviewed(self, kind: Kind, application: str) -> Edited:
        mei, at = self.users["Mei Tanaka"], ms(self.setting.clock())
        plan = {"subject": "Second talk", "interviewers": [{"id": mei}], "date": at, "duration": 30}
        panel = records.panel(self.sandbox, self.dana, application, {"interviews": [plan]})
        (planned,) = self.db["interviews"].where("panel_id", panel["id"])
        if kind is Kind.INTERVIEW:
            return Edited(kind, str(planned["id"]), {"subject": "Second talk", "date": when(at), "ends": when(at, 30)})
        template = next(one for one in self.db["feedback_templates"] if one["text"] == "Phone interview")
        values = [
            {"id": one["id"], "value": records.SCORE_SYSTEM[3] if one["required"] else ""} for one in template["fields"]
        ]
        given = {
            "baseTemplateId": template["id"],
            "panel": panel["id"],
            "interview": planned["id"],
            "fieldValues": values,
        }
        made = records.feedback(self.sandbox, Actor("user:Mei Tanaka", mei), application, given)
        return Edited(kind, str(made["id"]), {"rating": records.SCORE_SYSTEM[3], "status": "complete"})

    def next_stage(self, application: str) -> str:
        row, ids = self.db["applications"].rows[application], list(self.db["stages"].ids)
        return f"{row['job_id']}/{beside(ids, row['stage_id'])}"

    def moved(self, application: str, stage: str) -> None:
        people.move(self.sandbox, self.dana, application, stage.partition("/")[2])

    def reason(self) -> str:
        return str(next(row["id"] for row in self.db["archive_reasons"] if row["type"] == "non-hired"))

    def user(self) -> str:
        return self.users["Dana Whitfield"]

    def hire(self, application: str) -> None:
        reason = next(row["id"] for row in self.db["archive_reasons"] if row["type"] == "hired")
        people.archive(self.sandbox, self.dana, application, reason)

    def require(self, label: str) -> None:
        row = next(one for one in self.db["feedback_templates"] if any(each["text"] == label for each in one["fields"]))
        fields = [{**one, "required": True} if one["text"] == label else one for one in row["fields"]]
        self.db.change("feedback_templates", row["id"], self.dana, {"fields": fields})

    def delete(self) -> Gone:
        candidate, application = self.applicant()
        people.delete_opportunity(self.sandbox, self.dana, application)
        return Gone(Kind.APPLICATION, application, candidate, Presence.DELETED)

    def merge(self) -> Gone:
        candidate, _ = self.applicant()
        other = next(str(id) for id in self.db["candidates"].ids if str(id) != candidate)
        people.merge(self.sandbox, self.dana, other, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.MERGED, other)

    def anonymise(self) -> Gone:
        candidate, _ = self.applicant()
        people.anonymize(self.sandbox, self.dana, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.ANONYMISED)

    hide = Base.hide  # what is confidential is so from the beginning

    async def hook(self) -> None:
        """One hook for each event; each has a token of its own, and all are entered."""
        url = self.setting.hook.replace("http://", "https://")
        rows = [
            save_hook(self.sandbox, self.dana, {"url": url, "event": one}, None, made_by="user", confidential=True)
            for one in EVENTS
        ]
        self.setting.secret = "\n".join(row["signature_token"] for row in rows)
