"""What Lever shows: one small function per list, from its objects to parts.

Stages belong to the account and ids of ours to a job, so that a stage is "<posting>/<stage>"; which stages there are,
and which archive reasons are hires, `discover` learns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from bascule.connectors.lens import NEVER_KEPT, SENSITIVE, TOP_TEN, freeze, ident, ids, marked, pick
from bascule.connectors.spec import Moved, Reads, StageHistory, Tenant
from bascule.model import Json, Kind, Part, Presence, Value

from .form import ours, values
from .objects import instant, posting, when
from .panels import HERE, interview

# What a posting's state says of a job. One that a manager has not approved yet, or has refused, is not open.
STATES = {"published": "open", "internal": "open", "closed": "closed", "rejected": "closed",
          "draft": "draft", "pending": "draft"}  # fmt: skip
ADMINS = frozenset({"super admin", "admin"})


def opportunity(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A candidacy, the person it is of, and where it came from: Lever shows all of it on one object."""
    contact = ident(raw.get("contact"))
    people = person(raw, contact) if contact else []
    sources = [Part(Kind.SOURCE, name, {"text": name}) for name in texts(raw, "sources")]
    seen = tags(raw) | state(raw, tenant) | ids(raw, "owner")
    if "applications" in raw:
        job = posting(raw)
        seen |= {"posting": job, "prospect": job is None} | answers(raw["applications"])
        if "stage" in raw:
            seen["stage"] = f"{job}/{raw['stage']}" if job and raw["stage"] else None
    if "sources" in raw:
        seen["source"] = next(iter(texts(raw, "sources")), None)
    if "createdAt" in raw:
        seen["createdAt"] = when(raw["createdAt"])
    version = str(raw.get("updatedAt") or "")
    return [*sources, *people, Part(Kind.APPLICATION, str(raw["id"]), seen, contact, version=version, raw=raw)]


def moves(raw: Json, tenant: Tenant) -> Iterable[Moved]:
    """By which stages an opportunity came, and that it was archived, where the reason's type says as what."""
    id, archived = str(raw["id"]), raw.get("archived") or {}
    for one in raw.get("stageChanges") or ():
        at = instant(one.get("updatedAt"))
        if at is not None and one.get("toStageId"):
            yield Moved(id, at, str(one["toStageId"]))
    ended, at = state(raw, tenant).get("status"), instant(archived.get("archivedAt"))
    if at is not None and ended in ("hired", "rejected"):
        yield Moved(id, at, ended=str(ended))


def contact(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A person, by the contact's own id or as an opportunity shows it."""
    if "contact" in raw:
        return opportunity(raw, tenant)
    if raw.get("moved"):
        return [Part(Kind.CANDIDATE, str(raw["id"]), presence=Presence.MERGED, into=str(raw["moved"]))]
    return person(raw, str(raw["id"]))


def person(raw: Json, id: str) -> list[Part]:
    """Somebody anonymised shows nothing more; whether somebody is, must be said before anything is shown."""
    if raw.get("isAnonymized"):
        return [Part(Kind.CANDIDATE, id, presence=Presence.ANONYMISED)]
    if "isAnonymized" not in raw:
        return [Part(Kind.CANDIDATE, id)]
    seen = pick(raw, "name", "headline", "emails", "links")
    if "phones" in raw:
        seen["phones"] = tuple(str(one["value"]) for one in raw["phones"] or () if one.get("value"))
    return [Part(Kind.CANDIDATE, id, seen)]


def texts(raw: Json, name: str) -> tuple[str, ...]:
    return tuple(text for one in raw.get(name) or () if (text := str(one).strip()))


def tags(raw: Json) -> dict[str, Value]:
    if "tags" not in raw:
        return {}
    found = texts(raw, "tags")
    ours = tuple(one for one in found if one.startswith(TOP_TEN))
    return {"tags": tuple(one for one in found if one not in ours), "tags.top_ten": ours}


def state(raw: Json, tenant: Tenant) -> dict[str, Value]:
    """Archived is both rejected and hired: the reason's type decides. One that is not known yet says nothing."""
    if "archived" not in raw:
        return {}
    archived = raw["archived"]
    if not archived:
        return {"status": "active", "reason": None, "archivedAt": None}
    reason = str(archived.get("reason"))
    match tenant.facts.get(f"reason.{reason}"):
        case "hired":
            return {"status": "hired", "reason": None, "archivedAt": None}
        case "non-hired":
            return {"status": "rejected", "reason": reason, "archivedAt": when(archived.get("archivedAt"))}
        case _:
            return {}


def answers(applications: Json) -> dict[str, Value]:
    """The posting's own questions with what was said; never those about protected characteristics."""
    forms = [
        form for one in applications or () if isinstance(one, Mapping) for form in one.get("customQuestions") or ()
    ]
    if not all("fields" in form for form in forms):
        return {}
    said = {str(one.get("text")): freeze(one.get("value")) for form in forms for one in form["fields"] or ()}
    return {"answers": {question: value for question, value in said.items() if not SENSITIVE.search(question)}}


def deleted(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [Part(Kind.APPLICATION, str(raw["id"]), parent=ident(raw.get("contact")), presence=Presence.DELETED)]


def job(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A posting, with the account's stages as its own."""
    id, categories, content = str(raw["id"]), raw.get("categories"), raw.get("content")
    seen = pick(raw, "text")
    if "state" in raw:
        seen["state"] = STATES.get(str(raw["state"]), str(raw["state"]))
    if "requisitionCodes" in raw:
        seen["requisitionCodes"] = next(iter(texts(raw, "requisitionCodes")), None)
    if "confidentiality" in raw:
        seen["confidentiality"] = raw["confidentiality"] == "confidential"
    if isinstance(categories, Mapping):
        seen["department"] = ident(categories.get("department") or categories.get("team"))
        seen["locations"] = texts(categories, "allLocations") or texts(
            {"one": [categories.get("location") or ""]}, "one"
        )
    if isinstance(content, Mapping):
        seen["content"] = described(content) or None
    for name in ("owner", "hiringManager"):
        if name in raw:
            seen[name] = (str(raw[name]),) if raw[name] else ()
    if "createdAt" in raw:
        seen["createdAt"] = when(raw["createdAt"])
    return [Part(Kind.JOB, id, seen, version=str(raw.get("updatedAt") or ""), raw=raw), *stages(id, tenant)]


def described(content: Json) -> str:
    """The advertised text: the description, its lists, the closing words."""
    lists = [
        f"<h3>{one.get('text') or ''}</h3><ul>{one.get('content') or ''}</ul>" for one in content.get("lists") or ()
    ]
    first = content.get("descriptionHtml") or content.get("description") or ""
    return "".join([str(first), *lists, str(content.get("closingHtml") or content.get("closing") or "")])


def stages(posting: str, tenant: Tenant) -> Iterable[Part]:
    for order, fact in enumerate(sorted(name for name in tenant.facts if name.startswith("stage."))):
        id, _, text = tenant.facts[fact].partition(" ")
        yield Part(Kind.STAGE, f"{posting}/{id}", {"text": text, "order": order}, posting)


def user(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "name", "email")
    if "deactivatedAt" in raw:
        seen["active"] = raw["deactivatedAt"] is None
    if "accessRole" in raw:
        seen["accessRole"] = raw["accessRole"] in ADMINS
    return [Part(Kind.USER, str(raw["id"]), seen)]


def reason(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Reasons to hire somebody for are no reasons to reject."""
    if raw.get("type") == "hired":
        return []
    return [Part(Kind.REJECTION_REASON, str(raw["id"]), pick(raw, "text", "type"))]


# ---------------------------------------------------------------------------------------- what hangs on an opportunity


def note(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A note and the replies below it are one text. What is deleted may still be listed, with the time of it."""
    if raw.get("deletedAt"):
        return []
    seen = ids(raw, "user", HERE)
    if "createdAt" in raw:
        seen["createdAt"] = when(raw["createdAt"])
    if "secret" in raw:
        seen["secret"] = "secret" if raw["secret"] else "visible"
    shown = isinstance(raw.get("fields"), list)
    said = [str(one.get("value") or "") for one in raw["fields"]] if shown else []
    first, marker = marked(said[0]) if said else ("", "")
    if shown:
        seen["value"] = "\n\n".join(one for one in (first, *said[1:]) if one) or None
    return [Part(Kind.NOTE, str(raw["id"]), seen, marker=marker, marker_shown=shown)]


def attachment(where: str) -> Callable[[Json, Tenant], Iterable[Part]]:
    """A resume (its file stands below it) or another file. The address is ours to ask, with our credential."""

    def parse(raw: Json, tenant: Tenant) -> Iterable[Part]:
        id, file = str(raw["id"]), raw.get("file", raw if where == "files" else {})
        seen = pick(file, "name") | ids(raw, HERE) | {"type": "resume" if where == "resumes" else "other"}
        seen["url"] = f"/opportunities/{raw[HERE]}/{where}/{id}/download"
        if "uploadedAt" in file:
            seen["uploadedAt"] = when(file["uploadedAt"])
        return [Part(Kind.ATTACHMENT, id, seen)]

    return parse


def match(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Our form among an opportunity's feedback; where there is none, every value of ours is shown empty."""
    if any("fields" not in one for one in raw["items"]):
        return []
    return [Part(Kind.APPLICATION, str(raw[HERE]), values(ours(raw["items"], tenant), tenant))]


def feedback(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """What people say after an interview. Our own form is none of it."""
    if raw.get("deletedAt") or (raw.get("baseTemplateId") or "") == tenant.facts.get("template"):
        return []
    seen = ids(raw, "user", HERE)
    if "completedAt" in raw:
        seen["completedAt"] = when(raw["completedAt"])
        seen["status"] = "complete" if raw["completedAt"] else "draft"
    if "fields" in raw:
        rated = [one for one in raw["fields"] or () if one.get("type") in ("score-system", "score")]
        seen["rating"] = ident(rated[0].get("value")) if rated else None
    return [Part(Kind.SCORECARD, str(raw["id"]), seen, ident(raw[HERE]))]


def offer(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Where an offer stands. Its fields hold pay, and are not read."""
    seen = pick(raw, "status") | ids(raw, HERE)
    if "sentAt" in raw:
        seen["sentAt"] = (when(raw["sentAt"]) or "")[:10] or None
    if "createdAt" in raw:
        seen["createdAt"] = when(raw["createdAt"])
    return [Part(Kind.OFFER, str(raw["id"]), seen, ident(raw[HERE]))]


# -------------------------------------------------------------------------------------------------------- the lists

SECONDS, MINUTE, DAY = timedelta(seconds=10), timedelta(minutes=1), timedelta(days=1)
_C, _A = Kind.CANDIDATE, Kind.APPLICATION
ALL = {"confidentiality": "all"}  # else Lever leaves out what is confidential, without a word
SHOWN = {**ALL, "expand": "applications"}
SCOPES = ("opportunities:read:admin", "applications:read:admin")
HANGING = (_A, Kind.NOTE, Kind.ATTACHMENT, Kind.OFFER, Kind.INTERVIEW, Kind.SCORECARD)  # what no list shows changes of


def reads(
    kind: Kind, path: str, parse: Callable[[Json, Tenant], Iterable[Part]], root: Kind, scopes: tuple[str, ...],
    **more: object,
) -> Reads:  # fmt: skip
    """One list, a hundred items a page; nothing of what is never kept gets further than this."""
    settings: dict[str, object] = {"items": "data", "page_size": ("limit", 100), "drop": (*NEVER_KEPT, "photo"), **more}
    return Reads(kind, path, parse, root, scopes=scopes, **settings)  # type: ignore[arg-type]


def below(kind: Kind, what: str, parse: Callable[[Json, Tenant], Iterable[Part]], **more: object) -> Reads:
    """A list of one opportunity's own objects: there is none of them all."""
    path = f"/opportunities/{{id}}/{what}"
    settings: dict[str, object] = {"by": {_A: path}, "asked": HERE, "collection": True, **more}
    return reads(kind, path, parse, _C, (f"{what}:read:admin",), **settings)


READS = (
    reads(
        Kind.USER, "/users", user, Kind.USER, ("users:read:admin",), by={Kind.USER: "/users/{id}"}, every=10 * MINUTE,
        sweep=DAY, filters={"includeDeactivated": "true"},
    ),
    reads(
        Kind.REJECTION_REASON, "/archive_reasons", reason, Kind.REJECTION_REASON, ("archive_reasons:read:admin",),
        by={Kind.REJECTION_REASON: "/archive_reasons/{id}"}, every=10 * MINUTE, sweep=DAY,
        filters={"type": "non-hired"},
    ),
    reads(
        Kind.JOB, "/postings", job, Kind.JOB, ("postings:read:admin",), by={Kind.JOB: "/postings/{id}"}, every=MINUTE,
        sweep=DAY, since=("updated_at_start", "{since_ms}"), watermark="updatedAt", filters=ALL,
    ),
    reads(
        _C, "/opportunities", contact, _C, (*SCOPES, "contact:read:admin"), by={_C: "/contacts/{id}"}, every=SECONDS,
        sweep=DAY, since=("updated_at_start", "{since_ms}"), watermark="updatedAt", filters=SHOWN, moved="moved",
        follow=HANGING,
    ),
    reads(
        _A, "/opportunities", opportunity, _C, SCOPES, by={_C: "contact_id"}, collection=True, sweep=DAY,
        filters=SHOWN, name="candidacies",
    ),
    reads(
        _A, "/opportunities/deleted", deleted, _C, SCOPES, every=MINUTE, since=("deleted_at_start", "{since_ms}"),
        watermark="deletedAt", name="deleted_opportunities",
    ),
    below(_A, "feedback", match, group=HERE, collection=False, name="match_form"),
    below(Kind.NOTE, "notes", note),
    below(Kind.ATTACHMENT, "resumes", attachment("resumes")),
    below(Kind.ATTACHMENT, "files", attachment("files")),
    below(Kind.SCORECARD, "feedback", feedback),
    below(Kind.INTERVIEW, "interviews", interview),
    below(Kind.OFFER, "offers", offer),
)  # fmt: skip
STAGE_HISTORY = StageHistory(
    reads(_A, "/opportunities", opportunity, _C, SCOPES, by={_A: "/opportunities/{id}"}, name="stage_changes"),
    moves,
    says="stageChanges of the opportunity",
    shown_by=frozenset({"opportunities", "candidacies"}),
    of_job=True,
)
