"""What SmartRecruiters shows: a search that tells who changed, and one small call for each thing about somebody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from bascule.connectors.lens import NEVER_KEPT, SENSITIVE, TOP_TEN, freeze, marked, pick
from bascule.connectors.spec import Asked, CursorInBody, FileTalk, LinkInBody, Offset, Reads, Request, Tenant
from bascule.model import Json, Kind, Part, Value

from . import objects
from .objects import ACTIVE, OURS, STATUS, USERS, application_id, assignments, of, shown, stage_id, stage_name

_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB
OVERLAP = timedelta(minutes=2)  # how far the search may be behind what was changed
JOB_STATUS = {
    **dict.fromkeys(("SOURCING", "INTERVIEW", "OFFER"), "open"), "CREATED": "draft",
    **dict.fromkeys(("FILLED", "CANCELLED", "ON_HOLD"), "closed"),
}  # fmt: skip
FILE = {"RESUME": "resume", "COVER_LETTER": "cover letter"}
TAGGED = re.compile(r"\s*#\[CANDIDATE:([0-9A-Za-z-]+)\]")
SITES = ("linkedin", "facebook", "twitter", "website")


# ------------------------------------------------------------------------------------------------------------ people


def candidate(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A person with applications, as the search or a reading by id shows them; the search shows less of a person."""
    id = str(raw["id"])
    seen = pick(raw, "firstName", "lastName", "createdOn") | tags(raw)
    seen |= {name: one(raw[name]) for name in ("email", "phoneNumber") if name in raw}
    if isinstance(raw.get("web"), Mapping):
        seen["web"] = tuple(str(raw["web"][site]) for site in SITES if raw["web"].get(site))
    if "experience" in raw:
        work = [each for each in raw["experience"] or () if isinstance(each, Mapping)]
        now = next((each for each in work if each.get("current")), {})
        seen |= {"company": freeze(now.get("company")), "title": freeze(now.get("title"))}
    at = {"updatedOn": raw["updatedOn"]} if raw.get("updatedOn") else None  # tells that more may have changed
    found = [part for each in assignments(raw) for part in application(id, each)]
    return [Part(_C, id, seen, version=str(raw.get("updatedOn") or ""), raw=at), *found]


def one(value: Json) -> tuple[str, ...]:
    return (str(value),) if value else ()


def tags(raw: Json) -> dict[str, Value]:
    if "tags" not in raw:
        return {}
    names = tuple(str(one) for one in raw["tags"] or ())
    ours = tuple(one for one in names if one.startswith(TOP_TEN))
    return {"tags": tuple(one for one in names if one not in ours), "tags.top_ten": ours}


def application(candidate: str, raw: Json) -> Iterable[Part]:
    """An assignment, with the stage, source and reason it shows. A secondary one may be shown with its job only."""
    job, status = str(raw["job"]["id"]), raw.get("status")
    seen: dict[str, Value] = {"job": job}
    found: list[Part] = []
    if status:
        seen |= {"status": STATUS.get(str(status), str(status)), "reason": None}
    if status in ACTIVE:
        sub = str(raw.get("subStatus") or "")
        seen["stage"] = stage_id(job, status, sub)
        at = {"name": stage_name(str(status), sub), "status": str(status)}
        found.append(Part(Kind.STAGE, seen["stage"], at, job))
    reason = raw.get("reasonOfRejection") or raw.get("reasonOfWithdrawal")
    if status in ("REJECTED", "WITHDRAWN") and isinstance(reason, Mapping) and reason.get("id"):
        seen["reason"] = str(reason["id"])
        found += rejection_reason(reason, "rejection" if status == "REJECTED" else "withdrawal")
    if source := raw.get("source"):
        seen["source"] = str(source)
        found.append(Part(Kind.SOURCE, str(source), {"name": str(source).replace("_", " ").capitalize()}))
    return [Part(_A, application_id(candidate, job), seen, candidate), *found]


def details(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """When somebody applied: only the application itself shows it."""
    seen: dict[str, Value] = {"applied_at": raw["createdOn"]} if raw.get("createdOn") else {}
    return [Part(_A, raw["application"], seen, of(raw["application"])[0])]


def properties(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """The customer's own fields as one value, ours one by one. A list cut short shows nothing of the customer's."""
    ours = {field.id: key for key, field in known(tenant).items()}
    seen: dict[str, Value] = {}
    theirs: dict[str, Value] | None = {}
    for each in raw["items"]:
        if "value" not in each or "id" not in each:
            theirs = None
        elif each["id"] in ours:
            seen[f"custom.{ours[each['id']]}"] = said(each["value"])
        elif "label" not in each:
            theirs = None
        elif each["value"] is not None and theirs is not None and not SENSITIVE.search(str(each["label"])):
            theirs[str(each["label"])] = said(each["value"])
    seen |= {"custom_fields": theirs} if theirs is not None else {}
    return [Part(_A, raw["application"], seen, of(raw["application"])[0])]


def known(tenant: Tenant) -> Mapping[str, Json]:
    """The properties of ours that this account has, by key."""
    return {key: field for key in OURS.values() if (field := tenant.custom.get(f"application.{key}")) is not None}


def said(value: Json) -> Value:
    """A choice is shown by what it is called, money as it is."""
    return freeze(value["label"]) if isinstance(value, Mapping) and "label" in value else freeze(value)


def answers(raw: Json, tenant: Tenant) -> Iterable[Part]:
    told: dict[str, Value] = {}
    for each in raw["items"]:
        if "label" not in each or "records" not in each:
            return []
        fields = (field for record in each["records"] or () for field in (record.get("fields") or {}).values())
        values = [str(value) for field in fields for value in field.get("values") or ()]
        if values and not SENSITIVE.search(str(each["label"])):
            told[str(each["label"])] = ", ".join(values)
    return [Part(_A, raw["application"], {"answers": told}, of(raw["application"])[0])]


def reviews(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """What people think of an application; of the review by our own user, the outputs that it holds."""
    id, me = raw["application"], tenant.facts.get("me", "")
    found: list[Part] = []
    mine: Json = None
    for each in raw["items"]:
        reviewer = str((each.get("reviewer") or {}).get("id") or "")
        if me and reviewer == me:
            mine = each
            continue
        rating = each.get("rating", each.get("overallRating"))
        seen: dict[str, Value] = {"rating": str(rating)} if rating is not None else {}
        seen |= {"reviewer": reviewer} if reviewer else {}
        seen |= pick(each, "createdOn") | {"application": id}
        found.append(Part(Kind.SCORECARD, str(each["id"]), seen, id))
    cut = any("reviewer" not in each for each in raw["items"]) or (mine and "comment" not in mine)
    if tenant.facts.get("outputs") == "review" and not cut:
        told = objects.lines(str(mine["comment"] or "")) if mine else {}
        found.append(Part(_A, id, {f"custom.{key}": told.get(key) for key in OURS.values()}, of(id)[0]))
    return found


def attachment(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A file of a candidate. The list of an application says of which one it is."""
    seen: dict[str, Value] = {"filename": str(raw["name"])} if raw.get("name") else {}
    seen |= {"type": FILE.get(str(raw["type"]), "other")} if raw.get("type") else {}
    seen |= {"application": raw["application"]} if "application" in raw else {}
    candidate = of(raw["application"])[0] if "application" in raw else raw.get("candidate")
    return [Part(Kind.ATTACHMENT, str(raw["id"]), seen | {"url": str(raw["id"])}, candidate)]


def file(id: str) -> FileTalk:
    response = yield Request("GET", f"/candidates/attachments/{id}", raw=True, budget="files")
    return response.body


def note(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A message on a profile: whose it is stands in its text."""
    content = str(raw.get("content") or "")
    tagged = TAGGED.search(content)
    person = raw.get("candidate") or (tagged and tagged[1])
    if not person:
        return []
    seen: dict[str, Value] = pick(raw, "createdOn")
    if "visibility" in raw:
        seen["visibility"] = "OPEN" if raw["visibility"] == "EVERYONE" else raw["visibility"]
    if isinstance(raw.get("author"), Mapping) and raw["author"].get("id"):
        seen["author"] = str(raw["author"]["id"])
    text, marker = marked(TAGGED.sub("", content))
    seen |= {"content": text.replace("&lt;", "<").strip()} if "content" in raw else {}
    return [Part(Kind.NOTE, str(raw["id"]), seen, person, marker=marker, marker_shown="content" in raw)]


# ---------------------------------------------------------------------------------------------------- jobs, the account


def job(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "title", "refNumber", "createdOn")
    if raw.get("status"):
        seen["status"] = JOB_STATUS.get(raw["status"], raw["status"])
    if isinstance(raw.get("department"), Mapping):
        seen["department"] = freeze(raw["department"].get("label"))
    if isinstance(raw.get("location"), Mapping):
        seen["location"] = one(raw["location"].get("city"))
    sections = raw["jobAd"].get("sections") if isinstance(raw.get("jobAd"), Mapping) else None
    if isinstance(sections, Mapping):
        texts = [str(sections[key].get("text") or "") for key in ADVERTISED if isinstance(sections.get(key), Mapping)]
        seen["jobAd"] = "\n\n".join(text for text in texts if text) or None
    at = {"updatedOn": raw["updatedOn"]} if raw.get("updatedOn") else None
    return [Part(_J, str(raw["id"]), seen, version=str(raw.get("updatedOn") or ""), raw=at)]


ADVERTISED = ("jobDescription", "qualifications", "additionalInformation")  # not what the company says of itself


def stages(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """The stages of a job: statuses with the sub-statuses of its hiring process, or of all where it does not say which
    one it has. A status that is divided is no place to move somebody to by itself."""
    job, process = str(raw["id"]), raw.get("hiringProcess")
    own = tenant.facts.get(f"process.{process.get('id')}") if isinstance(process, Mapping) else None
    names = (tenant.facts.get("processes", "") if own is None else own).splitlines()
    divided: dict[str, list[str]] = {}
    for each in names:
        status, _, sub = each.partition("/")
        divided.setdefault(status, []).append(sub)
    order = 0
    for status in ACTIVE:
        subs = divided.get(status, [])
        for sub in ("", *subs):
            active = bool(sub or not subs)
            seen = {"name": stage_name(status, sub), "status": status, "order": order, "active": active}
            yield Part(Kind.STAGE, stage_id(job, status, sub), seen, job)
            order += 1


def team(raw: Json, tenant: Tenant) -> Iterable[Part]:
    if any("role" not in each for each in raw["items"]):
        return []
    seen: dict[str, Value] = {}
    for name, role in (("recruiters", "RECRUITER"), ("hiring_managers", "HIRING_MANAGER")):
        seen[name] = tuple(sorted(str(each["id"]) for each in raw["items"] if each["role"] == role))
    return [Part(_J, raw["job"], seen)]


def user(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "email", "active")
    if "firstName" in raw and "lastName" in raw:
        seen["name"] = f"{raw['firstName'] or ''} {raw['lastName'] or ''}".strip() or None
    if isinstance(raw.get("systemRole"), Mapping):
        seen["admin"] = raw["systemRole"].get("id") == "ADMINISTRATOR"
    return [Part(Kind.USER, str(raw["id"]), seen)]


def rejection_reason(raw: Json, type: str) -> list[Part]:
    seen: dict[str, Value] = {"type": type}
    seen |= {"name": str(raw["label"])} if raw.get("label") else {}
    return [Part(Kind.REJECTION_REASON, str(raw["id"]), seen)]


def reason(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Why somebody was rejected, or withdrew: which of the two an id is, is learned from the account."""
    withdrew = f"withdrawal.{raw['id']}" in tenant.facts
    return rejection_reason(raw, "withdrawal" if withdrew else "rejection")


# -------------------------------------------------------------------------------------------------------- the lists

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ONCE = LinkInBody("-")  # no further page: these answers are whole
CANDIDATES, JOBS, SETTINGS = "candidates_read", "jobs_read", "configuration_read"


def ask_candidates(asked: Asked) -> Request:
    """The search is asked one at a time; somebody by id like everything else."""
    if asked.by is not None:
        return Request("GET", f"/candidates/{asked.ids[0]}", budget="candidates")
    since = {"updatedAfter": objects.stamp(asked.since - OVERLAP)} if asked.since is not None else {}
    page = {"pageId": asked.at} if asked.at else {}
    return Request("GET", "/candidates", {"limit": str(asked.size), **since, **page}, budget="search")


def ask_reasons(type: str) -> Callable[[Asked], Request]:
    """One by id is asked for where it stands: a withdrawal's reason in the other list."""

    def ask(asked: Asked) -> Request:
        facts = asked.tenant.facts
        of = "withdrawal" if asked.by is not None and f"withdrawal.{asked.ids[0]}" in facts else type
        return Request("GET", facts.get(f"reasons.{of}", f"/configuration/{of}-reasons"))

    return ask


def ask_messages(asked: Asked) -> Request:
    page = {"pageId": asked.at} if asked.at else {}
    query = {"candidateId": asked.ids[0], "limit": str(asked.size), **page}
    return Request("GET", "/messages/fetch", query, budget="messages")


def ask_newest(asked: Asked) -> Request:
    """The newest messages about anybody; where that is not to be had, a daily look at everybody finds them."""
    page = {"pageId": asked.at} if asked.at else {}
    query = {"limit": str(asked.size), **page}
    return Request("GET", "/messages/fetch", query, budget="messages", done_if=(400, 404, 422))


def newest(body: Json) -> list[Json]:
    return list(body.get("content") or ()) if isinstance(body, Mapping) else []


def ask_reviews(asked: Asked) -> Request:
    candidate, job = of(asked.ids[0])
    return Request("GET", objects.REVIEWS, {"candidateId": candidate, "jobId": job}, budget="reviews")


def filled(body: Json) -> list[Json]:
    """A property without a value is shown without the key."""
    return [{"value": None, **each} for each in shown(body)]


def beside(kind: Kind, name: str, parse: Callable[[Json, Tenant], Iterable[Part]], **more: object) -> Reads:
    """What is asked of one application at a time."""
    settings: dict[str, object] = {
        "by": {_A: "id"}, "asked": "application", "group": "application", "unfold": shown,
        "ask": lambda asked: Request("GET", f"{objects.path(asked.ids[0])}/{name}", budget=name), "budget": name,
        "scopes": (CANDIDATES,), **more,
    }  # fmt: skip
    return Reads(kind, f"/{name}", parse, _C, batch=1, pages=ONCE, drop=NEVER_KEPT, **settings)  # type: ignore[arg-type]


def reads(kind: Kind, path: str, parse: Callable[[Json, Tenant], Iterable[Part]], root: Kind, **more: object) -> Reads:
    settings: dict[str, object] = {"batch": 1, "page_size": ("limit", 100), "unfold": shown, **more}
    return Reads(kind, path, parse, root, drop=NEVER_KEPT, **settings)  # type: ignore[arg-type]


CHANGED = {"since": ("updatedAfter", "{since}"), "watermark": "updatedOn", "sweep": DAY}
READS = (
    reads(Kind.USER, USERS, user, Kind.USER, by={Kind.USER: f"{USERS}/{{id}}"}, every=10 * MINUTE, sweep=DAY,
          scopes=("users_read",)),
    reads(Kind.REJECTION_REASON, "/rejection-reasons", reason, Kind.REJECTION_REASON, by={Kind.REJECTION_REASON: "id"},
          ask=ask_reasons("rejection"), pages=ONCE, every=10 * MINUTE, sweep=None, scopes=(SETTINGS,)),
    reads(Kind.REJECTION_REASON, "/withdrawal-reasons", reason, Kind.REJECTION_REASON, ask=ask_reasons("withdrawal"),
          pages=ONCE, every=10 * MINUTE, scopes=(SETTINGS,)),
    reads(_J, "/jobs", job, _J, by={_J: "/jobs/{id}"}, pages=Offset("offset", total="totalFound"), every=2 * MINUTE,
          follow=(_J, Kind.STAGE), scopes=(JOBS,), **CHANGED),
    reads(Kind.STAGE, "/stages", stages, _J, by={_J: "id"}, pages=ONCE, collection=True, scopes=(JOBS, SETTINGS),
          ask=lambda asked: Request("GET", f"/jobs/{asked.ids[0]}")),
    reads(_J, "/hiring-team", team, _J, by={_J: "id"}, pages=ONCE, asked="job", group="job", scopes=(JOBS,),
          ask=lambda asked: Request("GET", f"/jobs/{asked.ids[0]}/hiring-team")),
    reads(_C, "/candidates", candidate, _C, by={_C: "/candidates/{id}"}, ask=ask_candidates, budget="search",
          pages=CursorInBody("pageId", "nextPageId"), also=(_A,), every=MINUTE, scopes=(CANDIDATES,),
          follow=(_C, _A, Kind.ATTACHMENT, Kind.NOTE, Kind.SCORECARD), **CHANGED),
    beside(_A, "details", details, group="", budget="default", unfold=lambda body: [body],
           ask=lambda asked: Request("GET", objects.path(asked.ids[0]))),
    beside(_A, "properties", properties, unfold=filled),
    beside(_A, "screening-answers", answers, budget="default",
           ask=lambda asked: Request("GET", f"{objects.path(asked.ids[0])}/screening-answers")),
    beside(Kind.SCORECARD, "reviews", reviews, also=(_A,), ask=ask_reviews, scopes=("reviews_read",)),
    reads(Kind.ATTACHMENT, "/attachments", attachment, _C, by={_C: "id"}, pages=ONCE, asked="candidate",
          ask=lambda asked: Request("GET", f"/candidates/{asked.ids[0]}/attachments", budget="attachments"),
          budget="attachments", scopes=(CANDIDATES,)),
    beside(Kind.ATTACHMENT, "files", attachment, group="", budget="attachments",
           ask=lambda asked: Request("GET", f"{objects.path(asked.ids[0])}/attachments", budget="attachments")),
    reads(Kind.NOTE, "/messages", note, _C, by={_C: "id"}, asked="candidate", ask=ask_messages, budget="messages",
          pages=CursorInBody("pageId", "nextPageId"), collection=True, scopes=("messages_read",)),
    reads(Kind.NOTE, "/newest-messages", note, _C, ask=ask_newest, unfold=newest, budget="messages", every=MINUTE,
          pages=CursorInBody("pageId", "nextPageId"), newest_first=True, watermark="createdOn",
          scopes=("messages_read",)),
)  # fmt: skip
