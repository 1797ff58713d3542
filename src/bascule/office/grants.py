"""What a connection's credential may do: compared with what the mapping needs, entered, and waived in writing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from bascule.connectors import rights
from bascule.connectors.manifest import booking
from bascule.connectors.rights import NOT_TOLD, Rights, Waiver
from bascule.connectors.spec import Connector, Tenant, scopes
from bascule.engine.connections import MISSING_RIGHT, Connected
from bascule.errors import ForbiddenError, InputError
from bascule.model import Actor, Fields, Kind, Mode
from bascule.store import Tx
from bascule.store.connections import Connection

from .desk import Desk


class Grants:
    """`app.grants`: least privilege, as a person answers for it."""

    def __init__(self, desk: Desk, connector: Callable[[str], Connector]) -> None:
        self._desk = desk
        self._connector = connector

    def of(self, at: Connected) -> Rights:
        """Rights needed by the mapping in force (and to make a field of ours again, and to create what is copied there)
        against those granted."""
        return self._rights(at, copies=bool(at.view.takes))

    def lacking_to_put(self, at: Connected) -> tuple[str, ...]:
        """What the credential lacks, as far as that is known, before a person can put somebody on a job there."""
        return self._lacking_to_create(at, Kind.APPLICATION)

    def takes_files(self, at: Connected) -> bool:
        """Whether files can be added there, as far as that is known."""
        able = Kind.ATTACHMENT in at.view.creates and at.row.mode is Mode.LIVE
        return able and not self._lacking_to_create(at, Kind.ATTACHMENT)

    def _lacking_to_create(self, at: Connected, kind: Kind) -> tuple[str, ...]:
        granted = self.of(at)
        return tuple(one for one in creating(at.connector, kind) if granted.told_by and one not in granted.granted)

    def lacking(self, at: Connected) -> tuple[str, ...]:
        """What the credential must be given besides before records of another system are created there."""
        return self._rights(at, copies=True).missing

    def _rights(self, at: Connected, *, copies: bool) -> Rights:
        mapped = [f for fields in at.view.fields.values() for f in fields]
        needed = scopes(at.connector, mapped, setup=True, copies=copies)
        given = at.row.settings
        may = {one for rule in at.connector.merges.values() for one in at.connector.sends[rule.call].scopes}
        may |= {
            *creating(at.connector, Kind.APPLICATION),
            *creating(at.connector, Kind.ATTACHMENT),
            *booking(at.connector),
        }  # of use whenever they are there, and never asked for
        needed |= may & {*(at.tenant.granted or ()), *(rights.read_entry(given.get("rights")) or ())}
        waiver, entered = rights.read_waiver(given.get("waiver")), rights.read_entry(given.get("rights"))
        return rights.compare(at.connector, needed, at.tenant.granted, entered, waiver)

    def least(self, system: str) -> list[str]:
        """The scopes to give a credential before there is a connection: what the mapping of an account without fields
        of ours needs, and to create those fields."""
        connector = self._connector(system)
        return sorted(scopes(connector, connector.fields(Tenant(), ""), setup=True))

    def booking(self, system: str) -> list[str]:
        """The scopes besides, where interviews that are booked here are made there."""
        connector = self._connector(system)
        return sorted({*booking(connector)} - {*self.least(system)})

    def entry(self, connector: Connector, text: str | Iterable[str], actor: Actor) -> Fields:
        """What a person says was granted, as it is kept with a connection; nothing of an empty text."""
        granted = rights.entered(text, self.least(connector.name))
        return {"rights": rights.kept_entry(granted, actor.id, self._desk.now())} if granted else {}

    async def enter(self, name: str, text: str | Iterable[str], actor: Actor) -> Rights:
        """Keep what a person says the credential was granted. What was told of a missing right is over with it; a right
        that is missing still is told of again. InputError if nothing was granted."""
        at = self._desk.connections.named(name)
        entry = self.entry(at.connector, text, actor)
        if not entry:
            raise InputError("No right was given.", hint=f"Copy the credential's list from {at.connector.label}.")
        granted = rights.read_entry(entry["rights"]) or ()
        await self._keep(at, entry, actor, "rights entered", {"granted": granted})
        return self.of(self._desk.connections.get(at.id))

    async def waive(self, name: str, reason: str, actor: Actor) -> Rights:
        """Accept in writing that the credential may do more than is needed. It covers what is in excess now, and no
        other right later. InputError without a reason; ForbiddenError where nothing is to be waived."""
        at = self._desk.connections.named(name)
        open_ones = self.of(at).unwaived
        if not reason.strip():
            raise InputError("A waiver needs a reason in writing.", hint="Say why the excess is accepted.")
        if not open_ones:
            raise ForbiddenError("There is no excess of rights to waive.")
        waiver = Waiver(reason.strip(), actor.id, self._desk.now(), open_ones)
        detail: Fields = {"rights": open_ones, "reason": waiver.reason}
        await self._keep(at, {"waiver": rights.kept_waiver(waiver)}, actor, "rights waived", detail)
        return self.of(self._desk.connections.get(at.id))

    async def require(self, at: Connected, waive: str, actor: Actor) -> None:
        """ForbiddenError unless the credential may do no more than needed, or what it may is waived (now, with
        `waive`)."""
        found = self.of(at)
        objection = found.objection(at.connector.label)
        if objection and waive.strip():
            await self.waive(at.row.name, waive, actor)
        elif objection:
            raise ForbiddenError(objection, hint=self.advice(found, at.row.name))

    @staticmethod
    def advice(found: Rights, name: str) -> str:
        """What to do about an objection."""
        if NOT_TOLD in found.unwaived:
            first = f"Enter them: bascule connections rights {name} --granted '...'"
        else:
            first = "Take these rights away in the ATS and enter what is left"
        return f"{first}, or waive it in writing (--waive 'reason')."

    async def _keep(self, at: Connected, settings: Fields, actor: Actor, action: str, detail: Fields) -> None:
        def unit(tx: Tx) -> None:
            row: Connection = tx.connections.get(at.id)
            tx.connections.set(replace(row, settings={**row.settings, **settings}))
            if "rights" in settings:
                tx.notices.close(row.workspace, MISSING_RIGHT, at.id, now=self._desk.now())
                reads_on(tx, at, self._desk.now(), self._desk.now())
            tx.audit.record(
                workspace=row.workspace, at=self._desk.now(), action=action, actor=actor, connection=at.id,
                detail=detail,
            )  # fmt: skip

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()


def reads_on(tx: Tx, at: Connected, now: datetime, due: datetime) -> None:
    """A first read that stands still at a list that was refused asks for it again at `due`; not one that is over."""
    tx.tasks.gather(at.row.workspace, "backfill", at.id, due=due, now=now)


def creating(connector: Connector, kind: Kind) -> tuple[str, ...]:
    """The rights by which an application or a file is made there for somebody who is there."""
    rule = connector.creates.get(kind)
    return connector.sends[rule.call].scopes if rule is not None else ()
