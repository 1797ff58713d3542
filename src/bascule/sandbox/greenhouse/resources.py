"""What the interface shows: one entry for each list, with its filters and the shape of its rows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ..kit.tables import Row, iso, plain
from . import fields
from .errors import invalid
from .sandbox import Sandbox

MAX_IDS = 50
PER_PAGE, MAX_PER_PAGE = 100, 500
# A signed link to a file dies after this.
LINK_LIFETIME = timedelta(days=7)
COMPARE: dict[str, Callable[[datetime, datetime], bool]] = {
    "gte": lambda a, b: a >= b, "lte": lambda a, b: a <= b, "gt": lambda a, b: a > b, "lt": lambda a, b: a < b,
}  # fmt: skip

Show = Callable[[Sandbox, Row, str], dict[str, Any]]
Keep = Callable[[Sandbox, Row, str], bool]
Test = Callable[[Row], bool]


@dataclass(frozen=True)
class Resource:
    """A list of the interface. `parents` maps a query parameter with ids to the column it filters."""

    name: str
    show: Show
    parents: Mapping[str, str]
    filters: Mapping[str, Keep]
    dates: tuple[str, ...] = ("created_at", "updated_at")
    # Rows left out unless the named filter is given.
    hide: Callable[[Sandbox, Row, Mapping[str, str]], bool] = lambda sandbox, row, query: False


@dataclass(frozen=True)
class Page:
    items: list[dict[str, Any]]
    cursor: str | None


def _common(row: Row, *keys: str) -> dict[str, Any]:
    return {"id": row["id"], **{key: plain(row.get(key)) for key in keys},
            "created_at": iso(row["created_at"]), "updated_at": iso(row["updated_at"])}  # fmt: skip


def columns(*keys: str) -> Show:
    return lambda sandbox, row, base: _common(row, *keys)


def _candidate(sandbox: Sandbox, row: Row, base: str) -> dict[str, Any]:
    db = sandbox.db
    names = [db["candidate_tags"].rows[one["candidate_tag_id"]]["name"]
             for one in db["applied_candidate_tags"].where("candidate_id", row["id"])]  # fmt: skip
    shown = _common(row, "first_name", "last_name", "preferred_name", "company", "title", "private", "can_email",
                    "linked_user_ids", "phone_numbers", "email_addresses", "addresses", "website_addresses",
                    "social_media_addresses")  # fmt: skip
    return {**shown, "tags": names, "custom_fields": fields.keyed(db, "candidate", row["custom_fields"])}


def _application(sandbox: Sandbox, row: Row, base: str) -> dict[str, Any]:
    stage = sandbox.db["job_interview_stages"].get(row["job_interview_stage_id"])
    shown = _common(row, "candidate_id", "job_id", "job_post_id", "recruiter_id", "coordinator_id", "referrer_id",
                    "source_id", "stage_id", "status", "needs_decision", "prospect", "prospective_job_ids",
                    "rejected_at", "last_activity_at", "location_address", "answers")  # fmt: skip
    custom = fields.keyed(sandbox.db, "application", row["custom_fields"]) if _enterprise(sandbox) else {}
    return {**shown, "stage_name": stage and stage["name"], "custom_fields": custom}


def _enterprise(sandbox: Sandbox) -> bool:
    return sandbox.options.tier == "enterprise"


def _application_stage(sandbox: Sandbox, row: Row, base: str) -> dict[str, Any]:
    shown = _common(row, "application_id", "job_interview_stage_id", "entered_at", "exited_at", "current")
    end = row["exited_at"] or sandbox.now()
    return {**shown, "days_in_stage": (end - row["entered_at"]).days}


def _job(sandbox: Sandbox, row: Row, base: str) -> dict[str, Any]:
    shown = _common(row, "name", "requisition_id", "notes", "confidential", "status", "is_template", "department_id",
                    "office_ids", "opened_at", "closed_at")  # fmt: skip
    return {**shown, "custom_fields": fields.keyed(sandbox.db, "job", row["custom_fields"])}


def _job_post(sandbox: Sandbox, row: Row, base: str) -> dict[str, Any]:
    shown = _common(row, "job_id", "title", "content", "internal_content", "location", "live", "active", "internal",
                    "external", "language", "first_published_at", "questions",
                    "demographic_question_set_id")  # fmt: skip
    return {**shown, "public_url": base + row["public_url"]}


def _opening(sandbox: Sandbox, row: Row, base: str) -> dict[str, Any]:
    shown = _common(row, "job_id", "opening_id", "open", "opened_at", "closed_at", "close_reason_id", "application_id",
                    "target_start_on")  # fmt: skip
    return {**shown, "custom_fields": fields.keyed(sandbox.db, "opening", row["custom_fields"])}


def _offer(sandbox: Sandbox, row: Row, base: str) -> dict[str, Any]:
    shown = _common(row, "application_id", "candidate_id", "job_id", "opening_id", "version", "status", "starts_on",
                    "sent_on", "resolved_at", "current")  # fmt: skip
    return {**shown, "custom_fields": fields.keyed(sandbox.db, "offer", row["custom_fields"])}


def _custom_field(sandbox: Sandbox, row: Row, base: str) -> dict[str, Any]:
    return _common(row, "name", "field_type", "value_type", "name_key", "private", "required", "active", "description",
                   "sort_order", "generate_email_token", "api_only", "expose_in_job_board_api")  # fmt: skip


def _attachment(sandbox: Sandbox, row: Row, base: str) -> dict[str, Any]:
    shown = _common(row, "candidate_id", "application_id", "filename", "type", "content_type", "visibility")
    return {**shown, "url": base + signed_link(sandbox, row)}


def signed_link(sandbox: Sandbox, row: Row, whole: int = 1) -> str:
    """A path to a file that works without a token for seven days, cut to `whole` seconds of the clock."""
    expires = int((sandbox.now() + LINK_LIFETIME).timestamp()) // whole * whole
    path = f"/attachments/{row['id']}/{quote(row['filename'])}"
    return f"{path}?expires={expires}&signature={link_mark(sandbox, row['id'], expires)}"


def link_mark(sandbox: Sandbox, id: int, expires: int) -> str:
    key = f"files-{sandbox.options.seed}".encode()
    return hmac.new(key, f"{id}:{expires}".encode(), hashlib.sha256).hexdigest()


# Filters.


def equal(column: str) -> Keep:
    """A column that must be exactly what the query says, in the query's own spelling of true and false."""

    def keep(sandbox: Sandbox, row: Row, value: str) -> bool:
        held = row.get(column)
        return held is (value == "true") if isinstance(held, bool) else held is not None and str(held) == value

    return keep


def _status(sandbox: Sandbox, row: Row, value: str) -> bool:
    """The query says `active` for what the answer calls `in_process`; an unknown word finds nothing."""
    return value != "in_process" and row["status"] == ("in_process" if value == "active" else value)


def _email(sandbox: Sandbox, row: Row, value: str) -> bool:
    return any(one["value"] == value for one in row["email_addresses"])


def _tag(sandbox: Sandbox, row: Row, value: str) -> bool:
    applied = sandbox.db["applied_candidate_tags"].where("candidate_id", row["id"])
    return any(sandbox.db["candidate_tags"].rows[one["candidate_tag_id"]]["name"] == value for one in applied)


def _current(sandbox: Sandbox, row: Row, value: str) -> bool:
    return value != "true" or row["current"]


def _any(sandbox: Sandbox, row: Row, value: str) -> bool:
    return True


def _field_key(sandbox: Sandbox, row: Row, value: str) -> bool:
    return sandbox.db["custom_fields"].rows[row["custom_field_id"]]["name_key"] == value


def _hide_service(sandbox: Sandbox, row: Row, query: Mapping[str, str]) -> bool:
    return row["service_account"] and query.get("show_service_accounts") != "true"


def _hide_defaults(sandbox: Sandbox, row: Row, query: Mapping[str, str]) -> bool:
    return row["default"] and query.get("include_defaults") != "true"


def _resource(
    name: str, show: Show, parents: Sequence[str] = (), filters: Mapping[str, Keep] | Iterable[str] = (),
    **more: Any,
) -> Resource:  # fmt: skip
    tests = filters if isinstance(filters, Mapping) else {one: equal(one) for one in filters}
    return Resource(name, show, {f"{one}s": f"{one}" for one in parents}, tests, **more)


_QUESTION = ("question", "answer_type", "sort_order", "required", "active")
RESOURCES = {one.name: one for one in (
    _resource("candidates", _candidate, (), {"email": _email, "tag": _tag, "private": equal("private")}),
    _resource("applications", _application, ("candidate_id", "job_id"),
              {"status": _status},
              dates=("created_at", "updated_at", "last_activity_at")),
    _resource("application_stages", _application_stage, ("application_id", "job_interview_stage_id")),
    _resource("jobs", _job, ("department_id",), ("status", "requisition_id")),
    _resource("job_owners", columns("job_id", "user_id", "role", "type", "responsible", "active"),
              ("job_id", "user_id")),
    _resource("job_hiring_managers", columns("job_id", "user_id", "active"), ("job_id", "user_id")),
    _resource("openings", _opening, ("job_id", "application_id"), ("open",)),
    _resource("close_reasons", columns("name")),
    _resource("job_interview_stages", columns("job_id", "name", "sort_order", "active"), ("job_id",), ("active",)),
    _resource("job_interviews", columns("job_id", "job_interview_stage_id", "name", "sort_order", "active",
                                        "estimated_minutes", "scheduling_type"),
              ("job_id", "job_interview_stage_id"), ("active",)),
    _resource("interview_kits", columns("job_interview_id", "content"), ("job_interview_id",)),
    _resource("job_posts", _job_post, ("job_id",), ("live", "active", "internal", "external")),
    _resource("job_post_locations", columns("job_post_id", "type", "office_id", "custom_location_id",
                                            "plain_text_location"), ("job_post_id", "office_id"), ("type",)),
    _resource("notes", columns("candidate_id", "application_id", "user_id", "type", "subject", "body", "visibility"),
              ("candidate_id", "application_id", "user_id")),
    _resource("candidate_tags", columns("name")),
    _resource("applied_candidate_tags", columns("candidate_id", "candidate_tag_id"),
              ("candidate_id", "candidate_tag_id")),
    _resource("candidate_educations", columns(
        "candidate_id", "school_name_custom_field_option_id", "degree_custom_field_option_id",
        "discipline_custom_field_option_id", "start_date", "end_date"), ("candidate_id",)),
    _resource("candidate_employments", columns("candidate_id", "company_name", "title", "start_date", "end_date"),
              ("candidate_id",)),
    _resource("custom_fields", _custom_field, (), ("field_type", "active")),
    _resource("custom_field_options", columns("custom_field_id", "name", "sort_order", "external_id", "active"),
              ("custom_field_id",), {"active": equal("active"), "custom_field_key": _field_key}),
    _resource("attachments", _attachment, ("candidate_id", "application_id")),
    _resource("scorecards", columns("application_id", "interview_id", "interview_kit_id", "interviewer_id",
                                    "submitter_id", "candidate_rating", "status", "notes", "private_notes",
                                    "public_notes", "interviewed_at", "submitted_at"),
              ("application_id", "interview_id"), ("status",)),
    _resource("scorecard_questions", columns("interview_kit_id", *_QUESTION), ("interview_kit_id",)),
    _resource("scorecard_question_options", columns("scorecard_question_id", "name"), ("scorecard_question_id",)),
    _resource("scorecard_question_answers", columns("scorecard_id", "scorecard_question_id", "answer", "value",
                                                    "boolean_value"), ("scorecard_id", "scorecard_question_id")),
    _resource("job_candidate_attributes", columns("job_id", "name", "sort_order", "active"), ("job_id",)),
    _resource("scorecard_candidate_attributes", columns("scorecard_id", "job_candidate_attribute_id", "note",
                                                        "candidate_attribute_rating"), ("scorecard_id",)),
    _resource("interviews", columns("application_id", "job_id", "job_interview_id", "organizer_id", "status",
                                    "starts_at", "ends_at", "all_day_start_on", "all_day_end_on", "location",
                                    "video_conferencing_url", "external_event_id", "actionable"),
              ("application_id", "job_id"), ("status",),
              dates=("created_at", "updated_at", "starts_at", "ends_at")),
    _resource("interviewers", columns("interview_id", "user_id", "response_status", "scorecard_id"),
              ("interview_id", "user_id")),
    _resource("offers", _offer, ("application_id", "candidate_id", "job_id"),
              {"status": equal("status"), "current_only": _current}),
    _resource("users", columns("name", "first_name", "last_name", "primary_email", "employee_id", "site_admin",
                               "deactivated", "department_ids", "office_ids"), (),
              {"primary_email": equal("primary_email"), "deactivated": equal("deactivated"),
               "show_service_accounts": _any}, hide=_hide_service),
    _resource("user_emails", columns("user_id", "email", "verified"), ("user_id",), ("email",)),
    _resource("user_job_permissions", columns("user_id", "job_id", "user_role_id"), ("user_id", "job_id")),
    _resource("sources", columns("name", "public_name", "type")),
    _resource("referrers", columns("name", "user_id", "email"), ("user_id",)),
    _resource("rejection_reasons", columns("name", "type"), (), {"include_defaults": _any}, hide=_hide_defaults),
    _resource("rejection_details", columns("application_id", "rejection_reason_id", "notes", "rejected_at"),
              ("application_id",)),
    _resource("email_templates", columns("name", "email_type", "default"), (), ("email_type",)),
    _resource("departments", columns("name", "parent_id", "external_id"), ("parent_id",)),
    _resource("offices", columns("name", "parent_id", "external_id", "location"), ("parent_id",)),
    _resource("prospect_pools", columns("name", "active"), (), ("active",)),
    _resource("prospect_pool_stages", columns("prospect_pool_id", "name", "sort_order"), ("prospect_pool_id",)),
    _resource("eeoc", columns("application_id", "candidate_id", "race", "gender", "veteran_status",
                              "disability_status", "submitted_at"), ("application_id", "candidate_id")),
    _resource("demographic_question_sets", columns("title", "description", "active")),
    _resource("demographic_questions", columns("demographic_question_set_id", "name", "active", "required"),
              ("demographic_question_set_id",)),
    _resource("demographic_answer_options", columns("demographic_question_id", "name", "active", "free_form"),
              ("demographic_question_id",)),
    _resource("demographic_answers", columns("application_id", "demographic_question_id",
                                             "demographic_answer_option_id", "free_form_text"),
              ("application_id", "demographic_question_id")),
)}  # fmt: skip


# Lists.


@dataclass(frozen=True)
class Query:
    """A list request, checked: what to keep, how many, from where."""

    params: list[tuple[str, str]]
    ids: list[int] | None
    parents: dict[str, set[int]]
    tests: list[Test]
    hide: Callable[[Row], bool]
    per_page: int
    fields: list[str] | None
    below: int | None


def _cursor(resource: str, params: list[tuple[str, str]], below: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([resource, params, below]).encode()).decode().rstrip("=")


def _read_cursor(resource: str, text: str) -> tuple[list[tuple[str, str]], int]:
    try:
        name, params, below = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        raise invalid(("is not valid", "cursor")) from None
    if name != resource:
        raise invalid(("is not valid for this resource", "cursor"))
    return [(key, value) for key, value in params], int(below)


def parse(sandbox: Sandbox, resource: Resource, params: list[tuple[str, str]]) -> Query:
    """Read a query. Raises Refused (422) for anything the resource does not know; `cursor` must stand alone."""
    below = None
    if any(key == "cursor" for key, _ in params):
        if len(params) > 1:
            raise invalid(("must be the only parameter when it is present", "cursor"))
        params, below = _read_cursor(resource.name, params[0][1])
    ids, parents, tests, per_page, shown = None, dict[str, set[int]](), list[Test](), PER_PAGE, None
    query = dict(params)
    for key, value in params:
        if key == "per_page":
            per_page = _per_page(value)
        elif key == "fields":
            shown = [one.strip() for one in value.split(",") if one.strip()]
        elif key == "ids":
            ids = _ids(key, value)
        elif key in resource.parents:
            parents[resource.parents[key]] = set(_ids(key, value))
        elif key in resource.filters:
            tests.append(_bound(sandbox, resource.filters[key], value))
        else:
            tests.append(_date_test(resource, key, value))
    _one_clock(params)
    return Query(params, ids, parents, tests, lambda row: resource.hide(sandbox, row, query), per_page, shown, below)


def _bound(sandbox: Sandbox, keep: Keep, value: str) -> Test:
    return lambda row: keep(sandbox, row, value)


def _one_clock(params: list[tuple[str, str]]) -> None:
    """A creation and an update filter cannot be combined."""
    keys = {re.split(r"\[", key)[0] for key, _ in params}
    if {"created_at", "updated_at"} <= keys:
        raise invalid(("cannot be combined with created_at", "updated_at"))


def _per_page(value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= MAX_PER_PAGE:
        raise invalid((f"must be between 1 and {MAX_PER_PAGE}", "per_page"))
    return int(value)


def _ids(key: str, value: str) -> list[int]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not parts or not all(part.isdigit() for part in parts):
        raise invalid(("must be a comma-separated list of ids", key))
    if len(parts) > MAX_IDS:
        raise invalid((f"must not hold more than {MAX_IDS} ids", key))
    return [int(part) for part in parts]


def _date_test(resource: Resource, key: str, value: str) -> Test:
    """`updated_at=gte|2026-01-01T00:00:00Z`; the spelling `updated_at[gte]=...` is understood as well."""
    bracket = re.fullmatch(r"(\w+)\[(\w+)\]", key)
    column, operator, text = (bracket[1], bracket[2], value) if bracket else (key, *_piped(value))
    if column not in resource.dates:
        raise invalid((f"is not a parameter of {resource.name}", key))
    if operator not in COMPARE:
        raise invalid((f"needs an operator: {', '.join(COMPARE)}, as in gte|2026-01-01T00:00:00Z", key))
    moment, compare = moment_of(text, key), COMPARE[operator]

    def keep(row: Row) -> bool:
        held = row.get(column)
        return held is not None and compare(held, moment)

    return keep


def _piped(value: str) -> tuple[str, str]:
    operator, _, text = value.partition("|")
    return operator, text


def moment_of(text: str, key: str) -> datetime:
    """A full ISO-8601 time with its offset; a mere date is refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(("is not an ISO-8601 time", key)) from None
    if "T" not in text or moment.tzinfo is None:
        raise invalid(("must be a full ISO-8601 time with an offset, for example 2026-01-01T00:00:00Z", key))
    return moment.astimezone(UTC)


def _rows(sandbox: Sandbox, resource: Resource, query: Query) -> Iterable[Row]:
    """The rows to look at, newest id first: all, the named ones, or the children of the named parents."""
    table, below = sandbox.db[resource.name], query.below
    if query.ids is not None:
        picked = {id for id in query.ids if id in table.rows}
    elif query.parents:
        column, ids = next(iter(query.parents.items()))
        picked = {row["id"] for id in ids for row in table.where(column, id)}
    else:
        return table.newest_first(below)
    return [table.rows[id] for id in sorted(picked, reverse=True) if below is None or id < below]


def page(sandbox: Sandbox, user: Row, resource: Resource, params: list[tuple[str, str]], base: str) -> Page:
    """One page of a list as a user may see it. The next page starts below the last id of this one."""
    query, now = parse(sandbox, resource, params), sandbox.now()
    rows: list[Row] = []
    more = False
    for row in _rows(sandbox, resource, query):
        if row.get("visible_at") and row["visible_at"] > now:
            continue
        if any(row.get(column) not in ids for column, ids in query.parents.items()):
            continue
        if query.hide(row) or not all(test(row) for test in query.tests):
            continue
        if not sandbox.sees(user, resource.name, row):
            continue
        if len(rows) == query.per_page:
            more = True
            break
        rows.append(row)
    items = [_projected(resource.show(sandbox, row, base), query.fields) for row in rows]
    return Page(items, _cursor(resource.name, query.params, rows[-1]["id"]) if more else None)


def _projected(shown: dict[str, Any], wanted: list[str] | None) -> dict[str, Any]:
    if wanted is None:
        return shown
    unknown = [key for key in wanted if key not in shown]
    if unknown:
        raise invalid((f"unknown: {', '.join(unknown)}", "fields"))
    return {key: shown[key] for key in wanted}
