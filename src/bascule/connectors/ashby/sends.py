"""What is written to Ashby, each call as a conversation, and what is learned of the account."""

from __future__ import annotations

import re
from collections.abc import Generator

from bascule.connectors.fieldlist import sort
from bascule.connectors.lens import fold, marked, reference_line
from bascule.connectors.spec import CustomField, FileTalk, Rendered, Request, Response, Sends, Setup, Talk, Tenant
from bascule.errors import RejectedError
from bascule.model import CreateRule, EraseRule, Json, Kind

from .creations import APPLIED, PUT
from .decisions import decide, move
from .fields import slug
from .interviews import BOOKED, CALLED_OFF, INTERVIEWS
from .objects import ask, do, every
from .reads import OURS, application, candidate, our_fields, tags

SITES = {
    "linkedin.com": "LinkedIn", "github.com": "GitHub", "twitter.com": "Twitter", "x.com": "Twitter",
    "medium.com": "Medium", "stackoverflow.com": "StackOverflow", "youtube.com": "YouTube", "codepen.io": "CodePen",
}  # fmt: skip


# ------------------------------------------------------------------------------------------- candidate, application


def update_candidate(write: Rendered, tenant: Tenant) -> Talk:
    """Name, addresses, numbers, links. Nobody who follows the candidate is told (`sendNotifications`)."""
    for name in ("emailAddresses", "phoneNumbers"):
        if write.removed.get(name):
            raise RejectedError(
                "Ashby's interface can add an address or a number and take none away.", hint="Take it away in Ashby."
            )
    now = yield from ask("candidate.info", id=write.external)
    bodies: list[dict[str, Json]] = []
    if "name" in write.fields:
        bodies.append({"name": write.fields["name"]})
    if links := changed_links(now.get("socialLinks") or [], write):
        bodies.append(links)
    has = {str(one["value"]).casefold() for one in now.get("emailAddresses") or ()}
    for text in write.added.get("emailAddresses", ()):
        if text.strip().casefold() not in has:
            bodies.append({"alternateEmail" if has else "email": text})
            has.add(text.strip().casefold())
    bodies += [{"phoneNumber": text} for text in write.added.get("phoneNumbers", ())]
    for body in bodies:
        now = yield from do("candidate.update", candidateId=write.external, sendNotifications=False, **body)
    shown = next(iter(candidate(now, tenant))).seen
    names = write.fields.keys() | write.added.keys() | write.removed.keys()
    return {name: shown[name] for name in names if name in shown}


def changed_links(there: list[Json], write: Rendered) -> dict[str, Json]:
    """The list as it should be: ours removed, ours added, everything else as it stands there."""
    away, added = write.removed.get("socialLinks", ()), write.added.get("socialLinks", ())
    kept = [one for one in there if one["url"] not in away]
    known = {one["url"] for one in kept}
    links = kept + [{"type": site(url), "url": url} for url in added if url not in known]
    return {"socialLinks": links} if links != there else {}


def site(url: str) -> str:
    host = re.sub(r"^https?://(www\.)?", "", url.casefold()).split("/")[0]
    return next((type for name, type in SITES.items() if host == name or host.endswith(f".{name}")), "Website")


def update_application(write: Rendered, tenant: Tenant) -> Talk:
    """Its source. Keys that Ashby does not know it passes over in silence, so that nothing else is sent this way."""
    source = write.fields.get("source")
    if source is None:
        raise RejectedError("Ashby takes no source away, it only takes another.", hint="Choose a source.")
    now = yield from do(
        "application.update", applicationId=write.external, sourceId=source, sendNotifications=False
    )  # fmt: skip
    shown = next(iter(application(now, tenant))).seen
    return {"source": shown["source"]} if "source" in shown else {}


def set_outputs(write: Rendered, tenant: Tenant) -> Talk:
    """All values of ours in one call: two calls for one object at a time would lose values."""
    fields = {f"custom.{one.key}": one for one in our_fields(tenant)}
    wanted = {name: value for name, value in write.fields.items() if value is not None or write.known.get(name)}
    values = [{"fieldId": fields[name].id, "fieldValue": value} for name, value in wanted.items() if name in fields]
    if len(values) < len(wanted):
        raise RejectedError("A custom field of Bascule's is not there, or private.", hint="Connect once more.")
    if not values:
        return dict.fromkeys(write.fields)
    told = yield from do("customField.setValues", objectId=write.external, objectType="Application", values=values)
    named = {one.id: name for name, one in fields.items()}
    shown = {named[one["id"]]: one.get("value") for one in told or () if one.get("id") in named}
    return {name: shown[name] for name in write.fields if name in shown}


# ------------------------------------------------------------------------------------------------------ tags, notes


def tag(write: Rendered, tenant: Tenant) -> Talk:
    """Element by element: the definition is found (by folded title) or made, then added or removed."""
    names = ("tags", "tags.top_ten")
    now = yield from ask("candidate.info", id=write.external)
    there = {fold(one["title"]): one["id"] for one in now.get("tags") or ()}
    for text in (text for name in names for text in write.removed.get(name, ())):
        if (id := there.pop(fold(text), None)) is not None:
            now = yield from do("candidate.removeTag", candidateId=write.external, tagId=id)
    missing = [text for name in names for text in write.added.get(name, ()) if fold(text) not in there]
    known = {fold(one["title"]): one["id"] for one in (yield from every("candidateTag.list"))} if missing else {}
    for text in missing:
        id = known.get(fold(text)) or (yield from do("candidateTag.create", title=text))["id"]
        now = yield from do("candidate.addTag", candidateId=write.external, tagId=id)
    return tags(now)


def add_note(write: Rendered, tenant: Tenant) -> Talk:
    """A note, ending in a line that names our record: the only way to find it again. Nobody is told of it."""
    text = f"{write.fields.get('content') or ''}\n\n{reference_line(write.marker)}"
    made = yield from do(
        "candidate.createNote", candidateId=write.parents[Kind.CANDIDATE], note={"type": "text/plain", "value": text},
        isPrivate=write.fields.get("visibility") != "public", sendNotifications=False,
    )  # fmt: skip
    return {"external": str(made["id"])} if made and made.get("id") else {}


def find_note(write: Rendered, tenant: Tenant) -> Talk:
    notes = yield from every("candidate.listNotes", candidateId=write.parents[Kind.CANDIDATE])
    for row in notes:
        if marked(re.sub(r"(\s*</\w+>)+\s*$", "", str(row.get("content") or "")))[1] == write.marker:
            return {"external": str(row["id"])}
    return {}


def anonymize(write: Rendered, tenant: Tenant) -> Talk:
    """Empty a candidate for good. Refused while an application is neither archived nor hired."""
    yield from do("candidate.anonymize", candidateId=write.external)
    return {}


def file(handle: str) -> FileTalk:
    """A file's handle gives an address that opens it for a while."""
    return str((yield from ask("file.info", fileHandle=handle))["url"])


# ---------------------------------------------------------------------------------------------- the customer's account


def discover() -> Generator[Request, Response, Tenant]:
    """Custom fields, the stages of every interview plan, names of departments and locations, and the key's rights."""
    facts: dict[str, str] = {}
    rows = yield from every("customField.list")
    for plan in (yield from every("interviewPlan.list", includeArchived=True)):
        stages = yield from every("interviewStage.list", interviewPlanId=plan["id"])
        lines = [f"{one['id']} {one['type']} {one.get('orderInInterviewPlan', 0)} {one['title']}" for one in stages]
        facts[f"plan.{plan['id']}"] = "\n".join(" ".join(line.split()) for line in lines)
    for what in ("department", "location"):
        named = yield from every(f"{what}.list", allowed=False, includeArchived=True)
        facts |= {f"{what}.{row['id']}": str(row["name"]) for row in named}
    about = yield Request("POST", "/apiKey.info", json={}, safe=True, done_if=(403,))
    told = about.json.get("results") if isinstance(about.json, dict) and about.status < 400 else None
    shown: list[tuple[str, str, str]] = []
    for what in ("candidate", "application", "job"):
        response = yield Request("POST", f"/{what}.list", json={"limit": 1}, safe=True, done_if=(403,))
        some = response.json.get("results") if isinstance(response.json, dict) else None
        shown += [(what, key, sort(value)) for key, value in sorted((some[0] if some else {}).items())]
    custom: dict[str, CustomField] = {}
    for one in map(custom_field, rows):
        held = custom.get(f"{one.level}.{one.key}")
        if held is None or (one.active and not held.active):
            custom[f"{one.level}.{one.key}"] = one
    return Tenant(custom, facts, frozenset((told or {}).get("scopes") or ()), tuple(shown))


def custom_field(row: Json) -> CustomField:
    """Ours are named by their titles, the customer's own by their ids: titles may be there twice."""
    title, level = str(row["title"]), str(row["objectType"]).casefold()
    ours = level == "application" and title.startswith(OURS)
    choices = {str(one.get("value")): str(one.get("label")) for one in row.get("selectableValues") or ()}
    return CustomField(
        id=str(row["id"]), key=slug(title) if ours else str(row["id"]), name=title, level=level,
        type=str(row["fieldType"]), active=not row.get("isArchived"), private=bool(row.get("isPrivate")),
        required=bool(row.get("isRequired")), options=choices,
    )  # fmt: skip


def create_field(wanted: Setup) -> Talk:
    yield from do(
        "customField.create", fieldType=wanted.type, objectType=wanted.level.capitalize(), title=wanted.name,
        description="Written by Bascule. Its title is how it is found: leave it as it is.",
    )  # fmt: skip
    return {"level": wanted.level}


def said(json: Json) -> tuple[str, str]:
    """(code, the vendor's own words) of a refusal."""
    if not isinstance(json, dict):
        return "", ""
    told, listed = json.get("errorInfo"), json.get("errors")
    info = told if isinstance(told, dict) else {}
    codes = [str(one) for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    code = str(info.get("code") or next(iter(codes), ""))
    return code, str(info.get("message") or ", ".join(codes) or json.get("message") or "")[:500]


# --------------------------------------------------------------------------------------------------------- the calls

WRITES, READS, PROCESS = "candidates:write", "candidates:read", "hiringProcessMetadata:read"
MAY_MAIL = (
    "Ashby starts what this customer has set up for the stage (automatic activities: e-mails, scheduling, "
    "assessments); there is no way to switch that off for one move."
)
NO_MAIL = "Bascule asks for no archive e-mail; automations of this customer may still run."

SENDS = {
    sends.call: sends
    for sends in (
        Sends("candidate", Kind.CANDIDATE, update_candidate, scopes=(WRITES, READS)),
        Sends("tags", Kind.CANDIDATE, tag, scopes=(WRITES, READS, PROCESS, "hiringProcessMetadata:write")),
        Sends("application", Kind.APPLICATION, update_application, scopes=(WRITES,)),
        Sends("outputs", Kind.APPLICATION, set_outputs, scopes=(WRITES,)),
        Sends("move", Kind.APPLICATION, move, hidden=MAY_MAIL, scopes=(WRITES, READS, "interviews:read")),
        Sends("decide", Kind.APPLICATION, decide, hidden=NO_MAIL, scopes=(WRITES, READS, "interviews:read")),
        Sends("anonymize", Kind.CANDIDATE, anonymize, scopes=(WRITES,)),
        Sends("note", Kind.NOTE, add_note, find_note, repeatable=False, scopes=(WRITES, READS)),
        PUT,
        *INTERVIEWS,
    )
}
ERASES = {
    Kind.CANDIDATE: EraseRule(
        Kind.CANDIDATE, "anonymize", "anonymised there: the record and its applications stay, without the person's data"
    ),
    Kind.INTERVIEW: CALLED_OFF,
}
CREATES = {
    Kind.NOTE: CreateRule(Kind.NOTE, "note", ("content", "visibility"), parents=(Kind.CANDIDATE,)),
    Kind.APPLICATION: APPLIED,
    Kind.INTERVIEW: BOOKED,
}
