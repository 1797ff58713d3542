"""Ashby: a plan of stages for each job, or one plan that all share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bascule.sandbox import ashby
from bascule.sandbox.ashby.desk import made
from bascule.sandbox.ashby.hooks import EVENTS
from bascule.sandbox.kit.tables import Actor

from .account import JOBS, KEY, PLENTY, Account, Entered, Kind


def _sandbox(shared: bool) -> Callable[..., ashby.Sandbox]:
    def make(seed: int, **outside: Any) -> ashby.Sandbox:
        return ashby.Sandbox(ashby.Options(seed=seed, rate=PLENTY, jobs=JOBS, shared_plan=shared), **outside)

    return make


def _key(tenant: ashby.Sandbox, who: Actor, rights: list[str]) -> Entered:
    return {}, {"api_key": tenant.create_key(who, KEY, rights)["secret"]}


async def _hook(account: Account, url: str) -> None:
    """One for each event, as it has them."""
    for event in EVENTS:
        form = {"url": url, "secret": account.secrets["webhook_secret"], "events": [event], "name": event}
        await account.tenant.hooks.save(account.who, form)


def _kind(shared: bool) -> Kind:
    return Kind(
        "ashby", _sandbox(shared), ashby.create_app, made,
        lambda tenant: Actor("user:Dana Whitfield", tenant.admin["id"]), _key,
        {"name": "name", "company": "company", "title": "position", "email": "email"},
        frozenset({"name", "emails", "position", "company"}), hook=_hook, posts=True,
    )  # fmt: skip


KINDS = {"ashby": _kind(shared=False), "ashby-plan": _kind(shared=True)}
