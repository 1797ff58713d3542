"""Who answers for a connection: a person of this workspace, or nobody yet. Its tasks and alerts are theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from bascule.errors import InputError
from bascule.model import COMMAND_LINE, Actor, Fields
from bascule.store import Tx
from bascule.store.connections import Connection

from .desk import Desk

ROLLOUT = "rollout.gate"  # the setting of a connection


class Owners:
    """`app.owners`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def of(self, who: str) -> str:
        """The id of a user, named by e-mail or id; "" for "". InputError for nobody that is known."""
        return await self._desk.store.read(lambda tx: self._of(tx, who))

    async def name(self, connection: str, who: str, actor: Actor) -> str:
        """From now on they answer for it, "" for nobody; how they are called. Errors as for `of`."""
        at = self._desk.connections.named(connection)

        def unit(tx: Tx) -> str:
            user = self._of(tx, who)
            tx.connections.set(replace(tx.connections.get(at.id), owner=user))
            tx.audit.record(
                workspace=at.row.workspace, at=self._desk.now(), action="owner named", actor=actor,
                connection=at.id, detail={"owner": user},
            )  # fmt: skip
            found = tx.people.user(user) if user else None
            return "" if found is None else found.name or found.email

        called = await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        return called

    def _of(self, tx: Tx, who: str) -> str:
        who = who.strip()
        user = tx.people.user_by_email(self._desk.workspace, who) if "@" in who else None
        found = user.id if user is not None else who
        if found and found not in able(tx, self._desk.workspace):
            raise InputError(
                f"Nobody here who may log in is {who!r}: they cannot answer for a connection.",
                hint="Give the e-mail of a person who stands on the page Settings; they are added there.",
            )
        return found


def able(tx: Tx, workspace: str) -> Collection[str]:
    """The ids of everybody who may log in."""
    return {user.id for user in tx.people.users(workspace) if user.disabled is None}


def answering(who: str) -> str:
    """Who answers for what `who` has connected, or is kept as the owner of: a command line is nobody."""
    return "" if who == COMMAND_LINE else who


def told(row: Connection) -> Fields:
    """What was entered about a connection's roll-out: who answers for what, and what was decided."""
    kept = row.settings.get(ROLLOUT)
    return kept if isinstance(kept, Mapping) else {}
