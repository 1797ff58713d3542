"""A connection that lives by a user's consent: renewed by one process at a time, kept before it is used, watched.

And every credential whose end is known: the owner is told ahead of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bascule.errors import DisconnectedError, LeaseLostError, RemoteError, StoreUnavailableError, UnavailableError
from bascule.store import Store, Tx
from bascule.store.consents import Consent
from bascule.store.tasks import TaskLease

from .connections import Connected, Connections
from .runtime import Runtime
from .signin import REFRESH, Renew, Token

CREDENTIALS = "credentials"  # the task
WATCH_EVERY = 900.0  # seconds between two looks at when a credential ends
EARLIEST = timedelta(days=14)  # the owner is told this long before a credential ends, or ...
SHARE = 4  # ... when so much of a consent's whole life is left, whichever is later
LOOK_AGAIN = 0.2  # seconds between two looks at what another process is renewing
ENDS = "credentials_end"  # setting: the day a credential ends, as its owner entered it


@dataclass(frozen=True, slots=True)
class _Turn:
    """It is ours to renew, with this refresh token, until our lease ends."""

    refresh: str
    ends: datetime


class Kept:
    """The keeper of one connection's consent, for all processes. (`engine.signin.Keeper`)"""

    renewed = ""  # the store keeps it

    def __init__(self, store: Store, runtime: Runtime, workspace: str, connection: str, timeout: float) -> None:
        self._store = store
        self._runtime = runtime
        self._workspace = workspace
        self._connection = connection
        self._timeout = timedelta(seconds=timeout)

    async def token(self, entered: str, refused: str, renew: Renew) -> Token:
        """See `Keeper`. A refresh token that is refused while another process renews is no refusal: theirs counts."""
        patient = self._runtime.now() + 4 * self._timeout
        while True:
            found = await self._store.write(lambda tx: self._found(tx, entered, refused))
            if isinstance(found, Token):
                return found
            if isinstance(found, _Turn):
                try:
                    token = await self._renew(found, renew)
                except LeaseLostError:  # we slept before it was sent: nothing is used up
                    continue
                if token is not None:
                    return token
            elif self._runtime.now() >= patient:
                raise UnavailableError("The sign-in is being renewed by another process, which does not end.")
            else:
                await self._runtime.sleep(LOOK_AGAIN)

    def _found(self, tx: Tx, entered: str, refused: str) -> Token | _Turn | None:
        """A good token, the turn to renew, or None while somebody else has it."""
        now = self._runtime.now()
        kept = tx.consents.get(self._connection, entered) or tx.consents.begin(
            self._workspace, self._connection, entered
        )
        if kept.access and kept.access != refused and kept.until > now:
            return Token(kept.access, kept.until)
        if kept.leased > now:
            return None
        ends = now + 2 * self._timeout
        tx.consents.lease(self._connection, until=ends)
        return _Turn(kept.refresh, ends)

    async def _renew(self, turn: _Turn, renew: Renew) -> Token | None:
        """Renew, and keep what came before anybody uses it. None when another process was faster all the same."""

        def check() -> None:
            if self._runtime.now() + self._timeout >= turn.ends:
                raise LeaseLostError

        try:
            made = await renew(turn.refresh, check)
        except RemoteError as error:
            if await self._failed(turn.refresh, error):
                return None
            raise
        now = self._runtime.now()
        kept = Consent(made.refresh, made.token.value, made.token.until, made.ends, now, now, "", None)

        def keep(tx: Tx) -> bool:
            return tx.consents.keep(self._workspace, self._connection, turn.refresh, kept, now=now)

        while True:  # it is nowhere else: a database that restarts is waited for as long as this process lives
            try:
                return made.token if await self._store.write(keep) else None
            except StoreUnavailableError:
                await self._runtime.sleep(1.0)

    async def _failed(self, used: str, error: RemoteError) -> bool:
        """Note why, leave the credential alone; whether another process has renewed it meanwhile."""

        def unit(tx: Tx) -> bool:
            kept = tx.consents.get(self._connection)
            if isinstance(error, DisconnectedError) and kept is not None and kept.refresh != used:
                return True
            tx.consents.failed(self._connection, f"{error} {error.words}".strip(), now=self._runtime.now())
            return False

        return await self._store.write(unit)


# -------------------------------------------------------------------------------------------------------- their ends


@dataclass(frozen=True, slots=True)
class Ending:
    """When a connection's credential ends (None: nobody knows of an end), and from when on the owner is told."""

    ends: datetime | None = None
    tell: datetime | None = None
    consent: Consent | None = None

    def told(self, now: datetime) -> bool:
        return self.tell is not None and now >= self.tell


def ending(tx: Tx, at: Connected) -> Ending:
    """Of a consent as it was last renewed; of anything else as its owner entered it."""
    consent = tx.consents.seen(at.id, at.secrets[REFRESH]) if at.secrets.get(REFRESH) else None
    if consent is not None and consent.ends is not None and consent.renewed is not None:
        life = consent.ends - consent.renewed
        return Ending(consent.ends, consent.ends - min(EARLIEST, life / SHARE), consent)
    entered = at.row.settings.get(ENDS)
    if isinstance(entered, str) and entered:
        ends = datetime.fromisoformat(entered).replace(tzinfo=UTC)
        return Ending(ends, ends - EARLIEST, consent)
    return Ending(consent=consent)


class Watch:
    """The handler of the task "credentials": consents renewed in good time, owners told of ends ahead of time."""

    def __init__(self, runtime: Runtime, connections: Connections) -> None:
        self._runtime = runtime
        self._connections = connections

    async def look(self, task: TaskLease) -> float | None:
        """One connection. A paused one keeps its consent as well; one whose credentials were refused has none."""
        at = await self._connections.find(task.key)
        if at is None:
            return None
        found = await self._connections.store.read(lambda tx: ending(tx, at))
        if found.consent is not None and found.ends is not None and found.consent.renewed is not None:
            half = found.consent.renewed + (found.ends - found.consent.renewed) / 2
            if self._runtime.now() >= half and not (at.row.paused and found.consent.error):
                try:
                    await at.client.renew()
                finally:
                    await self._connections.store.write(lambda tx: self._tell(tx, at))
                return WATCH_EVERY
        await self._connections.store.write(lambda tx: self._tell(tx, at))
        return WATCH_EVERY

    def _tell(self, tx: Tx, at: Connected) -> None:
        now, name = self._runtime.now(), at.row.name
        found = ending(tx, at)
        if not found.told(now) or found.ends is None:
            tx.notices.close(at.row.workspace, "credentials ending", at.id, now=now)
            return
        text = (
            f"{name}: its credentials end on {found.ends:%Y-%m-%d %H:%M} UTC. "
            f"Enter new ones before: bascule connections credentials {name}"
        )
        tx.notices.put(at.row.workspace, "credentials ending", at.id, text, now=now, connection=at.id)
