"""Links under which somebody of IT enters what a connection signs in with: the owner never sees the secret, and IT
sees no candidate and no other page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from bascule.connectors.spec import Connector
from bascule.engine.http import checked_base, is_loopback
from bascule.errors import ConfigurationError, ConflictError, InputError, NotFoundError
from bascule.hiring import links
from bascule.hiring.links import Purpose
from bascule.model import Actor, Fields, Label
from bascule.store import Tx
from bascule.store.credential_links import CredentialLink

from .desk import Desk

DAYS, MOST_DAYS = 7, 30
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A connection whose credentials somebody else is to enter, and who. Of one that is there, only `name` and `who`
    count. `base_url` "": the vendor's own, or what IT enters."""

    name: str
    who: str
    system: str = ""
    base_url: str = ""
    label: Label | None = None
    settings: Mapping[str, str] | None = None
    days: int = DAYS


@dataclass(frozen=True, slots=True)
class Made:
    """A link, and its address."""

    link: CredentialLink
    url: str


class CredentialLinks:
    """`app.credential_links`: the owner's side of it."""

    def __init__(self, desk: Desk, connector: Callable[[str], Connector]) -> None:
        self._desk = desk
        self._connector = connector

    async def make(self, asked: Asked, actor: Actor) -> Made:
        """A link for a new connection, or for new credentials of one that is there. Nothing is sent. InputError or
        ConflictError says what is wrong."""
        who = " ".join(asked.who.split())[:120]
        if not who:
            raise InputError("For whom is the link?", hint="Give the name of whoever enters the credentials.")
        if not 1 <= asked.days <= MOST_DAYS:
            raise InputError(f"A link works for 1 to {MOST_DAYS} days, not {asked.days}.")
        there = {at.row.name: at for at in self._desk.connections.all() if at.row.workspace == self._desk.workspace}
        at = there.get(asked.name)
        if at is not None and at.is_tool:
            raise InputError(f"{asked.name} is an AI tool, and has a key and no credentials.")
        system, connection = (at.row.system, at.id) if at is not None else (self._new(asked), "")
        said: Fields = {
            "for": who, "by": actor.name or actor.id, "owner": actor.id, "base_url": asked.base_url.strip(),
            "label": str(asked.label or ""), "settings": dict(asked.settings or {}), "refused": None,
        }  # fmt: skip

        def unit(tx: Tx) -> Made:
            now = self._desk.now()
            until = now + timedelta(days=asked.days)
            one = CredentialLink(
                self._desk.id(), self._desk.workspace, asked.name, system, connection, 1, now, until, said=said
            )
            self._others(tx, one)
            tx.credential_links.set(one)
            self.note(tx, one, "credential link made", actor, {})
            return Made(one, self.url(tx, one))

        return await self._desk.store.write(unit)

    def _new(self, asked: Asked) -> str:
        """The system of a connection that is not there yet, if it can be one."""
        if not NAME.fullmatch(asked.name):
            raise InputError(
                f"{asked.name!r} is no name for a connection." if asked.name else "The connection has no name.",
                hint="Lower-case letters, digits and hyphens, 64 at most.",
            )
        if not asked.system:
            raise NotFoundError(f"There is no connection {asked.name}.", hint="For a new one, name the system too.")
        connector = self._connector(asked.system)
        if asked.label is Label.SIMULATOR and not is_loopback(urlsplit(asked.base_url.strip()).hostname or ""):
            raise InputError("A simulator stands on this machine.", hint="Give its address, or choose what it is.")
        if asked.base_url.strip():
            try:
                checked_base(connector, asked.base_url.strip(), self._desk.settings.allowed_hosts)
            except ConfigurationError as error:
                raise InputError(str(error), hint=f"Give {connector.label}'s own address, or none.") from None
        return connector.name

    def _others(self, tx: Tx, new: CredentialLink) -> None:
        """ConflictError while another link for it is open: two people would enter two credentials."""
        for one in tx.credential_links.list(new.workspace):
            if one.name == new.name and self.open(one):
                raise ConflictError(
                    f"A link for {new.name} is open already, for {one.said['for']}.", hint="End that one first."
                )

    async def renew(self, id: str, actor: Actor, *, days: int = DAYS) -> Made:
        """A new address, and the old one ends. ConflictError once credentials were entered by it."""

        def unit(tx: Tx) -> Made:
            one = self._held(tx, id)
            if one.used is not None:
                raise ConflictError("This link was used.", hint="Make another one for new credentials.")
            until = self._desk.now() + timedelta(days=days)
            one = replace(one, issue=one.issue + 1, expires=until, ended=None, opened=None, trying=None)
            tx.credential_links.set(one)
            self.note(tx, one, "credential link made anew", actor, {})
            return Made(one, self.url(tx, one))

        return await self._desk.store.write(unit)

    async def revoke(self, id: str, actor: Actor) -> None:
        """End it at once. ConflictError where it has ended."""

        def unit(tx: Tx) -> None:
            one = self._held(tx, id)
            if one.ended is not None:
                raise ConflictError("The link has ended already.")
            tx.credential_links.set(replace(one, ended=self._desk.now(), issue=one.issue + 1))
            self.note(tx, one, "credential link revoked", actor, {})

        await self._desk.store.write(unit)

    async def told(self) -> list[dict[str, Any]]:
        """Every link, the newest first, as programs are told of it; the address while it opens something."""

        def read(tx: Tx) -> list[dict[str, Any]]:
            return [self.as_data(tx, one) for one in tx.credential_links.list(self._desk.workspace)]

        return await self._desk.store.read(read)

    def as_data(self, tx: Tx, one: CredentialLink) -> dict[str, Any]:
        refused = one.said["refused"]
        return {
            "id": one.id, "name": one.name, "system": one.system, "for": one.said["for"], "by": one.said["by"],
            "created": one.created, "expires": one.expires, "opened": one.opened, "used": one.used,
            "ended": one.ended, "refused": dict(refused) if isinstance(refused, Mapping) else None,
            "url": self.url(tx, one),
        }  # fmt: skip

    # ----------------------------------------------------------------------------------------------------------- parts

    def open(self, one: CredentialLink) -> bool:
        """Whether credentials can still be entered by it."""
        return one.used is None and one.ended is None and one.expires > self._desk.now()

    def url(self, tx: Tx, one: CredentialLink) -> str:
        """Its address, "" once nothing can be entered by it."""
        if not self.open(one):
            return ""
        key = tx.vault.derived(one.workspace, b"links")
        secret = links.token(key, Purpose.CREDENTIALS, one.id, one.issue)
        return f"{self._desk.settings.address}/{Purpose.CREDENTIALS}/{secret}"

    def note(self, tx: Tx, one: CredentialLink, action: str, actor: Actor, detail: Fields) -> None:
        """An audit entry about a link. Nothing that was entered is in it."""
        tx.audit.record(
            workspace=one.workspace, at=self._desk.now(), action=action, actor=actor, connection=one.connection or None,
            detail={"link": one.id, "name": one.name, "for": one.said["for"], **detail},
        )  # fmt: skip

    def _held(self, tx: Tx, id: str) -> CredentialLink:
        one = tx.credential_links.get(id, hold=True)
        if one is None or one.workspace != self._desk.workspace:
            raise NotFoundError("There is no such link.")
        return one
