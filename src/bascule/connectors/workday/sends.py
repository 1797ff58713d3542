"""What is written to Workday. Every conversation reads first: a Put replaces, and a repeated move is refused."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from bascule.connectors.lens import many
from bascule.connectors.spec import Asked, CustomField, Entered, Rendered, Request, Response, Sends, Talk, Tenant
from bascule.errors import GuardRefusedError, PermissionMissingError, RejectedError
from bascule.model import Json, Kind, Value

from . import objects, reads
from .objects import again, operation, ref, report, rows, several, within
from .reads import ASSESSMENT, BASIC, CUSTOM, LINE, OURS

# ------------------------------------------------------------------------------------------------------- candidates

NAMES = ("First_Name", "Last_Name")


def put_name(write: Rendered, tenant: Tenant) -> Talk:
    """Both names and all else that stands beside them."""
    data = yield from _shown(write.external)
    held = within(data, "Name_Data", "Legal_Name", "Name_Detail_Data")
    if not isinstance(held, Mapping):
        raise PermissionMissingError("Workday does not show this candidate's name, so it is not replaced.")
    new = {name: write.fields.get(name, held.get(name)) for name in NAMES}
    parts = {key: new.get(key, held.get(key)) for key in ("First_Name", "Middle_Name", "Last_Name", *held)}
    kept = {key: value for key, value in parts.items() if value is not None and key != "Full_Name"}
    if any(new[name] != held.get(name) for name in NAMES):
        yield _put(write.external, {"Name_Data": {"Legal_Name": {"Name_Detail_Data": kept}}})
    return {name: str(new[name]) for name in write.fields if new.get(name)}


def put_websites(write: Rendered, tenant: Tenant) -> Talk:
    """All contact data, as it stands there, with our websites added and removed."""
    data = yield from _shown(write.external)
    held = data.get("Contact_Data")
    if not isinstance(held, Mapping):
        raise PermissionMissingError("Workday does not show this candidate's contact data, so it is not replaced.")
    sites = [str(within(one, "URL_Address")) for one in many(held.get("Website_Data"))]
    away = {one.strip().casefold() for one in write.removed.get("Website_Data", ())}
    left = [one for one in sites if one.casefold() not in away]
    there = {one.casefold() for one in left}
    left += [one for one in write.added.get("Website_Data", ()) if one.strip().casefold() not in there]
    if left != sites:
        place = {"Location_Data": held["Location_Data"]} if "Location_Data" in held else {}
        rest = {key: one for key, one in held.items() if key not in ("Website_Data", "Location_Data")}
        yield _put(write.external, {"Contact_Data": {
            **rest, "Website_Data": [{"URL_Address": one} for one in left], **place}})  # fmt: skip
    return {"Website_Data": tuple(left)}


def _shown(id: str) -> Generator[Request, Response, Json]:
    body = yield from objects.candidate(id)
    return objects.people(body)[0].get("Candidate_Data") or {}


def _put(id: str, data: Json) -> Request:
    return operation("Put_Candidate_Request", {
        "wd:Candidate_Reference": ref("WID", id), "wd:Candidate_Data": again(data)})  # fmt: skip


# ----------------------------------------------------------------------------------------------------- applications


def move(write: Rendered, tenant: Tenant) -> Talk:
    """To a next step, guarded by where the application is now. Done already is done: repeated, it would be refused."""
    now = yield from objects.application(write.parents[Kind.CANDIDATE], write.external)
    here, target = seen(now, "stage"), str(write.fields["stage"])
    if here == target:
        return {"stage": target}
    if seen(now, "status") != "active":
        raise GuardRefusedError("The job application's process is over.")
    if write.current.get("stage") not in (None, here):
        raise GuardRefusedError("Somebody has moved the application to another step meanwhile.")
    yield _on(write, "Next_Step_Reference", target.rpartition("/")[2])
    return {"stage": target}


def decide(write: Rendered, tenant: Tenant) -> Talk:
    """Reject, by the disposition step of the application's process that has this reason. Nothing takes that back."""
    status = write.fields.get("status")
    if status not in (None, "active", "rejected", "withdrawn"):
        raise RejectedError(f"The status {status!r} is not written to Workday.", hint="Do it in Workday itself.")
    now = yield from objects.application(write.parents[Kind.CANDIDATE], write.external)
    before = str(seen(now, "status"))
    if before in ("rejected", "withdrawn"):
        reason = write.fields.get("reason")
        if status == "active" or (reason and reason != seen(now, "reason")):
            raise RejectedError("By interface a rejection in Workday is final.", hint="Do it in Workday itself.")
        return {"status": before}
    if status in (None, "active"):
        return {"status": before}
    yield _on(write, "Disposition_Step_Reference", _ending(tenant, str(seen(now, "stage")), write.fields.get("reason")))
    return {}


def _ending(tenant: Tenant, here: str, reason: Value) -> str:
    """The disposition step that has this name and that the current step allows, as the customer's report says."""
    step = here.rpartition("/")[2]
    allowed = several(tenant.facts.get(f"ends.{step}"))
    found = next((one for one in allowed if tenant.facts.get(f"end.{one}") == reason), "")
    if not found:
        names = ", ".join(tenant.facts.get(f"end.{one}", "") for one in allowed)
        hint = f"From this step there are: {names}." if names else "The report of process steps shows none."
        raise RejectedError("A rejection in Workday needs a reason that this step of the process offers.", hint=hint)
    return found


def seen(item: Json, field: str) -> Value:
    return next(iter(reads.application(item, Tenant()))).seen.get(field)


def _on(write: Rendered, element: str, step: str) -> Request:
    """On in the process, as our user, with a comment in the name of who decided: people read it there, no interface
    gives it out."""
    who = {"wd:Worker_Reference": ref("WID", write.acts_as)} if write.acts_as else {}
    words = {"wd:Comment": f"Decided in Bascule by {write.actor.name}."} if write.actor.name else {}
    said = {"wd:Comment_Data": {**words, **who}} if words else {}
    return operation("Move_Candidate_Request", {
        "wd:Dynamic_Business_Process_Parameters": {f"wd:{element}": ref("WID", step), **said},
        "wd:Move_Candidate_Data": {"wd:Job_Application_Reference": ref("Job_Application_ID", write.external)},
    })  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- outputs


def put_object(write: Rendered, tenant: Tenant) -> Talk:
    """The whole custom object as it stands there, with our fields changed: what a Put leaves out is emptied."""
    alias = tenant.facts.get("object", "")
    if not alias:
        raise RejectedError("This account has no custom object with Bascule's fields.", hint="See the connector's page")
    asked = Asked(by=Kind.APPLICATION, ids=(write.external,), size=1)
    response = yield reads.ask_additional(asked)
    answer, item = "Get_Job_Application_Additional_Data_Response", "Job_Application_Custom_Object_Data"
    found = next(iter(objects.listed(response.json, answer, item)), {})
    held = within(found, "Business_Object_Additional_Data", alias) or {}
    new = dict(held)
    for name, value in write.fields.items():
        new[name.removeprefix("custom.")] = str(value) if value not in (None, "") else None
    new = {key: value for key, value in new.items() if value is not None}
    if new != {key: value for key, value in held.items() if value is not None}:
        yield operation("Put_Job_Application_Additional_Data_Request", {"wd:Job_Application_Custom_Object_Data": {
            "wd:Job_Application_Reference": ref("Job_Application_ID", write.external),
            "wd:Business_Object_Additional_Data": {f"custom:{alias}": again(new, "custom")},
        }})  # fmt: skip
    return {name: new.get(name.removeprefix("custom.")) for name in write.fields}


def assess(write: Rendered, tenant: Tenant) -> Talk:
    """Our one assessment of this application, made or changed: the score as a test result, the rest in its comment."""
    asked = yield reads.ask_assessments(Asked(ids=(write.external,)))
    mine = reads.assessments(asked.json)
    before = next(iter(reads.assessment({"id": write.external, "items": mine}, tenant))).seen
    now = {**before, **{name: None if value is None else str(value) for name, value in write.fields.items()}}
    if now != before:
        today = str(within(asked.json, "Get_Assess_Candidate_Response", "Response_Filter", "As_Of_Entry_DateTime"))[:10]
        held = next((one["assessment"] for one in mine), {})
        values = {name: now.get(f"custom.{alias}") for name, alias in OURS.items()}
        told = "\n".join(f"{label}: {values[name]}" for name, label in LINE.items() if values[name])
        score = values["match_score"]
        yield operation("Assess_Candidate_Request", {"wd:Assess_Candidate_Data": {
            "wd:Job_Application_Reference": ref("Job_Application_ID", write.external),
            "wd:Candidate_Assessment_Data": {
                "wd:Assess_Candidate_Reference": ASSESSMENT + write.external,
                "wd:Assessed_By_Reference": ref("Employee_ID", Entered("assessed_by")),
                "wd:Assessed_On_Date": held.get("Assessed_On_Date") or today,
                "wd:Assessment_Status_Reference": ref("Assessment_Status_ID", Entered("assessment_status")),
                "wd:Assess_Candidate_Test_Result_Data": {
                    "wd:Assessment_Test_Reference": ref("Reference_ID", Entered("assessment_test")),
                    **({"wd:Assessment_Test_Score": score} if score else {}), **({"wd:Comment": told} if told else {}),
                },
            },
        }})  # fmt: skip
    return {name: now[name] for name in write.fields}


# ---------------------------------------------------------------------------------------------- the customer's account


def discover() -> Generator[Request, Response, Tenant]:
    """The custom object that has our fields, and the steps of every process, from the customer's reports."""
    yield operation("Server_Timestamp_Get", {}, safe=True)
    facts: dict[str, str] = {}
    custom: dict[str, CustomField] = {}
    absent = (400, 404)  # a report that the customer has not built
    for row in rows((yield report("fields_report", {}, absent))):
        alias, holder = str(row.get("Field_Alias") or ""), str(row.get("Custom_Object_Alias") or "")
        if alias in OURS.values():
            facts["object"] = holder
        custom[f"application.{alias}"] = CustomField(
            f"{holder}.{alias}", alias, str(row.get("Field") or alias), "application", str(row.get("Field_Type") or ""),
            required=row.get("Required") == "1",
        )  # fmt: skip
    facts["outputs"] = "object" if "object" in facts else "assessment"
    for row in rows((yield report("steps_report", {}, absent))):
        here = str(row.get("Workflow_Step_WID") or "")
        facts[f"next.{here}"] = str(row.get("Next_Step_WIDs") or "")
        facts[f"ends.{here}"] = str(row.get("Disposition_Step_WIDs") or "")
        names = several(row.get("Disposition_Steps"))
        facts |= {f"end.{one}": name for one, name in zip(several(facts[f"ends.{here}"]), names, strict=False)}
    return Tenant(custom, facts)


# --------------------------------------------------------------------------------------------------------- the calls

MAIL = (
    "Workday runs the notifications of this customer's recruiting process, which may e-mail the candidate, and starts "
    "the to-dos of the next step; no interface can switch that off for one move."
)
FINAL = f"{MAIL} A rejection is final: no interface takes it back."
SENDS = {
    sends.call: sends
    for sends in (
        Sends("name", Kind.CANDIDATE, put_name, scopes=(BASIC, f"{BASIC}: Contact Information")),
        Sends("contact", Kind.CANDIDATE, put_websites, scopes=(BASIC, f"{BASIC}: Contact Information")),
        Sends("move", Kind.APPLICATION, move, hidden=MAIL, scopes=("Move Candidate", BASIC)),
        Sends("decide", Kind.APPLICATION, decide, hidden=FINAL, scopes=("Move Candidate", BASIC, CUSTOM)),
        Sends("object", Kind.APPLICATION, put_object, scopes=(f"{BASIC}: Additional Data",)),
        Sends("assess", Kind.APPLICATION, assess, scopes=(f"{BASIC}: Assessments",)),
    )
}
