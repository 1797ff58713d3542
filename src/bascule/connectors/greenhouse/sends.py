"""What is written to Greenhouse: conversations that look first, so that sending twice changes it once."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from bascule.connectors.fieldlist import sort
from bascule.connectors.lens import fold, marked, phone, reference_line
from bascule.connectors.spec import CustomField, Rendered, Request, Response, Sends, Setup, Talk, Tenant, every_page
from bascule.errors import PermissionMissingError, RejectedError
from bascule.model import CreateRule, EraseRule, Fields, Json, Kind, MergeRule, Value

from .creations import COPIES, CREATIONS
from .decisions import decide, move
from .fields import on_candidate
from .interviews import BOOKED, INTERVIEWS
from .objects import named, number, of_candidate, one
from .reads import application, candidate, job, tags

LISTS = {"email_addresses": ("personal", str.casefold), "phone_numbers": ("mobile", phone)}  # type of a new element
WRITTEN_VISIBILITY = {"admin_only_visible": "admin_only", "privately_visible": "private", "publicly_visible": "public"}


# ------------------------------------------------------------------------------------------- candidate, application


def patch_candidate(write: Rendered, tenant: Tenant) -> Talk:
    """Whole lists are read, changed by our elements only, and sent with the types they had."""
    body: dict[str, Json] = {
        name: value for name, value in write.fields.items() if name not in LISTS and "." not in name
    }
    touched = LISTS.keys() & write.fields.keys()
    if touched:
        now = yield from one("/candidates", write.external)
        body |= {name: changed(now.get(name) or [], name, write) for name in sorted(touched)}
    return (yield from patch("/candidates", "candidate", body, write, tenant))


def changed(entries: Sequence[Json], name: str, write: Rendered) -> list[Json]:
    """The list as it should be: ours removed, ours added, everything else as it stands there."""
    kind, fold = LISTS[name]
    away = {fold(text.strip()) for text in write.removed.get(name, ())}
    kept = [dict(entry) for entry in entries if fold(str(entry["value"]).strip()) not in away]
    there = {fold(str(entry["value"]).strip()) for entry in kept}
    return kept + [
        {"value": text, "type": kind} for text in write.added.get(name, ()) if fold(text.strip()) not in there
    ]


def patch_application(write: Rendered, tenant: Tenant) -> Talk:
    body: dict[str, Json] = {name: number(value) for name, value in write.fields.items() if "." not in name}
    return (yield from patch("/applications", "application", body, write, tenant))


def patch_job(write: Rendered, tenant: Tenant) -> Talk:
    return (yield from patch("/jobs", "job", {}, write, tenant))


def patch(path: str, level: str, body: dict[str, Json], write: Rendered, tenant: Tenant) -> Talk:
    """One PATCH; its custom fields are named one by one.

    Whether Greenhouse leaves unnamed custom fields alone is not verified: if its answer shows that they went, they are
    put back at once as they were last seen.
    """
    ours = {name.removeprefix("custom."): value for name, value in write.fields.items() if name.startswith("custom.")}
    if ours:
        body["custom_fields"] = [entry(key, value) for key, value in ours.items()]
    response = yield Request("PATCH", f"{path}/{write.external}", json=body, acts_as=write.acts_as)
    shown = answered(response, level, tenant)
    lost = {key: value for key, value in held(write).items() if key not in ours and missing(shown, key)} if ours else {}
    if lost:
        body = {"custom_fields": [entry(key, value) for key, value in sorted({**lost, **ours}.items())]}
        response = yield Request("PATCH", f"{path}/{write.external}", json=body, acts_as=write.acts_as)
        shown = answered(response, level, tenant)
    return {name: shown[name] for name in write.fields if name in shown}


def answered(response: Response, level: str, tenant: Tenant) -> Fields:
    """The fields the answer shows. It may be nothing but a message; then the next read tells."""
    if not isinstance(response.json, Mapping) or "id" not in response.json:
        return {}
    parse = {"candidate": candidate, "application": application, "job": job}[level]
    return next(iter(parse(response.json, tenant))).seen


def held(write: Rendered) -> dict[str, Value]:
    """Custom field values last seen there, by key."""
    theirs = write.known.get("custom_fields")
    known = dict(theirs) if isinstance(theirs, Mapping) else {}
    known |= {n.removeprefix("custom."): v for n, v in write.known.items() if n.startswith("custom.")}
    return {key: value for key, value in known.items() if value not in (None, "", ())}


def missing(shown: Fields, key: str) -> bool:
    theirs = shown.get("custom_fields")
    if not isinstance(theirs, Mapping):
        return False  # the answer shows no custom fields: nothing is known
    return shown.get(f"custom.{key}", theirs.get(key)) is None


def entry(key: str, value: Value) -> Json:
    """One custom field as the PATCH takes it; clearing has a spelling of its own."""
    if value is None or value in ("", ()):
        return {"name_key": key, "delete_value": "true"}
    if isinstance(value, Mapping):
        if "user_id" in value:
            return {"name_key": key, "value": value["user_id"]}
        if "unit" in value:
            amount = value["value"] if "value" in value else {k: v for k, v in value.items() if k != "unit"}
            return {"name_key": key, "value": amount, "unit": value["unit"]}
    return {"name_key": key, "value": list(value) if isinstance(value, tuple) else value}


# ------------------------------------------------------------------------------------------------------------- tags


def tag(write: Rendered, tenant: Tenant) -> Talk:
    """Element by element: the definition is found (by folded name) or made, the assignment made or removed."""
    names = ("tags", "tags.top_ten")
    added = [text for name in names for text in write.added.get(name, ())]
    removed = [text for name in names for text in write.removed.get(name, ())]
    definitions = yield from every_page(Request("GET", "/candidate_tags", {"per_page": "500"}))
    known = {fold(row["name"]): row["id"] for row in definitions}
    applied = yield from every_page(
        Request("GET", "/applied_candidate_tags", {"candidate_ids": write.external, "per_page": "500"})
    )
    there = {row["candidate_tag_id"]: row["id"] for row in applied}
    held = {fold(row["name"]): str(row["name"]) for row in definitions if row["id"] in there}
    for text in removed:
        held.pop(fold(text), None)
        if (assigned := there.get(known.get(fold(text)))) is not None:
            yield Request("DELETE", f"/applied_candidate_tags/{assigned}", acts_as=write.acts_as, done_if=(404,))
    for text in added:
        id = known.get(fold(text))
        if id is None:
            made = yield Request("POST", "/candidate_tags", json={"name": text}, acts_as=write.acts_as)
            id = made.json["id"]
        if id not in there:
            body = {"candidate_id": int(write.external), "candidate_tag_id": id}
            yield Request("POST", "/applied_candidate_tags", json=body, acts_as=write.acts_as)
        held.setdefault(fold(text), text)
    return tags({"tags": list(held.values())})


# ------------------------------------------------------------------------------------------------------------ notes


def add_note(write: Rendered, tenant: Tenant) -> Talk:
    """A note, ending in a line that names our record: the only way to find it again, as notes take no id of ours."""
    body: dict[str, Json] = {
        "candidate_id": int(write.parents[Kind.CANDIDATE]),
        "body": f"{write.fields.get('body') or ''}\n\n{reference_line(write.marker)}",
        "visibility": WRITTEN_VISIBILITY.get(str(write.fields.get("visibility")), "private"),
        "note_type": "NOTE",
    }
    if write.fields.get("application_id"):
        body["application_id"] = number(write.fields["application_id"])
    if write.acts_as:
        body["user_id"] = int(write.acts_as)
    response = yield Request("POST", "/notes", json=body, acts_as=write.acts_as)
    return named(response)


def find_note(write: Rendered, tenant: Tenant) -> Talk:
    for row in (yield from of_candidate("/notes", write)):
        if marked(str(row.get("body") or ""))[1] == write.marker:
            return {"external": str(row["id"])}
    return {}


# ---------------------------------------------------------------------------------------------------------- erasure

ANONYMIZED = (
    "full_name", "current_company", "current_title", "tags", "phone_numbers", "emails", "email_addresses",
    "social_media_links", "websites", "addresses", "location", "custom_candidate_fields", "attachments",
    "application_questions", "referral_questions", "notes", "rejection_notes", "activity_items", "innotes", "inmails",
    "scorecards_and_interviews", "headline", "custom_application_fields", "education", "employment",
    "follow_up_reminders", "match_score_reasoning", "touchpoints",
)  # fmt: skip


def anonymize(write: Rendered, tenant: Tenant) -> Talk:
    """Empty, for good, every kind of data that tells of the person. The record and its applications stay, nameless."""
    yield Request("PATCH", f"/candidates/{write.external}/anonymize", json={"fields": list(ANONYMIZED)})
    return {}


def merge(write: Rendered, tenant: Tenant) -> Talk:
    """Everything of one candidate goes to the other, and the one is no more. Looked for first: where it is not there
    any more, somebody has merged or deleted it, and there is nothing to do."""
    there = yield Request("GET", "/candidates", {"ids": write.external})
    if there.json:
        body = {"secondary_candidate_id": int(write.external)}
        yield Request("POST", f"/candidates/{write.into}/merge", json=body)
    return {}


# ---------------------------------------------------------------------------------------------- the customer's account


def discover() -> Generator[Request, Response, Tenant]:
    """Custom fields with their options, names of departments and offices, and the keys objects are shown with."""
    rows = yield from every_page(Request("GET", "/custom_fields", {"per_page": "500"}))
    choices = yield from every_page(Request("GET", "/custom_field_options", {"per_page": "500"}, done_if=(403,)))
    facts: dict[str, str] = {}
    for what in ("department", "office"):
        names = yield from every_page(Request("GET", f"/{what}s", {"per_page": "500"}, done_if=(403,)))
        facts |= {f"{what}.{row['id']}": str(row["name"]) for row in names}
    options: dict[int, dict[str, str]] = {}
    for row in choices:
        options.setdefault(row["custom_field_id"], {})[str(row["id"])] = str(row["name"])
    found = [custom_field(row, options.get(row["id"], {})) for row in rows]
    if any(one.level == "application" for one in found):
        facts["application_custom_fields"] = "yes"
    shown: list[tuple[str, str, str]] = []
    for path in ("candidates", "applications", "jobs"):
        first = yield Request("GET", f"/{path}", {"per_page": "1"}, done_if=(403,))
        row = first.json[0] if isinstance(first.json, list) and first.json else {}
        shown += [(path.removesuffix("s"), key, sort(value)) for key, value in sorted(row.items())]
    return Tenant({f"{one.level}.{one.key}": one for one in found}, facts, frozenset(), tuple(shown))


def custom_field(row: Json, options: Mapping[str, str]) -> CustomField:
    return CustomField(
        id=str(row["id"]),
        key=str(row.get("name_key") or row["name"]),
        name=str(row["name"]),
        level=str(row["field_type"]),
        type=str(row["value_type"]),
        active=bool(row.get("active", True)),
        private=bool(row.get("private")),
        required=bool(row.get("required")),
        options=options,
    )


def create_field(wanted: Setup) -> Talk:
    """Define a field; where the customer's plan has no application fields, the candidate field that takes its place."""
    response = yield Request("POST", "/custom_fields", json=definition(wanted), done_if=(403, 422))
    if response.status >= 400 and wanted.level == "application":
        wanted = on_candidate(wanted)
        response = yield Request("POST", "/custom_fields", json=definition(wanted), done_if=(403, 422))
    words = said(response.json)
    if response.status == 403:
        raise PermissionMissingError(
            f"Greenhouse does not let this credential create the custom field {wanted.name!r}.", status=403, words=words
        )
    if response.status >= 400 and "taken" not in words:
        raise RejectedError(
            f"Greenhouse refused the custom field {wanted.name!r}.", status=response.status, words=words
        )
    return {"level": wanted.level}


def definition(wanted: Setup) -> Json:
    return {
        "name": wanted.name,
        "field_type": wanted.level,
        "value_type": wanted.type,
        "private": wanted.private,
        "required": False,
    }


def said(json: Json) -> str:
    """The vendor's own words in an error body, which comes in two shapes."""
    if not isinstance(json, Mapping):
        return ""
    errors = [one for one in json.get("errors") or () if isinstance(one, Mapping)]
    listed = [
        f"{one['field']}: {one['message']}" if one.get("field") else str(one.get("message", "")) for one in errors
    ]
    return "; ".join(listed or [str(json.get("message") or json.get("error") or "")])[:500]


# --------------------------------------------------------------------------------------------------------- the calls

MAY_MAIL = (
    "Greenhouse runs this customer's stage-transition rules, which may e-mail the candidate; there is no way to "
    "switch that off for one move."
)
NO_MAIL = "Bascule asks for no rejection e-mail; rules of this customer may still run."
FOR_GOOD = "Greenhouse cannot undo a merge."
LISTS_STAGES = "harvest:application_stages:list"

SENDS = {
    sends.call: sends
    for sends in (
        Sends("candidate", Kind.CANDIDATE, patch_candidate, scopes=(
            "harvest:candidates:update", "harvest:candidates:list",
        )),
        Sends("tags", Kind.CANDIDATE, tag, scopes=(
            "harvest:candidate_tags:list", "harvest:candidate_tags:create", "harvest:applied_candidate_tags:list",
            "harvest:applied_candidate_tags:create", "harvest:applied_candidate_tags:destroy",
        )),
        Sends("application", Kind.APPLICATION, patch_application, scopes=("harvest:applications:update",)),
        Sends("job", Kind.JOB, patch_job, scopes=("harvest:jobs:update",)),
        Sends("move", Kind.APPLICATION, move, hidden=MAY_MAIL, scopes=("harvest:applications:move", LISTS_STAGES)),
        Sends("decide", Kind.APPLICATION, decide, hidden=NO_MAIL, scopes=(
            "harvest:applications:list", "harvest:applications:reject", "harvest:applications:unreject",
            "harvest:rejection_details:list", "harvest:rejection_details:update",
        )),
        Sends("anonymize", Kind.CANDIDATE, anonymize, scopes=("harvest:candidates:anonymize",)),
        Sends("merge", Kind.CANDIDATE, merge, hidden=FOR_GOOD, scopes=(
            "harvest:candidates:merge", "harvest:candidates:list",
        )),
        Sends("note", Kind.NOTE, add_note, find_note, repeatable=False, scopes=(
            "harvest:notes:create", "harvest:notes:list",
        )),
        *CREATIONS,
        *INTERVIEWS,
    )
}  # fmt: skip
ERASES = {
    Kind.CANDIDATE: EraseRule(
        Kind.CANDIDATE, "anonymize", "anonymised there: the record and its applications stay, without the person's data"
    )
}
MERGES = {Kind.CANDIDATE: MergeRule(Kind.CANDIDATE, "merge")}
CREATES = {
    **COPIES,
    Kind.INTERVIEW: BOOKED,
    Kind.NOTE: CreateRule(Kind.NOTE, "note", ("body", "visibility", "application_id"), parents=(Kind.CANDIDATE,)),
}
