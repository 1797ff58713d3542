"""SmartRecruiters: with candidate properties for our outputs and an API key; without, where scores are reviews and an
OAuth client signs in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bascule.connectors.smartrecruiters.fields import NUMBERS
from bascule.connectors.smartrecruiters.objects import LABEL
from bascule.sandbox import smartrecruiters
from bascule.sandbox.kit.desk import Application
from bascule.sandbox.kit.tables import SYSTEM, Actor
from bascule.sandbox.smartrecruiters import doings, hooks
from bascule.sandbox.smartrecruiters.desk import desk
from bascule.sandbox.smartrecruiters.tables import EVENTS

from .account import JOBS, KEY, PLENTY, Account, Entered, Kind, fields


def _sandbox(seed: int, **outside: Any) -> smartrecruiters.Sandbox:
    return smartrecruiters.Sandbox(smartrecruiters.Options(seed=seed, rate=PLENTY, jobs=JOBS), **outside)


def _with_key(tenant: smartrecruiters.Sandbox, who: Actor, rights: list[str]) -> Entered:
    """The properties are made by hand there, as the connector's page asks a person to."""
    for key, label in LABEL.items():
        type = "NUMBER" if key.removeprefix("bascule_") in NUMBERS else "TEXT"
        doings.new_property(tenant, SYSTEM, label, type, ("CANDIDATE_PROFILE",))
    made = tenant.open_credential(who, "key", KEY, rights, user_id=_service(tenant))
    return {}, {"api_key": made["secret"]}


def _with_client(tenant: smartrecruiters.Sandbox, who: Actor, rights: list[str]) -> Entered:
    made = tenant.open_credential(who, "client", KEY, rights, user_id=_service(tenant))
    return {"client_id": made["client_id"]}, {"client_secret": made["secret"]}


def _service(tenant: smartrecruiters.Sandbox) -> Any:
    return next(row["id"] for row in tenant.db["users"] if row["first_name"] == "Integration")


def _who(tenant: smartrecruiters.Sandbox) -> Actor:
    return Actor("user:Dana Whitfield", next(row["id"] for row in tenant.db["users"] if row["first_name"] == "Dana"))


async def _hook(account: Account, url: str) -> None:
    """A subscription to everything, activated and with a key."""
    tenant = account.tenant
    owner = next(row["id"] for row in tenant.db["credentials"] if row["name"] == KEY)
    actor = Actor("user:Integration Service", _service(tenant))
    asked = {"callbackUrl": url, "events": list(EVENTS)}
    made = hooks.subscribe(tenant, actor, owner, account.base_url, asked)
    tenant.db.mark(
        "webhooks", made["id"], enabled=True, keys=[{"key": account.secrets["webhook_secret"], "until": None}]
    )


def _reviewed(tenant: smartrecruiters.Sandbox, one: Application) -> Sequence[str]:
    rows = tenant.db["reviews"].where("application_id", one.id)
    return [f"{row['comment']}\n{row['rating']}" for row in rows]


def _kind(
    key: Callable[..., Entered], outputs: Callable[[smartrecruiters.Sandbox, Application], Sequence[str]]
) -> Kind:
    return Kind(
        "smartrecruiters", _sandbox, smartrecruiters.create_app, desk, _who, key,
        {"first_name": "first_name", "last_name": "last_name", "email": "email"},
        frozenset({"first_name", "last_name", "email"}), hook=_hook,
        application=lambda tenant, one: f"{one.person}:{one.job.id}", outputs=outputs,
    )  # fmt: skip


KINDS = {"smartrecruiters": _kind(_with_key, fields), "smartrecruiters-reviews": _kind(_with_client, _reviewed)}
