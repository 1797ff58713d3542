"""What is special about the models that describe the database itself: fields, automation rules; and files."""

from __future__ import annotations

import ast
import hashlib
import mimetypes
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..kit.tables import Row
from . import crud
from .crud import Draft
from .env import Env
from .errors import invalid, user_error
from .schema import SETTINGS

FIELDS, CHOICES, RULES, ACTIONS = "ir.model.fields", "ir.model.fields.selection", "base.automation", "ir.actions.server"
# The field that a trigger watches, where it is about one.
WATCHED = {"on_stage_set": ("stage_id",), "on_user_set": ("user_id", "recruiter_id"), "on_tag_set": ("categ_ids",),
           "on_priority_set": ("priority",), "on_archive": ("active",), "on_unarchive": ("active",)}  # fmt: skip


# Fields.


def _creating_field(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    columns = draft.columns
    name, model = str(columns["name"] or ""), env.db["models"].get(columns["model_id"])
    columns["state"] = "manual"
    if model is None:
        return
    columns["model"] = model["model"]
    if not name.startswith("x_"):
        raise invalid("The operation cannot be completed: Custom fields must have a name that starts with 'x_'!")
    if not re.fullmatch(r"[a-z0-9_]{1,63}", name):
        raise invalid("Field names can only contain characters, digits and underscores (up to 63).")
    if name in env.fields(model["model"]):
        raise invalid("The operation cannot be completed: Field names must be unique per model.")
    if columns["relation"] and columns["relation"] not in env.sandbox.models:
        raise user_error(f"Model {columns['relation']} does not exist!")
    columns["field_description"] = columns["field_description"] or name
    if columns["selection"] and "selection_ids" not in draft.lists:
        pairs = ast.literal_eval(columns["selection"])
        draft.lists["selection_ids"] = [(0, 0, {"value": value, "name": said, "sequence": place})
                                        for place, (value, said) in enumerate(pairs)]  # fmt: skip
    if columns["ttype"] == "selection" and not draft.lists.get("selection_ids"):
        raise user_error("For selection fields, the Selection Options must be given!")


def _changed_fields(env: Env, rows: Sequence[Row], draft: Draft, before: Mapping[int, Row]) -> None:
    env.sandbox.forget_fields()


def _writing_field(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    for row in rows:
        if row["state"] != "manual":
            raise user_error("Properties of base fields cannot be altered in this manner! "
                             "Please modify them through Python code, preferably through a custom addon!")  # fmt: skip
        new = draft.columns.get("name", row["name"])
        if new != row["name"]:
            if not new.startswith("x_"):
                raise invalid(
                    "The operation cannot be completed: Custom fields must have a name that starts with 'x_'!"
                )
            _rename(env, row, new)


def _rename(env: Env, row: Row, new: str) -> None:
    table = env.table(row["model"])
    for record in env.db[table]:
        if row["name"] in record:
            env.sandbox.db.mark(table, record["id"], **{new: record.pop(row["name"])})


def _deleting_field(env: Env, rows: Sequence[Row]) -> None:
    for row in rows:
        if row["state"] != "manual":
            raise user_error("This column contains module data and cannot be removed!")
    for row in rows:
        for record in env.db[env.table(row["model"])]:
            record.pop(row["name"], None)
        for choice in env.db["choices"].where("field_id", row["id"]):
            env.sandbox.db.delete("choices", choice["id"], env.actor)
    env.sandbox.forget_fields()


# Automation rules.


def _creating_rule(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    model = env.db["models"].get(draft.columns["model_id"])
    watched = WATCHED.get(str(draft.columns["trigger"]), ())
    if model and watched and "trigger_field_ids" not in draft.given:
        ids = [row["id"] for row in env.db["fields"] if row["model"] == model["model"] and row["name"] in watched]
        draft.lists["trigger_field_ids"] = [(6, 0, ids)]


def _created_rule(env: Env, rows: Sequence[Row], draft: Draft, before: Mapping[int, Row]) -> None:
    """An action is of the model of its rule."""
    for rule in rows:
        for action in env.db["webhooks"].where("base_automation_id", rule["id"]):
            if action["model_id"] != rule["model_id"]:
                crud.write(env.sudo(), ACTIONS, [action["id"]], {"model_id": rule["model_id"]})


# Files.


def _creating_file(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    columns = draft.columns
    if columns["res_model"] and columns["res_id"] and columns["res_model"] in env.sandbox.models:
        env.rows(columns["res_model"], [columns["res_id"]], "w" if not env.root else "r")
    _described(env, columns, draft.given)


def _writing_file(env: Env, draft: Draft, rows: Sequence[Row]) -> None:
    if "datas" in draft.columns:
        _described(env, draft.columns, {**({"name": rows[0]["name"]} if rows else {}), **draft.given})


def _described(env: Env, columns: dict[str, Any], given: Mapping[str, Any]) -> None:
    """What Odoo finds out about a file by itself."""
    content: bytes = columns["datas"] or b""
    kind = given.get("mimetype") or _kind(str(given.get("name") or ""), content)
    if SETTINGS not in env.groups and any(one in kind for one in ("html", "xml", "svg")) and "document" not in kind:
        kind = "text/plain"
    columns |= {"mimetype": kind, "file_size": len(content),
                "checksum": hashlib.sha1(content, usedforsecurity=False).hexdigest() if content else None}  # fmt: skip


def _kind(name: str, content: bytes) -> str:
    known = mimetypes.guess_type(name)[0]
    if known:
        return known
    for start, kind in ((b"%PDF", "application/pdf"), (b"\x89PNG", "image/png"), (b"PK", "application/zip")):
        if content.startswith(start):
            return kind
    try:
        content.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain" if content else "application/octet-stream"


def described(env: Env) -> None:
    """Enter every model and field of the database into its own tables."""
    db = env.sandbox.db
    ids: dict[str, int] = {}
    for name, model in env.sandbox.models.items():
        row = db.create("models", env.actor, name=model.label, model=name, state="base", create_uid=1, write_uid=1)
        ids[name] = row["id"]
    blank = {"help": None, "size": 0, "selection": None, "translate": False, "copied": False, "index": False}
    for name, model in env.sandbox.models.items():
        for key, spec in model.fields.items():
            db.create("fields", env.actor, **blank, name=key, field_description=spec.string, model=name,
                      model_id=ids[name], ttype=spec.type, relation=spec.relation or None, required=spec.required,
                      relation_field=spec.inverse or None, readonly=spec.readonly, store=spec.store, state="base",
                      tracking=100 if spec.tracking else 0, create_uid=1, write_uid=1)  # fmt: skip


crud.CREATING.update({FIELDS: _creating_field, RULES: _creating_rule, "ir.attachment": _creating_file})
crud.CREATED.update({FIELDS: _changed_fields, CHOICES: _changed_fields, RULES: _created_rule})
crud.WRITING.update({FIELDS: _writing_field, "ir.attachment": _writing_file})
crud.WROTE.update({FIELDS: _changed_fields, CHOICES: _changed_fields, RULES: _created_rule})
crud.DELETING.update({FIELDS: _deleting_field})
