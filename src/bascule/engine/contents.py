"""The bytes of a file: as its own system has them, or, for a copy to another, as they are kept here."""

from __future__ import annotations

from bascule.errors import AbsentError, BudgetSpentError, RejectedError, RemoteError
from bascule.model import Family, Kind, Record
from bascule.store import Tx
from bascule.store.budgets import Work
from bascule.store.stored import What

from .connections import Connected, Connections
from .http import Client
from .observe import fetch
from .rates import Rates
from .runtime import Runtime

KEPT: tuple[What, ...] = ("resume", "answer")  # a CV that was read here, a file that was given here


class Contents:
    """Asks the system that has a file for its bytes. Each request is paid for, as every other."""

    def __init__(self, runtime: Runtime, connections: Connections, rates: Rates) -> None:
        self._runtime = runtime
        self._connections = connections
        self._rates = rates

    async def of(self, family: Family, record: Record) -> bytes:
        """For a copy: what the system that has the file answers says nothing of the one it is to go to. RejectedError
        where it cannot be had any more, BudgetSpentError where it cannot be had now."""
        kept = await self._connections.store.read(lambda tx: _kept(tx, record))
        if kept:
            return kept
        at = self._connections.known(record.origin)
        if at is None or at.connector.files is None:
            raise RejectedError("The system that this file came from is not connected any more.")
        if not self._connections.working(at, self._runtime.now()):
            raise BudgetSpentError(f"{at.row.name}, where the file is, does not answer now.")
        try:
            return await self.download(at, family, record)
        except AbsentError as error:
            raise RejectedError(f"{at.row.name} does not show this file any more.", words=error.words) from error
        except RejectedError:
            raise
        except RemoteError as error:
            raise BudgetSpentError(f"{at.row.name}, where the file is: {error}") from error

    async def download(self, at: Connected, family: Family, attachment: Record, work: Work = Work.LIVE) -> bytes:
        """A file's bytes; none where the system serves no files or shows no address of it. Raises what the system
        answers where it cannot be had. `work` says whose turn it is."""
        url, files = str(attachment.fields.get("url") or ""), at.connector.files
        if files is None or not url:
            return b""
        purse = self._rates.purse(at.id, at.classes, work, {})  # every request asks for its place
        client = at.client.within(purse)
        try:
            try:
                return (await client.download(url, files)).data
            except AbsentError:
                if files.talk is not None:
                    raise
                return (await client.download(await self._fresh(at, client, family, attachment), files)).data
        finally:
            self._rates.close(purse)

    async def _fresh(self, at: Connected, client: Client, family: Family, attachment: Record) -> str:
        """Signed addresses expire, and a new signature is no change of the record: the attachment is read for one that
        opens it now. AbsentError where the system shows none."""
        link, person = family.link_of(attachment.id, at.id), family.link_of(family.root.id, at.id)
        if link is not None and person is not None and at.connector.files is not None:
            number, started = await self._connections.number()
            reads = await fetch(
                client, at.connector.reads, at.tenant, connection=at.id, number=number, read_id=self._runtime.id(),
                started=started, root=person.kind, externals=[person.external], kinds={Kind.ATTACHMENT}, known={},
            )  # fmt: skip
            for part in reads[person.external].parts:
                if (part.kind, part.external) == (link.kind, link.external):
                    return str(part.seen.get(at.connector.files.url_field) or "")
        raise AbsentError(f"{at.row.name} shows no address of this file any more.", hint="Attach it there again.")


def _kept(tx: Tx, record: Record) -> bytes:
    """The file as it is kept here, none where it is not."""
    found = (address for what in KEPT if (address := tx.stored.of(record.id, what)))
    address = next(found, None)
    return tx.stored.get(address) if address is not None else b""
