"""Fills a tenant: always its users, its process and its jobs; on request, people with a history.

Everything is drawn from the seed. What is filled in is not in the change log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from ..kit import names
from ..kit import people as made_up
from ..kit.people import HISTORY
from ..kit.tables import SYSTEM, Actor, Row
from . import people, pipeline, storage, talks
from .access import SCOPES
from .sandbox import Sandbox

USERS = (
    ("Dana", "Whitfield", "Organization Admin"), ("Robin", "Falk", "Elevated Access"),
    ("Jamie", "Osei", "Limited Access"), ("Noor", "Haddad", "Limited Access"),
    ("Viktor", "Lindqvist", "Limited Access"), ("Mei", "Tanaka", "External Recruiter"),
)  # fmt: skip
KEY = "Sandbox key"
REASONS = (
    ("Lacks required experience", "RejectedByOrg"), ("Position closed", "RejectedByOrg"),
    ("Accepted another offer", "RejectedByCandidate"), ("Salary expectations", "RejectedByCandidate"),
    ("Duplicate application", "Other"),
)  # fmt: skip
SOURCES = (("Inbound", "Careers page"), ("Inbound", "LinkedIn"), ("Referral", "Employee referral"),
           ("Agency", "Northgate Recruiting"), ("Sourced", "GitHub"))  # fmt: skip
CAREERS = "Careers page"
LEADS = (("New Lead", "Lead"), ("Reached Out", "Lead"))
ENDS = (("Hired", "Hired"), ("Archived", "Archived"))
OFFERS = ("offer", "contract")
GROUPS = ("Leads", "Review", "Interviews", "Offer", "Hired", "Archived")
HIDDEN_JOB: Mapping[str, Any] = {
    "title": "Chief Operating Officer", "department": "Operations", "office": "London", "confidential": True,
    "stages": ("Application Review", "Interview"), "openings": 1, "questions": (),
    "description": "<p>You lead the daily business.</p>",
}  # fmt: skip


def fill(sandbox: Sandbox) -> None:
    with sandbox.history():
        sandbox.db.pretend = sandbox.now() - HISTORY
        _users(sandbox)
        _process(sandbox)
        _fields(sandbox)
        specs = names.JOBS if sandbox.options.jobs is None else sandbox.options.jobs
        for number, spec in enumerate(specs):
            open_job(sandbox, spec, number)
        if sandbox.options.dirty:
            open_job(sandbox, HIDDEN_JOB, len(specs))
            _dead_jobs(sandbox)
        _interviewing(sandbox)
        sandbox.create_key(SYSTEM, KEY, SCOPES)
    add_people(sandbox, sandbox.options.candidates, dirty=sandbox.options.dirty)


def _users(sandbox: Sandbox) -> None:
    db = sandbox.db
    for first, last, role in USERS:
        db.create("users", SYSTEM, first_name=first, last_name=last, role=role, enabled=True, manager_id=None,
                  email=f"{first}.{last}@tenant.example".lower(), custom_fields={})  # fmt: skip
    db.create("users", SYSTEM, first_name="Ola", last_name="Former", role="Limited Access", enabled=False,
              manager_id=None, email="ola.former@tenant.example", custom_fields={})  # fmt: skip
    boss = db["users"].ids[0]
    for id in db["users"].ids[1:]:
        db.mark("users", id, manager_id=boss)
    for title in ("Hiring Manager", "Recruiter", "Recruiting Coordinator", "Sourcer"):
        db.create("roles", SYSTEM, title=title)


def _process(sandbox: Sandbox) -> None:
    db = sandbox.db
    types: dict[str, dict[str, Any]] = {}
    for type, title in SOURCES:
        if type not in types:
            types[type] = {"id": storage.same_id(f"source type {type}"), "title": type, "isArchived": False}
        db.create("sources", SYSTEM, title=title, type=types[type], archived=False)
    db.create("sources", SYSTEM, title="Job fair 2023", type=types["Sourced"], archived=True)
    for text, type in REASONS:
        db.create("archive_reasons", SYSTEM, text=text, type=type, archived=False)
    db.create("archive_reasons", SYSTEM, text="Old reason", type="Other", archived=True)
    for text in ("Filled", "Budget", "Not filling"):
        db.create("close_reasons", SYSTEM, text=text, archived=False)
    db.create("templates", SYSTEM, title="Thank you for applying", types=["email"], archived=False,
              body="We have decided to go on with other candidates.")  # fmt: skip
    db.create("templates", SYSTEM, title="Hello on LinkedIn", types=["inMail"], archived=False, body="May we talk?")
    for title in names.TAGS:
        people.define_tag(sandbox, SYSTEM, title)
    db.mark("tags", db["tags"].ids[-1], archived=True)
    admin = sandbox.admin["id"]
    db.create("projects", SYSTEM, title="Future engineers", description="Met at conferences", archived=False,
              confidential=False, author_id=admin)  # fmt: skip
    db.create("projects", SYSTEM, title="Board search", description=None, archived=False, confidential=True,
              author_id=admin)  # fmt: skip
    for order, (title, type) in enumerate(zip(GROUPS, pipeline.TYPES, strict=True)):
        db.create("stage_groups", SYSTEM, title=title, type=type, order=order)


def _fields(sandbox: Sandbox) -> None:
    """The few fields the tenant made for itself before anyone integrates with it."""
    permits = (("Citizen", "citizen"), ("Permit", "permit"), ("Needs sponsorship", "sponsor"))
    permit = [{"label": label, "value": value, "isArchived": False} for label, value in permits]
    define = pipeline.define_field
    define(sandbox, SYSTEM, "Notice period", "Candidate", "String")
    define(sandbox, SYSTEM, "Work permit", "Candidate", "ValueSelect", choices=permit)
    define(sandbox, SYSTEM, "Expected salary", "Application", "Currency", private=True)
    define(sandbox, SYSTEM, "Cost centre", "Job", "String")


def _ladder(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The stages of a plan: leads, a screen, interviews, an offer, and the two ends."""
    screen, *rest = names or ("Application Review",)
    middle = [(name, "Offer" if name.lower() in OFFERS else "Active") for name in rest]
    offer = [] if any(type == "Offer" for _, type in middle) else [("Offer", "Offer")]
    return (*LEADS, (screen, "PreInterviewScreen"), *middle, *offer, *ENDS)


def _plan(sandbox: Sandbox, spec: Mapping[str, Any], actor: Actor) -> Row:
    """The plan with this ladder, or a new one. Where a tenant shares one plan, it is the first there is."""
    ladder = _ladder(spec.get("stages", ()))
    for plan in sandbox.db["plans"]:
        own = tuple((row["name"], row["type"]) for row in pipeline.stages(sandbox, plan["id"]))
        if sandbox.options.shared_plan or own == ladder:
            return plan
    number = len(sandbox.db["plans"]) + 1
    title = "Default plan" if number == 1 else f"Plan {number}: {spec['title']}"
    return pipeline.define_plan(sandbox, actor, title, ladder)


def _named(sandbox: Sandbox, kind: str, name: str, **values: Any) -> str:
    known = next((row for row in sandbox.db[kind] if row["name"] == name), None)
    return (known or sandbox.db.create(kind, SYSTEM, name=name, archived=False, **values))["id"]


def open_job(sandbox: Sandbox, spec: Mapping[str, Any], number: int, actor: Actor = SYSTEM) -> Row:
    """An open job with its plan, posting and openings."""
    db, plan = sandbox.db, _plan(sandbox, spec, actor)
    department = _named(sandbox, "departments", str(spec.get("department", "General")), parent_id=None)
    place = str(spec.get("office", "Remote"))
    location = _named(sandbox, "locations", place, city=place, country=None, remote=place == "Remote")
    users, roles = db["users"].ids, db["roles"].ids
    team = [{"user_id": users[1], "role_id": roles[1]}, {"user_id": users[3 + number % 2], "role_id": roles[0]}]
    job = db.create(
        "jobs", actor, title=spec["title"], status="Open", confidential=bool(spec.get("confidential")),
        employment="FullTime", location_id=location, department_id=department, plan_id=plan["id"],
        plan_ids=[plan["id"]], requisition=f"R-{101 + number}", team=team, author_id=users[0],
        opened_at=sandbox.now(), closed_at=None, custom_fields={}, description=str(spec.get("description", "")),
    )  # fmt: skip
    db.create("postings", actor, job_id=job["id"], title=spec["title"], html=str(spec.get("description", "")),
              plain=people.stripped(str(spec.get("description", ""))), listed=not job["confidential"], published=True,
              questions=list(spec.get("questions", ())))  # fmt: skip
    for one in range(int(spec.get("openings", 1))):
        db.create("openings", actor, job_ids=[job["id"]], identifier=f"{101 + number}-{one + 1}", state="Open",
                  description="", author_id=users[0], opened_at=sandbox.now(), closed_at=None, archived=False,
                  location_ids=[location], custom_fields={})  # fmt: skip
    return job


def _dead_jobs(sandbox: Sandbox) -> None:
    spec = {"title": "Old requisition", "department": "Finance", "office": "Lyon", "stages": ("Application Review",)}
    for number, status in enumerate(("Draft", "Closed", "Archived")):
        job = open_job(sandbox, {**spec, "title": f"Old requisition ({status.lower()})"}, 90 + number)
        sandbox.db.mark("jobs", job["id"], status=status, closed_at=None if status == "Draft" else sandbox.now())
        for posting in sandbox.db["postings"].where("job_id", job["id"]):
            sandbox.db.mark("postings", posting["id"], published=False)


def _interviewing(sandbox: Sandbox) -> None:
    advice = ("Strong No", "No", "Yes", "Strong Yes")
    fields = [storage.form_field("overall_recommendation", "Overall recommendation", "ValueSelect", options=advice),
              storage.form_field("score", "Score", "Score"),
              storage.form_field("feedback", "Feedback", "RichText")]  # fmt: skip
    form = sandbox.db.create("forms", SYSTEM, title="Interview scorecard", archived=False, default=True,
                             sections=[{"title": "Scorecard", "fields": fields}])  # fmt: skip
    for title in ("Phone screen", "Technical interview"):
        sandbox.db.create("interviews", SYSTEM, title=title, archived=False, form_id=form["id"])


# People.


def add_people(sandbox: Sandbox, count: int, *, dirty: bool = False) -> int:
    for random, number, _ in made_up.arrivals(sandbox, count):
        arrive(sandbox, random, number, dirty)
    return sandbox.people()


def arrive(sandbox: Sandbox, random: Random, number: int, dirty: bool) -> None:
    """One person, their applications and what became of them."""
    one, db = made_up.somebody(random, number), sandbox.db
    came, actor = sandbox.now(), Actor("system", random.choice(db["users"].ids[1:5]))
    sources = [row["id"] for row in db["sources"] if not row["archived"] or dirty]
    email: str | None = one.email
    if dirty and len(db["candidates"]) and random.random() < 0.06:
        other = random.choice(list(db["candidates"]))["emails"]
        email = other[0]["value"].upper() if other else None
    if dirty and random.random() < 0.04:
        email = None
    city = random.choice(names.CITIES)
    person = people.create(sandbox, SYSTEM, {
        "name": one.last if dirty and random.random() < 0.03 else one.name,
        "emails": people.contacts(email), "phones": people.contacts(one.phone if random.random() < 0.8 else None),
        "position": one.title, "company": one.company, "location": {"city": city}, "source_id": random.choice(sources),
        "tag_ids": random.sample(db["tags"].ids[:-1], random.choice((0, 0, 1, 2))),
    })  # fmt: skip
    field = db["custom_fields"].ids[0]
    if random.random() < 0.5:
        db.mark("candidates", person["id"], custom_fields={field: f"{random.choice((2, 4, 8, 12))} weeks"})
    if random.random() < 0.8:
        cv = made_up.resume(one.name, one.title, one.company, city)
        people.attach(sandbox, SYSTEM, person["id"], f"{made_up.ascii_of(one.last)}.txt", "text/plain", cv, resume=True)
    open_jobs = [row for row in db["jobs"] if row["status"] == "Open"]
    if dirty and random.random() < 0.05:
        return
    for job in random.sample(open_jobs, min(len(open_jobs), 2 if random.random() < 0.15 else 1)):
        if not job["confidential"] or random.random() < 0.5:
            _consider(sandbox, random, actor, person, job)
    if random.random() < 0.3:
        db.pretend = min(came + timedelta(hours=random.randrange(4, 200)), db.real_now())
        people.add_note(sandbox, actor, person["id"], random.choice(names.NOTES), private=random.random() < 0.2)


def _consider(sandbox: Sandbox, random: Random, actor: Actor, person: Row, job: Row) -> None:
    db, lead = sandbox.db, random.random() < 0.2
    posting = None if lead else next((row["id"] for row in db["postings"].where("job_id", job["id"])), None)
    row = pipeline.apply(
        sandbox, actor, person["id"], job["id"], stage_id=None if lead else pipeline.FIRST_SCREEN,
        source_id=person["source_id"], posting_id=posting, credited_to=actor.user_id if lead else None,
    )  # fmt: skip
    ladder = pipeline.stages(sandbox, job["plan_id"])
    ahead = [one for one in ladder if one["type"] in ("PreInterviewScreen", "Active", "Offer")]
    for stage in ahead[1 : random.randrange(len(ahead) + 1)]:
        _later(sandbox, random)
        pipeline.move(sandbox, actor, row["id"], stage["id"])
        if stage["type"] == "Active" and random.random() < 0.5:
            _interviewed(sandbox, random, actor, row)
    end = random.random()
    _later(sandbox, random)
    if end < 0.3:
        reasons = [one["id"] for one in db["archive_reasons"] if not one["archived"]]
        stage = pipeline.first(sandbox, row["plan_id"], "Archived")
        pipeline.move(sandbox, actor, row["id"], stage["id"], reason_id=random.choice(reasons))
    elif end < 0.4:
        process = pipeline.start_offer(sandbox, actor, row["id"])
        salary = {"currencyCode": "EUR", "value": random.randrange(40, 120) * 1000}
        offer = pipeline.make_offer(sandbox, actor, process["id"], salary, None)
        pipeline.approve_offer(sandbox, actor, offer["versions"][-1]["id"])
        pipeline.decide_offer(sandbox, actor, offer["id"], accepted=True)
        if row["status"] != "Hired":
            pipeline.move(sandbox, actor, row["id"], pipeline.first(sandbox, row["plan_id"], "Hired")["id"])


def _later(sandbox: Sandbox, random: Random) -> None:
    db = sandbox.db
    db.pretend = min(db.now() + timedelta(hours=random.randrange(6, 150)), db.real_now())


def _interviewed(sandbox: Sandbox, random: Random, actor: Actor, row: Row) -> None:
    db, start = sandbox.db, sandbox.now() + timedelta(days=1)
    interview = random.choice(list(db["interviews"]))
    schedule = talks.schedule(sandbox, actor, row["id"], [{
        "interview_id": interview["id"], "start": start, "end": start + timedelta(hours=1), "extra": None,
        "interviewers": [{"user_id": actor.user_id, "required": True}]}])  # fmt: skip
    if random.random() < 0.7:
        (event,) = db["events"].where("schedule_id", schedule["id"])
        said = random.choice(names.PRAISE)
        answers = [{"path": "overall_recommendation", "value": random.choice(("No", "Yes", "Strong Yes"))},
                   {"path": "score", "value": {"score": random.randrange(1, 5)}},
                   {"path": "feedback", "value": {"type": "PlainText", "value": said}}]  # fmt: skip
        talks.feedback(sandbox, actor, row["id"], interview["form_id"], answers, event_id=event["id"])
        db.mark("schedules", schedule["id"], status="Complete")
