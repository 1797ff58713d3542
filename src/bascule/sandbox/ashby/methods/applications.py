"""Applications on their way, their history and team, and who applies by a form."""

from __future__ import annotations

from typing import Any

from .. import fields, people, pipeline, storage
from ..api import Call, File, Handler, parsed
from ..errors import forbidden, invalid, missing
from ..listing import Page
from .reads import applied, table, titled


def applications(call: Call) -> Page:
    rows, wanted = call.newer(call.sight.all("applications")), call.body.get("status")
    if wanted is not None:
        if wanted not in ("Hired", "Archived", "Active", "Lead"):
            raise invalid("One of Hired, Archived, Active, Lead", "status")
        rows = [row for row in rows if row["status"] == wanted]
    if (job := call.id("jobId", optional=True)) is not None:
        rows = [row for row in rows if row["job_id"] == job]
    expand = call.expand("openings")
    return call.page("applications", rows, lambda row: call.shower.application(row, expand))


def application_info(call: Call) -> Any:
    expand = call.expand("openings", "applicationFormSubmissions", "referrals")
    if call.body.get("applicationId") is None and call.id("submittedFormInstanceId", optional=True) is not None:
        wanted = call.body["submittedFormInstanceId"]
        row = next((row for row in call.sight.all("applications") if row["form"] and row["form"]["id"] == wanted), None)
        if row is None:
            raise missing("application")
    else:
        row = applied(call)
    return call.shower.application_whole(call.read("applications", row), expand)


def application_create(call: Call) -> Any:
    person, job = call.found("candidates", "candidateId", "candidate"), call.found("jobs", "jobId", "job")
    stage = call.body.get("interviewStageId")
    if stage is not None and stage != pipeline.FIRST_SCREEN:
        stage = call.id("interviewStageId")
    made = pipeline.apply(
        call.sandbox, call.actor, person["id"], job["id"], plan_id=call.id("interviewPlanId", optional=True),
        stage_id=stage, source_id=call.named("sources", "sourceId", "source"),
        credited_to=call.named("users", "creditedToUserId", "user"), created_at=call.moment("createdAt"),
        told=call.sandbox.options.api_submits,
    )  # fmt: skip
    return call.shower.application(call.made(made))


def change_stage(call: Call) -> Any:
    row, email = applied(call), call.body.get("archiveEmail")
    if email is not None and (not isinstance(email, dict) or not fields.uuid(email.get("communicationTemplateId"))):
        raise invalid("Needs a communicationTemplateId", "archiveEmail")
    pipeline.move(call.sandbox, call.actor, row["id"], call.id("interviewStageId"),
                  reason_id=call.id("archiveReasonId", optional=True), email=email)  # fmt: skip
    return call.shower.application(row)


def transfer(call: Call) -> Any:
    row = applied(call)
    call.found("jobs", "jobId", "job")
    call.flag("startAutomaticActivities", default=True)
    pipeline.transfer(call.sandbox, call.actor, row["id"], call.id("jobId"), call.id("interviewPlanId"),
                      call.id("interviewStageId"))  # fmt: skip
    return call.shower.application(row)


def application_update(call: Call) -> Any:
    row = applied(call)
    keys = (("sourceId", "source_id"), ("creditedToUserId", "credited_to"))
    values = {key: call.id(name, optional=True) for name, key in keys if name in call.body}
    if (created := call.moment("createdAt")) is not None:
        values["created_at"] = created
    pipeline.update(call.sandbox, call.actor, row["id"], values, notify=call.flag("sendNotifications", default=True))
    return call.shower.application(row)


def change_source(call: Call) -> Any:
    row = applied(call)
    pipeline.update(call.sandbox, call.actor, row["id"], {"source_id": call.id("sourceId")})
    return call.shower.application(row)


def application_delete(call: Call) -> Any:
    row = applied(call)
    pipeline.remove(call.sandbox, call.actor, row["id"])
    return {"applicationId": row["id"]}


def history(call: Call) -> Page:
    row = applied(call)
    return call.page("history", call.sight.of("history", "application_id", row["id"]), call.shower.history, syncs=False)


def update_history(call: Call) -> Any:
    if not call.key["update_history"]:
        raise forbidden("to update application history")
    row, wanted = applied(call), call.body.get("applicationHistory")
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise invalid("A list of entries", "applicationHistory")
    pipeline.rewrite(call.sandbox, call.actor, row["id"], wanted)
    return call.shower.application_whole(row)


def criteria(call: Call) -> Page:
    """No evaluation by Ashby's own AI: the feature is not switched on here."""
    applied(call)
    return call.page("history", [], call.shower.history, syncs=False)


def team_change(add: bool) -> Handler:
    def answer(call: Call) -> Any:
        row = applied(call)
        member = {"user_id": call.found("users", "teamMemberId", "user")["id"],
                  "role_id": call.found("roles", "roleId", "role")["id"]}  # fmt: skip
        rest = [one for one in row["team"] if one != member]
        pipeline.update(call.sandbox, call.actor, row["id"], {"team": [*rest, member] if add else rest})
        return call.shower.team([member])[0]

    return answer


def form_submit(call: Call) -> Any:
    """A candidate applies through somebody's own careers page."""
    posting = call.found("postings", "jobPostingId", "job_posting")
    if not posting["published"] and not call.flag("allowSubmissionForUnpublishedJobPosting"):
        raise invalid("This job posting is not published", "jobPostingId")
    form = parsed(call.body.get("applicationForm"))
    given = form.get("fieldSubmissions") if isinstance(form, dict) else None
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise invalid("A list of paths and values", "applicationForm")
    values: dict[str, Any] = {str(one.get("path")): one.get("value") for one in given}
    name, email = values.get("_systemfield_name"), values.get("_systemfield_email")
    if email == "testing-fail-validation@example.com":
        raise invalid("Simulated validation failure", "_systemfield_email")
    definition = storage.application_form(posting)
    for one in definition["sections"][0]["fields"]:
        if one["isRequired"] and values.get(one["field"]["path"]) in (None, ""):
            raise invalid(f"Required: {one['field']['title']}", one["field"]["path"])
    person = people.create(call.sandbox, call.actor, {
        "name": name, "emails": people.contacts(people.address(email, "_systemfield_email")),
        "phones": people.contacts(values.get("_systemfield_phone"))})  # fmt: skip
    file = values.get("_systemfield_resume")
    if file is not None:
        sent: File = call.files.get(str(file)) or storage.taken(
            call.sandbox, call.actor, file, "ApplicationForm", "_systemfield_resume"
        )
        people.attach(call.sandbox, call.actor, person["id"], sent.name, sent.type, sent.content, resume=True)
    shown = storage.submission(call.sandbox, definition, values)
    pipeline.apply(call.sandbox, call.actor, person["id"], posting["job_id"], posting_id=posting["id"], form=shown,
                   stage_id=pipeline.FIRST_SCREEN)  # fmt: skip
    return {"submittedFormInstance": shown, "formMessages": {"blocked": False}}


def role_list(call: Call) -> Page:
    return titled(call, "roles")


METHODS = table(
    candidates_read={
        "application.list": applications, "application.info": application_info, "application.listHistory": history,
        "application.listCriteriaEvaluations": criteria, "applicationHiringTeamRole.list": role_list,
    },
    candidates_write={
        "application.create": application_create, "application.changeStage": change_stage,
        "application.transfer": transfer, "application.update": application_update,
        "application.changeSource": change_source, "application.updateHistory": update_history,
        "application.addHiringTeamMember": team_change(add=True),
        "application.removeHiringTeamMember": team_change(add=False), "applicationForm.submit": form_submit,
    },
    candidates_delete={"application.delete": application_delete},
)  # fmt: skip
