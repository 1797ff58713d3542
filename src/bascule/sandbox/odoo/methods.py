"""What can be called from outside: by name, with the arguments each has."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import crud, mail, recruitment
from .env import Env
from .errors import broken, no_access, user_error

# Answers in JSON's words; None where Odoo returns nothing.
Method = Callable[..., Any]
READERS = frozenset({"search", "search_read", "search_count", "read", "fields_get", "name_search", "search_fetch",
                     "default_get", "exists", "has_access", "check_access_rights", "context_get", "has_group",
                     "get_metadata"})  # fmt: skip


def ids_of(ids: Any) -> list[int]:
    """The ids of a call: one, several, none."""
    if ids in (None, False):
        return []
    found = [ids] if isinstance(ids, int) else list(ids)
    if any(isinstance(one, bool) or not isinstance(one, int) for one in found):
        raise broken(f"Invalid ids: {ids!r}")
    return list(dict.fromkeys(found))


# On a model.


def search(
    env: Env, model: str, domain: Any, offset: int = 0, limit: int | None = None, order: str | None = None
) -> Any:
    return [row["id"] for row in env.search(model, domain, offset or 0, limit, order)]


def search_count(env: Env, model: str, domain: Any, limit: int | None = None) -> Any:
    count = len(env.found(model, domain))
    return min(count, limit) if limit else count


def search_read(
    env: Env,
    model: str,
    domain: Any = None,
    fields: Sequence[str] | None = None,
    offset: int = 0,
    limit: int | None = None,
    order: str | None = None,
    load: str | None = "_classic_read",
) -> Any:
    return env.read(model, env.search(model, domain, offset or 0, limit, order), fields, load)


def name_search(env: Env, model: str, name: str = "", args: Any = None, operator: str = "ilike", limit: int = 100,
                domain: Any = None) -> Any:  # fmt: skip
    rec_name = env.model(model).rec_name
    asked = [*(args or domain or [])]
    named = [(rec_name, operator, name)] if name and rec_name in env.fields(model) else []
    return [[row["id"], env.name_of(model, row["id"])] for row in env.search(model, [*named, *asked], 0, limit)]


def fields_get(env: Env, model: str, allfields: Sequence[str] | None = None,
               attributes: Sequence[str] | None = None) -> Any:  # fmt: skip
    return env.described(model, allfields, attributes)


def default_get(env: Env, model: str, fields: Sequence[str]) -> Any:
    specs = env.fields(model)
    return {name: specs[name].default for name in fields if name in specs and specs[name].default is not None}


def create(env: Env, model: str, vals_list: Any) -> Any:
    single = isinstance(vals_list, Mapping)
    ids = crud.create(env, model, [vals_list] if single else vals_list)
    return ids[0] if single else ids


def check_access_rights(env: Env, model: str, operation: str, raise_exception: bool = True) -> Any:
    letter = {"read": "r", "write": "w", "create": "c", "unlink": "d"}[operation]
    able = any(letter in letters for group, letters in env.model(model).access.items() if group in env.groups)
    if not able and raise_exception:
        env.check(model, letter)
    return able


def context_get(env: Env, model: str) -> Any:
    return {"lang": "en_US", "tz": env.user.get("tz") or False, "uid": env.user["id"]}


# On records.


def read(
    env: Env, model: str, ids: Any, fields: Sequence[str] | None = None, load: str | None = "_classic_read"
) -> Any:
    return env.read(model, env.rows(model, ids_of(ids), "r"), fields, load)


def exists(env: Env, model: str, ids: Any) -> Any:
    return [id for id in ids_of(ids) if env.db[env.table(model)].get(id) is not None]


def write(env: Env, model: str, ids: Any, vals: Mapping[str, Any]) -> Any:
    return crud.write(env, model, ids_of(ids), vals)


def unlink(env: Env, model: str, ids: Any) -> Any:
    return crud.unlink(env, model, ids_of(ids))


def get_metadata(env: Env, model: str, ids: Any) -> Any:
    return env.read(model, env.rows(model, ids_of(ids), "r"), ["create_uid", "create_date", "write_uid", "write_date"],
                    "_classic_read")  # fmt: skip


def has_group(env: Env, model: str, ids: Any, group_ext_id: str) -> Any:
    from .schema import GROUPS

    return group_ext_id in {GROUPS[group][0] for group in env.groups}


def action_archive(env: Env, model: str, ids: Any) -> Any:
    recruitment.set_active(env, model, ids_of(ids), False)
    return True if env.options.version == "19" else None


def action_unarchive(env: Env, model: str, ids: Any) -> Any:
    recruitment.set_active(env, model, ids_of(ids), True)
    return True if env.options.version == "19" else None


def toggle_active(env: Env, model: str, ids: Any) -> Any:
    for id in ids_of(ids):
        (row,) = env.rows(model, [id], "w")
        recruitment.set_active(env, model, [id], not row["active"])


def message_post(env: Env, model: str, ids: Any, **asked: Any) -> Any:
    found = ids_of(ids)
    if len(found) != 1:
        raise broken(f"Expected singleton: {model}({', '.join(map(str, found))})")
    env.check(model, "r")
    (row,) = env.rows(model, found, "r")
    message = mail.post(env, model, row, asked)
    return [message] if env.options.version == "19" else message


def message_subscribe(env: Env, model: str, ids: Any, partner_ids: Sequence[int] | None = None,
                      subtype_ids: Sequence[int] | None = None) -> Any:  # fmt: skip
    for row in env.rows(model, ids_of(ids), "r"):
        for partner in partner_ids or ():
            mail.subscribe(env, model, row["id"], partner)
    return True


def message_unsubscribe(env: Env, model: str, ids: Any, partner_ids: Sequence[int] | None = None) -> Any:
    for row in env.rows(model, ids_of(ids), "w"):
        mail.unsubscribe(env, model, row["id"], partner_ids or ())
    return True


def reset_applicant(env: Env, model: str, ids: Any) -> Any:
    recruitment.reset(env, ids_of(ids))


def archive_applicant(env: Env, model: str, ids: Any) -> Any:
    """Only says which wizard to open: nothing is archived yet."""
    return {"type": "ir.actions.act_window", "name": "Refuse Reason", "res_model": "applicant.get.refuse.reason",
            "view_mode": "form", "target": "new", "views": [[False, "form"]],
            "context": {"default_applicant_ids": ids_of(ids), "active_test": False}}  # fmt: skip


def create_employee(env: Env, model: str, ids: Any) -> Any:
    found = ids_of(ids)
    if len(found) != 1:
        raise broken(f"Expected singleton: {model}({', '.join(map(str, found))})")
    return {"type": "ir.actions.act_window", "name": "Employees", "res_model": "hr.employee", "view_mode": "form",
            "res_id": recruitment.employ(env, found[0])}  # fmt: skip


def action_refuse_reason_apply(env: Env, model: str, ids: Any) -> Any:
    for row in env.rows(model, ids_of(ids), "r"):
        recruitment.refuse(env, row)
    return {"type": "ir.actions.act_window_close"} if env.options.version == "19" else None


def action_add_applicants_to_pool(env: Env, model: str, ids: Any) -> Any:
    made = [id for row in env.rows(model, ids_of(ids), "r") for id in recruitment.pool(env, row)]
    return {"type": "ir.actions.act_window", "res_model": "hr.applicant", "domain": [["id", "in", made]]}


ON_MODEL: Mapping[str, Method] = {
    one.__name__: one
    for one in (
        search,
        search_count,
        search_read,
        name_search,
        fields_get,
        default_get,
        create,
        check_access_rights,
        context_get,
    )
}
ON_RECORDS: Mapping[str, Method] = {one.__name__: one for one in (
    read, exists, write, unlink, get_metadata, action_archive, action_unarchive, toggle_active)}  # fmt: skip
THREAD: Mapping[str, Method] = {one.__name__: one for one in (message_post, message_subscribe, message_unsubscribe)}
OWN: Mapping[str, Mapping[str, Method]] = {
    "hr.applicant": {"reset_applicant": reset_applicant, "archive_applicant": archive_applicant,
                     "create_employee_from_applicant": create_employee},
    "applicant.get.refuse.reason": {"action_refuse_reason_apply": action_refuse_reason_apply},
    "talent.pool.add.applicants": {"action_add_applicants_to_pool": action_add_applicants_to_pool},
    "res.users": {"has_group": has_group},
}  # fmt: skip
# Names that this version has no more, or not yet.
GONE = {"17": (), "18": (), "19": ("toggle_active", "check_access_rights")}


def method(env: Env, model: str, name: str) -> tuple[Method, bool]:
    """A method by its name, and whether it is called on records. LookupError if there is none."""
    if name.startswith("_"):
        raise no_access(f"Private methods (such as '{model}.{name}') cannot be called remotely.")
    if name in GONE[env.options.version]:
        raise LookupError(name)
    spec = env.model(model)
    records = {**ON_RECORDS, **(THREAD if spec.thread else {}), **OWN.get(model, {})}
    if name in records and not (name in ("action_archive", "action_unarchive", "toggle_active")
                                and "active" not in spec.fields):  # fmt: skip
        return records[name], True
    if name in ON_MODEL and (name != "context_get" or model == "res.users"):
        return ON_MODEL[name], False
    raise LookupError(name)


def bound(found: Method, env: Env, model: str, args: Sequence[Any], named: Mapping[str, Any]) -> None:
    """Raises TypeError where the arguments are not those of the method."""
    inspect.signature(found).bind(env, model, *args, **named)


def call(env: Env, model: str, name: str, args: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """As execute_kw does it: ids first where it is about records."""
    if model not in env.sandbox.models:
        raise user_error(f"Object {model} doesn't exist")
    try:
        found, on_records = method(env, model, name)
    except LookupError:
        raise broken(f"The method '{model}.{name}' does not exist", "AttributeError") from None
    if on_records and not args:
        raise broken("list index out of range", "IndexError")
    try:
        bound(found, env, model, args, named)
    except TypeError as error:
        raise broken(f"{name}() {error}", "TypeError") from None
    return found(env, model, *args, **named)
