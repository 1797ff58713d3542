"""What faults do to this tenant's data and credentials, by the same functions that its pages and its interface use."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from ..kit import deeds as kit
from ..kit.faults import Deeds, Refusal
from ..kit.tables import Actor, Row
from . import fields, jobs, people, pipeline
from .sandbox import Sandbox


def deeds(sandbox: Sandbox) -> Deeds:
    """Every deed that can be ordered of this sandbox."""
    schema, access = Schema(sandbox), sandbox.access
    return kit.deeds(sandbox, kit.Doing(
        admin=lambda: next((row["id"] for row in sandbox.db["users"] if row["site_admin"]), None),
        forget_tokens=access.forget_tokens, forget_consents=access.forget_consents, revoke=access.revoke,
        rotate=access.rotate, scopes=True,
        rename_field=schema.rename, remove_field=schema.remove, require_field=schema.require,
        add_option=schema.add_option, rename_stage=schema.rename_stage,
        merge=lambda actor, primary, duplicate: people.merge(sandbox, actor, primary, duplicate),
        anonymize=lambda actor, id: people.anonymize(sandbox, actor, id, people.ANONYMIZABLE),
        delete={
            "candidates": lambda actor, id: people.delete(sandbox, actor, id),
            "applications": lambda actor, id: pipeline.delete(sandbox, actor, id),
            "notes": lambda actor, id: people.delete_note(sandbox, actor, id),
            "candidate_tags": lambda actor, id: people.delete_tag(sandbox, actor, id),
            "applied_candidate_tags": lambda actor, id: people.remove_tag(sandbox, actor, id),
        },
        change={
            "candidates": lambda actor, row, values: bool(people.update(sandbox, actor, row["id"], values)),
            "applications": lambda actor, row, values: _change_application(sandbox, actor, row, values),
        },
        below={
            "candidates": [(kind, "candidate_id")
                           for kind in ("applications", "notes", "attachments", "applied_candidate_tags")],
            "jobs": [(kind, "job_id") for kind in ("applications", "job_posts", "job_interview_stages", "openings")],
        },
    ))  # fmt: skip


class Schema:
    """The tenant's custom fields and stages."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def _field(self, name: str) -> Row:
        for row in self.sandbox.db["custom_fields"]:
            if name in (row["name"], row["name_key"]):
                return row
        raise Refusal(f"there is no custom field {name!r}")

    def rename(self, actor: Actor, name: str, to: str) -> Iterable[str]:
        row = self._field(name)
        fields.redefine(self.sandbox.db, actor, row["id"], {"name": to})
        return [f"custom_fields/{row['id']}"]

    def remove(self, actor: Actor, name: str) -> Iterable[str]:
        row = self._field(name)
        fields.drop(self.sandbox.db, actor, row["id"])
        return [f"custom_fields/{row['id']}"]

    def require(self, actor: Actor, name: str, on: str, type: str) -> Iterable[str]:
        db = self.sandbox.db
        try:
            row = self._field(name)
            fields.redefine(db, actor, row["id"], {"required": True})
        except Refusal:
            row = fields.define(db, actor, self.sandbox.options.tier, {
                "name": name, "field_type": on, "value_type": type, "required": True})  # fmt: skip
        return [f"custom_fields/{row['id']}"]

    def add_option(self, actor: Actor, name: str, to: str, count: int, dice: Random) -> Iterable[str]:
        db, row = self.sandbox.db, self._field(name)
        option = fields.add_option(db, actor, {"custom_field_id": row["id"], "name": to})
        holder = fields.HOLDERS.get(row["field_type"], "")
        rows = list(db[holder]) if holder else []
        chosen = dice.sample(rows, min(count, len(rows)))
        value = [option["id"]] if row["value_type"] == "multi_select" else option["id"]
        for one in chosen:
            db.change(holder, one["id"], actor, {"custom_fields": {**one["custom_fields"], row["id"]: value}})
        return [f"custom_field_options/{option['id']}", *(f"{holder}/{one['id']}" for one in chosen)]

    def rename_stage(self, actor: Actor, name: str, to: str) -> Iterable[str]:
        ids = [row["id"] for row in self.sandbox.db["job_interview_stages"] if row["name"] == name]
        if not ids:
            raise Refusal(f"no job has a stage {name!r}")
        for id in ids:
            jobs.rename_stage(self.sandbox, actor, id, to)
        return [f"job_interview_stages/{id}" for id in ids]


def _change_application(sandbox: Sandbox, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
    """With the values that its PATCH takes; `stage` moves it. Whether it could be: a move passes by what is not in
    process, or is there already."""
    name = values.pop("stage", None)
    if values:
        pipeline.update(sandbox, actor, row["id"], values)
    if name is None:
        return True
    ladder = pipeline.stages(sandbox, row["job_id"]) if row["status"] == "in_process" and row["job_id"] else []
    stage = next((one["id"] for one in ladder if one["name"] == name), None)
    if stage in (None, row["job_interview_stage_id"]):
        return bool(values)
    pipeline.move(sandbox, actor, row["id"], {
        "from_stage_id": row["job_interview_stage_id"], "to_stage_id": stage})  # fmt: skip
    return True
