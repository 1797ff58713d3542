"""Whom the person behind a request may see, as a condition of the store's lists and look-ups.

The rule is `core/sight.py`. A request sets `SIGHT`; every unit of work that is handed to the store meanwhile has it,
and what is hidden is to it as if it were not there. Work that nobody waits for (the engine's) has none.

Statements say `SEEN(<family>)`, or `SEEN_RECORD(<record>)`, where a family must be one that may be seen. Without a
sight that is TRUE.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ..model import Kind, Role
from . import statements as s
from .listing import Listing, fold
from .people import User

if TYPE_CHECKING:
    from .tx import Tx

T = TypeVar("T")

TEAM_ONLY = "sight.team_only"  # a setting of the workspace


@dataclass(frozen=True)
class Sight:
    """What somebody who is not exempt may see. `users`: whom the connected systems know them as (our records)."""

    workspace: str
    users: tuple[str, ...]
    team_only: bool

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        return {"sight_users": self.users, "sight_open": 0 if self.team_only else 1}


SIGHT: ContextVar[Sight | None] = ContextVar("sight", default=None)


def sighted(unit: Callable[[Tx], T]) -> Callable[[Tx], T]:
    """The unit, with the sight of whoever hands it in."""
    sight = SIGHT.get()
    if sight is None:
        return unit

    def seen(tx: Tx) -> T:
        tx.sight = sight
        return unit(tx)

    return seen


@contextmanager
def seeing(sight: Sight | None) -> Generator[None]:
    """Do something with this sight; None: everybody is seen."""
    token = SIGHT.set(sight)
    try:
        yield
    finally:
        SIGHT.reset(token)


def sight_of(tx: Tx, user: User, exempt: frozenset[Role]) -> Sight | None:
    """What a person may see; None: everybody, because of their role, or because nobody is hidden from anybody."""
    if user.role in exempt:
        return None
    team_only = tx.workspaces.setting(user.workspace, TEAM_ONLY) is True
    if not team_only and tx.row(s.CONFINED_ANY, workspace=user.workspace) is None:
        return None
    return Sight(user.workspace, users_of(tx, user), team_only)


def users_of(tx: Tx, user: User) -> tuple[str, ...]:
    """Whom the connected systems know somebody as: active users with their e-mail address, and who an administrator has
    said they are."""
    known = tx.vault.has(user.workspace)
    tokens = Listing(tx).tokens(user.workspace, [fold(user.email)]) if known else []
    found = {record for (record,) in tx.rows(s.COLLEAGUES, workspace=user.workspace, tokens=tokens)}
    for connection, external in user.identities.items():
        at = tx.families.resolve(connection, [(Kind.USER, external)])
        found |= {one.record for one in at.values()}
    return tuple(sorted(found))
