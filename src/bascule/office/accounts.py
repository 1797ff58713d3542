"""The life of a connection: connected, given fields, promoted, paused, signed in again, taken away."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from bascule.connectors.spec import Connector, Tenant, Unsigned, lacking
from bascule.core.gates import OURS
from bascule.core.mapping import Chosen, switched_off
from bascule.core.rollout import AI
from bascule.engine import incidents
from bascule.engine.backfill import Backfill, Progress
from bascule.engine.connections import Connected, held_until, tenant_to
from bascule.engine.consents import ENDS
from bascule.engine.feeds import AGREED, ASKED, VANISHED, Feeds
from bascule.engine.http import Client, is_loopback
from bascule.engine.signin import REFRESH
from bascule.engine.talk import patiently, provision
from bascule.errors import (
    ConfigurationError,
    DisconnectedError,
    ForbiddenError,
    InputError,
    PermissionMissingError,
    RemoteError,
    UnavailableError,
)
from bascule.hiring.triggers import AUTOMATIC, lose
from bascule.model import (
    FIELDS,
    TOOL_FIELDS,
    Actor,
    Kind,
    Label,
    Mode,
    tool_field,
)
from bascule.store import Tx
from bascule.store.connections import Connection
from bascule.store.incidents import Cause
from bascule.trust.following import NOTICE as ANONYMISED

from .desk import Desk
from .grants import Grants, reads_on
from .modes import Modes
from .owners import answering

SOON = timedelta(seconds=1)  # until every process asks with the new credentials


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
    granted: str | Sequence[str] = ()  # the credential's rights, as a person reads them in the system


@dataclass(frozen=True, slots=True)
class Created:
    """The custom fields that were made, by name; those that our credential may not make, why, and what to do."""

    fields: tuple[str, ...]
    refused: tuple[str, ...] = ()
    why: str = ""
    next: str = ""


class Clients(Protocol):
    """Makes the client of a connection, with these credentials."""

    def __call__(self, row: Connection, connector: Connector, given: Mapping[str, str]) -> Client: ...


class Accounts(Modes):
    """`app.accounts`: everything an owner does with a connection as a whole."""

    def __init__(
        self,
        desk: Desk,
        connector: Callable[[str], Connector],
        client: Clients,
        feeds: Feeds,
        backfills: Backfill,
        grants: Grants,
        objections: Callable[[], Awaitable[str]],
        gate: Callable[[str, Mode], Awaitable[None]],
    ) -> None:
        """`objections`: what stands against going live besides the connection itself, "" for nothing. `gate`: raises
        what stands against a promotion at a customer's own system (`app.rollouts`)."""
        super().__init__(desk, grants, objections, gate)
        self._connector = connector
        self._client = client
        self._feeds = feeds
        self._backfills = backfills

    async def connect(self, new: NewConnection, actor: Actor) -> Connected:
        """Add a connection, read the account's configuration, and begin to read it (mode `observe` unless it is our
        simulator). Raises what the system answers; then nothing is kept."""
        connector = self._connector(new.system)
        base_url = (new.base_url or connector.base_url).rstrip("/")
        simulator = is_loopback(urlsplit(base_url).hostname or "")
        if new.label is Label.SIMULATOR and not simulator:
            raise InputError(f"{base_url} is no simulator on this machine.", hint="Label it vendor sandbox or live.")
        label = new.label or (Label.SIMULATOR if simulator else Label.LIVE)
        now = self._desk.now()
        row = Connection(
            id=self._desk.id(),
            workspace=self._desk.workspace,
            name=new.name,
            system=new.system,
            label=label,
            base_url=base_url,
            created=now,
            mode=Mode.OBSERVE,
            settings={
                **(new.settings or {}),
                AI: label is Label.SIMULATOR,
                **self._grants.entry(connector, new.granted, actor),
            },
            owner=answering(new.owner or actor.id),
        )
        given = dict(new.secrets or {})
        plain = {name: str(value) for name, value in (new.settings or {}).items()}
        if missing := lacking(connector, plain | given):
            raise InputError(f"{connector.label} needs {', '.join(missing)}.", hint="Give them and connect again.")
        if connector.webhook is not None and not connector.webhook.makes:
            given.setdefault("webhook_secret", secrets.token_hex(24))
        probe = self._probe(row, connector, given)
        try:
            tenant = await self._tried(probe, connector)
        except RemoteError as error:
            error.hint = error.hint or self._mend(error, row, connector)
            raise
        given |= probe.renewed
        row = replace(row, tenant=tenant_to(replace(tenant, learned=self._desk.now())))

        def unit(tx: Tx) -> None:
            tx.connections.add(row)
            tx.connections.set_credentials(row.id, given)
            tx.audit.record(
                workspace=row.workspace, at=self._desk.now(), action="connection added", actor=actor,
                connection=row.id,
                detail={"name": row.name, "system": row.system, "label": str(label)},
            )  # fmt: skip

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        at = self._desk.connections.get(row.id)
        now = self._desk.now()

        def begin(tx: Tx) -> None:
            self._feeds.arrange(tx, at, now)
            self._backfills.start(tx, at, now)

        await self._desk.store.write(begin)
        self._desk.reload()
        return at

    def _probe(self, row: Connection, connector: Connector, given: Mapping[str, str]) -> Client:
        """A client to try a new connection with. InputError for an address that cannot be one."""
        try:
            return self._client(row, connector, given)
        except ConfigurationError as error:
            raise InputError(
                str(error), hint=f"Give another base URL, or none for {connector.label}'s own. Nothing is kept."
            ) from None

    @staticmethod
    def _mend(error: RemoteError, row: Connection, connector: Connector) -> str:
        """What to do about a first call that failed."""
        if isinstance(error, UnavailableError):
            return f"Look whether {connector.label} answers at {row.base_url}. Nothing is kept; connect again then."
        if isinstance(error, DisconnectedError):
            wanted = ", ".join(name for name, _, _ in connector.settings if name != "webhook_secret")
            return f"Look at {wanted} in {connector.label}'s own page of credentials. Nothing is kept."
        return "Nothing is kept. Mend what it says, then connect again."

    async def create_fields(self, name: str, actor: Actor) -> Created:
        """Create the custom fields that AI output needs and the account lacks, but for what the owner has switched off.

        A right to make them is a comfort: without it everything else goes on, and a person can make them there."""
        at = self._desk.connections.named(name)
        if at.is_tool:
            raise InputError(f"{name} is an AI tool; its fields are created at an ATS.", hint="Name the ATS.")
        if at.row.mode not in (Mode.LIVE, Mode.SHADOW) and at.row.label is not Label.SIMULATOR:
            raise ForbiddenError(
                f"{name} is in mode {at.row.mode}: nothing is created there.",
                hint=f"Promote it first: bascule connections mode {name} shadow",
            )
        if at.row.stopped is not None:
            raise ForbiddenError(f"{name}: {at.row.stopped.words}", hint=f"bascule connections release {name}")
        wanted = wanted_fields(at)
        await self._feeds.learn(at)  # what others have changed there is told, before we change anything ourselves
        try:
            tenant, setups = await provision(at.client, wanted, self._desk.runtime.sleep)
            done = Created(tuple(setup.name for setup in setups))
        except PermissionMissingError as error:
            tenant = await patiently(at.client, at.connector.discover, self._desk.runtime.sleep)
            left = {setup.name for setup in at.connector.setup(tenant, wanted)}
            made = (setup.name for setup in at.connector.setup(at.tenant, wanted) if setup.name not in left)
            done = Created(tuple(made), tuple(sorted(left)), f"{error} {_meanwhile(at)}".rstrip(), error.hint or "")
        await self._feeds.keep(at, tenant, ours=True)
        await self._desk.note(
            actor, "custom fields created", connection=at.id, detail={"fields": done.fields, "refused": done.refused}
        )
        self._desk.reload()
        return done

    async def set_credentials(self, name: str, given: Mapping[str, str], actor: Actor) -> None:
        """New credentials: tried first, so that a good one is never replaced by an error; then work resumes. `expires`
        among them is the day they end, where the system does not say so itself."""
        at = self._desk.connections.named(name)
        given, ends = dict(given), _day(given.get("expires", ""))
        given.pop("expires", None)
        merged = {**at.secrets, **given}
        consented = REFRESH in merged and REFRESH not in given  # the consent goes on, as the store keeps it
        probe = at.client.with_secrets(merged) if consented else self._client(at.row, at.connector, merged)
        await self._tried(probe, at.connector)
        merged |= probe.renewed

        def unit(tx: Tx) -> None:
            tx.connections.set_credentials(at.id, merged)
            row = tx.connections.get(at.id)
            tx.connections.set(replace(row, paused="", settings={**row.settings, ENDS: ends}))
            tx.notices.close(at.row.workspace, "credentials ending", at.id, now=self._desk.now())
            self._desk.connections.answered(tx, at.id, self._desk.now())
            incidents.over(tx, at.id, Cause.CREDENTIALS, Cause.PAUSE, now=self._desk.now())
            self._goes_on(tx, at)
            tx.notices.close(at.row.workspace, "disconnected", at.id, now=self._desk.now())
            tx.audit.record(
                workspace=at.row.workspace,
                at=self._desk.now(),
                action="credentials changed",
                actor=actor,
                connection=at.id,
            )

        await self._desk.store.write(unit)
        self._desk.reload()

    async def _tried(self, probe: Client, connector: Connector) -> Tenant:
        """The account, as these credentials show it. Raises what the system answers."""
        try:
            return await patiently(probe, connector.discover, self._desk.runtime.sleep)
        except RemoteError as error:
            if probe.renewed:
                used_up = "This try has used the refresh token up: consent again for a new one."
                error.hint = f"{error.hint} {used_up}".strip()
            raise
        finally:
            await probe.close()

    async def pause(self, name: str, actor: Actor, why: str = "") -> None:
        """Nothing is read or written until `resume`; what arrives waits."""
        await self._set_paused(name, why or f"paused by {actor.name or 'a person'}", actor, "paused")

    async def resume(self, name: str, actor: Actor) -> None:
        await self._set_paused(name, "", actor, "resumed")
        at = self._desk.connections.named(name)
        await self._desk.store.write(lambda tx: self._goes_on(tx, at))
        self._desk.reload()

    def _goes_on(self, tx: Tx, at: Connected) -> None:
        """What is to be written there, and the lists that were refused meanwhile, need not wait for their next try."""
        now = self._desk.now()
        held_until(tx, at.id, now)
        tx.writes.wake(at.id, now=now)
        tx.tasks.wake(at.row.workspace, at.id, now=now)
        reads_on(tx, at, now, now + SOON)

    async def _set_paused(self, name: str, why: str, actor: Actor, action: str) -> None:
        at = self._desk.connections.named(name)

        def unit(tx: Tx) -> None:
            row = tx.connections.get(at.id)
            tx.connections.set(replace(row, paused=why))
            if why:
                incidents.begins(tx, row, Cause.PAUSE, why, since=self._desk.now())
            else:
                incidents.over(tx, at.id, Cause.CREDENTIALS, Cause.PAUSE, now=self._desk.now())
            if not why and tx.connections.cursor(at.id, VANISHED) == ASKED:
                tx.connections.set_cursor(at.id, VANISHED, AGREED, now=self._desk.now())
                tx.notices.close(at.row.workspace, VANISHED, at.id, now=self._desk.now())
            tx.audit.record(
                workspace=at.row.workspace,
                at=self._desk.now(),
                action=f"connection {action}",
                actor=actor,
                connection=at.id,
                detail={"why": why},
            )

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        self._desk.reload()

    async def remove(self, name: str, actor: Actor) -> None:
        """Take a connection away: its lanes and credentials go, and what its owner was asked to mend; records and
        history stay, and the question whether somebody who was anonymised there is erased here."""
        at = self._desk.connections.named(name)

        def unit(tx: Tx) -> None:
            now = self._desk.now()
            incidents.over(tx, at.id, *Cause, now=now)
            tx.notices.close_of(at.row.workspace, at.id, kept=ANONYMISED, now=now)
            tx.gaps.close_of(at.id)
            earned = tx.workspaces.setting(at.row.workspace, AUTOMATIC)
            keys = [key for key in earned if key.endswith(f"|{name}")] if isinstance(earned, Mapping) else []
            lose(tx, at.row.workspace, keys, f"{name} was taken away", now, connection=at.id, actor=actor)
            tx.connections.remove(at.id)
            tx.audit.record(
                workspace=at.row.workspace,
                at=self._desk.now(),
                action="connection removed",
                actor=actor,
                connection=at.id,
                detail={"name": name},
            )

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        self._desk.reload()

    async def backfill(self, name: str, actor: Actor) -> None:
        """Read everything the system holds, from the first page on."""
        at = self._desk.connections.named(name)
        now = self._desk.now()
        await self._desk.store.write(lambda tx: self._backfills.start(tx, at, now))
        await self._desk.note(actor, "backfill started", connection=at.id)
        self._desk.wake()

    async def progress(self, name: str) -> Progress:
        return await self._backfills.progress(self._desk.connections.named(name))

    def hook_url(self, at: Connected) -> str:
        """Where the system is to send its webhooks; where it signs none, the secret is the last part of it. For an AI
        tool it is the door it comes to."""
        if at.is_tool:
            return f"{self._desk.settings.address}/api/tools/v1"
        unsigned = at.connector.webhook is not None and isinstance(at.connector.webhook.verify, Unsigned)
        return f"{self._desk.settings.address}/hooks/{at.row.name}{'/<secret>' if unsigned else ''}"


def _day(text: str) -> str:
    """A day as it is kept, "" for none. InputError if it cannot be read."""
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise InputError(f"{text!r} is no day.", hint="Write it as 2027-01-31.") from None


def _meanwhile(at: Connected) -> str:
    """Where output stands as long as it has no fields."""
    by_note = "Until the fields are there, the score and its reasons stand in a note of the applicant."
    return by_note if Kind.NOTE in at.connector.creates else ""


def wanted_fields(at: Connected) -> list[str]:
    """What is written there into fields of its own: the matcher's output, what is said on hosted pages, that of AI
    tools by tool; but for what the owner has switched off."""
    off = switched_off(at.connector.fields(at.tenant, at.id), Chosen.read(at.row.choices))
    ours = [spec.name for spec in FIELDS[Kind.APPLICATION].values() if spec.cls in OURS and spec.name != "tools"]
    tools = [tool_field(tool, name) for tool in at.tools for name in TOOL_FIELDS]
    return [name for name in (*ours, *tools) if (Kind.APPLICATION, name) not in off]
