"""What a company has before its first candidate, and the candidates of past years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ..kit import names
from ..kit.ids import Id
from ..kit.people import Person, arrivals, ascii_of, resume, somebody
from ..kit.tables import SYSTEM, Actor, Row
from . import doings
from .sandbox import Sandbox
from .tables import CONTEXTS

# name, system role, part in a hiring team
USERS = (
    ("Dana Whitfield", "ADMINISTRATOR", "RECRUITER"), ("Robin Falk", "EXTENDED", "RECRUITER"),
    ("Noor Haddad", "STANDARD", "HIRING_MANAGER"), ("Viktor Lindqvist", "STANDARD", "HIRING_MANAGER"),
    ("Mei Tanaka", "RESTRICTED", "INTERVIEWER"), ("Integration Service", "ADMINISTRATOR", ""),
)  # fmt: skip
STANDARD: Mapping[str, Sequence[str]] = {
    "IN_REVIEW": ("Application review", "Phone screen"), "INTERVIEW": ("Technical interview", "Onsite"),
    "OFFERED": ("Offer preparation", "Offer sent"),
}  # fmt: skip
FRONTLINE: Mapping[str, Sequence[str]] = {"IN_REVIEW": ("Licence check",), "INTERVIEW": ("Trial day",)}
REASONS = (
    ("rejection", "Skills do not match"), ("rejection", "Another candidate was chosen"),
    ("rejection", "Position closed"), ("withdrawal", "Accepted another offer"), ("withdrawal", "Salary"),
)  # fmt: skip
# label, type, contexts, values
PROPERTIES: Sequence[tuple[str, str, Sequence[str], Sequence[str]]] = (
    ("Screening score", "NUMBER", CONTEXTS[2:], ()), ("Screening summary", "TEXT", CONTEXTS[2:], ()),
    ("Screening recommendation", "SINGLE_SELECT", CONTEXTS[2:], ("Advance", "Review", "Hold")),
    ("Screening report", "TEXT", CONTEXTS[2:], ()), ("Screened on", "DATE", CONTEXTS[2:], ()),
    ("Willing to relocate", "BOOLEAN", CONTEXTS, ()), ("Expected salary", "CURRENCY", CONTEXTS[1:], ()),
)  # fmt: skip
COUNTRIES: Mapping[str, tuple[str, str]] = {
    "London": ("United Kingdom", "gb"), "Berlin": ("Germany", "de"), "Lyon": ("France", "fr"),
    "Stockholm": ("Sweden", "se"), "Pune": ("India", "in"), "Osaka": ("Japan", "jp"), "Lagos": ("Nigeria", "ng"),
    "Valencia": ("Spain", "es"), "Dubai": ("United Arab Emirates", "ae"), "Kraków": ("Poland", "pl"),
    "Cork": ("Ireland", "ie"), "Toronto": ("Canada", "ca"),
}  # fmt: skip
SOURCES = (("CAREER_SITE", "CAREER_SITE"), ("JOB_BOARD", "LINKEDIN"), ("JOB_BOARD", "INDEED"), ("REFERRAL", "REFERRAL"))
KEY, CLIENT = "Screening key", "Screening client"


def fill(sandbox: Sandbox) -> None:
    db = sandbox.db
    with sandbox.history():
        for name, role, _ in USERS:
            first, _, last = name.partition(" ")
            db.create("users", SYSTEM, first_name=first, last_name=last, role=role, active=True,
                      email=f"{ascii_of(name).lower()}@company.example")  # fmt: skip
        for kind, label in REASONS:
            db.create("reasons", SYSTEM, kind=kind, label=label)
        for label, type, contexts, values in PROPERTIES:
            doings.new_property(sandbox, SYSTEM, label, type, contexts, values=values)
        _jobs(sandbox)
        service = _user(sandbox, "Integration Service")
        sandbox.open_credential(SYSTEM, "key", KEY, user_id=service)
        sandbox.open_credential(SYSTEM, "client", CLIENT, user_id=service, redirect="http://127.0.0.1/callback")
    add_people(sandbox, sandbox.options.candidates, dirty=sandbox.options.dirty)


def _user(sandbox: Sandbox, name: str) -> Id:
    return next(row["id"] for row in sandbox.db["users"] if f"{row['first_name']} {row['last_name']}" == name)


def _jobs(sandbox: Sandbox) -> None:
    asked = sandbox.options.jobs
    standard = doings.open_process(sandbox, "Standard", STANDARD)["id"]
    frontline = doings.open_process(sandbox, "Frontline", FRONTLINE)["id"]
    specs: Sequence[Mapping[str, Any]] = names.JOBS if asked is None else asked
    for spec in specs:
        process = frontline if spec["title"] == "Registered Nurse" else standard
        stages: Any = spec.get("stages")
        if asked is not None and stages:
            process = doings.open_process(sandbox, str(spec["title"]), divided(stages))["id"]
        open_job(sandbox, SYSTEM, spec, process)


def divided(stages: Sequence[str]) -> dict[str, list[str]]:
    """Names of stages as sub-statuses of the statuses there are."""
    found: dict[str, list[str]] = {"IN_REVIEW": [], "INTERVIEW": [], "OFFERED": []}
    for one in stages:
        word = one.lower()
        talk = any(part in word for part in ("interview", "onsite", "trial", "final"))
        offer = any(part in word for part in ("offer", "contract"))
        found["OFFERED" if offer else "INTERVIEW" if talk else "IN_REVIEW"].append(one)
    return found


def open_job(sandbox: Sandbox, actor: Actor, spec: Mapping[str, Any], process_id: Id, status: str = "SOURCING") -> Row:
    city, department = str(spec.get("office") or "London"), str(spec.get("department") or "General")
    country, code = COUNTRIES.get(city, ("United Kingdom", "gb"))
    manager = "Viktor Lindqvist" if department == "Sales" else "Noor Haddad"
    team = [{"id": _user(sandbox, name), "role": role} for name, _, role in USERS
            if role and (role != "HIRING_MANAGER" or name == manager)]  # fmt: skip
    public = status == "SOURCING" and not spec.get("confidential")
    row = sandbox.db.create(
        "jobs", actor, title=str(spec["title"]), ref=f"REF{len(sandbox.db['jobs']) + 1:04d}", process_id=process_id,
        status=status, posting_status="PUBLIC" if public else "NOT_PUBLISHED", team=team, creator_id=team[0]["id"],
        department={"id": ascii_of(department).lower(), "label": department},
        location={"country": country, "countryCode": code, "city": city},
        description=str(spec.get("description") or ""), openings=int(spec.get("openings") or 1),
        questions=list(spec.get("questions") or ()),
    )  # fmt: skip
    sandbox.emit("job.created", f"/jobs/{row['id']}", f"job/{row['id']}", id=row["id"])
    return row


# People.


def add_people(sandbox: Sandbox, count: int, *, dirty: bool = False) -> int:
    random = Random(f"dirt-{sandbox.options.seed}-{len(sandbox.db['candidates'])}")
    for dice, number, moment in arrivals(sandbox, count):
        one = somebody(dice, number)
        _walk(sandbox, dice, _apply(sandbox, dice, _person(sandbox, dice, one), one), moment)
    if dirty and count > 0:
        with sandbox.history():
            sandbox.db.pretend = sandbox.db.real_now() - timedelta(days=2)
            _soil(sandbox, random)
    return sandbox.people()


def _person(sandbox: Sandbox, random: Random, one: Person) -> Row:
    city = random.choice(names.CITIES)
    country, code = COUNTRIES[city]
    return doings.create_candidate(sandbox, SYSTEM, {
        "first_name": one.first, "last_name": one.last, "email": one.email, "phone": one.phone,
        "location": {"country": country, "countryCode": code, "city": city},
        "web": {"linkedin": f"https://social.example/in/{ascii_of(one.last).lower()}"} if random.random() < 0.3 else {},
        "tags": random.sample(names.TAGS, random.choice((0, 0, 1, 2))),
        "experience": [{"title": one.title, "company": one.company, "current": True, "startDate": "2021-03"}],
        "education": [{"institution": f"University of {city}", "degree": "BSc", "current": False}],
    })  # fmt: skip


def _apply(sandbox: Sandbox, random: Random, row: Row, one: Person, job_id: Id = None) -> Row:
    jobs = [job for job in sandbox.db["jobs"] if job["status"] == "SOURCING"]
    job = sandbox.db["jobs"].rows[job_id] if job_id else random.choice(jobs)
    type, source = random.choice(SOURCES)
    said = [(one if isinstance(one, str) else str(one["label"]), "Yes") for one in job["questions"]]
    made = doings.apply(sandbox, SYSTEM, row["id"], job["id"], source={"sourceTypeId": type, "sourceId": source},
                        answers=said)  # fmt: skip
    city = (row["location"] or {}).get("city", "London")
    doings.attach(sandbox, SYSTEM, row["id"], f"{ascii_of(one.last)}_CV.txt", "text/plain",
                  resume(f"{row['first_name']} {row['last_name']}", one.title, one.company, city), type="RESUME",
                  application=made)  # fmt: skip
    return made


def _walk(sandbox: Sandbox, random: Random, application: Row, moment: datetime) -> None:
    """Some way through the hiring process, with messages and reviews, and an end for some."""
    db = sandbox.db
    ladder = sandbox.ladder(db["jobs"].rows[application["job_id"]]["process_id"])
    people = [row for row in db["users"] if row["last_name"] != "Service"]
    for stage in ladder[1 : 1 + random.choice((0, 0, 1, 1, 2, 3, 4))]:
        moment = min(moment + timedelta(days=random.randrange(1, 9)), db.real_now())
        db.pretend = moment
        doings.set_status(sandbox, SYSTEM, application, {"status": stage["status"], "subStatus": stage["name"]})
        who = Actor("system", random.choice(people)["id"])
        if random.random() < 0.4:
            said = f"{random.choice(names.NOTES)} #[CANDIDATE:{application['candidate_id']}]"
            doings.share(sandbox, who, {"content": said, "shareWith": {"openNote": True}})
        reviewed = any(
            row["user_id"] == who.user_id for row in db["reviews"].where("application_id", application["id"])
        )
        if stage["status"] == "INTERVIEW" and not reviewed and random.random() < 0.6:
            doings.review(sandbox, who, application, who.user_id, random.randrange(1, 6), random.choice(names.PRAISE))
    fate = random.random()
    reasons = {row["label"]: row for row in db["reasons"]}
    if application["status"] == "OFFERED" and fate < 0.5:
        starts = (sandbox.now() + timedelta(days=30)).date().isoformat()
        doings.set_status(sandbox, SYSTEM, application, {"status": "HIRED", "startsOn": starts})
    elif fate < 0.4:
        row = reasons[random.choice(REASONS[:3])[1]] if fate < 0.33 else reasons["Salary"]
        status = "REJECTED" if row["kind"] == "rejection" else "WITHDRAWN"
        doings.set_status(sandbox, SYSTEM, application, {"status": status, "reason": row["id"]})


def _soil(sandbox: Sandbox, random: Random) -> None:
    """What real companies look like after some years: duplicates with other addresses, shared and missing ones, people
    without application, second applications, leads, transfers, dead jobs."""
    db, everyone = sandbox.db, list(sandbox.db["candidates"])
    share = max(len(everyone) // 20, 1)

    def some() -> list[Row]:
        return random.sample([row for row in everyone if row["id"] in db["candidates"].rows], share)

    for number, row in enumerate(some()):  # the same person under another address, once in capitals
        twin = {key: row[key] for key in doings.PROFILE}
        twin |= {"email": f"private.{number}.{row['email']}", "last_name": row["last_name"].upper()}
        _apply(sandbox, random, doings.create_candidate(sandbox, SYSTEM, twin), somebody(random, 0))
    for row in some():
        doings.edit_candidate(sandbox, SYSTEM, row["id"], {"email": ""})
    for row in some():  # an agency's address for several people
        doings.edit_candidate(sandbox, SYSTEM, row["id"], {"email": "jobs@agency.example"})
    for row in some():  # sourced into a talent pool: nobody who searches finds them
        alone = {"first_name": row["last_name"], "last_name": row["first_name"], "email": f"pool.{row['email']}"}
        if row["email"] not in ("", "jobs@agency.example"):
            doings.create_candidate(sandbox, SYSTEM, alone)
    for row in some():  # second applications
        used = {one["job_id"] for one in db["applications"].where("candidate_id", row["id"])}
        left = [job["id"] for job in db["jobs"] if job["id"] not in used]
        if left:
            _apply(sandbox, random, row, somebody(random, 0), random.choice(left))
    for row in some():  # moved to another job by hand
        application = doings.primary(sandbox, row["id"])
        stage = application and sandbox.stage(db["jobs"].rows[application["job_id"]]["process_id"], "TRANSFERRED")
        if application and stage:
            db.change("applications", application["id"], SYSTEM, {"status": "TRANSFERRED", "stage_id": stage["id"]})
    dead = open_job(sandbox, SYSTEM, {"title": "Backend Engineer"}, next(iter(db["processes"]))["id"])
    for row in some():
        doings.apply(sandbox, SYSTEM, row["id"], dead["id"], lead=True)
    doings.set_job_status(sandbox, SYSTEM, dead["id"], "CANCELLED")
    open_job(sandbox, SYSTEM, {"title": "TEST do not use"}, next(iter(db["processes"]))["id"], "ON_HOLD")
    open_job(
        sandbox, SYSTEM, {"title": "Chief Financial Officer", "confidential": True}, next(iter(db["processes"]))["id"]
    )
