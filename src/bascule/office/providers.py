"""Providers of people's data, as the workspace's administrator chooses them: for how much, of whom they may be asked;
and who was looked up."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bascule.enrichment.choice import Choice, Provider, checked, stored
from bascule.enrichment.door import (
    BUDGET,
    NOTICE,
    REFUSED,
    REJECTED,
    Used,
    choice_of,
    key_of,
    key_setting,
    month,
    over,
    setting,
    used_this_month,
)
from bascule.errors import InputError, NotFoundError
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.lookups import END, Lookup

from .desk import Desk


@dataclass(frozen=True, slots=True)
class Standing:
    """What is chosen, and how it stands. `key`: one is kept. `used` is since `since`; `room`: the budget has room for
    one more. `troubles`: what the owner was told and is not over."""

    choice: Choice
    key: bool
    used: Used
    since: datetime
    room: bool
    troubles: tuple[str, ...]


class Providers:
    """`app.providers`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def told(self) -> list[Standing]:
        """Every provider, chosen or not."""
        return await self._desk.store.read(lambda tx: [self.standing(tx, one) for one in Provider])

    def standing(self, tx: Tx, provider: Provider) -> Standing:
        """One of them, inside a unit."""
        workspace, now = self._desk.workspace, self._desk.now()
        choice, used = choice_of(tx, workspace, provider), used_this_month(tx, workspace, provider, now)
        troubles = tuple(
            one.text for one in tx.notices.list(workspace) if one.kind == NOTICE and one.about.startswith(provider)
        )
        key = bool(key_of(tx, workspace, provider))
        return Standing(choice, key, used, month(now), choice.fits(used.cost), troubles)

    async def choose(self, name: str, given: Mapping[str, Any], actor: Actor, *, key: str | None = None) -> Standing:
        """Change these fields; what is not given stays. `key` "" forgets the one that is kept; one is never carried
        over to another host. InputError changes nothing; NotFoundError where there is no such provider."""
        provider = _provider(name)

        def unit(tx: Tx) -> Standing:
            workspace = self._desk.workspace
            before = choice_of(tx, workspace, provider)
            wanted = replace(before, **{field: _field(field, value) for field, value in given.items()})
            kept = key if key is not None else "" if wanted.host != before.host else key_of(tx, workspace, provider)
            after = checked(wanted, key=bool(kept), allowed_hosts=self._desk.settings.allowed_hosts)
            self._keep(tx, after, kept, actor)
            return self.standing(tx, provider)

        return await self._desk.store.write(unit)

    async def off(self, name: str, actor: Actor) -> Standing:
        """Look nobody up there any more, and forget the key. The rest of the choice stays."""
        provider = _provider(name)

        def unit(tx: Tx) -> Standing:
            self._keep(tx, replace(choice_of(tx, self._desk.workspace, provider), on=False), "", actor)
            return self.standing(tx, provider)

        return await self._desk.store.write(unit)

    def _keep(self, tx: Tx, choice: Choice, key: str, actor: Actor) -> None:
        workspace, now, provider = self._desk.workspace, self._desk.now(), choice.provider
        tx.workspaces.set_setting(workspace, setting(provider), stored(choice))
        sealed = base64.b64encode(tx.vault.seal(workspace, None, key.encode())).decode() if key else None
        tx.workspaces.set_setting(workspace, key_setting(provider), sealed)
        for about in (REFUSED, REJECTED):
            over(tx, workspace, provider, about, now)
        if not choice.on or choice.fits(used_this_month(tx, workspace, provider, now).cost):
            over(tx, workspace, provider, BUDGET, now)
        tx.audit.record(
            workspace=workspace, at=now, action="data provider chosen", actor=actor,
            detail={**stored(choice), "key": "kept" if key else "none"},
        )  # fmt: skip

    async def lookups(self, *, before: str = "", limit: int = 50) -> list[Lookup]:
        """Who was looked up, the newest first."""
        workspace = self._desk.workspace
        return await self._desk.store.read(lambda tx: tx.lookups.list(workspace, before=before or END, limit=limit))


def _provider(name: str) -> Provider:
    if name not in set(Provider):
        raise NotFoundError(f"There is no provider {name!r}.", hint=f"There is: {', '.join(Provider)}.")
    return Provider(name)


def _field(name: str, value: Any) -> Any:
    """A field of the choice from what a program or a form gives."""
    match name:
        case "regions":
            return tuple(dict.fromkeys(one.strip().lower() for one in value if one.strip()))
        case "region" | "base_url" | "currency":
            return str(value).strip()
        case _ if name in Choice.__dataclass_fields__ and name != "provider":
            return value
        case _:
            raise InputError(f"The choice of a provider has no {name!r}.")
