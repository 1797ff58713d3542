"""A Tiny account, and what people do in it."""

from __future__ import annotations

import json
from typing import Any

from bascule_connector_tiny.sandbox import Options, Sandbox, create_app

from bascule.contract.account import Account as Base
from bascule.contract.account import Edited, Gone, Setting
from bascule.model import Kind, Presence
from bascule.sandbox.kit.options import Rate
from bascule.sandbox.kit.tables import Actor, plain

PERSON = Actor("user:Dana Whitfield", None)
CV = b"""Late Comer
Data Analyst

Experience
Data Analyst, Engine Ltd, January 2020 - present
Wrote SQL and Python every day, and reports for forty people. Tested every query, and taught two others to.
Junior Analyst, Loom Ltd, March 2016 - December 2019
Counted what the shops sold, in SQL and spreadsheets.

Education
BSc Statistics, 2015
"""


class Account(Base):
    system = "tiny"
    base_url = "http://127.0.0.1:8001/v1"
    edited = (Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB)

    def __init__(self, setting: Setting) -> None:
        options = Options(candidates=setting.candidates, rate=Rate(1_000_000, 60.0))
        self.sandbox = Sandbox(options, now=setting.clock, deliver=setting.deliver, sleep=setting.clock.sleep)
        self.app = create_app(self.sandbox)
        self.db = self.sandbox.db

    def secrets(self) -> dict[str, str]:
        return {"api_key": self.sandbox.key["secret"]}

    def applicant(self) -> tuple[str, str]:
        row = next(iter(self.db["applications"]))
        return str(row["candidate_id"]), str(row["id"])

    def everybody(self) -> set[str]:
        return {str(row["id"]) for row in self.db["candidates"]}

    def applications(self) -> set[str]:
        return {str(row["id"]) for row in self.db["applications"]}

    def contacts(self) -> Any:
        return {row["id"]: [row["first"], row["last"], row["email"]] for row in self.db["candidates"]}

    def mails(self) -> int:
        return 0

    def ours(self) -> int:
        return sum(change.actor.kind.startswith("api:") for change in self.db.log)

    def seen_by_people(self, candidate: str, application: str) -> str:
        return json.dumps(plain(self.db["applications"].rows[int(application)]["extra"]), ensure_ascii=False)

    def apply(self) -> tuple[str, str]:
        candidate, application = self.sandbox.apply(1001, "Late", "Comer", "late@mail.example", CV)
        return str(candidate), str(application)

    def edit(self, kind: Kind) -> Edited:
        candidate, application = self.applicant()
        match kind:
            case Kind.CANDIDATE:
                self.db.change("candidates", int(candidate), PERSON, {"last": "Edited"})
                return Edited(kind, candidate, {"last": "Edited"})
            case Kind.APPLICATION:
                stage = self.next_stage(application)
                self.moved(application, stage)
                return Edited(kind, application, {"stage": stage})
            case _:
                self.db.change("jobs", 1001, PERSON, {"title": "Edited"})
                return Edited(Kind.JOB, "1001", {"title": "Edited"})

    def next_stage(self, application: str) -> str:
        row = self.db["applications"].rows[int(application)]
        ladder = [one["id"] for one in self.db["jobs"].rows[row["job_id"]]["stages"]]
        return next(one for one in ladder if one != row["stage"])

    def moved(self, application: str, stage: str) -> None:
        self.db.change("applications", int(application), PERSON, {"stage": stage})

    def delete(self) -> Gone:
        candidate, _ = self.applicant()
        self.sandbox.delete(PERSON, int(candidate))
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.ABSENT)

    def hide(self) -> Gone:
        candidate, _ = self.applicant()
        self.fault(kind="hide", object=f"candidates/{candidate}", count=None)
        return Gone(Kind.CANDIDATE, candidate, candidate, Presence.ABSENT)
