"""Connections: one workspace's account at one system, its cursors, and whether it may be called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ..errors import ConflictError, NotFoundError, StaleError
from ..model import EMPTY, Fields, Label, Mode, Scope, Value
from . import statements as s
from .codec import codec, dumps, loads, maybe_moment, maybe_stamp, moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx

_SCOPE = codec(Scope)


class Call(StrEnum):
    """May a connection be called now?"""

    OPEN = "open"
    WAIT = "wait"
    PROBE = "probe"  # it was broken: this one call finds out


class Stopped(StrEnum):
    """What of a connection a person can stop. Both may be stopped at once, and each is released by itself."""

    WRITES = "writes"  # everything that is written there, and what MESSAGES stops
    MESSAGES = "messages"  # messages to candidates about their applications there; writing goes on


@dataclass(frozen=True, slots=True)
class Stop:
    """Who stopped a connection's writes, or its messages to candidates, why, and when."""

    by: str
    why: str
    at: datetime
    what: Stopped = Stopped.WRITES

    @property
    def words(self) -> str:
        """ "Writes stopped by Olga Owner since 2026-11-20 09:00 UTC: the wrong template"."""
        what = "Writes" if self.what is Stopped.WRITES else "Messages to candidates"
        return f"{what} stopped by {self.by} since {self.at:%Y-%m-%d %H:%M} UTC: {self.why}"


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection. `choices` is the mapping as the owner chose it; `tenant` what was learned of the account.

    `paused` is the reason it stands still until a person acts ("" if it does not). `broken` says why calls to it wait
    until `not_before`. `stopped`: nothing is written to it until a person releases it, `messages_stopped`: no message
    about its applications leaves; reading goes on. Credentials are not part of it: `tx.connections.credentials`.
    """

    id: str
    workspace: str
    name: str
    system: str
    label: Label
    base_url: str
    created: datetime
    mode: Mode = Mode.OBSERVE
    scope: Scope = field(default_factory=Scope)
    settings: Fields = field(default_factory=lambda: EMPTY)
    tenant: Fields = field(default_factory=lambda: EMPTY)
    choices: Fields = field(default_factory=lambda: EMPTY)
    mapping_version: int = 1
    rank: int = 0
    owner: str = ""
    paused: str = ""
    live_since: datetime | None = None
    crawled: bool = False
    not_before: datetime | None = None
    broken: str = ""
    probe_until: datetime | None = None
    stopped: Stop | None = None
    messages_stopped: Stop | None = None


class Connections:
    """`tx.connections`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, connection: Connection) -> None:
        """ConflictError if the workspace has one of that name."""
        try:
            self._tx.run(
                s.CONNECTION_ADD,
                workspace=connection.workspace,
                **_columns(connection),
                created=stamp(connection.created),
            )
        except StaleError:
            raise ConflictError(f"There is a connection named {connection.name} already.") from None

    def set(self, connection: Connection) -> None:
        """Keep all of it but workspace, creation time, whether it may be called, and a stop.
        NotFoundError if it is gone."""
        if not self._tx.run(s.CONNECTION_SET, **_columns(connection)):
            raise NotFoundError(f"There is no connection {connection.name}.")

    def get(self, id: str) -> Connection:
        """NotFoundError if there is none."""
        row = self._tx.row(s.CONNECTION, id=id)
        if row is None:
            raise NotFoundError(f"There is no connection {id}.")
        return _connection(row)

    def named(self, workspace: str, name: str) -> Connection:
        """NotFoundError if there is none."""
        row = self._tx.row(s.CONNECTION_NAMED, workspace=workspace, name=name)
        if row is None:
            raise NotFoundError(f"There is no connection named {name}.", hint="List them: bascule connections list")
        return _connection(row)

    def list(self, workspace: str = "") -> list[Connection]:
        """All of a workspace, or all, by rank and name."""
        return [_connection(row) for row in self._tx.rows(s.CONNECTIONS, workspace=workspace)]

    def remove(self, id: str) -> None:
        """Take the connection, its lanes, cursors, budgets and delivered bodies away. Links and history stay."""
        for sql in s.CONNECTION_REMOVE:
            self._tx.run(sql, id=id)

    # ------------------------------------------------------------------------------------------------ credentials

    def credentials(self, id: str) -> Fields:
        """Unsealed; empty if none were given. NotFoundError if the connection is gone."""
        row = self._tx.row(s.CREDENTIALS, id=id)
        if row is None:
            raise NotFoundError(f"There is no connection {id}.")
        return EMPTY if row[1] is None else loads(self._tx.vault.open(bytes(row[1])).decode())

    def set_credentials(self, id: str, credentials: Fields) -> None:
        """Sealed with the workspace's key."""
        workspace = self.get(id).workspace
        sealed = self._tx.vault.seal(workspace, None, dumps(credentials).encode())
        self._tx.run(s.CREDENTIALS_SET, id=id, sealed=sealed)

    # ------------------------------------------------------------------------------------------- may it be called

    def wait(self, id: str, *, until: datetime) -> None:
        """No calls before `until` (429: exactly as told). It is not broken."""
        self._tx.run(s.CONNECTION_WAIT, id=id, until=stamp(until))

    def hold_off(self, id: str, *, until: datetime, why: str) -> None:
        """It is down: no calls before `until`, then one probe at a time until `healthy`."""
        self._tx.run(s.CONNECTION_HOLD, id=id, until=stamp(until), why=why or "down")

    def is_down(self, id: str) -> bool:
        """Whether it is held to be down, until it answers."""
        return bool(self.get(id).broken)

    def may_call(self, id: str, *, now: datetime, probe_until: datetime | None) -> Call:
        """OPEN, WAIT, or PROBE: the caller's one call, expected to end before `probe_until`, finds out. None: this
        caller does not probe."""
        connection = self.get(id)
        if connection.not_before is not None and connection.not_before > now:
            return Call.WAIT
        if not connection.broken:
            return Call.OPEN
        if probe_until is None:
            return Call.WAIT
        taken = self._tx.run(s.CONNECTION_PROBE, id=id, now=stamp(now), until=stamp(probe_until))
        return Call.PROBE if taken else Call.WAIT

    def stop(self, id: str, stop: Stop) -> None:
        """From this commit on no lane of writes is leased and none goes on, or no message about its applications is
        handed over."""
        told = dumps({"by": stop.by, "why": stop.why, "at": stamp(stop.at)})
        self._tx.run(_STOPS[stop.what], id=id, stopped=told)

    def release(self, id: str, what: Stopped) -> None:
        """The stop of this is no more."""
        self._tx.run(_STOPS[what], id=id, stopped=None)

    def stopped(self, id: str, what: Stopped = Stopped.WRITES) -> Stop | None:
        """The stop of its writes, or of its messages alone, if any."""
        row = self._tx.row(s.CONNECTION_STOPPED, id=id)
        return None if row is None else _stop(row[what is Stopped.MESSAGES], what)

    def silenced(self, id: str) -> Stop | None:
        """The stop that holds its messages to candidates: their own, else that of all writes."""
        return self.stopped(id, Stopped.MESSAGES) or self.stopped(id)

    def healthy(self, id: str) -> bool:
        """It answered: everybody may call. True if it was broken."""
        return self._tx.run(s.CONNECTION_HEALTHY, id=id) > 0

    # ---------------------------------------------------------------------------------------------------- cursors

    def cursor(self, id: str, name: str) -> Value:
        """A feed's or a backfill's place; None if there is none."""
        row = self._tx.row(s.CURSOR, connection=id, name=name)
        return None if row is None else loads(row[0])

    def cursors(self, id: str) -> Mapping[str, tuple[Value, datetime]]:
        """All of them, with when they moved."""
        return {name: (loads(value), moment(at)) for name, value, at in self._tx.rows(s.CURSORS, connection=id)}

    def set_cursor(self, id: str, name: str, value: Value, *, now: datetime) -> None:
        self._tx.run(s.CURSOR_SET, connection=id, name=name, value=dumps(value), now=stamp(now))

    def drop_cursor(self, id: str, name: str) -> None:
        self._tx.run(s.CURSOR_DROP, connection=id, name=name)


def _columns(connection: Connection) -> dict[str, Any]:
    return {
        "id": connection.id,
        "name": connection.name,
        "system": connection.system,
        "label": connection.label,
        "base_url": connection.base_url,
        "mode": connection.mode,
        "scope": _SCOPE.text(connection.scope),
        "settings": dumps(connection.settings),
        "tenant": dumps(connection.tenant),
        "choices": dumps(connection.choices),
        "mapping_version": connection.mapping_version,
        "rank": connection.rank,
        "owner": connection.owner,
        "paused": connection.paused,
        "live_since": maybe_stamp(connection.live_since),
        "crawled": connection.crawled,
    }


def _connection(row: Row) -> Connection:
    (
        id, workspace, name, system, label, base_url, mode, scope, settings, tenant, choices,
        mapping_version, rank, owner, paused, live_since, crawled, created, not_before, broken, probe_until, stopped,
        messages_stopped,
    ) = row  # fmt: skip
    return Connection(
        id=id,
        workspace=workspace,
        name=name,
        system=system,
        label=Label(label),
        base_url=base_url,
        created=moment(created),
        mode=Mode(mode),
        scope=_SCOPE.read(scope),
        settings=loads(settings),
        tenant=loads(tenant),
        choices=loads(choices),
        mapping_version=mapping_version,
        rank=rank,
        owner=owner,
        paused=paused,
        live_since=maybe_moment(live_since),
        crawled=bool(crawled),
        not_before=moment(not_before) if not_before else None,
        broken=broken,
        probe_until=moment(probe_until) if probe_until else None,
        stopped=_stop(stopped, Stopped.WRITES),
        messages_stopped=_stop(messages_stopped, Stopped.MESSAGES),
    )


def _stop(text: str | None, what: Stopped) -> Stop | None:
    if text is None:
        return None
    kept = loads(text)
    return Stop(kept["by"], kept["why"], moment(kept["at"]), what)


_STOPS = {Stopped.WRITES: s.CONNECTION_STOP, Stopped.MESSAGES: s.CONNECTION_STOP_MESSAGES}
