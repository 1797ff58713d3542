"""Custom fields: their definitions, the values they take, and how values are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from ..kit.tables import Actor, Database, Row
from .errors import Refused, forbidden, invalid, missing

FIELD_TYPES = (
    "job", "candidate", "application", "offer", "opening", "rejection_question", "referral_question",
    "user_attribute",
)  # fmt: skip
VALUE_TYPES = (
    "short_text", "long_text", "yes_no", "single_select", "multi_select", "currency", "currency_range", "number",
    "number_range", "date", "url", "user",
)  # fmt: skip
# Which table carries the values of a field type.
HOLDERS = {"job": "jobs", "candidate": "candidates", "application": "applications", "offer": "offers",
           "opening": "openings"}  # fmt: skip
SHORT_TEXT = 255


def name_key(db: Database, name: str) -> str:
    """The unchangeable key of a new field, made from its name."""
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "field"
    taken = {row["name_key"] for row in db["custom_fields"]}
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key


def define(db: Database, actor: Actor, tier: str, values: Mapping[str, Any]) -> Row:
    """Create a field definition with its options. Application fields exist on the enterprise tier only."""
    name = str(values.get("name") or "").strip()
    field_type, value_type = values.get("field_type"), values.get("value_type")
    allowed = [one for one in FIELD_TYPES if tier == "enterprise" or one != "application"]
    problems: list[tuple[str, str | None]] = []
    if not name:
        problems.append(("can't be blank", "name"))
    if field_type not in allowed:
        problems.append((f"Must be one of: {', '.join(allowed)}", "field_type"))
    if value_type not in VALUE_TYPES:
        problems.append((f"Must be one of: {', '.join(VALUE_TYPES)}", "value_type"))
    if any(row["field_type"] == field_type and row["name"] == name and row["active"] for row in db["custom_fields"]):
        problems.append(("has already been taken", "name"))
    if problems:
        raise invalid(*problems)
    row = db.create(
        "custom_fields", actor, name=name, field_type=field_type, value_type=value_type,
        name_key=name_key(db, str(values.get("name_key") or name)), private=bool(values.get("private", False)),
        required=bool(values.get("required", False)), active=True, description=values.get("description"),
        sort_order=len(db["custom_fields"]), generate_email_token=bool(values.get("generate_email_token", False)),
        api_only=False, expose_in_job_board_api=False,
    )  # fmt: skip
    for order, option in enumerate(values.get("custom_field_options") or ()):
        add_option(db, actor, {"sort_order": order, **option, "custom_field_id": row["id"]})
    return row


def redefine(db: Database, actor: Actor, id: int, values: Mapping[str, Any]) -> Row:
    """Rename a field or change its marks; its key and its types stay what they are."""
    row = db["custom_fields"].get(id)
    if row is None:
        raise missing("custom field", id)
    for fixed in ("name_key", "field_type", "value_type"):
        if fixed in values and values[fixed] != row[fixed]:
            raise invalid(("cannot be changed", fixed))
    if "name" in values and not str(values["name"]).strip():
        raise invalid(("can't be blank", "name"))
    known = ("name", "private", "required", "description", "sort_order", "active", "generate_email_token")
    db.change("custom_fields", id, actor, {key: values[key] for key in known if key in values})
    return row


def drop(db: Database, actor: Actor, id: int) -> None:
    """Delete a definition together with every value it had."""
    row = db["custom_fields"].get(id)
    if row is None:
        raise missing("custom field", id)
    if holder := HOLDERS.get(row["field_type"]):
        for owner in db[holder]:
            if id in owner["custom_fields"]:
                left = {key: value for key, value in owner["custom_fields"].items() if key != id}
                db.change(holder, owner["id"], actor, {"custom_fields": left})
    for option in db["custom_field_options"].where("custom_field_id", id):
        db.delete("custom_field_options", option["id"], actor)
    db.delete("custom_fields", id, actor)


def add_option(db: Database, actor: Actor, values: Mapping[str, Any]) -> Row:
    field = db["custom_fields"].get(values.get("custom_field_id"))
    if field is None:
        raise invalid(("must exist", "custom_field_id"))
    if field["value_type"] not in ("single_select", "multi_select"):
        raise invalid(("does not take options", "custom_field_id"))
    name = str(values.get("name") or "").strip()
    siblings = db["custom_field_options"].where("custom_field_id", field["id"])
    if not name:
        raise invalid(("can't be blank", "name"))
    if any(one["name"] == name and one["active"] for one in siblings):
        raise invalid(("has already been taken", "name"))
    order = values.get("sort_order", values.get("priority", len(siblings)))
    return db.create("custom_field_options", actor, custom_field_id=field["id"], name=name, sort_order=order,
                     external_id=values.get("external_id"), active=True)  # fmt: skip


def change_option(db: Database, actor: Actor, id: int, values: Mapping[str, Any]) -> Row:
    row = db["custom_field_options"].get(id)
    if row is None:
        raise missing("custom field option", id)
    if "name" in values and not str(values["name"]).strip():
        raise invalid(("can't be blank", "name"))
    known = ("name", "sort_order", "external_id", "active")
    db.change("custom_field_options", id, actor, {key: values[key] for key in known if key in values})
    return row


def for_type(db: Database, field_type: str) -> list[Row]:
    """The active fields of a type, in the order they are shown."""
    rows = [row for row in db["custom_fields"] if row["field_type"] == field_type and row["active"]]
    return sorted(rows, key=lambda row: (row["sort_order"], row["id"]))


def merged(
    db: Database, field_type: str, current: Mapping[int, Any], entries: Any, *, tier: str, patch: str = "merge"
) -> dict[int, Any]:
    """The values after writing `entries` ({id | custom_field_id | name_key, value | delete_value}).

    An empty list changes nothing. With `patch="replace"`, values that no entry names are dropped.
    Raises Refused (422) with one error for each entry that is wrong; then nothing has changed.
    """
    if not isinstance(entries, list):
        raise invalid(("must be an array", "custom_fields"))
    if not entries:
        return dict(current)
    if field_type == "application" and tier != "enterprise":
        raise invalid(("Application custom fields are not available on this subscription", "custom_fields"))
    after = {} if patch == "replace" else dict(current)
    problems: list[tuple[str, str | None]] = []
    for entry in entries:
        try:
            field = _definition(db, field_type, entry)
            if entry.get("delete_value") == "true":
                if field["required"]:
                    raise invalid(("is required", field["name_key"]))
                after.pop(field["id"], None)
            else:
                after[field["id"]] = stored(db, field, entry)
        except Refused as refused:
            problems += [(problem.message, problem.field) for problem in refused.problems]
    if problems:
        raise invalid(*problems)
    return after


def _definition(db: Database, field_type: str, entry: Any) -> Row:
    if not isinstance(entry, dict):
        raise invalid(("each entry must be an object", "custom_fields"))
    id: Any = entry.get("custom_field_id", entry.get("id"))
    key: Any = entry.get("name_key")
    for row in db["custom_fields"]:
        if row["field_type"] == field_type and row["active"] and (row["id"] == id if id else row["name_key"] == key):
            return row
    raise invalid((f"No {field_type} custom field {id or key!r}", "custom_fields"))


def stored(db: Database, field: Row, entry: Mapping[str, Any]) -> Any:
    """The value to keep for an entry, checked against the field's type. Raises Refused (422) naming the field."""
    value, key, kind = entry.get("value"), field["name_key"], field["value_type"]
    if value is None or value == "" or value == []:
        raise invalid(("can't be blank; to clear a value send delete_value", key))
    match kind:
        case "short_text":
            if len(str(value)) > SHORT_TEXT:
                raise invalid((f"is too long (maximum is {SHORT_TEXT} characters)", key))
            return str(value)
        case "long_text":
            return str(value)
        case "yes_no":
            return _boolean(value, key)
        case "number":
            return _number(value, key)
        case "single_select":
            return _option(db, field, value)
        case "multi_select":
            if not isinstance(value, list):
                raise invalid(("must be an array of option ids", key))
            return [_option(db, field, one) for one in value]
        case "currency":
            return {"value": _number(value, key), "unit": _unit(entry, key)}
        case "currency_range" | "number_range":
            return _range(entry, key, kind)
        case "date":
            return _date(value, key)
        case "url":
            if not re.match(r"https?://\S+$", str(value)):
                raise invalid(("is not a valid URL", key))
            return str(value)
        case _:
            user = db["users"].get(int(value)) if str(value).isdigit() else None
            if user is None:
                raise invalid(("is not a user", key))
            return user["id"]


def _boolean(value: Any, key: str) -> bool:
    if str(value).lower() in ("true", "yes", "1"):
        return True
    if str(value).lower() in ("false", "no", "0"):
        return False
    raise invalid(("must be true or false", key))


def _number(value: Any, key: str) -> str:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise invalid(("is not a number", key)) from None
    if isinstance(value, bool) or not number.is_finite():
        raise invalid(("is not a number", key))
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unit(entry: Mapping[str, Any], key: str) -> str:
    unit = str(entry.get("unit") or "")
    if not re.fullmatch(r"[A-Z]{3}", unit):
        raise invalid(("needs a three-letter currency in unit", key))
    return unit


def _range(entry: Mapping[str, Any], key: str, kind: str) -> dict[str, Any]:
    value: Any = entry["value"]
    if not isinstance(value, dict) or not {"min_value", "max_value"} <= set(value):
        raise invalid(("needs min_value and max_value", key))
    low, high = _number(value["min_value"], key), _number(value["max_value"], key)
    if Decimal(low) > Decimal(high):
        raise invalid(("min_value is above max_value", key))
    return {"min_value": low, "max_value": high, **({"unit": _unit(entry, key)} if kind == "currency_range" else {})}


def _date(value: Any, key: str) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise invalid(("must be a date written YYYY-MM-DD", key)) from None


def _option(db: Database, field: Row, value: Any) -> int:
    for option in db["custom_field_options"].where("custom_field_id", field["id"]):
        if option["active"] and (option["id"] == value or str(option["id"]) == value or option["name"] == value):
            return option["id"]
    raise invalid((f"{value!r} is not an option", field["name_key"]))


def shown(db: Database, field: Row, value: Any) -> Any:
    """A kept value as the interface shows it: names for options, a small object for a user."""
    options = db["custom_field_options"]
    match field["value_type"]:
        case "single_select":
            return (options.get(value) or {"name": None})["name"]
        case "multi_select":
            return [option["name"] for one in value if (option := options.get(one))]
        case "user":
            user = db["users"].get(value)
            return user and {"name": user["name"], "email": user["primary_email"], "user_id": user["id"]}
        case _:
            return value


def keyed(db: Database, field_type: str, values: Mapping[int, Any], *, webhook: bool = False) -> dict[str, Any]:
    """All active fields of a type as `{name_key: {name, type, value}}`; a webhook calls a yes/no field boolean."""
    result: dict[str, Any] = {}
    for field in for_type(db, field_type):
        kind = "boolean" if webhook and field["value_type"] == "yes_no" else field["value_type"]
        value = shown(db, field, values[field["id"]]) if field["id"] in values else None
        result[field["name_key"]] = {"name": field["name"], "type": kind, "value": value}
    return result


def text(db: Database, field: Row, value: Any) -> str:
    """A kept value as a person reads it on a page."""
    value = shown(db, field, value)
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case list():
            return ", ".join(map(str, value))
        case {"name": name, "user_id": _}:
            return str(name)
        case {"value": amount, "unit": unit}:
            return f"{amount} {unit}"
        case {"min_value": low, "max_value": high, **rest}:
            return f"{low} to {high} {rest.get('unit', '')}".strip()
        case _:
            return str(value)


def check_required(db: Database, field_type: str, values: Mapping[int, Any]) -> None:
    """Refuse a create through the interface that leaves a required field out."""
    absent = [field for field in for_type(db, field_type) if field["required"] and field["id"] not in values]
    if absent:
        raise invalid(*((f"{field['name']} is required", field["name_key"]) for field in absent))


def need_tier(tier: str, field_type: str) -> None:
    if field_type == "application" and tier != "enterprise":
        raise forbidden("Application custom fields are not available on this subscription")
