"""Custom fields, their options and their values."""

from __future__ import annotations

from typing import Any

from ...kit.tables import Row
from .. import fields, people
from ..errors import Invalid
from ..jsonapi import Body, Keep, Many, One, Resource, View, Write
from .columns import below, by, own


def _field(view: View, row: Row) -> dict[str, Any]:
    return {**own("name", "api-name", "field-type", "created-at", "updated-at", "owner-type")(view, row),
            "is-private": False, "is-searchable": False}  # fmt: skip


VALUES = {"custom-field-values": Many("custom-field-values", below("custom_field_values", "custom_field_id"))}
OPTIONS = {"custom-field-options": Many("custom-field-options", below("custom_field_options", "custom_field_id"))}


async def _create_field(view: View, row: Row | None, body: Body) -> Row:
    return fields.define(
        view.sandbox, view.actor, body.values(), [one for one in fields.TYPES if one not in fields.SELECTS]
    )


async def _create_select(view: View, row: Row | None, body: Body) -> Row:
    return fields.define(view.sandbox, view.actor, body.values(), fields.SELECTS)


async def _update_field(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    fields.rename(view.sandbox, view.actor, row["id"], body.attributes.get("name", row["name"]))
    return row


FIELDS = Resource(
    "custom-fields", "custom_fields", _field, relations=VALUES, sorts=("name", "api-name", "field-type"),
    newer=frozenset({"owner-type", "is-private", "is-searchable"}),
    create=Write(frozenset({"name", "api-name", "field-type", "owner-type"}), frozenset(), _create_field),
    update=Write(frozenset({"name"}), frozenset(), _update_field),
)  # fmt: skip
SELECTS = Resource(
    "custom-field-selects", "custom_fields", _field, relations={**VALUES, **OPTIONS}, newer=FIELDS.newer,
    sorts=("name", "api-name", "field-type"), visible=lambda view, row: row["field_type"] in fields.SELECTS,
    create=Write(frozenset({"name", "api-name", "field-type", "select-options", "owner-type"}), frozenset(),
                 _create_select),
    update=Write(frozenset({"name"}), frozenset(), _update_field),
)  # fmt: skip


async def _create_option(view: View, row: Row | None, body: Body) -> Row:
    return fields.add_option(view.sandbox, view.actor, body.relations.get("custom-field"), body.attributes.get("value"))


async def _update_option(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    value = body.attributes.get("value", row["value"])
    if not isinstance(value, str) or not value.strip():
        raise Invalid(("value", "can't be blank"))
    view.sandbox.db.change("custom_field_options", row["id"], view.actor, {"value": value})
    return row


CHOICES = Resource(
    "custom-field-options", "custom_field_options", own("value"),
    relations={"custom-field": One("custom-fields", "custom_field_id")}, sorts=("value",),
    create=Write(frozenset({"value"}), frozenset({"custom-field"}), _create_option),
    update=Write(frozenset({"value"}), frozenset(), _update_option),
)  # fmt: skip


def _value(view: View, row: Row) -> dict[str, Any]:
    field = view.sandbox.db["custom_fields"].rows[row["custom_field_id"]]
    return {"field-type": field["field_type"], "value": fields.read(view.sandbox, field, row["value"])}


def _field_type(view: View, values: list[str]) -> Keep:
    if set(values) - set(fields.TYPES):
        raise ValueError(values)
    rows = view.sandbox.db["custom_fields"].rows
    return lambda row: rows[row["custom_field_id"]]["field_type"] in values


async def _create_value(view: View, row: Row | None, body: Body) -> Row:
    ids = body.ids(candidate_id="owner", field_id="custom-field")
    return people.set_value(view.sandbox, view.actor, ids.get("candidate_id"), ids.get("field_id"),
                            body.attributes.get("value"))  # fmt: skip


async def _update_value(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    ids = body.ids(candidate_id="owner", custom_field_id="custom-field")
    for column, id in ids.items():  # may be said again, not changed
        if id != row[column]:
            raise Invalid(("owner" if column == "candidate_id" else "custom-field", "cannot be changed"))
    people.change_value(view.sandbox, view.actor, row["id"], body.attributes.get("value", row["value"]))
    return row


FIELD_VALUES = Resource(
    "custom-field-values", "custom_field_values", _value,
    relations={"custom-field": One("custom-fields", "custom_field_id"), "owner": One("candidates", "candidate_id")},
    filters={"field-type": _field_type, "custom-field": by("custom_field_id")},
    newer=frozenset({"filter:custom-field"}),
    create=Write(frozenset({"value"}), frozenset({"custom-field", "owner"}), _create_value),
    update=Write(frozenset({"value"}), frozenset({"custom-field", "owner"}), _update_value),
)  # fmt: skip
