"""Who is away, and who acts for them meanwhile: tasks and letters about decisions go to the deputy.

Nothing is re-assigned: what was somebody's is theirs again when they are back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bascule.errors import InputError, NotFoundError
from bascule.hiring.absences import SETTING, Absence, acting, kept
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.people import User

from .desk import Desk

LONGEST = 366  # days


class Absences:
    """`app.absences`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(self) -> list[Absence]:
        """Those that are not over, the first to end first."""
        now = self._desk.now()
        found = await self._desk.store.read(lambda tx: kept(tx, self._desk.workspace))
        return sorted((one for one in found.values() if one.until > now), key=lambda one: (one.until, one.person))

    async def set(self, person: str, deputy: str, since: datetime | None, until: datetime, actor: Actor) -> Absence:
        """`person` (id or e-mail) is away from `since` (None: now) until `until`, and `deputy` acts; an earlier absence
        of theirs goes. InputError for times that make no sense or somebody who cannot act, NotFoundError for who is no
        user: nothing is changed then."""
        now = self._desk.now()
        begins = since or now
        if begins.tzinfo is None or until.tzinfo is None:
            raise InputError("The time needs a zone.", hint="Write it like 2026-12-24T00:00:00Z.")
        if until <= max(begins, now) or (until - begins).days > LONGEST:
            raise InputError(f"An absence ends after it begins, within {LONGEST} days, and not before now.")

        def unit(tx: Tx) -> Absence:
            who, acts = self._user(tx, person), self._user(tx, deputy)
            if who.id == acts.id:
                raise InputError("Nobody is their own deputy.", hint="Name a colleague.")
            one = Absence(who.id, acts.id, begins, until)
            known = {**kept(tx, self._desk.workspace), who.id: one}
            users = {user.id for user in tx.people.users(self._desk.workspace) if user.disabled is None}
            if acting(known, users, who.id, begins) == who.id:
                raise InputError(
                    f"{acts.name or acts.email} is away then too, and nobody is left who acts.",
                    hint="Name somebody who is there.",
                )
            self._keep(tx, known)
            detail = {"person": who.id, "deputy": acts.id, "since": begins.isoformat(), "until": until.isoformat()}
            tx.audit.record(
                workspace=self._desk.workspace, at=now, action="absence entered", actor=actor, detail=detail
            )
            return one

        return await self._desk.store.write(unit)

    async def end(self, person: str, actor: Actor) -> None:
        """They are back, or do not go. NotFoundError where no absence is known."""

        def unit(tx: Tx) -> None:
            who, known = self._user(tx, person), dict(kept(tx, self._desk.workspace))
            if known.pop(who.id, None) is None:
                raise NotFoundError(f"No absence of {who.name or who.email} is known.")
            self._keep(tx, known)
            tx.audit.record(
                workspace=self._desk.workspace, at=self._desk.now(), action="absence ended", actor=actor,
                detail={"person": who.id},
            )  # fmt: skip

        await self._desk.store.write(unit)

    def _user(self, tx: Tx, who: str) -> User:
        user = next((each for each in tx.people.users(self._desk.workspace) if who in (each.id, each.email)), None)
        if user is None or user.disabled is not None:
            raise NotFoundError(f"There is no user {who}.", hint="Name one by e-mail; people stand under Settings.")
        return user

    def _keep(self, tx: Tx, known: Mapping[str, Absence]) -> None:
        """Those that are over go."""
        now = self._desk.now()
        tx.workspaces.set_setting(
            self._desk.workspace,
            SETTING,
            {
                one.person: {"deputy": one.deputy, "since": one.since.isoformat(), "until": one.until.isoformat()}
                for one in known.values()
                if one.until > now
            },
        )
