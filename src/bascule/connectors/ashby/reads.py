"""What Ashby shows: one small function per list, from its objects to parts.

What has no value is left out of an answer there, so that nothing is concluded from a key that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from bascule.connectors.lens import NEVER_KEPT, SENSITIVE, TOP_TEN, freeze, ident, instant, marked, pick
from bascule.connectors.spec import CustomField, Moved, Reads, StageHistory, SyncToken, Tenant
from bascule.model import Json, Kind, Part, Presence, Value

from .interviews import interview
from .objects import asking

OURS = "Bascule "  # how the titles of the custom fields begin that Bascule creates
ANONYMISED = re.compile(r"\s*anonymi[sz]ed candidate\s*", re.IGNORECASE)  # what is left of a name
STAGE = {"title": "title", "order": "orderInInterviewPlan", "type": "type"}
ENDS = frozenset({"Archived", "Hired"})  # types of stages that are an outcome: nobody is moved there as to a stage
ASKED = "askedBy"  # on what was asked for by id
HELD = ("emailAddresses", "phoneNumbers", "socialLinks", "fileHandles")


def slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", title.casefold()).strip("_")


# ------------------------------------------------------------------------------------------------------- candidates


def candidate(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """The candidate and the files on it. Asked for by id it also names its applications, which no list shows by
    candidate: they are then read one by one."""
    raw = dict(raw)
    asked, id = raw.pop(ASKED, None), str(raw["id"])
    if (gone := anonymised(raw)) is not False:
        return [Part(Kind.CANDIDATE, id, presence=Presence.ANONYMISED if gone else Presence.HERE)]
    seen = pick(raw, "name", "company", "position", "createdAt")
    seen |= {name: values(raw[name], "value") for name in HELD[:2] if name in raw}
    if "socialLinks" in raw:
        seen["socialLinks"] = values(raw["socialLinks"], "url")
    person = Part(Kind.CANDIDATE, id, seen | tags(raw) | custom(raw), version=version(raw), raw=raw)
    applications = raw.get("applicationIds") or () if asked else ()
    return [person, *files(raw), *(Part(Kind.APPLICATION, str(one), parent=id) for one in applications)]


def anonymised(raw: Json) -> bool | None:
    """Whether what is left of somebody is what `candidate.anonymize` leaves: a fixed name and nothing to reach them.
    None where there is no telling: then nothing is shown."""
    if "name" in raw and not ANONYMISED.fullmatch(str(raw["name"] or "")):
        return False
    if "name" not in raw or any(name not in raw for name in HELD):
        return None
    return not any(raw[name] for name in HELD)


def values(entries: Json, key: str) -> tuple[str, ...]:
    return tuple(str(one[key]) for one in entries or () if one.get(key))


def tags(raw: Json) -> dict[str, Value]:
    if "tags" not in raw:
        return {}
    names = values(raw["tags"], "title")
    ours = tuple(one for one in names if one.startswith(TOP_TEN))
    return {"tags": tuple(one for one in names if one not in ours), "tags.top_ten": ours}


def files(raw: Json) -> list[Part]:
    """The resume stands among the other files too. Its handle is what opens it, by `file.info`."""
    resume = (raw.get("resumeFileHandle") or {}).get("id")
    found = {str(one["id"]): one for one in (*(raw.get("fileHandles") or ()), raw.get("resumeFileHandle")) if one}
    return [
        Part(
            Kind.ATTACHMENT, id,
            {"name": one.get("name"), "type": "resume" if id == resume else "other", "handle": one.get("handle")},
            str(raw["id"]),
        )
        for id, one in found.items()
        if "resumeFileHandle" in raw or "fileHandles" in raw
    ]  # fmt: skip


def custom(raw: Json, fields: Iterable[CustomField] = ()) -> dict[str, Value]:
    """Our custom fields (`fields`) one by one, the customer's own as one document by title. One without a value is not
    listed."""
    if not isinstance(raw.get("customFields"), list):
        return {}
    ours: dict[str, Value] = {f"custom.{one.key}": None for one in fields}
    theirs: dict[str, Value] = {}
    for one in raw["customFields"]:
        title = str(one.get("title") or "")
        if f"custom.{slug(title)}" in ours:
            ours[f"custom.{slug(title)}"] = freeze(one.get("value"))
        elif not SENSITIVE.search(title):
            theirs[title] = freeze(one.get("valueLabel") or one.get("value"))
    return ours | {"customFields": theirs}


def our_fields(tenant: Tenant) -> list[CustomField]:
    """Those that Bascule created on applications. A private one is shown only to keys that may see it."""
    mine = [one for one in tenant.custom.values() if one.level == "application" and one.name.startswith(OURS)]
    return [one for one in mine if one.active and not one.private]


def version(raw: Json) -> str:
    return str(raw.get("updatedAt") or "")


def note(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "createdAt")
    if "isPrivate" in raw:
        seen["visibility"] = "private" if raw["isPrivate"] else "public"
    if (raw.get("author") or {}).get("id"):
        seen["author"] = str(raw["author"]["id"])
    text, marker = marked(re.sub(r"(\s*</\w+>)+\s*$", "", str(raw.get("content") or "")))
    if "content" in raw:
        seen["content"] = text
    return [Part(Kind.NOTE, str(raw["id"]), seen, ident(raw.get(ASKED)), marker=marker, marker_shown="content" in raw)]


# ------------------------------------------------------------------------------------------------------ applications


def application(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """An application, and the stage it is in. Archived and hired are outcomes: the last stage before them stays."""
    seen = pick(raw, "status", "createdAt", "archivedAt")
    seen |= {name: str(raw[name]["id"]) for name in ("job", "source") if (raw.get(name) or {}).get("id")}
    if raw.get("archiveReason"):
        seen["reason"] = str(raw["archiveReason"]["id"])
    elif raw.get("status") not in (None, "Archived"):
        seen |= {"reason": None, "archivedAt": None}
    if "status" in raw:
        seen["prospect"] = raw["status"] == "Lead"
    if "hiringTeam" in raw:
        seen |= {"recruiter": first(raw, "Recruiter"), "coordinator": first(raw, "Recruiting Coordinator")}
    if "applicationFormSubmissions" in raw:
        seen["answers"] = answers(raw["applicationFormSubmissions"])
    at, job = raw.get("currentInterviewStage") or {}, seen.get("job")
    stages = [stage(at, str(job))] if job and at.get("type") not in (None, *ENDS) else []
    if stages:
        seen["stage"] = stages[0].external
    parent = ident((raw.get("candidate") or {}).get("id"))
    said = Part(
        Kind.APPLICATION, str(raw["id"]), seen | custom(raw, our_fields(tenant)), parent, version=version(raw), raw=raw
    )  # fmt: skip
    return [said, *stages]


def moves(raw: Json, tenant: Tenant) -> Iterable[Moved]:
    """A stage that an application was in, from when to when. Archived and hired stand in it as stages too: they end
    the one before."""
    id, entered, left = str(raw[ASKED]), instant(raw.get("enteredStageAt")), instant(raw.get("leftStageAt"))
    if entered is not None and raw.get("stageId"):
        yield Moved(id, entered, str(raw["stageId"]))
        if left is not None:
            yield Moved(id, left, str(raw["stageId"]), left=True)


def stage(raw: Json, job: str) -> Part:
    """A stage belongs to a plan, and a plan may serve several jobs: it is a stage of each of them."""
    seen = {key: freeze(raw.get(name)) for key, name in STAGE.items()}
    return Part(Kind.STAGE, f"{job}/{raw['id']}", {k: v for k, v in seen.items() if v is not None}, job)


def people(raw: Json, role: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(one["userId"]) for one in raw["hiringTeam"] or () if one.get("role") == role))


def first(raw: Json, role: str) -> str | None:
    return next(iter(people(raw, role)), None)


def answers(forms: Json) -> dict[str, Value]:
    """What was asked and answered, but for what the candidate's own fields say."""
    found: dict[str, Value] = {}
    for form in forms or ():
        said = form.get("submittedValues") or {}
        for section in (form.get("formDefinition") or {}).get("sections") or ():
            for one in section.get("fields") or ():
                path, title = one["field"]["path"], str(one["field"].get("title") or "")
                if path in said and not path.startswith("_systemfield") and not SENSITIVE.search(title):
                    found[title] = freeze(said[path])
    return found


def offer(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "applicationId", "offerStatus", "decidedAt")
    seen |= pick(raw.get("latestVersion") or {}, "startDate", "createdAt")
    return [Part(Kind.OFFER, str(raw["id"]), seen, ident(raw.get("applicationId")))]


def feedback(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Who said what in one word, and when; the texts of a scorecard are not read."""
    seen = pick(raw, "applicationId", "submittedAt")
    if raw.get("submittedByUser"):
        seen["submittedByUser"] = str(raw["submittedByUser"]["id"])
    if "submittedValues" in raw:
        seen["recommendation"] = freeze((raw["submittedValues"] or {}).get("overall_recommendation"))
    return [Part(Kind.SCORECARD, str(raw["id"]), seen, ident(raw.get("applicationId")))]


# ------------------------------------------------------------------------------------------------- jobs and the rest


def job(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A job with the stages of its plans, as `discover` has found them."""
    id = str(raw["id"])
    seen = pick(raw, "title", "customRequisitionId", "status", "confidential", "openedAt", "closedAt")
    if "departmentId" in raw:
        seen["department"] = named(tenant, "department", raw["departmentId"])
    if "locationId" in raw:
        seen["locations"] = tuple(one for one in (named(tenant, "location", raw["locationId"]),) if one)
    if "hiringTeam" in raw:
        seen |= {"recruiters": people(raw, "Recruiter"), "hiringManagers": people(raw, "Hiring Manager")}
    plans = [str(one) for one in (raw.get("interviewPlanIds") or [raw.get("defaultInterviewPlanId")]) if one]
    stages = [stage(one, id) for plan in plans for one in ladder(tenant, plan) if one["type"] not in ENDS]
    return [Part(Kind.JOB, id, seen | custom(raw), version=version(raw), raw=raw), *stages]


def ladder(tenant: Tenant, plan: str) -> list[dict[str, Json]]:
    """The stages of a plan: a line each of id, type, order and title."""
    lines = tenant.facts.get(f"plan.{plan}", "").splitlines()
    found = [line.split(" ", 3) for line in lines]
    return [{"id": a, "type": b, "orderInInterviewPlan": int(c), "title": d} for a, b, c, d in found]


def named(tenant: Tenant, what: str, id: Json) -> str | None:
    """A department's or location's name, learned by `discover`; its id until then."""
    return None if id is None else tenant.facts.get(f"{what}.{id}", f"{what} {id}")


def posting(raw: Json, tenant: Tenant) -> Iterable[Part]:
    if not raw.get("jobId"):
        return []
    return [Part(Kind.JOB, str(raw["jobId"]), pick(raw, "descriptionPlain"))]


def posting_of(raw: Json) -> str:
    """A published posting of a job: the text that people apply to."""
    return next((str(one) for one in raw.get("jobPostingIds") or ()), "")


def user(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "email", "isEnabled")
    if "firstName" in raw and "lastName" in raw:
        seen["name"] = f"{raw['firstName'] or ''} {raw['lastName'] or ''}".strip()
    if "globalRole" in raw:
        seen["admin"] = raw["globalRole"] == "Organization Admin"
    return [Part(Kind.USER, str(raw["id"]), seen)]


def source(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "title") | ({"type": raw["sourceType"].get("title")} if raw.get("sourceType") else {})
    return [Part(Kind.SOURCE, str(raw["id"]), seen)]


def archive_reason(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [Part(Kind.REJECTION_REASON, str(raw["id"]), pick(raw, "text", "reasonType"))]


# -------------------------------------------------------------------------------------------------------- the lists

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PEOPLE, PROCESS, LOOKS = ("candidates:read",), ("hiringProcessMetadata:read",), ("interviews:read",)
FORMS = {"expand": ["applicationFormSubmissions"]}
STATUSES = ["Draft", "Open", "Closed", "Archived"]  # all there are; without them drafts are left out


def reads(
    kind: Kind, path: str, parse: Callable[[Json, Tenant], Iterable[Part]], root: Kind, scopes: tuple[str, ...],
    by: Mapping[Kind, str], **more: object,
) -> Reads:  # fmt: skip
    """One list, in pages of a hundred, followed by sync tokens. What is never kept gets no further than this."""
    settings: dict[str, object] = {
        "token": SyncToken("syncToken", "syncToken"), "batch": 1, "in_body": True, **more,
    }  # fmt: skip
    return Reads(
        kind, f"/{path}", parse, root, by, page_size=("limit", 100), items="results", drop=NEVER_KEPT, scopes=scopes,
        **settings,  # type: ignore[arg-type]
    )  # fmt: skip


_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB
OF_APPLICATION = {_A: "applicationId"}
READS = (
    reads(
        Kind.USER, "user.list", user, Kind.USER, ("organization:read",), {Kind.USER: "/user.info"}, every=10 * MINUTE,
        sweep=DAY, ask=asking("/user.list", "/user.info", "userId", includeDeactivated=True),
    ),
    reads(
        Kind.SOURCE, "source.list", source, Kind.SOURCE, PROCESS, {Kind.SOURCE: "id"}, every=10 * MINUTE, sweep=DAY,
        token=None, batch=1000, ask=asking("/source.list", includeArchived=True),
    ),
    reads(
        Kind.REJECTION_REASON, "archiveReason.list", archive_reason, Kind.REJECTION_REASON, PROCESS,
        {Kind.REJECTION_REASON: "id"}, every=10 * MINUTE, sweep=DAY, token=None, batch=1000,
        ask=asking("/archiveReason.list", includeArchived=True),
    ),
    reads(
        _J, "job.list", job, _J, ("jobs:read", *LOOKS), {_J: "/job.info"}, every=MINUTE, sweep=HOUR, also=(Kind.STAGE,),
        ask=asking("/job.list", "/job.info", status=STATUSES),
    ),
    reads(_J, "jobPosting.info", posting, _J, ("jobs:read",), {_J: "jobPostingId"}, token=None, through=posting_of,
          ask=asking("", "/jobPosting.info", "jobPostingId"), unfold=lambda body: [body["results"]]),
    reads(
        _C, "candidate.list", candidate, _C, PEOPLE, {_C: "/candidate.info"}, every=MINUTE, sweep=DAY, asked=ASKED,
        also=(Kind.ATTACHMENT,), follow=(Kind.NOTE,), ask=asking("/candidate.list", "/candidate.info"),
    ),
    reads(
        _A, "application.list", application, _C, PEOPLE, {_A: "/application.info"}, every=MINUTE, sweep=DAY,
        follow=(_A, Kind.NOTE), ask=asking("/application.list", "/application.info", "applicationId", FORMS),
    ),
    reads(Kind.NOTE, "candidate.listNotes", note, _C, PEOPLE, {_C: "candidateId"}, token=None, asked=ASKED,
          collection=True),
    reads(Kind.OFFER, "offer.list", offer, _C, ("offers:read",), OF_APPLICATION, every=5 * MINUTE, sweep=DAY),
    reads(
        Kind.INTERVIEW, "interviewSchedule.list", interview, _C, LOOKS, OF_APPLICATION, every=5 * MINUTE, sweep=DAY,
    ),
    reads(
        Kind.SCORECARD, "applicationFeedback.list", feedback, _C, PEOPLE, OF_APPLICATION, every=5 * MINUTE, sweep=DAY,
    ),
)  # fmt: skip
STAGE_HISTORY = StageHistory(
    reads(_A, "application.listHistory", application, _C, PEOPLE, OF_APPLICATION, token=None, asked=ASKED),
    moves,
    says="application.listHistory",
    of_job=True,
)
