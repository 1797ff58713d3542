"""Custom fields: their definitions, and which values each type takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ..kit.tables import Database, Row
from .errors import invalid

TYPES = ("Boolean", "CompensationRange", "Currency", "Date", "LongText", "MultiValueSelect", "Number", "NumberRange",
         "String", "ValueSelect", "Url", "UUID")  # fmt: skip
# objectType as it is given when a field is created, and as it is shown.
OBJECTS: Mapping[str, str] = {
    "Application": "Application", "Candidate": "Candidate", "Job": "Job", "Employee": "Employee",
    "Talent_Project": "Talent_Project", "Opening_Version": "Opening", "Offer_Version": "Offer",
}  # fmt: skip
# Whose values customField.setValue sets: objectType -> kind.
VALUED: Mapping[str, str] = {
    "Application": "applications", "Candidate": "candidates", "Job": "jobs", "Opening": "openings",
}  # fmt: skip
INTERVALS = ("NONE", "1 TIME", "1 HOUR", "1 DAY", "1 WEEK", "2 WEEK", "1 MONTH", "2 MONTH", "1 YEAR", "6 MONTH",
             "0.5 MONTH", "3 MONTH")  # fmt: skip
SELECTS = ("ValueSelect", "MultiValueSelect")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
URL = re.compile(r"https?://[^\s/]+\.?[^\s]*")
CURRENCY = re.compile(r"[A-Z]{3}")


def name(db: Database, id: str) -> str:
    """What the log of changes calls a field."""
    row = db["custom_fields"].get(id)
    return row["title"] if row else id


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def uuid(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _date(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(value)
        except ValueError:
            continue
        return True
    return False


def _money(value: Any) -> bool:
    return isinstance(value, dict) and number(value.get("value")) and bool(_currency(value.get("currencyCode")))


def _currency(value: Any) -> bool:
    return isinstance(value, str) and CURRENCY.fullmatch(value) is not None


def _range(value: Any, kind: str) -> bool:
    if not isinstance(value, dict) or value.get("type") != kind:
        return False
    low, high = value.get("minValue"), value.get("maxValue")
    return isinstance(low, int | float) and isinstance(high, int | float) and low <= high


def _options(field: Row) -> set[str]:
    return {one["value"] for one in field["options"] if not one["isArchived"]}


def checked(field: Row, value: Any) -> Any:
    """A value fit for a field. Raises Refused."""
    kind = field["field_type"]
    match kind:
        case "Boolean":
            fits = isinstance(value, bool)
        case "Number":
            fits = number(value)
        case "Date":
            fits = _date(value)
        case "Currency":
            fits = _money(value)
        case "NumberRange":
            fits = _range(value, "number-range")
        case "CompensationRange":
            fits = (_range(value, "compensation-range") and _currency(value.get("currencyCode"))
                    and value.get("interval") in INTERVALS)  # fmt: skip
        case "ValueSelect":
            fits = isinstance(value, str) and value in _options(field)
        case "MultiValueSelect":
            fits = isinstance(value, list) and all(isinstance(one, str) and one in _options(field) for one in value)
        case "Url":
            fits = isinstance(value, str) and URL.fullmatch(value) is not None
        case "UUID":
            fits = uuid(value)
        case "Email":
            fits = isinstance(value, str) and EMAIL.fullmatch(value) is not None
        case _:
            fits = isinstance(value, str)
    if not fits:
        raise invalid(f"The value does not fit the field {field['title']} of type {kind}", "fieldValue")
    return value


def label(field: Row, value: Any) -> str | list[str] | None:
    """What people see in place of an option's value."""
    labels = {one["value"]: one["label"] for one in field["options"]}
    if field["field_type"] == "ValueSelect" and isinstance(value, str):
        return labels.get(value)
    if field["field_type"] == "MultiValueSelect" and isinstance(value, list):
        return [labels.get(one, one) for one in value]
    return None


def options(values: Any) -> list[dict[str, Any]]:
    """Selectable values as they are stored. Raises Refused."""
    if not isinstance(values, list) or not values:
        raise invalid("A field of this type needs selectable values", "selectableValues")
    made: list[dict[str, Any]] = []
    for one in values:
        if not isinstance(one, dict) or not all(isinstance(one.get(key), str) for key in ("label", "value")):
            raise invalid("Each selectable value has a label and a value", "selectableValues")
        archived = one.get("isArchived", False)
        made.append({"label": one["label"], "value": one["value"], "isArchived": bool(archived)})
    if len({one["value"] for one in made}) < len(made):
        raise invalid("Two selectable values are the same", "selectableValues")
    return made


def merged(before: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """New values are added, named ones take their label, the others are archived."""
    named = {one["value"]: one for one in wanted}
    kept = [named.pop(one["value"], {**one, "isArchived": True}) for one in before]
    return [*kept, *named.values()]
