"""Composition: settings in, a wired `App` out. Server, command line and tests all start here."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog

from bascule.connectors.registry import load as load_connector
from bascule.connectors.spec import Connector, Tenant
from bascule.connectors.spec import scopes as least_scopes
from bascule.core import mapping, stages
from bascule.core.plan import Context, decide, discard, rebaseline, replay
from bascule.engine.backfill import Backfill, Progress
from bascule.engine.connections import Connected, Connections, choices_from, tenant_to
from bascule.engine.deliver import Deliver
from bascule.engine.feeds import Feeds, pace
from bascule.engine.health import Health
from bascule.engine.http import AiohttpTransport, Client, Observation, Transport
from bascule.engine.ingest import Answer, Ingest
from bascule.engine.lanes import Worker
from bascule.engine.metrics import Metrics
from bascule.engine.reconcile import MERGE, Reconcile
from bascule.engine.runtime import Runtime
from bascule.engine.talk import patiently, provision
from bascule.errors import (
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    InputError,
    NotFoundError,
)
from bascule.hiring.scoring import RANK, RUBRIC, SCORE, Scoring, reaction
from bascule.match import Matcher, ResumeReader
from bascule.model import (
    FIELDS,
    Actor,
    ActorKind,
    Authority,
    Edit,
    Family,
    Fields,
    Kind,
    Label,
    Mode,
    Status,
    Value,
)
from bascule.settings import Settings
from bascule.store import Store, Tx, open_store
from bascule.store.connections import Connection
from bascule.store.people import User
from bascule.store.queries import Counts
from bascule.store.workspaces import Workspace
from bascule.trust.audit import ARITHMETIC, AuditTrail

log = structlog.get_logger("bascule")

LEASE = timedelta(seconds=90)
SEAL_EVERY, TIDY_EVERY = 5.0, 3600.0
BEHIND = timedelta(seconds=10)  # work that has waited longer than this means catching up
LOGIN_LASTS = timedelta(hours=24)
MODES = (Mode.OBSERVE, Mode.LISTEN, Mode.SHADOW, Mode.LIVE)


@dataclass(frozen=True, slots=True)
class NewConnection:
    """What a person enters to connect a system."""

    name: str
    system: str
    base_url: str = ""
    label: Label | None = None
    settings: Mapping[str, str] | None = None
    secrets: Mapping[str, str] | None = None
    owner: str = ""


class App:
    """One running Bascule: everything a page, the API or a command may ask for."""

    def __init__(
        self, settings: Settings, store: Store, runtime: Runtime, connector: Callable[[str], Connector] = load_connector
    ) -> None:
        self.settings = settings
        self.store = store
        self.runtime = runtime
        self.metrics = Metrics()
        self.connections = Connections(store, runtime, connector, self._client, timeout=settings.request_timeout)
        self.connections.pinged = self._pinged
        self._connector = connector
        self.reconcile = Reconcile(runtime, self.connections, reaction(self.connections), wake=self._wake)
        self.ingest = Ingest(
            runtime, self.connections, self.reconcile, max_bytes=settings.max_hook_bytes, wake=self._wake
        )
        self.ingest.on_delivery = lambda at, outcome: self.metrics.delivery(at.row.system, outcome)
        self.deliver = Deliver(runtime, self.connections, self.reconcile)
        self.deliver.on_written = lambda at, kind, call, ok, lag: self.metrics.written(
            at.row.system, at.id, kind, call, ok, lag
        )
        self.feeds = Feeds(runtime, self.connections, self.reconcile)
        self.backfills = Backfill(runtime, self.connections, self.feeds)
        self.trail = AuditTrail(store)
        self.health = Health(self.connections, runtime.now, self.scopes, self.hook_url, self.intervals)
        self.worker = Worker(
            runtime,
            self.connections,
            self.reconcile,
            self.deliver,
            {
                "poll": self.feeds.poll,
                "sweep": self.feeds.sweep,
                "discover": self.feeds.discover,
                MERGE: self.reconcile.merge,
                "backfill": self.backfills.run,
                SCORE: lambda task: self.scoring.score(task),
                RUBRIC: lambda task: self.scoring.rubric(task),
                RANK: lambda task: self.scoring.rank(task),
                "seal": self._seal,
                "tidy": self._tidy,
            },
            slots=settings.workers,
            name=f"{socket.gethostname()}:{os.getpid()}",
            lease=LEASE,
            poll=1.0 if store.dialect == "sqlite" else 0.25,
        )
        self.worker.on_failure = self._failed
        self.workspace = ""
        self.local_key = secrets.token_urlsafe(32)  # for commands of this machine's user
        self._running: asyncio.Task[None] | None = None

    @cached_property
    def reader(self) -> ResumeReader:
        return ResumeReader()

    @cached_property
    def matcher(self) -> Matcher:
        return Matcher()

    @cached_property
    def scoring(self) -> Scoring:
        return Scoring(
            self.runtime, self.connections, self.reconcile, self.matcher, self.reader, address=self.settings.address
        )

    # ------------------------------------------------------------------------------------------------- life and death

    async def start(self, *, work: bool = True) -> None:
        """Make the first workspace and user where there are none, take up the connections, and start the worker."""
        now = self.runtime.now()
        self.workspace = await self.store.write(lambda tx: self._first_workspace(tx, now))
        await self.connections.refresh()

        def arrange(tx: Tx) -> None:
            tx.tasks.put(self.workspace, "seal", "audit", due=now)
            tx.tasks.put(self.workspace, "tidy", "all", due=now + timedelta(minutes=5))
            for at in self.connections.all():
                self.feeds.arrange(tx, at, now)

        await self.store.write(arrange)
        if work:
            self._running = self.runtime.spawn(self.worker.run(), "worker")

    async def stop(self) -> None:
        """Finish what is under way, then let go of everything."""
        self.worker.stop()
        if self._running is not None:
            await asyncio.wait({self._running})
        await self.runtime.settle()
        if "reader" in self.__dict__:
            await self.reader.close()
        await self.connections.close()
        await self.runtime.transport.close()
        await self.store.close()

    def _first_workspace(self, tx: Tx, now: datetime) -> str:
        known = tx.workspaces.list()
        if known:
            return known[0].id
        workspace = Workspace(self.runtime.id(), "Main", now)
        tx.workspaces.set(workspace)
        if self.settings.raw_retention_days != 30:
            for what in ("payload", "raw", "resume", "text"):
                tx.stored.set_retention(workspace.id, what, self.settings.raw_retention_days)
        return workspace.id

    def _client(self, row: Connection, connector: Connector, given: Mapping[str, str]) -> Client:
        def observed(seen: Observation) -> None:
            self.worker.observed(row.id, seen)
            self.metrics.request(row.system, seen)
            self.trail.note_request(row, seen)

        return Client(
            connector,
            self.runtime.transport,
            base_url=row.base_url,
            settings={name: str(value) for name, value in row.settings.items()},
            secrets=given,
            now=self.runtime.now,
            timeout=self.settings.request_timeout,
            allowed_hosts=self.settings.allowed_hosts,
            on_request=observed,
        )

    def _wake(self) -> None:
        self.worker.wake()

    def _pinged(self, connection: str) -> None:
        log.info("webhooks arrive", connection=connection)

    def _failed(self, what: str, error: Exception) -> None:
        """Something nobody foresaw. Logged by its kind and place; values never are."""
        self.metrics.failure(what)
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        log.error("work failed", what=what, error=type(error).__name__, place=place)

    async def _seal(self, _task: object) -> float:
        await self.trail.flush()
        while await self.store.write(lambda tx: tx.audit.seal()):
            pass
        return SEAL_EVERY

    async def _tidy(self, _task: object) -> float:
        now = self.runtime.now()

        def unit(tx: Tx) -> int:
            tx.inbox.expire(bodies=now - timedelta(days=7), entries=now - timedelta(days=30))
            tx.people.expire(now=now)
            return tx.stored.expire(now=now)

        while await self.store.write(unit):
            pass
        return TIDY_EVERY

    # -------------------------------------------------------------------------------------------------------- people

    async def first_login(self) -> str | None:
        """On an installation without users: an administrator is made; a link that logs in once. None later on."""

        def unit(tx: Tx) -> str | None:
            if tx.people.users(self.workspace):
                return None
            now = self.runtime.now()
            user = User(self.runtime.id(), self.workspace, "admin@localhost", "Administrator", "administrator", now)
            tx.people.set_user(user)
            return self._offer(tx, user.id, now)

        secret = await self.store.write(unit)
        return None if secret is None else f"{self.settings.address}/login?token={secret}"

    async def login_link(self, email: str = "admin@localhost") -> str:
        """A fresh link that logs this user in once. NotFoundError if there is no such user."""

        def unit(tx: Tx) -> str:
            user = tx.people.user_by_email(self.workspace, email)
            if user is None:
                raise NotFoundError(f"There is no user with the e-mail {email}.")
            return self._offer(tx, user.id, self.runtime.now())

        return f"{self.settings.address}/login?token={await self.store.write(unit)}"

    def _offer(self, tx: Tx, user: str, now: datetime) -> str:
        secret = secrets.token_urlsafe(32)
        tx.people.offer_login(secret, user, expires=now + LOGIN_LASTS)
        return secret

    # ---------------------------------------------------------------------------------------------------- connections

    async def connect(self, new: NewConnection, actor: Actor) -> Connected:
        """Add a connection, read the account's configuration, and begin to read it (mode `observe` unless it is our
        simulator). Raises what the system answers; then nothing is kept."""
        connector = self._connector(new.system)
        base_url = (new.base_url or connector.base_url).rstrip("/")
        simulator = _is_loopback(base_url)
        label = new.label or (Label.SIMULATOR if simulator else Label.LIVE)
        now = self.runtime.now()
        row = Connection(
            id=self.runtime.id(),
            workspace=self.workspace,
            name=new.name,
            system=new.system,
            label=label,
            base_url=base_url,
            created=now,
            mode=Mode.OBSERVE,
            settings={**(new.settings or {}), "ai": True},
            owner=new.owner or actor.id,
        )
        given = dict(new.secrets or {})
        missing = [
            name
            for name, _, secret in connector.settings
            if name not in (given if secret else row.settings) and name != "webhook_secret"
        ]
        if missing:
            raise InputError(f"{connector.label} needs {', '.join(missing)}.", hint="Give them and connect again.")
        given.setdefault("webhook_secret", secrets.token_hex(24))
        probe = self._client(row, connector, given)
        try:
            tenant = await patiently(probe, connector.discover, self.runtime.sleep)
        finally:
            await probe.close()
        row = replace(row, tenant=tenant_to(tenant))

        def unit(tx: Tx) -> None:
            tx.connections.add(row)
            tx.connections.set_credentials(row.id, given)
            tx.audit.record(
                workspace=row.workspace, at=self.runtime.now(), action="connection added", actor=actor,
                connection=row.id,
                detail={"name": row.name, "system": row.system, "label": str(label)},
            )  # fmt: skip

        await self.store.write(unit)
        await self.connections.refresh()
        at = self.connections.get(row.id)
        now = self.runtime.now()

        def begin(tx: Tx) -> None:
            self.feeds.arrange(tx, at, now)
            self.backfills.start(tx, at, now)

        await self.store.write(begin)
        self.worker.reload()
        return at

    async def create_fields(self, name: str, actor: Actor) -> list[str]:
        """Create the custom fields that AI output needs and the account lacks; the names of those created."""
        at = self.connections.named(name)
        if at.row.mode not in (Mode.LIVE, Mode.SHADOW) and at.row.label is not Label.SIMULATOR:
            raise ForbiddenError(
                f"{name} is in mode {at.row.mode}: nothing is created there.",
                hint=f"Promote it first: bascule connections mode {name} shadow",
            )
        wanted = [f for f in _ai_fields() if at.row.settings.get(f"off.{f}") is not True]
        tenant, setups = await provision(at.client, wanted, self.runtime.sleep)
        await self.feeds.keep(at, tenant)
        made = [setup.name for setup in setups]
        await self.note(actor, "custom fields created", connection=at.id, detail={"fields": tuple(made)})
        self.worker.reload()
        return made

    async def set_mode(self, name: str, mode: Mode, actor: Actor, *, waive: str = "") -> Connected:
        """Move a connection between observe, listen, shadow and live. Going live re-baselines and writes nothing old.
        ForbiddenError names what stands against it; `waive` is the written reason to accept an excess of rights."""
        await self.connections.refresh()  # a backfill that has just ended is known to the store first
        at = self.connections.named(name)
        if MODES.index(mode) > MODES.index(Mode.LISTEN):
            self._may_promote(at, waive)
        now = self.runtime.now()
        was = at.row.mode

        def unit(tx: Tx) -> None:
            row = tx.connections.get(at.id)
            live = now if mode is Mode.LIVE and row.mode is not Mode.LIVE else row.live_since
            tx.connections.set(replace(row, mode=mode, live_since=live if mode is Mode.LIVE else None))
            tx.audit.record(
                workspace=row.workspace, at=self.runtime.now(), action="mode changed", actor=actor, connection=at.id,
                detail={"from": str(was), "to": str(mode), "waived": waive},
            )  # fmt: skip

        await self.store.write(unit)
        await self.connections.refresh()
        if (mode in (Mode.LIVE, Mode.SHADOW) and was not in (Mode.LIVE, Mode.SHADOW)) or (
            mode is Mode.LIVE and was is Mode.SHADOW
        ):
            await self._rebaseline(at.id, from_shadow=was is Mode.SHADOW)
        self.worker.reload()
        return self.connections.get(at.id)

    def _may_promote(self, at: Connected, waive: str) -> None:
        if not at.row.crawled:
            raise ForbiddenError(
                f"{at.row.name} has not been read whole yet.",
                hint=f"Wait for the backfill: bascule status, or bascule backfill {at.row.name}",
            )
        excess = self.scopes(at)["excess"]
        if excess and not waive:
            raise ForbiddenError(
                f"The credentials may do more than the mapping needs: {', '.join(excess)}.",
                hint="Take these scopes away in the ATS, or waive it in writing (--waive 'reason').",
            )

    def scopes(self, at: Connected) -> dict[str, list[str]]:
        """Scopes the mapping needs, those granted, and the excess and lack between them."""
        needed = least_scopes(at.connector, [f for fields in at.view.fields.values() for f in fields])
        granted = set(at.tenant.granted)
        unavoidable = set(at.connector.excess)
        return {
            "needed": sorted(needed),
            "granted": sorted(granted),
            "excess": sorted(granted - needed - unavoidable) if granted else [],
            "missing": sorted(needed - granted) if granted else [],
            "unavoidable": sorted(unavoidable),
        }

    def least_scopes(self, system: str) -> list[str]:
        """The scopes to give a credential before there is a connection: what the mapping of an account without fields
        of ours needs, and to create those fields."""
        connector = self._connector(system)
        return sorted(least_scopes(connector, connector.fields(Tenant(), ""), setup=True))

    async def _rebaseline(self, connection: str, *, from_shadow: bool) -> None:
        """Every family of a connection: what differs now is settled as it is, so that going live writes nothing old."""
        for kind in (Kind.CANDIDATE, Kind.JOB):
            after = ""
            while True:
                page = await self.store.read(lambda tx, k=kind, a=after: self._families_after(tx, connection, k, a))
                if not page:
                    break
                after = page[-1][0]
                for _, family in page:
                    await self.reconcile.replan(
                        family, lambda f, c: rebaseline(f, connection, c, from_shadow=from_shadow)
                    )

    def _families_after(self, tx: Tx, connection: str, kind: Kind, after: str) -> list[tuple[str, str]]:
        from bascule.store.sweeps import roots_after

        externals = roots_after(tx, connection, kind, after, 200)
        found = tx.families.resolve(connection, [(kind, e) for e in externals])
        return [(e, found[kind, e].family) for e in externals if (kind, e) in found]

    async def set_credentials(self, name: str, given: Mapping[str, str], actor: Actor) -> None:
        """New credentials: tried first, so that a good one is never replaced by an error; then work resumes."""
        at = self.connections.named(name)
        merged = {**at.secrets, **given}
        probe = self._client(at.row, at.connector, merged)
        try:
            await patiently(probe, at.connector.discover, self.runtime.sleep)
        finally:
            await probe.close()

        def unit(tx: Tx) -> None:
            tx.connections.set_credentials(at.id, merged)
            tx.connections.set(replace(tx.connections.get(at.id), paused=""))
            tx.connections.healthy(at.id)
            tx.writes.wake(at.id, now=self.runtime.now())
            tx.notices.close(at.row.workspace, "disconnected", at.id, now=self.runtime.now())
            tx.audit.record(
                workspace=at.row.workspace,
                at=self.runtime.now(),
                action="credentials changed",
                actor=actor,
                connection=at.id,
            )

        await self.store.write(unit)
        self.worker.reload()

    async def pause(self, name: str, actor: Actor, why: str = "") -> None:
        """Nothing is read or written until `resume`; what arrives waits."""
        await self._set_paused(name, why or f"paused by {actor.name or 'a person'}", actor, "paused")

    async def resume(self, name: str, actor: Actor) -> None:
        await self._set_paused(name, "", actor, "resumed")
        at = self.connections.named(name)
        await self.store.write(lambda tx: tx.writes.wake(at.id, now=self.runtime.now()))
        self.worker.reload()

    async def _set_paused(self, name: str, why: str, actor: Actor, action: str) -> None:
        at = self.connections.named(name)

        def unit(tx: Tx) -> None:
            tx.connections.set(replace(tx.connections.get(at.id), paused=why))
            tx.audit.record(
                workspace=at.row.workspace,
                at=self.runtime.now(),
                action=f"connection {action}",
                actor=actor,
                connection=at.id,
                detail={"why": why},
            )

        await self.store.write(unit)
        await self.connections.refresh()
        self.worker.reload()

    async def remove_connection(self, name: str, actor: Actor) -> None:
        """Take a connection away: its lanes and credentials go, records and history stay."""
        at = self.connections.named(name)

        def unit(tx: Tx) -> None:
            tx.connections.remove(at.id)
            tx.audit.record(
                workspace=at.row.workspace,
                at=self.runtime.now(),
                action="connection removed",
                actor=actor,
                connection=at.id,
                detail={"name": name},
            )

        await self.store.write(unit)
        await self.connections.refresh()
        self.worker.reload()

    async def backfill(self, name: str, actor: Actor) -> None:
        """Read everything the system holds, from the first page on."""
        at = self.connections.named(name)
        now = self.runtime.now()
        await self.store.write(lambda tx: self.backfills.start(tx, at, now))
        await self.note(actor, "backfill started", connection=at.id)
        self.worker.wake()

    async def backfill_progress(self, name: str) -> Progress:
        return await self.backfills.progress(self.connections.named(name))

    # ------------------------------------------------------------------------------------------------- people's changes

    async def edit(self, record_id: str, fields: Fields, actor: Actor, base: Fields | None = None) -> None:
        """A person's change of a record's fields; it travels wherever the mapping says."""
        family = await self._family_of(record_id)
        edit = Edit(self.runtime.id(), record_id, fields, actor, self.runtime.id(), base=base)
        await self.reconcile.edit(family, [edit])

    async def advance(self, application_id: str, stage_id: str, actor: Actor) -> None:
        """Move an application to a stage of its job, as this person's ATS user. The ATS's answer is the decision."""
        await self._decision(application_id, {"stage": stage_id}, actor)

    async def reject(self, application_id: str, reason_id: str | None, actor: Actor, note: str = "") -> None:
        """Reject an application, as this person's ATS user."""
        fields: dict[str, Value] = {"status": Status.REJECTED}
        if reason_id:
            fields["reason"] = reason_id
        await self._decision(application_id, fields, actor)
        if note:
            family = await self.store.read(lambda tx: tx.families.family(self._must(tx, application_id)))
            parent = family.records[application_id].parent
            if parent:
                await self.add_note(parent, note, "private", actor)

    async def _decision(self, application_id: str, fields: Fields, actor: Actor) -> None:
        family = await self.store.read(lambda tx: tx.families.family(self._must(tx, application_id)))
        link = next((x for x in family.links.values() if x.record == application_id and x.open and x.primary), None)
        if link is not None and actor.kind is ActorKind.PERSON:
            at = self.connections.get(link.connection)
            if at.row.mode is not Mode.LIVE:
                raise ForbiddenError(
                    f"{at.row.name} is in mode {at.row.mode}: decisions are made in {at.connector.label}.",
                    hint="Open the candidate there.",
                )
            if not self.connections.acts_as(at, actor):
                raise ForbiddenError(
                    f"You are not mapped to a user of {at.row.name}, so a decision here could not be made as you.",
                    hint="Ask an administrator to map you under Settings, or decide in the ATS.",
                )
        edit = Edit(self.runtime.id(), application_id, fields, actor, self.runtime.id())
        await self.reconcile.edit(family.id, [edit])

    async def add_note(self, candidate_id: str, body: str, visibility: str, actor: Actor) -> None:
        if not body.strip():
            raise InputError("The note is empty.", hint="Write something, then save it.")
        family = await self._family_of(candidate_id)
        fields: Fields = {"body": body, "visibility": visibility, "created_at": self.runtime.now().isoformat()}
        edit = Edit(self.runtime.id(), candidate_id, fields, actor, self.runtime.id(), create=Kind.NOTE)
        await self.reconcile.edit(family, [edit])

    async def remove_note(self, note_id: str, actor: Actor) -> None:
        family = await self._family_of(note_id)
        edit = Edit(self.runtime.id(), note_id, {}, actor, self.runtime.id(), remove=True)
        await self.reconcile.edit(family, [edit])

    async def set_tags(
        self, candidate_id: str, actor: Actor, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Add and remove tags of a candidate; the others stay as they are."""

        def unit(tx: Tx) -> None:
            family = tx.families.family(self._must(tx, candidate_id))
            held = family.records[candidate_id].fields.get("tags")
            now = {str(t).casefold(): str(t) for t in held} if isinstance(held, tuple) else {}
            for tag in remove:
                now.pop(tag.strip().casefold(), None)
            for tag in add:
                if tag.strip():
                    now.setdefault(tag.strip().casefold(), tag.strip())
            tags = tuple(now[key] for key in sorted(now))
            edit = Edit(self.runtime.id(), candidate_id, {"tags": tags}, actor, self.runtime.id())
            self.reconcile.edit_in(tx, family.id, [edit])

        await self.reconcile.commit(unit)

    async def decide(self, review_id: str, answer: str, actor: Actor, value: Value = None) -> None:
        """A person's answer to a review item."""
        family = await self._family_with_review(review_id)
        await self.reconcile.replan(family, lambda f, c: decide(f, review_id, answer, actor, c, value))
        await self.note(actor, "review decided", detail={"review": review_id, "answer": answer})

    async def replay(self, write_id: str, actor: Actor) -> None:
        """Try a failure again: it is rendered anew from the record as it is now."""
        family = await self._family_with_write(write_id)
        await self.reconcile.replan(family, lambda f, c: replay(f, write_id, actor, c))
        await self.note(actor, "failure replayed", detail={"write": write_id})

    async def discard(self, write_id: str, reason: str, actor: Actor) -> None:
        """Give a failure up, with a reason."""
        if not reason.strip():
            raise InputError("A reason is needed to discard a failure.", hint="Say why it need not be written.")
        family = await self._family_with_write(write_id)
        await self.reconcile.replan(family, lambda f, c: discard(f, write_id, actor, reason, c))
        await self.note(actor, "failure discarded", detail={"write": write_id, "reason": reason})

    async def _family_of(self, record_id: str) -> str:
        return await self.store.read(lambda tx: self._must(tx, record_id))

    def _must(self, tx: Tx, record_id: str) -> str:
        family = tx.families.record_family(record_id)
        if family is None:
            raise NotFoundError(f"There is no record {record_id}.")
        return family

    async def _family_with_review(self, review_id: str) -> str:
        def query(tx: Tx) -> str:
            for item in tx.pages.reviews(self.workspace, limit=10_000):
                if item.review.id == review_id:
                    return item.family
            raise NotFoundError("There is no such open review item; somebody may have decided it already.")

        return await self.store.read(query)

    async def _family_with_write(self, write_id: str) -> str:
        def query(tx: Tx) -> str:
            for item in tx.pages.failures(self.workspace, limit=10_000):
                if item.write.id == write_id:
                    return item.family
            raise NotFoundError("There is no such failure; it may have been replayed already.")

        return await self.store.read(query)

    async def note(
        self,
        actor: Actor,
        action: str,
        *,
        family: str | None = None,
        record: str | None = None,
        connection: str | None = None,
        detail: Fields | None = None,
    ) -> None:
        """An audit entry for something a person or program did or looked at."""
        await self.store.write(
            lambda tx: tx.audit.record(
                workspace=self.workspace,
                at=self.runtime.now(),
                action=action,
                actor=actor,
                family=family,
                record=record,
                connection=connection,
                detail=detail or {},
            )
        )

    async def rotate_master_key(self, actor: Actor) -> int:
        """Make a new master key, wrap every other key with it while everything runs, then forget the old one. How many
        keys were wrapped anew. ConfigurationError where the key comes from the environment."""
        if self.settings.master_key is not None:
            raise ConfigurationError(
                "The master key comes from BASCULE_MASTER_KEY and cannot be rotated from here.",
                hint="Move it into master.key of the data folder (base64), take the setting away, and restart.",
            )
        path = self.settings.data / "master.key"
        fresh = base64.b64encode(secrets.token_bytes(32))
        _replace(path, fresh + b"\n" + path.read_bytes())
        wrapped = await self.store.rotate()
        _replace(path, fresh + b"\n")
        await self.note(actor, "master key rotated", detail={"keys": wrapped})
        return wrapped

    def hook_url(self, at: Connected) -> str:
        """Where the system is to send its webhooks."""
        return f"{self.settings.address}/hooks/{at.row.name}"

    # ------------------------------------------------------------------------------------------------------ looking

    async def mapping(self, name: str) -> mapping.Document:
        """The mapping document of a connection, from live configuration."""
        at = self.connections.named(name)
        schema = [mapping.SchemaField(obj, field, type_) for obj, field, type_ in at.tenant.fields]
        gaps = await self.store.read(lambda tx: tx.gaps.list(at.row.workspace, connection=at.id))
        by_field = {(gap.kind, gap.field): f"{gap.value} ({gap.times} times)" for gap in gaps}
        tags = self.intervals(at).get("tags")
        polled = {} if tags is None else {(Kind.CANDIDATE, "tags"): f"every {tags:g} s"}
        off = frozenset(
            (each.kind, name)
            for each in at.connector.fields(at.tenant, at.id)
            if each.name not in {one.name for one in at.view.fields.get(each.kind, ())}
            for name in each.canonical
        )
        facts = mapping.Measured(
            promised=self.promised(at), polled=polled, measured=self.measured(at), gaps=by_field, off=off
        )
        fields = [f for maps in at.view.fields.values() for f in maps]
        return mapping.document(fields, schema, facts)

    async def choose(self, name: str, kind: Kind, field: str, choice: mapping.Choice, actor: Actor) -> mapping.Document:
        """Switch a field of the mapping on or off, or choose its direction and authority. Nothing old is written: what
        differs now is settled as it is. InputError for a choice that cannot be."""
        at = self.connections.named(name)
        proposed = at.connector.fields(at.tenant, at.id)
        meant = [
            each
            for each in proposed
            if field in each.canonical
            and (each.kind is kind or (field in FIELDS[kind] and field not in FIELDS[each.kind]))
        ]
        if not meant:
            raise InputError(f"{kind}.{field} is not mapped at {name}.", hint=f"See: bascule mapping show {name}")
        chosen = {k: v for k, v in (("direction", choice.direction), ("authority", choice.authority)) if v is not None}
        kept: Fields = {"on": choice.on, **{k: str(v) for k, v in chosen.items()}}
        choices = {**at.row.choices, **{f"{each.kind}.{each.name}": kept for each in meant}}
        mapping.apply(proposed, choices_from(choices))

        def unit(tx: Tx) -> None:
            row = tx.connections.get(at.id)
            tx.connections.set(replace(row, choices=choices, mapping_version=row.mapping_version + 1))
            tx.audit.record(
                workspace=row.workspace,
                at=self.runtime.now(),
                action="mapping changed",
                actor=actor,
                connection=at.id,
                detail={"field": f"{kind}.{field}", **kept},
            )

        await self.store.write(unit)
        await self.connections.refresh()
        await self._rebaseline(at.id, from_shadow=False)
        self.worker.reload()
        return await self.mapping(name)

    def promised(self, at: Connected) -> dict[Kind, str]:
        """How soon a change is promised to follow, by kind."""
        out: dict[Kind, str] = {}
        for reads in at.connector.reads:
            every = min((e for e in (reads.every, reads.sweep) if e is not None), default=None)
            if every is not None and reads.kind not in out:
                out[reads.kind] = f"every {pace(at, reads, 0, every):g} s"
        if at.connector.webhook is not None:
            out |= dict.fromkeys((Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB), "webhook, 1-2 s")
        return out

    def intervals(self, at: Connected) -> dict[str, float]:
        """Seconds between two readings of what no webhook tells, by list (notes, tags)."""
        return {
            reads.title: round(pace(at, reads, 0, min(e for e in (reads.every, reads.sweep) if e is not None)), 1)
            for reads in at.connector.reads
            if any(e is not None and e.total_seconds() < 60 for e in (reads.every, reads.sweep))
        }

    def measured(self, at: Connected) -> dict[Kind, str]:
        """How soon changes did follow, by kind, in words."""
        out: dict[Kind, str] = {}
        for kind in at.view.fields:
            p50, p95 = self.metrics.lag(at.id, kind)
            if p50 is not None:
                out[kind] = f"p50 {p50:.1f} s, p95 {p95:.1f} s"
        return out

    async def status(self) -> dict[str, Any]:
        """Is everything in step? Per connection, in numbers, and the whole in one word."""
        ids = [at.id for at in self.connections.all()]

        def query(tx: Tx) -> tuple[Any, Any, Any, Any]:
            return (
                tx.pages.overview(ids),
                tx.notices.list(self.workspace),
                tx.audit.backlog(),
                tx.tasks.list(self.workspace, state="dead"),
            )

        counts, notices, backlog, dead = await self.store.read(query)
        now = self.runtime.now()
        rows = []
        for at in self.connections.all():
            c = counts[at.id]
            waiting = c.reads + c.write_lanes
            oldest = min((t for t in (c.oldest_read, c.oldest_write) if t is not None), default=None)
            state = self._state(at, c, oldest, now)
            p50, p95 = self.metrics.lag(at.id)
            rows.append({
                "id": at.id, "name": at.row.name, "system": at.row.system, "label": str(at.row.label),
                "mode": str(at.row.mode),
                "state": state, "paused": at.row.paused, "broken": at.row.broken, "crawled": at.row.crawled,
                "objects": {str(k): n for k, n in c.links.items()}, "unseen": c.unseen, "waiting": waiting,
                "oldest": oldest.isoformat() if oldest else None, "writes": dict(c.writes), "failures": c.failures,
                "reviews": c.reviews, "gaps": c.gaps, "lag_p50_s": p50, "lag_p95_s": p95,
                "last_delivery": c.last_delivery.isoformat() if c.last_delivery else None,
            })  # fmt: skip
        order = ("failing", "paused", "waiting for you", "catching up", "in step")
        state = min((row["state"] for row in rows), key=order.index, default="nothing connected")
        return {
            "state": state,
            "workspace": self.workspace,
            "connections": rows,
            "notices": [
                {"kind": n.kind, "text": n.text, "at": n.at.isoformat(), "times": n.times, "connection": n.connection}
                for n in notices
            ],
            "audit_unsealed": backlog[0],
            "dead_tasks": [{"name": t.name, "key": t.key, "error": t.error} for t in dead],
        }

    @staticmethod
    def _state(at: Connected, counts: Counts, oldest: datetime | None, now: datetime) -> str:
        """One word for a connection, the worst that is true of it."""
        if at.row.paused:
            return "paused"
        if at.row.broken:
            return "failing"
        if counts.failures or counts.reviews:
            return "waiting for you"
        behind = oldest is not None and now - oldest > BEHIND
        return "catching up" if behind or not at.row.crawled else "in step"

    async def watch(self) -> AsyncIterator[dict[str, str]]:
        """Changes as they are committed: {"kind", "id"} of the family. A slow watcher loses lines."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[dict[str, str]] = asyncio.Queue(1000)

        def tell(kind: str, subject: str) -> None:
            def put() -> None:
                if not queue.full():
                    queue.put_nowait({"kind": kind, "id": subject})

            loop.call_soon_threadsafe(put)

        self.reconcile.watchers.listeners.add(tell)
        try:
            while True:
                yield await queue.get()
        finally:
            self.reconcile.watchers.listeners.discard(tell)

    async def stage_types(self, job_id: str) -> dict[str, str]:
        """The proposed type of each stage of a job, by stage id."""
        family = await self.store.read(lambda tx: tx.families.family(self._must(tx, job_id)))
        return {
            s.id: str(stages.propose(str(s.fields.get("name") or "")) or "")
            for s in family.children(job_id, Kind.STAGE)
        }

    def hidden_effect(self, application: Family, call: str) -> str:
        """What the system may do besides, said before a person decides."""
        for link in application.links.values():
            if link.kind is Kind.APPLICATION and link.open:
                sends = self.connections.get(link.connection).connector.sends.get(call)
                return sends.hidden if sends else ""
        return ""


# ------------------------------------------------------------------------------------------------------ making an App


def master_keys(settings: Settings) -> Callable[[], Sequence[bytes]]:
    """The master key: from the settings, else a file in the data folder that is made once. A rotated file holds the
    current key in its first line and former ones below."""
    if settings.master_key is not None:
        try:
            key = base64.b64decode(settings.master_key.get_secret_value(), validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise ConfigurationError(
                "BASCULE_MASTER_KEY must be the base64 of 32 bytes.", hint="Make one: openssl rand -base64 32"
            )
        return lambda: [key]
    path = settings.data / "master.key"

    def read() -> list[bytes]:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
        lines = [line for line in path.read_bytes().split() if line]
        return [base64.b64decode(line) for line in lines]

    return read


@asynccontextmanager
async def running(settings: Settings, *, transport: Transport | None = None, work: bool = True) -> AsyncGenerator[App]:
    """An App that is started, and stopped cleanly at the end."""
    app = make(settings, transport=transport)
    try:
        await app.start(work=work)
        yield app
    finally:
        await app.stop()


def make(settings: Settings, *, transport: Transport | None = None) -> App:
    """Wire an App from its settings. ConfigurationError says what is wrong with them."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = open_store(
        settings.database_url, master=master_keys(settings), files=settings.data / "files", audit=ARITHMETIC
    )
    return App(settings, store, Runtime(transport or AiohttpTransport()))


def _replace(path: Path, data: bytes) -> None:
    """A whole new file or the old one, never half of either; for its owner's eyes only."""
    beside = path.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _is_loopback(url: str) -> bool:
    from urllib.parse import urlsplit

    return (urlsplit(url).hostname or "") in ("127.0.0.1", "localhost", "::1")


def _ai_fields() -> list[str]:
    from bascule.model import FieldClass

    return [spec.name for spec in FIELDS[Kind.APPLICATION].values() if spec.cls is FieldClass.AI_OUTPUT]


__all__ = ["App", "Answer", "Authority", "ConflictError", "Context", "NewConnection", "make", "master_keys", "running"]
