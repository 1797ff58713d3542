"""What people and programs do to candidates and their applications. Each function keeps to the rules of the product and
notes in the transaction log what the product notes there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..kit.errors import Refused
from ..kit.ids import Id
from ..kit.tables import SYSTEM, Actor, Row
from .process import READY, first_step, stage_of, steps_of
from .sandbox import Sandbox

BLANK: Mapping[str, Any] = {
    "first_name": "", "middle_name": "", "last_name": "", "secondary_last_name": "", "phone": "", "phone_code_id": None,
    "phone_type_id": None, "extension": "", "email": "", "websites": [], "country_id": None, "address": "", "city": "",
    "postal_code": "", "social": [],
}  # fmt: skip
PERSON: Mapping[str, Any] = {
    **BLANK, "do_not_hire": False, "withdrawn": False, "worker_id": None, "pre_hire_id": None, "prospect": None,
    "tags": [], "pools": [], "merged_into": None, "purged": False,
}  # fmt: skip
# Names and contact data, which belong to the worker once there is one.
OWNED = frozenset(BLANK)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MOST_FILE = 30 * 1024 * 1024


def refused(message: str, field: str | None = None) -> Refused:
    return Refused(422, message, field=field)


# Candidates.


def create_candidate(sandbox: Sandbox, actor: Actor, values: Mapping[str, Any], ref: str = "") -> Row:
    if ref and sandbox.db["candidates"].where("ref", ref):
        raise refused("A Candidate with that ID already exists.")
    row = {**PERSON, **values}
    if not (row["first_name"] or row["last_name"]):
        raise refused("Candidate name is required when adding a candidate.")
    if not (row["email"] or row["phone"]):
        raise refused("Candidate phone number or email address is required when adding a candidate.")
    _complete(sandbox, row)
    made = sandbox.add("candidates", actor, **{**row, "ref": ref})
    sandbox.happened("candidates", made["id"], "Create Candidate")
    return made


def edit_candidate(sandbox: Sandbox, actor: Actor, id: Id, values: Mapping[str, Any]) -> bool:
    """Set fields; whether any became different."""
    row = sandbox.db["candidates"].rows[id]
    changed = {key for key, value in values.items() if row[key] != value}
    if row["worker_id"] and changed & OWNED:
        raise refused("Cannot update a candidate's name, contact, social media information if the candidate is linked "
                      "to a worker.")  # fmt: skip
    if changed & OWNED and not row["purged"]:
        _complete(sandbox, {**row, **values})
    done = sandbox.db.change("candidates", id, actor, values)
    if done:
        sandbox.happened("candidates", id, "Edit Candidate", event=bool(set(done) - {"tags", "pools"}))
    return bool(done)


def _complete(sandbox: Sandbox, row: Mapping[str, Any]) -> None:
    if row["email"] and not EMAIL.fullmatch(row["email"]):
        raise refused("The email address you entered is invalid. Enter a valid email address.", "Email_Address")
    needed = {"email": row["email"], "phone": row["phone"], "country": row["country_id"]}
    for name in sandbox.options.required:
        if not needed[name]:
            raise refused(f"The candidate's {name} is required in this tenant.", name)


def tag(sandbox: Sandbox, actor: Actor, id: Id, names: Iterable[str]) -> None:
    """The tags a candidate has from now on; a name that is new becomes a tag."""
    known = {row["name"].casefold(): row for row in sandbox.db["tags"]}
    wanted: list[Id] = []
    for name in names:
        row = known.get(name.casefold())
        if row is None:
            ref = re.sub(r"\W+", "_", name).strip("_").upper()
            row = known[name.casefold()] = sandbox.db.create("tags", actor, name=name, ref=ref, active=True)
        if row["id"] not in wanted:
            wanted.append(row["id"])
    edit_candidate(sandbox, actor, id, {"tags": wanted})


def attach(
    sandbox: Sandbox, actor: Actor, candidate_id: Id, name: str, content: bytes, *, application_id: Id = None,
    mime_id: Id = None, category: str = "RESUME", comment: str = "", ref: str = "", of: str = "candidate",
    visible_at: Any = None,
) -> Row:  # fmt: skip
    """Keep a file of a candidate (`of`: candidate, application or prospect)."""
    may_keep(name, content)
    if ref and sandbox.db["attachments"].where("ref", ref):
        raise refused("File ID for the attachment already in use.")
    made = sandbox.add(
        "attachments", actor, candidate_id=candidate_id, application_id=application_id, ref=ref, name=name, of=of,
        content=content, comment=comment, mime_id=mime_id or mime_of(sandbox, name),
        category_id=sandbox.named("document_categories", category)["id"], visible_at=visible_at,
    )  # fmt: skip
    sandbox.happened("candidates", candidate_id, "Add Attachment", event=False)
    return made


def replace_file(sandbox: Sandbox, actor: Actor, id: Id, name: str, content: bytes) -> Row:
    """Another file in the place of one, under its id."""
    may_keep(name, content)
    sandbox.db.change("attachments", id, actor, {"name": name, "content": content, "mime_id": mime_of(sandbox, name)})
    row = sandbox.db["attachments"].rows[id]
    sandbox.happened("candidates", row["candidate_id"], "Add Attachment", event=False)
    return row


def may_keep(name: str, content: bytes) -> None:
    if not name:
        raise refused("Enter a file name.", "Filename")
    if len(content) > MOST_FILE:
        raise refused("The file size should not exceed 30MB.")


def mime_of(sandbox: Sandbox, name: str) -> Id:
    ending = name.rpartition(".")[2].lower()
    row = next((row for row in sandbox.db["mime_types"] if ending in row["endings"]), None)
    return row["id"] if row else sandbox.named("mime_types", "application/octet-stream")["id"]


def comment(sandbox: Sandbox, actor: Actor, application: Row, body: str, user_id: Id = None) -> None:
    """What somebody says in the business process. People read it there; no interface gives it out."""
    if body.strip():
        sandbox.db.create("notes", actor, candidate_id=application["candidate_id"], application_id=application["id"],
                          body=body.strip(), user_id=user_id or actor.user_id)  # fmt: skip


# Applications.


def apply(
    sandbox: Sandbox, actor: Actor, candidate_id: Id, job_id: Id, *, step_id: Id = None, source: str = "CAREER_SITE",
    quiet: bool = False, **more: Any,
) -> Row:  # fmt: skip
    db, job = sandbox.db, sandbox.db["jobs"].rows[job_id]
    may_apply(sandbox, candidate_id, job)
    now = sandbox.now()
    values: dict[str, Any] = {
        "source_id": sandbox.named("sources", source)["id"], "ref": "", "applied_at": now, "status_at": now,
        "referred_by": None, "added_by": None, "summary": "", "personal": None, "answers": [],
        "visible_at": None, **more,
    }  # fmt: skip
    made = sandbox.add(
        "applications", actor, candidate_id=candidate_id, job_id=job_id, disposition_id=None, disposition_step_id=None,
        stage_id=step_id or first_step(db, job["process_id"])["id"], event_id=_event_id(sandbox), additional={},
        assessed=False, hired=False, **values,
    )  # fmt: skip
    _entered(sandbox, made)
    sandbox.happened("candidates", candidate_id, "Job Application")
    if not quiet:
        sandbox.email(actor, candidate_id, f"Thank you for applying: {job['title']}",
                      "We have received your application.", "Job Application")  # fmt: skip
    return made


def may_apply(sandbox: Sandbox, candidate_id: Id, job: Row) -> None:
    """Whether somebody can apply there. Raises Refused."""
    if sandbox.db["job_statuses"].rows[job["status_id"]]["ref"] != "OPEN":
        raise refused(f"The job requisition {job['ref']} is not open.")
    mine = sandbox.db["applications"].where("candidate_id", candidate_id)
    if any(one["job_id"] == job["id"] for one in mine):
        raise refused("The candidate has already applied to this job requisition.")


def _event_id(sandbox: Sandbox) -> str:
    """The WID of an event of a business process."""
    return f"{sandbox.random.getrandbits(128):032x}"


def _entered(sandbox: Sandbox, application: Row) -> None:
    """What begins with the step an application has come to."""
    stage = stage_of(sandbox.db, sandbox.db["stages"].rows[application["stage_id"]])
    if stage == "ASSESSMENT":
        sandbox.db.mark("applications", application["id"], assessed=True)
    if stage == "INTERVIEW":
        _invite(sandbox, application)
    if stage == READY:
        _prepare(sandbox, application)


def _invite(sandbox: Sandbox, application: Row) -> None:
    """An interview event for the hiring manager and one more, if there is none."""
    db = sandbox.db
    if db["interviews"].where("application_id", application["id"]):
        return
    job = db["jobs"].rows[application["job_id"]]
    panel = [one["id"] for one in db["users"] if one["interviewer"] and one["id"] != job["manager_id"]]
    place = len(db["interviews"]) % max(len(panel), 1)
    db.create("interviews", SYSTEM, candidate_id=application["candidate_id"], completed=False,
              application_id=application["id"], interviewers=[job["manager_id"], *panel[place : place + 1]],
              scheduled_at=sandbox.now())  # fmt: skip


def _prepare(sandbox: Sandbox, application: Row) -> None:
    """A pre-hire for whoever is ready for hire."""
    person = sandbox.db["candidates"].rows[application["candidate_id"]]
    if person["pre_hire_id"] is None:
        made = sandbox.add("pre_hires", SYSTEM, candidate_id=person["id"],
                           name=f"{person['first_name']} {person['last_name']}")  # fmt: skip
        sandbox.db.change("candidates", person["id"], SYSTEM, {"pre_hire_id": made["id"]})


def move(sandbox: Sandbox, actor: Actor, application: Row, step: Row) -> None:
    """To a next step that the current one allows."""
    current = _going(sandbox, application)
    job = sandbox.db["jobs"].rows[application["job_id"]]
    if step["id"] not in current["next"]:
        raise refused("The next step is not valid.")
    if sandbox.db["job_statuses"].rows[job["status_id"]]["ref"] != "OPEN":
        raise refused(f"The job requisition {job['ref']} is not open.")
    put_in(sandbox, actor, application, step)


def put_in(sandbox: Sandbox, actor: Actor, application: Row, step: Row) -> None:
    """Into a step, whatever led there."""
    sandbox.db.change("applications", application["id"], actor, {"stage_id": step["id"], "status_at": sandbox.now()})
    _entered(sandbox, application)
    sandbox.happened("candidates", application["candidate_id"], "Move Candidate")


def dispose(sandbox: Sandbox, actor: Actor, application: Row, step: Row) -> None:
    """Reject, by a disposition step that the current step allows."""
    if step["id"] not in _going(sandbox, application)["dispositions"]:
        raise refused("The disposition step is not valid.")
    ended = {"disposition_id": step["disposition_id"], "disposition_step_id": step["id"]}
    sandbox.db.change("applications", application["id"], actor, {**ended, "status_at": sandbox.now()})
    sandbox.happened("candidates", application["candidate_id"], "Disposition Candidate")
    if sandbox.options.notify_disposition:
        title = sandbox.db["jobs"].rows[application["job_id"]]["title"]
        sandbox.email(actor, application["candidate_id"], f"Your application for {title}",
                      "We will not go on with your application.", "Disposition Candidate")  # fmt: skip


def reconsider(sandbox: Sandbox, actor: Actor, application: Row) -> None:
    """Take a rejection back, as people can; no interface does it."""
    if application["disposition_id"] is None:
        raise refused("The job application was not dispositioned.")
    sandbox.db.change("applications", application["id"], actor, {
        "disposition_id": None, "disposition_step_id": None, "status_at": sandbox.now()})  # fmt: skip
    sandbox.happened("candidates", application["candidate_id"], "Undo Disposition")


def hire(sandbox: Sandbox, actor: Actor, application: Row) -> Row:
    """Make a worker of whoever is ready for hire, as the hire process of the HR side does."""
    step = _going(sandbox, application)
    if stage_of(sandbox.db, step) != READY:
        raise refused("The candidate is not ready for hire.")
    db, job = sandbox.db, sandbox.db["jobs"].rows[application["job_id"]]
    person = db["candidates"].rows[application["candidate_id"]]
    worker = sandbox.add("users", actor, name=f"{person['first_name']} {person['last_name']}", title=job["title"],
                         email=person["email"], interviewer=False, recruiter=False)  # fmt: skip
    db.change("applications", application["id"], actor, {"hired": True, "status_at": sandbox.now()})
    db.change("candidates", person["id"], actor, {"worker_id": worker["id"]})
    sandbox.happened("candidates", person["id"], "Hire")
    left = job["available"] - 1
    filled = {"status_id": sandbox.named("job_statuses", "FILLED")["id"]} if left < 1 else {}
    db.change("jobs", job["id"], actor, {"available": max(left, 0), **filled})
    sandbox.happened("jobs", job["id"], "Hire")
    return worker


def _going(sandbox: Sandbox, application: Row) -> Row:
    """The step an application stands in. Raises Refused where its process is over."""
    if application["disposition_id"] is not None or application["hired"]:
        raise refused("The job application process is complete.")
    return sandbox.db["stages"].rows[application["stage_id"]]


# What others say of an application.


def assess(sandbox: Sandbox, actor: Actor, application: Row, values: Mapping[str, Any], ref: str = "") -> Row:
    """Make or change a candidate assessment. Only who has come to an Assess Candidate step can have one."""
    db = sandbox.db
    if not application["assessed"]:
        raise refused("The Candidate was never in the Assessment Business Process to add or update a Candidate "
                      "Assessment.")  # fmt: skip
    mine = db["assessments"].where("application_id", application["id"])
    found = next((one for one in mine if one["ref"] == ref), None) if ref else mine[-1] if mine else None
    if ref and found is None and any(one["ref"] == ref for one in db["assessments"]):
        raise refused("The candidate assessment is of another job application.")
    if found is not None:
        db.change("assessments", found["id"], actor, values)
    else:
        found = sandbox.add("assessments", actor, candidate_id=application["candidate_id"], ref=ref,
                            application_id=application["id"], event_id=_event_id(sandbox), **values)  # fmt: skip
    sandbox.happened("candidates", application["candidate_id"], "Assess Candidate")
    return found


def set_additional(sandbox: Sandbox, actor: Actor, application: Row, objects: Mapping[str, Mapping[str, str]]) -> None:
    """Write custom objects of an application; the others stay as they are."""
    replace, old = sandbox.options.additional_data == "replace", application["additional"]
    new = {alias: dict(values) if replace else {**old.get(alias, {}), **values} for alias, values in objects.items()}
    kept = {alias: {key: value for key, value in values.items() if value} for alias, values in new.items()}
    if sandbox.db.change("applications", application["id"], actor, {"additional": {**old, **kept}}):
        sandbox.happened("candidates", application["candidate_id"], "Additional Data", event=False)


def give_feedback(
    sandbox: Sandbox, actor: Actor, interview: Row, user_id: Id, comment: str, rating_id: Id, on: str
) -> Row:
    """What one of the panel thinks; the interview is complete when all have said so."""
    made = sandbox.db.create("feedback", actor, interview_id=interview["id"], user_id=user_id, comment=comment,
                             rating_id=rating_id, submitted_on=on)  # fmt: skip
    given = {one["user_id"] for one in sandbox.db["feedback"].where("interview_id", interview["id"])}
    if given >= set(interview["interviewers"]):
        sandbox.db.change("interviews", interview["id"], actor, {"completed": True})
    sandbox.happened("candidates", interview["candidate_id"], "Interview Feedback")
    return made


# What ends a candidate.

BELOW = (("applications", "candidate_id"), ("attachments", "candidate_id"), ("notes", "candidate_id"),
         ("assessments", "candidate_id"), ("interviews", "candidate_id"), ("histories", "candidate_id"))  # fmt: skip


def merge(sandbox: Sandbox, actor: Actor, primary_id: Id, duplicate_id: Id) -> None:
    """Merge a duplicate into another candidate: all of it is theirs from now on, and its own id names nobody."""
    db = sandbox.db
    if primary_id == duplicate_id:
        raise refused("A candidate cannot be merged with themselves.")
    duplicate, primary = db["candidates"].rows[duplicate_id], db["candidates"].rows[primary_id]
    if duplicate["worker_id"]:
        raise refused("A candidate who is linked to a worker cannot be merged into another.")
    for kind, column in BELOW:
        for row in db[kind].where(column, duplicate_id):
            db.change(kind, row["id"], actor, {column: primary_id})
    missing = {key: duplicate[key] for key in ("email", "phone", "city") if not primary[key] and duplicate[key]}
    union = [*primary["tags"], *(one for one in duplicate["tags"] if one not in primary["tags"])]
    db.change("candidates", primary_id, actor, {**({} if primary["worker_id"] else missing), "tags": union})
    db.delete("candidates", duplicate_id, actor)
    sandbox.happened("candidates", primary_id, "Merge Candidates")


def purge(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    """Purge person data: the candidate and their applications stay, and nothing tells who they were."""
    db = sandbox.db
    for kind in ("attachments", "notes", "histories"):
        for row in db[kind].where("candidate_id", id):
            db.delete(kind, row["id"], actor)
    for row in db["applications"].where("candidate_id", id):
        db.change("applications", row["id"], actor, {"additional": {}, "summary": "", "personal": None, "answers": []})
    db.change("candidates", id, actor, {**BLANK, "tags": [], "purged": True})
    sandbox.happened("candidates", id, "Purge Person Data")


def delete(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    """Remove a candidate with all that is below. Programs cannot; it leaves no entry in the transaction log."""
    for kind, column in BELOW:
        for row in sandbox.db[kind].where(column, id):
            sandbox.db.delete(kind, row["id"], actor)
    sandbox.db.delete("candidates", id, actor)


def rename_step(sandbox: Sandbox, actor: Actor, name: str, to: str) -> list[str]:
    rows = [row for row in sandbox.db["stages"] if row["name"] == name]
    for row in rows:
        sandbox.db.change("stages", row["id"], actor, {"name": to})
    return [f"stages/{row['id']}" for row in rows]


def step_named(sandbox: Sandbox, application: Row, name: str) -> Row | None:
    job = sandbox.db["jobs"].rows[application["job_id"]]
    return next((row for row in steps_of(sandbox.db, job["process_id"]) if row["name"] == name), None)


def later(sandbox: Sandbox, seconds: float) -> datetime | None:
    """From when on what is created now can be read; None where that is at once."""
    return sandbox.now() + timedelta(seconds=seconds) if seconds else None
