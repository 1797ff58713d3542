"""The one door to colleagues' calendars: who is busy when, an event written, an event taken away.

Nobody is taken to be free because a calendar was silent: every failure is a RemoteError, and what follows from it is
the caller's.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from bascule.core.interviews import Span
from bascule.engine.runtime import Runtime
from bascule.engine.wire import WireRequest, WireResponse
from bascule.errors import (
    AbsentError,
    DeclinedError,
    DisconnectedError,
    InputError,
    MalformedError,
    PermissionMissingError,
    RejectedError,
    RemoteError,
)
from bascule.store import Store, Tx

from .caldav import CalDav
from .choice import Choice, System, Who, read
from .google import Google
from .graph import Graph
from .speaking import Event, Speaks, as_object

SPOKEN: Mapping[System, Speaks] = MappingProxyType(
    {System.CALDAV: CalDav(), System.GRAPH: Graph(), System.GOOGLE: Google()}
)
SETTING, SECRET = "calendars", "calendars.secret"
NOTICE = "calendars"
MOST_ANSWER = 4_000_000  # bytes
CANNOT = frozenset({400, 403, 405, 415, 422, 501})  # how servers answer a REPORT that they do not know
EARLY = timedelta(minutes=2)  # a token is made anew so long before it ends


class Calendars:
    """`app.calendars`."""

    def __init__(self, store: Store, runtime: Runtime) -> None:
        self._store = store
        self._runtime = runtime
        self._tokens: dict[tuple[str, ...], tuple[str, datetime]] = {}

    async def busy(self, workspace: str, people: Sequence[Who], within: Span) -> Mapping[str, Sequence[Span]]:
        """When each of them is busy, by e-mail. DeclinedError where no calendars are chosen, RemoteError where one does
        not answer."""
        choice, secret = await self._chosen(workspace)
        spoken, found = SPOKEN[choice.system], dict[str, Sequence[Span]]()
        try:
            headers = await self._headers(choice, secret, people[0])
            for asked in spoken.asks(choice, headers, people, within):
                answer = await self._sent(choice, asked.request)
                if answer.status in CANNOT and asked.instead is not None:
                    answer = await self._sent(choice, asked.instead)
                found |= spoken.busy(answer, asked.people, within)
        except (InputError, RemoteError) as error:
            raise await self._told(workspace, choice, error) from error
        await self._well(workspace)
        return found

    async def put(self, workspace: str, who: Who, event: Event, known: str) -> str:
        """Write an event into somebody's calendar; what it is called there. Errors as for `busy`."""
        choice, secret = await self._chosen(workspace)
        spoken = SPOKEN[choice.system]
        try:
            headers = await self._headers(choice, secret, who)
            answer = await self._sent(choice, spoken.puts(choice, headers, who, event, known))
            if answer.status in (404, 410) and known:  # somebody has deleted it there: it is made anew
                known = ""
                answer = await self._sent(choice, spoken.puts(choice, headers, who, event, known))
            if answer.status == 409 and not known:  # made by a request whose answer was lost
                found = await self._sent(choice, spoken.finds(choice, headers, who, event))
                known = spoken.named(event) or spoken.put(found, who, event, "")
                answer = await self._sent(choice, spoken.puts(choice, headers, who, event, known))
            name = spoken.put(answer, who, event, known)
        except (InputError, RemoteError) as error:
            raise await self._told(workspace, choice, error) from error
        await self._well(workspace)
        return name

    async def drop(self, workspace: str, who: Who, known: str) -> None:
        """Take an event away; one that is gone is well. Errors as for `busy`."""
        choice, secret = await self._chosen(workspace)
        spoken = SPOKEN[choice.system]
        try:
            headers = await self._headers(choice, secret, who)
            answer = await self._sent(choice, spoken.drops(choice, headers, who, known))
            if not (200 <= answer.status < 300 or answer.status in (404, 410)):
                as_object(choice.vendor.label, answer)
        except (InputError, RemoteError) as error:
            raise await self._told(workspace, choice, error) from error

    # ----------------------------------------------------------------------------------------------------------- parts

    async def _chosen(self, workspace: str) -> tuple[Choice, str]:
        choice, secret = await self._store.read(lambda tx: (choice_of(tx, workspace), secret_of(tx, workspace)))
        if not choice.on:
            raise DeclinedError("No calendars are connected.", hint="See: bascule calendars set")
        return choice, secret

    async def _headers(self, choice: Choice, secret: str, who: Who) -> Mapping[str, str]:
        spoken, now = SPOKEN[choice.system], self._runtime.now()
        request = spoken.signs_in(choice, secret, who, now)
        if request is None:
            return spoken.headers(choice, secret, "")
        whose = who.email if choice.system is System.GOOGLE else ""
        key = (str(choice.system), choice.account, choice.signs_in_at, whose, secret)
        token, until = self._tokens.get(key, ("", now))
        if until <= now:
            told = as_object(choice.vendor.label, _refused(await self._sent(choice, request)))
            token, lasts = str(told.get("access_token") or ""), told.get("expires_in")
            if not token:
                raise MalformedError(f"{choice.vendor.label} gave no token.")
            seconds = lasts if isinstance(lasts, int | float) else 300
            self._tokens[key] = token, now + timedelta(seconds=seconds) - EARLY
        return spoken.headers(choice, secret, token)

    async def _sent(self, choice: Choice, request: WireRequest) -> WireResponse:
        bounded = replace(request, max_bytes=MOST_ANSWER, public=choice.own_host)
        return await self._runtime.transport.send(bounded, choice.timeout)

    async def _told(self, workspace: str, choice: Choice, error: InputError | RemoteError) -> RemoteError:
        """The same as a RemoteError; what somebody has to mend is told to the owner."""
        label = choice.vendor.label
        made = RejectedError(str(error)) if isinstance(error, InputError) else error
        if isinstance(made, (DisconnectedError, PermissionMissingError, AbsentError, RejectedError, MalformedError)):
            words = f" It says: {made.words}" if made.words else ""
            text = f"{made}{words} Until that is mended candidates propose times instead ({label})."
            now = self._runtime.now()
            await self._store.write(lambda tx: tx.notices.put(workspace, NOTICE, "all", text, now=now))
            self._tokens.clear()
        return made

    async def _well(self, workspace: str) -> None:
        def unit(tx: Tx) -> None:
            if tx.notices.is_open(workspace, NOTICE, "all"):
                tx.notices.close(workspace, NOTICE, "all", now=self._runtime.now())

        if await self._store.read(lambda tx: tx.notices.is_open(workspace, NOTICE, "all")):
            await self._store.write(unit)


def choice_of(tx: Tx, workspace: str) -> Choice:
    """What the workspace has chosen."""
    kept: Any = tx.workspaces.setting(workspace, SETTING)
    return read(kept) if kept else Choice()


def secret_of(tx: Tx, workspace: str) -> str:
    """The second half of the credential; "" where none is kept."""
    sealed = tx.workspaces.setting(workspace, SECRET)
    return tx.vault.open(base64.b64decode(str(sealed))).decode() if sealed else ""


def keep_secret(tx: Tx, workspace: str, secret: str) -> None:
    sealed = base64.b64encode(tx.vault.seal(workspace, None, secret.encode())).decode() if secret else None
    tx.workspaces.set_setting(workspace, SECRET, sealed)


def _refused(answer: WireResponse) -> WireResponse:
    """OAuth 2 refuses a credential with 400 (RFC 6749, 5.2), which is a 401 to us."""
    return replace(answer, status=401) if answer.status == 400 else answer
