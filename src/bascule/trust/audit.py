"""The audit as people and outsiders use it: note requests, verify the chain, export what can be verified elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bascule.core import audit
from bascule.core.digest import canonical
from bascule.engine.entries import exchange_detail
from bascule.engine.http import Observation, is_pull
from bascule.errors import NotFoundError
from bascule.model import BASCULE, Kind, Value
from bascule.store import Store, Tx
from bascule.store.audit import Line
from bascule.store.connections import Connection
from bascule.store.shared import Arithmetic

PAGE = 2000
FORMAT = "bascule-audit-1"
ARITHMETIC = Arithmetic(digest=audit.digest, value=audit.value, link=audit.link, genesis=audit.GENESIS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain holds. `broken` names the first place that does not."""

    entries: int
    unsealed: int
    head: str
    broken: str

    @property
    def ok(self) -> bool:
        return not self.broken


@dataclass(slots=True)
class Pulls:
    """Reads of one endpoint that were answered alike since the last flush: of what, by which version of the mapping (it
    lists the fields), how many, the first, the last."""

    kinds: tuple[Kind, ...]
    mapping: int
    first: datetime
    last: datetime
    times: int = 0


class AuditTrail:
    """Reads the chain, and gathers the entries of requests into it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pulls: dict[tuple[str, str, int, str, int], Pulls] = {}
        self._pushes: list[tuple[Connection, Observation]] = []

    # ------------------------------------------------------------------------------------------------------- requests

    def note_request(self, row: Connection, seen: Observation, kinds: tuple[Kind, ...] = ()) -> None:
        """Remember a request until the next flush: pulls (of objects of these kinds) together by endpoint and answer,
        each push by itself unless its delivery tells of it."""
        if is_pull(seen):
            key = (row.workspace, row.id, row.mapping_version, f"{seen.method} {seen.endpoint}", seen.status)
            group = self._pulls.setdefault(key, Pulls(kinds, row.mapping_version, seen.started, seen.started))
            group.first, group.last = min(group.first, seen.started), max(group.last, seen.started)
            group.times += 1
        elif not seen.heard:
            self._pushes.append((row, seen))

    async def flush(self) -> None:
        """Write what was remembered as audit entries."""
        pulls, self._pulls = self._pulls, {}
        pushes, self._pushes = self._pushes, []
        if not pulls and not pushes:
            return

        def unit(tx: Tx) -> None:
            for (workspace, connection, _, endpoint, status), group in pulls.items():
                tx.audit.record(
                    workspace=workspace, at=group.last, action="pull", actor=BASCULE, connection=connection,
                    detail={
                        "endpoint": endpoint, "status": status, "times": group.times,
                        "kinds": tuple(str(kind) for kind in group.kinds), "mapping": group.mapping,
                        "first": group.first.isoformat(), "last": group.last.isoformat(),
                    },
                )  # fmt: skip
            for row, seen in pushes:
                tx.audit.record(
                    workspace=row.workspace, at=seen.started, action="push", actor=BASCULE, connection=row.id,
                    detail={**exchange_detail(seen.exchange), "as": seen.acts_as},
                )  # fmt: skip

        await self._store.write(unit)

    # --------------------------------------------------------------------------------------------------------- verify

    async def verify(self) -> Verdict:
        """Seal what is unsealed, then walk the whole chain. Works on ranges, so memory stays flat."""
        await self.flush()
        while await self._store.write(lambda tx: tx.audit.seal()):
            pass
        previous, position = audit.GENESIS, 0
        while True:
            lines = await self._store.read(lambda tx, after=position: tx.audit.chain(after=after, limit=PAGE))
            if not lines:
                break
            for line in lines:
                wrong = self._check(line, previous, position + 1)
                if wrong:
                    return Verdict(position, 0, previous, wrong)
                position += 1
                previous = line.chain or ""
        (count, tip), (unsealed, _) = await self._store.read(lambda tx: (tx.audit.tip(), tx.audit.backlog()))
        broken = (
            ""
            if (count, tip) == (position, previous) or position == 0 == count
            else f"the chain ends at {position}, its head says {count}"
        )
        return Verdict(position, unsealed, previous, broken)

    def _check(self, line: Line, previous: str, expected: int) -> str:
        if line.position != expected:
            return f"entry {expected} is missing"
        if audit.digest(line.content()) != line.digest:
            return f"entry {expected} was changed after it was written"
        return (
            ""
            if audit.link(previous, line.digest) == line.chain
            else f"entry {expected} does not follow from the one before it"
        )

    # --------------------------------------------------------------------------------------------------------- export

    async def export(
        self,
        workspace: str,
        *,
        candidate: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> dict[str, Any]:
        """Entries of one candidate or of a time, with the links that prove each belongs to the chain.

        Verifiable without Bascule: every entry comes with its canonical JSON, and every step
        `chain = SHA-256(previous chain, digest)` between the first and last exported entry is included as digests.
        """
        if candidate is not None:
            chosen = await self._store.read(lambda tx: self._of_candidate(tx, candidate))
        else:
            if since is None or until is None:
                raise NotFoundError("Name a candidate, or a time from and to.")
            chosen = await self._store.read(lambda tx: self._between(tx, workspace, since, until))
        sealed = sorted((line for line in chosen if line.position is not None), key=lambda line: line.position or 0)
        links = await self._store.read(lambda tx: list(self._steps(tx, sealed))) if sealed else []
        rows = await self._store.read(lambda tx: tx.connections.list(workspace))
        return {
            "format": FORMAT,
            "about": {
                "candidate": candidate,
                "from": since.isoformat() if since else None,
                "to": until.isoformat() if until else None,
            },
            "connections": {one.name: str(one.label) for one in rows},
            "connection_ids": {one.id: one.name for one in rows},
            "how_to_verify": HOW,
            "entries": [_exported(line) for line in sealed],
            "chain": links,
        }

    def _of_candidate(self, tx: Tx, record: str) -> list[Line]:
        family = tx.families.record_family(record)
        if family is None:
            raise NotFoundError(f"There is no candidate {record}.")
        return tx.audit.of_family(family, limit=100_000)

    def _between(self, tx: Tx, workspace: str, since: datetime, until: datetime) -> list[Line]:
        out: list[Line] = []
        after = 0
        while True:
            page = tx.audit.between(workspace, since, until, after=after, limit=PAGE)
            out += page
            if len(page) < PAGE:
                return out
            after = page[-1].id

    def _steps(self, tx: Tx, sealed: list[Line]) -> Iterator[Mapping[str, Value]]:
        """Every link from the first exported entry to the last: position, digest and chain value."""
        first, last = sealed[0].position or 1, sealed[-1].position or 1
        position = first - 2
        if position >= 0:
            before = tx.audit.chain(after=position, limit=1)
            if before:
                yield {"position": before[0].position, "digest": before[0].digest, "chain": before[0].chain}
        position = first - 1
        while position < last:
            for line in tx.audit.chain(after=position, limit=min(PAGE, last - position)):
                position = line.position or position + 1
                yield {"position": line.position, "digest": line.digest, "chain": line.chain}


HOW = (
    "For each entry: SHA-256 of the UTF-8 bytes of `canonical` is `digest`. For each step of `chain` but the first: "
    "SHA-256 of the text '<chain of the step before>|<digest of this step>' is this step's `chain`. An entry's "
    "`position` names its step, whose `digest` is the entry's."
)


def _exported(line: Line) -> dict[str, Any]:
    content = line.content()
    return {"position": line.position, "entry": content, "canonical": canonical(content), "digest": line.digest}
