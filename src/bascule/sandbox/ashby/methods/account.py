"""What belongs to the account: the key itself, users, reasons and sources, tags, custom fields, webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ...kit.tables import Row
from .. import fields, people, pipeline
from ..api import VERSION, Call, whole
from ..errors import invalid, missing
from ..hooks import BY_HAND, EVENTS
from ..listing import Page
from .reads import info, listed, table, titled, unpaged


def key_info(call: Call) -> Any:
    return {"title": call.key["name"], "createdAt": call.key["created_at"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "scopes": call.key["scopes"]}  # fmt: skip


def versions(call: Call) -> Any:
    return [{"version": VERSION, "status": call.sandbox.options.version_status}]


def users(call: Call) -> Page:
    rows = call.sight.all("users")
    if not call.flag("includeDeactivated"):
        rows = [row for row in rows if row["enabled"]]
    return call.page("users", rows, call.shower.user)


def user_search(call: Call) -> Any:
    email = call.text("email").strip().lower()
    return [call.shower.user(row) for row in call.sight.all("users") if row["email"].lower() == email]


def role_names(call: Call) -> Page:
    if call.flag("namesOnly", default=True):
        return whole([row["title"] for row in call.sight.all("roles")])
    return titled(call, "roles")


def tag_create(call: Call) -> Any:
    return call.shower.tag(people.define_tag(call.sandbox, call.actor, call.text("title")))


def tag_archive(call: Call) -> Any:
    tag = call.found("tags", "tagId", "tag")
    call.sandbox.db.change("tags", tag["id"], call.actor, {"archived": True})
    return call.shower.tag(tag)


def _fields(call: Call) -> list[Row]:
    return [row for row in call.sight.all("custom_fields") if call.sight.private or not row["private"]]


def field_list(call: Call) -> Page:
    return call.page("custom_fields", _fields(call), call.shower.field)


def _field(call: Call, id: Any) -> Row:
    row = next((row for row in _fields(call) if row["id"] == id), None)
    if row is None:
        raise missing("custom_field")
    return row


def field_info(call: Call) -> Any:
    return call.shower.field(_field(call, call.id("customFieldId")))


def field_create(call: Call) -> Any:
    kind, of = str(call.body.get("fieldType")), str(call.body.get("objectType"))
    if kind not in fields.TYPES:
        raise invalid(f"One of {', '.join(fields.TYPES)}", "fieldType")
    if of not in fields.OBJECTS:
        raise invalid(f"One of {', '.join(fields.OBJECTS)}", "objectType")
    choices = fields.options(call.body.get("selectableValues")) if kind in fields.SELECTS else None
    return call.shower.field(pipeline.define_field(
        call.sandbox, call.actor, call.text("title"), fields.OBJECTS[of], kind, choices=choices))  # fmt: skip


def field_options(call: Call) -> Any:
    row = _field(call, call.id("customFieldId"))
    if row["field_type"] not in fields.SELECTS:
        raise invalid("This field has no selectable values", "customFieldId")
    options = fields.merged(row["options"], fields.options(call.body.get("selectableValues")))
    call.sandbox.db.change("custom_fields", row["id"], call.actor, {"options": options})
    return call.shower.field(row)


def _valued(call: Call) -> tuple[str, str]:
    """The object whose values are set, which this key must see."""
    of = str(call.body.get("objectType"))
    if of not in fields.VALUED:
        raise invalid(f"One of {', '.join(fields.VALUED)}", "objectType")
    return of, call.found(fields.VALUED[of], "objectId", of.lower())["id"]


def _given(one: Mapping[str, Any], call: Call) -> tuple[str, Any]:
    if not fields.uuid(one.get("fieldId")):
        raise invalid("Not a UUID", "fieldId")
    if "fieldValue" not in one:
        raise invalid("Required", "fieldValue")
    return _field(call, one["fieldId"])["id"], one["fieldValue"]


def _set(call: Call, field_id: str, row: Row) -> Any:
    field = call.sandbox.db["custom_fields"].rows[field_id]
    return call.shower.value(field, row["custom_fields"].get(field_id))


async def set_value(call: Call) -> Any:
    """Reads the object's values, and a moment later writes them with the one that was given: two at once race."""
    of, id = _valued(call)
    field_id, value = _given(call.body, call)
    seen = pipeline.values_now(call.sandbox, of, id)
    await call.sandbox.sleep(call.sandbox.options.race)
    await asyncio.sleep(0)
    row = pipeline.set_values(call.sandbox, call.actor, of, id, {field_id: value}, seen=seen)
    return _set(call, field_id, row)


def set_values(call: Call) -> Any:
    of, id = _valued(call)
    given = call.body.get("values")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise invalid("A list of fieldId and fieldValue", "values")
    values = dict(_given(one, call) for one in given)
    row = pipeline.set_values(call.sandbox, call.actor, of, id, values)
    return [_set(call, field_id, row) for field_id in values]


async def hook_create(call: Call) -> Any:
    type, url = call.text("webhookType"), call.text("requestUrl")
    if type not in EVENTS or type in BY_HAND:
        raise invalid("Not a type of webhook", "webhookType")
    if not fields.URL.fullmatch(url):
        raise invalid("Not an address", "requestUrl")
    values = {"url": url, "secret": call.text("secretToken"), "events": [type], "name": type}
    return call.shower.hook(await call.sandbox.hooks.save(call.actor, values))


async def hook_update(call: Call) -> Any:
    row = call.found("webhooks", "webhookId", "webhook")
    keys = (("requestUrl", "url"), ("secretToken", "secret"))
    values = {key: call.text(name) for name, key in keys if name in call.body}
    if not values and "enabled" not in call.body:
        raise invalid("One of enabled, requestUrl, secretToken")
    if call.flag("enabled", default=row["enabled"]):
        await call.sandbox.hooks.save(call.actor, values, row["id"])
    else:
        call.sandbox.db.change("webhooks", row["id"], call.actor, {**values, "enabled": False})
    return call.shower.hook(row)


def hook_info(call: Call) -> Any:
    return call.shower.hook(call.found("webhooks", "webhookId", "webhook"), secret=False)


def hook_delete(call: Call) -> Any:
    row = call.found("webhooks", "webhookId", "webhook")
    call.sandbox.hooks.remove(call.actor, row["id"])
    return {"webhookId": row["id"]}


METHODS = table(
    any={"version.list": versions},
    candidates_write={"customField.setValue": set_value, "customField.setValues": set_values},
    hiringProcessMetadata_read={
        "archiveReason.list": unpaged("archive_reasons", "archive_reason"), "source.list": unpaged("sources", "source"),
        "closeReason.list": listed("close_reasons", "close_reason", archived=True),
        "communicationTemplate.list": unpaged("templates", "template"),
        "candidateTag.list": listed("tags", "tag", archived=True), "customField.list": field_list,
        "customField.info": field_info,
    },
    hiringProcessMetadata_write={
        "candidateTag.create": tag_create, "candidateTag.archive": tag_archive, "customField.create": field_create,
        "customField.updateSelectableValues": field_options,
    },
    organization_read={
        "user.list": users, "user.info": info("users", "userId", "user"), "user.search": user_search,
        "department.list": listed("departments", "department", archived=True),
        "department.info": info("departments", "departmentId", "department"),
        "location.list": listed("locations", "location", archived=True),
        "location.info": info("locations", "locationId", "location"), "hiringTeamRole.list": role_names,
    },
    apiKeys_read={"apiKey.info": key_info, "webhook.info": hook_info},
    apiKeys_write={"webhook.create": hook_create, "webhook.update": hook_update, "webhook.delete": hook_delete},
)  # fmt: skip
