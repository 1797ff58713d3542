"""What is special about applicants, candidates and jobs: what follows from a stage, an e-mail address, an archiving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..kit.tables import Row
from . import crud, mail
from .crud import Draft
from .env import Env
from .errors import invalid, no_access, user_error
from .schema import INTERVIEWER, OFFICER, normalized

APPLICANT, CANDIDATE, JOB = "hr.applicant", "hr.candidate", "hr.job"


def first_stage(env: Env, job_id: int) -> int | None:
    """Where an applicant begins: the first stage of the job, or of all jobs, that is not folded."""
    rows = [row for row in env.db["stages"] if not row["fold"] and (not row["job_ids"] or job_id in row["job_ids"])]
    return min(rows, key=lambda row: (row["sequence"], row["id"]), default={"id": None})["id"]


def ladder(env: Env, job_id: int) -> list[Row]:
    """The stages of a job in their order."""
    rows = [row for row in env.db["stages"] if not row["job_ids"] or job_id in row["job_ids"]]
    return sorted(rows, key=lambda row: (row["sequence"], row["id"]))


def _hired(env: Env, stage_id: int | None) -> bool:
    stage = env.db["stages"].get(stage_id)
    return bool(stage and stage["hired_stage"])


def _whole(moment: Any) -> Any:
    return moment.replace(microsecond=0)


def _hired_at(env: Env) -> Any:
    """Up to 18 with fractions of a second, which are compared and not shown."""
    now = env.sandbox.now()
    return _whole(now) if env.options.version == "19" else now


# The address of a person makes a contact.


def _needs_name(env: Env, email: str | None, partner: int | None, name: str | None, what: str) -> None:
    if email and partner is None and not name:
        raise user_error(f"You must define a Contact Name for this {what}.")


def contact(env: Env, model: str, row: Row) -> None:
    """After the address or number was written: the contact that belongs to it follows."""
    db, version, address = env.sandbox.db, env.options.version, row["email_from"]
    if not (normalized(address) if version == "19" else address):
        return
    root = env.sudo()
    if row["partner_id"] is None:
        found = _same_address(env, address)
        if found is None:
            name = row["partner_name"] if version != "17" else address
            (found,) = crud.create(root, "res.partner", [{"name": name, "email": address}])
        db.change(env.table(model), row["id"], env.actor, {"partner_id": found}, touch=False)
    partner = db["contacts"].rows[row["partner_id"]]
    values: dict[str, Any] = {}
    name, known = row["partner_name"], partner["name"]
    if name and name != known and (version == "19" or not known or (version == "18" and known == address)):
        values["name"] = name
    if normalized(address) != normalized(partner["email"]):
        values["email"] = address
    for own, theirs in (("partner_phone", "phone"), ("partner_mobile", "mobile")):
        if row.get(own) and row[own] != partner.get(theirs):
            values[theirs] = row[own]
    if values:
        crud.write(root, "res.partner", [partner["id"]], values)


def _same_address(env: Env, address: str) -> int | None:
    rows = env.db["contacts"].where("address", normalized(address) or address)
    return next((row["id"] for row in rows if row["active"]), None)


def _addressed(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    """Contacts are looked up by their address."""
    if "email" in draft.columns:
        email = draft.columns["email"]
        draft.columns["address"] = normalized(email) or email


def _from_partner(env: Env, draft: Draft) -> None:
    """A contact that is set brings its address, and its number where there was none."""
    partner = env.db["contacts"].get(draft.columns.get("partner_id"))
    if partner is not None:
        draft.columns.setdefault("email_from", None)
        draft.columns["email_from"] = draft.columns["email_from"] or partner["email"]
        draft.columns.setdefault("partner_phone", partner["phone"])


# Applicants.


def _creating(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    columns, given, now = draft.columns, draft.given, env.sandbox.now()
    if env.options.persons:
        _with_candidate(env, draft)
    else:
        if given.get("partner_id") and not given.get("email_from"):
            _from_partner(env, draft)
        if columns["email_from"]:
            columns["email_from"] = columns["email_from"].strip()
        _needs_name(env, columns["email_from"], columns["partner_id"], columns["partner_name"], "applicant")
    job = env.db["jobs"].get(columns["job_id"])
    if job is not None:
        _follow_job(env, draft, job)
        if columns["stage_id"] is None:
            columns["stage_id"] = first_stage(env, job["id"])
    department = env.db["departments"].get(columns["department_id"]) or {"company_id": None}
    columns["company_id"] = columns["company_id"] or department["company_id"] or (job or {}).get("company_id") or (
        env.user["company_id"])  # fmt: skip
    if given.get(env.options.assignee):
        columns["date_open"] = _whole(now)
    columns["date_last_stage_update"] = columns["date_last_stage_update"] or _whole(now)
    if _hired(env, columns["stage_id"]) and not columns["date_closed"]:
        columns["date_closed"] = _hired_at(env)
    columns["applicant_properties"] = _properties(env, columns["job_id"], {}, columns["applicant_properties"])
    person = env.db["candidates"].get(columns.get("candidate_id"))
    if person and person["company_id"] and columns["company_id"] != person["company_id"]:
        raise invalid("You cannot create an applicant in a different company than the candidate")


def _with_candidate(env: Env, draft: Draft) -> None:
    person = env.db["candidates"].get(draft.columns.get("candidate_id"))
    if person is not None:
        draft.lists["categ_ids"] = [*draft.lists.get("categ_ids", []), *((4, id, None) for id in person["categ_ids"])]
        name = draft.beyond.get("partner_name") or person["partner_name"]
        _needs_name(env, draft.beyond.get("email_from"), person["partner_id"], name, "candidate")


def _follow_job(env: Env, draft: Draft, job: Row) -> None:
    """What an applicant takes from its job, where it was not said."""
    for name in ("department_id", env.options.assignee):
        if name not in draft.given:
            draft.columns[name] = job[name]


def _created(env: Env, rows: Sequence[Row], draft: Draft, before: Mapping[int, Row]) -> None:
    (row,) = rows
    if env.options.persons:
        beyond = {name: value for name, value in draft.beyond.items() if name not in ("email_normalized",)}
        if beyond:
            crud.write(env, CANDIDATE, [row["candidate_id"]], beyond)
        for file in env.db["attachments"].where("res_id", row["candidate_id"]):
            if file["res_model"] == CANDIDATE:
                _copy_file(env, file, APPLICANT, row["id"])
    elif {"email_from", "partner_phone"} & set(draft.given):
        contact(env, APPLICANT, row)
    if env.options.version == "19" and row["talent_pool_ids"] and not row["pool_applicant_id"]:
        env.sandbox.db.change("candidates", row["id"], env.actor, {"pool_applicant_id": row["id"]}, touch=False)
    _assigned(env, row, set(row["interviewer_ids"]))


def _copy_file(env: Env, file: Row, model: str, id: int) -> None:
    kept = {
        key: value
        for key, value in file.items()
        if key not in ("id", "created_at", "updated_at", "candidate_id", "application_id", "visible_at")
    }
    env.sandbox.db.create("attachments", env.actor, **{
        **kept, "res_model": model, "res_id": id,
        **env.sandbox.owner("ir.attachment", {"res_model": model, "res_id": id})})  # fmt: skip


def _assigned(env: Env, row: Row, new: set[int]) -> None:
    """Interviewers become such by being named, and are told from 18 on."""
    for id in new:
        user = env.db["users"].rows[id]
        if INTERVIEWER not in user["groups"] and OFFICER not in user["groups"]:
            env.sandbox.db.change("users", id, env.actor, {"groups": [*user["groups"], INTERVIEWER]})
        if env.options.version != "17" and id != env.user["id"]:
            name = env.name_of(APPLICANT, row["id"])
            mail.tell(env, APPLICANT, row, user["partner_id"], f"You have been assigned as an interviewer for {name}",
                      f"You have been assigned as an interviewer for the Applicant {name}", "interviewer")  # fmt: skip


def _writing(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    columns, given, now = draft.columns, draft.given, env.sandbox.now()
    version = env.options.version
    if not env.options.persons:
        for row in rows:
            merged = {**row, **columns}
            if given.get("email_from"):
                _needs_name(env, merged["email_from"], merged["partner_id"], merged["partner_name"], "applicant")
        if given.get("partner_id") and "email_from" not in given:
            _from_partner(env, draft)
    if given.get(env.options.assignee):
        columns["date_open"] = _whole(now)
    if "job_id" in columns:
        _changed_job(env, draft, rows)
    if "stage_id" in columns:
        columns["date_last_stage_update"] = _whole(now)
        columns.setdefault("kanban_state", "normal")
        _left(env, draft, rows)
    elif "kanban_state" in given and version == "19":
        columns["date_last_stage_update"] = _whole(now)
    if "applicant_properties" in columns and rows:
        held = rows[0]["applicant_properties"] or {}
        columns["applicant_properties"] = _properties(env, columns.get("job_id", rows[0]["job_id"]), held,
                                                      columns["applicant_properties"])  # fmt: skip


def _left(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    """The stage an applicant comes from. Up to 18 several at once all come from where they go, by an old mistake."""
    new, several = draft.columns["stage_id"], len(rows) > 1 and env.options.version != "19"
    draft.columns["last_stage_id"] = new if several else rows[-1]["stage_id"]
    if "date_closed" not in draft.given:
        stays = rows[0]["date_closed"] if _hired(env, new) else None
        draft.columns["date_closed"] = stays or (_hired_at(env) if _hired(env, new) else None)
    if env.options.version == "19":
        for row in rows:
            _count_hire(env, row, _hired(env, row["stage_id"]), _hired(env, new))


def _count_hire(env: Env, row: Row, was: bool, now: bool) -> None:
    job = env.db["jobs"].get(row["job_id"])
    if job is None or was == now or (now and job["no_of_recruitment"] <= 0):
        return
    crud.write(env.sudo(), JOB, [job["id"]], {"no_of_recruitment": job["no_of_recruitment"] + (-1 if now else 1)})


def _changed_job(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    job = env.db["jobs"].get(draft.columns["job_id"])
    if job is None:
        draft.columns["stage_id"] = None
        return
    _follow_job(env, draft, job)
    if "stage_id" not in draft.columns and any(row["stage_id"] is None for row in rows):
        draft.columns["stage_id"] = first_stage(env, job["id"])


def _wrote(env: Env, rows: Sequence[Row], draft: Draft, before: Mapping[int, Row]) -> None:
    for row in rows:
        if not env.options.persons and {"email_from", "partner_phone", "partner_mobile"} & set(draft.given):
            contact(env, APPLICANT, row)
        if "interviewer_ids" in draft.lists:
            _assigned(env, row, set(row["interviewer_ids"]) - set(before[row["id"]]["interviewer_ids"]))
        pool = row.get("pool_applicant_id")
        if pool and pool != row["id"] and not row["talent_pool_ids"]:
            shared = {name: draft.given[name] for name in ("email_from", "partner_phone", "linkedin_profile", "type_id")
                      if name in draft.given}  # fmt: skip
            if shared:
                crud.write(env, APPLICANT, [pool], shared)


def _properties(env: Env, job_id: int | None, held: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Property values by name, from either form they are written in; what the job does not define is lost."""
    known = {one["name"] for one in env.definition({"job_id": job_id})}
    if isinstance(value, list):
        value = {one["name"]: one.get("value", False) for one in value if isinstance(one, dict) and "name" in one}
    return {name: one for name, one in {**held, **(value or {})}.items() if name in known}


# Candidates (18).


def _creating_candidate(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    columns = draft.columns
    columns["company_id"] = columns["company_id"] or env.user["company_id"]
    if "user_id" not in draft.given:
        columns["user_id"] = env.user["id"]
    if draft.given.get("partner_id") and not draft.given.get("email_from"):
        _from_partner(env, draft)
    _needs_name(env, columns["email_from"], columns["partner_id"], columns["partner_name"], "candidate")


def _created_candidate(env: Env, rows: Sequence[Row], draft: Draft, before: Mapping[int, Row]) -> None:
    if {"email_from", "partner_phone"} & set(draft.given):
        contact(env, CANDIDATE, rows[0])


def _writing_candidate(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    for row in rows:
        merged = {**row, **draft.columns}
        if draft.given.get("email_from"):
            _needs_name(env, merged["email_from"], merged["partner_id"], merged["partner_name"], "candidate")


def _wrote_candidate(env: Env, rows: Sequence[Row], draft: Draft, before: Mapping[int, Row]) -> None:
    for row in rows:
        if {"email_from", "partner_phone"} & set(draft.given):
            contact(env, CANDIDATE, row)


def _deleting_candidate(env: Env, rows: Sequence[Row]) -> None:
    for row in rows:
        if row["employee_id"]:
            raise user_error("The candidate is linked to an employee, to avoid losing information, archive it instead.")
        if env.db["applications"].where("candidate_id", row["id"]):
            raise invalid(
                "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n- Delete: another "
                "model requires the record being deleted. If possible, archive it instead.\n\n"
                "Model: Applicant (hr.applicant)\nField: Candidate (candidate_id)\n"
            )


def _deleting_stage(env: Env, rows: Sequence[Row]) -> None:
    ids = {row["id"] for row in rows}
    if any(row["stage_id"] in ids for row in env.db[env.table(APPLICANT)]):
        raise invalid(
            "The operation cannot be completed: another model requires the record being deleted. "
            "If possible, archive it instead.\n\nModel: Applicant (hr.applicant)\nField: Stage (stage_id)\n"
        )


def _creating_job(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    draft.columns["company_id"] = draft.columns["company_id"] or env.user["company_id"]


def _writing_job(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    """With a job its applicants are archived, and nobody gets mail for it."""
    if draft.given.get("active") is False:
        for row in rows:
            ids = [one["id"] for one in env.applicants_of(row["id"]) if one["active"]]
            crud.write(env, APPLICANT, ids, {"active": False})


# What buttons do.


def set_active(env: Env, model: str, ids: Sequence[int], active: bool) -> None:
    quiet = env.with_context(just_unarchived=True) if model == APPLICANT else env
    rows = env.rows(model, ids, "w")
    turned = [row["id"] for row in rows if row["active"] != active]
    if turned:
        crud.write(quiet, model, turned, {"active": active})
    if model == APPLICANT and active:
        reset(quiet, ids if env.options.version == "19" else turned)


def reset(env: Env, ids: Sequence[int]) -> None:
    """Back into the first stage, without a reason."""
    for row in env.rows(APPLICANT, ids, "w"):
        crud.write(
            env,
            APPLICANT,
            [row["id"]],
            {"stage_id": first_stage(env, row["job_id"]) if row["job_id"] else False, "refuse_reason_id": False},
        )


def refuse(env: Env, wizard: Row) -> None:
    """Apply the wizard that asks for a reason: the reason, archived, and its e-mail if that is wanted."""
    reason = env.db["reasons"].rows[wizard["refuse_reason_id"]]
    template = wizard["template_id"] or reason["template_id"]
    rows = env.rows(APPLICANT, wizard["applicant_ids"], "w")
    if wizard["send_mail"]:
        if not template:
            raise user_error("Email template must be selected to send a mail")
        if any(not env.value(APPLICANT, row, "email_from") for row in rows):
            raise user_error("At least one applicant doesn't have a email; you can't use send email option.")
    dated = {} if env.options.version == "17" else {"refuse_date": env.sandbox.now().strftime("%Y-%m-%d %H:%M:%S")}
    crud.write(env, APPLICANT, [row["id"] for row in rows],
               {"refuse_reason_id": reason["id"], "active": False, **dated})  # fmt: skip
    for row in rows:
        if wizard["send_mail"]:
            mail.send(env, APPLICANT, row, template, "refuse_template")


def _creating_refusal(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    """The wizard takes the template of the reason, and means to send it where everybody has an address."""
    if draft.columns["refuse_reason_id"] is None and env.options.version == "19":
        draft.columns["refuse_reason_id"] = min(env.db["reasons"], key=lambda row: row["sequence"])["id"]
    reason = env.db["reasons"].get(draft.columns["refuse_reason_id"])
    if reason is None:
        return
    if "template_id" not in draft.given:
        draft.columns["template_id"] = reason["template_id"]
    if "send_mail" not in draft.given:
        ids = [
            one
            for code, id, more in draft.lists.get("applicant_ids", [])
            for one in ([id] if code == 4 else more or [])
        ]
        people = [env.db[env.table(APPLICANT)].rows[id] for id in ids]
        addressed = all(env.value(APPLICANT, row, "email_from") for row in people)
        draft.columns["send_mail"] = bool(reason["template_id"]) and addressed


def employ(env: Env, id: int) -> int:
    """Make an employee of an applicant."""
    (row,) = env.rows(APPLICANT, [id], "r")
    if INTERVIEWER in env.groups and OFFICER not in env.groups:
        said = "You are not allowed to perform this action."
        raise no_access(said) if env.options.version == "17" else user_error(said)
    name = env.value(APPLICANT, row, "partner_name")
    if not name:
        raise user_error("Please provide an applicant name.")
    person, model = (env.row(CANDIDATE, row["candidate_id"]), CANDIDATE) if env.options.persons else (row, APPLICANT)
    if person["partner_id"] is None:
        (partner,) = crud.create(env.sudo(), "res.partner", [{"name": name, "email": person["email_from"] or False}])
        env.sandbox.db.change(env.table(model), person["id"], env.actor, {"partner_id": partner}, touch=False)
    job = env.db["jobs"].get(row["job_id"])
    (employee,) = crud.create(env, "hr.employee", [{
        "name": name, "work_email": person["email_from"] or False, "job_id": row["job_id"] or False,
        "job_title": job["name"] if job else False, "department_id": row["department_id"] or False,
        "company_id": row["company_id"], "work_contact_id": person["partner_id"]}])  # fmt: skip
    column = "emp_id" if env.options.version == "17" else "employee_id"
    crud.write(env.sudo(), model, [person["id"]], {column: employee})
    if env.options.version != "17":
        for file in env.db["attachments"].where("res_id", person["id"]):
            if file["res_model"] == model:
                _copy_file(env, file, "hr.employee", employee)
    return employee


def pool(env: Env, wizard: Row) -> list[int]:
    """Add applicants to talent pools: each gets a second record, the talent, that has no job."""
    made: list[int] = []
    for row in env.rows(APPLICANT, wizard["applicant_ids"], "w"):
        talent = row["pool_applicant_id"]
        link = {"talent_pool_ids": [[4, id] for id in wizard["talent_pool_ids"]],
                "categ_ids": [[4, id] for id in wizard["categ_ids"]]}  # fmt: skip
        if talent:
            crud.write(env, APPLICANT, [talent], link)
        else:
            (talent,) = crud.create(env, APPLICANT, [{
                "partner_name": row["partner_name"], "email_from": row["email_from"] or False,
                "partner_phone": row["partner_phone"] or False, "linkedin_profile": row["linkedin_profile"] or False,
                "categ_ids": [[6, 0, row["categ_ids"]]], "company_id": row["company_id"]}])  # fmt: skip
            crud.write(env, APPLICANT, [talent], {**link, "pool_applicant_id": talent})
            crud.write(env, APPLICANT, [row["id"]], {"pool_applicant_id": talent})
        made.append(talent)
    return made


def _invited(env: Env, rows: Sequence[Row], draft: Draft, before: Mapping[int, Row]) -> None:
    """Whoever is to come to a meeting that is still ahead gets an invitation, or word of its new time; nobody where the
    context says so."""
    if env.context.get("no_mail_to_attendees"):
        return
    for row in rows:
        was = before.get(row["id"], {})
        there = set(was.get("partner_ids", ()))
        moved = bool(was) and was["start"] != row["start"]
        told = dict.fromkeys(set(row["partner_ids"]) - there, "Invitation to")
        told |= {id: "Date updated:" for id in set(row["partner_ids"]) & there if moved}
        for id in told.keys() - {env.partner}:
            contact = env.db["contacts"].rows[id]
            if contact["email"] and row["active"] and row["start"] > env.sandbox.now():
                mail.email(env, APPLICANT, row["applicant_id"] or 0, contact["email"], f"{told[id]} {row['name']}",
                           "", "invitation")  # fmt: skip


def _creating_meeting(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    draft.columns["user_id"] = draft.columns["user_id"] or env.user["id"]
    if "partner_ids" not in draft.given:
        draft.lists["partner_ids"] = [(4, env.partner, None)]


crud.CREATING.update({
    APPLICANT: _creating, CANDIDATE: _creating_candidate, JOB: _creating_job,
    "applicant.get.refuse.reason": _creating_refusal, "calendar.event": _creating_meeting, "res.partner": _addressed,
})  # fmt: skip
crud.CREATED.update({APPLICANT: _created, CANDIDATE: _created_candidate, "calendar.event": _invited})
crud.WRITING.update({APPLICANT: _writing, CANDIDATE: _writing_candidate, JOB: _writing_job,
                     "res.partner": _addressed})  # fmt: skip
crud.WROTE.update({APPLICANT: _wrote, CANDIDATE: _wrote_candidate, "calendar.event": _invited})
crud.DELETING.update({CANDIDATE: _deleting_candidate, "hr.recruitment.stage": _deleting_stage})
