"""What Odoo shows: one small function per list, from its records to parts.

A list is read in the order of ids, from the last one seen: times are shown in whole seconds and compared with their
fractions, so that a place in their order could be passed over. `write_date` is when a transaction began, not when it
could be seen: a poll begins a while before the newest time it knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, timedelta

from bascule.connectors.lens import NEVER_KEPT, SENSITIVE, TOP_TEN, marked
from bascule.connectors.spec import Asked, Keyset, Reads, Request, Tenant
from bascule.model import Json, Kind, Part, Value

from .calls import APPLICANT, CANDIDATE, EVERYTHING, JOB, REASON, STAGE, call, persons, rows
from .meetings import SHOWN, interview
from .values import label, moments, ref, refs, text, value, values

PREFIX = "x_bascule_"  # names of the fields that Bascule creates
LAG = timedelta(minutes=2)  # how long a transaction may have run until others see what it wrote
_C, _A, _J, _S = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB, Kind.STAGE
PERSON = ("partner_name", "email_from", "partner_phone", "partner_mobile", "linkedin_profile", "categ_ids")
APPLIED = ("candidate_id", "job_id", "stage_id", "active", "refuse_reason_id", "refuse_date", "date_closed",
           "source_id", "user_id", "recruiter_id", "applicant_properties")  # fmt: skip
LOGGED = ("create_date", "write_date")


def version(raw: Json) -> str:
    return str(raw.get("write_date") or "")


# ----------------------------------------------------------------------------------------- people, their applications


def person(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Whoever applied: `hr.candidate` in 18; before and after that every applicant is a person of their own."""
    seen = values(raw, "partner_name") | moments(raw, "create_date") | tags(raw, tenant)
    seen |= {name: held(raw, name) for name in ("email_from", "linkedin_profile") if name in raw}
    if "partner_phone" in raw:
        seen["partner_phone"] = held(raw, "partner_phone", "partner_mobile")
    return [Part(_C, str(raw["id"]), seen, version=version(raw), raw=raw)]


def held(raw: Json, *names: str) -> tuple[str, ...]:
    """What stands in places that hold one text each."""
    return tuple(dict.fromkeys(str(raw[name]).strip() for name in names if raw.get(name)))


def tags(raw: Json, tenant: Tenant) -> dict[str, Value]:
    """Shown as ids, whose names `discover` learns. A tag made since then shows none of them until it has."""
    ids = raw.get("categ_ids")
    names = [tenant.facts.get(f"tag.{id}") for id in ids] if isinstance(ids, list) else [None]
    return named(names) if None not in names else {}


def named(names: Iterable[str | None]) -> dict[str, Value]:
    both = [one for one in names if one]
    ours = tuple(one for one in both if one.startswith(TOP_TEN))
    return {"tags": tuple(one for one in both if one not in ours), "tags.top_ten": ours}


def application(raw: Json, tenant: Tenant) -> Iterable[Part]:
    job, stage = ref(raw.get("job_id")), ref(raw.get("stage_id"))
    seen = refs(raw, "job_id", "source_id", "refuse_reason_id") | moments(raw, "create_date", "refuse_date")
    if "job_id" in raw:
        seen["prospect"] = job is None
    if "job_id" in raw and "stage_id" in raw:
        seen["stage_id"] = f"{job}/{stage}" if job and stage else None
    if {"active", "refuse_reason_id", "date_closed"} <= raw.keys():
        seen["status"] = status(raw)
    seen |= recruiter(raw, tenant) | answers(raw) | custom(raw)
    home = ref(raw.get("candidate_id")) if persons(tenant) else str(raw["id"])
    parts = [Part(_A, str(raw["id"]), seen, home, version=version(raw), raw=raw)]
    if job and stage and (name := label(raw["stage_id"])):
        parts.append(Part(_S, f"{job}/{stage}", {"name": name}, job))
    return parts


def status(raw: Json) -> str:
    """As Odoo's own `application_status`, but that archived without a reason is refused, too: nobody goes on there."""
    if raw["refuse_reason_id"]:
        return "refused"
    if raw["date_closed"]:
        return "hired"
    return "ongoing" if raw["active"] else "refused"


def recruiter(raw: Json, tenant: Tenant) -> dict[str, Value]:
    """A user; after 19.0 an employee, whose user `discover` learns."""
    if "recruiter_id" in raw and "employee" in tenant.facts.get("recruiter_id", "employee"):
        employee = ref(raw["recruiter_id"])
        user = tenant.facts.get(f"employee.{employee}")
        return {"user_id": user} if employee is None or user else {}
    return refs(raw, "user_id")


def answers(raw: Json) -> dict[str, Value]:
    """Properties: the customer's own questions about applicants, with what was answered."""
    asked = raw.get("applicant_properties")
    if not isinstance(asked, list):
        return {}
    told = {str(one.get("string") or one.get("name")): value(one.get("value")) for one in asked
            if isinstance(one, Mapping) and one.get("type") != "separator"}  # fmt: skip
    return {"answers": {question: said for question, said in told.items() if not SENSITIVE.search(question)}}


def custom(raw: Json) -> dict[str, Value]:
    """Our fields one by one, the customer's own as one document."""
    mine = {f"custom.{key}": value(raw[key]) for key in raw if key.startswith(PREFIX)}
    theirs = {key: value(raw[key]) for key in raw if key.startswith("x_") and not key.startswith(PREFIX)}
    kept = {key: said for key, said in theirs.items() if not SENSITIVE.search(key.replace("_", " "))}
    return mine | ({"custom_fields": kept} if kept else {})


# -------------------------------------------------------------------------------------------------- what hangs on them


def hanging(raw: Json, tenant: Tenant, kind: Kind, seen: dict[str, Value], **more: str | bool) -> list[Part]:
    """A message or a file belongs to a record by the name of its model and its id; in 18 an applicant does not say here
    whose it is."""
    about, id = raw.get("model", raw.get("res_model")), raw.get("res_id")
    known = {"application_id": str(id)} if about == APPLICANT and id else {}
    alone = about == CANDIDATE or not persons(tenant)
    parent = str(id) if id and alone else None
    via = (_A, str(id)) if id and not alone else None
    return [Part(kind, str(raw["id"]), {**seen, **known}, parent, via=via, **more)]  # type: ignore[arg-type]


def note(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """What somebody logged. One without text was deleted on Odoo's pages, which keep the empty message."""
    told, marker = marked(text(raw.get("body")))
    if "body" in raw and not told and not marker:
        return []
    seen = ({"body": told} if "body" in raw else {}) | refs(raw, "create_uid") | moments(raw, "date")
    return hanging(raw, tenant, Kind.NOTE, seen, marker=marker, marker_shown="body" in raw)


def attachment(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A file; Odoo does not say which one is a CV. Its address is how `file` is to ask for it."""
    name, media = str(raw.get("name") or ""), str(raw.get("mimetype") or "")
    seen: dict[str, Value] = {"name": name} if "name" in raw else {}
    if "name" in raw and "mimetype" in raw:
        other = media.startswith(("image/", "audio/", "video/"))
        letter = re.search(r"cover|letter|anschreiben|motivation", name, re.IGNORECASE)
        seen["type"] = "other" if other else "cover_letter" if letter else "resume"
    seen["file"] = f"{tenant.facts.get('transport', 'json2')}/{tenant.facts.get('uid', '0')}/{raw['id']}"
    seen |= {"checksum": str(raw["checksum"])} if raw.get("checksum") else {}
    return hanging(raw, tenant, Kind.ATTACHMENT, seen | moments(raw, "create_date"))


# ------------------------------------------------------------------------------------------------ jobs, stages, others


def job(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = values(raw, "name", "description") | moments(raw, "create_date")
    if "active" in raw:
        seen["status"] = "open" if raw["active"] else "closed"
    if "department_id" in raw:
        seen["department_id"] = label(raw["department_id"])
    if "address_id" in raw:
        seen["address_id"] = (place,) if (place := label(raw["address_id"])) else ()
    if who := recruiter(raw, tenant):
        seen["user_id"] = (str(who["user_id"]),) if who["user_id"] else ()
    return [Part(_J, str(raw["id"]), seen, version=version(raw), raw=raw)]


def stage(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A stage stands for all jobs unless it names some. As a step of one job it is called "job/stage"."""
    of = [str(one) for one in raw.get("job_ids") or ()]
    jobs = [raw["asked_job"]] if "asked_job" in raw else of or tenant.facts.get("jobs", "").split()
    hires = {"hired_stage": "hired" if raw["hired_stage"] else None} if "hired_stage" in raw else {}
    return [Part(_S, f"{one}/{raw['id']}", values(raw, "name", "sequence") | hires, one) for one in jobs]


def user(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [Part(Kind.USER, str(raw["id"]), values(raw, "name", "email") | flag(raw))]


def flag(raw: Json) -> dict[str, Value]:
    return {"active": bool(raw["active"])} if "active" in raw else {}


def source(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [Part(Kind.SOURCE, str(raw["id"]), values(raw, "name"))]


def reason(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [Part(Kind.REJECTION_REASON, str(raw["id"]), values(raw, "name"))]


# -------------------------------------------------------------------------------------------------------- the lists

OWN = {Kind.USER: "id", Kind.SOURCE: "id", Kind.REJECTION_REASON: "id", _J: "id"}
SOON, MINUTE, LATER, DAY = timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(days=1)
Domain = Callable[[Asked], list[Json]]


def shown(tenant: Tenant, model: str, wanted: Sequence[str]) -> list[str]:
    """Those of the wanted fields that this version, and the rights of the key's user, have."""
    there = {name for of, name, _ in tenant.fields if of == model}
    mine = [key for key in wanted if not there or key in there or key in LOGGED]
    return mine + sorted(one.key for one in tenant.custom.values() if model == APPLICANT and "job_id" in wanted)


def reads(
    kind: Kind, model: str, name: str, parse: Callable[[Json, Tenant], Iterable[Part]], root: Kind, by: Kind,
    fields: Sequence[str], *, of: str = "id", domain: Sequence[Json] | Domain = (), **more: object,
) -> Reads:  # fmt: skip
    """One list of records, asked for by ids of `by`, which stand in the field `of`: of the candidate's, an applicant's
    own id where there are no candidates; of the jobs', there or nowhere."""

    def ask(asked: Asked) -> Request:
        said: list[Json] = [*(domain(asked) if callable(domain) else domain)]
        if asked.by is not None:
            field = "id" if of == "candidate_id" and not persons(asked.tenant) else of
            either = ["|", [field, "=", False]] if field == "job_ids" else []
            said += [*either, [field, "in", [int(one) for one in asked.ids if one.isdecimal()]]]
        if asked.since is not None:
            said.append(["write_date", ">=", (asked.since.astimezone(UTC) - LAG).strftime("%Y-%m-%d %H:%M:%S")])
        if asked.at:
            said.append(["id", ">", int(asked.at)])
        wanted = shown(asked.tenant, model, ("id", *fields, *LOGGED))
        return call(asked.tenant, model, "search_read", domain=said, fields=wanted, limit=asked.size, order="id asc",
                    context=EVERYTHING)  # fmt: skip

    settings: dict[str, object] = {
        "every": LATER, "sweep": DAY, "since": ("write_date", "{since}"), "watermark": "write_date", "drop": NEVER_KEPT,
        "page_size": ("", 200), "pages": Keyset(lambda row: str(row["id"])), "scopes": (f"{model}:read",), **more,
    }  # fmt: skip
    return Reads(kind, f"/{model}/{name}", parse, root, by={by: of}, unfold=rows, ask=ask, **settings)  # type: ignore[arg-type]


def only_18(tenant: Tenant, settings: Mapping[str, str]) -> bool:
    return persons(tenant)


def not_18(tenant: Tenant, settings: Mapping[str, str]) -> bool:
    return not persons(tenant)


def hung(field: str, model: str, *more: Json) -> Domain:
    """What hangs on records of this model; on candidates as well, where the whole list is gone through."""

    def domain(asked: Asked) -> list[Json]:
        both = asked.by is None and persons(asked.tenant)
        return [[field, "in", [APPLICANT, CANDIDATE]] if both else [field, "=", model], *more]

    return domain


def messages(model: str, name: str, by: Kind, **more: object) -> Reads:
    """Log notes: comments of a subtype that nobody outside is told of."""
    said = hung("model", model, ["message_type", "=", "comment"], ["subtype_id.internal", "=", True])
    return reads(Kind.NOTE, "mail.message", name, note, _C, by, ("body", "date", "create_uid", "model", "res_id"),
                 of="res_id", domain=said, collection=True, **{"every": 2 * SOON, **more})  # fmt: skip


def files(model: str, name: str, by: Kind, **more: object) -> Reads:
    said = hung("res_model", model, ["type", "=", "binary"])
    return reads(Kind.ATTACHMENT, "ir.attachment", name, attachment, _C, by,
                 ("name", "mimetype", "checksum", "res_model", "res_id"), of="res_id", domain=said, collection=True,
                 **{"every": 2 * SOON, **more})  # fmt: skip


ON_PERSON: dict[str, object] = {"where": only_18, "every": None, "sweep": None}  # asked by ids only


READS = (
    reads(Kind.USER, "res.users", "users", user, Kind.USER, Kind.USER, ("name", "email", "active"),
          domain=[["share", "=", False]]),
    reads(Kind.SOURCE, "utm.source", "sources", source, Kind.SOURCE, Kind.SOURCE, ("name",)),
    reads(Kind.REJECTION_REASON, REASON, "refuse_reasons", reason, Kind.REJECTION_REASON, Kind.REJECTION_REASON,
          ("name",)),
    reads(_J, JOB, "jobs", job, _J, _J, ("name", "description", "active", "department_id", "address_id", "user_id",
                                         "recruiter_id"), every=MINUTE),
    reads(_S, STAGE, "stages", stage, _J, _J, ("name", "sequence", "hired_stage", "job_ids"), of="job_ids", batch=1,
          asked="asked_job", collection=True, every=MINUTE),
    reads(_C, CANDIDATE, "candidates", person, _C, _C, PERSON, every=SOON, where=only_18),
    reads(_C, APPLICANT, "people", person, _C, _C, PERSON, every=SOON, where=not_18),
    reads(_A, APPLICANT, "applications", application, _C, _C, APPLIED, of="candidate_id", collection=True,
          every=SOON),
    messages(APPLICANT, "notes", _A),
    messages(CANDIDATE, "{id}/candidate_notes", _C, **ON_PERSON),
    files(APPLICANT, "attachments", _A),
    files(CANDIDATE, "{id}/candidate_attachments", _C, **ON_PERSON),
    reads(Kind.INTERVIEW, "calendar.event", "interviews", interview, _C, _A, SHOWN, of="applicant_id",
          domain=[["applicant_id", "!=", False]], collection=True, every=MINUTE),
)  # fmt: skip
