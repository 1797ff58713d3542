"""One account and its connection in Bascule: connected as a customer does it, looked at from both ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bascule.app import App
from bascule.engine.connections import Connected
from bascule.errors import BasculeError
from bascule.model import Actor, ActorKind, Family, Kind, Mode, Record, RecordState
from bascule.office.accounts import NewConnection
from bascule.store import Tx
from bascule.store.people import User

from .accounts import Account
from .ats import Ats
from .ledger import Ledger

RECRUITER = "Robin Falk"  # the tenant's recruiter, who works on all its jobs
LOOK_AGAIN = 0.1
CRAWLED_WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class Side:
    """An account, its pages, what it told so far, and the connection to it."""

    account: Account
    ats: Ats
    ledger: Ledger
    app: App
    connection: str
    acts_as: str  # the recruiter's id there

    @property
    def at(self) -> Connected:
        return self.app.connections.get(self.connection)

    async def catch_up(self) -> None:
        """Read on in the account's list of changes."""
        changes, _ = await self.ats.changes(self.ledger.last)
        self.ledger.take(changes)

    async def family(self, candidate: int) -> Family | None:
        """A candidate of the account as Bascule holds them; None before they have arrived."""

        def query(tx: Tx) -> Family | None:
            key = (Kind.CANDIDATE, str(candidate))
            found = tx.families.resolve(self.connection, [key]).get(key)
            return None if found is None else tx.families.family(found.family)

        return await self.app.store.read(query)

    async def record(self, candidate: int, kind: Kind = Kind.CANDIDATE, external: int | None = None) -> Record:
        """The live record of one object of a candidate's. BasculeError when Bascule does not have it."""
        family = await self.family(candidate)
        wanted = str(candidate if external is None else external)
        link = family.link_at(self.connection, kind, wanted) if family is not None else None
        record = family.records.get(link.record) if family is not None and link is not None else None
        if record is None or record.state is not RecordState.LIVE:
            raise BasculeError(f"Bascule does not hold the {kind} {wanted} of {self.account.name}.")
        return record


async def connect(
    app: App, account: Account, ats: Ats, person: User, base: str, *, mode: Mode = Mode.LIVE, rights: Sequence[str] = ()
) -> Side:
    """Credential (with these rights besides), connection, first crawl, promotion, custom fields, webhook, and who the
    person is over there."""
    actor = Actor(ActorKind.PERSON, person.id, person.name)
    rights = sorted({*app.grants.least("greenhouse"), *rights})
    client_id, secret = await ats.make_credential("Bascule", rights)
    new = NewConnection(
        account.name, "greenhouse", f"{account.url}/v3",
        settings={"client_id": client_id, "app_url": account.url}, secrets={"client_secret": secret}, granted=rights,
    )  # fmt: skip
    at = await app.accounts.connect(new, actor)
    await _crawled(app, account.name)
    await app.accounts.set_mode(account.name, mode, actor)
    await app.accounts.create_fields(account.name, actor)
    await ats.add_webhook("Bascule", f"{base}/hooks/{account.name}", at.secrets["webhook_secret"])
    jobs = {id: title for title, id in (await ats.open_jobs()).items()}
    recruiter = await ats.user_id(RECRUITER)
    _, last = await ats.changes(0)
    return Side(account, ats, Ledger(account.tier, jobs, last), app, at.id, recruiter)


async def _crawled(app: App, name: str) -> None:
    """Wait until the account has been read whole."""
    try:
        async with asyncio.timeout(CRAWLED_WITHIN):
            while (await app.accounts.progress(name)).state != "done":
                await asyncio.sleep(LOOK_AGAIN)
    except TimeoutError:
        progress = await app.accounts.progress(name)
        raise BasculeError(
            f"{name} has not been read whole within {CRAWLED_WITHIN:.0f} seconds; it is at the list {progress.list!r}.",
            hint="The demo's log shows what the sandbox answered.",
        ) from None


async def map_person(app: App, person: User, sides: Sequence[Side]) -> Actor:
    """Say who the person at Bascule is in each account, so that decisions are made there in that name."""
    actor = Actor(ActorKind.PERSON, person.id, person.name)
    mapped = replace(person, identities={side.connection: side.acts_as for side in sides})
    await app.store.write(lambda tx: tx.people.set_user(mapped))
    await app.connections.refresh()
    for side in sides:
        await app.desk.note(
            actor, "identity set", connection=side.connection, detail={"person": person.id, "user": side.acts_as}
        )
    return actor
