"""What Greenhouse shows: one small function per list, from its objects to parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from bascule.connectors.lens import NEVER_KEPT, SENSITIVE, TOP_TEN, freeze, ident, ids, instant, marked, pick
from bascule.connectors.spec import Moved, Reads, StageHistory, Tenant
from bascule.model import Json, Kind, Part, Presence, Value

from .interviews import interview

PREFIX = "bascule_"  # keys of the custom fields that Bascule creates
ANONYMISED = re.compile(r"\s*anonymi[sz]ed\s*(\d+)\s*", re.IGNORECASE)  # what the vendor leaves of a name, with the id
FILES = frozenset({"resume", "cover_letter", "take_home_test", "form_attachment", "other"})  # no offers, no contracts


def candidate(raw: Json, tenant: Tenant) -> Iterable[Part]:
    if gone := anonymised(raw):
        return gone
    seen = pick(raw, "first_name", "last_name", "preferred_name", "company", "title", "private", "can_email")
    seen |= pick(raw, "created_at")
    seen |= {key: values(raw[key]) for key in ("email_addresses", "phone_numbers") if key in raw}
    if "website_addresses" in raw and "social_media_addresses" in raw:
        seen["links"] = values(raw["website_addresses"]) + values(raw["social_media_addresses"])
    return [Part(Kind.CANDIDATE, str(raw["id"]), seen | tags(raw) | custom(raw), version=version(raw), raw=raw)]


def candidate_tags(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """The narrow sweep: no webhook tells of a tag, so this list is read again and again, for tags only."""
    return anonymised(raw) or [Part(Kind.CANDIDATE, str(raw["id"]), tags(raw))]


def anonymised(raw: Json) -> list[Part]:
    """Somebody of whom the vendor's fixed text is left. Without a name there is no telling: then nothing is shown."""
    id = str(raw["id"])
    if "first_name" not in raw or "last_name" not in raw:
        return [Part(Kind.CANDIDATE, id)]
    name = f"{raw['first_name'] or ''} {raw['last_name'] or ''}"
    fixed = ANONYMISED.fullmatch(name)
    return [Part(Kind.CANDIDATE, id, presence=Presence.ANONYMISED)] if fixed and fixed[1] == id else []


def values(entries: Json) -> tuple[str, ...]:
    return tuple(str(one["value"]) for one in entries or () if one.get("value"))


def tags(raw: Json) -> dict[str, Value]:
    if "tags" not in raw:
        return {}
    names = tuple(str(one) for one in raw["tags"] or ())
    ours = tuple(one for one in names if one.startswith(TOP_TEN))
    return {"tags": tuple(one for one in names if one not in ours), "tags.top_ten": ours}


def custom(raw: Json) -> dict[str, Value]:
    """Our custom fields one by one, the customer's own as one document. Null stands for "no custom fields shown"."""
    if not isinstance(raw.get("custom_fields"), Mapping):
        return {}
    shown = {
        str(key): freeze(one.get("value") if isinstance(one, Mapping) else one)
        for key, one in raw["custom_fields"].items()
    }
    ours = {f"custom.{key}": value for key, value in shown.items() if key.startswith(PREFIX)}
    theirs = {k: v for k, v in shown.items() if not k.startswith(PREFIX) and not SENSITIVE.search(k.replace("_", " "))}
    return ours | {"custom_fields": theirs}


def version(raw: Json) -> str:
    return str(raw.get("updated_at") or "")


def application(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """`stage_id` is this application's own stage instance and says nothing: `application_stage` shows the stage."""
    seen = pick(raw, "status", "prospect", "created_at", "rejected_at")
    seen |= ids(raw, "job_id", "source_id", "recruiter_id", "coordinator_id")
    if "answers" in raw:
        asked = {str(one.get("question")): freeze(one.get("answer")) for one in raw["answers"] or ()}
        seen["answers"] = {question: answer for question, answer in asked.items() if not SENSITIVE.search(question)}
    if seen.get("status") not in (None, "rejected"):
        seen["reason"] = None  # `rejection_details` is asked of the rejected only
    parent = ident(raw.get("candidate_id"))
    return [Part(Kind.APPLICATION, str(raw["id"]), seen | custom(raw), parent, version=version(raw), raw=raw)]


def application_stage(raw: Json, tenant: Tenant) -> Iterable[Part]:
    if not raw.get("current") or raw.get("job_interview_stage_id") is None:
        return []  # hired people and prospects are in no stage: the last one known stays
    return [Part(Kind.APPLICATION, str(raw["application_id"]), {"stage": str(raw["job_interview_stage_id"])})]


def moves(raw: Json, tenant: Tenant) -> Iterable[Moved]:
    """A stage that an application was in, from when to when."""
    id, stage, current = str(raw["application_id"]), raw.get("job_interview_stage_id"), raw.get("current")
    entered, left = instant(raw.get("entered_at")), instant(raw.get("exited_at"))
    if stage is not None and entered is not None:
        yield Moved(id, entered, str(stage))
        if left is not None and not current:
            yield Moved(id, left, str(stage), left=True)


def rejection(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """What was rejected has one of these; what was taken back, or never rejected, has none: that shows no reason."""
    details = [one for one in raw["items"] if "rejection_reason_id" in one]
    if len(details) < len(raw["items"]):
        return []
    reason = ident(details[0]["rejection_reason_id"]) if details else None
    return [Part(Kind.APPLICATION, str(raw["application_id"]), {"reason": reason})]


def note(raw: Json, tenant: Tenant) -> Iterable[Part]:
    if raw.get("type") not in (None, "NOTE"):
        return []  # e-mails and the ATS's own activity stand in the same list
    seen = pick(raw, "visibility", "created_at", "type") | ids(raw, "user_id", "application_id")
    text, marker = marked(str(raw.get("body") or ""))
    if "body" in raw:
        seen["body"] = text
    parent = ident(raw.get("candidate_id"))
    return [Part(Kind.NOTE, str(raw["id"]), seen, parent, marker=marker, marker_shown="body" in raw)]


def attachment(raw: Json, tenant: Tenant) -> Iterable[Part]:
    if raw.get("type") not in FILES:
        return []
    seen = pick(raw, "filename", "type", "url", "created_at") | ids(raw, "application_id")
    return [Part(Kind.ATTACHMENT, str(raw["id"]), seen, ident(raw.get("candidate_id")))]


def job(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "name", "requisition_id", "status", "confidential", "opened_at", "closed_at")
    if "department_id" in raw:
        seen["department_id"] = named(tenant, "department", raw["department_id"])
    if "office_ids" in raw:
        seen["office_ids"] = tuple(name for one in raw["office_ids"] or () if (name := named(tenant, "office", one)))
    return [Part(Kind.JOB, str(raw["id"]), seen | custom(raw), version=version(raw), raw=raw)]


def named(tenant: Tenant, what: str, id: Json) -> str | None:
    """A department's or office's name, learned by `discover`; its number until then."""
    return None if id is None else tenant.facts.get(f"{what}.{id}", f"{what} {id}")


def job_post(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """The advertised text: of the live, public post, else of the newest that has one."""
    if any("content" not in one for one in raw["items"]):
        return []
    posts = [one for one in raw["items"] if one["content"]]
    best = max(posts, key=lambda one: (bool(one.get("live")), not one.get("internal"), one["id"]), default=None)
    return [Part(Kind.JOB, str(raw["job_id"]), {"content": best and str(best["content"])})]


def recruiters(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Job owners are sourcers, recruiters and coordinators; the word stands under `type`, in older answers `role`."""
    kinds = [one.get("type", one.get("role")) for one in raw["items"]]
    if None in kinds:
        return []
    mine = [one for one, kind in zip(raw["items"], kinds, strict=True) if kind == "recruiter"]
    return listed_people(Kind.JOB, raw["job_id"], "recruiters", mine)


def hiring_managers(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return listed_people(Kind.JOB, raw["job_id"], "hiring_managers", raw["items"])


def panel(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Who interviews. Where nobody is listed the interview itself may be gone: nothing is said of it."""
    if not raw["items"]:
        return []
    return listed_people(Kind.INTERVIEW, raw["interview_id"], "interviewers", raw["items"])


def listed_people(kind: Kind, id: Json, name: str, entries: Json) -> Iterable[Part]:
    """The users of several rows; a null is somebody who is no user of the customer's."""
    if any("user_id" not in one for one in entries):
        return []
    users = {str(one["user_id"]) for one in entries if one["user_id"] is not None}
    return [Part(kind, str(id), {name: tuple(sorted(users))})]


def stage(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [Part(Kind.STAGE, str(raw["id"]), pick(raw, "name", "sort_order", "active"), ident(raw.get("job_id")))]


def user(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "name", "primary_email", "site_admin")
    if "deactivated" in raw:
        seen["active"] = not raw["deactivated"]
    return [Part(Kind.USER, str(raw["id"]), seen)]


def source(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [Part(Kind.SOURCE, str(raw["id"]), pick(raw, "name") | kind_of(raw, "name"))]


def rejection_reason(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [Part(Kind.REJECTION_REASON, str(raw["id"]), pick(raw, "name") | kind_of(raw, "key"))]


def kind_of(raw: Json, key: str) -> dict[str, Value]:
    """The `type` of a source or reason is an object of its own."""
    kind = raw.get("type")
    return {"type": freeze(kind[key])} if isinstance(kind, Mapping) and key in kind else {}


def on_application(kind: Kind, *keys: str, refs: tuple[str, ...] = ()) -> Callable[[Json, Tenant], Iterable[Part]]:
    """A list whose items hang on an application and are shown as they are."""

    def parse(raw: Json, tenant: Tenant) -> Iterable[Part]:
        seen = pick(raw, *keys) | ids(raw, "application_id", *refs)
        return [Part(kind, str(raw["id"]), seen, ident(raw.get("application_id")))]

    return parse


def hire(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """An opening that an application has filled: that is what a hire leaves behind."""
    if raw.get("application_id") is None:
        return []
    seen = pick(raw, "closed_at") | ids(raw, "application_id", "job_id")
    return [Part(Kind.HIRE, str(raw["id"]), seen, ident(raw["application_id"]))]


# -------------------------------------------------------------------------------------------------------- the lists

SECONDS, MINUTE, HOUR, DAY = timedelta(seconds=3), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANGED = ("updated_at", "gte|{since}")
OF_CANDIDATE = {Kind.CANDIDATE: "candidate_ids"}
OF_APPLICATION = {Kind.APPLICATION: "application_ids"}
OF_JOB = {Kind.JOB: "job_ids"}


def reads(kind: Kind, path: str, parse: Callable[[Json, Tenant], Iterable[Part]], root: Kind, **more: object) -> Reads:
    """One list. Its scope is named after its path; nothing of what is never kept gets further than this."""
    settings: dict[str, object] = {"since": CHANGED, "watermark": "updated_at", "page_size": ("per_page", 500), **more}
    if "group" in more:
        settings |= {"since": None, "watermark": ""}
    return Reads(kind, f"/{path}", parse, root, drop=NEVER_KEPT, scopes=(f"harvest:{path}:list",), **settings)  # type: ignore[arg-type]


_C, _J = Kind.CANDIDATE, Kind.JOB
READS = (
    reads(
        Kind.USER, "users", user, Kind.USER, by={Kind.USER: "ids"}, every=10 * MINUTE, sweep=DAY,
        filters={"show_service_accounts": "true"},
    ),
    reads(Kind.SOURCE, "sources", source, Kind.SOURCE, by={Kind.SOURCE: "ids"}, every=10 * MINUTE, sweep=DAY),
    reads(
        Kind.REJECTION_REASON, "rejection_reasons", rejection_reason, Kind.REJECTION_REASON,
        by={Kind.REJECTION_REASON: "ids"}, every=10 * MINUTE, sweep=DAY, filters={"include_defaults": "true"},
    ),
    reads(_J, "jobs", job, _J, by={_J: "ids"}, every=MINUTE, sweep=DAY),
    reads(_J, "job_posts", job_post, _J, by=OF_JOB, group="job_id"),
    reads(_J, "job_owners", recruiters, _J, by=OF_JOB, group="job_id"),
    reads(_J, "job_hiring_managers", hiring_managers, _J, by=OF_JOB, group="job_id"),
    reads(Kind.STAGE, "job_interview_stages", stage, _J, by=OF_JOB, collection=True, every=5 * MINUTE, sweep=DAY),
    reads(_C, "candidates", candidate, _C, by={_C: "ids"}, every=MINUTE, sweep=DAY),
    reads(
        _C, "candidates", candidate_tags, _C, since=None, watermark="", sweep=SECONDS, name="tags",
        filters={"fields": "id,first_name,last_name,tags"},
    ),
    reads(Kind.APPLICATION, "applications", application, _C, by=OF_CANDIDATE, every=MINUTE, sweep=DAY, collection=True),
    reads(
        Kind.APPLICATION, "application_stages", application_stage, _C, by=OF_APPLICATION, every=MINUTE,
    ),
    reads(
        Kind.APPLICATION, "rejection_details", rejection, _C, by=OF_APPLICATION, group="application_id",
        only=("status", ("rejected",)),
    ),
    reads(
        Kind.NOTE, "notes", note, _C, by=OF_CANDIDATE, collection=True, every=SECONDS, sweep=SECONDS,
    ),
    reads(Kind.ATTACHMENT, "attachments", attachment, _C, by=OF_CANDIDATE, every=MINUTE, sweep=DAY),
    reads(
        Kind.OFFER, "offers", on_application(
            Kind.OFFER, "status", "version", "starts_on", "sent_on", "resolved_at", "created_at"
        ), _C, by=OF_APPLICATION, every=5 * MINUTE, sweep=DAY,
    ),
    reads(Kind.HIRE, "openings", hire, _C, by=OF_APPLICATION, every=5 * MINUTE, sweep=DAY),
    reads(
        Kind.INTERVIEW, "interviews", interview, _C, by=OF_APPLICATION, collection=True, every=5 * MINUTE, sweep=DAY,
    ),
    reads(Kind.INTERVIEW, "interviewers", panel, _C, by={Kind.INTERVIEW: "interview_ids"}, group="interview_id"),
    reads(
        Kind.SCORECARD, "scorecards", on_application(
            Kind.SCORECARD, "candidate_rating", "status", "submitted_at", refs=("interviewer_id",)
        ), _C, by=OF_APPLICATION, every=5 * MINUTE, sweep=DAY,
    ),
)  # fmt: skip
STAGE_HISTORY = StageHistory(
    reads(Kind.APPLICATION, "application_stages", application_stage, _C, by=OF_APPLICATION, name="stage_history"),
    moves,
    says="application_stages",
)
