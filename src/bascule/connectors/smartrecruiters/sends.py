"""What is written to SmartRecruiters. Every conversation reads first: tags are replaced, a second review is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence

from bascule.connectors.lens import marked, phone, reference_line
from bascule.connectors.spec import CustomField, Rendered, Request, Response, Sends, Talk, Tenant
from bascule.errors import GuardRefusedError, RejectedError
from bascule.model import CreateRule, EraseRule, Json, Kind, Value

from . import objects
from .objects import ACTIVE, OURS, REASONS, REVIEWS, USERS, applied, assignments, every, of, path, person, place, shown
from .reads import SITES, known, tags

# ----------------------------------------------------------------------------------------------------------- candidates


def patch(write: Rendered, body: Mapping[str, Json]) -> Request:
    return Request("PATCH", f"/candidates/{write.external}", json=dict(body))


def put_profile(write: Rendered, tenant: Tenant) -> Talk:
    response = yield patch(write, write.fields)
    now = response.json if isinstance(response.json, Mapping) else {}
    return {name: now[name] for name in write.fields if name in now}


def only(name: str, fold: Callable[[str], str]) -> Callable[[Rendered, Tenant], Talk]:
    """A field that holds one text: what is there goes only where it was taken away here."""

    def talk(write: Rendered, tenant: Tenant) -> Talk:
        now = yield from person(write.external)
        held = [str(now[name])] if now.get(name) else []
        left = changed(held, write, name, fold)
        if len(left) > 1:
            raise RejectedError(
                f"SmartRecruiters keeps one {name} of a person.", hint="Take the other one away, or leave it as it is."
            )
        if left != held:
            yield patch(write, {name: left[0] if left else None})
        return {name: tuple(left)}

    return talk


def changed(held: Sequence[str], write: Rendered, name: str, fold: Callable[[str], str]) -> list[str]:
    """The elements as they should be: ours removed, ours added, the rest as it stands there."""
    away = {fold(one.strip()) for one in write.removed.get(name, ())}
    left = [one for one in held if fold(one.strip()) not in away]
    there = {fold(one.strip()) for one in left}
    return left + [one for one in write.added.get(name, ()) if fold(one.strip()) not in there]


def put_web(write: Rendered, tenant: Tenant) -> Talk:
    """All profiles as they stand there, with ours in the places that their addresses say."""
    now = yield from person(write.external)
    held = dict(now.get("web") or {})
    mine = [str(held[site]) for site in SITES if held.get(site)]
    left = changed(mine, write, "web", str.casefold)
    web = {site: url for site, url in held.items() if site not in SITES or str(url) in left}
    for url in left:
        if url not in mine:
            site = next((one for one in SITES if re.search(rf"\b{one}\.", url, re.IGNORECASE)), "website")
            if web.get(site):
                raise RejectedError(f"The profile has another {site} address.", hint="It holds one of each sort.")
            web[site] = url
    if web != held:
        yield patch(write, {"web": web})
    return {"web": tuple(str(web[site]) for site in SITES if web.get(site))}


def tag(write: Rendered, tenant: Tenant) -> Talk:
    """Added by themselves; one is taken away by sending the others, read in the same turn."""
    where, names = f"/candidates/{write.external}/tags", ("tags", "tags.top_ten")
    response = yield Request("GET", where)
    held = [str(one) for one in (response.json or {}).get("tags") or ()]
    away = {text.strip().casefold() for name in names for text in write.removed.get(name, ())}
    left = [one for one in held if one.strip().casefold() not in away]
    there = {one.strip().casefold() for one in left}
    new = [one for name in names for one in write.added.get(name, ()) if one.strip().casefold() not in there]
    if left != held:
        yield Request("PUT", where, json={"tags": [*left, *new]})
    elif new:
        yield Request("POST", where, json={"tags": new})
    return tags({"tags": [*left, *new]})


def erase(write: Rendered, tenant: Tenant) -> Talk:
    yield Request("DELETE", f"/candidates/{write.external}", done_if=(404,))
    return {}


# --------------------------------------------------------------------------------------------------------- applications


def move(write: Rendered, tenant: Tenant) -> Talk:
    """To another status and sub-status, guarded by where the application is now. The sub-status is always named: what
    SmartRecruiters puts in its place is not known."""
    now = yield from applied(write.external)
    _, job = of(write.external)
    target, seen = str(write.fields["stage"]), objects.stage_id(job, now.get("status"), now.get("subStatus"))
    if seen == target:
        return {"stage": target}
    if now.get("status") not in ACTIVE:
        raise GuardRefusedError("The application is over.")
    if write.current.get("stage") not in (None, seen):
        raise GuardRefusedError("Somebody has moved the application to another stage meanwhile.")
    yield put_status(write.external, target, tenant)
    return {"stage": target}


def put_status(application: str, stage: str, tenant: Tenant) -> Request:
    status, sub = place(stage)
    if not sub and any(one.startswith(f"{status}/") for one in tenant.facts.get(PROCESSES, "").splitlines()):
        known = [one for one in tenant.facts.get(PROCESSES, "").splitlines() if one.startswith(f"{status}/")]
        names = ", ".join(one.partition("/")[2] for one in known)
        raise RejectedError(f"The status {status} is divided: a sub-status must be named.", hint=f"There are: {names}.")
    body = {"status": status} | ({"subStatus": sub} if sub else {})
    return Request("PUT", f"{path(application)}/status", json=body)


PROCESSES = "processes"


def decide(write: Rendered, tenant: Tenant) -> Talk:
    """Reject, withdraw, take that back, or correct its reason. A hire is never written."""
    status, reason = write.fields.get("status"), write.fields.get("reason")
    if status not in (None, "active", "rejected", "withdrawn"):
        raise RejectedError(f"The status {status!r} is not written to SmartRecruiters.", hint="Do it there.")
    now = yield from applied(write.external)
    before = objects.STATUS.get(str(now.get("status")))
    ended = before in ("rejected", "withdrawn")
    wanted = status if status is not None else before
    if before not in ("active", "rejected", "withdrawn"):
        raise GuardRefusedError("The application has ended in another way (hired, or transferred to another job).")
    if wanted == "active":
        if ended:
            yield put_status(write.external, back(write), tenant)
        return {"status": "active"}
    held = now.get("reasonOfRejection") or now.get("reasonOfWithdrawal") or {}
    if wanted != before or (reason and reason != held.get("id")):
        word = "REJECTED" if wanted == "rejected" else "WITHDRAWN"
        body = {"status": word} | ({"reason": str(reason)} if reason else {})
        yield Request("PUT", f"{path(write.external)}/status", json=body)
    return {"status": str(wanted)}


def back(write: Rendered) -> str:
    """Where the application was when it was last seen under way; else at the beginning."""
    stage = str(write.known.get("stage") or "")
    return stage if place(stage)[0] in ACTIVE else objects.stage_id(of(write.external)[1], "NEW")


# -------------------------------------------------------------------------------------------------------------- outputs


def put_properties(write: Rendered, tenant: Tenant) -> Talk:
    """Ours at once, or one by one where a company cannot have that. What is not named stays."""
    ours = known(tenant)
    values = {name.removeprefix("custom."): value for name, value in write.fields.items()}
    missing = sorted(objects.LABEL[key] for key in values.keys() - ours.keys() if values[key] is not None)
    if missing:
        raise RejectedError(f"This company has no property {', '.join(missing)}.", hint="Make it there, by hand.")
    body: list[Json] = [{"id": ours[key].id, "value": value} for key, value in values.items() if key in ours]
    where = f"{path(write.external)}/properties"
    response = yield Request("PUT", where, json=body, done_if=(404, 405), budget="properties")
    if response.status >= 400:
        for each in body:
            yield Request("PUT", f"{where}/{each['id']}", json={"value": each["value"]}, budget="properties")
    return {}


def review(write: Rendered, tenant: Tenant) -> Talk:
    """The one review of this application by our own user, made, changed or taken away."""
    candidate, job = of(write.external)
    me = tenant.facts.get("me", "")
    if not me:
        raise RejectedError("SmartRecruiters does not say whose credential this is.", hint="Grant it users_read.")
    response = yield Request("GET", REVIEWS, {"candidateId": candidate, "jobId": job}, budget="reviews")
    found = shown(response.json)
    mine = next((one for one in found if (one.get("reviewer") or {}).get("id") == me), None)
    before = objects.lines(str(mine.get("comment") or "")) if mine else {}
    new = {name.removeprefix("custom."): None if v is None else str(v) for name, v in write.fields.items()}
    now = {key: value for key, value in {**before, **new}.items() if value}
    score = now.get(OURS["match_score"])
    if score is None:
        if mine:
            yield Request("DELETE", f"{REVIEWS}/{mine['id']}", {"reviewerId": me}, budget="reviews", done_if=(404,))
        return dict.fromkeys(write.fields)
    if mine is None or now != before:
        said = {"comment": objects.comment(now)}
        about = {} if mine else {"candidateId": candidate, "jobId": job, "reviewerId": me}
        call = ("PATCH", f"{REVIEWS}/{mine['id']}") if mine else ("POST", REVIEWS)
        rating = min(5, 1 + int(float(score)) // 20)
        words = ("rating", "overallRating")
        if any("overallRating" in one for one in found):
            words = ("overallRating", "rating")
        # Which of the two words it is is not verified. The wrong one is refused, and makes no review.
        first = yield Request(*call, json={**about, words[0]: rating, **said}, budget="reviews", done_if=(400, 422))
        if first.status >= 400:
            yield Request(*call, json={**about, words[1]: rating, **said}, budget="reviews")
    return {name: now.get(name.removeprefix("custom.")) for name in write.fields}


# ---------------------------------------------------------------------------------------------------------------- notes

MENTION = re.compile(r"([@#])\[(?=\s*[A-Z]+\s*:)")
MARKUP = re.compile(r"<(?=/?[A-Za-z])")


def plain(text: str) -> str:
    """A text that mails nobody, lands on nobody else's profile, and has no HTML, which is refused."""
    return MARKUP.sub("&lt;", MENTION.sub(r"\1 [", text))


def add_note(write: Rendered, tenant: Tenant) -> Talk:
    """A message on the profile, ending in a line that names our record: `correlationId` keeps no second one out."""
    candidate = write.parents[Kind.CANDIDATE]
    end = f"\n\n#[CANDIDATE:{candidate}]\n{reference_line(write.marker)}"
    content = plain(str(write.fields.get("content") or ""))[: 10_000 - len(end)] + end
    with_whom: dict[str, Json] = {}
    match write.fields.get("visibility"):
        case "OPEN":
            with_whom = {"openNote": True}
        case "PRIVATE":
            with_whom = {}
        case _:
            jobs = [str(one["job"]["id"]) for one in assignments((yield from person(candidate)))]
            if not jobs:
                raise RejectedError("Without an application there is no hiring team to show a private note to.")
            with_whom = {"hiringTeamOf": jobs}
    body = {"content": content, "correlationId": write.marker, "shareWith": with_whom}
    response = yield Request("POST", "/messages/shares", json=body)
    made = response.json if isinstance(response.json, Mapping) else {}
    return {"external": str(made["id"])} if made.get("id") is not None else {}


def find_note(write: Rendered, tenant: Tenant) -> Talk:
    query = {"candidateId": write.parents[Kind.CANDIDATE], "limit": "100"}
    at = ""
    while True:
        page = {"pageId": at} if at else {}
        response = yield Request("GET", "/messages/fetch", {**query, **page}, budget="messages")
        for row in shown(response.json):
            if marked(str(row.get("content") or ""))[1] == write.marker:
                return {"external": str(row["id"])}
        at = str(response.json.get("nextPageId") or "")
        if not at:
            return {}


# ---------------------------------------------------------------------------------------------- the customer's account


def discover() -> Generator[Request, Response, Tenant]:
    """Who we are there, the candidate properties, the sub-statuses of every hiring process, the reasons to withdraw."""
    facts: dict[str, str] = {}
    me = yield Request("GET", f"{USERS}/me", done_if=(403, 404))
    if me.status < 400 and isinstance(me.json, Mapping) and me.json.get("id"):
        facts["me"] = str(me.json["id"])
    custom: dict[str, CustomField] = {}
    for row in (yield from every("/configuration/candidate-properties")):
        field = CustomField(str(row["id"]), key(row.get("label")), str(row.get("label") or ""), "application",
                            str(row.get("type") or ""))  # fmt: skip
        custom[f"application.{field.key}"] = field
    facts["outputs"] = "properties" if any(f"application.{one}" in custom for one in OURS.values()) else "review"
    union: dict[str, None] = {}
    for row in (yield from every("/configuration/hiring-processes")):
        names = divided(row.get("subStatuses"))
        facts[f"process.{row['id']}"] = "\n".join(names)
        union |= dict.fromkeys(names)
    facts[PROCESSES] = "\n".join(union)
    for type in REASONS:
        for where in (f"/configuration/{type}-reasons", f"/configuration/reasons/{type}"):
            response = yield Request("GET", where, done_if=(404,))
            if response.status < 400:
                facts[f"reasons.{type}"] = where
                found = shown(response.json) if type == "withdrawal" else []
                facts |= {f"withdrawal.{row['id']}": str(row.get("label") or "") for row in found}
                break
    return Tenant(custom, facts)


def key(label: Json) -> str:
    return re.sub(r"\W+", "_", str(label or "").casefold()).strip("_")


def divided(statuses: Json) -> list[str]:
    """The sub-statuses of a hiring process, as "<status>/<name>"."""
    held = statuses if isinstance(statuses, Mapping) else {}
    found: list[str] = []
    for status, names in held.items():
        for one in names or ():
            name: Value = one.get("name") or one.get("label") if isinstance(one, Mapping) else one
            found += [f"{status}/{name}"] if name else []
    return found


# --------------------------------------------------------------------------------------------------------- the calls

AUTOMATION = (
    "SmartRecruiters may run this company's automation of the hiring process, which can e-mail the candidate or the "
    "hiring team; no call switches that off for one change, and Bascule asks for no e-mail."
)
SILENT = f"{AUTOMATION} It shows as done by the integration's user."
MANAGE, READ = "candidates_manage", "candidates_read"
APPLY = ("candidate_applications_manage", READ)
SENDS = {
    sends.call: sends
    for sends in (
        Sends("profile", Kind.CANDIDATE, put_profile, scopes=(MANAGE,)),
        Sends("email", Kind.CANDIDATE, only("email", str.casefold), scopes=(MANAGE, READ)),
        Sends("phone", Kind.CANDIDATE, only("phoneNumber", phone), scopes=(MANAGE, READ)),
        Sends("web", Kind.CANDIDATE, put_web, scopes=(MANAGE, READ)),
        Sends("tags", Kind.CANDIDATE, tag, scopes=(MANAGE, READ)),
        Sends("erase", Kind.CANDIDATE, erase, scopes=(MANAGE,)),
        Sends("move", Kind.APPLICATION, move, hidden=SILENT, scopes=APPLY),
        Sends("decide", Kind.APPLICATION, decide, hidden=SILENT, scopes=APPLY),
        Sends("properties", Kind.APPLICATION, put_properties, scopes=APPLY, budget="properties"),
        Sends("review", Kind.APPLICATION, review, scopes=("reviews_read", "reviews_write"), budget="reviews"),
        Sends("note", Kind.NOTE, add_note, find_note, repeatable=False, scopes=(
            "messages_write", "messages_read", READ,
        )),
    )
}  # fmt: skip
CREATES = {
    Kind.NOTE: CreateRule(Kind.NOTE, "note", ("content", "visibility"), parents=(Kind.CANDIDATE,)),
}
ERASES = {
    Kind.CANDIDATE: EraseRule(
        Kind.CANDIDATE, "erase",
        "deleted there for good with every application, file and review; messages stay, with nobody they are about",
    )
}  # fmt: skip
