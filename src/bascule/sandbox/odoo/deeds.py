"""What faults do to a database and its keys, by the functions that its pages and its interfaces use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from ..kit.access import rotated, secret
from ..kit.deeds import Doing
from ..kit.deeds import deeds as framed
from ..kit.faults import Deeds, Refusal
from ..kit.people import ascii_of
from ..kit.tables import Actor, Row
from . import crud
from .env import Env
from .recruitment import APPLICANT, CANDIDATE
from .sandbox import Sandbox
from .seed import FIRST_ADMIN

TYPES = {"short_text": "char", "long_text": "text", "number": "float", "yes_no": "boolean",
         "single_select": "selection", "date": "date"}  # fmt: skip


def deeds(sandbox: Sandbox) -> Deeds:
    doing = _Doing(sandbox)
    people: dict[str, str] = {"candidates": CANDIDATE if sandbox.options.persons else APPLICANT}
    if sandbox.options.persons:
        people["applications"] = APPLICANT
    below = {"candidates": [("notes", "candidate_id"), ("attachments", "candidate_id"), *(
        [("applications", "candidate_id")] if sandbox.options.persons else [])]}  # fmt: skip
    models = {**people, "notes": "mail.message", "tags": "hr.applicant.category", "attachments": "ir.attachment"}
    return framed(sandbox, Doing(
        admin=lambda: FIRST_ADMIN, revoke=doing.revoke, rotate=doing.rotate, scopes=True,
        rename_field=doing.rename_field, remove_field=doing.remove_field, require_field=doing.require_field,
        add_option=doing.add_option, rename_stage=doing.rename_stage,
        delete={kind: partial(doing.delete, model) for kind, model in models.items()},
        change={kind: partial(doing.change, model) for kind, model in people.items()}, below=below))  # fmt: skip


class _Doing:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.random = Random(f"rotated-{sandbox.options.seed}")

    def _env(self, actor: Actor) -> Env:
        return self.sandbox.env(self.sandbox.db["users"].rows[FIRST_ADMIN], actor, root=True)

    def revoke(self, actor: Actor, id: int) -> None:
        self.sandbox.db.change("credentials", id, actor, {"revoked": True})

    def rotate(self, actor: Actor, id: int, grace: timedelta) -> None:
        row = self.sandbox.db["credentials"].rows[id]
        new = rotated(row, secret(self.random, 40), self.sandbox.now(), grace)
        self.sandbox.db.change("credentials", id, actor, new)

    def _field(self, name: str) -> Row:
        for row in self.sandbox.db["fields"]:
            if row["state"] == "manual" and name in (row["name"], row["field_description"]):
                return row
        raise Refusal(f"there is no custom field {name!r}")

    def rename_field(self, actor: Actor, name: str, to: str) -> Iterable[str]:
        """Its label; its technical name where a technical name is given."""
        row = self._field(name)
        key = "name" if to.startswith("x_") else "field_description"
        crud.write(self._env(actor), "ir.model.fields", [row["id"]], {key: to})
        return [f"fields/{row['id']}"]

    def remove_field(self, actor: Actor, name: str) -> Iterable[str]:
        row = self._field(name)
        crud.unlink(self._env(actor), "ir.model.fields", [row["id"]])
        return [f"fields/{row['id']}"]

    def require_field(self, actor: Actor, name: str, on: str, type: str) -> Iterable[str]:
        env = self._env(actor)
        try:
            row = self._field(name)
            crud.write(env, "ir.model.fields", [row["id"]], {"required": True})
            return [f"fields/{row['id']}"]
        except Refusal:
            pass
        model = CANDIDATE if on == "candidate" and self.sandbox.options.persons else APPLICANT
        key = name if name.startswith("x_") else "x_" + "_".join(ascii_of(one) for one in name.split()).lower()
        kind = TYPES.get(type, type)
        more = {"selection": "[('yes', 'Yes'), ('no', 'No')]"} if kind == "selection" else {}
        ids = crud.create(env, "ir.model.fields", [{
            "name": key, "field_description": name, "ttype": kind, "required": True, **more,
            "model_id": self.sandbox.model_ids[model]}])  # fmt: skip
        return [f"fields/{ids[0]}"]

    def add_option(self, actor: Actor, name: str, to: str, count: int, dice: Random) -> Iterable[str]:
        row, env = self._field(name), self._env(actor)
        if row["ttype"] != "selection":
            raise Refusal(f"{name!r} is no field of choices")
        value = ascii_of(to).lower()
        crud.create(env, "ir.model.fields.selection", [{"field_id": row["id"], "value": value, "name": to}])
        table = self.sandbox.db[env.table(row["model"])]
        picked = dice.sample(list(table.ids), min(count, len(table)))
        crud.write(env, row["model"], picked, {row["name"]: value})
        return [f"fields/{row['id']}", *(f"{table.name}/{id}" for id in picked)]

    def rename_stage(self, actor: Actor, name: str, to: str) -> Iterable[str]:
        ids = [row["id"] for row in self.sandbox.db["stages"] if row["name"] == name]
        if not ids:
            raise Refusal(f"there is no stage {name!r}")
        crud.write(self._env(actor), "hr.recruitment.stage", ids, {"name": to})
        return [f"stages/{id}" for id in ids]

    def delete(self, model: str, actor: Actor, id: int) -> None:
        delete_record(self._env(actor), model, id)

    def change(self, model: str, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
        """Values as the interface takes them; `stage` moves by the name of a stage."""
        env, asked = self._env(actor), dict[str, Any](values)
        name = asked.pop("stage", None)
        if name is not None:
            stage = next((one["id"] for one in self.sandbox.db["stages"] if one["name"] == name), None)
            if stage is None or "stage_id" not in row or row["stage_id"] == stage:
                return bool(asked) and self._write(env, model, row, asked)
            asked["stage_id"] = stage
        return self._write(env, model, row, asked)

    def _write(self, env: Env, model: str, row: Row, values: Mapping[str, Any]) -> bool:
        return crud.write(env, model, [row["id"]], values)


def delete_record(env: Env, model: str, id: int) -> None:
    """Delete for good; a candidate goes with the applications that would hold it."""
    if model == CANDIDATE:
        crud.unlink(env, APPLICANT, [row["id"] for row in env.db["applications"].where("candidate_id", id)])
    crud.unlink(env, model, [id])
