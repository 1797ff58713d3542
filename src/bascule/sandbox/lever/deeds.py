"""What faults do to this tenant, by the same functions that its pages and its interface use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from ..kit.deeds import Doing, deeds
from ..kit.faults import Deeds, Refusal
from ..kit.ids import Id
from ..kit.tables import Actor, Row
from . import people, records
from .hooks import ms
from .sandbox import Sandbox
from .tables import BELOW

TEMPLATES = ("form_templates", "feedback_templates")


def doing(sandbox: Sandbox) -> Deeds:
    """Every deed that can be ordered. Custom fields are the fields of templates; `on` names a template."""
    access = sandbox.access

    def rotate(actor: Actor, id: Id, grace: timedelta) -> str:
        return access.rotate(actor, id, grace)

    return deeds(sandbox, Doing(
        admin=lambda: sandbox.admin()["id"],
        forget_tokens=lambda id: access.tokens.forget("access", id), forget_consents=access.forget_consents,
        revoke=access.revoke, rotate=rotate, scopes=True,
        rename_field=partial(_rename_field, sandbox), remove_field=partial(_remove_field, sandbox),
        require_field=partial(_require_field, sandbox), add_option=partial(_add_option, sandbox),
        rename_stage=partial(_rename_stage, sandbox),
        merge=partial(people.merge, sandbox), anonymize=partial(people.anonymize, sandbox),
        delete={"candidates": partial(people.delete_contact, sandbox),
                "applications": partial(people.delete_opportunity, sandbox),
                "notes": partial(_delete, sandbox, "notes"), "forms": partial(_delete, sandbox, "forms"),
                "feedback": partial(_delete, sandbox, "feedback"),
                "attachments": partial(_delete, sandbox, "attachments"), "jobs": partial(delete_posting, sandbox)},
        change={"candidates": partial(_change_contact, sandbox), "applications": partial(_change, sandbox),
                "jobs": partial(_change_posting, sandbox)},
        below={"candidates": [(kind, "candidate_id") for kind in ("applications", *BELOW)],
               "applications": [(kind, "application_id") for kind in BELOW], "jobs": [("applications", "job_id")]},
    ))  # fmt: skip


def _holders(sandbox: Sandbox, name: str) -> list[tuple[str, Row]]:
    """The templates that have a field of a name."""
    found = [(kind, row) for kind in TEMPLATES for row in sandbox.db[kind]
             if any(name in (one["text"], one["id"]) for one in row["fields"])]  # fmt: skip
    if not found:
        raise Refusal(f"no template has a field {name!r}")
    return found


def _rename_field(sandbox: Sandbox, actor: Actor, name: str, to: str) -> Iterable[str]:
    found = _holders(sandbox, name)
    for kind, row in found:
        fields = [{**one, "text": to} if name in (one["text"], one["id"]) else one for one in row["fields"]]
        sandbox.db.change(kind, row["id"], actor, {"fields": fields})
    return [f"{kind}/{row['id']}" for kind, row in found]


def _remove_field(sandbox: Sandbox, actor: Actor, name: str) -> Iterable[str]:
    """The field goes from its templates; what was filled in before keeps it."""
    found = _holders(sandbox, name)
    for kind, row in found:
        fields = [one for one in row["fields"] if name not in (one["text"], one["id"])]
        sandbox.db.change(kind, row["id"], actor, {"fields": fields})
    return [f"{kind}/{row['id']}" for kind, row in found]


def _require_field(sandbox: Sandbox, actor: Actor, name: str, on: str, type: str) -> Iterable[str]:
    """A field of this name becomes required; or each template (or only the one called `on`) has a new one."""
    done: list[str] = []
    wanted = [row for row in sandbox.db["form_templates"] if on in (row["text"], row["id"])]
    for row in wanted or list(sandbox.db["form_templates"]):
        fields = [{**one, "required": True} if one["text"] == name else one for one in row["fields"]]
        if not any(one["text"] == name for one in fields):
            kind = type if type in records.FORM_FIELDS else "text"
            fields += records.template_fields(sandbox, [{"text": name, "type": kind, "required": True}],
                                              records.FORM_FIELDS)  # fmt: skip
        sandbox.db.change("form_templates", row["id"], actor, {"fields": fields})
        done.append(f"form_templates/{row['id']}")
    return done


def _add_option(sandbox: Sandbox, actor: Actor, name: str, to: str, count: int, dice: Random) -> Iterable[str]:
    """The field offers one more answer, and somebody gives it in as many new forms."""
    done: list[str] = []
    for kind, row in _holders(sandbox, name):
        option = {"text": to, "optionId": records.new_id(sandbox)}
        fields = [{**one, "options": [*one["options"], option]} if one["text"] == name and "options" in one else one
                  for one in row["fields"]]  # fmt: skip
        if not sandbox.db.change(kind, row["id"], actor, {"fields": fields}):
            raise Refusal(f"{name!r} is no field of choices")
        done.append(f"{kind}/{row['id']}")
        opportunities = list(sandbox.db["applications"]) if kind == "form_templates" else []
        for opportunity in dice.sample(opportunities, min(count, len(opportunities))):
            chosen = [{"id": one["id"], "value": to if one["text"] == name else None} for one in fields]
            made = records.form(sandbox, actor, opportunity["id"], {"baseTemplateId": row["id"], "fields": chosen})
            done.append(f"forms/{made['id']}")
    return done


def _rename_stage(sandbox: Sandbox, actor: Actor, name: str, to: str) -> Iterable[str]:
    ids = [row["id"] for row in sandbox.db["stages"] if row["text"] == name]
    if not ids:
        raise Refusal(f"there is no stage {name!r}")
    for id in ids:
        sandbox.db.change("stages", id, actor, {"text": to})
    return [f"stages/{id}" for id in ids]


def _delete(sandbox: Sandbox, kind: str, actor: Actor, id: Id) -> None:
    row = sandbox.row(kind, id)
    records.remove(sandbox, actor, kind, row["application_id"], id, by_api=False)


def delete_posting(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    """Delete a posting: opportunities stay, without their application to it."""
    row = sandbox.row("jobs", id)
    for one in sandbox.db["submissions"].where("job_id", id):
        people.remember(sandbox, actor, "application", one["id"],
                        {"opportunityId": one["application_id"], "posting": id})  # fmt: skip
        sandbox.db.delete("submissions", one["id"], actor)
    for one in sandbox.db["applications"].where("job_id", id):
        sandbox.db.change("applications", one["id"], actor, {"job_id": None})
    sandbox.db.delete("jobs", id, actor)
    people.remember(sandbox, actor, "posting", id, {"text": row["text"], "createdAt": ms(row["created_at"])})


def _change_contact(sandbox: Sandbox, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
    people.update_contact(sandbox, actor, row["id"], people.contact_values(values))
    return True


def _change(sandbox: Sandbox, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
    """`stage` (a name or an id) moves, `reason` archives, `tags` adds; everything else is a column. One that cannot
    be moved passes by."""
    done = False
    if (stage := values.pop("stage", None)) is not None:
        found = next((one["id"] for one in sandbox.db["stages"] if stage in (one["text"], one["id"])), None)
        if found is not None and found != row["stage_id"] and not row["archived"]:
            people.move(sandbox, actor, row["id"], found)
            done = True
    if "reason" in values:
        wanted = values.pop("reason")
        found = next((one["id"] for one in sandbox.db["archive_reasons"] if wanted in (one["text"], one["id"])), None)
        people.archive(sandbox, actor, row["id"], found)
        done = True
    if "tags" in values:
        people.label(sandbox, actor, row["id"], "tags", people.texts(values, "tags"))
        values.pop("tags")
        done = True
    return bool(sandbox.db.change("applications", row["id"], actor, values)) or done


def _change_posting(sandbox: Sandbox, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
    return bool(sandbox.db.change("jobs", row["id"], actor, values))
