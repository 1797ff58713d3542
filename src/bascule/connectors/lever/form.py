"""Where Lever shows what Bascule finds out: opportunities have no custom fields, so it is one feedback form on each,
made after a template of ours and changed in place. Its author is the user whom a person named for that."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from bascule.connectors.spec import CustomField, Rendered, Request, Response, Setup, Talk, Tenant
from bascule.errors import PermissionMissingError, RejectedError
from bascule.model import Json, Value

from .objects import answered, every, fields_of

TITLE = "Bascule match"
TOLD = "Filled in by Bascule, not by a person. It is an aid: people decide."


# -------------------------------------------------------------------------------------------------------- the template


def learn() -> Generator[Request, Response, tuple[dict[str, CustomField], dict[str, str]]]:
    """Our template's fields as custom fields of applications, and which template it is."""
    template = yield from find(done_if=(403,))
    if template is None:
        return {}, {}
    entries = [one for one in template.get("fields") or () if one.get("id")]
    ours = {name: one for one in entries if (name := key(str(one.get("text"))))}
    found = {
        f"application.{name}": CustomField(str(one["id"]), name, str(one["text"]), "application", str(one.get("type")))
        for name, one in ours.items()
    }
    return found, {"template": str(template["id"]), "template_fields": " ".join(str(one["id"]) for one in entries)}


def find(done_if: tuple[int, ...] = ()) -> Generator[Request, Response, Json]:
    templates = yield from every(Request("GET", "/feedback_templates", done_if=done_if))
    return next((one for one in templates if one.get("text") == TITLE), None)


def key(text: str) -> str:
    """Lever keeps no keys: a field of ours is known by its words."""
    words = text.strip().casefold()
    return f"bascule_{words.replace(' ', '_')}" if words else ""


def create_field(wanted: Setup) -> Talk:
    """One more field of the template; the template itself, where it is the first."""
    template = yield from find()
    field: Json = {"text": wanted.name, "type": wanted.type, "description": "", "required": False}
    if template is None:
        body: dict[str, Json] = {"text": TITLE, "instructions": TOLD, "secretByDefault": False, "fields": [field]}
        response = yield Request("POST", "/feedback_templates", json=body, done_if=(400, 403))
    else:
        kept = {
            name: template[name] for name in ("text", "instructions", "group", "secretByDefault") if template.get(name)
        }
        body = {**kept, "fields": [*template.get("fields", ()), field]}
        response = yield Request("PUT", f"/feedback_templates/{template['id']}", json=body, done_if=(400, 403))
    if response.status >= 400:
        words = str(response.json.get("message") or "") if isinstance(response.json, Mapping) else ""
        refused = PermissionMissingError if response.status == 403 else RejectedError
        raise refused(
            f"Lever does not let this credential make the feedback template {TITLE!r}.", status=response.status,
            words=words, hint="Make it by hand in Lever, with the text fields that the documentation lists.",
        )  # fmt: skip
    return {"level": wanted.level}


# ------------------------------------------------------------------------------------------------------------ the form


def ours(forms: Sequence[Json], tenant: Tenant) -> Json:
    """The newest form of ours among an opportunity's feedback."""
    return next(iter(all_ours(forms, tenant)), None)


def all_ours(forms: Sequence[Json], tenant: Tenant) -> list[Json]:
    """Every form of ours among an opportunity's feedback, the newest first."""
    template = tenant.facts.get("template")
    mine = [one for one in forms if template and one.get("baseTemplateId") == template and not one.get("deletedAt")]
    return sorted(mine, key=lambda one: one.get("createdAt") or 0, reverse=True)


def values(form: Json, tenant: Tenant) -> dict[str, Value]:
    """What a form of ours shows, by our keys; of none, that each is empty."""
    there = {str(one.get("id")): one.get("value") for one in (form or {}).get("fields") or ()}
    return {f"custom.{one.key}": there.get(one.id) or None for one in tenant.custom.values()}


def fill(write: Rendered, tenant: Tenant) -> Talk:
    """Change our form in place, or fill in the first. One made before the template had all its fields is replaced. Of
    several (an answer of Lever's lagged behind the first when the second was filled in) the newest stays."""
    actor, template = tenant.facts.get("acting", ""), tenant.facts.get("template", "")
    if not actor or not template:
        raise RejectedError(
            "There is no user as whom to fill in the form, or no template for it.",
            hint="Enter the e-mail address of an active Lever user as acting_user, and connect again.",
        )
    path = f"/opportunities/{write.external}/feedback"
    forms = yield from every(Request("GET", path))
    mine = all_ours(forms, tenant)
    now, spare = ours(mine, tenant), mine[1:]
    known = {one.id: f"custom.{one.key}" for one in tenant.custom.values()}
    held = fields_of(now)
    sent = {known[id]: text(write.fields[known[id]]) for id in known if known[id] in write.fields}
    filled: list[Json] = [
        {"id": id, "value": sent.get(known.get(id, ""), held.get(id))}
        for id in tenant.facts.get("template_fields", "").split()
    ]
    form = now
    if now is None or set(held) != {one["id"] for one in filled}:
        body = {"baseTemplateId": template, "panel": None, "interview": None, "fieldValues": filled}
        form, spare = answered((yield Request("POST", path, json=body, acts_as=actor))), mine
    elif any((held[one["id"]] or "") != (one["value"] or "") for one in filled):
        body = {"fieldValues": filled}
        form = answered((yield Request("PUT", f"{path}/{now['id']}", json=body, acts_as=actor)))
    for one in spare:
        yield Request("DELETE", f"{path}/{one['id']}", acts_as=actor, done_if=(404,))
    return shown(form, write, tenant)


def shown(form: Json, write: Rendered, tenant: Tenant) -> dict[str, Value]:
    """Of the fields that were written, what the form says now."""
    return {name: value for name, value in values(form, tenant).items() if name in write.fields} if form else {}


def text(value: Value) -> str:
    """Every field is text: a form has no numbers."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
