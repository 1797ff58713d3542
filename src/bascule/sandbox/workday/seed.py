"""What a new tenant has: settings, processes, requisitions, workers, an integration user, and made-up people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from ..kit import names
from ..kit.ids import Id
from ..kit.people import Person, arrivals, ascii_of, resume, somebody
from ..kit.tables import SYSTEM, Actor, Row
from . import doings
from .process import FRONTLINE, PROFESSIONAL, REASONS, STAGES, Step, named, open_process, stage_of
from .sandbox import Sandbox

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "recruiting_stages": STAGES,
    "dispositions": {reason.ref: reason.name for reason in REASONS},
    "sources": {"CAREER_SITE": "Career Site", "REFERRAL": "Referral", "LINKEDIN": "LinkedIn", "AGENCY": "Agency"},
    "job_statuses": {"OPEN": "Open", "FROZEN": "Frozen", "CLOSED": "Closed", "FILLED": "Filled"},
    "phone_types": {"Mobile": "Mobile", "Landline": "Landline"},
    "document_categories": {"RESUME": "Resume / Cover Letter", "OTHER": "Other Documents"},
    "social_networks": {"LinkedIn": "LinkedIn", "Twitter": "Twitter", "Facebook": "Facebook"},
    "prospect_statuses": {"NEW": "New", "CONTACTED": "Contacted"},
    "prospect_types": {"PASSIVE": "Passive", "ACTIVE": "Active"},
    "pools": {"CANDIDATE_POOL-6-1": "Silver medalists"},
    "ratings": {"STRONG_HIRE": "Strong Hire", "HIRE": "Hire", "NO_HIRE": "No Hire"},
    "assessment_tests": {"SCREENING_MATCH": "Screening match", "CODING_TEST": "Coding test"},
    "assessment_statuses": {"PASSED": "Passed", "FAILED": "Failed", "IN_PROGRESS": "In progress"},
}
COUNTRIES = (("GB", "GBR", "826", "United Kingdom", "44"), ("DE", "DEU", "276", "Germany", "49"),
             ("FR", "FRA", "250", "France", "33"), ("SE", "SWE", "752", "Sweden", "46"),
             ("IN", "IND", "356", "India", "91"), ("JP", "JPN", "392", "Japan", "81"),
             ("NG", "NGA", "566", "Nigeria", "234"), ("ES", "ESP", "724", "Spain", "34"),
             ("AE", "ARE", "784", "United Arab Emirates", "971"), ("CN", "CHN", "156", "China", "86"),
             ("PL", "POL", "616", "Poland", "48"), ("IE", "IRL", "372", "Ireland", "353"),
             ("US", "USA", "840", "United States of America", "1"))  # fmt: skip
MIMES = (("text/plain", ["txt"]), ("application/pdf", ["pdf"]), ("text/html", ["html", "htm"]),
         ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ["docx"]),
         ("application/octet-stream", []))  # fmt: skip
# name, title, interviews, recruits
WORKERS = (
    ("Dana Whitfield", "Recruiting Administrator", False, True), ("Robin Falk", "Recruiter", False, True),
    ("Jamie Osei", "Recruiting Coordinator", False, True), ("Noor Haddad", "Engineering Manager", True, False),
    ("Viktor Lindqvist", "Head of Sales", True, False), ("Mei Tanaka", "Senior Engineer", True, False),
)  # fmt: skip
# A custom object of the job application, for what a screening tool says. (alias, label, type, options)
SCREENING = ("screeningResult", "Screening result", (
    ("score", "Score", "number", []), ("summary", "Summary", "text", []), ("link", "Link", "text", []),
    ("recommendation", "Recommendation", "list", ["Advance", "Review", "Hold"]), ("scoredOn", "Scored on", "date", []),
))  # fmt: skip
USER = "ISU_Screening"
CLIENT = "Screening integration"


def fill(sandbox: Sandbox) -> None:
    """Everything a tenant has before its first candidate, then the candidates."""
    with sandbox.history():
        _settings(sandbox)
        _workers(sandbox)
        _jobs(sandbox)
        if sandbox.options.custom_object:
            _custom_object(sandbox)
        user = sandbox.open_user(SYSTEM, USER)
        sandbox.open_client(SYSTEM, CLIENT, user["id"], redirect="http://127.0.0.1/callback")
    add_people(sandbox, sandbox.options.candidates, dirty=sandbox.options.dirty)


def _settings(sandbox: Sandbox) -> None:
    for kind, known in SETTINGS.items():
        for ref, name in known.items():
            sandbox.db.create(kind, SYSTEM, ref=ref, name=name)
    for alpha2, alpha3, numeric, name, code in COUNTRIES:
        sandbox.db.create("countries", SYSTEM, ref=alpha2, name=name, ids={
            "ISO_3166-1_Alpha-2_Code": alpha2, "ISO_3166-1_Alpha-3_Code": alpha3,
            "ISO_3166-1_Numeric-3_Code": numeric})  # fmt: skip
        sandbox.db.create("phone_codes", SYSTEM, ref=f"{alpha3}_{code}", name=f"{name} (+{code})", code=code)
    for kind, endings in MIMES:
        sandbox.db.create("mime_types", SYSTEM, ref=kind, name=kind, endings=endings)
    for name in names.TAGS[:4]:
        sandbox.db.create("tags", SYSTEM, ref=name.replace(" ", "_").upper(), name=name, active=True)


def _workers(sandbox: Sandbox) -> None:
    for name, title, interviewer, recruiter in WORKERS:
        sandbox.add("users", SYSTEM, name=name, title=title, interviewer=interviewer, recruiter=recruiter,
                    email=f"{ascii_of(name).lower()}@tenant.example")  # fmt: skip


def _jobs(sandbox: Sandbox) -> None:
    db = sandbox.db
    professional = [step for step in PROFESSIONAL if sandbox.options.assess_step or step.stage != "ASSESSMENT"]
    processes: dict[Any, Id] = {
        "professional": open_process(db, "Job Application: Professional", professional, 1)["id"],
        "frontline": open_process(db, "Job Application: Frontline", FRONTLINE, 2)["id"],
    }
    asked = sandbox.options.jobs
    specs: Sequence[Mapping[str, Any]] = asked if asked is not None else names.JOBS
    for spec in specs:
        names_of: Any = spec.get("stages") if asked is not None else ()
        ladder: tuple[Step, ...] = named(names_of) if names_of else ()
        key: Any = ladder or ("frontline" if spec["title"] == "Registered Nurse" else "professional")
        if key not in processes:
            processes[key] = open_process(db, f"Job Application: {spec['title']}", ladder, len(processes) + 1)["id"]
        open_job(sandbox, SYSTEM, spec, processes[key])


def open_job(sandbox: Sandbox, actor: Actor, spec: Mapping[str, Any], process_id: Id, status: str = "OPEN") -> Row:
    """A requisition and, where it is open, its posting on the career site."""
    db, users = sandbox.db, {row["name"]: row["id"] for row in sandbox.db["users"]}
    office = str(spec.get("office") or "London")
    place = next((row for row in db["locations"] if row["name"] == office), None) or db.create(
        "locations", actor, ref=f"LOCATION_{ascii_of(office).upper()}", name=office
    )
    openings = int(spec.get("openings") or 1)
    manager = "Viktor Lindqvist" if spec.get("department") == "Sales" else "Noor Haddad"
    job = sandbox.add(
        "jobs", actor, title=str(spec["title"]), department=str(spec.get("department") or "General"),
        description=str(spec.get("description") or ""), status_id=sandbox.named("job_statuses", status)["id"],
        process_id=process_id, location_id=place["id"], allocated=openings, available=openings,
        recruiting_start=sandbox.now().date(), recruiter_id=users["Robin Falk"], manager_id=users[manager],
        questions=list(spec.get("questions") or ()), confidential=bool(spec.get("confidential")),
    )  # fmt: skip
    sandbox.happened("jobs", job["id"], "Create Job Requisition")
    if status == "OPEN" and not job["confidential"]:
        db.create("postings", actor, job_id=job["id"], start=sandbox.now().date(), end=None, site="External careers")
    return job


def _custom_object(sandbox: Sandbox) -> None:
    alias, name, known = SCREENING
    made = sandbox.db.create("custom_objects", SYSTEM, alias=alias, name=name)
    for field, label, kind, options in known:
        sandbox.db.create("custom_fields", SYSTEM, object_id=made["id"], alias=field, name=label, type=kind,
                          required=False, options=list(options))  # fmt: skip


# People.


def add_people(sandbox: Sandbox, count: int, *, dirty: bool = False) -> int:
    """Fill in people over the past year and a half; how many there are now."""
    random = Random(f"dirt-{sandbox.options.seed}-{len(sandbox.db['candidates'])}")
    for dice, number, moment in arrivals(sandbox, count):
        one = somebody(dice, number)
        row = doings.create_candidate(sandbox, SYSTEM, _person(sandbox, dice, one))
        application = _application(sandbox, dice, row, one)
        if application is not None:
            _walk(sandbox, dice, application, moment)
    if dirty and count > 0:
        with sandbox.history():
            sandbox.db.pretend = sandbox.db.real_now() - timedelta(days=2)
            soil(sandbox, random)
    return sandbox.people()


def _person(sandbox: Sandbox, random: Random, one: Person) -> dict[str, Any]:
    code = one.phone.split()[0].lstrip("+")
    phone = next((row for row in sandbox.db["phone_codes"] if row["code"] == code), None)
    country = sandbox.named("countries", phone["name"].split(" (")[0]) if phone else None
    named_tags = random.sample(list(sandbox.db["tags"]), random.choice((0, 0, 1, 1, 2)))
    return {
        "first_name": one.first, "last_name": one.last, "email": one.email,
        "phone": one.phone.split(maxsplit=1)[1], "phone_code_id": phone["id"] if phone else None,
        "phone_type_id": sandbox.named("phone_types", "Mobile")["id"], "country_id": country["id"] if country else None,
        "city": random.choice(names.CITIES) if random.random() < 0.5 else "",
        "websites": ["https://portfolio.example/" + ascii_of(one.last).lower()] if random.random() < 0.2 else [],
        "tags": [row["id"] for row in named_tags],
    }  # fmt: skip


def _application(sandbox: Sandbox, random: Random, row: Row, one: Person, job_id: Id = None) -> Row | None:
    jobs = [job["id"] for job in sandbox.db["jobs"]
            if job["status_id"] == sandbox.named("job_statuses", "OPEN")["id"]]  # fmt: skip
    if not jobs:
        return None
    chosen = job_id or random.choice(jobs)
    source = random.choice(("CAREER_SITE", "CAREER_SITE", "LINKEDIN", "REFERRAL", "AGENCY"))
    made = doings.apply(sandbox, SYSTEM, row["id"], chosen, source=source, quiet=True,
                        summary=f"{one.title} at {one.company}")  # fmt: skip
    doings.attach(sandbox, SYSTEM, row["id"], f"{ascii_of(one.last)}_CV.txt",
                  resume(one.name, one.title, one.company, row["city"] or "London"), application_id=made["id"],
                  of="application")  # fmt: skip
    return made


def _walk(sandbox: Sandbox, random: Random, application: Row, moment: Any) -> None:
    """Take an application some way through its process, with comments, assessments and an end."""
    db, users = sandbox.db, list(sandbox.db["users"])[:6]
    for _ in range(random.choice((0, 0, 1, 1, 2, 3, 4, 5))):
        step = db["stages"].rows[application["stage_id"]]
        if not step["next"]:
            break
        moment = min(moment + timedelta(days=random.randrange(1, 9)), db.real_now())
        db.pretend = moment
        target = db["stages"].rows[random.choice(step["next"])]
        doings.put_in(sandbox, SYSTEM, application, target)
        if random.random() < 0.4:
            doings.comment(sandbox, SYSTEM, application, random.choice(names.NOTES), random.choice(users)["id"])
        if stage_of(db, target) == "ASSESSMENT" and random.random() < 0.5:
            _assessed(sandbox, random, application)
    step, fate = db["stages"].rows[application["stage_id"]], random.random()
    if not step["next"] and fate < 0.5:
        open_ = db["job_statuses"].rows[db["jobs"].rows[application["job_id"]]["status_id"]]["ref"] == "OPEN"
        if open_ and db["jobs"].rows[application["job_id"]]["available"] > 1:
            doings.hire(sandbox, SYSTEM, application)
    elif fate < 0.35:
        end = db["stages"].rows[random.choice(step["dispositions"])]
        ended = {"disposition_id": end["disposition_id"], "disposition_step_id": end["id"]}
        db.change("applications", application["id"], SYSTEM, {**ended, "status_at": sandbox.now()})
        sandbox.happened("candidates", application["candidate_id"], "Disposition Candidate")


def _assessed(sandbox: Sandbox, random: Random, application: Row) -> None:
    doings.assess(sandbox, SYSTEM, application, {
        "assessed_by": list(sandbox.db["users"])[3]["id"], "assessed_on": sandbox.now().date(), "comment": "",
        "status_id": sandbox.named("assessment_statuses", "PASSED")["id"],
        "results": [{"test_id": sandbox.named("assessment_tests", "CODING_TEST")["id"], "on": None, "comment": "",
                     "score": random.randrange(40, 100), "status_id": None}],
    })  # fmt: skip


def soil(sandbox: Sandbox, random: Random) -> None:
    """What real tenants look like after some years: duplicates, merged and purged people, missing addresses, prospects,
    re-applicants, a confidential requisition, dead ones, employees who apply."""
    db = sandbox.db
    everyone = list(db["candidates"])
    share = max(len(everyone) // 20, 1)

    def some() -> list[Row]:
        rows = [row for row in everyone if row["id"] in db["candidates"].rows and not row["worker_id"]]
        return random.sample(rows, min(share, len(rows)))

    for row in some():  # the same person twice, once in capitals
        twin = {key: row[key] for key in doings.BLANK}
        twin["last_name"] = twin["last_name"].upper() if random.random() < 0.5 else twin["last_name"]
        double = doings.create_candidate(sandbox, SYSTEM, twin)
        _application(sandbox, random, double, somebody(random, 0))
    for row in some():
        if row["phone"]:
            doings.edit_candidate(sandbox, SYSTEM, row["id"], {"email": ""})
    for row in some():  # an agency's address for several people
        doings.edit_candidate(sandbox, SYSTEM, row["id"], {"email": "jobs@agency.example"})
    for row in some():
        prospect = {
            "status_id": sandbox.named("prospect_statuses", "NEW")["id"], "type_id": None, "consent": False,
            "confidential": False, "source_id": sandbox.named("sources", "LINKEDIN")["id"],
        }  # fmt: skip
        doings.edit_candidate(sandbox, SYSTEM, row["id"], {"prospect": prospect})
    for row in some():  # re-applicants
        used = {one["job_id"] for one in db["applications"].where("candidate_id", row["id"])}
        left = [job["id"] for job in db["jobs"] if job["id"] not in used
                and db["job_statuses"].rows[job["status_id"]]["ref"] == "OPEN"]  # fmt: skip
        if left:
            _application(sandbox, random, row, somebody(random, 0), random.choice(left))
    for row in some():
        doings.edit_candidate(sandbox, SYSTEM, row["id"], {"do_not_hire": True})
    for row in some()[: max(share // 2, 1)]:
        doings.purge(sandbox, SYSTEM, row["id"])
    picked = [row for row in some() if not row["purged"]]
    for primary, duplicate in zip(picked[0::2], picked[1::2], strict=False):
        doings.merge(sandbox, SYSTEM, primary["id"], duplicate["id"])
    process = next(iter(db["processes"]))["id"]
    dead = open_job(sandbox, SYSTEM, {"title": "Backend Engineer", "office": "London", "openings": 1}, process)
    for row in some():
        _application(sandbox, random, row, somebody(random, 0), dead["id"])
    db.change("jobs", dead["id"], SYSTEM, {"status_id": sandbox.named("job_statuses", "CLOSED")["id"]})
    open_job(sandbox, SYSTEM, {"title": "Chief Financial Officer", "confidential": True}, process)
    open_job(sandbox, SYSTEM, {"title": "TEST do not use"}, process, status="FROZEN")
    for row in some()[:1]:  # an employee who applies elsewhere
        db.change("candidates", row["id"], SYSTEM, {"worker_id": next(iter(db["users"]))["id"]})
