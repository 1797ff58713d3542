"""What Teamtailor shows: one small function per list, from its objects to parts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from bascule.connectors.lens import NEVER_KEPT, SENSITIVE, TOP_TEN, freeze, ident, instant, marked, pick
from bascule.connectors.spec import Asked, Keyset, Moved, Reads, Request, StageHistory, Tenant
from bascule.model import Json, Kind, Part, Presence, Value

from .objects import ORDERED, after, in_order, unfold, utc

PREFIX = "bascule-"  # what the names for programs of the custom fields that Bascule creates begin with
NEVER = (*NEVER_KEPT, "picture", "facebook-id", "facebook-profile", "linkedin-profile", "linkedin-uid")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
HUMAN = {
    "published": "open", "unlisted": "open", "scheduled": "draft", "draft": "draft", "unsaved": "draft",
    "archived": "closed", "expired": "closed",
}  # fmt: skip
"""A job's state as people call it; its `status` says `open` of what has expired too."""


def candidate(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "first-name", "last-name") | times(raw, "created-at")
    seen |= {key: tuple(one for one in (raw[key],) if one) for key in ("email", "phone", "linkedin-url") if key in raw}
    return [Part(Kind.CANDIDATE, raw["id"], seen | tags(raw) | custom(raw, tenant), version=version(raw), raw=raw)]


def candidate_tags(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """No webhook tells of a tag, and nobody knows whether it moves `updated-at`: this list is read again and again."""
    return [Part(Kind.CANDIDATE, raw["id"], tags(raw))]


def times(raw: Json, *keys: str) -> dict[str, Value]:
    """Moments in UTC: Teamtailor tells them by the clock of the company, which changes with summer time."""
    return {key: utc(datetime.fromisoformat(at)) if TIME.fullmatch(at) else at or None
            for key in keys if key in raw for at in [str(raw[key] or "")]}  # fmt: skip


def version(raw: Json) -> str:
    return str(raw.get("updated-at") or "")


def tags(raw: Json) -> dict[str, Value]:
    if "tags" not in raw:
        return {}
    names = tuple(str(one) for one in raw["tags"] or ())
    ours = tuple(one for one in names if one.startswith(TOP_TEN))
    return {"tags": tuple(one for one in names if one not in ours), "tags.top_ten": ours}


def custom(raw: Json, tenant: Tenant) -> dict[str, Value]:
    """Our custom fields one by one, the customer's own as one document. A field without a value has no object."""
    if "custom-field-values" not in raw:
        return {}
    values = [one for one in raw["custom-field-values"] or () if isinstance(one.get("custom-field"), Mapping)]
    shown = {str(one["custom-field"].get("api-name")): one for one in values if one["custom-field"].get("api-name")}
    known = (one.key for one in tenant.custom.values() if one.level == "candidate" and one.key.startswith(PREFIX))
    ours: dict[str, Value] = {f"custom.{key}": None for key in known}
    ours |= {f"custom.{key}": freeze(one.get("value")) for key, one in shown.items() if key.startswith(PREFIX)}
    theirs = {
        key: labelled(one.get("value"), key, tenant)
        for key, one in shown.items()
        if not key.startswith(PREFIX)
        and not SENSITIVE.search(f"{key.replace('-', ' ')} {one['custom-field'].get('name')}")
    }
    return ours | {"custom-field-values": theirs}


def labelled(value: Json, key: str, tenant: Tenant) -> Value:
    """Options by their names, where `discover` has learned them; by their ids until then."""
    field = tenant.custom.get(f"candidate.{key}")
    options = field.options if field is not None else {}
    if isinstance(value, list):
        return tuple(options.get(str(one), str(one)) for one in value)
    return options.get(str(value), freeze(value)) if options else freeze(value)


def files(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A candidate's CV, which is no upload, under the id `resume-<candidate>`; and the uploads.

    Addresses die within a minute: `url` says what to ask for a new one, and which file it was.
    """
    found: list[Part] = []
    if raw.get("resume"):
        path = str(raw["resume"]).split("?")[0]
        seen = {"file-name": path.rpartition("/")[2], "type": "resume", "url": f"candidates/{raw['id']}#{place(path)}"}
        seen["version"] = hashlib.sha256(place(path).encode()).hexdigest()[:16]
        found.append(Part(Kind.ATTACHMENT, f"resume-{raw['id']}", seen, raw["id"]))
    for one in raw.get("uploads") or ():
        seen = pick(one, "file-name") | times(one, "created-at") | {"type": "other"}
        if one.get("url"):
            seen["url"] = f"uploads/{one['id']}#{place(str(one['url']).split('?')[0])}"
        found.append(Part(Kind.ATTACHMENT, str(one["id"]), seen, raw["id"]))
    return found


def place(address: str) -> str:
    """The path of an address, which is another one for another file."""
    return address.split("://", 1)[-1].partition("/")[2]


def application(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = times(raw, "created-at", "rejected-at")
    seen |= {name: ident(raw[name] and raw[name]["id"]) for name in ("job", "stage", "reject-reason") if name in raw}
    stage, reason = raw.get("stage"), raw.get("reject-reason")
    if raw.get("rejected-at"):  # who is rejected stays in their stage
        theirs = isinstance(reason, Mapping) and reason.get("rejected-by-company") is False
        seen |= {"status": "withdrawn" if theirs else "rejected"} if "reject-reason" in raw else {}
    elif "rejected-at" in raw and isinstance(stage, Mapping) and "stage-type" in stage:
        seen["status"] = "hired" if stage["stage-type"] == "Hired" else "active"
    parent = ident(raw["candidate"] and raw["candidate"]["id"]) if "candidate" in raw else None
    return [Part(Kind.APPLICATION, raw["id"], seen, parent, version=version(raw), raw=raw)]


def moves(raw: Json, tenant: Tenant) -> Iterable[Moved]:
    """Since when an application is in its stage; one of the type Hired is the end of it."""
    stage, entered = raw.get("stage"), instant(raw.get("changed-stage-at"))
    if isinstance(stage, Mapping) and stage.get("id") and entered is not None:
        yield Moved(raw["id"], entered, str(stage["id"]))
        if stage.get("stage-type") == "Hired":
            yield Moved(raw["id"], entered, ended="hired")


def note(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = times(raw, "created-at")
    if "user-id" in raw:
        seen["user-id"] = ident(raw["user-id"])
    if "private-note" in raw:
        seen["private-note"] = "private" if raw["private-note"] else "public"
    text, marker = marked(str(raw.get("note") or ""))
    if "note" in raw:
        seen["note"] = text
    parent = ident(raw.get("candidate-id"))
    return [Part(Kind.NOTE, raw["id"], seen, parent, marker=marker, marker_shown="note" in raw)]


def job(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "title", "body", "internal") | times(raw, "start-date", "end-date")
    if "human-status" in raw:
        seen["human-status"] = HUMAN.get(str(raw["human-status"]), freeze(raw["human-status"]))
    if "department" in raw:
        seen["department"] = named(raw["department"])
    if "locations" in raw:
        seen["locations"] = tuple(name for one in raw["locations"] or () if (name := named(one)))
    if "user" in raw:
        seen["user"] = (str(raw["user"]["id"]),) if raw["user"] else ()
    return [Part(Kind.JOB, raw["id"], seen, version=version(raw), raw=raw)]


def named(one: Json) -> str | None:
    return str(one.get("name") or one["id"]) if isinstance(one, Mapping) else None


def stage(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "name", "row-order", "stage-type")
    return [Part(Kind.STAGE, raw["id"], seen, ident(raw["job"] and raw["job"]["id"]) if "job" in raw else None)]


def user(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "name", "email")
    if "role" in raw:
        seen |= {"role": raw["role"] != "no_access", "role.admin": raw["role"] == "admin"}
    return [Part(Kind.USER, raw["id"], seen)]


def reject_reason(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "reason")
    if "rejected-by-company" in raw:
        seen["rejected-by-company"] = "rejected by the company" if raw["rejected-by-company"] else "withdrawn"
    return [Part(Kind.REJECTION_REASON, raw["id"], seen)]


def audit_event(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Who was deleted: one line each; `bulk-delete` names only the user who did it."""
    gone = raw.get("action") == "destroy" and raw.get("source-type") == "candidate" and raw.get("source-id")
    return [Part(Kind.CANDIDATE, str(raw["source-id"]), presence=Presence.DELETED)] if gone else []


# -------------------------------------------------------------------------------------------------------- the lists

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SIZE = ("page[size]", 30)
READ = ("admin", "read")
VALUES = "custom-field-values.custom-field"
WHOSE = "candidate,job,stage,reject-reason"


def ordered(path: str, related: str, filters: Mapping[str, Json]) -> Callable[[Asked], Request]:
    """A list in the order of creation, from a moment on: its numbered pages would pass somebody over when rows go."""

    def ask(asked: Asked) -> Request:
        if "://" in asked.at:
            return Request("GET", asked.at)
        said = {"page[size]": str(min(asked.size or 30, 30)), "sort": "created-at", **filters}
        if asked.by is not None:
            alone = not related
            path_ = f"{path}/{asked.ids[0]}" if alone else related.replace("{id}", asked.ids[0])
            return Request("GET", path_, {key: str(value) for key, value in (filters if alone else said).items()})
        if asked.since is not None:
            said["filter[updated-at][from]"] = utc(asked.since)
        if asked.at:
            said["filter[created-at][from]"] = after(asked.at)
        return Request("GET", path, {key: str(value) for key, value in said.items()})

    return ask


def reads(kind: Kind, path: str, parse: Callable[[Json, Tenant], Iterable[Part]], root: Kind, **more: object) -> Reads:
    settings: dict[str, object] = {"unfold": unfold, "page_size": SIZE, "batch": 1, **more}
    return Reads(kind, f"/{path}", parse, root, drop=(*NEVER, ORDERED), scopes=READ, **settings)  # type: ignore[arg-type]


BY_CREATION: dict[str, object] = {
    "pages": Keyset(lambda item: str(item.get(ORDERED) or "")), "unfold": in_order,
}  # fmt: skip
CHANGED: dict[str, object] = {"since": ("filter[updated-at][from]", "{since}"), "watermark": "updated-at"}
_C, _J = Kind.CANDIDATE, Kind.JOB
READS = (
    reads(Kind.USER, "users", user, Kind.USER, by={Kind.USER: "/users/{id}"}, every=10 * MINUTE, sweep=DAY),
    reads(
        Kind.REJECTION_REASON, "reject-reasons", reject_reason, Kind.REJECTION_REASON,
        by={Kind.REJECTION_REASON: "/reject-reasons/{id}"}, every=10 * MINUTE, sweep=DAY,
    ),
    reads(
        _J, "jobs", job, _J, by={_J: "/jobs/{id}?include=department,locations,user"}, every=2 * MINUTE, sweep=DAY,
        filters={
            "filter[status]": "all", "filter[feed]": "public,internal", "include": "department,locations,user",
            "sort": "created-at",
        },
    ),
    reads(
        Kind.STAGE, "stages", stage, _J, by={_J: "/jobs/{id}/stages"}, collection=True, every=5 * MINUTE, sweep=DAY,
        filters={"include": "job"},
    ),
    reads(
        _C, "candidates", candidate, _C, by={_C: "/candidates/{id}"}, every=MINUTE / 2, sweep=DAY,
        ask=ordered("/candidates", "", {"include": VALUES}), follow=(Kind.ATTACHMENT,), **CHANGED, **BY_CREATION,
    ),
    reads(
        _C, "candidates", candidate_tags, _C, sweep=5 * MINUTE, name="tags", **BY_CREATION,
        ask=ordered("/candidates", "", {"fields[candidates]": "tags,created-at"}),
    ),
    reads(
        Kind.ATTACHMENT, "candidates", files, _C, by={_C: "/candidates/{id}"}, sweep=6 * HOUR, name="files",
        ask=ordered("/candidates", "", {"include": "uploads"}), collection=True, **BY_CREATION,
    ),
    reads(
        Kind.APPLICATION, "job-applications", application, _C, by={_C: "/candidates/{id}/job-applications"},
        every=MINUTE / 2, sweep=DAY, collection=True, **CHANGED, **BY_CREATION,
        ask=ordered("/job-applications", "/candidates/{id}/job-applications", {"include": WHOSE}),
    ),
    reads(
        Kind.NOTE, "notes", note, _C, by={Kind.NOTE: "/notes/{id}"}, every=MINUTE / 2, sweep=DAY,
        filters={"sort": "-updated-at"}, newest_first=True, watermark="updated-at",
    ),
    reads(
        _C, "audit-events", audit_event, _C, every=5 * MINUTE, filters={"sort": "-timestamp"}, newest_first=True,
        watermark="timestamp", where=lambda tenant, _given: tenant.facts.get("audit-events") == "yes",
    ),
)  # fmt: skip
STAGE_HISTORY = StageHistory(
    reads(
        Kind.APPLICATION, "job-applications", application, _C, by={Kind.APPLICATION: "/job-applications/{id}"},
        ask=ordered("/job-applications", "", {"include": "stage"}), name="stage-times",
    ),
    moves,
    says="changed-stage-at of the job application",
    shown_by=frozenset({"job-applications"}),
    whole=False,
)  # fmt: skip
