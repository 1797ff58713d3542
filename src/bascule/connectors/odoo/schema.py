"""Everything that is read of Odoo's records, and of what is known besides, what carries it or why nothing does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bascule.connectors.fieldlist import beside, carried, left
from bascule.connectors.lens import SENSITIVE
from bascule.connectors.spec import Key, SchemaField, Shape, Tenant
from bascule.model import Kind

from .fields import ADDED
from .reads import PREFIX

_C, _A = Kind.CANDIDATE, Kind.APPLICATION
CARRIED: Mapping[str, tuple[Kind, str]] = {
    "hr.candidate": (
        _C,
        "partner_name=char; email_from=char; partner_phone=char; partner_mobile=char>partner_phone; "
        "linkedin_profile=char; categ_ids=many2many>tags; create_date=datetime",
    ),
    "hr.applicant": (
        _A,
        "job_id=many2one; stage_id=many2one; active=boolean>status; refuse_reason_id=many2one; refuse_date=datetime; "
        "date_closed=datetime>status; source_id=many2one; user_id=many2one; recruiter_id=many2one>user_id; "
        "applicant_properties=properties>answers; create_date=datetime",
    ),
    "hr.job": (
        Kind.JOB,
        "name=char; description=html; active=boolean>status; department_id=many2one; address_id=many2one; "
        "user_id=many2one; recruiter_id=many2one>user_id; create_date=datetime",
    ),
    "hr.recruitment.stage": (Kind.STAGE, "name=char; sequence=integer; hired_stage=boolean"),
    "mail.message": (Kind.NOTE, "body=html; date=datetime; create_uid=many2one; res_id=reference>application_id"),
    "ir.attachment": (
        Kind.ATTACHMENT,
        "name=char; mimetype=char>type; create_date=datetime; res_id=reference>application_id; datas=binary>file",
    ),
    "calendar.event": (
        Kind.INTERVIEW,
        "name=char; start=datetime; stop=datetime; active=boolean>status; partner_ids=many2many; "
        "user_id=many2one>partner_ids; applicant_id=many2one; location=char; create_date=datetime",
    ),
    "res.users": (Kind.USER, "name=char; email=char; active=boolean"),
    "utm.source": (Kind.SOURCE, "name=char"),
    "hr.applicant.refuse.reason": (Kind.REJECTION_REASON, "name=char"),
}
"""What is carried: "<field>=<type>", and behind ">" the mapped field it goes into, where that is called otherwise."""
PERSONAL = frozenset({"partner_name", "email_from", "partner_phone", "partner_mobile", "linkedin_profile", "categ_ids"})

PAY = "pay is not read"
HERE = "worked out by Odoo from what is carried"
LEFT: Mapping[str, Mapping[str, str]] = {
    "hr.applicant": {
        **dict.fromkeys(("salary_proposed", "salary_proposed_extra", "salary_expected", "salary_expected_extra"), PAY),
        **dict.fromkeys(("application_status", "email_normalized", "partner_phone_sanitized", "date_last_stage_update",
                         "last_stage_id", "date_open", "partner_id"), HERE),
        "candidate_id": "says whose application it is, and is kept as the link to it",
        "priority": "the stars are the recruiters' own: no score is written over them",
        "applicant_notes": "free text of one note: the log's notes are carried",
        "talent_pool_ids": "talent pools are not carried: a talent reads as somebody without a job",
    },
    "mail.message": {
        "message_type": "only comments are read",
        "subtype_id": "only internal notes are read: what is mailed stays there",
    },
    "hr.recruitment.stage": {
        "job_ids": "a stage is read as a step of each of its jobs",
        "template_id": "the e-mail of a stage is Odoo's own",
    },
    "calendar.event": {"description": "holds our mark, by which our own are found again"},
}  # fmt: skip


def schema(tenant: Tenant) -> Sequence[SchemaField]:
    """What is read in any version, what this database shows besides, and its own fields."""
    standard = list(_standard())
    more = beside(standard, tenant, lambda _: "no value of ours needs it: it is not read")
    return (*standard, *more, *(_custom(one.key, one.name, one.type) for _, one in sorted(tenant.custom.items())))


def _standard() -> Iterable[SchemaField]:
    for one in carried(CARRIED):
        yield one
        if one.name in PERSONAL:  # in 17 and 19 an applicant is the person as well
            yield replace(one, object="hr.applicant")
    for of in CARRIED:
        yield SchemaField(of, "id", "integer", why="its id, by which the two sides are linked")
        yield SchemaField(of, "write_date", "datetime", why="read to follow changes, not kept as a value")
    yield from left(LEFT)


def _custom(key: str, name: str, type: str) -> SchemaField:
    if key.startswith(PREFIX):
        why = "created by Bascule, and not written now"
        return SchemaField("hr.applicant", f"custom: {key}", type, _A, f"custom.{key}", why)
    if SENSITIVE.search(f"{key.replace('_', ' ')} {name}"):
        return SchemaField("hr.applicant", f"custom: {key}", type, why="left out: its name speaks of a protected trait")
    return SchemaField("hr.applicant", f"custom: {key}", type, _A, "custom_fields")


# ------------------------------------------------------------------------------------------------ the shape of answers

PLACES = {
    "people": "hr.applicant",
    "users": "res.users", "sources": "utm.source", "refuse_reasons": "hr.applicant.refuse.reason", "jobs": "hr.job",
    "stages": "hr.recruitment.stage", "candidates": "hr.candidate", "applications": "hr.applicant",
    "notes": "mail.message", "attachments": "ir.attachment", "interviews": "calendar.event",
}  # fmt: skip
JSON = {
    "char": "string", "html": "string", "datetime": "string", "boolean": "boolean", "integer": "number", "": "list",
    "many2one": "list", "many2many": "list", "properties": "list", "reference": "number",
}  # fmt: skip
NOT_ASKED = frozenset({"datas"})
BESIDE = {"create_date": "datetime", "job_ids": "many2many", "res_model": "char", "model": "char"}  # asked for, too


def shapes() -> Mapping[str, tuple[str, Shape]]:
    """By path, the fields that are asked for; an empty one is false, whatever its type. What one version lacks may be
    away."""
    found: dict[str, tuple[str, Shape]] = {}
    for name, of in PLACES.items():
        asked = {one.name: one.type for one in _standard() if one.object == of and one.name not in NOT_ASKED
                 and (one.kind or one.name in ("id", "write_date", "candidate_id"))}  # fmt: skip
        keys = {key: Key(frozenset({JSON.get(type, "string"), "boolean"})) for key, type in {**BESIDE, **asked}.items()}
        if name == "applications":
            keys |= {one.key: Key() for one in ADDED}
        found[f"/{of}/{name}"] = (of, keys)
    return found
