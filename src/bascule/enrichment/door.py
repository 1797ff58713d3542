"""The one door by which anybody is looked up at a provider of people's data.

It opens only where the workspace has switched the provider on, it works in a region that is allowed, the person may be
looked up, nobody has asked about them lately, and the month's budget has room for one more. Every look-up is written
down before it leaves and again when it has ended.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bascule.engine.runtime import Runtime
from bascule.engine.wire import WireRequest
from bascule.errors import (
    DeclinedError,
    DisconnectedError,
    MalformedError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnansweredError,
)
from bascule.model import Actor, Family, FamilyState, FoundValue
from bascule.store import Store, Tx
from bascule.store.lookups import FOUND, NOBODY, Lookup

from .choice import Choice, Provider, read, region_objection
from .people import Match, Query, Speaks, aged, no_query, query_of
from .peopledata import PeopleData

SPOKEN: Mapping[Provider, Speaks] = {Provider.PEOPLEDATA: PeopleData()}
NOTICE = "data providers"  # the kind of every notice about them
MOST_ANSWER = 2_000_000  # bytes
UNDER_WAY = timedelta(minutes=3)  # longer than any look-up may take: older ones were cut off
SOON = timedelta(seconds=10)
REFUSED, BUDGET, REJECTED = "key", "budget", "request"  # what a notice may be about, after the provider's name

Objection = Callable[[Tx, Family, Choice], str]
"""Why a person may not be looked up; "" where they may."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nobody is asked. `spent`: the month's budget is used up. `soon`: it may have room once look-ups under way
    have ended, for those that find nobody cost nothing."""

    why: str
    spent: bool = False
    soon: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """What look-ups of a month have taken, in millionths of the currency; `open` is of those under way."""

    lookups: int
    cost: int
    open: int


class Lookups:
    """`app.lookups`."""

    def __init__(self, store: Store, runtime: Runtime, objection: Objection) -> None:
        self._store = store
        self._runtime = runtime
        self._objection = objection

    async def look_up(
        self, family: Family, provider: Provider, wanted: tuple[str, ...], actor: Actor
    ) -> list[FoundValue] | None:
        """What the provider knows of what is wanted; None where it knows nobody like that. DeclinedError where they are
        not looked up: nothing has left. RemoteError for what became of a request that was, ThrottledError also where
        the budget may have room again in a moment."""
        now = self._runtime.now()
        query = query_of(family.root, wanted)
        if query is None:
            raise DeclinedError(no_query(wanted))
        opened = await self._store.write(lambda tx: self._open(tx, family, provider, query, actor, now))
        if isinstance(opened, Refusal) and opened.soon:
            raise ThrottledError(opened.why, retry_after=SOON)
        if isinstance(opened, Refusal):
            raise DeclinedError(opened.why, hint="See: bascule enrichment show")
        choice, key, one = opened
        spoken = SPOKEN[provider]
        request = spoken.request(choice, key, query)
        match = await self._asked(choice, spoken, request, query, one)
        if match is None:
            return None
        return [
            FoundValue("", family.root.id, each.field, each.value, str(provider), aged(each, now.date()), each.seen,
                    self._runtime.now(), match.reference)
            for each in match.values
        ]  # fmt: skip

    def refusal(self, tx: Tx, family: Family, choice: Choice) -> Refusal | None:
        """Why nobody would be asked about this person now; None where somebody would."""
        workspace, label = family.workspace, choice.vendor.label
        if not choice.on:
            return Refusal(f"{label} is not switched on.")
        if objection := region_objection(choice):
            return Refusal(objection)
        if tx.notices.is_open(workspace, NOTICE, f"{choice.provider} {REFUSED}"):
            return Refusal(f"{label} refused the key, or its account is used up: see to it, then end the task.")
        if family.state is not FamilyState.LIVE:
            return Refusal("The person is being erased.")
        if objection := self._objection(tx, family, choice):
            return Refusal(objection)
        last = tx.lookups.last(family.root.id, str(choice.provider))
        if last is not None and last.at > self._runtime.now() - timedelta(days=choice.fresh):
            return Refusal(f"Looked up on {last.at.date().isoformat()}: again after {choice.fresh} days.")
        used = used_this_month(tx, workspace, choice.provider, self._runtime.now())
        if choice.fits(used.cost):
            return None
        if choice.fits(used.cost - used.open):
            return Refusal(f"The rest of this month's budget for {label} is needed by look-ups under way.", soon=True)
        return Refusal(f"This month's budget for {label} is used up.", spent=True)

    def _open(
        self, tx: Tx, family: Family, provider: Provider, query: Query, actor: Actor, now: datetime
    ) -> tuple[Choice, str, Lookup] | Refusal:
        """The look-up, written down; or why there is none. A budget that is used up is told to the owner."""
        workspace = family.workspace
        tx.lock([f"lookups|{workspace}|{provider}"])
        choice, key = choice_of(tx, workspace, provider), key_of(tx, workspace, provider)
        refusal = self.refusal(tx, tx.families.family(family.id), choice)
        if refusal is not None:
            if refusal.spent:
                text = (
                    f"{refusal.why} Nobody is looked up there until the next month, or a larger budget: bascule "
                    "enrichment set --cost"
                )
                tx.notices.put(workspace, NOTICE, f"{provider} {BUDGET}", text, now=now)
            return refusal
        over(tx, workspace, provider, BUDGET, now)
        digest = hashlib.sha256(repr(sorted(query.given.items())).encode()).digest()
        one = Lookup(
            self._runtime.id(), workspace, family.id, family.root.id, now, str(provider), choice.host, choice.works_in,
            query.sent, tx.vault.digest(workspace, family.id, digest), choice.micro_price,
        )  # fmt: skip
        tx.lookups.open(one)
        tx.audit.record(
            workspace=workspace, at=now, action="person looked up", actor=actor, family=family.id,
            record=family.root.id,
            detail={"lookup": one.id, "provider": one.provider, "host": one.host, "region": one.region,
                    "sent": one.sent, "request": one.digest},
        )  # fmt: skip
        return choice, key, one

    async def _asked(
        self, choice: Choice, spoken: Speaks, request: WireRequest, query: Query, one: Lookup
    ) -> Match | None:
        started = self._runtime.now()

        async def ended(**how: Any) -> None:
            took = round((self._runtime.now() - started).total_seconds() * 1000)
            await self._store.write(lambda tx: tx.lookups.end(replace(one, ms=took, **how)))

        bounded = replace(request, max_bytes=MOST_ANSWER, public=choice.own_host)
        try:
            answer = await self._runtime.transport.send(bounded, choice.timeout)
        except RemoteError as error:
            lost = isinstance(error, UnansweredError)  # it may have been answered, and be paid for
            await ended(outcome="unanswered" if lost else "unreachable", cost=one.cost if lost else 0)
            raise
        cost = one.cost if spoken.charged(answer) else 0
        try:
            match = spoken.read(answer, query)
        except RemoteError as error:
            await ended(status=answer.status, outcome=_outcome(error), cost=cost)
            wrong = error
            await self._store.write(lambda tx: self._tell(tx, one.workspace, choice, wrong))
            raise
        found = NOBODY if match is None else FOUND
        await ended(status=answer.status, outcome=found, cost=cost, found=len(match.values) if match else 0)
        await self._store.write(lambda tx: self._well(tx, one.workspace, choice.provider))
        return match

    def _well(self, tx: Tx, workspace: str, provider: Provider) -> None:
        for about in (REFUSED, REJECTED):
            over(tx, workspace, provider, about, self._runtime.now())

    def _tell(self, tx: Tx, workspace: str, choice: Choice, error: RemoteError) -> None:
        """What the owner has to know or do."""
        now, label = self._runtime.now(), choice.vendor.label
        match error:
            case DisconnectedError():
                text = f"{error} Nobody is looked up there until this is ended, or another key is given."
                tx.notices.put(workspace, NOTICE, f"{choice.provider} {REFUSED}", text, now=now)
            case RejectedError():
                text = f"{error} What it says: {error.words or 'nothing'}"
                tx.notices.put(workspace, NOTICE, f"{choice.provider} {REJECTED}", text, now=now)
            case MalformedError():
                text = f"{label} answers with what nobody can read. It may speak another version of its interface."
                tx.notices.put(workspace, NOTICE, f"{choice.provider} {REJECTED}", text, now=now)
            case _:
                return


# ------------------------------------------------------------------------------------------------------ small things


def setting(provider: Provider) -> str:
    """Under which name a workspace's choice is kept ..."""
    return f"enrichment.{provider}"


def key_setting(provider: Provider) -> str:
    """... and the key, sealed."""
    return f"enrichment.{provider}.key"


def choice_of(tx: Tx, workspace: str, provider: Provider) -> Choice:
    """What the workspace has chosen."""
    kept: Any = tx.workspaces.setting(workspace, setting(provider))
    return read(provider, kept) if kept else Choice(provider)


def key_of(tx: Tx, workspace: str, provider: Provider) -> str:
    """The provider's key; "" where none is kept."""
    sealed = tx.workspaces.setting(workspace, key_setting(provider))
    return tx.vault.open(base64.b64decode(str(sealed))).decode() if sealed else ""


def month(now: datetime) -> datetime:
    """When the month began that a budget is for."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def used_this_month(tx: Tx, workspace: str, provider: Provider, now: datetime) -> Used:
    """What the budget has been used for."""
    return Used(*tx.lookups.used(workspace, str(provider), since=month(now), recent=now - UNDER_WAY))


def over(tx: Tx, workspace: str, provider: Provider, about: str, now: datetime) -> None:
    """What somebody was told of is over."""
    if tx.notices.is_open(workspace, NOTICE, f"{provider} {about}"):
        tx.notices.close(workspace, NOTICE, f"{provider} {about}", now=now)


def _outcome(error: RemoteError) -> str:
    match error:
        case MalformedError():
            return "malformed"
        case DisconnectedError():
            return "refused"
        case _:
            return "throttled" if error.status == 429 else "failed" if error.status >= 500 else "rejected"
