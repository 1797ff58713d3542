"""A SmartRecruiters company: with candidate properties for Bascule's outputs and an API key, and without them, where
scores are reviews and an OAuth client signs in."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from bascule.connectors import registry
from bascule.connectors.smartrecruiters.hooks import LOOK, ON_JOB
from bascule.connectors.smartrecruiters.objects import LABEL, OURS, of, place, stage_id
from bascule.connectors.spec import Tenant, scopes
from bascule.model import Kind, Presence
from bascule.sandbox.kit.tables import SYSTEM, Actor
from bascule.sandbox.smartrecruiters import Options, Rate, Sandbox, create_app, doings, hooks
from bascule.sandbox.smartrecruiters.desk import View
from bascule.sandbox.smartrecruiters.tables import OVER

from . import Edited, Gone, OnKit, Setting, beside

CV = """Late Comer
Data analyst in London

Experience
Analyst, Engine Ltd, January 2017 to today
Built reports in SQL and Python for the finance team, and moved twelve monthly spreadsheets to a shared warehouse.
Taught four colleagues to write tests for their pipelines and led the weekly review of what the numbers mean.

Junior analyst, Orchard Foods, March 2014 to December 2016
Kept the stock figures of nine shops, wrote their forecasts in R and Excel, and answered what the buyers asked.

Education
BSc Mathematics, University of London, 2013

Skills
SQL, Python, R, Excel, statistics, data visualisation, project management
"""
NUMBERS = ("match_score", "experience_years")


class Account(OnKit):
    system: ClassVar[str] = "smartrecruiters"
    contact = doings.PROFILE
    variants = ("properties", "review")
    edited = (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB, Kind.NOTE)

    def __init__(self, setting: Setting) -> None:
        self.properties = setting.variant != "review"
        options = Options(rate=Rate(1_000_000, 1.0), candidates=setting.candidates)
        sandbox = Sandbox(options, **setting.outside)
        self.stand(setting, sandbox, create_app(sandbox))
        self.pages = View(self.sandbox)
        users = {row["first_name"]: row["id"] for row in self.db["users"]}
        self.dana, self.service = Actor("user:Dana Whitfield", users["Dana"]), users["Integration"]
        connector = registry.load("smartrecruiters")
        known = Tenant(facts={"outputs": "properties" if self.properties else "review"})
        least = scopes(connector, connector.fields(known, "c1"), setup=True)
        kind = "key" if self.properties else "client"
        self.key = self.sandbox.open_credential(self.dana, kind, "Bridge", self.granted(least), user_id=self.service)
        for name, key in OURS.items() if self.properties else ():  # as the connector's page asks a person to
            type = "NUMBER" if name in NUMBERS else "TEXT"
            doings.new_property(self.sandbox, SYSTEM, LABEL[key], type, ("CANDIDATE_PROFILE",))

    def settings(self) -> dict[str, str]:
        return {} if self.properties else {"client_id": self.key["client_id"]}

    def secrets(self) -> dict[str, str]:
        name = "api_key" if self.properties else "client_secret"
        return {name: self.key["secret"], "webhook_secret": self.setting.secret}

    def row(self, application: str) -> Any:
        candidate, job = of(application)
        return next(one for one in self.db["applications"].where("candidate_id", candidate) if one["job_id"] == job)

    def id(self, row: Any) -> str:
        return f"{row['candidate_id']}:{row['job_id']}"

    def applicant(self) -> tuple[str, str]:
        row = next(one for one in self.db["applications"] if one["status"] not in OVER)
        return row["candidate_id"], self.id(row)

    def applications(self) -> set[str]:
        return {self.id(row) for row in self.db["applications"]}

    def mails(self) -> int:
        return len(self.db["emails"])

    def seen_by_people(self, candidate: str, application: str) -> str:
        person = self.pages.person(candidate)
        fields = [(field.name, field.value) for one in person.applications for field in one.fields]
        return json.dumps([fields, person.tags, [note.text for note in person.notes]], ensure_ascii=False)

    def apply(self) -> tuple[str, str]:
        number = len(self.db["candidates"])
        named = {"first_name": "Late", "last_name": "Comer", "email": f"late.{number}@example.com"}
        made = doings.create_candidate(self.sandbox, self.dana, named)
        job = next(row for row in self.db["jobs"] if row["status"] == "SOURCING")
        applied = doings.apply(self.sandbox, self.dana, made["id"], job["id"])
        cv = CV.encode()
        doings.attach(self.sandbox, self.dana, made["id"], "cv.txt", "text/plain", cv, type="RESUME",
                      application=applied)  # fmt: skip
        return made["id"], self.id(applied)

    def edit(self, kind: Kind) -> Edited:
        candidate, application = self.applicant()
        match kind:
            case Kind.CANDIDATE:
                self.pages.edit(self.dana, candidate, {"first_name": "Edited", "phone": "+44 20 7946 0999"})
                return Edited(kind, candidate, {"firstName": "Edited", "phoneNumber": ("+44 20 7946 0999",)})
            case Kind.APPLICATION:
                stage = self.next_stage(application)
                self.moved(application, stage)
                return Edited(kind, application, {"stage": stage})
            case Kind.JOB:
                job = next(iter(self.db["jobs"]))
                self.pages.close_job(self.dana, job["id"])
                return Edited(kind, job["id"], {"status": "closed"})
            case _:
                self.pages.note(self.dana, candidate, "Spoke to her")
                note = self.db["notes"].where("candidate_id", candidate)[-1]
                return Edited(Kind.NOTE, note["id"], {"content": "Spoke to her"})

    def next_stage(self, application: str) -> str:
        row = self.row(application)
        ladder = self.sandbox.ladder(self.db["jobs"].rows[row["job_id"]]["process_id"])
        one = beside(ladder, next((one for one in ladder if one["id"] == row["stage_id"]), None))
        return stage_id(row["job_id"], one["status"], one["name"])

    def moved(self, application: str, stage: str) -> None:
        row, (status, sub) = self.row(application), place(stage)
        one = self.sandbox.stage(self.db["jobs"].rows[row["job_id"]]["process_id"], status, sub or None)
        self.pages.move(self.dana, row["id"], one["id"])

    def reason(self) -> str:
        return str(next(row["id"] for row in self.db["reasons"] if row["kind"] == "rejection"))

    def hire(self, application: str) -> None:
        self.pages.hire(self.dana, self.row(application)["id"])

    def delete(self) -> Gone:
        candidate, _ = self.applicant()
        self.pages.delete(self.dana, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.DELETED)

    def merge(self) -> Gone:
        """Who went is deleted, and nothing says into whom."""
        candidate, _ = self.applicant()
        other = next(id for id in self.db["candidates"].ids if id != candidate)
        self.pages.merge(self.dana, other, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.DELETED)

    async def hook(self) -> None:
        """A subscription that has been activated, with a key: the handshake is tried in a test of its own."""
        events = [*LOOK, *sorted(ON_JOB), "candidate.deleted"]
        asked = {"callbackUrl": self.setting.hook, "events": events}
        actor = Actor("user:Integration Service", self.service)
        row = hooks.subscribe(self.sandbox, actor, self.key["id"], self.base_url, asked)
        self.db.mark("webhooks", row["id"], enabled=True, keys=[{"key": self.setting.secret, "until": None}])
