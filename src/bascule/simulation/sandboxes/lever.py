"""Lever."""

from __future__ import annotations

from typing import Any

from bascule.sandbox import lever
from bascule.sandbox.kit.tables import Actor
from bascule.sandbox.kit.tenant import Tenant
from bascule.sandbox.lever.desk import desk
from bascule.sandbox.lever.hooks import save_hook

from .account import JOBS, KEY, PLENTY, Account, Kind, user


def _sandbox(seed: int, **outside: Any) -> Tenant[Any]:
    return lever.Sandbox(
        lever.Options(
            seed=seed,
            rate=PLENTY,
            burst=1_000_000,
            posting_rate=PLENTY,
            webhooks_on=True,
            jobs=JOBS,
            posting_tags=False,
        ),
        **outside,
    )


def _key(tenant: lever.Sandbox, who: Actor, rights: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    with tenant.history():
        tenant.db.create(
            "users", who, name="Bascule", email="bascule@tenant.example", access_role="team member",
            external_directory_id=None, job_title=None, manager_id=None, deactivated_at=None,
        )  # fmt: skip
    key = tenant.access.key(who, KEY, rights, confidential=True)
    return {"acting_user": "bascule@tenant.example"}, {"api_key": key["secret"]}


async def _hook(account: Account, url: str) -> None:
    """One hook for each event; each has a token of its own, and all are entered."""
    rows = [
        save_hook(account.tenant, account.who, {"url": url.replace("http:", "https:"), "event": one}, None,
                  made_by="user", confidential=True)
        for one in lever.EVENTS
    ]  # fmt: skip
    account.secrets["webhook_secret"] = "\n".join(row["signature_token"] for row in rows)


KINDS = {
    "lever": Kind(
        "lever", _sandbox, lever.create_app, desk, lambda tenant: user(tenant, "Dana Whitfield"), _key,
        {"name": "name", "company": "headline", "emails": "emails"}, frozenset({"name", "headline", "emails"}),
        hook=_hook, path="/v1",
    ),
}  # fmt: skip
