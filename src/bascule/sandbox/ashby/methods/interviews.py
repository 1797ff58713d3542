"""Interviews, what interviewers say, and offers."""

from __future__ import annotations

from typing import Any

from ...kit.tables import Row
from .. import fields, pipeline, storage, talks
from ..api import Call
from ..errors import invalid, missing
from ..listing import Page
from .reads import applied, info, listed, table


def feedback_list(call: Call) -> Page:
    rows = call.newer(call.sight.all("feedback"))
    if call.body.get("applicationId") is not None:
        own = applied(call)["id"]
        rows = [row for row in rows if row["application_id"] == own]
    return call.page("feedback", rows, call.shower.feedback)


def feedback_submit(call: Call) -> Any:
    form, row = call.found("forms", "formDefinitionId", "form_definition"), applied(call)
    sent = call.body.get("feedbackForm")
    given = sent.get("fieldSubmissions") if isinstance(sent, dict) else None
    made = talks.feedback(
        call.sandbox, call.actor, row["id"], form["id"], given,
        user_id=call.named("users", "userId", "user"), event_id=call.id("interviewEventId", optional=True),
    )  # fmt: skip
    shown = call.shower.feedback(call.made(made))
    return {"submittedFormInstance": {key: shown[key] for key in ("id", "formDefinition", "submittedValues")}}


def schedules(call: Call) -> Page:
    rows = call.newer(call.sight.all("schedules"))
    for name, column in (("applicationId", "application_id"), ("interviewStageId", "stage_id")):
        if (wanted := call.id(name, optional=True)) is not None:
            rows = [row for row in rows if row[column] == wanted]
    return call.page("schedules", rows, call.shower.schedule)


def _events(call: Call) -> list[dict[str, Any]]:
    given = call.body.get("interviewEvents")
    if not isinstance(given, list) or not given:
        raise invalid("A list of events", "interviewEvents")
    return [_event(call, one, "interviewEvents") for one in given]


def _event(call: Call, one: Any, field: str) -> dict[str, Any]:
    if not isinstance(one, dict):
        raise invalid("A list of events", field)
    emails = {user["email"]: user["id"] for user in call.sandbox.db["users"]}
    start, end = (pipeline.moment(one.get(name), f"{field}.{name}") for name in ("startTime", "endTime"))
    asked, extra = one.get("interviewers"), one.get("extraData")
    if end <= start or not isinstance(asked, list) or not asked:
        raise invalid("An event ends after its start and has interviewers", field)
    if any(not isinstance(who, dict) or who.get("email") not in emails for who in asked):
        raise missing("user")
    return {
        "interview_id": one.get("interviewId") or call.sandbox.db["interviews"].ids[0], "start": start, "end": end,
        "extra": _extra(extra, f"{field}.extraData"),
        "interviewers": [{"user_id": emails[who["email"]], "required": who.get("feedbackRequired") is not False}
                         for who in asked]}  # fmt: skip


def _extra(given: Any, field: str) -> Any:
    """What an integration keeps with an object: short texts by short keys, a kilobyte in all."""
    if given is None:
        return None
    if not isinstance(given, dict) or not all(
        isinstance(value, str) and len(key) <= 100 and len(value) <= 512 for key, value in given.items()
    ):
        raise invalid("Texts of at most 512 characters by keys of at most 100", field)
    if sum(len(key) + len(value) for key, value in given.items()) >= 1024:
        raise invalid("Less than 1 kB", field)
    return given


def schedule_create(call: Call) -> Any:
    row, events = applied(call), _events(call)
    made = talks.schedule(call.sandbox, call.actor, row["id"], events, key=call.key["id"])
    return call.shower.schedule(call.made(made))


def schedule_update(call: Call) -> Any:
    """Only by the key that has made it. An event without an id is a new one."""
    row = call.found("schedules", "interviewScheduleId", "interview_schedule")
    if row["key_id"] != call.key["id"]:
        raise invalid("Only schedules that this API key has created can be updated", "interviewScheduleId")
    given, gone = call.body.get("interviewEvent"), call.body.get("interviewEventIdToCancel")
    if given is None and gone is None:
        raise invalid("Required", "interviewEvent")
    asked = [] if given is None else given if isinstance(given, list) else [given]
    events = [(one.get("interviewEventId"), _event(call, one, "interviewEvent")) for one in asked]
    cancelled = [] if gone is None else gone if isinstance(gone, list) else [gone]
    return call.shower.schedule(talks.reschedule(call.sandbox, call.actor, row, events, cancelled))


def schedule_cancel(call: Call) -> Any:
    row = call.found("schedules", "id", "interview_schedule")
    return call.shower.schedule(
        talks.cancel(call.sandbox, call.actor, row["id"], again=call.flag("allowReschedule")))  # fmt: skip


def interview_events(call: Call) -> Page:
    schedule = call.found("schedules", "interviewScheduleId", "interview_schedule")
    with_interview = bool(call.expand("interview"))

    def show(row: Row) -> Any:
        shown = call.shower.event(row)
        if with_interview:
            shown["interview"] = call.shower.interview(call.db["interviews"].rows[row["interview_id"]])
        return shown

    return call.page("events", call.newer(call.sight.of("events", "schedule_id", schedule["id"])), show)


def offers(call: Call) -> Page:
    rows = call.newer(call.sight.all("offers"))
    if (wanted := call.id("applicationId", optional=True)) is not None:
        rows = [row for row in rows if row["application_id"] == wanted]
    for name, column in (("offerStatus", "status"), ("acceptanceStatus", "acceptance")):
        if call.body.get(name):
            rows = [row for row in rows if row[column] in call.body[name]]
    return call.page("offers", rows, call.shower.offer)


def offer_info(call: Call) -> Any:
    shown = call.shower.offer(call.read("offers", call.found("offers", "offerId", "offer")), whole=True)
    return shown if call.flag("excludeFormDefinition") else {**shown, "formDefinition": storage.OFFER_FORM}


def process_start(call: Call) -> Any:
    return call.shower.process(pipeline.start_offer(call.sandbox, call.actor, applied(call)["id"]))


def offer_start(call: Call) -> Any:
    call.found("offer_processes", "offerProcessId", "offer_process")
    return {"id": storage.OFFER_FORM_ID, "formDefinition": storage.OFFER_FORM}


def _terms(call: Call) -> tuple[Any, Any]:
    form = call.body.get("offerForm")
    given = form.get("fieldSubmissions") if isinstance(form, dict) else None
    if not isinstance(given, list):
        raise invalid("A list of paths and values", "offerForm")
    values = {one.get("path"): one.get("value") for one in given if isinstance(one, dict)}
    salary, start = values.get("salary"), values.get("startDate")
    if salary is not None:
        fields.checked({"field_type": "Currency", "title": "Salary"}, salary)
    return salary, start


def offer_create(call: Call) -> Any:
    process = call.found("offer_processes", "offerProcessId", "offer_process")
    if call.id("offerFormId") != storage.OFFER_FORM_ID:
        raise missing("offer_form")
    return call.shower.offer(pipeline.make_offer(call.sandbox, call.actor, process["id"], *_terms(call)), whole=True)


def offer_update(call: Call) -> Any:
    offer = call.found("offers", "offerId", "offer")
    made = pipeline.make_offer(call.sandbox, call.actor, offer["process_id"], *_terms(call))
    return call.shower.offer(made, whole=True)


def offer_approve(call: Call) -> Any:
    made = pipeline.approve_offer(call.sandbox, call.actor, call.id("offerVersionId"))
    return call.shower.offer(made, whole=True)


METHODS = table(
    candidates_read={"applicationFeedback.list": feedback_list},
    candidates_write={"applicationFeedback.submit": feedback_submit},
    interviews_read={
        "interview.list": listed("interviews", "interview", archived=True),
        "interview.info": info("interviews", "id", "interview"),
        "interviewSchedule.list": schedules, "interviewEvent.list": interview_events,
    },
    interviews_write={
        "interviewSchedule.create": schedule_create, "interviewSchedule.update": schedule_update,
        "interviewSchedule.cancel": schedule_cancel,
    },
    hiringProcessMetadata_read={
        "feedbackFormDefinition.list": listed("forms", "form", archived=True),
        "feedbackFormDefinition.info": info("forms", "feedbackFormDefinitionId", "form_definition", "form"),
    },
    offers_read={"offer.list": offers, "offer.info": offer_info},
    offers_write={
        "offerProcess.start": process_start, "offer.start": offer_start, "offer.create": offer_create,
        "offer.update": offer_update, "offer.approve": offer_approve,
    },
)  # fmt: skip
