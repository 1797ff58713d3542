"""Teamtailor: as clients of today meet it, and as its reference of 2021 says, where nobody knows which holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bascule.sandbox import teamtailor
from bascule.sandbox.kit.tables import Actor
from bascule.sandbox.teamtailor.desk import desk

from .account import JOBS, KEY, PLENTY, Account, Entered, Kind, user

DOCUMENTED: Mapping[str, Any] = {
    "surface": "documented", "touch": "columns", "bounds": "exclusive", "numbers": "text", "select_values": "labels",
    "static_headers": True, "v2_embeds": True,
}  # fmt: skip


def _sandbox(ways: Mapping[str, Any]) -> Callable[..., teamtailor.Sandbox]:
    def make(seed: int, **outside: Any) -> teamtailor.Sandbox:
        return teamtailor.Sandbox(teamtailor.Options(seed=seed, rate=PLENTY, jobs=JOBS, **ways), **outside)

    return make


def _key(tenant: teamtailor.Sandbox, who: Actor, rights: list[str]) -> Entered:
    made = tenant.key(
        KEY, level="admin" if "admin" in rights else "public", read="read" in rights, write="write" in rights
    )
    return {"note_user": str(user(tenant, "Integration Service").user_id)}, {"api_key": made["secret"]}


async def _hook(account: Account, url: str) -> None:
    """The key of a webhook is made there, and is what is entered here."""
    made = await account.tenant.hook(account.who, "Bridge", url, list(teamtailor.EVENTS), "v2")
    account.secrets["webhook_secret"] = made["secret"]


def _kind(ways: Mapping[str, Any]) -> Kind:
    return Kind(
        "teamtailor", _sandbox(ways), teamtailor.create_app, desk, lambda tenant: user(tenant, "Dana Whitfield"), _key,
        {"first_name": "first_name", "last_name": "last_name", "email": "email"},
        frozenset({"first_name", "last_name", "email"}), hook=_hook, path="/v1",
    )  # fmt: skip


KINDS = {"teamtailor": _kind({}), "teamtailor-documented": _kind(DOCUMENTED)}
