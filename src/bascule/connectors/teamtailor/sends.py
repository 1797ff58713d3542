"""What is written to Teamtailor: conversations that look first, so that sending twice changes it once."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import datetime, timedelta

from bascule.connectors.fieldlist import sort
from bascule.connectors.lens import marked, phone, reference_line
from bascule.connectors.spec import (
    CustomField,
    Entered,
    FileTalk,
    Rendered,
    Request,
    Response,
    Sends,
    Setup,
    Talk,
    Tenant,
    http_date,
)
from bascule.errors import AbsentError, GuardRefusedError, RejectedError
from bascule.model import CreateRule, Json, Kind, Value

from .creations import APPLIED, PUT
from .objects import document, pages, unfold, utc, writing
from .reads import VALUES, WHOSE, application, candidate, custom, tags

FOLDS = {"email": lambda text: text.strip().casefold(), "phone": phone, "linkedin-url": lambda text: text.strip()}


def one(path: str, include: str) -> Generator[Request, Response, tuple[Json, Response]]:
    """(the object, the answer it came in). AbsentError when it is not shown."""
    response = yield Request("GET", path, {"include": include} if include else {})
    found = unfold(response.json)
    if not found:
        raise AbsentError("Teamtailor shows no such object.", status=404)
    return found[0], response


# ----------------------------------------------------------------------------------------------------------- candidate


def patch_candidate(write: Rendered, tenant: Tenant) -> Talk:
    """Names as they are; of an address, a number and a profile Teamtailor keeps one each."""
    body: dict[str, Json] = {name: value for name, value in write.fields.items() if name not in FOLDS}
    touched = sorted(FOLDS.keys() & write.fields.keys())
    if touched:
        now, _ = yield from one(f"/candidates/{write.external}", "")
        body |= {name: single(name, now.get(name), write) for name in touched}
    path = f"/candidates/{write.external}"
    response = yield writing("PATCH", path, document("candidates", write.external, body), write.acts_as)
    shown = next(iter(candidate(unfold(response.json)[0], tenant))).seen
    return {name: shown[name] for name in write.fields if name in shown}


def single(name: str, now: Json, write: Rendered) -> str | None:
    """The one value that is left when ours are added and taken away. RejectedError where it would be several."""
    fold = FOLDS[name]
    away = {fold(text) for text in write.removed.get(name, ())}
    held = {fold(text): text for text in (str(now),) if now and fold(text) not in away}
    for text in write.added.get(name, ()):
        held.setdefault(fold(text), text)
    if len(held) > 1:
        raise RejectedError(
            f"Teamtailor keeps one {name} of a candidate, and has another one.", hint="Take one of them away."
        )
    return next(iter(held.values()), None)


def tag(write: Rendered, tenant: Tenant) -> Talk:
    """The whole list is read, changed by our elements only, and written."""
    names = ("tags", "tags.top_ten")
    now, _ = yield from one(f"/candidates/{write.external}", "")
    away = {text.strip().casefold() for name in names for text in write.removed.get(name, ())}
    held = [str(text) for text in now.get("tags") or ()]
    after = [text for text in held if text.strip().casefold() not in away]
    there = {text.strip().casefold() for text in after}
    after += [
        text for name in names for text in write.added.get(name, ()) if text.strip().casefold() not in there
    ]  # fmt: skip
    if after != held:
        body = document("candidates", write.external, {"tags": after})
        response = yield writing("PATCH", f"/candidates/{write.external}", body, write.acts_as)
        now = unfold(response.json)[0]
    return tags(now)


def set_values(write: Rendered, tenant: Tenant) -> Talk:
    """One value a field and candidate: made once, then changed. A value cannot be taken away, only told to be none."""
    now, _ = yield from one(f"/candidates/{write.external}", VALUES)
    held = {str(value["custom-field"]["id"]): value for value in now.get("custom-field-values") or ()}
    left: list[str] = []
    for name, value in write.fields.items():
        field = tenant.custom.get(f"candidate.{name.removeprefix('custom.')}")
        if field is None:
            raise RejectedError("The custom field is not there.", hint="Create Bascule's fields again.")
        there = held.get(field.id)
        if there is not None and same(there.get("value"), value):
            continue
        if value in (None, "", ()):
            left += [field.name] if there is not None and there.get("value") not in (None, "", []) else []
            continue
        path = f"/custom-field-values/{there['id']}" if there is not None else "/custom-field-values"
        body = document(
            "custom-field-values", there["id"] if there is not None else "", {"value": value},
            **({} if there is not None else {
                "custom_field": ("custom-fields", field.id), "owner": ("candidates", write.external)
            }),
        )  # fmt: skip
        yield writing("PATCH" if there is not None else "POST", path, body, write.acts_as)
    if left:
        raise RejectedError(
            f"Teamtailor cannot empty a custom field by API: {', '.join(left)}.",
            hint="Empty it on the candidate there.",
        )
    after, _ = yield from one(f"/candidates/{write.external}", VALUES)
    shown = custom(after, tenant)
    return {name: shown[name] for name in write.fields if name in shown}


def same(there: Json, value: Value) -> bool:
    """Numbers are shown as numbers by some, as text by others."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(there) in (str(value), str(float(value)), str(int(value)) if float(value).is_integer() else "")
    return there == value


# --------------------------------------------------------------------------------------------------------- application


def move(write: Rendered, tenant: Tenant) -> Talk:
    """To another stage of the same job. Teamtailor has no guard: where the application is now is read just before."""
    path, target = f"/job-applications/{write.external}", str(write.fields["stage"])
    now, _ = yield from one(path, WHOSE)
    here, expected = now["stage"]["id"] if now.get("stage") else None, write.current.get("stage")
    if here == target:
        return {"stage": target}
    if expected is not None and here != expected:
        raise GuardRefusedError("Somebody has moved the application to another stage meanwhile.")
    body = document("job-applications", write.external, stage=("stages", target))
    yield writing("PATCH", path, body, write.acts_as)
    after, _ = yield from one(path, WHOSE)
    return {"stage": after["stage"]["id"]} if after.get("stage") else {}


def decide(write: Rendered, tenant: Tenant) -> Talk:
    """Reject, take a rejection back, or correct its reason: all of it silent. A hire is never written."""
    path, status = f"/job-applications/{write.external}", write.fields.get("status")
    if status not in (None, "rejected", "withdrawn", "active"):
        raise RejectedError(
            f"The status {status!r} is not written to Teamtailor.", hint="Do it in Teamtailor itself."
        )  # fmt: skip
    now, response = yield from one(path, WHOSE)
    rejected = bool(now.get("rejected-at"))
    reason = str(write.fields.get("reject-reason") or "")
    if status == "withdrawn" and not reason:
        reason = yield from theirs()
    body: Json = None
    to: dict[str, Json] = {"reject_reason": ("reject-reasons", reason)} if reason else {}
    if status in ("rejected", "withdrawn") and not rejected:
        body = document("job-applications", write.external, {"rejected-at": moment(response, now)}, **to)
    elif status == "active" and rejected:
        body = document("job-applications", write.external, {"rejected-at": None})
    elif reason and rejected and (now.get("reject-reason") or {}).get("id") != reason:
        body = document("job-applications", write.external, **to)
    if body is not None:
        yield writing("PATCH", path, body, write.acts_as)
        now, _ = yield from one(path, WHOSE)
    seen = next(iter(application(now, tenant))).seen
    return {name: seen[name] for name in write.fields if name in seen}


def theirs() -> Generator[Request, Response, str]:
    """A reason of this customer's that is the candidate's own."""
    reasons = yield from pages(Request("GET", "/reject-reasons", {"page[size]": "30"}))
    found = next((row["id"] for row in reasons if row.get("rejected-by-company") is False), None)
    if found is None:
        raise RejectedError("Teamtailor has no reason that is the candidate's own.", hint="Make one in Teamtailor.")
    return found


def moment(response: Response, now: Json) -> str:
    """The vendor's own time; where the answer does not tell it, that of the last change."""
    at = http_date(response.headers.get("date", ""))
    return utc(at) if at is not None else utc(datetime.fromisoformat(now["updated-at"].replace("Z", "+00:00")))


# --------------------------------------------------------------------------------------------------------------- notes


def add_note(write: Rendered, tenant: Tenant) -> Talk:
    """A note by a user, ending in a line that names our record: the only way to find it again."""
    author: Json = write.acts_as or Entered("note_user")
    body = document(
        "notes", attributes={"note": f"{write.fields.get('note') or ''}\n\n{reference_line(write.marker)}"},
        candidate=("candidates", write.parents[Kind.CANDIDATE]), user=("users", author),
    )  # fmt: skip
    response = yield writing("POST", "/notes", body, write.acts_as)
    made = unfold(response.json)
    return {"external": made[0]["id"]} if made else {}


def find_note(write: Rendered, tenant: Tenant) -> Talk:
    """Notes cannot be asked for by candidate: the newest first, back to before ours was born."""
    born = write.record.born - timedelta(hours=1)
    request = Request("GET", "/notes", {"page[size]": "30", "sort": "-created-at"})
    while True:
        response = yield request
        rows = unfold(response.json)
        for row in rows:
            if marked(str(row.get("note") or ""))[1] == write.marker:
                return {"external": row["id"]}
        following = ((response.json or {}).get("links") or {}).get("next")
        old = rows and datetime.fromisoformat(str(rows[-1]["created-at"]).replace("Z", "+00:00")) < born
        if not following or old:
            return {}
        request = Request("GET", str(following))


# --------------------------------------------------------------------------------------------------------------- files


def address(asked: str) -> FileTalk:
    """A new address of a file, to be used at once and without our key, which the storage behind refuses."""
    found, _ = yield from one(f"/{asked.split('#')[0]}", "")
    url = found.get("resume") or found.get("original-resume") or found.get("url")
    if not url:
        raise AbsentError("Teamtailor shows no such file any more.", status=404)
    return str(url)


# ---------------------------------------------------------------------------------------------- the customer's account


def discover() -> Generator[Request, Response, Tenant]:
    """Custom fields with their options, whether there is an audit log, and the keys that objects are shown with."""
    rows = yield from pages(Request("GET", "/custom-fields", {"page[size]": "30"}))
    query = {"page[size]": "30", "include": "custom-field"}
    choices = yield from pages(Request("GET", "/custom-field-options", query, done_if=(403, 404)))
    options: dict[str, dict[str, str]] = {}
    for row in choices:
        if row.get("custom-field"):
            options.setdefault(row["custom-field"]["id"], {})[row["id"]] = str(row.get("value"))
    found = [custom_field(row, options.get(row["id"], {})) for row in rows]
    audit = yield Request("GET", "/audit-events", {"page[size]": "1"}, done_if=(403, 404))
    shown: list[tuple[str, str, str]] = []
    for path in ("candidates", "job-applications", "jobs"):
        first = yield Request("GET", f"/{path}", {"page[size]": "1"}, done_if=(403,))
        top = unfold(first.json if first.status < 400 else None)[:1]
        shown += [(path[:-1], key, sort(value)) for row in top for key, value in sorted(row.items())]
    facts = {"audit-events": "yes" if audit.status < 400 else ""}
    return Tenant({f"{field.level}.{field.key}": field for field in found}, facts, fields=tuple(shown))


def custom_field(row: Json, options: Mapping[str, str]) -> CustomField:
    name = str(row["name"])
    key = str(row.get("api-name") or name.lower().replace(" ", "-"))
    level = str(row.get("owner-type") or "Candidate").lower()
    return CustomField(str(row["id"]), key, name, level, str(row["field-type"]), private=bool(row.get("is-private")),
                       options=options)  # fmt: skip


def create_field(wanted: Setup) -> Talk:
    """Define a field of candidates; one that is there already is found by its name."""
    body = document("custom-fields", attributes={"name": wanted.name, "field-type": wanted.type})
    yield writing("POST", "/custom-fields", body)
    return {"level": "candidate"}


# ----------------------------------------------------------------------------------------------------------- the calls

MAY_MAIL = (
    "Teamtailor runs this customer's triggers of the stage, which may e-mail the candidate, tag them or call a "
    "partner; there is no way to switch that off for one move."
)
SILENT = (
    "Teamtailor sends no message for a rejection by API, as far as its clients tell; automations of this customer may "
    "run. Nobody must tell the candidate before the time that a transparent recruiting process sets."
)
WRITE = ("admin", "read", "write")
SENDS = {
    sends.call: sends
    for sends in (
        Sends("candidate", Kind.CANDIDATE, patch_candidate, scopes=WRITE),
        Sends("tags", Kind.CANDIDATE, tag, scopes=WRITE),
        Sends("values", Kind.CANDIDATE, set_values, scopes=WRITE),
        Sends("move", Kind.APPLICATION, move, hidden=MAY_MAIL, scopes=WRITE),
        Sends("decide", Kind.APPLICATION, decide, hidden=SILENT, scopes=WRITE),
        Sends("note", Kind.NOTE, add_note, find_note, repeatable=False, scopes=WRITE),
        PUT,
    )
}
CREATES = {
    Kind.NOTE: CreateRule(Kind.NOTE, "note", ("note",), parents=(Kind.CANDIDATE,)),
    Kind.APPLICATION: APPLIED,
}
