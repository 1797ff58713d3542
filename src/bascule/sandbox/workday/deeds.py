"""What faults do to a tenant's data, by the functions that its pages and its interface use."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from ..kit.faults import Refusal
from ..kit.ids import Id
from ..kit.tables import Actor, Row

if TYPE_CHECKING:
    from .sandbox import Sandbox


def doing(sandbox: Sandbox) -> dict[str, Any]:
    """The tenant's own functions for the kit's deeds."""
    from . import doings

    db = sandbox.db

    def field(name: str) -> Row:
        found = next((row for row in db["custom_fields"] if name in (row["name"], row["alias"])), None)
        if found is None:
            raise Refusal(f"no custom object has a field {name!r}")
        return found

    def rename_field(actor: Actor, name: str, to: str) -> list[str]:
        """Its label; the alias, by which programs know it, never changes."""
        row = field(name)
        db.change("custom_fields", row["id"], actor, {"name": to})
        return [f"custom_fields/{row['id']}"]

    def remove_field(actor: Actor, name: str) -> list[str]:
        row = field(name)
        alias = db["custom_objects"].rows[row["object_id"]]["alias"]
        for one in db["applications"]:
            if row["alias"] in one["additional"].get(alias, {}):
                left = {key: value for key, value in one["additional"][alias].items() if key != row["alias"]}
                db.change("applications", one["id"], actor, {"additional": {**one["additional"], alias: left}})
        db.delete("custom_fields", row["id"], actor)
        return [f"custom_fields/{row['id']}"]

    def require_field(actor: Actor, name: str, on: str, type: str) -> list[str]:
        known = next((row for row in db["custom_fields"] if name in (row["name"], row["alias"])), None)
        if known is not None:
            db.change("custom_fields", known["id"], actor, {"required": True})
            return [f"custom_fields/{known['id']}"]
        target = next(iter(db["custom_objects"]), None)
        if target is None:
            raise Refusal("this tenant has no custom object")
        words = "".join(one for one in name.title() if one.isalnum())
        row = db.create("custom_fields", actor, object_id=target["id"], alias=words[:1].lower() + words[1:], name=name,
                        type="text", required=True, options=[])  # fmt: skip
        return [f"custom_fields/{row['id']}"]

    def add_option(actor: Actor, name: str, to: str, count: int, dice: Random) -> list[str]:
        row = field(name)
        if row["type"] != "list":
            raise Refusal(f"{name!r} is no field of choices")
        db.change("custom_fields", row["id"], actor, {"options": [*row["options"], to]})
        alias = db["custom_objects"].rows[row["object_id"]]["alias"]
        rows = list(db["applications"])
        for one in dice.sample(rows, min(count, len(rows))):
            values = {**one["additional"].get(alias, {}), row["alias"]: to}
            db.change("applications", one["id"], actor, {"additional": {**one["additional"], alias: values}})
        return [f"custom_fields/{row['id']}"]

    def rename_stage(actor: Actor, name: str, to: str) -> list[str]:
        done = doings.rename_step(sandbox, actor, name, to)
        if not done:
            raise Refusal(f"no process has a step {name!r}")
        return done

    def change_candidate(actor: Actor, row: Row, values: dict[str, Any]) -> bool:
        names = values.pop("tags", None)
        if unknown := set(values) - set(doings.PERSON):
            raise Refusal(f"a candidate has no {', '.join(sorted(unknown))}")
        if names is not None:
            doings.tag(sandbox, actor, row["id"], names)
        return doings.edit_candidate(sandbox, actor, row["id"], values) or names is not None

    def change_application(actor: Actor, row: Row, values: dict[str, Any]) -> bool:
        """`stage` moves it to the step of that name; passes by what is over, or has no such step."""
        step = doings.step_named(sandbox, row, str(values.get("stage")))
        if row["disposition_id"] or row["hired"] or step is None or step["id"] == row["stage_id"]:
            return False
        doings.put_in(sandbox, actor, row, step)
        return True

    def delete(actor: Actor, id: Id) -> None:
        doings.delete(sandbox, actor, id)

    return {
        "rename_field": rename_field, "remove_field": remove_field, "require_field": require_field,
        "add_option": add_option, "rename_stage": rename_stage,
        "merge": lambda actor, into, who: doings.merge(sandbox, actor, into, who),
        "anonymize": lambda actor, id: doings.purge(sandbox, actor, id),
        "delete": {"candidates": delete},
        "change": {"candidates": change_candidate, "applications": change_application},
        "below": {"candidates": [("applications", "candidate_id"), ("attachments", "candidate_id"),
                                 ("interviews", "candidate_id"), ("assessments", "candidate_id")],
                  "jobs": [("applications", "job_id"), ("postings", "job_id")]},
    }  # fmt: skip
