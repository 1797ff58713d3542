"""Odoo: 19 over JSON-2, 17 and 18 over JSON-RPC; in 18 persons are apart from their applications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from bascule.sandbox import odoo
from bascule.sandbox.kit.tables import Actor
from bascule.sandbox.odoo.ats import desk
from bascule.sandbox.odoo.seed import INTEGRATION

from .account import JOBS, KEY, Account, Entered, Kind, user

Version = Literal["17", "18", "19"]


def _sandbox(version: Version) -> Callable[..., odoo.Sandbox]:
    def make(seed: int, **outside: Any) -> odoo.Sandbox:
        return odoo.Sandbox(odoo.Options(seed=seed, version=version, stages="own", jobs=JOBS), **outside)

    return make


def _key(tenant: odoo.Sandbox, who: Actor, rights: list[str]) -> Entered:
    """The key has the rights of its user. Before 19 it is sent with database and login."""
    login = {"database": tenant.options.database, "login": tenant.db["users"].rows[INTEGRATION]["login"]}
    made = tenant.new_key(who, KEY, INTEGRATION)
    return {} if tenant.options.version == "19" else login, {"api_key": made["secret"]}


async def _hook(account: Account, url: str) -> None:
    """Automation rules for everything; the secret is the last part of their address."""
    rules = next(one for one in account.desk.setups if one.key == "automation")
    assert rules.make is not None
    rules.make(account.who, {"name": "Bridge", "url": f"{url}/{account.secrets['webhook_secret']}"})


def _kind(version: Version) -> Kind:
    return Kind(
        "odoo", _sandbox(version), odoo.create_app, desk, lambda tenant: user(tenant, "Dana Whitfield"), _key,
        {"name": "partner_name", "email": "email_from"}, frozenset({"partner_name", "email_from"}), hook=_hook,
        posts=True,
    )  # fmt: skip


KINDS = {"odoo": _kind("19"), "odoo-18": _kind("18"), "odoo-17": _kind("17")}
