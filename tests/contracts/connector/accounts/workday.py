"""A Workday tenant: with a custom object for Bascule's fields and an integration system user, and without one, where
scores are assessments and an API client signs in."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from bascule.connectors import registry
from bascule.connectors.spec import Tenant, scopes
from bascule.model import Kind, Presence
from bascule.sandbox.kit.tables import SYSTEM, Actor
from bascule.sandbox.workday import Options, Rate, Sandbox, create_app, doings, raas
from bascule.sandbox.workday.desk import View

from . import Edited, Gone, OnKit, Setting

PLENTY = Rate(1_000_000, 1.0)
CV = b"""Late Comer
Data Analyst

Experience
Data Analyst, Engine Ltd, January 2020 - present
Queries and reports in SQL and Python for the sales team; dashboards in Tableau.
Junior Analyst, Contoso, March 2016 - December 2019
Excel models, automated tests of data, Python.

Education
BSc Statistics, 2015
"""
# Beside a score: name and type of the fields that the connector's page asks for.
FIELDS = {
    "basculeMatchScore": "number", "basculeMatchReasons": "text", "basculeMatchSkills": "text",
    "basculeExperienceTitle": "text", "basculeExperienceEmployer": "text", "basculeExperienceYears": "number",
    "basculeAiStatus": "text", "basculeAuditReference": "text", "basculeShortlistLink": "text",
    "basculeTopTen": "text", "basculeScreeningStatus": "text", "basculeScreeningAnswers": "text",
    "basculeManagerFeedback": "text",
}  # fmt: skip


class Account(OnKit):
    system: ClassVar[str] = "workday"
    contact = doings.BLANK
    variants = ("object", "assessment")
    edited = (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB)
    mails_on_rejection = True

    def __init__(self, setting: Setting) -> None:
        self.object = setting.variant != "assessment"
        options = Options(
            rate=PLENTY, invalid=PLENTY, extracts=PLENTY, candidates=setting.candidates, custom_object=self.object
        )
        sandbox = Sandbox(options, **setting.outside)
        self.stand(setting, sandbox, create_app(sandbox))
        self.pages = View(self.sandbox)
        connector = registry.load("workday")
        known = Tenant(facts={"outputs": "object" if self.object else "assessment"})
        least = scopes(connector, connector.fields(known, "c1"), setup=True)
        self.dana = Actor("user:Dana Whitfield", next(iter(self.db["users"]))["id"])
        self.user_row = self.sandbox.open_user(self.dana, "ISU_Bascule", self.granted(least))
        self.by_hand()

    def by_hand(self) -> None:
        """What the connector's page asks a person to make in the tenant."""
        if self.object:
            held = next(iter(self.db["custom_objects"]))["id"]
            for alias, type in FIELDS.items():
                self.db.create("custom_fields", SYSTEM, object_id=held, alias=alias, name=alias, type=type,
                               required=False, options=[])  # fmt: skip
        else:
            self.client = self.sandbox.open_client(self.dana, "Bascule", self.user_row["id"])
            self.db.create("assessment_tests", SYSTEM, ref="BASCULE_MATCH", name="Bascule match")

    def settings(self) -> dict[str, str]:
        reports = {
            "report_owner": raas.OWNER, "changed_report": raas.CHANGED, "steps_report": raas.STEPS,
            "workers_report": raas.WORKERS, "fields_report": raas.FIELDS,
        }  # fmt: skip
        tenant = {"tenant": self.sandbox.options.tenant, **reports}
        if self.object:
            return {**tenant, "username": f"ISU_Bascule@{self.sandbox.options.tenant}"}
        scored = {"assessment_test": "BASCULE_MATCH", "assessment_status": "PASSED", "assessed_by": "21002"}
        return {**tenant, **scored, "client_id": self.client["client_id"]}

    def secrets(self) -> dict[str, str]:
        if self.object:
            return {"password": self.user_row["secret"]}
        return {"client_secret": self.client["secret"], "refresh_token": self.sandbox.refresh_token(self.client)}

    def _application(self, id: str) -> Any:
        return self.db["applications"].where("ref", id)[0]

    def _going(self) -> list[Any]:
        """Applications in process that have a next step; where scores are assessments, those that have come to one."""
        rows = [one for one in self.db["applications"] if one["disposition_id"] is None and not one["hired"]
                and not self.db["candidates"].rows[one["candidate_id"]]["worker_id"]
                and self.db["stages"].rows[one["stage_id"]]["next"]]  # fmt: skip
        return rows if self.object else [one for one in rows if one["assessed"]]

    def applicant(self) -> tuple[str, str]:
        if not self._going():
            row = next(one for one in self.db["applications"] if one["disposition_id"] is None and not one["hired"])
            self.sandbox.db.mark("applications", row["id"], assessed=True)
        row = self._going()[0]
        return row["candidate_id"], row["ref"]

    def applications(self) -> set[str]:
        return {row["ref"] for row in self.db["applications"]}

    def mails(self) -> int:
        return sum(change.object == "emails" for change in self.db.log)

    def seen_by_people(self, candidate: str, application: str) -> str:
        person = self.pages.person(candidate)
        fields = [(field.name, field.value) for one in person.applications for field in one.fields]
        return json.dumps([fields, person.tags, [note.text for note in person.notes]], ensure_ascii=False)

    def apply(self) -> tuple[str, str]:
        values = {"first_name": "Late", "last_name": "Comer", "email": "late.comer@example.com"}
        made = doings.create_candidate(self.sandbox, self.dana, values)
        job = next(row for row in self.db["jobs"]
                   if self.db["job_statuses"].rows[row["status_id"]]["ref"] == "OPEN")  # fmt: skip
        applied = doings.apply(self.sandbox, self.dana, made["id"], job["id"])
        doings.attach(self.sandbox, self.dana, made["id"], "cv.txt", CV, of="application",
                      application_id=applied["id"])  # fmt: skip
        return made["id"], applied["ref"]

    def edit(self, kind: Kind) -> Edited:
        candidate, application = self.applicant()
        match kind:
            case Kind.CANDIDATE:
                self.pages.edit(self.dana, candidate, {"first_name": "Edited", "email": "edited@example.com"})
                return Edited(kind, candidate, {"First_Name": "Edited", "Email_Address": ("edited@example.com",)})
            case Kind.APPLICATION:
                stage = self.next_stage(application)
                self.moved(application, stage)
                return Edited(kind, application, {"stage": stage})
            case _:
                job = next(iter(self.db["jobs"]))
                self.pages.close_job(self.dana, job["id"])
                return Edited(kind, job["ref"], {"status": "closed"})

    def replace_file(self, candidate: str, words: bytes) -> str:
        row = self.db["attachments"].where("candidate_id", candidate)[-1]
        doings.replace_file(self.sandbox, self.dana, row["id"], row["name"], words)
        return row["ref"]

    def next_stage(self, application: str) -> str:
        row = self._application(application)
        step = self.db["stages"].rows[row["stage_id"]]
        return f"{self.db['jobs'].rows[row['job_id']]['ref']}/{step['next'][0]}"

    def moved(self, application: str, stage: str) -> None:
        self.pages.move(self.dana, self._application(application)["id"], stage.rpartition("/")[2])

    def reason(self) -> str:
        return "More qualified candidate selected"

    def user(self) -> str:
        return str(self.dana.user_id)

    def hire(self, application: str) -> None:
        row = self._application(application)
        steps = self.db["stages"].where("process_id", self.db["jobs"].rows[row["job_id"]]["process_id"])
        ready = next(one for one in steps if one["name"] == "Ready for Hire")
        doings.put_in(self.sandbox, self.dana, row, ready)
        self.pages.hire(self.dana, row["id"])

    def delete(self) -> Gone:
        candidate, _ = self.applicant()
        self.pages.delete(self.dana, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.ABSENT)

    def merge(self) -> Gone:
        """The id of who was merged names nobody any more, and nothing says into whom."""
        candidate, _ = self.applicant()
        other = next(one for one in self.db["candidates"].ids if one != candidate)
        self.pages.merge(self.dana, other, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.ABSENT)

    def anonymise(self) -> Gone:
        candidate, _ = self.applicant()
        self.pages.purge(self.dana, candidate)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.ANONYMISED)
