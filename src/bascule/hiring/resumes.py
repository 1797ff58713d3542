"""CVs: which one is an application's, and its bytes from the system that has it."""

from __future__ import annotations

import hashlib

from bascule.engine.connections import Connected, Connections
from bascule.engine.observe import fetch
from bascule.engine.rates import Rates
from bascule.engine.runtime import Runtime
from bascule.errors import AbsentError
from bascule.model import Family, Kind, Record, RecordState
from bascule.store.budgets import Work


def newest(family: Family, application: Record) -> Record | None:
    """The newest CV of this application, else the newest of the candidate."""
    mine = [
        r
        for r in family.records.values()
        if r.kind is Kind.ATTACHMENT and r.state is RecordState.LIVE and r.fields.get("type") == "resume"
    ]
    own = [r for r in mine if r.fields.get("application") == application.id]
    return max(own or mine, key=lambda r: (str(r.fields.get("created_at") or ""), r.id), default=None)


def version_of(attachment: Record) -> str:
    """What tells one file of an attachment from a later one (its signed address changes all the time)."""
    told = [str(attachment.fields.get(name) or "") for name in ("filename", "created_at", "type")]
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:16]


class Resumes:
    """Fetches what is not stored here."""

    def __init__(self, runtime: Runtime, connections: Connections, rates: Rates) -> None:
        self._runtime = runtime
        self._connections = connections
        self._rates = rates

    async def download(self, connection: str, family: Family, candidate: Record, resume: Record) -> bytes:
        """The CV's bytes. Raises what the system answers where its file cannot be had."""
        at = self._connections.get(connection)
        url, files = str(resume.fields.get("url") or ""), at.connector.files
        if files is None or not url:
            return b""
        try:
            return (await at.client.download(url, files)).data
        except AbsentError:
            if files.talk is not None:
                raise
            return (await at.client.download(await self._fresh_address(at, family, candidate, resume), files)).data

    async def _fresh_address(self, at: Connected, family: Family, candidate: Record, resume: Record) -> str:
        """Signed addresses expire, and a new signature is no change of the record: the attachment is read for one that
        opens it now. AbsentError where the system shows none."""
        link, person = family.link_of(resume.id, at.id), family.link_of(candidate.id, at.id)
        if link is not None and person is not None and at.connector.files is not None:
            number, started = await self._connections.number()
            purse = self._rates.purse(at.id, at.classes, Work.LIVE, {})  # every request asks for its place
            try:
                reads = await fetch(
                    at.client.within(purse), at.connector.reads, at.tenant, connection=at.id, number=number,
                    read_id=self._runtime.id(), started=started, root=person.kind, externals=[person.external],
                    kinds={Kind.ATTACHMENT}, known={},
                )  # fmt: skip
            finally:
                self._rates.close(purse)
            for part in reads[person.external].parts:
                if (part.kind, part.external) == (link.kind, link.external):
                    return str(part.seen.get(at.connector.files.url_field) or "")
        raise AbsentError("The ATS shows no address of this CV any more.", hint="Attach it there again.")
