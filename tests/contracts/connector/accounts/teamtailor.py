"""A Teamtailor company: as clients of 2026 meet it, and as the reference of 2021 says, where nobody knows which holds."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from bascule.connectors import registry
from bascule.connectors.spec import scopes
from bascule.model import Kind, Presence
from bascule.sandbox.kit.rates import Rate
from bascule.sandbox.kit.tables import Actor, plain
from bascule.sandbox.teamtailor import EVENTS, Options, Sandbox, create_app, files, people, pipeline

from ..recorded import with_fields
from . import Edited, Gone, OnKit, Setting, beside

CV = """Late Comer
Backend Developer

Experience
Backend Developer, Northwind Systems, January 2020 - present
Built services in Python and PostgreSQL; ran them with Docker and Kubernetes, and kept them going at night.
Software Developer, Contoso, March 2016 - December 2019
Django applications for shops and warehouses, with automated tests and documentation of every interface.

Education
BSc Computer Science, 2015
"""
CONTACT = ("first_name", "last_name", "email", "phone", "linkedin_url", "picture", "pitch")
STRICT = {
    "surface": "documented", "touch": "columns", "bounds": "exclusive", "numbers": "text", "select_values": "labels",
    "static_headers": True, "addons": ("webhooks",), "zone": "America/New_York", "v2_embeds": True,
}  # fmt: skip


class Account(OnKit):
    system: ClassVar[str] = "teamtailor"
    contact = CONTACT
    variants = ("current", "documented")
    base_url = "http://127.0.0.1:8001/v1"
    edited = (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB, Kind.NOTE, Kind.STAGE, Kind.ATTACHMENT)
    repeats = True

    def __init__(self, setting: Setting) -> None:
        more: dict[str, Any] = STRICT if setting.variant == "documented" else {}
        options = Options(rate=Rate(1_000_000, 10.0), candidates=setting.candidates, **more)
        sandbox = Sandbox(options, **setting.outside)
        self.stand(setting, sandbox, create_app(sandbox))
        connector = registry.load("teamtailor")
        least = scopes(connector, connector.fields(with_fields(connector, "candidate"), "c1"), setup=True)
        granted = self.granted(least)
        level = "admin" if "admin" in granted else "public"
        self.key = self.sandbox.key("Bridge", level=level, read="read" in granted, write="write" in granted)
        dana = next(row for row in self.db["users"] if row["name"] == "Dana Whitfield")
        self.dana = Actor("user:Dana Whitfield", dana["id"])

    def settings(self) -> dict[str, str]:
        return {"note_user": str(next(row["id"] for row in self.db["users"] if row["name"] == "Integration Service"))}

    def secrets(self) -> dict[str, str]:
        return {"api_key": self.key["secret"], "webhook_secret": self.setting.secret}

    def applicant(self) -> tuple[str, str]:
        stages = self.db["stages"].rows
        row = next(
            one for one in self.db["applications"]
            if not one["rejected_at"] and stages[one["stage_id"]]["stage_type"] != "Hired"
        )  # fmt: skip
        return str(row["candidate_id"]), str(row["id"])

    def mails(self) -> int:
        return sum(change.object == "emails" for change in self.db.log)

    def seen_by_people(self, candidate: str, application: str) -> str:
        id = int(candidate)
        values = [plain(row["value"]) for row in self.db["custom_field_values"].where("candidate_id", id)]
        notes = [row["note"] for row in self.db["notes"].where("candidate_id", id)]
        tags = plain(self.db["candidates"].rows[id]["tags"])
        return json.dumps([values, notes, tags], ensure_ascii=False)

    def apply(self) -> tuple[str, str]:
        number = len(self.db["candidates"])
        row = people.create(self.sandbox, self.dana, {
            "first_name": "Late", "last_name": "Comer", "email": f"late{number}@person.example"})  # fmt: skip
        people.keep(self.sandbox, self.dana, row["id"], "resume", "cv.pdf", files.pdf(CV))
        job = next(one["id"] for one in self.db["jobs"] if one["status"] == "open" and not one["internal"])
        applied = pipeline.apply(self.sandbox, self.dana, row["id"], job)
        return str(row["id"]), str(applied["id"])

    def edit(self, kind: Kind) -> Edited:
        candidate, application = self.applicant()
        match kind:
            case Kind.CANDIDATE:
                people.update(self.sandbox, self.dana, int(candidate), {"phone": "+46 70 123 45 67"})
                return Edited(kind, candidate, {"phone": ("+46 70 123 45 67",)})
            case Kind.APPLICATION:
                stage = self.next_stage(application)
                self.moved(application, stage)
                return Edited(kind, application, {"stage": stage})
            case Kind.JOB:
                job = next(iter(self.db["jobs"].ids))
                pipeline.change_job(self.sandbox, self.dana, job, {"title": "Edited Job"})
                return Edited(kind, str(job), {"title": "Edited Job"})
            case Kind.STAGE:
                stage = next(one for one in self.db["stages"] if one["stage_type"] == "In process")
                pipeline.rename_stage(self.sandbox, self.dana, stage["id"], "Edited stage")
                return Edited(kind, str(stage["id"]), {"name": "Edited stage"})
            case Kind.ATTACHMENT:
                people.keep(self.sandbox, self.dana, int(candidate), "resume", "newer.pdf", b"%PDF-1.4 another CV")
                return Edited(kind, f"resume-{candidate}", {"file-name": "newer.pdf"})
            case _:
                made = people.note(self.sandbox, self.dana, int(candidate), self.dana.user_id, "Spoke to her")
                return Edited(Kind.NOTE, str(made["id"]), {"note": "Spoke to her"})

    def replace_file(self, candidate: str, words: bytes) -> str:
        held = self.db["attachments"].rows[self.db["candidates"].rows[int(candidate)]["resume_id"]]
        people.keep(self.sandbox, self.dana, int(candidate), "resume", held["file_name"], files.pdf(words.decode()))
        return f"resume-{candidate}"

    def next_stage(self, application: str) -> str:
        row = self.db["applications"].rows[int(application)]
        stages = [one["id"] for one in pipeline.stages(self.sandbox, row["job_id"])][:-1]
        return str(beside(stages, row["stage_id"]))

    def moved(self, application: str, stage: str) -> None:
        pipeline.update(self.sandbox, self.dana, int(application), {"stage_id": int(stage)})

    def reason(self) -> str:
        return str(next(row["id"] for row in self.db["reject_reasons"] if row["rejected_by_company"]))

    def user(self) -> str:
        return str(self.dana.user_id)

    def hire(self, application: str) -> None:
        row = self.db["applications"].rows[int(application)]
        self.moved(application, str(pipeline.stages(self.sandbox, row["job_id"])[-1]["id"]))

    def delete(self) -> Gone:
        candidate, _ = self.applicant()
        people.delete(self.sandbox, self.dana, int(candidate))
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.DELETED)

    async def hook(self) -> None:
        version = "v1" if self.setting.variant == "v1" else "v2"
        url = self.setting.hook.replace("http://bridge.test", "https://bridge.test")  # no other address is taken
        row = await self.sandbox.hook(self.dana, "Bridge", url, list(EVENTS), version)
        self.db.change("webhooks", row["id"], self.dana, {"secret": self.setting.secret})
