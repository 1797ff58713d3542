"""The chatter: what is logged by itself, what is posted, who follows, and whom e-mail reaches.

E-mail is not sent: it is listed in the outbox.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import Any

from ..kit.tables import Row
from . import automation
from .env import Env
from .errors import broken
from .markup import clean
from .values import text_of

# How the subtypes are known to programs.
COMMENT, NOTE = "mail.mt_comment", "mail.mt_note"
NEW, MOVED = "hr_recruitment.mt_applicant_new", "hr_recruitment.mt_applicant_stage_changed"
# In the context of a call: nothing is logged, nobody told.
MUTED = ("tracking_disable",)
POSTED = frozenset({
    "body", "subject", "message_type", "email_from", "author_id", "parent_id", "subtype_xmlid", "subtype_id",
    "partner_ids", "attachments", "attachment_ids", "body_is_html",
})  # fmt: skip


def subtype(env: Env, xmlid: str) -> Row:
    for row in env.db["subtypes"]:
        if row["xmlid"] == xmlid:
            return row
    raise broken(f"External ID not found in the system: {xmlid}")


def user_of(env: Env, partner: int | None) -> Row | None:
    rows = env.db["users"].where("partner_id", partner)
    return next((row for row in rows if row["active"]), None)


def email(env: Env, model: str, id: int, to: str, subject: str, body: str, why: str) -> None:
    """List an e-mail; `why` says what made Odoo send it. Nothing is sent of what is filled in as history."""
    if env.sandbox.hooks.muted and env.sandbox.db.pretend:
        return
    env.sandbox.db.create("emails", env.actor, to=[to], subject=subject, body=body, why=why, model=model, res_id=id,
                          **env.sandbox.owner("mail.message", {"model": model, "res_id": id}))  # fmt: skip


def log(env: Env, model: str, row: Row, xmlid: str, body: str = "", kind: str = "notification", **more: Any) -> Row:
    """One message of a chatter; it changes nothing of the record itself."""
    kept = subtype(env, xmlid)
    at = env.sandbox.now()
    columns: dict[str, Any] = {
        "date": at.replace(microsecond=0), "subject": None, "body": body, "message_type": kind,
        "subtype_id": kept["id"], "author_id": env.partner, "email_from": env.user["email"], "model": model,
        "res_id": row["id"], "is_internal": kept["internal"], "parent_id": None,
        "partner_ids": [], "attachment_ids": [],
        **env.sandbox.owner("mail.message", {"model": model, "res_id": row["id"]}), **more,
        "create_uid": env.user["id"], "write_uid": env.user["id"],
    }  # fmt: skip
    if env.late:
        columns["visible_at"] = at + timedelta(seconds=env.late)
    message = env.sandbox.db.create("notes", env.actor, **columns)
    automation.fire(env, "mail.message", [message], "create", (), {})
    return message


# Followers.


def subscribe(env: Env, model: str, id: int, partner: int | None, xmlids: Sequence[str] = ()) -> None:
    if partner is None or any(one["partner_id"] == partner for one in env.followers(model, id)):
        return
    subtypes = [row["id"] for row in env.db["subtypes"] if row["default"] or row["xmlid"] in xmlids]
    env.sandbox.db.create("followers", env.actor, res_model=model, res_id=id, partner_id=partner, subtype_ids=subtypes,
                          create_uid=env.user["id"], write_uid=env.user["id"])  # fmt: skip


def _following(env: Env, model: str, row: Row, subtype_id: int) -> list[int]:
    """Who is told of messages of a subtype."""
    return [one["partner_id"] for one in env.followers(model, row["id"]) if subtype_id in one["subtype_ids"]]


def unsubscribe(env: Env, model: str, id: int, partners: Sequence[int]) -> None:
    for one in env.followers(model, id):
        if one["partner_id"] in partners:
            env.sandbox.db.delete("followers", one["id"], env.actor)


def _responsible(env: Env, model: str, row: Row, given: Mapping[str, Any]) -> None:
    """Whoever is put in charge follows, and is told unless they did it themselves."""
    id = row.get("user_id") if given.get("user_id") else None
    if given.get("recruiter_id") and row.get("recruiter_id"):
        id = env.db["employees"].rows[row["recruiter_id"]]["user_id"]
    user = env.db["users"].get(id)
    if user is None:
        return
    subscribe(env, model, row["id"], user["partner_id"])
    if user["id"] != env.user["id"] and not env.context.get("mail_auto_subscribe_no_notify"):
        name = env.name_of(model, row["id"])
        tell(env, model, row, user["partner_id"], f"You have been assigned to {name}", "", "assigned")


def tell(env: Env, model: str, row: Row, partner: int, subject: str, body: str, why: str) -> None:
    """Notify one person: an entry of the inbox, or an e-mail where that is how they want it."""
    user, contact = user_of(env, partner), env.db["contacts"].get(partner)
    if contact is None or not contact["email"] or (user and user["notification_type"] == "inbox"):
        return
    email(env, model, row["id"], contact["email"], subject, body, why)


# What happens by itself.


def created(env: Env, model: str, row: Row, given: Mapping[str, Any]) -> None:
    if any(env.context.get(one) for one in MUTED):
        return
    if not env.context.get("mail_create_nosubscribe"):
        subscribe(env, model, row["id"], env.partner)
    for one in env.followers("hr.job", row["job_id"] or 0) if model == "hr.applicant" else ():
        subscribe(env, model, row["id"], one["partner_id"], [NEW])
    _responsible(env, model, row, given)
    if not env.context.get("mail_create_nolog"):
        said = f"{env.model(model).label} created"
        if model == "hr.applicant":
            body = f'<div summary="o_mail_notification"><p>{said}</p></div>'
            message = log(env, model, row, NEW, body)
            for partner in _following(env, model, row, message["subtype_id"]):
                if partner != env.partner:
                    tell(env, model, row, partner, f"Re: {env.name_of(model, row['id'])}", said, "new_applicant")
        else:
            log(env, model, row, NOTE, f"<p>{said}</p>")
    if given.get("stage_id") and not env.context.get("mail_notrack"):
        _stage_mail(env, model, row)


def tracking(env: Env, model: str, rows: Sequence[Row]) -> dict[int, dict[str, Any]]:
    """The values of the fields whose changes are logged."""
    names = [name for name, spec in env.fields(model).items() if spec.tracking and spec.store]
    if not env.model(model).thread:
        return {}
    return {row["id"]: {name: row.get(name) for name in names} for row in rows}


def wrote(env: Env, model: str, rows: Sequence[Row], given: Mapping[str, Any], before: Mapping[int, Row]) -> None:
    """One log entry for each record with what became different; a stage may have an e-mail to send."""
    if any(env.context.get(one) for one in MUTED):
        return
    for row in rows:
        changed = [name for name, value in before[row["id"]].items() if row.get(name) != value]
        if changed and not env.context.get("mail_notrack"):
            message = log(env, model, row, MOVED if "stage_id" in changed and row["stage_id"] else NOTE)
            for name in changed:
                _tracked(env, model, message, name, before[row["id"]][name], row.get(name))
            if "stage_id" in changed:
                _stage_mail(env, model, row)
        _responsible(env, model, row, given)


def _tracked(env: Env, model: str, message: Row, name: str, old: Any, new: Any) -> None:
    spec = env.fields(model)[name]
    known = env.sandbox.field_ids.get((model, name))

    def said(value: Any) -> str | None:
        if value is None or value == []:
            return None
        if spec.type == "many2one":
            return env.name_of(spec.relation, value)
        if spec.type == "many2many":
            return ", ".join(env.name_of(spec.relation, one) for one in value)
        return text_of(value) if spec.type == "datetime" else str(value)

    env.sandbox.db.create(
        "trackings", env.actor, mail_message_id=message["id"], field_id=known, old_value_char=said(old),
        new_value_char=said(new), create_uid=env.user["id"], write_uid=env.user["id"],
        old_value_integer=old if isinstance(old, int) else 0, new_value_integer=new if isinstance(new, int) else 0,
    )  # fmt: skip


def _stage_mail(env: Env, model: str, row: Row) -> None:
    """The template of the stage that was entered goes to the applicant."""
    stage = env.db["stages"].get(row.get("stage_id"))
    quiet = env.context.get("just_unarchived") or (env.context.get("just_moved") and env.options.version != "17")
    if stage and stage["template_id"] and not quiet:
        send(env, model, row, stage["template_id"], "stage_template")


def send(env: Env, model: str, row: Row, template_id: int, why: str) -> None:
    """Post a template on a record and mail it to the person."""
    template = env.db["templates"].rows[template_id]
    values = {"name": env.value(model, row, "partner_name"), "job": env.name_of("hr.job", row.get("job_id"))}
    subject = str(template["subject"] or "").format(**{key: value or "" for key, value in values.items()})
    body = str(template["body_html"] or "").format(**{key: escape(value or "") for key, value in values.items()})
    partner, address = env.value(model, row, "partner_id"), env.value(model, row, "email_from")
    log(env, model, row, NOTE, clean(body), "auto_comment", subject=subject, partner_ids=[partner] if partner else [])
    if address:
        email(env, model, row["id"], address, subject, body, why)


# What is posted.


def post(env: Env, model: str, row: Row, asked: Mapping[str, Any]) -> int:
    """message_post. A text is a text unless it says that it is markup; followers of its subtype are told."""
    unknown = set(asked) - POSTED
    if unknown:
        raise broken(f"Those values are not supported when posting or notifying: {', '.join(sorted(unknown))}")
    body = str(asked.get("body") or "")
    kept = _subtype_of(env, asked)
    partners = [int(one) for one in asked.get("partner_ids") or ()]
    files = [*(int(one) for one in asked.get("attachment_ids") or ()), *_kept_files(env, model, row, asked)]
    kind = str(asked.get("message_type") or "notification")
    if kind not in {"email", "comment", "notification", "auto_comment", "email_outgoing"}:
        raise broken(f"Wrong value for mail.message.message_type: {kind!r}")
    author = asked.get("author_id") or env.partner
    message = log(env, model, row, kept["xmlid"], clean(body if asked.get("body_is_html") else escape(body)), kind,
                  subject=asked.get("subject") or None, partner_ids=partners, attachment_ids=files, author_id=author,
                  parent_id=asked.get("parent_id") or None)  # fmt: skip
    _main_file(env, model, row, files)
    if kind != "notification" and not env.context.get("mail_create_nosubscribe"):
        subscribe(env, model, row["id"], author)
    told = dict.fromkeys([*partners, *_following(env, model, row, kept["id"])])
    subject = asked.get("subject") or f"Re: {env.name_of(model, row['id'])}"
    for partner in told:
        if partner != author:
            tell(env, model, row, partner, subject, message["body"], "message_post")
    return message["id"]


def _subtype_of(env: Env, asked: Mapping[str, Any]) -> Row:
    if asked.get("subtype_xmlid"):
        return subtype(env, str(asked["subtype_xmlid"]))
    row = env.db["subtypes"].get(asked.get("subtype_id") or None)
    return row or subtype(env, NOTE)


def _kept_files(env: Env, model: str, row: Row, asked: Mapping[str, Any]) -> list[int]:
    from . import crud

    ids: list[int] = []
    for one in asked.get("attachments") or ():
        name, content = one[0], one[1]
        raw = content if isinstance(content, bytes) else str(content).encode()
        ids += crud.create(
            env,
            "ir.attachment",
            [{"name": name, "datas": base64.b64encode(raw).decode(), "res_model": model, "res_id": row["id"]}],
        )
    return ids


def _main_file(env: Env, model: str, row: Row, files: Sequence[int]) -> None:
    """The first file of a chatter becomes the one that is shown beside the record: a write to the record."""
    if not files or "message_main_attachment_id" not in env.fields(model) or row["message_main_attachment_id"]:
        return
    from . import crud

    rows = [env.db["attachments"].rows[one] for one in files]
    best = next((one for one in rows if str(one["mimetype"]).endswith("pdf")), rows[0])
    crud.write(env.sudo().with_context(tracking_disable=True), model, [row["id"]],
               {"message_main_attachment_id": best["id"]})  # fmt: skip
