"""What is written to Odoo: conversations that look first, so that sending twice changes it once. Odoo moves the date of
a record, and tells its automation rules, for a write that changes nothing, too: such a write is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from bascule.connectors.lens import from_base64, marked, phone, reference_line
from bascule.connectors.spec import FileTalk, Rendered, Sends, Talk, Tenant
from bascule.errors import AbsentError, GuardRefusedError, RejectedError
from bascule.model import CreateRule, Json, Kind, Value

from .calls import APPLICANT, CANDIDATE, STAGE, TAG, call, one, persons, result, rows
from .meetings import BOOKED, INTERVIEWS, TAKEN_AWAY
from .reads import APPLIED, PERSON, application, custom, named, person, ref, shown, text

SILENT = {"just_moved": True, "just_unarchived": True}  # in the context: the stage's e-mail is not sent
PLACES = {"email_from": ("email_from",), "partner_phone": ("partner_phone", "partner_mobile")}


def home(tenant: Tenant) -> str:
    """The model of persons."""
    return CANDIDATE if persons(tenant) else APPLICANT


# ------------------------------------------------------------------------------------------------------ contact, tags


def write_person(write: Rendered, tenant: Tenant) -> Talk:
    """Name, e-mail, phone. What stands in a place that is taken gives way only to what takes its own place."""
    wanted = shown(tenant, home(tenant), PERSON)
    now = yield from one(tenant, home(tenant), write.external, wanted)
    vals: dict[str, Json] = {}
    if "partner_name" in write.fields and (write.fields["partner_name"] or False) != now.get("partner_name"):
        vals["partner_name"] = write.fields["partner_name"] or False
    for name, places in PLACES.items():
        vals |= placed(write, name, {place: now[place] for place in places if place in now})
    if vals:
        yield call(tenant, home(tenant), "write", [write.external], vals=vals)
        now = yield from one(tenant, home(tenant), write.external, wanted)
    seen = next(iter(person({**now, "id": write.external}, tenant))).seen
    touched = write.fields.keys() | write.added.keys() | write.removed.keys()
    return {name: value for name, value in seen.items() if name in touched}


def placed(write: Rendered, name: str, there: Mapping[str, Json]) -> dict[str, Json]:
    """The places as they should be, those that change: ours removed, ours added where there is room."""
    fold = phone if name == "partner_phone" else str.casefold
    away = {fold(one.strip()) for one in write.removed.get(name, ())}
    new = {place: False if held and fold(str(held).strip()) in away else held for place, held in there.items()}
    for wanted in write.added.get(name, ()):
        free = next((place for place, held in new.items() if not held), None)
        if free and not any(held and fold(str(held).strip()) == fold(wanted.strip()) for held in new.values()):
            new[free] = wanted
    return {place: held for place, held in new.items() if held != there[place]}


def tag(write: Rendered, tenant: Tenant) -> Talk:
    """Element by element: a tag is found by its folded name, or made, then linked or unlinked."""
    names = ("tags", "tags.top_ten")
    found = yield call(tenant, TAG, "search_read", domain=[], fields=["name"])
    known = {str(row["name"]).strip().casefold(): row["id"] for row in rows(found.json)}
    texts = {row["id"]: str(row["name"]) for row in rows(found.json)}
    now = yield from one(tenant, home(tenant), write.external, ["categ_ids"])
    held = list(now["categ_ids"])
    commands: list[Json] = []
    for gone in (each for name in names for each in write.removed.get(name, ())):
        if (id := known.get(gone.strip().casefold())) in held:
            commands.append([3, id])
            held.remove(id)
    for wanted in (each for name in names for each in write.added.get(name, ())):
        id = known.get(wanted.strip().casefold())
        if id is None:
            made = yield call(tenant, TAG, "create", vals_list=[{"name": wanted}])
            id = known[wanted.strip().casefold()] = made_id(made.json)
            texts[id] = wanted
        if id not in held:
            commands.append([4, id])
            held.append(id)
    if commands:
        yield call(tenant, home(tenant), "write", [write.external], vals={"categ_ids": commands})
    return named(texts.get(id) for id in held)


def made_id(body: Json) -> int:
    """Of what was created: an id, or a list of one."""
    found = result(body)
    return int(found[0] if isinstance(found, list) else found)


# ------------------------------------------------------------------------------------------------------- applications


def write_outputs(write: Rendered, tenant: Tenant) -> Talk:
    """Our own fields of the applicant, those that differ."""
    vals = {name.removeprefix("custom."): sent(value) for name, value in write.fields.items()}
    now = yield from one(tenant, APPLICANT, write.external, sorted(vals))
    changed = {name: value for name, value in vals.items() if now.get(name) != value and (now.get(name) or value)}
    if changed:
        yield call(tenant, APPLICANT, "write", [write.external], vals=changed)
        now = yield from one(tenant, APPLICANT, write.external, sorted(vals))
    return {name: value for name, value in custom(now).items() if name in write.fields}


def sent(value: Value) -> Json:
    return False if value is None else value


def move(write: Rendered, tenant: Tenant) -> Talk:
    """To another stage of the same job, guarded by where the applicant is now, without the stage's e-mail."""
    target = str(write.fields["stage_id"])
    job, _, stage = target.partition("/")
    now = yield from one(tenant, APPLICANT, write.external, ["job_id", "stage_id"])
    here = f"{ref(now['job_id'])}/{ref(now['stage_id'])}"
    if here == target:
        return {"stage_id": target}
    if ref(now["job_id"]) != job:
        raise RejectedError("The stage is one of another job.", hint="Change the job in Odoo itself.")
    if write.current.get("stage_id") not in (None, here):
        raise GuardRefusedError("Somebody has moved the applicant to another stage meanwhile.")
    there = yield from one(tenant, STAGE, stage, ["hired_stage"])
    if there["hired_stage"]:
        raise RejectedError("Who enters this stage is hired there.", hint="Hire in Odoo itself.")
    yield call(tenant, APPLICANT, "write", [write.external], vals={"stage_id": int(stage)}, context=SILENT)
    return {"stage_id": target}


def decide(write: Rendered, tenant: Tenant) -> Talk:
    """Refuse by Odoo's own wizard, told to send no e-mail; take a refusal back; correct its reason. A hire is never
    written. Taking back is one write: the button of Odoo would also move the applicant to the first stage."""
    wanted, reason = write.fields.get("status"), write.fields.get("refuse_reason_id")
    if wanted not in (None, "ongoing", "refused"):
        raise RejectedError(f"The status {wanted!r} is not written to Odoo.", hint="Hire in Odoo itself.")
    look = shown(tenant, APPLICANT, APPLIED)
    now = yield from one(tenant, APPLICANT, write.external, look)
    refused = bool(now["refuse_reason_id"])
    if wanted == "refused" and not refused:
        if not reason:
            raise RejectedError("Odoo refuses nobody without a reason.", hint="Choose a reason.")
        asked = {"refuse_reason_id": int(str(reason)), "applicant_ids": [[6, 0, [int(write.external)]]],
                 "send_mail": False}  # fmt: skip
        made = yield call(tenant, "applicant.get.refuse.reason", "create", vals_list=[asked], context=SILENT)
        yield call(tenant, "applicant.get.refuse.reason", "action_refuse_reason_apply", [made_id(made.json)],
                   context=SILENT)  # fmt: skip
    elif wanted == "ongoing" and (refused or not now["active"]):
        vals: dict[str, Json] = {"active": True, "refuse_reason_id": False}
        vals |= {"refuse_date": False} if "refuse_date" in now else {}
        yield call(tenant, APPLICANT, "write", [write.external], vals=vals, context=SILENT)
    elif reason and refused and ref(now["refuse_reason_id"]) != str(reason):
        vals = {"refuse_reason_id": int(str(reason))}
        yield call(tenant, APPLICANT, "write", [write.external], vals=vals, context=SILENT)
    after = yield from one(tenant, APPLICANT, write.external, look)
    seen = next(iter(application({**after, "id": write.external}, tenant))).seen
    return {name: seen[name] for name in write.fields if name in seen}


# -------------------------------------------------------------------------------------------------------- notes, files


def place(write: Rendered, tenant: Tenant) -> tuple[str, str]:
    """The record whose log a note goes into: the application it is about, else the person."""
    application = write.fields.get("application_id")
    if isinstance(application, str):
        return APPLICANT, application
    return home(tenant), write.parents[Kind.CANDIDATE]


def add_note(write: Rendered, tenant: Tenant) -> Talk:
    """Logged as an internal note, ending in a line that names our record: the only way to find it again."""
    model, id = place(write, tenant)
    lines = "<br/>".join(escape(line, quote=False) for line in str(write.fields.get("body") or "").splitlines())
    body = f"<p>{lines}</p><p>{reference_line(write.marker)}</p>"
    made = yield call(tenant, model, "message_post", [id], body=body, body_is_html=True, message_type="comment",
                      subtype_xmlid="mail.mt_note", context={"mail_create_nosubscribe": True})  # fmt: skip
    return {"external": str(made_id(made.json))} if result(made.json) else {}


def find_note(write: Rendered, tenant: Tenant) -> Talk:
    model, id = place(write, tenant)
    domain = [["model", "=", model], ["res_id", "=", int(id)], ["body", "ilike", write.marker]]
    found = yield call(tenant, "mail.message", "search_read", domain=domain, fields=["body"])
    for row in rows(found.json):
        if marked(text(row.get("body")))[1] == write.marker:
            return {"external": str(row["id"])}
    return {}


def file(told: str) -> FileTalk:
    """The bytes of an attachment, which stand in an answer as base64."""
    transport, uid, id = told.split("/")
    known = Tenant(facts={"transport": transport, "uid": uid})
    response = yield call(known, "ir.attachment", "read", [id], fields=["datas"])
    found = rows(response.json)
    if not found or not found[0].get("datas"):
        raise AbsentError("Odoo shows no such file any more.", status=404)
    return from_base64(str(found[0]["datas"]))


# --------------------------------------------------------------------------------------------------------- the calls

NO_STAGE_MAIL = (
    "Odoo is asked not to send the e-mail of the stage. Followers of the applicant who want to know of stages are "
    "told, and the customer's automation rules run, which may e-mail the applicant."
)
NO_MAIL = "The refusal is made without its e-mail. The customer's automation rules run, which may e-mail the applicant."
CONTACT = "Odoo writes name, e-mail and phone on to the contact of this person, or makes one."

WRITES = (f"{APPLICANT}:write",)
SENDS = {
    sends.call: sends
    for sends in (
        Sends("person", Kind.CANDIDATE, write_person, hidden=CONTACT, scopes=WRITES),
        Sends("tags", Kind.CANDIDATE, tag, scopes=(*WRITES, f"{TAG}:read", f"{TAG}:create")),
        Sends("outputs", Kind.APPLICATION, write_outputs, scopes=WRITES),
        Sends("move", Kind.APPLICATION, move, hidden=NO_STAGE_MAIL, scopes=WRITES),
        Sends("decide", Kind.APPLICATION, decide, hidden=NO_MAIL, scopes=(
            *WRITES, "applicant.get.refuse.reason:create",
        )),
        Sends("note", Kind.NOTE, add_note, find_note, repeatable=False, scopes=("mail.message:create",)),
        *INTERVIEWS,
    )
}  # fmt: skip
CREATES = {
    Kind.NOTE: CreateRule(Kind.NOTE, "note", ("body", "application_id"), parents=(Kind.CANDIDATE,)),
    Kind.INTERVIEW: BOOKED,
}
ERASES = {Kind.INTERVIEW: TAKEN_AWAY}
