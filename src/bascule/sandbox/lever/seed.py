"""Fills a tenant: always its users, stages, reasons, templates and postings; on request, people with a history.

Everything is drawn from the sandbox's seed. What is filled in is not in the change log: that starts with the first
real change.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ..kit import names
from ..kit.ids import Id
from ..kit.people import HISTORY, arrivals, ascii_of, resume, somebody
from ..kit.tables import SYSTEM, Actor, Row
from . import people, records
from .hooks import EVENTS, ms
from .options import BUILT_IN
from .sandbox import Sandbox

USERS = (
    ("Dana Whitfield", "super admin"), ("Robin Falk", "admin"), ("Jamie Osei", "team member"),
    ("Noor Haddad", "team member"), ("Viktor Lindqvist", "limited team member"), ("Mei Tanaka", "interviewer"),
)  # fmt: skip
REASONS = (
    ("Hired", "hired", "active"), ("Underqualified", "non-hired", "active"), ("Withdrew", "non-hired", "active"),
    ("Position closed", "non-hired", "active"), ("Timing", "non-hired", "active"),
    ("Offer declined", "non-hired", "active"), ("Culture fit", "non-hired", "inactive"),
)  # fmt: skip
SOURCES = ("Posting", "Referral", "LinkedIn", "Added manually", "Job fair")
COMMITMENTS = ("Full-time", "Part-time")


def fill(sandbox: Sandbox) -> None:
    """Everything a new sandbox starts with."""
    with sandbox.history():
        sandbox.db.pretend = sandbox.now() - HISTORY
        _basics(sandbox)
        specs = names.JOBS if sandbox.options.jobs is None else sandbox.options.jobs
        for number, spec in enumerate(specs):
            post(sandbox, number, spec)
        if sandbox.options.dirty:
            _dirty_jobs(sandbox)
    add_people(sandbox, sandbox.options.candidates, dirty=sandbox.options.dirty)


def users(sandbox: Sandbox) -> dict[str, Id]:
    return {row["name"]: row["id"] for row in sandbox.db["users"]}


def _basics(sandbox: Sandbox) -> None:
    db = sandbox.db
    for name, role in (*USERS, ("Ola Former", "team member")):
        email = f"{ascii_of(name.split()[0])}.{ascii_of(name.split()[1])}@tenant.example".lower()
        db.create("users", SYSTEM, name=name, email=email, access_role=role, external_directory_id=None, job_title=None,
                  manager_id=None, deactivated_at=sandbox.now() if name == "Ola Former" else None)  # fmt: skip
    for number, text in enumerate(sandbox.options.stages):
        db.create("stages", SYSTEM, id=BUILT_IN.get(text), text=text, position=number)
    for number, (text, kind, status) in enumerate(REASONS):
        db.create("archive_reasons", SYSTEM, text=text, type=kind, status=status, position=number)
    for what, texts in (("sources", SOURCES), ("tags", names.TAGS)):
        people.known_texts(sandbox, SYSTEM, what, texts)
    for event in EVENTS:
        db.create("webhook_events", SYSTEM, event=event, on=sandbox.options.webhooks_on)
    records.save_template(sandbox, SYSTEM, "form_templates", {
        "text": "Recruiter screen", "instructions": "Fill in after the first call.", "fields": [
            {"type": "text", "text": "Notice period"}, {"type": "currency", "text": "Salary expectation"},
            {"type": "dropdown", "text": "Work permit", "options": ["Citizen", "Permit", "Needs sponsorship"]},
        ]})  # fmt: skip
    records.save_template(sandbox, SYSTEM, "feedback_templates", {
        "text": "Phone interview", "instructions": "Your impression in a few words.", "fields": [
            {"type": "score-system", "text": "Rating", "required": True},
            {"type": "textarea", "text": "What stood out?"}]})  # fmt: skip
    if sandbox.options.requisitions:
        db.create("requisition_fields", SYSTEM, text="Cost centre", type="text", required=False)


def post(sandbox: Sandbox, number: int, spec: Mapping[str, Any]) -> Row:
    """Open a posting, with its questions, and a requisition where the account hires against them."""
    own, said = users(sandbox), str(spec.get("description") or "")
    manager = own["Noor Haddad"] if number % 2 else own["Viktor Lindqvist"]
    fields = [_question(sandbox, one) for one in spec.get("questions", ())]
    form = [{"id": records.new_id(sandbox), "type": "posting", "text": "Questions", "instructions": "",
             "baseTemplateId": None, "fields": fields}] if fields else []  # fmt: skip
    hidden, office = bool(spec.get("confidential")), str(spec.get("office") or "")
    row = sandbox.db.create(
        "jobs", SYSTEM, text=str(spec["title"]), state="internal" if hidden else "published",
        confidentiality="confidential" if hidden else "non-confidential", distribution_channels=["public"],
        user_id=own["Dana Whitfield"], owner_id=own["Robin Falk"], hiring_manager_id=manager, tags=[], country=None,
        categories={"team": spec.get("department"), "department": None, "location": office or None,
                    "allLocations": [office] if office else [], "commitment": COMMITMENTS[number % 3 == 2],
                    "level": None},
        content={"description": plain_text(said), "descriptionHtml": said, "lists": [], "closing": "",
                 "closingHtml": "", "customQuestions": form},
        followers=[own["Robin Falk"]], requisition_codes=[], salary_range=None, workplace_type="hybrid",
    )  # fmt: skip
    if sandbox.options.requisitions:
        code = f"R-{101 + number}"
        sandbox.db.create("requisitions", SYSTEM, code=code, name=row["text"], total=int(spec.get("openings", 1)),
                          hired=0, status="open", backfill=False, owner_id=own["Robin Falk"], user_id=own["Robin Falk"],
                          hiring_manager_id=manager, postings=[row["id"]], internal_notes="", custom_fields={},
                          confidentiality=row["confidentiality"])  # fmt: skip
        sandbox.db.change("jobs", row["id"], SYSTEM, {"requisition_codes": [code]})
    return row


def _question(sandbox: Sandbox, given: Any) -> Row:
    spec: Mapping[str, Any] = given if isinstance(given, Mapping) else {"label": given}
    kind = "yes-no" if spec.get("type") == "yes_no" else "text"
    return {"id": records.new_id(sandbox), "type": kind, "text": str(spec.get("label")), "description": "",
            "required": bool(spec.get("required", False))}  # fmt: skip


def plain_text(markup: str) -> str:
    """The text of some HTML, an item a line."""
    broken = re.sub(r"</(p|li|h3|ul)>", "\n", markup)
    return html.unescape(re.sub(r"<[^>]+>", "", broken)).strip()


def _dirty_jobs(sandbox: Sandbox) -> None:
    more = ({"title": "Chief Financial Officer", "department": "Finance", "office": "London", "confidential": True},
            {"title": "Summer Intern 2024", "department": "Engineering", "office": "London"},
            {"title": "Account Executive", "department": "Sales", "office": "Dubai"})  # fmt: skip
    rows = [post(sandbox, 10 + number, spec) for number, spec in enumerate(more)]
    sandbox.db.change("jobs", rows[1]["id"], SYSTEM, {"state": "closed"})


# People.


def add_people(sandbox: Sandbox, count: int, *, dirty: bool = False) -> int:
    """Fill in people, oldest first, over the past year and a half; how many contacts there are now."""
    for random, number, moment in arrivals(sandbox, count):
        _person(sandbox, random, number, moment)
    if dirty and count:
        with sandbox.history():
            sandbox.db.pretend = sandbox.now() - timedelta(days=20)
            _soil(sandbox, Random(f"soil-{sandbox.options.seed}-{count}"))
    return len(sandbox.db["candidates"])


def _person(sandbox: Sandbox, random: Random, number: int, moment: datetime) -> Row:
    own, one, city = users(sandbox), somebody(random, number), random.choice(names.CITIES)
    jobs = [row for row in sandbox.db["jobs"] if row["state"] in ("published", "internal")]
    applied = random.random() < 0.7
    person = {"name": one.name, "headline": one.company, "location": city, "emails": [one.email],
              "phones": [{"type": "mobile", "value": one.phone}], "links": []}  # fmt: skip
    author = Actor("user:Robin Falk", own["Robin Falk"])
    row, _ = people.create_opportunity(
        sandbox, SYSTEM if applied else author,
        {**person, "job_id": random.choice(jobs)["id"] if jobs and (applied or random.random() < 0.6) else None,
         "origin": "applied" if applied else random.choice(("sourced", "referred", "agency")),
         "sources": ["Posting" if applied else random.choice(SOURCES[1:])],
         "tags": random.sample(names.TAGS, random.choice((0, 0, 1, 1, 2)))},
        kind="posting" if applied else "user", answers={"company": one.company},
    )  # fmt: skip
    parsed = {"positions": [{"org": one.company, "title": one.title, "summary": None, "location": city,
                             "start": {"month": 3, "year": 2021}, "end": None}],
              "schools": [{"org": f"University of {city}", "degree": None, "field": None, "summary": None,
                           "start": None, "end": {"month": 6, "year": 2017}}]}  # fmt: skip
    cv = resume(one.name, one.title, one.company, city)
    records.keep(sandbox, SYSTEM, row["id"], f"{ascii_of(one.last)}_CV.txt", cv, kind="resume", parsed=parsed)
    for _ in range(random.choice((0, 1, 1, 2))):
        moment = _later(sandbox, moment, hours=random.randrange(1, 90))
        name = random.choice(("Robin Falk", "Jamie Osei", "Dana Whitfield"))
        score = random.choice((None, None, 2, 3, 4))
        records.note(sandbox, Actor(f"user:{name}", own[name]), row["id"], {"value": random.choice(names.NOTES),
                                                                            "score": score})  # fmt: skip
    _walk(sandbox, random, own, row, moment)
    return row


def _later(sandbox: Sandbox, moment: datetime, **by: float) -> datetime:
    sandbox.db.pretend = min(moment + timedelta(**by), sandbox.db.real_now())
    return sandbox.db.pretend


def _walk(sandbox: Sandbox, random: Random, own: Mapping[str, Id], row: Row, moment: datetime) -> None:
    """Take an opportunity some way down the pipeline, with interviews, feedback, an offer and an end."""
    ladder = list(sandbox.db["stages"].ids)
    place, actor = ladder.index(row["stage_id"]), Actor("user:Robin Falk", own["Robin Falk"])
    for stage in ladder[place + 1 : place + 1 + random.choice((0, 0, 1, 1, 2, 3, 5))]:
        moment = _later(sandbox, moment, days=random.randrange(1, 9))
        people.move(sandbox, actor, row["id"], stage)
        if "interview" in sandbox.db["stages"].rows[stage]["text"].lower():
            _interview(sandbox, random, own, row, moment)
    moment = _later(sandbox, moment, days=random.randrange(1, 9))
    last, fate = row["stage_id"] == ladder[-1], random.random()
    if last and row["job_id"]:
        status = "signed" if fate < 0.5 else "sent" if fate < 0.8 else "denied"
        sandbox.db.create("offers", SYSTEM, application_id=row["id"], candidate_id=row["candidate_id"],
                          job_id=row["job_id"], status=status, user_id=own["Robin Falk"], approved_at=moment,
                          sent_at=moment, fields=[{"text": "Offered compensation amount",
                                                   "identifier": "salary_amount", "value": 60_000}])  # fmt: skip
    reasons = [one["id"] for one in sandbox.db["archive_reasons"] if one["status"] == "active"]
    if last and fate < 0.5:
        people.archive(sandbox, actor, row["id"], reasons[0])
    elif fate < 0.4:
        people.archive(sandbox, actor, row["id"], random.choice(reasons[1:]))


def _interview(sandbox: Sandbox, random: Random, own: Mapping[str, Id], row: Row, moment: datetime) -> None:
    name = random.choice(("Noor Haddad", "Viktor Lindqvist", "Mei Tanaka"))
    planner = Actor("user:Jamie Osei", own["Jamie Osei"])
    plan = {"subject": "Interview", "interviewers": [{"id": own[name]}], "date": ms(moment), "duration": 45}
    made = records.panel(sandbox, planner, row["id"], {"interviews": [plan]})
    (planned,) = sandbox.db["interviews"].where("panel_id", made["id"])
    template = next(iter(sandbox.db["feedback_templates"]))
    values = [random.choice(records.SCORE_SYSTEM), random.choice(names.PRAISE)]
    records.feedback(sandbox, Actor(f"user:{name}", own[name]), row["id"], {
        "baseTemplateId": template["id"], "panel": made["id"], "interview": planned["id"],
        "fieldValues": [{"id": one["id"], "value": value}
                        for one, value in zip(template["fields"], values, strict=True)]})  # fmt: skip


def _soil(sandbox: Sandbox, random: Random) -> None:
    """What years of use leave behind."""
    db = sandbox.db
    rows = list(db["applications"])
    for row in rows[: len(rows) // 10]:  # older than the property
        db.mark("applications", row["id"], updated_at=None)
    for row in random.sample(rows, max(len(rows) // 12, 1)):  # the same person again, for another posting
        jobs = [one["id"] for one in db["jobs"] if one["state"] == "published" and one["id"] != row["job_id"]]
        if jobs:
            people.create_opportunity(sandbox, SYSTEM, {"job_id": random.choice(jobs), "origin": "applied"},
                                      contact=db["candidates"].rows[row["candidate_id"]], kind="posting")  # fmt: skip
    for row in random.sample(list(db["candidates"]), max(len(rows) // 15, 1)):
        db.mark("candidates", row["id"], emails=[])
    for row in random.sample(rows, max(len(rows) // 10, 1)):
        db.mark("applications", row["id"], tags=[*row["tags"], "Imported", "imported "])
        people.known_texts(sandbox, SYSTEM, "tags", ["Imported", "imported "])
    for row in random.sample(rows, max(len(rows) // 20, 1)):  # a second contact of somebody who is here already
        person = db["candidates"].rows[row["candidate_id"]]
        people.create_opportunity(sandbox, SYSTEM, {"name": person["name"].upper(), "phones": person["phones"],
                                                    "origin": "sourced"})  # fmt: skip
