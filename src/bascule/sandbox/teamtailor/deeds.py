"""What faults do to this company's data and keys, by the functions that its pages and interfaces use too."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from ..kit.access import rotated
from ..kit.deeds import Doing, deeds
from ..kit.faults import Deeds, Refusal
from ..kit.ids import Id
from ..kit.tables import Actor, Row
from . import fields, people, pipeline
from .sandbox import Sandbox


def doing(sandbox: Sandbox) -> Deeds:
    """Every deed that can be ordered. There is no anonymising here, no required field, no token that could expire."""
    return deeds(sandbox, Doing(
        admin=lambda: sandbox.manager()["id"], revoke=partial(_revoke, sandbox), rotate=partial(_rotate, sandbox),
        scopes=True, rename_field=partial(_rename_field, sandbox), remove_field=partial(_remove_field, sandbox),
        add_option=partial(_add_option, sandbox), rename_stage=partial(_rename_stage, sandbox),
        merge=partial(people.merge, sandbox),
        delete={"candidates": partial(people.delete, sandbox), "applications": partial(pipeline.delete, sandbox),
                "notes": partial(people.delete_note, sandbox)},
        change={"candidates": partial(_change_candidate, sandbox),
                "applications": partial(_change_application, sandbox)},
        below={"candidates": [(kind, "candidate_id") for kind in ("applications", *people.BELOW)],
               "jobs": [("applications", "job_id"), ("stages", "job_id")]},
    ))  # fmt: skip


def _revoke(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    sandbox.db.change("credentials", id, actor, {"revoked": True})


def _rotate(sandbox: Sandbox, actor: Actor, id: Id, grace: timedelta) -> None:
    row = sandbox.row("credentials", id)
    sandbox.db.change("credentials", id, actor, rotated(row, sandbox.new_secret(), sandbox.now(), grace))


def _field(sandbox: Sandbox, name: str) -> Row:
    for row in sandbox.db["custom_fields"]:
        if name in (row["name"], row["api_name"]):
            return row
    raise Refusal(f"there is no custom field {name!r}")


def _rename_field(sandbox: Sandbox, actor: Actor, name: str, to: str) -> list[str]:
    row = _field(sandbox, name)
    fields.rename(sandbox, actor, row["id"], to)
    return [f"custom_fields/{row['id']}"]


def _remove_field(sandbox: Sandbox, actor: Actor, name: str) -> list[str]:
    row = _field(sandbox, name)
    fields.drop(sandbox, actor, row["id"])
    return [f"custom_fields/{row['id']}"]


def _add_option(sandbox: Sandbox, actor: Actor, name: str, to: str, count: int, dice: Random) -> list[str]:
    field = _field(sandbox, name)
    option = fields.add_option(sandbox, actor, field["id"], to)
    chosen = dice.sample(sandbox.db["candidates"].ids, min(count, len(sandbox.db["candidates"])))
    for id in chosen:
        people.enter_value(sandbox, actor, id, field["id"], [option["id"]])
    return [f"custom_field_options/{option['id']}", *(f"candidates/{id}" for id in chosen)]


def _rename_stage(sandbox: Sandbox, actor: Actor, name: str, to: str) -> list[str]:
    ids = [row["id"] for row in sandbox.db["stages"] if row["name"] == name]
    if not ids:
        raise Refusal(f"no job has a stage {name!r}")
    for id in ids:
        pipeline.rename_stage(sandbox, actor, id, to)
    return [f"stages/{id}" for id in ids]


def _change_candidate(sandbox: Sandbox, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
    """Columns, and values of custom fields by the fields' names."""
    own = {field["api_name"]: field["id"] for field in sandbox.db["custom_fields"]}
    columns = {key: value for key, value in values.items() if key in people.EMPTY}
    entered = {own[key]: value for key, value in values.items() if key in own and key not in columns}
    if unknown := [key for key in values if key not in columns and key not in own]:
        raise Refusal(f"a candidate has no {', '.join(unknown)}")
    for field_id, value in entered.items():
        people.enter_value(sandbox, actor, row["id"], field_id, value)
    return people.update(sandbox, actor, row["id"], columns) or bool(entered)


def _change_application(sandbox: Sandbox, actor: Actor, row: Row, values: dict[str, Any]) -> bool:
    """`stage` moves, `rejected` rejects or takes that back, everything else is a column."""
    given = dict(values)
    if (name := given.pop("stage", None)) is not None:
        stage = next((one for one in pipeline.stages(sandbox, row["job_id"]) if one["name"] == name), None)
        if stage is None:
            return False
        given["stage_id"] = stage["id"]
    if "rejected" in given:
        given["rejected_at"] = sandbox.now() if given.pop("rejected") else None
    return pipeline.update(sandbox, actor, row["id"], given)
