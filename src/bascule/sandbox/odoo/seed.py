"""Fills a database: always its users, stages, reasons and jobs; on request, people with a history."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ..kit import names
from ..kit.people import HISTORY, arrivals, ascii_of, resume, somebody
from ..kit.tables import SYSTEM, Actor, Row
from . import crud, mail, technical
from .env import Env
from .recruitment import APPLICANT, CANDIDATE, ladder, set_active
from .sandbox import Sandbox
from .schema import EMPLOYEES, GROUPS, INTERNAL, INTERVIEWER, MANAGER, OFFICER, SETTINGS

ODOO_STAGES = ("New", "Qualification", "First Interview", "Second Interview", "Contract Proposal", "Contract Signed")
REASONS = (("Does not fit the job requirements", 12, "refuse"), ("Refused by applicant: job fit", 11, "interest"),
           ("Job already fulfilled", 13, "refuse"), ("Duplicate", 14, "refuse"), ("Spam", 15, "refuse"),
           ("Refused by applicant: salary", 10, "interest"))  # fmt: skip
TEMPLATES = (
    ("Recruitment: Applicant Acknowledgement", "Your Job Application: {job}",
     "<p>Dear {name},</p><p>We confirm we successfully received your application.</p>"),
    ("Recruitment: Refuse", "Your Job Application: {job}",
     "<p>Dear {name},</p><p>We regret to tell you that we have decided not to proceed.</p>"),
    ("Recruitment: Not interested anymore", "Your Job Application: {job}",
     "<p>Dear {name},</p><p>Thank you for letting us know. We wish you all the best.</p>"),
)  # fmt: skip
# The integration's own user, the first administrator, recruiters, interviewers.
PEOPLE = (("Integration Service", (MANAGER, EMPLOYEES, SETTINGS)), ("Dana Whitfield", (MANAGER, EMPLOYEES, SETTINGS)),
          ("Robin Falk", (OFFICER,)), ("Jamie Osei", (OFFICER,)), ("Noor Haddad", (INTERVIEWER,)),
          ("Viktor Lindqvist", (INTERVIEWER,)), ("Mei Tanaka", (INTERNAL,)))  # fmt: skip
ROBOT, INTEGRATION, FIRST_ADMIN = 1, 2, 3


def fill(sandbox: Sandbox) -> None:
    """Everything a new sandbox starts with."""
    with sandbox.history():
        sandbox.db.pretend = sandbox.now() - HISTORY
        _basics(sandbox)
        env = sandbox.robot()
        technical.described(env)
        sandbox.fields(APPLICANT)
        _words(env)
        _jobs(env.with_context(tracking_disable=True))
    add_people(sandbox, sandbox.options.candidates, dirty=sandbox.options.dirty)


def _basics(sandbox: Sandbox) -> None:
    db = sandbox.db
    for number in range(max(sandbox.options.companies, 1)):
        name = "Acme Group" if number == 0 else f"Acme Branch {number + 1}"
        db.create("companies", SYSTEM, name=name, create_uid=ROBOT, write_uid=ROBOT)
    companies = list(db["companies"].ids)
    for group in (INTERNAL, INTERVIEWER, OFFICER, MANAGER, EMPLOYEES, SETTINGS):
        db.create("groups", SYSTEM, name=GROUPS[group][1].split("/")[1], full_name=GROUPS[group][1], key=group,
                  create_uid=ROBOT, write_uid=ROBOT)  # fmt: skip
    _user(sandbox, "OdooBot", (MANAGER, EMPLOYEES, SETTINGS), companies, active=False)
    for name, groups in PEOPLE:
        _user(sandbox, name, groups, companies)
    _user(sandbox, "Ola Former", (OFFICER,), companies, active=False)
    for xmlid, name, default, internal, model in (
        (mail.COMMENT, "Discussions", True, False, None), (mail.NOTE, "Note", False, True, None),
        (mail.NEW, "New Applicant", False, False, APPLICANT), (mail.MOVED, "Stage Changed", False, False, APPLICANT),
    ):  # fmt: skip
        db.create("subtypes", SYSTEM, xmlid=xmlid, name=name, default=default, internal=internal, res_model=model,
                  description=None, create_uid=ROBOT, write_uid=ROBOT)  # fmt: skip


def _user(sandbox: Sandbox, name: str, groups: tuple[str, ...], companies: list[int], *, active: bool = True) -> Row:
    db = sandbox.db
    email = f"{'.'.join(ascii_of(one) for one in name.split())}@tenant.example".lower()
    log = {"create_uid": ROBOT, "write_uid": ROBOT}
    partner = db.create(
        "contacts",
        SYSTEM,
        name=name,
        email=email,
        address=email,
        phone=None,
        mobile=None,
        active=active,
        company_id=companies[0],
        is_company=False,
        city=None,
        lang="en_US",
        **log,
    )
    known = {row["key"]: row["id"] for row in db["groups"]}
    listed = sorted({known[one] for group in groups for one in (group, *GROUPS[group][2])})
    column = "group_ids" if sandbox.options.version == "19" else "groups_id"
    user = db.create("users", SYSTEM, name=name, login=email, email=email, active=active, partner_id=partner["id"],
                     share=False, company_id=companies[0], company_ids=companies, notification_type="email", tz="UTC",
                     lang="en_US", groups=list(groups), **{column: listed}, **log)  # fmt: skip
    db.create(
        "employees",
        SYSTEM,
        name=name,
        active=active,
        user_id=user["id"],
        work_email=email,
        job_id=None,
        job_title=None,
        department_id=None,
        company_id=companies[0],
        work_contact_id=partner["id"],
        **log,
    )
    return user


def _words(env: Env) -> None:
    """Templates, reasons, tags, sources, degrees; custom fields that were there before anyone integrated."""
    ids: list[int] = []
    for name, subject, body in TEMPLATES:
        ids += crud.create(
            env, "mail.template", [{"name": name, "model": APPLICANT, "subject": subject, "body_html": body}]
        )
    reasons = {"refuse": ids[1], "interest": ids[2]}
    for name, sequence, template in REASONS:
        crud.create(env, "hr.applicant.refuse.reason",
                    [{"name": name, "sequence": sequence, "template_id": reasons[template]}])  # fmt: skip
    for name in ("Reserve", "Manager", "IT", "Sales", *names.TAGS):
        crud.create(env, "hr.applicant.category", [{"name": name}])
    for name in ("Search engine", "LinkedIn", "Referral", "Indeed"):
        crud.create(env, "utm.source", [{"name": name}])
    for name in ("Website", "Email"):
        crud.create(env, "utm.medium", [{"name": name}])
    for place, name in enumerate(("Graduate", "Bachelor Degree", "Master Degree", "Doctoral Degree"), start=1):
        crud.create(env, "hr.recruitment.degree", [{"name": name, "sequence": place}])
    if env.options.version == "19":
        crud.create(env, "hr.talent.pool", [{"name": "Future engineers"}])
    if env.options.dirty:
        model = env.sandbox.model_ids[APPLICANT]
        crud.create(env, "ir.model.fields", [{"name": "x_old_system", "field_description": "Old system",
                                              "ttype": "char", "model_id": model}])  # fmt: skip


def _stages(env: Env, named: tuple[str, ...], job_id: int | None) -> None:
    template = env.db["templates"].ids[0]
    for place, name in enumerate(named):
        last = place == len(named) - 1
        crud.create(env, "hr.recruitment.stage", [{
            "name": name, "sequence": place, "fold": last, "hired_stage": last,
            "template_id": template if name in env.options.mail_stages else False,
            "job_ids": [[6, 0, [job_id]]] if job_id else []}])  # fmt: skip


def _jobs(env: Env) -> None:
    db, options = env.db, env.options
    users = {row["name"]: row["id"] for row in db["users"]}
    people = {row["user_id"]: row["id"] for row in db["employees"]}
    if options.stages == "odoo":
        _stages(env, ODOO_STAGES, None)
    specs: list[Mapping[str, Any]] = list(names.JOBS if options.jobs is None else options.jobs)
    for number, spec in enumerate(specs):
        company = db["companies"].ids[-1 if number == len(specs) - 1 else 0]
        department = next((row["id"] for row in db["departments"] if row["name"] == spec.get("department")), None)
        if department is None and spec.get("department"):
            (department,) = crud.create(env, "hr.department", [{"name": spec["department"], "company_id": company}])
        recruiter = users["Robin Falk"]
        (job,) = crud.create(env, "hr.job", [{
            "name": spec["title"], "department_id": department or False, "company_id": company, "is_published": True,
            "no_of_recruitment": spec.get("openings", 1), "description": spec.get("description", ""),
            "interviewer_ids": [[6, 0, [users["Noor Haddad" if number % 2 else "Viktor Lindqvist"]]]],
            options.assignee: people[recruiter] if options.recruiter == "employee" else recruiter,
        }])  # fmt: skip
        mail.subscribe(env, "hr.job", job, db["users"].rows[recruiter]["partner_id"])
        asked = [one if isinstance(one, str) else one["label"] for one in spec.get("questions", ())]
        crud.write(env, "hr.job", [job], {"applicant_properties_definition": [
            {"name": f"{Random(f'{job}-{place}').getrandbits(64):016x}", "string": one, "type": "char"}
            for place, one in enumerate(asked)]})  # fmt: skip
        if options.stages == "own":
            named = tuple(spec.get("stages", ODOO_STAGES[:-1]))
            _stages(env, (*named, "Hired"), job)


# People.


def add_people(sandbox: Sandbox, count: int, *, dirty: bool = False) -> int:
    """Fill in `count` people, oldest first, over the past year and a half; how many there are now."""
    quiet = {"mail_create_nosubscribe": True, "mail_auto_subscribe_no_notify": True, "just_moved": True,
             "just_unarchived": True}  # fmt: skip
    env = sandbox.robot(context=quiet)
    if count > 0:
        for random, number, moment in arrivals(sandbox, count):
            _person(env, random, number, moment)
        if dirty:
            with sandbox.history():
                soil(env, Random(f"dirt-{sandbox.options.seed}-{sandbox.people()}"))
    return sandbox.people()


def new_applicant(env: Env, person: Mapping[str, Any], application: Mapping[str, Any]) -> int:
    """Somebody applies: a candidate and an application where there are both."""
    if env.options.persons:
        job = env.db["jobs"].get(application.get("job_id")) or {"company_id": env.user["company_id"]}
        (candidate,) = crud.create(env, CANDIDATE, [{**person, "company_id": job["company_id"]}])
        return crud.create(env, APPLICANT, [{"candidate_id": candidate, **application}])[0]
    named: dict[str, Any] = {}
    if env.options.version == "17":
        named["name"] = env.name_of("hr.job", application.get("job_id")) or "Application"
    return crud.create(env, APPLICANT, [{**named, **person, **application}])[0]


def _person(env: Env, random: Random, number: int, moment: datetime) -> None:
    sandbox, db = env.sandbox, env.db
    who = somebody(random, number)
    jobs = [row["id"] for row in db["jobs"] if row["active"]]
    tags = random.sample(list(db["tags"].ids), random.choice((0, 0, 1, 1, 2)))
    values: dict[str, Any] = {"job_id": random.choice(jobs) if jobs else False, "categ_ids": [[6, 0, tags]],
                              "source_id": random.choice(list(db["sources"].ids)),
                              "priority": random.choice("00001123")}  # fmt: skip
    id = new_applicant(env, {"partner_name": who.name, "email_from": who.email, "partner_phone": who.phone}, values)
    content = resume(who.name, who.title, who.company, random.choice(names.CITIES))
    crud.create(env, "ir.attachment", [{
        "name": f"{ascii_of(who.last)}_CV.txt", "datas": base64.b64encode(content).decode(), "mimetype": "text/plain",
        "res_model": APPLICANT, "res_id": id}])  # fmt: skip
    row = env.row(APPLICANT, id)
    for _ in range(random.choice((0, 1, 1, 2))):
        moment = min(moment + timedelta(hours=random.randrange(1, 90)), db.real_now())
        db.pretend = moment
        author = db["users"].rows[random.choice((3, 4, 5))]
        told = sandbox.env(author, Actor(f"user:{author['name']}", author["id"]), root=True, context=env.context)
        mail.post(told, APPLICANT, row, {"body": random.choice(names.NOTES), "message_type": "comment",
                                         "subtype_xmlid": mail.NOTE})  # fmt: skip
    _walk(env, random, row, moment)


def _walk(env: Env, random: Random, row: Row, moment: datetime) -> None:
    """Take an application some way down its ladder; some are refused, some hired."""
    db = env.db
    if row["job_id"] is None:
        return
    steps = ladder(env, row["job_id"])
    reached = steps[1 : 1 + random.choice((0, 0, 0, 1, 1, 2, 3, len(steps)))]
    for stage in reached:
        moment = min(moment + timedelta(days=random.randrange(1, 9)), db.real_now())
        db.pretend = moment
        crud.write(env, APPLICANT, [row["id"]], {"stage_id": stage["id"]})
    if not (reached and reached[-1]["hired_stage"]) and random.random() < 0.4:
        db.pretend = min(moment + timedelta(days=random.randrange(1, 9)), db.real_now())
        refused = {} if env.options.version == "17" else {"refuse_date": f"{db.now():%Y-%m-%d %H:%M:%S}"}
        crud.write(env, APPLICANT, [row["id"]], {
            "refuse_reason_id": random.choice(list(db["reasons"].ids)), "active": False, **refused})  # fmt: skip


def soil(env: Env, random: Random) -> None:
    """What real databases have after some years: the same person twice, nobody's address, archived without a reason."""
    db, table = env.db, env.table(APPLICANT)
    jobs = list(db["jobs"].ids)
    for row in random.sample(list(db[table]), max(len(db[table]) // 10, 1)):
        match random.choice(("again", "bare", "archived", "jobless", "shouting")):
            case "again":
                person = {
                    "partner_name": env.value(APPLICANT, row, "partner_name"),
                    "email_from": (env.value(APPLICANT, row, "email_from") or "a@mail.example").upper(),
                }
                new_applicant(env, person, {"job_id": random.choice(jobs)})
            case "bare":
                new_applicant(env, {"partner_name": "Unknown"}, {"job_id": random.choice(jobs)})
            case "archived":
                set_active(env, APPLICANT, [row["id"]], False)
            case "jobless":
                crud.write(env, APPLICANT, [row["id"]], {"job_id": False})
            case _:
                name = str(env.value(APPLICANT, row, "partner_name")).upper()
                crud.write(env, APPLICANT, [row["id"]], {"partner_name": f"  {name} "})
