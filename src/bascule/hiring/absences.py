"""Who is away, and who acts for them meanwhile. Nothing is re-assigned: what was somebody's is theirs again later."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from bascule.store import Tx

SETTING = "absences"  # by user: from when, until when, who acts


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from `since` until `until`; `deputy` acts for them. Both are ids of users."""

    person: str
    deputy: str
    since: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        return self.since <= now < self.until


def kept(tx: Tx, workspace: str) -> Mapping[str, Absence]:
    """By person, whatever was entered."""
    found = tx.workspaces.setting(workspace, SETTING)
    return {
        str(person): Absence(
            str(person), str(one["deputy"]), datetime.fromisoformat(str(one["since"])),
            datetime.fromisoformat(str(one["until"])),
        )
        for person, one in (found.items() if isinstance(found, Mapping) else ())
        if isinstance(one, Mapping)
    }  # fmt: skip


def acting(absences: Mapping[str, Absence], users: Collection[str], person: str, now: datetime) -> str:
    """Who acts for somebody: they themselves, their deputy, or that one's deputy. Where nobody is left who is there,
    they themselves. `users`: those who can act."""
    at, passed = person, {person}
    while (one := absences.get(at)) is not None and one.holds(now):
        if one.deputy in passed or one.deputy not in users:
            return person
        at = one.deputy
        passed.add(at)
    return at


def stands_for(tx: Tx, workspace: str, person: str, now: datetime) -> str:
    """Who acts for a user, "" for nobody's."""
    known = kept(tx, workspace)
    if not person or person not in known:
        return person
    users = {user.id for user in tx.people.users(workspace) if user.disabled is None}
    return acting(known, users, person, now)
