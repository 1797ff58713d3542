"""Subscriptions: who is sent events. Made by programs (REST hooks), by people, by a command; looked at by whoever asks.

A subscriber has an address, a secret, the types of events it wants, a filter, and the fields it is shown. Its address
opens something, often by itself: it is sealed, found by its digest, and shown as a host.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bascule.core.bodies import checked_fields, personal, slack
from bascule.core.events import TYPES, matching
from bascule.core.redelivery import Format, Verdict
from bascule.engine.entries import ANNOUNCE
from bascule.engine.http import checked_target
from bascule.engine.subscribers import KEPT, SEND, SILENT, Subscribers
from bascule.errors import ConfigurationError, ConflictError, ErasedError, ForbiddenError, InputError
from bascule.model import CANDIDATE_ERASED, Actor, EventFilter, Kind, StageType
from bascule.store import Tx
from bascule.store.codec import stamp
from bascule.store.subscriptions import Delivery, Outcome, State, Subscription, Target, Wanted

from .desk import Desk
from .samples import sample

OVERLAP = timedelta(hours=24)  # how long the former secret signs too
MOST = 200  # subscriptions of a workspace
REPLAYED = 10_000  # events that one replay sends again
SOON = timedelta(seconds=5)
SLACK_HOST = "hooks.slack.com"
NAMES = ("candidate.first_name", "candidate.last_name")
SLACK_FIELDS = ("application.stage", "application.status", "application.match_score", "job.title")


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What a subscriber asks for. `format` "" is what the address looks like; `after` is the number of the last event
    that it has, where it is to catch up."""

    target_url: str
    types: tuple[str, ...] = ("*",)
    filter: EventFilter = field(default_factory=EventFilter)
    fields: tuple[str, ...] = ()
    name: str = ""
    format: str = ""
    expires: datetime | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription as people see it: how many events wait, were given up, were delivered within a week."""

    one: Subscription
    waiting: int = 0
    given_up: int = 0
    delivered: int = 0
    behind: int = 0  # events of its types that it was not tried with yet, up to a hundred

    @property
    def words(self) -> str:
        """How it stands, in a few words."""
        one = self.one
        if one.state is State.STOPPED:
            return f"stopped: {one.why}"
        if one.state is State.PAUSED:
            return "paused"
        if one.failed:
            return "failing"
        if self.given_up:
            return "takes events; some were given up"
        return "takes events" if one.last_ok else "nothing sent yet"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a test message came to."""

    ok: bool
    status: int
    words: str
    seconds: float


@dataclass(frozen=True, slots=True)
class EventsPage:
    """One answer to who catches up. `next` is the number to go on after."""

    items: Sequence[Mapping[str, Any]]
    next: int
    more: bool


class Subscriptions:
    """`app.subscriptions`."""

    def __init__(self, desk: Desk, subscribers: Subscribers) -> None:
        self._desk = desk
        self._subscribers = subscribers

    # -------------------------------------------------------------------------------------------------------- making

    async def add(self, new: NewSubscription, actor: Actor, *, persons: bool = True) -> tuple[Subscription, str]:
        """Send events there from now on; the subscription, and the secret that is shown this once. `persons`: whoever
        asks may see people. InputError names what cannot be."""
        now = self._desk.now()
        wanted = self._wanted(new.types, new.filter, new.fields, persons)
        self._target_of(new.target_url)
        host = urlsplit(new.target_url).netloc
        format = self._format(new.format, host)
        if new.expires is not None and new.expires <= now:
            raise InputError("expiration: that time is over.", hint="Name one that is to come, or none.")
        target = Target(new.target_url, signing_secret())
        one = Subscription(
            self._desk.id(), self._desk.workspace, (new.name or host)[:100], format, host, wanted, actor.id, now,
            expires=new.expires,
        )  # fmt: skip

        def unit(tx: Tx) -> Subscription:
            if len(tx.subscriptions.list(self._desk.workspace)) >= MOST:
                raise ConflictError(f"There are {MOST} subscriptions already.", hint="Remove those nobody needs.")
            self._checked(tx, wanted.filter)
            self._subscribers.number(tx, self._desk.workspace)
            last = tx.events.last(self._desk.workspace)
            self._in_log(new.after)
            made = replace(one, cursor=last if new.after is None else min(new.after, last))
            tx.subscriptions.add(made, target)
            tx.tasks.put(self._desk.workspace, ANNOUNCE, "all", due=now + SOON)  # a commit under way saw none of it
            if new.after is not None:
                tx.tasks.put(self._desk.workspace, SEND, made.id, due=now)
            tx.audit.record(
                workspace=self._desk.workspace, at=now, action="subscription made", actor=actor,
                detail={"subscription": made.id, "host": host, "types": wanted.types, "fields": wanted.fields},
            )  # fmt: skip
            return made

        made = await self._desk.store.write(unit)
        self._desk.wake()
        return made, target.secret

    async def change(
        self,
        id: str,
        actor: Actor,
        *,
        types: Sequence[str] | None = None,
        filter: EventFilter | None = None,
        fields: Sequence[str] | None = None,
        name: str | None = None,
        expires: datetime | None = None,
        persons: bool = True,
    ) -> Subscription:
        """What it is sent; what is not named stays as it was."""

        def unit(tx: Tx) -> Subscription:
            one = tx.subscriptions.get(self._desk.workspace, id)
            wanted = self._wanted(
                one.wanted.types if types is None else types, one.wanted.filter if filter is None else filter,
                one.wanted.fields if fields is None else fields, persons,
            )  # fmt: skip
            self._checked(tx, wanted.filter)
            made = replace(one, wanted=wanted, name=(name or one.name)[:100], expires=expires or one.expires)
            tx.subscriptions.change(made)
            tx.audit.record(
                workspace=one.workspace, at=self._desk.now(), action="subscription changed", actor=actor,
                detail={"subscription": id, "types": wanted.types, "fields": wanted.fields},
            )  # fmt: skip
            return made

        return await self._desk.store.write(unit)

    async def remove(self, id: str, actor: Actor) -> None:
        """Send nothing there any more. NotFoundError if there is none of that id."""

        def unit(tx: Tx) -> None:
            one = tx.subscriptions.get(self._desk.workspace, id)
            self._subscribers.end(tx, one, f"removed by {actor.name or 'a person'}", actor)

        await self._desk.store.write(unit)

    async def new_secret(self, id: str, actor: Actor, *, overlap: timedelta = OVERLAP) -> str:
        """Another secret, shown this once. The former one signs too for `overlap`."""
        now, secret = self._desk.now(), signing_secret()

        def unit(tx: Tx) -> None:
            one, target = (
                tx.subscriptions.get(self._desk.workspace, id),
                tx.subscriptions.target(self._desk.workspace, id),
            )
            made = Target(target.url, secret, target.secret, now + overlap)
            tx.subscriptions.set_target(one.workspace, id, made)
            tx.audit.record(
                workspace=one.workspace, at=now, action="secret of a subscription made", actor=actor,
                detail={"subscription": id, "former_ends": (now + overlap).isoformat()},
            )  # fmt: skip

        await self._desk.store.write(unit)
        return secret

    async def pause(self, id: str, actor: Actor) -> None:
        """Send nothing there for a while; what happens meanwhile is sent afterwards, as far as the log reaches."""
        await self._set(id, State.PAUSED, "paused by a person", "subscription paused", actor)

    async def resume(self, id: str, actor: Actor) -> None:
        """Go on where it was, after a pause or after it was stopped."""
        await self._set(id, State.ACTIVE, "", "subscription resumed", actor)

    async def _set(self, id: str, state: State, why: str, action: str, actor: Actor) -> None:
        now = self._desk.now()

        def unit(tx: Tx) -> None:
            one = tx.subscriptions.get(self._desk.workspace, id)
            tx.subscriptions.set_state(one.workspace, id, state, why)
            if state is State.ACTIVE:
                self._subscribers.number(tx, one.workspace)
                tx.subscriptions.due_now(id, now=now)
                tx.tasks.put(one.workspace, SEND, id, due=now)
            tx.notices.close(one.workspace, SILENT, id, now=now)
            tx.audit.record(
                workspace=one.workspace, at=now, action=action, actor=actor, detail={"subscription": id}
            )  # fmt: skip

        await self._desk.store.write(unit)
        self._desk.wake()

    # ------------------------------------------------------------------------------------------------------- sending

    async def replay(
        self, id: str, actor: Actor, *, event: int | None = None, since: int | None = None, until: int | None = None
    ) -> int:
        """Send one event again, all behind `since` up to `until`, or with neither all that were given up; how many.
        InputError where the log has none of them."""
        workspace, now = self._desk.workspace, self._desk.now()

        def unit(tx: Tx) -> int:
            one = tx.subscriptions.get(workspace, id)
            if event is not None:
                known = tx.events.get(workspace, event)
                found = [known] if known is not None else []
            elif since is not None:
                self._in_log(since)
                page = tx.events.page(workspace, since, matching(one.wanted.types), REPLAYED)
                found = [each for each in page if until is None or each.number <= until]
            else:
                given = tx.subscriptions.deliveries(id, state=Outcome.GIVEN_UP, limit=REPLAYED)
                found = [each for one in given if (each := tx.events.get(workspace, one.event)) is not None]
            if not found:
                raise InputError("There is nothing to send again.", hint="See: bascule subscriptions show ID")
            again = [
                Delivery(id, each.number, each.type, Outcome.WAITING, 0, now, now, now, 0, "sent again")
                for each in found
            ]
            tx.subscriptions.keep_all(workspace, again)
            tx.tasks.put(workspace, SEND, id, due=now)
            tx.audit.record(
                workspace=workspace, at=now, action="events sent again", actor=actor,
                detail={"subscription": id, "events": len(found)},
            )  # fmt: skip
            return len(found)

        many = await self._desk.store.write(unit)
        self._desk.wake()
        return many

    async def test(self, id: str, actor: Actor) -> Tried:
        """Send a made-up event of the first type it wants, once, and say what was answered. It is in no log."""
        one = await self._desk.store.read(lambda tx: tx.subscriptions.get(self._desk.workspace, id))
        target = await self._desk.store.read(lambda tx: tx.subscriptions.target(self._desk.workspace, id))
        type = next(iter(matching(one.wanted.types)))
        told = {
            **sample(type, one.wanted.fields, self._desk.settings.address),
            "id": f"evt_test_{stamp(self._desk.now())}",
        }
        told["test"] = True
        said = slack(told) if one.format == Format.SLACK else told
        sent = await self._subscribers.post(one, target, told["id"], said)
        ok = sent.verdict is Verdict.TAKEN
        await self._desk.note(
            actor, "subscription tested", detail={"subscription": id, "status": sent.answer.status, "taken": ok}
        )
        return Tried(ok, sent.answer.status, sent.words, sent.seconds)

    # ------------------------------------------------------------------------------------------------------- looking

    async def list(self, *, target_url: str = "") -> list[Standing]:
        """Every subscription, or those that are sent to this address."""

        def query(tx: Tx) -> list[Standing]:
            workspace = self._desk.workspace
            found = tx.subscriptions.at(workspace, target_url) if target_url else tx.subscriptions.list(workspace)
            counts = tx.subscriptions.counts(workspace)
            return [self._standing(tx, one, counts) for one in found]

        return await self._desk.store.read(query)

    async def get(self, id: str) -> Standing:
        """NotFoundError if there is none of that id."""

        def query(tx: Tx) -> Standing:
            one = tx.subscriptions.get(self._desk.workspace, id)
            return self._standing(tx, one, tx.subscriptions.counts(one.workspace))

        return await self._desk.store.read(query)

    def _standing(self, tx: Tx, one: Subscription, counts: Mapping[tuple[str, str], int]) -> Standing:
        behind = len(tx.events.page(one.workspace, one.cursor, matching(one.wanted.types), 100))
        waiting, given_up, delivered = (
            counts.get((one.id, state), 0) for state in (Outcome.WAITING, Outcome.GIVEN_UP, Outcome.DELIVERED)
        )
        return Standing(one, waiting, given_up, delivered, behind)

    async def deliveries(self, id: str, *, state: str = "", limit: int = 50) -> Sequence[Delivery]:
        """What has become of events there, the last first. NotFoundError if there is no such subscription."""

        def query(tx: Tx) -> Sequence[Delivery]:
            tx.subscriptions.get(self._desk.workspace, id)
            return tx.subscriptions.deliveries(id, state=state, limit=limit)

        return await self._desk.store.read(query)

    async def events(
        self, actor: Actor, *, after: int = 0, types: Sequence[str] = (), limit: int = 100, subscription: str = "",
        persons: bool = True,
    ) -> EventsPage:  # fmt: skip
        """The log behind a number, the oldest event first, as a subscription is shown it; without one without
        anybody's data. ErasedError where the log does not reach back that far: something may have been missed."""
        workspace = self._desk.workspace
        chosen = self._types(types or ("*",))
        self._in_log(after or None)
        if await self._desk.store.read(lambda tx: tx.events.waits(workspace)):
            await self._desk.store.write(lambda tx: self._subscribers.number(tx, workspace))

        def query(tx: Tx) -> tuple[EventsPage, Subscription | None]:
            one = tx.subscriptions.get(workspace, subscription) if subscription else None
            wanted = one.wanted if one is not None else Wanted(chosen)
            if personal(wanted.fields) and not persons:
                raise ForbiddenError(
                    "This subscription is shown personal data.", hint="Use a key with the scope candidates:read."
                )
            last = tx.events.last(workspace)
            kinds = set(matching(chosen)) & set(matching(wanted.types))
            page = tx.events.page(workspace, after, kinds, limit)
            items = self._subscribers.shown(tx, workspace, page, wanted)
            more = len(page) == limit
            return EventsPage(items, page[-1].number if more else max(after, last), more), one

        page, one = await self._desk.store.read(query)
        if one is not None and page.items and personal(one.wanted.fields):
            seen = [item["number"] for item in page.items]
            detail = {"subscription": one.id, "first": seen[0], "last": seen[-1], "events": len(seen)}
            await self._desk.note(actor, "events read", detail=detail)
        return page

    def samples(self, type: str, fields: Sequence[str] = ()) -> list[dict[str, Any]]:
        """A made-up event of a type, in the shape that is sent. InputError for a type that there is not."""
        if type not in TYPES:
            raise InputError(f"There is no type {type!r}.", hint=f"Types are {', '.join(TYPES)}.")
        return [sample(type, checked_fields(fields), self._desk.settings.address)]

    # ------------------------------------------------------------------------------------------------------- checking

    def _wanted(self, types: Sequence[str], filter: EventFilter, fields: Sequence[str], persons: bool) -> Wanted:
        chosen, shown = self._types(types), checked_fields(fields)
        told = personal(shown)
        if told and not persons:
            raise ForbiddenError(
                f"fields: {told[0]} is personal data.", hint="Use a key with the scope candidates:read."
            )
        if told and CANDIDATE_ERASED not in matching(chosen):
            raise InputError(
                f"fields: {told[0]} is personal data, so the types must include {CANDIDATE_ERASED}.",
                hint="Whoever is told of a person must hear that they are erased.",
            )
        unknown = set(filter.stage_types) - set(StageType)
        if unknown:
            raise InputError(
                f"filter: there is no stage type {sorted(unknown)[0]!r}.", hint=f"They are {', '.join(StageType)}."
            )
        for score in (filter.min_score, filter.max_score):
            if score is not None and not 0 <= score <= 100:
                raise InputError("filter: a score is a number from 0 to 100.")
        return Wanted(chosen, filter, shown)

    def _types(self, types: Sequence[str]) -> tuple[str, ...]:
        for one in types:
            if not matching([one]):
                raise InputError(f"types: {one!r} names no event.", hint=f"Events are {', '.join(TYPES)}.")
        if not types:
            raise InputError("types: name at least one, or *.", hint=f"Events are {', '.join(TYPES)}.")
        return tuple(dict.fromkeys(types))

    def _checked(self, tx: Tx, filter: EventFilter) -> None:
        """That what a filter names is there: what does not exist would be silence."""
        for name in filter.connections:
            self._desk.connections.named(name, self._desk.workspace)
        known = tx.families.records(self._desk.workspace, list(filter.jobs)) if filter.jobs else {}
        for id in filter.jobs:
            if id not in known or known[id].kind is not Kind.JOB:
                raise InputError(f"filter: there is no job {id!r}.", hint="Their ids stand at GET /api/v1/jobs.")

    def _target_of(self, url: str) -> None:
        try:
            checked_target(url, self._desk.settings.allowed_hosts)
        except ConfigurationError as error:
            raise InputError(str(error).removesuffix(error.hint).strip(), hint=error.hint) from None

    def _format(self, given: str, host: str) -> str:
        if not given:
            return Format.SLACK if host == SLACK_HOST else Format.STANDARD
        if given not in set(Format):
            raise InputError(f"format: {given!r} is none.", hint=f"Formats are {', '.join(Format)}.")
        return given

    def _in_log(self, after: int | None) -> None:
        """ErasedError for a place that the log does not reach back to."""
        if after is not None and after < 0:
            raise InputError("after: a number of an event is not below 0.")
        if after and after < stamp(self._desk.now() - KEPT):
            raise ErasedError(
                f"The log reaches back {KEPT.days} days; what was behind {after} may be gone.",
                hint="Read what you need anew from /api/v1, then go on without `after`.",
            )


def signing_secret() -> str:
    """As Standard Webhooks has it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
