"""Colleagues who interview: their names, working hours and calendars, as the workspace keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bascule.calendars.choice import Who
from bascule.core.interviews import Working
from bascule.model import Fields
from bascule.store import Tx

from .messages import hours_of

SETTING = "interviews.interviewers"


@dataclass(frozen=True, slots=True)
class Interviewer:
    """One of them. `calendar`: where theirs is, "" for the first one of their address."""

    email: str
    name: str
    working: Working
    calendar: str = ""

    @property
    def who(self) -> Who:
        return Who(self.email, self.calendar)


def interviewers_of(tx: Tx, workspace: str) -> dict[str, Interviewer]:
    """Those of whom something was said, by e-mail."""
    kept = tx.workspaces.setting(workspace, SETTING)
    given: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
    return {email: _read(email, one) for email, one in sorted(given.items())}


def interviewer(tx: Tx, workspace: str, email: str) -> Interviewer:
    """One colleague: as was said of them, else with the name of a user here, from nine to five on weekdays in the time
    zone in which messages leave."""
    email = email.strip().lower()
    known = interviewers_of(tx, workspace).get(email)
    if known is not None:
        return known
    user = tx.people.user_by_email(workspace, email)
    name = user.name if user is not None and user.name else email.partition("@")[0]
    return Interviewer(email, name, Working(zone=hours_of(tx, workspace).zone))


def keep(tx: Tx, workspace: str, one: Interviewer) -> None:
    kept = tx.workspaces.setting(workspace, SETTING)
    own = dict(kept) if isinstance(kept, Mapping) else {}
    tx.workspaces.set_setting(workspace, SETTING, {**own, one.email: as_kept(one)})


def forget(tx: Tx, workspace: str, email: str) -> bool:
    """False where nothing was said of them."""
    kept = tx.workspaces.setting(workspace, SETTING)
    own = dict(kept) if isinstance(kept, Mapping) else {}
    found = own.pop(email.strip().lower(), None) is not None
    tx.workspaces.set_setting(workspace, SETTING, own or None)
    return found


def as_kept(one: Interviewer) -> Fields:
    work = one.working
    return {
        "name": one.name, "zone": work.zone, "days": tuple(sorted(work.days)), "begin": work.begin, "end": work.end,
        "calendar": one.calendar,
    }  # fmt: skip


def _read(email: str, given: Mapping[str, Any]) -> Interviewer:
    work = Working(str(given["zone"]), frozenset(given["days"]), int(given["begin"]), int(given["end"]))
    return Interviewer(email, str(given["name"]), work, str(given.get("calendar") or ""))
