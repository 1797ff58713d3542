"""What is learned of a customer's database, and the fields that are made in it."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from dataclasses import replace
from html import escape

from bascule.connectors.spec import (
    HIDDEN_AUTOMATIONS,
    CustomField,
    Entered,
    Request,
    Response,
    Setup,
    Talk,
    Tenant,
)
from bascule.errors import DisconnectedError, PermissionMissingError, RejectedError
from bascule.model import Json

from . import automations
from .calls import APPLICANT, CANDIDATE, EVERYTHING, JOB, TAG, TRACKED, call, refusal, result, rows, rpc
from .fields import ADDED
from .meetings import contacts
from .reads import PREFIX

OLDEST, JSON_2 = 17, 19
VIEW = "hr.applicant.form.bascule"


def signed_in() -> Generator[Request, Response, Tenant]:
    """Which Odoo this is, by which interface it is spoken to, and who the key's user is.

    From 19 on JSON-2, which knows the user by the key; before, and where something lets JSON-2 not through, JSON-RPC,
    which needs the database and the login, too.
    """
    series = yield from version()
    major = int(re.findall(r"\d+", series)[0])
    if major < OLDEST:
        raise RejectedError(f"This is Odoo {series}; Bascule speaks to {OLDEST} and later.", hint="Upgrade Odoo first.")
    if major >= JSON_2:
        told = yield call(Tenant(facts={"transport": "json2"}), "res.users", "context_get", tolerate=(404,))
        if told.status < 400 and isinstance(told.json, Mapping):
            return Tenant(facts={"transport": "json2", "uid": str(told.json.get("uid") or 0), "version": series})
    args = [Entered("database"), Entered("login"), Entered("api_key"), {}]
    told = yield Request("POST", "/jsonrpc", json=rpc("common", "authenticate", args), safe=True)
    uid = result(told.json)
    if not isinstance(uid, int) or isinstance(uid, bool):
        raise DisconnectedError(
            f"Odoo {series} does not know this login with this key in this database.",
            hint="Enter the database's name and the login of the key's user as Odoo has them, and a key that has not "
            "expired. On odoo.com, the interface needs the Custom plan.",
        )
    return Tenant(facts={"transport": "jsonrpc", "uid": str(uid), "version": series})


def version() -> Generator[Request, Response, str]:
    """The series ("19.0", "saas~18.3"), which every Odoo tells without a sign-in, in one of two places."""
    asked = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": {}}
    told = yield Request("POST", "/web/webclient/version_info", json=asked, safe=True, done_if=(400, 404, 405, 415))
    found = result(told.json) if told.status < 400 and isinstance(told.json, Mapping) else None
    series = str(found.get("server_serie") or found.get("server_version") or "") if isinstance(found, Mapping) else ""
    if not series:
        told = yield Request("GET", "/web/version", done_if=(404,))
        series = str(told.json.get("version") or "") if isinstance(told.json, Mapping) else ""
    if not re.search(r"\d", series):
        raise RejectedError(
            "What answers here does not say that it is Odoo.",
            hint="Check the base URL: https://<database>.odoo.com, or your own server's address without a path.",
        )
    return series


def discover() -> Generator[Request, Response, Tenant]:
    tenant = yield from signed_in()
    facts = dict(tenant.facts)
    shown: list[tuple[str, str, str]] = []
    custom: dict[str, CustomField] = {}
    for model in (APPLICANT, CANDIDATE, JOB, "calendar.event"):
        asked = call(tenant, model, "fields_get", attributes=["type", "string", "relation", "selection"],
                     tolerate=(403, 404))  # fmt: skip
        response = yield asked
        refused, found = refusal(response), result(response.json)
        if refused is None and isinstance(found, Mapping):
            shown += [(model, name, str(one.get("type"))) for name, one in sorted(found.items()) if name[:2] != "x_"]
            facts |= {"persons": "yes"} if model == CANDIDATE else {}
        if model != APPLICANT:
            continue
        if refused is not None or not isinstance(found, Mapping):
            raise missing(tenant, refused or ("", ""))
        custom = {f"application.{key}": field(key, one) for key, one in found.items() if key.startswith("x_")}
        facts |= {"recruiter_id": str(found["recruiter_id"].get("relation"))} if "recruiter_id" in found else {}
    tags = yield call(tenant, TAG, "search_read", domain=[], fields=["name"])
    facts |= {f"tag.{row['id']}": str(row["name"]) for row in rows(tags.json)}
    jobs = yield call(tenant, JOB, "search", domain=[], context=EVERYTHING)
    facts["jobs"] = " ".join(str(id) for id in rows(jobs.json))
    if "employee" in facts.get("recruiter_id", ""):
        people = yield call(tenant, facts["recruiter_id"], "search_read", domain=[["user_id", "!=", False]],
                            fields=["user_id"], context=EVERYTHING, tolerate=(403, 404))  # fmt: skip
        facts |= {f"employee.{row['id']}": str(row["user_id"][0]) for row in rows(people.json) if row.get("user_id")}
    facts |= yield from contacts(tenant)
    tracked = yield from automations.shown(tenant, TRACKED, "search_read", domain=[["id", "=", 0]], fields=["id"])
    facts |= {"tracked": "yes"} if tracked is not None else {}
    itself, hidden = yield from automations.found(replace(tenant, facts=facts))
    facts |= {HIDDEN_AUTOMATIONS: hidden} if hidden else {}
    return Tenant(custom, facts, frozenset(), tuple(shown), itself)


def missing(tenant: Tenant, refused: tuple[str, str]) -> PermissionMissingError | RejectedError:
    """Why applicants are not shown."""
    name, words = refused
    if name.endswith("AccessError"):
        return PermissionMissingError(
            "Odoo does not show applicants to the key's user.", words=words,
            hint="Give the user the right Recruitment: Officer (Manage all applicants).",
        )  # fmt: skip
    return RejectedError(
        f"This Odoo {tenant.facts['version']} has no applicants.", words=words, hint="Install the app Recruitment."
    )


def field(key: str, one: Json) -> CustomField:
    options = one.get("selection") if isinstance(one.get("selection"), list) else []
    named = {str(choice[0]): str(choice[1]) for choice in options}
    return CustomField(key, key, str(one.get("string") or key), "application", str(one.get("type")), options=named)


# ------------------------------------------------------------------------------------------------- fields of our own


def create_field(wanted: Setup) -> Talk:
    """Define a field on applicants, and show it on their form. Only a user with Settings rights may."""
    tenant = yield from signed_in()
    models = yield call(tenant, "ir.model", "search", domain=[["model", "=", APPLICANT]], tolerate=(403,))
    ids = rows(models.json)
    response = models
    if ids:
        vals = {"name": wanted.key, "field_description": wanted.name, "ttype": wanted.type, "model_id": ids[0],
                "state": "manual", "copied": False}  # fmt: skip
        response = yield call(tenant, "ir.model.fields", "create", vals_list=[vals], tolerate=(403, 422))
    if refused := refusal(response) or (None if ids else ("odoo.exceptions.AccessError", "")):
        raise refusing(wanted, refused)
    yield from on_form(tenant)
    return {"level": wanted.level}


def refusing(wanted: Setup, refused: tuple[str, str]) -> PermissionMissingError | RejectedError:
    name, words = refused
    if name.endswith(("AccessError", "AccessDenied")):
        return PermissionMissingError(
            f"Odoo does not let the key's user create the field {wanted.key}.", words=words,
            hint="Give the user Administration: Settings until the fields are there, or have an administrator make "
            f"them by hand on the model {APPLICANT} under these names.",
        )  # fmt: skip
    return RejectedError(f"Odoo refused the field {wanted.key}.", words=words)


def on_form(tenant: Tenant) -> Generator[Request, Response, None]:
    """A page of the applicant's form that shows our fields: Odoo shows a new field nowhere by itself. Where a view
    cannot be made, the fields are there all the same."""
    held = yield call(tenant, "ir.ui.view", "search_read", domain=[["name", "=", VIEW]], fields=["name"],
                      context=EVERYTHING, tolerate=(403, 404, 422))  # fmt: skip
    if refusal(held) is not None:
        return
    shown = yield call(tenant, APPLICANT, "fields_get", attributes=["type"])
    there = [key for key in result(shown.json) if key.startswith(PREFIX)]
    ours = [one.key for one in ADDED]
    arch = page([*(one for one in ours if one in there), *sorted(set(there) - set(ours))])
    if mine := rows(held.json):
        yield call(tenant, "ir.ui.view", "write", [mine[0]["id"]], vals={"arch": arch}, tolerate=(403, 422, 500))
        return
    form = [["model", "=", APPLICANT], ["type", "=", "form"], ["inherit_id", "=", False]]
    found = yield call(tenant, "ir.ui.view", "search", domain=form, order="priority, id", limit=1, tolerate=(403, 422))
    if base := rows(found.json):
        vals = {"name": VIEW, "model": APPLICANT, "type": "form", "mode": "extension", "inherit_id": base[0],
                "priority": 99, "arch": arch}  # fmt: skip
        yield call(tenant, "ir.ui.view", "create", vals_list=[vals], tolerate=(403, 422, 500))


def page(names: list[str]) -> str:
    url = ' widget="url"'
    shown = "".join(f'<field name="{escape(one)}" readonly="1"{url * one.endswith("_link")}/>' for one in names)
    inside = f'<page string="Bascule" name="bascule"><group>{shown}</group></page>'
    return f'<data><xpath expr="//notebook" position="inside">{inside}</xpath></data>'
