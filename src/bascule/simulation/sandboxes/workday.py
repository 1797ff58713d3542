"""Workday: with a custom object for our outputs and an integration system user; without one, where scores are
assessments and an API client signs in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bascule.connectors.workday.fields import NUMBERS
from bascule.connectors.workday.reads import OURS
from bascule.sandbox import workday
from bascule.sandbox.kit.desk import Application
from bascule.sandbox.kit.tables import SYSTEM, Actor
from bascule.sandbox.workday import raas
from bascule.sandbox.workday.desk import desk

from .account import JOBS, KEY, PLENTY, STAGES, Entered, Kind, user

TEST, ACTING = "BASCULE_MATCH", f"{KEY} user"
ASSESSED = [{**job, "stages": ("Assessment", *STAGES[1:])} for job in JOBS]  # who applies is where scores are taken
REPORTS: Mapping[str, str] = {
    "report_owner": raas.OWNER, "changed_report": raas.CHANGED, "steps_report": raas.STEPS,
    "workers_report": raas.WORKERS, "fields_report": raas.FIELDS,
}  # fmt: skip


def _sandbox(custom_object: bool) -> Callable[..., workday.Sandbox]:
    def make(seed: int, **outside: Any) -> workday.Sandbox:
        options = workday.Options(
            seed=seed, rate=PLENTY, invalid=PLENTY, extracts=PLENTY, custom_object=custom_object,
            jobs=JOBS if custom_object else ASSESSED,
        )  # fmt: skip
        return workday.Sandbox(options, **outside)

    return make


def _with_user(tenant: workday.Sandbox, who: Actor, rights: list[str]) -> Entered:
    """The fields are made by hand there, as the connector's page asks a person to."""
    held = next(iter(tenant.db["custom_objects"]))["id"]
    for name, alias in OURS.items():
        tenant.db.create("custom_fields", SYSTEM, object_id=held, alias=alias, name=alias, required=False, options=[],
                         type="number" if name in NUMBERS else "text")  # fmt: skip
    made, of = tenant.open_user(who, KEY, rights), tenant.options.tenant
    return {"tenant": of, **REPORTS, "username": f"{KEY}@{of}"}, {"password": made["secret"]}


def _with_client(tenant: workday.Sandbox, who: Actor, rights: list[str]) -> Entered:
    acting = tenant.open_user(who, ACTING, rights)
    client = tenant.open_client(who, KEY, acting["id"])
    tenant.db.create("assessment_tests", SYSTEM, ref=TEST, name="Bascule match")
    scored = {"assessment_test": TEST, "assessment_status": "PASSED", "assessed_by": "21002"}
    return (
        {"tenant": tenant.options.tenant, **REPORTS, **scored, "client_id": client["client_id"]},
        {"client_secret": client["secret"], "refresh_token": tenant.refresh_token(client)},
    )


def _ref(tenant: workday.Sandbox, one: Application) -> str:
    return str(tenant.db["applications"].rows[one.id]["ref"])


def _kind(custom_object: bool) -> Kind:
    return Kind(
        "workday", _sandbox(custom_object), workday.create_app, desk, lambda tenant: user(tenant, "Dana Whitfield"),
        _with_user if custom_object else _with_client,
        {"first_name": "first_name", "last_name": "last_name", "email": "email"},
        frozenset({"first_name", "last_name", "email"}), application=_ref, posts=True,
        may=KEY if custom_object else ACTING,
    )  # fmt: skip


KINDS = {"workday": _kind(custom_object=True), "workday-assessments": _kind(custom_object=False)}
