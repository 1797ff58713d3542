"""Custom fields: what kinds there are, what values they take, how these are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ..kit.ids import Id
from ..kit.people import ascii_of
from ..kit.tables import Actor, Row
from .errors import Invalid
from .sandbox import Sandbox

SELECTS = ("CustomField::Select", "CustomField::MultiSelect")
TYPES = (
    tuple(f"CustomField::{name}" for name in ("Text", "Email", "Url", "Phone", "Date", "Checkbox", "Number")) + SELECTS
)
# What webhooks call a type.
SHORT: Mapping[str, str] = {"Checkbox": "boolean", "MultiSelect": "multiselect"}


def short(field: Row) -> str:
    name = field["field_type"].removeprefix("CustomField::")
    return SHORT.get(name, name.lower())


def api_name(name: str) -> str:
    """The lower-case form of a name that programs use."""
    words = re.split(r"[^\w]+", name.strip().lower().replace("_", "-"))
    return "-".join(ascii_of(word) for word in words if ascii_of(word)) or "field"


def define(sandbox: Sandbox, actor: Actor, values: Mapping[str, Any], kinds: Iterable[str] = TYPES) -> Row:
    """A new field. Raises Invalid when its name or type cannot be."""
    name, kind = values.get("name"), values.get("field_type")
    problems: list[tuple[str, str]] = []
    if not isinstance(name, str) or not name.strip():
        problems.append(("name", "can't be blank"))
    if kind not in tuple(kinds):
        problems.append(("field-type", "can't be blank" if kind is None else "is not included in the list"))
    called = api_name(str(values.get("api_name") or name or ""))
    if any(row["api_name"] == called for row in sandbox.db["custom_fields"]):
        problems.append(("api-name", "has already been taken"))
    if problems:
        raise Invalid(*problems)
    row = sandbox.db.create("custom_fields", actor, name=str(name).strip(), api_name=called, field_type=kind,
                            owner_type=values.get("owner_type") or "Candidate")  # fmt: skip
    for option in values.get("select_options") or ():
        add_option(sandbox, actor, row["id"], option)
    return row


def rename(sandbox: Sandbox, actor: Actor, id: Id, name: object) -> None:
    """Another name, and with it another name for programs."""
    if not isinstance(name, str) or not name.strip():
        raise Invalid(("name", "can't be blank"))
    called = api_name(name)
    if any(row["api_name"] == called and row["id"] != id for row in sandbox.db["custom_fields"]):
        raise Invalid(("api-name", "has already been taken"))
    sandbox.db.change("custom_fields", id, actor, {"name": name.strip(), "api_name": called})


def drop(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    """The field goes with every value it had."""
    sandbox.row("custom_fields", id)
    for kind in ("custom_field_values", "custom_field_options"):
        for row in sandbox.db[kind].where("custom_field_id", id):
            sandbox.db.delete(kind, row["id"], actor)
    sandbox.db.delete("custom_fields", id, actor)


def add_option(sandbox: Sandbox, actor: Actor, field_id: Id, value: object) -> Row:
    field = sandbox.db["custom_fields"].get(field_id)
    problems: list[tuple[str, str]] = []
    if not isinstance(value, str) or not value.strip():
        problems.append(("value", "can't be blank"))
    if field is None or field["field_type"] not in SELECTS:
        problems.append(("custom-field", "must exist"))
    elif any(row["value"] == value for row in sandbox.db["custom_field_options"].where("custom_field_id", field_id)):
        problems.append(("value", "has already been taken"))
    if problems:
        raise Invalid(*problems)
    return sandbox.db.create("custom_field_options", actor, custom_field_id=field_id, value=str(value).strip())


def _number(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except ValueError:
        return None
    return None if read != read or abs(read) == float("inf") else int(read) if read.is_integer() else read


def stored(sandbox: Sandbox, field: Row, value: object) -> Any:
    """A value as it is kept. Raises Invalid for one that the field does not take."""
    if value is None or value == "" or value == []:
        raise Invalid(("value", "can't be blank"))
    kind, kept = field["field_type"].removeprefix("CustomField::"), None
    match kind:
        case "Number":
            kept = _number(value)
        case "Checkbox":
            kept = {True: "true", False: "false", "true": "true", "false": "false"}.get(value)  # type: ignore[call-overload]
        case "Select" | "MultiSelect":
            kept = _chosen(sandbox, field, value)
        case "Date":
            kept = value if isinstance(value, str) and _date(value) else None
        case "Email":
            kept = value if isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) else None
        case "Url":
            kept = value if isinstance(value, str) and re.match(r"https?://\S+$", value) else None
        case _:
            kept = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    if kept is None:
        raise Invalid(("value", "is invalid"))
    return kept


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _chosen(sandbox: Sandbox, field: Row, value: object) -> list[Id] | None:
    """The options that ids name."""
    given = value if isinstance(value, list) else [value]
    known = {
        str(row["id"]): row["id"] for row in sandbox.db["custom_field_options"].where("custom_field_id", field["id"])
    }
    if any(str(one) not in known for one in given) or (field["field_type"] == SELECTS[0] and len(given) > 1):
        return None
    return [known[str(one)] for one in given]


def labels(sandbox: Sandbox, value: Iterable[Id]) -> list[str]:
    options = sandbox.db["custom_field_options"]
    return [row["value"] for row in map(options.get, value) if row is not None]


def read(sandbox: Sandbox, field: Row, value: Any) -> Any:
    """A kept value as the interface tells it."""
    if field["field_type"] == "CustomField::Number":
        return value if sandbox.options.numbers == "number" else str(value)
    if field["field_type"] in SELECTS:
        shown = labels(sandbox, value) if sandbox.options.select_values == "labels" else [str(one) for one in value]
        multiple = field["field_type"] == SELECTS[1] or sandbox.options.select_values == "labels"
        return shown if multiple else next(iter(shown), None)
    return value


def plain(sandbox: Sandbox, field: Row, value: Any) -> Any:
    """A kept value as webhooks tell it."""
    if field["field_type"] in SELECTS:
        return labels(sandbox, value)
    return value == "true" if field["field_type"] == "CustomField::Checkbox" else value


def of(sandbox: Sandbox, candidate_id: Id) -> list[dict[str, Any]]:
    """A candidate's values as webhooks list them."""
    told: list[dict[str, Any]] = []
    for row in sandbox.db["custom_field_values"].where("candidate_id", candidate_id):
        field = sandbox.db["custom_fields"].rows[row["custom_field_id"]]
        told.append({field["api_name"]: {"value": plain(sandbox, field, row["value"]), "type": short(field)}})
    return told
