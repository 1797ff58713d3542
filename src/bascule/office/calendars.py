"""Calendars and interviewers, as an administrator sets them up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bascule.calendars.choice import Choice, System, Who, checked, stored
from bascule.calendars.door import NOTICE, SETTING, Calendars, choice_of, keep_secret, secret_of
from bascule.core.interviews import Span, clock, working
from bascule.errors import DeclinedError, InputError, NotFoundError, RemoteError
from bascule.hiring.interviewers import Interviewer, as_kept, forget, interviewer, interviewers_of, keep
from bascule.model import Actor
from bascule.store import Tx

from .desk import Desk

TRIED = timedelta(days=7)  # for how long ahead a calendar is asked when it is tried


@dataclass(frozen=True, slots=True)
class Standing:
    """What is chosen, and how it stands. `secret`: one is kept; `troubles`: what the owner was told and is not over."""

    choice: Choice
    secret: bool
    troubles: tuple[str, ...]


class CalendarDesk:
    """`app.calendar_desk`."""

    def __init__(self, desk: Desk, calendars: Calendars) -> None:
        self._desk = desk
        self._calendars = calendars

    async def told(self) -> Standing:
        """How calendars are reached."""
        return await self._desk.store.read(self._standing)

    def _standing(self, tx: Tx) -> Standing:
        workspace = self._desk.workspace
        troubles = tuple(one.text for one in tx.notices.list(workspace) if one.kind == NOTICE)
        return Standing(choice_of(tx, workspace), bool(secret_of(tx, workspace)), troubles)

    async def choose(self, given: Mapping[str, Any], actor: Actor, *, secret: str | None = None) -> Standing:
        """Change these fields; what is not given stays. `secret` "" forgets the one that is kept; one is never carried
        over to another address. InputError changes nothing."""

        def unit(tx: Tx) -> Standing:
            workspace, now = self._desk.workspace, self._desk.now()
            before = choice_of(tx, workspace)
            wanted = replace(before, **{name: _field(name, value) for name, value in given.items()})
            same = (wanted.system, wanted.address, wanted.signs_in_at) == (
                before.system, before.address, before.signs_in_at,
            )  # fmt: skip
            kept = secret if secret is not None else secret_of(tx, workspace) if same else ""
            after = checked(wanted, secret=bool(kept), allowed_hosts=self._desk.settings.allowed_hosts)
            tx.workspaces.set_setting(workspace, SETTING, stored(after))
            keep_secret(tx, workspace, kept)
            tx.notices.close(workspace, NOTICE, now=now)
            tx.audit.record(
                workspace=workspace, at=now, action="calendars chosen", actor=actor,
                detail={**stored(after), "secret": "kept" if kept else "none"},
            )  # fmt: skip
            return self._standing(tx)

        return await self._desk.store.write(unit)

    # ----------------------------------------------------------------------------------------------------- interviewers

    async def interviewers(self) -> list[Interviewer]:
        """Those of whom something was said, by e-mail."""
        return await self._desk.store.read(lambda tx: list(interviewers_of(tx, self._desk.workspace).values()))

    async def set_interviewer(
        self, email: str, actor: Actor, *, name: str | None = None, begin: str | None = None, end: str | None = None,
        days: Collection[int] | None = None, zone: str | None = None, calendar: str | None = None,
    ) -> Interviewer:  # fmt: skip
        """Say when somebody works and where their calendar is; what is not given stays. InputError for what cannot
        be."""
        email = email.strip().lower()
        if "@" not in email or " " in email:
            raise InputError(f"{email!r} is no e-mail address.")

        def unit(tx: Tx) -> Interviewer:
            workspace = self._desk.workspace
            before = interviewer(tx, workspace, email)
            was = before.working
            hours = working(
                begin if begin is not None else clock(was.begin), end if end is not None else clock(was.end),
                was.days if days is None else days, was.zone if zone is None else zone,
            )  # fmt: skip
            one = Interviewer(
                email, " ".join((before.name if name is None else name).split())[:120] or email, hours,
                before.calendar if calendar is None else calendar.strip(),
            )  # fmt: skip
            keep(tx, workspace, one)
            tx.audit.record(
                workspace=workspace, at=self._desk.now(), action="interviewer set", actor=actor,
                detail={"interviewer": email, **as_kept(one)},
            )  # fmt: skip
            return one

        return await self._desk.store.write(unit)

    async def remove_interviewer(self, email: str, actor: Actor) -> None:
        """Forget what was said of them. NotFoundError where nothing was."""

        def unit(tx: Tx) -> None:
            if not forget(tx, self._desk.workspace, email):
                raise NotFoundError(f"Nothing was said of {email}.", hint="See: bascule interviewers list")
            tx.audit.record(
                workspace=self._desk.workspace, at=self._desk.now(), action="interviewer removed", actor=actor,
                detail={"interviewer": email},
            )  # fmt: skip

        await self._desk.store.write(unit)

    async def attempt(self, email: str) -> int:
        """Ask somebody's calendar about the coming week; how often they are busy. InputError, in the system's words,
        where it does not say."""
        now, workspace = self._desk.now(), self._desk.workspace
        who: Who = (await self._desk.store.read(lambda tx: interviewer(tx, workspace, email))).who
        try:
            found = await self._calendars.busy(workspace, [who], Span(now, now + TRIED))
        except DeclinedError as error:  # there are none to ask
            raise InputError(str(error)) from None
        except RemoteError as error:
            raise InputError(f"{error} {error.words}".strip()) from None
        return len(found.get(who.email, ()))


def _field(name: str, value: Any) -> Any:
    match name:
        case "system":
            if value not in set(System):
                raise InputError(f"There is no calendar system {value!r}.", hint=f"There are: {', '.join(System)}.")
            return System(value)
        case "base_url" | "token_url" | "tenant" | "account":
            return str(value).strip()
        case "on" | "timeout":
            return value
        case _:
            raise InputError(f"The choice of calendars has no {name!r}.")
