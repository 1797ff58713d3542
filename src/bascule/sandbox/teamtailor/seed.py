"""Fills a company: always its users, reasons, fields and jobs; on request, people with a history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from ..kit import names
from ..kit.people import HISTORY, arrivals, ascii_of, resume, somebody
from ..kit.tables import SYSTEM, Actor, Row
from . import fields, files, partner, people, pipeline
from .sandbox import Sandbox

REASONS = (("Not enough experience", True), ("Not a fit", True), ("Position closed", True), ("Withdrew", False),
           ("Salary expectations", False))  # fmt: skip
USERS = (("Dana Whitfield", "admin", "Head of People"), ("Integration Service", "admin", None),
         ("Robin Falk", "recruiter", "Recruiter"), ("Noor Haddad", "user", "Engineering manager"),
         ("Viktor Lindqvist", "user", "Sales lead"), ("Ola Former", "no_access", None))  # fmt: skip
LETTERS = ("I have followed your work for years and would love to be a part of it.", "Please find my CV attached.",
           "I am looking for a place where I can stay and grow.")  # fmt: skip
SITES = ("https://www.linkedin.com/jobs", "https://se.indeed.com/viewjob", "https://career.tenant.example/jobs", None)


def fill(sandbox: Sandbox) -> None:
    """Everything a new sandbox starts with."""
    with sandbox.history():
        sandbox.db.pretend = sandbox.now() - HISTORY
        users = _users(sandbox)
        for reason, ours in REASONS:
            sandbox.db.create("reject_reasons", SYSTEM, reason=reason, rejected_by_company=ours)
        _fields(sandbox)
        specs = names.JOBS if sandbox.options.jobs is None else sandbox.options.jobs
        for number, spec in enumerate(specs):
            _job(sandbox, spec, users["Robin Falk" if number % 2 else "Dana Whitfield"])
        if sandbox.options.dirty:
            _odd_jobs(sandbox, users)
        partner.install(sandbox, "Bascule")
        sandbox.key("Bascule")
    add_people(sandbox, sandbox.options.candidates, dirty=sandbox.options.dirty)


def _users(sandbox: Sandbox) -> dict[str, Row]:
    made: dict[str, Row] = {}
    for name, role, title in USERS:
        email = f"{'.'.join(ascii_of(word) for word in name.split())}@tenant.example".lower()
        made[name] = sandbox.db.create(
            "users", SYSTEM, name=name, email=email, login_email=email, role=role, title=title, external_id=None,
            phone=None, picture=None, username=email.partition("@")[0], visible=role != "no_access", description=None,
            hide_email=False, signature=f"<p>-- <br>{name}</p>", department_id=None, location_id=None)  # fmt: skip
    return made


def _fields(sandbox: Sandbox) -> None:
    for spec in (
        {"name": "Notice period", "field_type": "CustomField::Text"},
        {"name": "Salary expectation", "field_type": "CustomField::Number"},
        {"name": "Driving licence", "field_type": "CustomField::Checkbox"},
        {"name": "Spoken languages", "field_type": "CustomField::MultiSelect",
         "select_options": ("English", "French", "German", "Swedish")},
        {"name": "Work permit", "field_type": "CustomField::Select",
         "select_options": ("Citizen", "Permit", "Needs sponsorship")},
        {"name": "Cost centre", "field_type": "CustomField::Text", "owner_type": "Job"},
    ):  # fmt: skip
        fields.define(sandbox, SYSTEM, spec)


def _named(sandbox: Sandbox, kind: str, name: str, **more: Any) -> Row:
    """The one of that name, made if there is none."""
    found = next((row for row in sandbox.db[kind] if row["name"] == name), None)
    return found or sandbox.db.create(kind, SYSTEM, name=name, **more)


def _job(sandbox: Sandbox, spec: Mapping[str, Any], user: Row, **more: Any) -> Row:
    department = _named(sandbox, "departments", spec.get("department") or "General")
    city = spec.get("office") or "Stockholm"
    place = _named(sandbox, "locations", city, city=city, country=None, address=None, zip=None, region_id=None)
    ladder = tuple(spec.get("stages") or pipeline.LADDER)
    row = pipeline.open_job(sandbox, SYSTEM, {
        "title": spec["title"], "body": spec.get("description") or f"<p>{spec['title']}</p>", "user_id": user["id"],
        "department_id": department["id"], "location_ids": [place["id"]], "internal": bool(spec.get("confidential")),
        **more}, ladder)  # fmt: skip
    for question in spec.get("questions") or ():
        asked = question if isinstance(question, Mapping) else {"label": question}
        kind = "Boolean" if asked.get("type") == "yes_no" else "Text"
        sandbox.db.create("questions", SYSTEM, job_id=row["id"], title=asked["label"], question_type=kind,
                          alternatives=None, multiple=None, single_line=kind == "Text" or None, start_with=None,
                          end_with=None, unit=None)  # fmt: skip
    return row


def _odd_jobs(sandbox: Sandbox, users: Mapping[str, Row]) -> None:
    """What the list of jobs does not show unless asked: archived, unlisted, draft, scheduled, internal."""
    robin, now = users["Robin Falk"], sandbox.db.real_now()
    spec = {"title": "Backend Engineer", "department": "Engineering", "office": "London",
            "stages": ("Reviewing", "reviewing ", "Telefonintervju", "Erbjudande")}  # fmt: skip
    _job(sandbox, spec, robin, status="archived")
    _job(sandbox, {**spec, "title": "Open application", "stages": ()}, robin, status="unlisted")
    _job(sandbox, {**spec, "title": "TEST do not use"}, robin, status="draft")
    _job(sandbox, {**spec, "title": "Store Manager"}, robin, start_date=now + timedelta(days=20))
    _job(sandbox, {**spec, "title": "Chief Financial Officer", "confidential": True}, robin)
    _job(sandbox, {**spec, "title": "Summer Intern"}, robin, end_date=now - timedelta(days=40))


# People.


def add_people(sandbox: Sandbox, count: int, *, dirty: bool = False) -> int:
    """Fill in `count` people, oldest first; how many candidates there are now."""
    if count <= 0:
        return len(sandbox.db["candidates"])
    made: list[Row] = []
    for random, number, _ in arrivals(sandbox, count):
        made.append(_person(sandbox, random, number, dirty=dirty))
    if dirty:
        with sandbox.history():
            sandbox.db.pretend = sandbox.db.real_now() - timedelta(days=2)
            _soil(sandbox, Random(f"soil-{sandbox.options.seed}-{len(made)}"), made)
    return len(sandbox.db["candidates"])


def _person(sandbox: Sandbox, random: Random, number: int, *, dirty: bool) -> Row:
    one, sourced = somebody(random, number), dirty and random.random() < 0.1
    row = people.create(sandbox, SYSTEM, {
        "first_name": one.first, "last_name": one.last, "email": None if sourced else one.email, "phone": one.phone,
        "sourced": sourced, "pitch": f"{one.title} at {one.company}"[: people.PITCH],
        "referring_url": random.choice(SITES),
        "tags": random.sample(names.TAGS, random.choice((0, 0, 1, 1, 2)))})  # fmt: skip
    city = random.choice(names.CITIES)
    text = resume(one.name, one.title, one.company, city).decode()
    people.keep(sandbox, SYSTEM, row["id"], "resume", f"{ascii_of(one.last)}_CV.pdf", files.pdf(text))
    if random.random() < 0.25:
        people.keep(sandbox, SYSTEM, row["id"], "upload", "certificate.txt", f"{one.name}: certificate".encode())
    jobs = [job for job in sandbox.db["jobs"] if job["status"] == "open" and not job["internal"]]
    if not jobs or (dirty and random.random() < 0.05):
        people.update(sandbox, SYSTEM, row["id"], {"connected": True})
        return row
    _walk(sandbox, random, _applied(sandbox, random, row, random.choice(jobs)))
    return row


def _applied(sandbox: Sandbox, random: Random, row: Row, job: Row) -> Row:
    for question in sandbox.db["questions"].where("job_id", job["id"]):
        yes = question["question_type"] == "Boolean"
        sandbox.db.create("answers", SYSTEM, candidate_id=row["id"], question_id=question["id"], text=None if yes else
                          random.choice(("In six weeks", "Yes", "English, French")), boolean=True if yes else None,
                          choices=None, range=None, video_token=None)  # fmt: skip
    return pipeline.apply(sandbox, SYSTEM, row["id"], job["id"], cover_letter=random.choice((None, *LETTERS)),
                          referring_url=row["referring_url"], referring_site=row["referring_site"],
                          sourced=row["sourced"])  # fmt: skip


def _walk(sandbox: Sandbox, random: Random, application: Row) -> None:
    """Take an application some way down its ladder, with notes, an interview and an end."""
    db, end = sandbox.db, sandbox.db.real_now()
    users = [row for row in db["users"] if row["role"] in ("admin", "recruiter") and row["title"]]
    ladder = pipeline.stages(sandbox, application["job_id"])

    def later() -> Actor:
        db.pretend = min((db.pretend or end) + timedelta(hours=random.randrange(5, 150)), end)
        user = random.choice(users)
        return Actor(f"user:{user['name']}", user["id"])

    for _ in range(random.choice((0, 1, 1, 2))):
        actor = later()
        people.note(sandbox, actor, application["candidate_id"], actor.user_id, random.choice(names.NOTES),
                    application_id=application["id"])  # fmt: skip
    for stage in ladder[1 : 1 + random.choice((0, 0, 0, 1, 1, 2, 3, 4))]:
        actor = later()
        pipeline.update(sandbox, actor, application["id"], {"stage_id": stage["id"]})
    if application["stage_id"] != ladder[0]["id"] and random.random() < 0.5:
        actor = later()
        db.create("interviews", actor, candidate_id=application["candidate_id"], job_id=application["job_id"],
                  user_id=actor.user_id, note=random.choice(names.PRAISE), status="published")  # fmt: skip
    if application["stage_id"] != ladder[-1]["id"] and random.random() < 0.35:
        reasons = db["reject_reasons"].ids
        actor = later()
        pipeline.reject(sandbox, actor, application["id"], random.choice(reasons))


def _soil(sandbox: Sandbox, random: Random, everyone: list[Row]) -> None:
    """Make a share of them re-applicants, twins under another address, or people with odd tags and capitals."""
    db, share = sandbox.db, max(len(everyone) // 20, 2)

    def some() -> list[Row]:
        return random.sample(everyone, min(share, len(everyone)))

    jobs = list(db["jobs"])
    for row in some():
        twin = {"first_name": row["first_name"], "last_name": (row["last_name"] or "").upper(), "phone": row["phone"]}
        made = people.create(sandbox, SYSTEM, {**twin, "email": f"{row['id']}@private.example"})
        _applied(sandbox, random, made, random.choice(jobs))
    for row in some():
        held = {one["job_id"] for one in db["applications"].where("candidate_id", row["id"])}
        others = [job for job in jobs if job["id"] not in held]
        _applied(sandbox, random, row, random.choice(others))
    for row in some():
        people.update(
            sandbox, SYSTEM, row["id"], {"tags": [*row["tags"], "Referred", "score, old"], "first_name": None}
        )
    for row in some()[:2]:
        db.mark("candidates", row["id"], unsubscribed=True)
