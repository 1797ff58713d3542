"""An Ashby account: a plan of stages for each ladder, and one plan that all jobs share."""

from __future__ import annotations

import json
from typing import ClassVar

from bascule.connectors import registry
from bascule.connectors.manifest import booking
from bascule.connectors.spec import scopes
from bascule.model import Kind, Presence
from bascule.sandbox.ashby import Options, Sandbox, create_app, people, pipeline
from bascule.sandbox.ashby.hooks import EVENTS
from bascule.sandbox.kit.options import Rate
from bascule.sandbox.kit.tables import Actor, plain

from ..recorded import with_fields
from . import Edited, Gone, OnKit, Setting, beside

CONTACT = ("name", "emails", "phones", "links", "position", "company", "school", "location")
CV = b"""Late Comer
Backend Developer at Northwind Systems

Experience
Backend Developer, Northwind Systems, January 2020 - present
Built services in Python and PostgreSQL; ran them with Docker and Kubernetes, and looked after the data of four teams.
Software Developer, Contoso, March 2016 - December 2019
Django applications, automated tests, reports for the accountants.

Education
BSc Computer Science, 2015
"""
OPEN = ("PreInterviewScreen", "Active", "Offer")


class Account(OnKit):
    system: ClassVar[str] = "ashby"
    contact = CONTACT
    variants = ("plans", "one plan")
    edited = (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB, Kind.NOTE)

    def __init__(self, setting: Setting) -> None:
        options = Options(
            rate=Rate(1_000_000, 30.0), candidates=setting.candidates, shared_plan=setting.variant == "one plan", race=0.0
        )  # fmt: skip
        sandbox = Sandbox(options, **setting.outside)
        self.stand(setting, sandbox, create_app(sandbox))
        self.who = Actor("user:Dana Whitfield", self.sandbox.admin["id"])
        connector = registry.load("ashby")
        least = {
            *scopes(connector, connector.fields(with_fields(connector, "application"), "c1"), setup=True),
            *booking(connector),
        }
        self.key = self.sandbox.create_key(self.who, "Bridge", self.granted(least))

    def secrets(self) -> dict[str, str]:
        return {"api_key": self.key["secret"], "webhook_secret": self.setting.secret}

    def applicant(self) -> tuple[str, str]:
        row = next(one for one in self.db["applications"] if one["status"] == "Active")
        return row["candidate_id"], row["id"]

    def mails(self) -> int:
        return len(self.db["emails"])

    def seen_by_people(self, candidate: str, application: str) -> str:
        person, applied = self.db["candidates"].rows[candidate], self.db["applications"].rows[application]
        notes = [row["body"] for row in self.db["notes"].where("candidate_id", candidate)]
        tags = [self.db["tags"].rows[id]["title"] for id in person["tag_ids"]]
        shown = [plain(person["custom_fields"]), plain(applied["custom_fields"]), notes, tags]
        return json.dumps(shown, ensure_ascii=False)

    def apply(self) -> tuple[str, str]:
        made = people.create(
            self.sandbox, self.who, {"name": "Late Comer", "emails": people.contacts("late@comer.test")}
        )
        people.attach(self.sandbox, self.who, made["id"], "cv.txt", "text/plain", CV, resume=True)
        job = next(row for row in self.db["jobs"] if row["status"] == "Open")
        applied = pipeline.apply(self.sandbox, self.who, made["id"], job["id"], stage_id=pipeline.FIRST_SCREEN)
        return made["id"], applied["id"]

    def edit(self, kind: Kind) -> Edited:
        candidate, application = self.applicant()
        match kind:
            case Kind.CANDIDATE:
                people.update(self.sandbox, self.who, candidate, {"company": "Edited Ltd"})
                return Edited(kind, candidate, {"company": "Edited Ltd"})
            case Kind.APPLICATION:
                stage = self.next_stage(application)
                self.moved(application, stage)
                return Edited(kind, application, {"stage": stage})
            case Kind.JOB:
                job = next(iter(self.db["jobs"].ids))
                self.db.change("jobs", job, self.who, {"title": "Edited Job"})
                return Edited(kind, job, {"title": "Edited Job"})
            case _:
                made = people.add_note(self.sandbox, self.who, candidate, "Spoke to her")
                return Edited(Kind.NOTE, made["id"], {"content": "Spoke to her", "visibility": "public"})

    def next_stage(self, application: str) -> str:
        row = self.db["applications"].rows[application]
        stages = [one["id"] for one in pipeline.stages(self.sandbox, row["plan_id"]) if one["type"] in OPEN]
        return f"{row['job_id']}/{beside(stages, row['stage_id'])}"

    def moved(self, application: str, stage: str) -> None:
        pipeline.move(self.sandbox, self.who, application, stage.partition("/")[2])

    def reason(self) -> str:
        return next(row["id"] for row in self.db["archive_reasons"] if not row["archived"])

    def archived(self, application: str) -> None:
        """A recruiter rejects the applicant."""
        plan = self.db["applications"].rows[application]["plan_id"]
        end = pipeline.first(self.sandbox, plan, "Archived")["id"]
        pipeline.move(self.sandbox, self.who, application, end, reason_id=self.reason())

    def user(self) -> str:
        """A recruiter's own user. Nobody is acted as: what they decide is done by the key."""
        return str(self.who.user_id)

    def hire(self, application: str) -> None:
        plan = self.db["applications"].rows[application]["plan_id"]
        pipeline.move(self.sandbox, self.who, application, pipeline.first(self.sandbox, plan, "Hired")["id"])

    def require(self, label: str) -> None:
        row = next(one for one in self.db["custom_fields"] if one["title"] == label)
        self.db.change("custom_fields", row["id"], self.who, {"required": True})

    def delete(self) -> Gone:
        candidate, _ = self.applicant()
        people.delete(self.sandbox, self.who, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.DELETED)

    def merge(self) -> Gone:
        candidate, _ = self.applicant()
        other = next(id for id in self.db["candidates"].ids if id != candidate)
        people.merge(self.sandbox, self.who, other, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.MERGED, other)

    def anonymise(self) -> Gone:
        candidate, _ = self.applicant()
        for one in self.db["applications"].where("candidate_id", candidate):
            self.archived(one["id"])
        people.anonymize(self.sandbox, self.who, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.ANONYMISED)

    async def hook(self) -> None:
        for event in EVENTS:
            form = {"url": self.setting.hook, "secret": self.setting.secret, "events": [event], "name": event}
            await self.sandbox.hooks.save(self.who, form)
