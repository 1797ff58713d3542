"""A Greenhouse account: with application fields (Enterprise), and without."""

from __future__ import annotations

import json
from typing import ClassVar

from bascule.connectors import registry
from bascule.connectors.manifest import booking
from bascule.connectors.spec import scopes
from bascule.model import Kind, Presence
from bascule.sandbox.greenhouse import EVENTS, Actor, Options, Rate, Sandbox, create_app, fields, people, pipeline
from bascule.sandbox.kit.tables import plain

from ..recorded import with_fields
from . import CV, Edited, Gone, OnKit, Setting, beside

DANA = Actor("user:Dana Whitfield", 4_012_002)
CONTACT = ("first_name", "last_name", "preferred_name", "email_addresses", "phone_numbers", "company", "title",
           "addresses", "website_addresses", "social_media_addresses")  # fmt: skip


class Account(OnKit):
    system: ClassVar[str] = "greenhouse"
    contact = CONTACT
    variants = ("enterprise", "standard")
    base_url = "http://127.0.0.1:8001/v3"
    edited = (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB, Kind.NOTE)

    def __init__(self, setting: Setting) -> None:
        tier = setting.variant or "enterprise"
        plenty = Rate(1_000_000, 30.0)
        options = Options(rate=plenty, token_rate=plenty, candidates=setting.candidates, tier=tier)
        sandbox = Sandbox(options, **setting.outside)
        self.stand(setting, sandbox, create_app(sandbox))
        connector = registry.load("greenhouse")
        level = "application" if tier == "enterprise" else "candidate"
        least = {
            *scopes(connector, connector.fields(with_fields(connector, level), "c1"), setup=True),
            *booking(connector),
        }
        service = next(row["id"] for row in self.db["users"] if row["name"] == "Integration Service")
        self.key = self.sandbox.access.create(DANA, "Bridge", service, self.granted(least))

    def settings(self) -> dict[str, str]:
        return {"client_id": self.key["client_id"]}

    def secrets(self) -> dict[str, str]:
        return {"client_secret": self.key["secret"], "webhook_secret": self.setting.secret}

    def applicant(self) -> tuple[str, str]:
        row = next(one for one in self.db["applications"] if one["status"] == "in_process" and one["job_id"])
        return str(row["candidate_id"]), str(row["id"])

    def mails(self) -> int:
        return sum(change.object == "emails" for change in self.db.log)

    def seen_by_people(self, candidate: str, application: str) -> str:
        person, applied = self.db["candidates"].rows[int(candidate)], self.db["applications"].rows[int(application)]
        notes = [row["body"] for row in self.db["notes"].where("candidate_id", int(candidate))]
        tags = [row["name"] for row in people.tags_of(self.sandbox, int(candidate))]
        shown = [plain(person["custom_fields"]), plain(applied["custom_fields"]), notes, tags]
        return json.dumps(shown, ensure_ascii=False)

    def apply(self) -> tuple[str, str]:
        made = people.create(self.sandbox, DANA, {"first_name": "Late", "last_name": "Comer"})
        job = next(row["id"] for row in self.db["jobs"] if row["status"] == "open")
        applied = pipeline.apply(self.sandbox, DANA, {"candidate_id": made["id"], "job_id": job})
        people.keep(self.sandbox, DANA, made["id"], applied["id"], "resume", "Late_Comer.txt", CV)
        return str(made["id"]), str(applied["id"])

    def edit(self, kind: Kind) -> Edited:
        candidate, application = self.applicant()
        match kind:
            case Kind.CANDIDATE:
                people.update(self.sandbox, DANA, int(candidate), {"company": "Edited Ltd"})
                return Edited(kind, candidate, {"company": "Edited Ltd"})
            case Kind.APPLICATION:
                stage = self.next_stage(application)
                self.moved(application, stage)
                return Edited(kind, application, {"stage": stage})
            case Kind.JOB:
                job = next(iter(self.db["jobs"].ids))
                self.db.change("jobs", job, DANA, {"name": "Edited Job"})
                return Edited(kind, str(job), {"name": "Edited Job"})
            case _:
                body = {"candidate_id": int(candidate), "body": "Spoke to her", "visibility": "public"}
                made = people.note(self.sandbox, DANA, body)
                return Edited(Kind.NOTE, str(made["id"]), {"body": "Spoke to her"})

    def next_stage(self, application: str) -> str:
        row = self.db["applications"].rows[int(application)]
        stages = [one["id"] for one in pipeline.stages(self.sandbox, row["job_id"])]
        return str(beside(stages, row["job_interview_stage_id"]))

    def moved(self, application: str, stage: str) -> None:
        here = self.db["applications"].rows[int(application)]["job_interview_stage_id"]
        pipeline.move(self.sandbox, DANA, int(application), {"from_stage_id": here, "to_stage_id": int(stage)})

    def to_interview(self, application: str) -> None:
        """To a stage with an interview in its plan; one that it has had there was another time."""
        row = self.db["applications"].rows[int(application)]
        slot = next(one for one in self.db["job_interviews"].where("job_id", row["job_id"]))
        if slot["job_interview_stage_id"] != row["job_interview_stage_id"]:
            self.moved(application, str(slot["job_interview_stage_id"]))
        for one in list(self.db["interviews"].where("application_id", row["id"])):
            self.db.delete("interviews", one["id"], DANA)

    def reason(self) -> str:
        return str(next(iter(self.db["rejection_reasons"].ids)))

    def user(self) -> str:
        return str(DANA.user_id)

    def hire(self, application: str) -> None:
        job = self.db["applications"].rows[int(application)]["job_id"]
        opening = next(one for one in self.db["openings"].where("job_id", job) if one["open"])
        pipeline.hire(self.sandbox, DANA, int(application), {"opening_id": opening["id"]})

    def require(self, label: str) -> None:
        row = next(one for one in self.db["custom_fields"] if one["name"] == label)
        fields.redefine(self.db, DANA, row["id"], {"required": True})

    def delete(self) -> Gone:
        candidate, _ = self.applicant()
        people.delete(self.sandbox, DANA, int(candidate))
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.DELETED)

    def merge(self) -> Gone:
        candidate, _ = self.applicant()
        other = next(id for id in self.db["candidates"].ids if str(id) != candidate)
        people.merge(self.sandbox, DANA, other, int(candidate))
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.MERGED, str(other))

    def anonymise(self) -> Gone:
        candidate, _ = self.applicant()
        people.anonymize(self.sandbox, DANA, int(candidate), ["full_name", "emails", "phone_numbers"])
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.ANONYMISED)

    async def hook(self) -> None:
        form = {"name": "Bridge", "url": self.setting.hook, "secret": self.setting.secret, "events": list(EVENTS)}
        await self.sandbox.hooks.save(DANA, form)
