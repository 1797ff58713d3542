"""Fills a tenant: always its users, sources and jobs; on request, thousands of people with a history.

Everything is drawn from the sandbox's seed, so the same options give the same tenant. What is filled in is not in the
change log: that starts with the first real change.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from ..kit import names
from ..kit.people import HISTORY, arrivals, ascii_of, resume, somebody
from ..kit.tables import SYSTEM, Actor, Row
from . import fields, jobs, people, pipeline
from .sandbox import Sandbox

RATINGS = ("strong_no", "no", "yes", "strong_yes", "no_decision")
CAREERS_PAGE = "Careers page"


def at(sandbox: Sandbox, moment: datetime) -> None:
    sandbox.db.pretend = moment


def fill(sandbox: Sandbox) -> None:
    """Everything a new sandbox starts with."""
    with sandbox.history():
        at(sandbox, sandbox.now() - HISTORY)
        _basics(sandbox)
        _custom_fields(sandbox)
        users = _ids(sandbox)
        specs = names.JOBS if sandbox.options.jobs is None else sandbox.options.jobs
        for number, spec in enumerate(specs):
            team = {"recruiter": [users["Robin Falk"]], "coordinator": [users["Jamie Osei"]],
                    "hiring_manager": [users["Noor Haddad"] if number % 2 else users["Viktor Lindqvist"]]}  # fmt: skip
            row = jobs.open_job(sandbox, SYSTEM, {"team": team, "requisition_id": f"R-{101 + number}", **spec})
            for user_id in (users["Robin Falk"], team["hiring_manager"][0]):
                sandbox.db.create("user_job_permissions", SYSTEM, user_id=user_id, job_id=row["id"], user_role_id=1)
    if sandbox.options.dirty:
        with sandbox.history():
            at(sandbox, sandbox.now() - HISTORY)
            dirty_jobs(sandbox)
    add_people(sandbox, sandbox.options.candidates, dirty=sandbox.options.dirty)


def _ids(sandbox: Sandbox) -> dict[str, int]:
    return {row["name"]: row["id"] for row in sandbox.db["users"]}


def _user(sandbox: Sandbox, first: str, last: str, **marks: Any) -> Row:
    email = f"{ascii_of(first)}.{ascii_of(last)}@tenant.example".lower()
    row = sandbox.db.create("users", SYSTEM, **{
        "name": f"{first} {last}", "first_name": first, "last_name": last, "primary_email": email,
        "employee_id": None, "site_admin": False, "deactivated": False, "service_account": False, "sees_private": False,
        "department_ids": [], "office_ids": [], **marks})  # fmt: skip
    sandbox.db.create("user_emails", SYSTEM, user_id=row["id"], email=email, verified=True)
    return row


def _basics(sandbox: Sandbox) -> None:
    db = sandbox.db
    _user(sandbox, "Integration", "Service", site_admin=True, sees_private=True, service_account=True)
    _user(sandbox, "Dana", "Whitfield", site_admin=True, sees_private=True, employee_id="E-100")
    robin = _user(sandbox, "Robin", "Falk", employee_id="E-101")
    for first, last in (("Jamie", "Osei"), ("Noor", "Haddad"), ("Viktor", "Lindqvist"), ("Mei", "Tanaka")):
        _user(sandbox, first, last)
    _user(sandbox, "Ola", "Former", deactivated=True)
    for name in (CAREERS_PAGE, "LinkedIn", "Referral", "Agency", "Job fair", "Indeed", "Internal applicant"):
        kind = {"id": 1, "name": "Company marketing"} if name == CAREERS_PAGE else {"id": 2, "name": "Third party"}
        db.create("sources", SYSTEM, name=name, public_name=name, type=kind)
    db.create("referrers", SYSTEM, name=robin["name"], user_id=robin["id"], email=robin["primary_email"])
    we = {"id": 1, "name": "We rejected them", "key": "WE_REJECTED_THEM"}
    they = {"id": 2, "name": "They rejected us", "key": "THEY_REJECTED_US"}
    none = {"id": 3, "name": "None specified", "key": "NONE_SPECIFIED"}
    for name, kind in (("Lacks required experience", we), ("Role closed", we), ("Accepted another offer", they),
                       ("Salary expectations", they), ("Duplicate application", none)):  # fmt: skip
        db.create("rejection_reasons", SYSTEM, name=name, type=kind, default=False)
    db.create("rejection_reasons", SYSTEM, name="Other", type=none, default=True)
    for name in ("Hire - new headcount", "Hire - backfill", "Not filling"):
        db.create("close_reasons", SYSTEM, name=name)
    db.create("email_templates", SYSTEM, name="Thank you for your application", email_type="candidate_rejection",
              default=True, body="We have decided to continue with other candidates.")  # fmt: skip
    pool = db.create("prospect_pools", SYSTEM, name="Future engineers", active=True)
    for order, name in enumerate(("Not contacted", "Contacted", "In touch")):
        db.create("prospect_pool_stages", SYSTEM, prospect_pool_id=pool["id"], name=name, sort_order=order)
    for name in names.TAGS:
        people.define_tag(sandbox, SYSTEM, name)
    _demographics(sandbox)


def _demographics(sandbox: Sandbox) -> None:
    db = sandbox.db
    survey = db.create("demographic_question_sets", SYSTEM, title="Voluntary survey", description="", active=True)
    surveyed = {
        "What is your gender?": ("Woman", "Man", "Non-binary", "I'd rather not say"),
        "Which age group are you in?": ("Under 30", "30 to 49", "50 or over", "I'd rather not say"),
    }
    for name, choices in surveyed.items():
        question = db.create("demographic_questions", SYSTEM, demographic_question_set_id=survey["id"], name=name,
                             active=True, required=False)  # fmt: skip
        for choice in choices:
            db.create("demographic_answer_options", SYSTEM, demographic_question_id=question["id"], name=choice,
                      active=True, free_form=False)  # fmt: skip


def _custom_fields(sandbox: Sandbox) -> None:
    """The few fields the tenant made for itself before anyone integrates with it."""
    permit = [{"name": name} for name in ("Citizen", "Permit", "Needs sponsorship")]
    specs: list[dict[str, Any]] = [
        {"name": "Notice period", "field_type": "candidate", "value_type": "short_text"},
        {"name": "Work permit", "field_type": "candidate", "value_type": "single_select",
         "custom_field_options": permit},
        {"name": "Hiring cost centre", "field_type": "job", "value_type": "short_text"},
    ]  # fmt: skip
    if sandbox.options.tier == "enterprise":
        specs.append({"name": "Expected salary", "field_type": "application", "value_type": "currency",
                      "private": True})  # fmt: skip
    if sandbox.options.dirty:
        specs.append({"name": "Data source", "field_type": "candidate", "value_type": "short_text", "required": True})
        specs.append({"name": "Old system id", "field_type": "candidate", "value_type": "number"})
    for spec in specs:
        fields.define(sandbox.db, SYSTEM, sandbox.options.tier, spec)


# People.


def add_people(sandbox: Sandbox, count: int, *, dirty: bool = False) -> int:
    """Fill in `count` people, oldest first, over the past year and a half; how many candidates there are now."""
    if count <= 0:
        return len(sandbox.db["candidates"])
    users, random = _ids(sandbox), Random()
    for random, number, moment in arrivals(sandbox, count):
        _person(sandbox, random, number, users, moment)
    if dirty:
        with sandbox.history():
            soil(sandbox, random)
    return len(sandbox.db["candidates"])


def _identity(random: Random, number: int) -> dict[str, Any]:
    one = somebody(random, number)
    return {
        "first_name": one.first, "last_name": one.last, "company": one.company, "title": one.title,
        "email_addresses": [{"value": one.email, "type": "personal"}],
        "phone_numbers": [{"value": one.phone, "type": "mobile"}],
        "addresses": [{"value": random.choice(names.CITIES), "type": "home"}] if random.random() < 0.5 else [],
    }  # fmt: skip


def _person(sandbox: Sandbox, random: Random, number: int, users: dict[str, int], moment: datetime) -> Row:
    row = people.create(sandbox, SYSTEM, _identity(random, number))
    for name in random.sample(names.TAGS, random.choice((0, 0, 1, 1, 2))):
        people.tag(sandbox, SYSTEM, row["id"], name)
    application = _application(sandbox, random, users, row)
    _resume(sandbox, row, application)
    for _ in range(random.choice((0, 1, 1, 2))):
        moment = min(moment + timedelta(hours=random.randrange(1, 90)), sandbox.db.real_now())
        at(sandbox, moment)
        name = random.choice(("Robin Falk", "Jamie Osei", "Dana Whitfield"))
        author = Actor(f"user:{name}", users[name])
        people.note(sandbox, author, {"candidate_id": row["id"], "body": random.choice(names.NOTES),
                                      "visibility": random.choice(("public", "public", "private"))})  # fmt: skip
    _background(sandbox, random, row, application)
    _walk(sandbox, random, users, application, moment)
    return row


def _background(sandbox: Sandbox, random: Random, row: Row, application: Row) -> None:
    """Past employers for some, and for some the answers to the surveys that nobody who decides may see."""
    db, now = sandbox.db, sandbox.now()
    if random.random() < 0.4:
        db.create("candidate_employments", SYSTEM, candidate_id=row["id"], company_name=random.choice(names.COMPANIES),
                  title=random.choice(names.TITLES), start_date="2017-03-01", end_date="2021-06-30")  # fmt: skip
    if random.random() < 0.15:
        db.create("eeoc", SYSTEM, application_id=application["id"], candidate_id=row["id"], submitted_at=now,
                  race={"id": 8, "message": "Declined to answer"}, gender={"id": 3, "message": "Declined to answer"},
                  veteran_status={"id": 1, "message": "I am not a protected veteran"},
                  disability_status={"id": 2, "message": "No"})  # fmt: skip
    for question in db["demographic_questions"]:
        if random.random() < 0.2:
            choices = db["demographic_answer_options"].where("demographic_question_id", question["id"])
            db.create("demographic_answers", SYSTEM, application_id=application["id"], free_form_text=None,
                      demographic_question_id=question["id"],
                      demographic_answer_option_id=random.choice(choices)["id"])  # fmt: skip


def _application(sandbox: Sandbox, random: Random, users: dict[str, int], row: Row, **more: Any) -> Row:
    open_jobs = [job["id"] for job in sandbox.db["jobs"] if job["status"] == "open"]
    sources = sandbox.db["sources"].ids
    target: dict[str, Any] = {"job_id": random.choice(open_jobs)} if open_jobs else {"prospect": True}
    return pipeline.apply(sandbox, SYSTEM, {
        "candidate_id": row["id"], "source_id": random.choice(sources), "recruiter_id": users["Robin Falk"],
        "coordinator_id": users["Jamie Osei"], "location_address": random.choice(names.CITIES), **target, **more},
        quiet=True)  # fmt: skip


def _resume(sandbox: Sandbox, row: Row, application: Row) -> None:
    content = resume(f"{row['first_name']} {row['last_name']}", row["title"], row["company"],
                     application["location_address"])  # fmt: skip
    people.keep(sandbox, SYSTEM, row["id"], application["id"], "resume", f"{ascii_of(row['last_name'])}_CV.txt",
                content, "text/plain")  # fmt: skip


def _walk(sandbox: Sandbox, random: Random, users: dict[str, int], row: Row, moment: datetime) -> None:
    """Take an application some way down its ladder, with interviews, scorecards, offers and an end."""
    if row["prospect"]:
        return
    end = sandbox.db.pretend or moment
    newest = min(sandbox.db.real_now(), end + timedelta(days=60))
    ladder = pipeline.stages(sandbox, row["job_id"])
    for stage in ladder[1 : 1 + random.choice((0, 0, 0, 1, 1, 2, 3, 4))]:
        moment = min(moment + timedelta(days=random.randrange(1, 9)), newest)
        at(sandbox, moment)
        pipeline.enter(sandbox, SYSTEM, row, stage)
        if sandbox.db["job_interviews"].where("job_interview_stage_id", stage["id"]):
            _interview(sandbox, random, users, row, stage, moment)
    moment = min(moment + timedelta(days=random.randrange(1, 9)), newest)
    at(sandbox, moment)
    last, fate = row["job_interview_stage_id"] == ladder[-1]["id"], random.random()
    if last:
        _offer(sandbox, row, moment, "Accepted" if fate < 0.5 else "Created" if fate < 0.8 else "Rejected")
    if last and fate < 0.5:
        pipeline.enter(sandbox, SYSTEM, row, None)
        sandbox.db.change("applications", row["id"], SYSTEM, {"status": "hired", "hired_at": moment})
    elif fate < 0.4:
        reasons = [one["id"] for one in sandbox.db["rejection_reasons"]]
        pipeline.reject(sandbox, SYSTEM, row["id"], {"rejection_reason_id": random.choice(reasons)})


def _interview(sandbox: Sandbox, random: Random, users: dict[str, int], row: Row, stage: Row, moment: datetime) -> None:
    db = sandbox.db
    slot = db["job_interviews"].where("job_interview_stage_id", stage["id"])[0]
    kit = db["interview_kits"].where("job_interview_id", slot["id"])[0]
    user_id = users[random.choice(("Noor Haddad", "Viktor Lindqvist", "Mei Tanaka"))]
    interview = db.create(
        "interviews", SYSTEM, application_id=row["id"], job_id=row["job_id"], job_interview_id=slot["id"],
        organizer_id=users["Jamie Osei"], status="complete", starts_at=moment, ends_at=moment + timedelta(minutes=45),
        all_day_start_on=None, all_day_end_on=None, location="Video", video_conferencing_url=None,
        external_event_id=None, actionable=False,
    )  # fmt: skip
    card = db.create(
        "scorecards", SYSTEM, application_id=row["id"], interview_id=interview["id"], interview_kit_id=kit["id"],
        interviewer_id=user_id, submitter_id=user_id, candidate_rating=random.choice(RATINGS), status="complete",
        notes=random.choice(names.PRAISE), private_notes=None, public_notes=None, interviewed_at=moment,
        submitted_at=moment + timedelta(hours=2),
    )  # fmt: skip
    db.create("interviewers", SYSTEM, interview_id=interview["id"], user_id=user_id, response_status="accepted",
              scorecard_id=card["id"])  # fmt: skip
    question = db["scorecard_questions"].where("interview_kit_id", kit["id"])[0]
    db.create("scorecard_question_answers", SYSTEM, scorecard_id=card["id"], scorecard_question_id=question["id"],
              answer=f"<p>{random.choice(names.PRAISE)}</p>", value=None, boolean_value=None)  # fmt: skip


def _offer(sandbox: Sandbox, row: Row, moment: datetime, status: str) -> None:
    sandbox.db.create(
        "offers", SYSTEM, application_id=row["id"], candidate_id=row["candidate_id"], job_id=row["job_id"],
        opening_id=None, version=1, status=status, starts_on=(moment + timedelta(days=45)).date().isoformat(),
        sent_on=moment.date().isoformat(), resolved_at=None if status == "Created" else moment, current=True,
        approval="approved", custom_fields={},
    )  # fmt: skip


# What real tenants look like after some years.


def dirty_jobs(sandbox: Sandbox) -> None:
    """A confidential job, a dead requisition, a draft, and a third ladder with odd stage names."""
    jobs.open_job(
        sandbox,
        SYSTEM,
        {
            "title": "Chief Financial Officer",
            "department": "Finance",
            "office": "London",
            "confidential": True,
            "stages": ("Longlist", "Shortlist", "Board Interview"),
        },
    )
    jobs.open_job(sandbox, SYSTEM, {"title": "Backend Engineer", "department": "Engineering", "office": "London",
                                    "status": "closed", "stages": ("Bewerbung", "Telefonat", "Gespräch", "Angebot"),
                                    "requisition_id": "OLD-2019-7"})  # fmt: skip
    jobs.open_job(sandbox, SYSTEM, {"title": "TEST do not use", "status": "draft", "openings": 0,
                                    "stages": ("New", "new ", "Onsite - hold", "Onsite")})  # fmt: skip


def soil(sandbox: Sandbox, random: Random) -> None:
    """Make a share of the people duplicates, re-applicants, prospects, private, merged, or short of an e-mail."""
    db, users = sandbox.db, _ids(sandbox)
    at(sandbox, db.real_now() - timedelta(days=2))
    everyone = [db["candidates"].rows[id] for id in db["candidates"].ids]
    share = max(len(everyone) // 20, 2)

    def some() -> list[Row]:
        return random.sample([row for row in everyone if row["id"] in db["candidates"].rows], min(share, len(everyone)))

    for row in some():  # the same person twice, once in capitals
        twin = {key: row[key] for key in ("first_name", "last_name", "email_addresses", "phone_numbers")}
        twin["last_name"] = twin["last_name"].upper() if random.random() < 0.5 else twin["last_name"]
        double = people.create(sandbox, SYSTEM, twin)
        _application(sandbox, random, users, double)
    for row in some():  # couples and agencies sharing an address
        people.update(sandbox, SYSTEM, row["id"], {"email_addresses": [
            {"value": "jobs@agency.example", "type": "work"}]})  # fmt: skip
    for row in some():
        people.update(sandbox, SYSTEM, row["id"], {"email_addresses": []})
    for row in some():  # re-applicants
        _application(sandbox, random, users, row)
    for row in some():
        pool = db["prospect_pools"].ids[0]
        _application(sandbox, random, users, row, prospect=True, prospect_pool_id=pool)
    for row in some()[: max(share // 2, 1)]:
        people.update(sandbox, SYSTEM, row["id"], {"private": True})
    secret = next(row for row in db["jobs"] if row["confidential"])
    for row in some()[: max(share // 2, 1)]:
        _application(sandbox, random, users, row, job_id=secret["id"])
    dead = next(row for row in db["jobs"] if row["requisition_id"] == "OLD-2019-7")
    dead["status"] = "open"
    for row in some():
        _application(sandbox, random, users, row, job_id=dead["id"])
    dead["status"] = "closed"
    picked = some()
    for primary, duplicate in zip(picked[0::2], picked[1::2], strict=False):
        people.merge(sandbox, SYSTEM, primary["id"], duplicate["id"])
    source = next(row for row in db["custom_fields"] if row["name"] == "Data source")
    for row in some():
        people.update(sandbox, SYSTEM, row["id"], {"custom_fields": [{"id": source["id"], "value": "import 2019"}]})
