"""Which colleagues see a candidate: all with the right, or only the hiring team of a job that they applied to."""

from __future__ import annotations

from dataclasses import dataclass

from bascule.core.sight import EXEMPT
from bascule.model import Actor
from bascule.store import Tx
from bascule.store.people import User
from bascule.store.sight import TEAM_ONLY, users_of

from .desk import Desk


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody here, and how many users of the connected systems they are. `everybody`: whom nothing is hidden from."""

    user: User
    everybody: bool
    users: int


@dataclass(frozen=True, slots=True)
class Visible:
    """What is chosen, and who is known there. A colleague without a user of the ATS is on no team."""

    team_only: bool
    people: tuple[Known, ...]


class Visibility:
    """`app.visibility`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def told(self) -> Visible:
        return await self._desk.store.read(self.standing)

    def standing(self, tx: Tx) -> Visible:
        """The same inside a unit."""
        workspace = self._desk.workspace
        people = [one for one in tx.people.users(workspace) if one.disabled is None]
        team_only = tx.workspaces.setting(workspace, TEAM_ONLY) is True
        return Visible(team_only, tuple(_known(tx, one) for one in people))

    async def choose(self, team_only: bool, actor: Actor) -> Visible:
        """Whoever is signed in has it with their next request."""
        workspace = self._desk.workspace

        def unit(tx: Tx) -> Visible:
            if (tx.workspaces.setting(workspace, TEAM_ONLY) is True) != team_only:
                tx.workspaces.set_setting(workspace, TEAM_ONLY, team_only)
                tx.audit.record(
                    workspace=workspace, at=self._desk.now(), action="visibility chosen", actor=actor,
                    detail={"team_only": team_only},
                )  # fmt: skip
            return self.standing(tx)

        return await self._desk.store.write(unit)


def _known(tx: Tx, user: User) -> Known:
    if user.role in EXEMPT:
        return Known(user, True, 0)
    return Known(user, False, len(users_of(tx, user)))
