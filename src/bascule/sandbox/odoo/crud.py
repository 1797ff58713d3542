"""create, write and unlink: checked as a whole before anything changes, then done with all that follows from it.

What is special about a model is in the functions that the modules beside this one add to `BEFORE` and `AFTER`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ..kit.tables import Row
from . import automation, mail
from .env import Env
from .errors import invalid, mandatory, missing, unknown_field
from .schema import LOGGED, Field
from .values import applied, commands, empty, stored


@dataclass
class Draft:
    """Values that were written to a model, ready to be kept."""

    model: str
    # As they were given, without what nobody may write.
    given: dict[str, Any]
    columns: dict[str, Any] = field(default_factory=dict[str, Any])
    lists: dict[str, list[tuple[int, int, Any]]] = field(default_factory=dict[str, list[tuple[int, int, Any]]])
    # Values of the record that a many2one points to.
    beyond: dict[str, Any] = field(default_factory=dict[str, Any])


# By model. Before: (env, draft, the row or None where it is new); may change the draft or refuse it.
Before = Callable[[Env, Draft, Sequence[Row]], None]
# After: (env, rows, draft, the rows as they were).
After = Callable[[Env, Sequence[Row], Draft, Mapping[int, Row]], None]
CREATING: dict[str, Before] = {}
CREATED: dict[str, After] = {}
WRITING: dict[str, Before] = {}
WROTE: dict[str, After] = {}
DELETING: dict[str, Callable[[Env, Sequence[Row]], None]] = {}


def drafted(env: Env, model: str, given: Mapping[str, Any], *, new: bool) -> Draft:
    """Check what is written. Raises Refused; nothing has changed then."""
    specs = env.fields(model)
    draft = Draft(model, {name: value for name, value in given.items() if name not in LOGGED})
    for name, value in draft.given.items():
        spec = specs.get(name)
        if spec is None:
            raise unknown_field(name, model, env.options.version)
        env.may_see(model, name, spec, "create" if new else "write")
        if spec.related is not None:
            draft.beyond[name] = value
        elif spec.compute is not None:
            continue  # it is worked out; what is written is lost without a word
        elif spec.many:
            draft.lists[name] = _checked(env, spec, commands(value))
        elif spec.type == "properties":
            draft.columns[name] = value
        else:
            kept = stored(model, name, spec, value)
            if spec.type == "many2one" and kept is not None and env.db[env.table(spec.relation)].get(kept) is None:
                raise missing(spec.relation, [kept], env.user)
            draft.columns[spec.column or name] = kept
            if spec.required and kept is None:
                raise mandatory(env.model(model).label, model, spec.string, name)
    return draft


def _checked(env: Env, spec: Field, changes: list[tuple[int, int, Any]]) -> list[tuple[int, int, Any]]:
    table = env.db[env.table(spec.relation)]
    for code, id, more in changes:
        wanted = [id] if code in (1, 4) else more or [] if code == 6 else []
        if any(table.get(one) is None for one in wanted):
            raise invalid("The operation cannot be completed: another model requires the record being deleted, or the "
                          f"record does not exist.\n\nModel: {spec.relation}")  # fmt: skip
        if code == 0 and spec.type == "many2many":
            env.check(spec.relation, "c")
            drafted(env, spec.relation, more, new=True)
    return changes


def _blank(spec: Field) -> Any:
    if spec.many:
        return []
    return False if spec.type == "boolean" and spec.default is None else spec.default


def create(env: Env, model: str, vals: Sequence[Mapping[str, Any]]) -> list[int]:
    """New records. All are checked before the first is made."""
    env.check(model, "c")
    specs = env.fields(model)
    drafts = [drafted(env, model, {**_defaults(env, model), **one}, new=True) for one in vals]
    for draft in drafts:
        blank = {spec.column or name: _blank(spec) for name, spec in specs.items() if spec.store and name not in LOGGED}
        draft.columns = {**blank, **draft.columns}
        if model in CREATING:
            CREATING[model](env, draft, ())
        for name, spec in specs.items():
            needed = spec.required and spec.store and name not in LOGGED and not spec.many and spec.type != "boolean"
            if needed and empty(draft.columns[spec.column or name]):
                raise mandatory(env.model(model).label, model, spec.string, name)
    rows = [_insert(env, draft) for draft in drafts]
    for row, draft in zip(rows, drafts, strict=True):
        if model in CREATED:
            CREATED[model](env, [row], draft, {})
        if env.model(model).thread:
            mail.created(env, model, row, draft.given)
    automation.fire(env, model, rows, "create", (), {})
    return [row["id"] for row in rows]


def _defaults(env: Env, model: str) -> dict[str, Any]:
    specs = env.fields(model)
    return {key.removeprefix("default_"): value for key, value in env.context.items()
            if key.startswith("default_") and key.removeprefix("default_") in specs}  # fmt: skip


def _insert(env: Env, draft: Draft) -> Row:
    db, model = env.sandbox.db, draft.model
    shown = {"visible_at": env.sandbox.now() + timedelta(seconds=env.late)} if env.late else {}
    columns = {**draft.columns, **env.sandbox.owner(model, draft.columns), **shown}
    for name, changes in draft.lists.items():
        if env.fields(model)[name].type == "many2many":
            columns[name] = _linked(env, model, name, [], changes)
    row = db.create(env.table(model), env.actor, **columns, create_uid=env.user["id"], write_uid=env.user["id"])
    stamp(env, env.table(model), row)
    db.mark(env.table(model), row["id"], created_at=row["updated_at"])
    _below(env, row, draft)
    return row


def stamp(env: Env, table: str, row: Row) -> None:
    """Every write moves the date, whether or not it changes anything; it is when the transaction began."""
    at = env.sandbox.now() - timedelta(seconds=env.options.commit_lag)
    env.sandbox.db.mark(table, row["id"], updated_at=at, write_uid=env.user["id"])


def _linked(env: Env, model: str, name: str, current: Sequence[int], changes: Iterable[tuple[int, int, Any]]) -> (
    list[int]
):  # fmt: skip
    relation, kept = env.fields(model)[name].relation, list(current)
    for change in changes:
        code, id, more = change
        if code == 0:
            kept = applied(kept, [(4, create(env, relation, [more])[0], None)])
        elif code == 1:
            write(env, relation, [id], more)
        else:
            kept = applied(kept, [change])
    return kept


def _below(env: Env, row: Row, draft: Draft) -> None:
    """Commands to a one2many: its rows are made, changed, removed or taken over."""
    for name, changes in draft.lists.items():
        spec = env.fields(draft.model)[name]
        if spec.type != "one2many":
            continue
        for code, id, more in changes:
            pointing = {spec.inverse: row["id"], **dict(spec.fixed)}
            match code:
                case 0:
                    create(env, spec.relation, [{**more, **pointing}])
                case 1:
                    write(env, spec.relation, [id], more)
                case 2 | 3:
                    unlink(env, spec.relation, [id])
                case 4:
                    write(env, spec.relation, [id], pointing)
                case 5:
                    unlink(env, spec.relation, env.value(draft.model, row, name))
                case _:
                    for one in more or ():
                        write(env, spec.relation, [one], pointing)


def write(env: Env, model: str, ids: Sequence[int], vals: Mapping[str, Any]) -> bool:
    """Change records, all alike."""
    rows = env.rows(model, ids, "w")
    if not rows:
        return True
    draft = drafted(env, model, vals, new=False)
    if model in WRITING:
        WRITING[model](env, draft, rows)
    before = {row["id"]: dict(row) for row in rows}
    tracked = mail.tracking(env, model, rows)
    for row in rows:
        keep(env, model, row, draft)
    for (column, target), values in _targets(env, model, rows, draft).items():
        if target is not None:
            write(env, env.fields(model)[column].relation, [target], values)
    if model in WROTE:
        WROTE[model](env, rows, draft, before)
    if env.model(model).thread:
        mail.wrote(env, model, rows, draft.given, tracked)
    automation.fire(env, model, rows, "write", tuple(draft.given), before)
    return True


def keep(env: Env, model: str, row: Row, draft: Draft) -> None:
    table = env.table(model)
    columns = dict(draft.columns)
    for name, changes in draft.lists.items():
        if env.fields(model)[name].type == "many2many":
            columns[name] = _linked(env, model, name, row.get(name, []), changes)
    env.sandbox.db.change(table, row["id"], env.actor, columns, touch=False)
    if {"res_model", "model", "res_id", "applicant_id"} & set(columns):
        env.sandbox.db.change(table, row["id"], env.actor, env.sandbox.owner(model, row), touch=False)
    stamp(env, table, row)
    _below(env, row, draft)


def _targets(env: Env, model: str, rows: Sequence[Row], draft: Draft) -> dict[tuple[str, int | None], dict[str, Any]]:
    """What is written to the records that others only show."""
    found: dict[tuple[str, int | None], dict[str, Any]] = {}
    for name, value in draft.beyond.items():
        related = env.fields(model)[name].related
        assert related is not None
        column, beyond = related
        target = env.fields(env.fields(model)[column].relation)[beyond]
        if target.compute is None:
            for row in rows:
                found.setdefault((column, row[column]), {})[beyond] = value
    return found


def unlink(env: Env, model: str, ids: Sequence[int]) -> bool:
    """Delete records with their messages and files."""
    rows = env.rows(model, ids, "d")
    if model in DELETING:
        DELETING[model](env, rows)
    automation.fire(env, model, rows, "unlink", (), {})
    for row in rows:
        _remove(env, model, row)
    return True


def _remove(env: Env, model: str, row: Row) -> None:
    db = env.sandbox.db
    for kind, column in (("notes", "model"), ("attachments", "res_model"), ("followers", "res_model")):
        for one in db[kind].where("res_id", row["id"]):
            if one[column] == model:
                db.delete(kind, one["id"], env.actor)
    db.delete(env.table(model), row["id"], env.actor)
    _forget(env, model, row["id"])


def _forget(env: Env, model: str, id: int) -> None:
    """What pointed to a deleted record points nowhere."""
    for spec in env.sandbox.models.values():
        pointing = [(field, one) for field, one in spec.fields.items() if one.relation == model and one.store]
        if not pointing or not len(env.db[spec.table]):
            continue
        for row in env.db[spec.table]:
            for field_name, one in pointing:
                held = row.get(field_name)
                if one.type == "many2one" and held == id:
                    env.sandbox.db.change(spec.table, row["id"], env.actor, {field_name: None}, touch=False)
                elif one.type == "many2many" and held and id in held:
                    left = [other for other in held if other != id]
                    env.sandbox.db.change(spec.table, row["id"], env.actor, {field_name: left}, touch=False)
