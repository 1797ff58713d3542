"""Every connection of this installation, ready to talk: its row, its connector, its client and its mapping.

Rows are re-read when they change; clients and compiled mappings are kept. Nothing here talks by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bascule.connectors.aitool import SYSTEM as TOOL
from bascule.connectors.spec import Automation, Connector, CustomField, Tenant
from bascule.connectors.tools import with_tools
from bascule.core import gates, mapping, retry
from bascule.errors import (
    BudgetSpentError,
    DisconnectedError,
    NotFoundError,
    PermissionMissingError,
    RemoteError,
    ThrottledError,
    UnavailableError,
)
from bascule.model import FIELDS, Actor, ActorKind, ConnectionView, Family, Fields, Kind, Record
from bascule.store import Store, Tx
from bascule.store.connections import Connection
from bascule.store.incidents import Cause

from . import incidents
from .http import Client
from .rates import Purse
from .runtime import Runtime

HELD = "writes held"  # the cursor: until when writes waited for a person, a stop or an outage
PROBES = (
    timedelta(seconds=5),
    timedelta(minutes=2),
)  # between two probes of a system that is down, at least and at most
PROBE_SHARE = 4  # ... and between them a quarter of the time that it has been down


@dataclass(frozen=True, slots=True)
class Connected:
    """One connection, ready to talk."""

    row: Connection
    connector: Connector
    tenant: Tenant
    view: ConnectionView
    client: Client
    secrets: Mapping[str, str] = field(repr=False)
    references: Mapping[Kind, tuple[tuple[str, Kind], ...]]  # which fields of a kind name objects of which kind
    never_kept: frozenset[str]  # keys that are dropped from everything the system sends us by itself
    tools: tuple[str, ...] = ()  # the AI tools of the workspace, each of which has fields of its own

    @property
    def is_tool(self) -> bool:
        """Whether it is an AI tool, which comes to our door and is never asked."""
        return self.row.system == TOOL

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def classes(self) -> frozenset[str]:
        """The endpoint classes whose rate is limited."""
        return frozenset(self.connector.rates)

    def paid_from(self, purse: Purse) -> Connected:
        """The same connection, every request of which is paid from this purse."""
        return replace(self, client=self.client.within(purse))


class Connections:
    """The connections by id and by name, compiled for planning, delivery and reading."""

    def __init__(
        self,
        store: Store,
        runtime: Runtime,
        connector: Callable[[str], Connector],
        make_client: Callable[[Connection, Connector, Mapping[str, str]], Client],
        *,
        timeout: float,
    ) -> None:
        self.store = store
        self._runtime = runtime
        self._connector = connector
        self._make_client = make_client
        self.timeout = timedelta(seconds=timeout)
        self._by_id: dict[str, Connected] = {}
        self._refreshing = asyncio.Lock()  # what was loaded earlier must not replace what was loaded later
        self._identities: dict[tuple[str, str], str] = {}  # (connection, user id) -> external user id
        self.heard: dict[str, datetime] = {}  # connection -> when it last let something through
        self.ruled: frozenset[str] = frozenset()  # workspaces of which a trigger is in force
        self.pinged: Callable[[str], None] = lambda _connection: None
        self.changed: Callable[[], None] = lambda: None  # a row has changed in a commit: `refresh` is due

    # -------------------------------------------------------------------------------------------------------- loading

    async def refresh(self) -> None:
        """Take over what has changed in the connections' rows, credentials and users."""
        async with self._refreshing:
            await self._refresh()

    async def _refresh(self) -> None:
        def load(
            tx: Tx,
        ) -> tuple[list[Connection], dict[str, dict[str, str]], dict[tuple[str, str], str], frozenset[str]]:
            rows = tx.connections.list()
            spaces = {row.workspace for row in rows}
            ruled = frozenset(one for one in spaces if tx.workspaces.setting(one, TRIGGERS_ON))
            people = {
                (connection, user.id): external
                for row in spaces
                for user in tx.people.users(row)
                for connection, external in user.identities.items()
            }
            given = {row.id: {k: str(v) for k, v in tx.connections.credentials(row.id).items()} for row in rows}
            return rows, given, people, ruled

        rows, secrets, self._identities, self.ruled = await self.store.read(load)
        fresh: dict[str, Connected] = {}
        for row in rows:
            old = self._by_id.get(row.id)
            tools = tuple(sorted(one.name for one in rows if one.system == TOOL and one.workspace == row.workspace))
            if old is not None and (old.row, old.secrets, old.tools) == (row, secrets[row.id], tools):
                fresh[row.id] = old
                continue
            fresh[row.id] = self._connect(row, secrets[row.id], old, tools)
        for gone in self._by_id.keys() - fresh.keys():
            await self._by_id[gone].client.close()
        self._by_id = fresh

    def _connect(
        self, row: Connection, secrets: Mapping[str, str], old: Connected | None, tools: tuple[str, ...]
    ) -> Connected:
        tenant = tenant_from(row.tenant)
        connector = with_tools(as_had(self._connector(row.system), tenant, row.settings), tools)
        same_account = (
            old is not None
            and old.secrets == secrets
            and (old.row.base_url, _account(old.row.settings)) == (row.base_url, _account(row.settings))
        )
        client = old.client if old is not None and same_account else self._make_client(row, connector, secrets)
        chosen = mapping.Chosen.read(row.choices)
        proposed = connector.fields(tenant, row.id)
        by_kind = mapping.apply(proposed, chosen)
        creates = mapping.creations(connector.creates, proposed, chosen)
        view = ConnectionView(
            id=row.id,
            name=row.name,
            mode=row.mode,
            fields=by_kind,
            creates=creates,
            deletes=connector.deletes,
            erases={k: rule for k, rule in connector.erases.items() if k in creates or k not in connector.creates},
            merges=connector.merges,
            scope=row.scope,
            live_since=row.live_since,
            crawled=row.crawled,
            settle=connector.settle,
            late=connector.late,
            rank=row.rank,
            mapping_version=row.mapping_version,
            once=frozenset(call for call, sends in connector.sends.items() if not sends.repeatable),
            same=chosen.same,
            takes=taken(row.settings),
        )
        if old is not None and old.tools != tools:
            client = client.speaking(connector)
        client = client.knowing(tenant)
        never = _never_kept(connector)
        return Connected(row, connector, tenant, view, client, secrets, _references(view), never, tools)

    def as_if(self, row: Connection) -> Connected:
        """The connection as it would be with this row: its mapping compiled, nothing kept."""
        at = self.get(row.id)
        return self._connect(row, at.secrets, at, at.tools)

    async def close(self) -> None:
        for one in self._by_id.values():
            await one.client.close()

    # -------------------------------------------------------------------------------------------------------- asking

    def get(self, id: str) -> Connected:
        try:
            return self._by_id[id]
        except KeyError:
            raise NotFoundError(
                f"There is no connection {id}.", hint="`bascule connections list` names them."
            ) from None

    def known(self, id: str) -> Connected | None:
        return self._by_id.get(id)

    async def find(self, id: str) -> Connected | None:
        """The connection, also where another process has just added it; None when there is none (any more)."""
        if id not in self._by_id:
            await self.refresh()
        return self._by_id.get(id)

    def named(self, name: str, workspace: str = "") -> Connected:
        """A connection by its name or id (in any workspace, where the name is unique)."""
        if name in self._by_id:
            return self._by_id[name]
        hits = [c for c in self._by_id.values() if c.row.name == name and workspace in ("", c.row.workspace)]
        if len(hits) != 1:
            known = ", ".join(sorted(c.row.name for c in self._by_id.values())) or "none"
            raise NotFoundError(
                f"There is no connection named {name!r}; there are: {known}.", hint="See: bascule connections list"
            )
        return hits[0]

    def all(self) -> Sequence[Connected]:
        return tuple(self._by_id.values())

    def labels(self, workspace: str) -> dict[str, str]:
        """Name -> what stands at the other end (simulator, vendor sandbox or live), of every connection."""
        return {at.row.name: str(at.row.label) for at in self.all() if at.row.workspace == workspace}

    def ids(self) -> tuple[str, ...]:
        return tuple(self._by_id)

    def views(self, workspace: str) -> Mapping[str, ConnectionView]:
        return {c.id: c.view for c in self._by_id.values() if c.row.workspace == workspace}

    def acts_as(self, at: Connected, actor: Actor) -> str:
        """The system's own id of the user a person is mapped to; "" is the service user."""
        return self._identities.get((at.id, actor.id), "") if actor.kind is ActorKind.PERSON else ""

    def working(self, at: Connected, now: datetime) -> bool:
        """Whether anything may be asked of this connection now."""
        return not at.row.paused and (at.row.not_before is None or at.row.not_before <= now)

    # -------------------------------------------------------------------------------------------------------- reading

    async def number(self) -> tuple[int, datetime]:
        """A read's number and start, drawn before the first request leaves."""
        number = await self.store.write(lambda tx: tx.number())
        return number, self._runtime.now()

    async def children(self, at: Connected, root: Kind, externals: Sequence[str]) -> dict[tuple[Kind, str], str]:
        """Children already linked there: (kind, external id) -> root's external id."""
        return await self.store.read(lambda tx: self.children_in(tx, at, root, externals))

    def children_in(self, tx: Tx, at: Connected, root: Kind, externals: Sequence[str]) -> dict[tuple[Kind, str], str]:
        found = tx.families.resolve(at.id, [(root, external) for external in externals])
        families = tx.families.families({one.family for one in found.values()})
        return {
            child: home
            for family in families.values()
            for external in externals
            for child, home in children_of(family, at.id, root, external).items()
        }

    # --------------------------------------------------------------------------------------------------------- errors

    def note_error(self, tx: Tx, at: Connected, error: RemoteError, now: datetime) -> None:
        """What an error means for the whole connection: refused credentials pause it, a busy or broken system waits; of
        a missing right the owner is told."""
        if isinstance(error, DisconnectedError):
            if self.replaced(tx, at):
                tx.after_commit(self.changed)
                return
            row = tx.connections.get(at.id)
            why = f"{at.connector.label} refused our credentials: {error.words or error}"
            tx.connections.set(replace(row, paused=why))
            incidents.begins(tx, row, Cause.CREDENTIALS, why, since=now)
            name = at.row.name
            text = f"{name}: the credentials were refused. Enter new ones: bascule connections credentials {name}"
            tx.notices.put(at.row.workspace, "disconnected", at.id, text, now=now, connection=at.id)
        elif isinstance(error, BudgetSpentError):
            return
        elif isinstance(error, ThrottledError):
            wait = error.retry_after or timedelta(0)
            incidents.throttled(tx, tx.connections.get(at.id), wait, self.heard.get(at.id), now)
            if error.retry_after is None:
                return  # the budget of that endpoint class is closed for a while
            tx.connections.wait(at.id, until=now + error.retry_after)
        elif isinstance(error, UnavailableError) and retry.says_down(error):
            self._down(tx, at, error, now)
        elif isinstance(error, PermissionMissingError):
            if tx.connections.get(at.id).settings.get("rights") != at.row.settings.get("rights"):
                tx.after_commit(self.changed)
                return  # it was asked before others were entered: tried again, it says what is missing still
            tx.notices.put(
                at.row.workspace, MISSING_RIGHT, at.id, connection=at.id, now=now, text=f"{at.row.name}: {error}"
            )
        else:
            return
        tx.after_commit(self.changed)

    def replaced(self, tx: Tx, at: Connected) -> bool:
        """Whether other credentials than these have been entered since: what they were refused says nothing now."""
        return tx.connections.credentials(at.id) != at.secrets

    def parked(self, tx: Tx, at: Connected, now: datetime, usual: timedelta) -> datetime:
        """When work is due again whose credentials were refused: at once where others have been entered since."""
        return now if self.replaced(tx, at) else now + usual

    def _down(self, tx: Tx, at: Connected, error: UnavailableError, now: datetime) -> None:
        """The system is down as a whole: everything waits, and one probe finds out, ever more rarely."""
        incident = tx.incidents.begin(at.row.workspace, at.id, Cause.OUTAGE, str(error), now=now)
        tx.incidents.lasts(incident)
        lasted = now - incident.began
        wait = error.retry_after or min(PROBES[1], max(PROBES[0], lasted / PROBE_SHARE))
        tx.connections.hold_off(at.id, until=now + wait, why=str(error))
        if lasted >= incidents.SHORT:
            name = at.row.name
            text = f"{name} is down since {incident.began:%Y-%m-%d %H:%M} UTC ({error}). What is written there waits."
            tx.notices.put(at.row.workspace, "outage", at.id, text, now=now, connection=at.id)

    def answered(self, tx: Tx, id: str, now: datetime) -> None:
        """The system answers: where it was down, what waited goes on, and the incident is over."""
        if not tx.connections.healthy(id):
            return
        tx.after_commit(self.changed)
        held_until(tx, id, now)
        incidents.over(tx, id, Cause.OUTAGE, now=now)
        tx.notices.close(tx.connections.get(id).workspace, incidents.NOTICE[Cause.OUTAGE], id, now=now)


def held_until(tx: Tx, connection: str, now: datetime) -> None:
    """What is to be written there may have waited until now for a person, a stop or an outage: how long it took says
    nothing of how soon a write arrives."""
    tx.connections.set_cursor(connection, HELD, now.isoformat(), now=now)


def held(tx: Tx, connection: str) -> datetime | None:
    """Until when writes last waited so; None where they never did."""
    kept = tx.connections.cursor(connection, HELD)
    return datetime.fromisoformat(kept) if isinstance(kept, str) else None


def covered(tx: Tx, at: Connected, family: Family, record: Record) -> bool:
    """Whether the connection's mode covers a record of this family (`gates.in_scope`)."""
    jobs = {str(one.fields.get("job")) for one in family.records.values() if one.fields.get("job")}
    known = family.records if at.row.scope.whole or not jobs else tx.families.records(family.workspace, jobs)
    return gates.in_scope(at.view, record, family.records.values(), known)


def as_had(connector: Connector, tenant: Tenant, settings: Fields) -> Connector:
    """The connector with the lists that this account has."""
    given = {name: str(value) for name, value in settings.items() if value is not None}
    mine = [reads for reads in connector.reads if reads.where is None or reads.where(tenant, given)]
    return connector if len(mine) == len(connector.reads) else replace(connector, reads=mine)


def _never_kept(connector: Connector) -> frozenset[str]:
    dropped = {key for reads in connector.reads for key in reads.drop}
    return frozenset(dropped if connector.files is None else {*dropped, connector.files.url_field})


TRIGGERS_ON = "triggers.on"  # the setting that says that a trigger is in force
MISSING_RIGHT = "permission missing"  # a notice to the owner, until they say what was granted since
TAKES = "copy.from"  # the setting that says what of other systems is created at a connection


def taken(settings: Fields) -> dict[str, datetime]:
    """By the connection that records come from: since when they are created here too. Nothing is by itself."""
    told = settings.get(TAKES)
    if not isinstance(told, Mapping):
        return {}
    return {origin: datetime.fromisoformat(str(since)) for origin, since in told.items()}


def _account(settings: Fields) -> Fields:
    """The settings a client is made from. The owner's choices (names with a dot) leave it, its token and what it has
    learned of the rate as they are."""
    return {name: value for name, value in settings.items() if "." not in name}


def _references(view: ConnectionView) -> dict[Kind, tuple[tuple[str, Kind], ...]]:
    """(vendor field, kind it refers to), by the kind that has the field."""
    return {
        kind: tuple(
            dict.fromkeys(
                (mapped.name, spec.of)
                for mapped in fields
                for name in mapped.canonical
                if (spec := FIELDS[kind].get(name)) is not None and spec.of is not None
            )
        )
        for kind, fields in view.fields.items()
    }


def children_of(family: Family, connection: str, root: Kind, external: str) -> dict[tuple[Kind, str], str]:
    """What of a family hangs on this root object there: (kind, external id) -> the root's."""
    return {
        (link.kind, link.external): external
        for link in family.links.values()
        if link.connection == connection and link.open and link.kind != root and family.home_of(link) == external
    }


def tenant_from(data: Mapping[str, Any]) -> Tenant:
    """A tenant from its stored form."""
    kept: Mapping[str, Mapping[str, Any]] = data.get("custom", {})
    custom = {key: CustomField(**dict(one)) for key, one in kept.items()}
    return Tenant(
        custom=custom,
        facts=dict(data.get("facts", {})),
        granted=frozenset(data.get("granted", ())),
        fields=tuple((str(a), str(b), str(c)) for a, b, c in data.get("fields", ())),
        automations=tuple(_automation(one) for one in data.get("automations", ())),
        learned=datetime.fromisoformat(learned) if (learned := data.get("learned")) else None,
    )


def _automation(data: Mapping[str, Any]) -> Automation:
    made = Automation(**data)
    return replace(made, stages=tuple(made.stages), jobs=tuple(made.jobs))


def tenant_to(tenant: Tenant) -> dict[str, Any]:
    """A tenant as it is stored."""
    return {
        "custom": {
            key: {
                "id": f.id, "key": f.key, "name": f.name, "level": f.level, "type": f.type, "active": f.active,
                "private": f.private, "required": f.required, "options": dict(f.options),
            }
            for key, f in tenant.custom.items()
        },
        "facts": dict(tenant.facts),
        "granted": sorted(tenant.granted),
        "fields": [list(row) for row in tenant.fields],
        "automations": [asdict(one) for one in tenant.automations],
        "learned": tenant.learned.isoformat() if tenant.learned is not None else None,
    }  # fmt: skip
