"""What faults do to this tenant's data and keys, by the functions that its pages and its interface use."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Any

from ..kit.deeds import Doing, deeds
from ..kit.faults import Deeds, Refusal
from ..kit.tables import Actor, Row
from . import fields, people, pipeline
from .sandbox import Sandbox


def doing(sandbox: Sandbox) -> Deeds:
    own = Own(sandbox)
    return deeds(sandbox, Doing(
        admin=lambda: sandbox.admin["id"], forget_tokens=lambda id: sandbox.forget_tokens(),
        revoke=sandbox.revoke_key, rotate=sandbox.rotate_key, scopes=True,
        rename_field=own.rename_field, remove_field=own.remove_field, require_field=own.require_field,
        add_option=own.add_option, rename_stage=own.rename_stage, merge=partial(people.merge, sandbox),
        anonymize=partial(people.anonymize, sandbox),
        delete={"candidates": partial(people.delete, sandbox), "applications": partial(pipeline.remove, sandbox),
                "notes": partial(people.delete_note, sandbox)},
        change={"candidates": own.change_candidate, "applications": own.change_application, "jobs": own.change_job},
        below={"candidates": [(kind, "candidate_id") for kind in people.BELOW],
               "jobs": [("applications", "job_id"), ("postings", "job_id")]},
    ))  # fmt: skip


class Own:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.db = sandbox.db

    def _field(self, name: str) -> Row:
        found = next((row for row in self.db["custom_fields"] if name in (row["title"], row["id"])), None)
        if found is None:
            raise Refusal(f"there is no custom field {name}")
        return found

    def _set(self, actor: Actor, row: Row, **values: Any) -> list[str]:
        self.db.change("custom_fields", row["id"], actor, values)
        return [f"custom_fields/{row['id']}"]

    def rename_field(self, actor: Actor, name: str, to: str) -> list[str]:
        return self._set(actor, self._field(name), title=to)

    def remove_field(self, actor: Actor, name: str) -> list[str]:
        """It is archived: its values are kept and not shown."""
        return self._set(actor, self._field(name), archived=True)

    def require_field(self, actor: Actor, name: str, on: str, type: str) -> list[str]:
        known = next((row for row in self.db["custom_fields"] if row["title"] == name), None)
        if known:
            return self._set(actor, known, required=True)
        types: dict[str, str] = {"short_text": "String", "long_text": "LongText"}
        of, kind = on.capitalize(), types.get(type, type)
        if of not in fields.VALUED or kind not in fields.TYPES:
            raise Refusal(f"{on} has no custom fields of the type {type}")
        row = pipeline.define_field(self.sandbox, actor, name, of, kind, required=True)
        return [f"custom_fields/{row['id']}"]

    def add_option(self, actor: Actor, name: str, to: str, count: int, dice: Random) -> list[str]:
        """A new option, chosen by some records from now on."""
        row = self._field(name)
        if row["field_type"] not in fields.SELECTS:
            raise Refusal(f"{name} has no options")
        value = to.lower().replace(" ", "_")
        done = self._set(actor, row, options=[*row["options"], {"label": to, "value": value, "isArchived": False}])
        kind = fields.VALUED[row["object_type"]]
        chosen: Any = [value] if row["field_type"] == "MultiValueSelect" else value
        for one in dice.sample(list(self.db[kind]), min(count, len(self.db[kind]))):
            pipeline.set_values(self.sandbox, actor, row["object_type"], one["id"], {row["id"]: chosen})
            done.append(f"{kind}/{one['id']}")
        return done

    def rename_stage(self, actor: Actor, name: str, to: str) -> list[str]:
        found = [row for row in self.db["stages"] if name in (row["name"], row["id"])]
        if not found:
            raise Refusal(f"there is no stage {name}")
        for row in found:
            self.db.change("stages", row["id"], actor, {"name": to})
        return [f"stages/{row['id']}" for row in found]

    # Records in bulk.

    def _fitting(self, row: Row, values: dict[str, Any]) -> dict[str, Any]:
        if left := [key for key in values if key not in row]:
            raise Refusal(f"unknown: {', '.join(left)}")
        return values

    def change_candidate(self, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
        return bool(people.update(self.sandbox, actor, row["id"], self._fitting(row, values)))

    def change_application(self, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
        """`stage` moves by a stage's name; everything else is set as it is."""
        stage, before = values.pop("stage", None), self.db["applications"].rows[row["id"]]["updated_at"]
        if stage is not None:
            named = [one for one in pipeline.stages(self.sandbox, row["plan_id"]) if one["name"] == stage]
            if not named:
                return False
            pipeline.move(self.sandbox, actor, row["id"], named[0]["id"], reason_id=self._reason(named[0]))
        pipeline.update(self.sandbox, actor, row["id"], self._fitting(row, values))
        return row["updated_at"] != before

    def _reason(self, stage: Row) -> str | None:
        return self.db["archive_reasons"].ids[0] if stage["type"] == "Archived" else None

    def change_job(self, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
        changed = self.db.change("jobs", row["id"], actor, self._fitting(row, values))
        if changed:
            self.sandbox.tell_job(row)
        return bool(changed)
