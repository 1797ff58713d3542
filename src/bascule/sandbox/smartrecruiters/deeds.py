"""What faults do to a company's data, by the functions that its pages and its interface use."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from ..kit.faults import Refusal
from ..kit.tables import Actor, Row
from . import doings
from .tables import CONTEXTS

if TYPE_CHECKING:
    from .sandbox import Sandbox


def rename_stage(sandbox: Sandbox, actor: Actor, name: str, to: str) -> list[str]:
    """Another name for a sub-status, in every process that has it. Applications in it show it at once, unchanged."""
    rows = [row for row in sandbox.db["stages"] if row["name"] == name]
    for row in rows:
        sandbox.db.change("stages", row["id"], actor, {"name": to})
    return [f"stages/{row['id']}" for row in rows]


def doing(sandbox: Sandbox) -> dict[str, Any]:
    """The tenant's own functions for the kit's deeds."""
    db = sandbox.db

    def named(label: str) -> Row:
        row = next((row for row in db["properties"] if row["label"] == label), None)
        if row is None:
            raise Refusal(f"there is no candidate property {label!r}")
        return row

    def rename_field(actor: Actor, name: str, to: str) -> list[str]:
        row = named(name)
        db.change("properties", row["id"], actor, {"label": to})
        return [f"properties/{row['id']}"]

    def remove_field(actor: Actor, name: str) -> list[str]:
        row = named(name)
        for one in db["applications"]:
            if row["id"] in one["properties"]:
                left = {key: value for key, value in one["properties"].items() if key != row["id"]}
                db.change("applications", one["id"], actor, {"properties": left})
        db.delete("properties", row["id"], actor)
        return [f"properties/{row['id']}"]

    def require_field(actor: Actor, name: str, on: str, type: str) -> list[str]:
        """Who is hired must have it: required fields belong to the hire form."""
        row = next((row for row in db["properties"] if row["label"] == name), None)
        row = row or doings.new_property(sandbox, actor, name, "TEXT", CONTEXTS)
        contexts = list(dict.fromkeys([*row["contexts"], "HIRE_FORM"]))
        db.change("properties", row["id"], actor, {"required": True, "contexts": contexts})
        return [f"properties/{row['id']}"]

    def add_option(actor: Actor, name: str, to: str, count: int, dice: Random) -> list[str]:
        row = named(name)
        made = doings.new_value(sandbox, actor, row, to)
        rows = list(db["applications"])
        for one in dice.sample(rows, min(count, len(rows))):
            values = {**one["properties"], row["id"]: made["id"]}
            db.change("applications", one["id"], actor, {"properties": values})
        return [f"properties/{row['id']}"]

    def rename(actor: Actor, name: str, to: str) -> list[str]:
        done = rename_stage(sandbox, actor, name, to)
        if not done:
            raise Refusal(f"no hiring process has a sub-status {name!r}")
        return done

    def change_candidate(actor: Actor, row: Row, values: dict[str, Any]) -> bool:
        tags = values.pop("tags", None)
        if unknown := set(values) - set(doings.PROFILE):
            raise Refusal(f"a candidate has no {', '.join(sorted(unknown))}")
        if tags is not None:
            doings.set_tags(sandbox, actor, row, tags)
        return doings.edit_candidate(sandbox, actor, row["id"], values) or tags is not None

    def change_application(actor: Actor, row: Row, values: dict[str, Any]) -> bool:
        """`stage` moves it to the stage of that name; passes by where there is none such."""
        process, name = db["jobs"].rows[row["job_id"]]["process_id"], values.get("stage")
        stage = next((one for one in sandbox.ladder(process) if name in (one["name"], one["status"])), None)
        if stage is None:
            return False
        asked = {"status": stage["status"], "subStatus": stage["name"]}
        return doings.set_status(sandbox, actor, row, asked)

    return {
        "rename_field": rename_field, "remove_field": remove_field, "require_field": require_field,
        "add_option": add_option, "rename_stage": rename,
        "merge": lambda actor, into, who: doings.merge(sandbox, actor, into, who),
        "delete": {"candidates": lambda actor, id: doings.delete_candidate(sandbox, actor, id)},
        "change": {"candidates": change_candidate, "applications": change_application},
        "below": {"candidates": [("applications", "candidate_id"), ("attachments", "candidate_id"),
                                 ("reviews", "candidate_id")], "jobs": [("applications", "job_id")]},
    }  # fmt: skip
