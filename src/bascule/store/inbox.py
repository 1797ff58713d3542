"""What systems delivered: each delivery once, its body sealed, its final state always to be seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError
from ..model import Kind
from . import statements as s
from .codec import maybe_moment, moment, stamp

if TYPE_CHECKING:
    from .tx import Tx

LAST = 1 << 62


class DeliveryState(StrEnum):
    ACCEPTED = "accepted"  # stored, its object wanted
    APPLIED = "applied"  # a later read was committed
    IGNORED = "ignored"  # nothing of ours; `why` says so
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook call as verified. `delivery` is the vendor's own id of it, or a digest of the body.

    `kind` and `external` name the object it is about, in whose read it is applied; None for a delivery without one.
    """

    workspace: str
    connection: str
    delivery: str
    topic: str
    received: datetime
    body: bytes
    kind: Kind | None = None
    external: str | None = None
    state: DeliveryState = DeliveryState.ACCEPTED
    why: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery as the log shows it: no body."""

    seq: int
    delivery: str
    topic: str
    kind: Kind | None
    external: str | None
    number: int
    received: datetime
    state: DeliveryState
    size: int
    why: str
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that was not let in: why, never what."""

    seq: int
    at: datetime
    status: int
    size: int
    why: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What has reached a connection's webhook address: the newest delivery let in, the newest call that was not."""

    last: datetime | None
    refused: Refusal | None

    @property
    def arrives(self) -> bool:
        """The system reaches us, signed as agreed."""
        return self.last is not None

    @property
    def forged(self) -> bool:
        """Something calls, but nothing is let in since."""
        return self.refused is not None and (self.last is None or self.refused.at > self.last)


class Inbox:
    """`tx.inbox`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def accept(self, deliveries: Sequence[Delivery], *, number: int | None = None) -> list[bool]:
        """Store deliveries; which of them were new. `number` is that of the want they cause (drawn if None)."""
        if not deliveries:
            return []
        seq = self._tx.number() if number is None else number
        return [bool(answer) for answer in self._tx.each(s.DELIVERY_ADD, [self._row(d, seq) for d in deliveries])]

    def applied(
        self, connection: str, reads: Iterable[tuple[Kind, str, int]], *, now: datetime
    ) -> list[tuple[str, datetime]]:
        """Reads (kind, external, number) were committed: older deliveries about these objects are done, their bodies
        go. About what each was, and when it had come."""
        read = [(str(kind), external, number) for kind, external, number in reads]
        if not read:
            return []
        rows = self._tx.rows(s.DELIVERIES_APPLIED, connection=connection, read=read, now=stamp(now))
        return [(external, moment(received)) for external, received in rows]

    def finish(self, seq: int, state: DeliveryState, *, now: datetime, why: str = "") -> None:
        """Give one delivery its final state."""
        self._tx.run(s.DELIVERY_FINISH, seq=seq, state=state, why=why, now=stamp(now))

    def log(self, connection: str, *, before: int = LAST, limit: int = 50) -> list[Entry]:
        """The newest deliveries first; page on with the last `seq`."""
        return [
            Entry(
                seq=row[0],
                delivery=row[1],
                topic=row[2],
                kind=Kind(row[3]) if row[3] else None,
                external=row[4],
                number=row[5],
                received=moment(row[6]),
                state=DeliveryState(row[7]),
                size=row[8],
                why=row[9],
                finished=maybe_moment(row[10]),
            )
            for row in self._tx.rows(s.DELIVERIES, connection=connection, before=before, limit=limit)
        ]

    def body(self, seq: int) -> bytes | None:
        """The body, unsealed; None once it is gone. NotFoundError for an unknown delivery."""
        row = self._tx.row(s.DELIVERY_BODY, seq=seq)
        if row is None:
            raise NotFoundError(f"There is no delivery {seq}.")
        return None if row[0] is None else self._tx.vault.open(bytes(row[0]))

    def refused(self, workspace: str, connection: str, *, at: datetime, status: int, size: int, why: str) -> None:
        """Log a call that was not let in (forged, stale, oversized), without what it carried."""
        self._tx.run(
            s.REFUSAL_ADD, workspace=workspace, connection=connection, at=stamp(at), status=status, size=size, why=why
        )

    def refusals(self, connection: str, *, before: int = LAST, limit: int = 50) -> list[Refusal]:
        rows = self._tx.rows(s.REFUSALS, connection=connection, before=before, limit=limit)
        return [Refusal(seq, moment(at), status, size, why) for seq, at, status, size, why in rows]

    def heard(self, connection: str) -> Heard:
        """Whether the system's webhooks arrive. The vendor's ping is remembered for good, deliveries for a while."""
        last = self._tx.row(s.LAST_DELIVERY, connection=connection)
        pinged = self._tx.connections.cursors(connection).get("hooks")
        known = [at for at in (moment(last[0]) if last else None, pinged[1] if pinged else None) if at is not None]
        return Heard(max(known, default=None), next(iter(self.refusals(connection, limit=1)), None))

    def expire(self, *, bodies: datetime, entries: datetime) -> int:
        """Remove bodies received before `bodies`, and finished entries and refusals before `entries`. How many bodies.
        A vendor may redeliver as long as it retries: `entries` must lie further back than that."""
        gone = self._tx.run(s.BODIES_DROP, before=stamp(bodies))
        self._tx.run(s.DELIVERIES_DROP, before=stamp(entries))
        self._tx.run(s.REFUSALS_DROP, before=stamp(entries))
        return gone

    def _row(self, delivery: Delivery, number: int) -> dict[str, Any]:
        kept = delivery.state is DeliveryState.ACCEPTED and self._tx.stored.keeps(delivery.workspace, "payload")
        return {
            "workspace": delivery.workspace,
            "connection": delivery.connection,
            "delivery": delivery.delivery,
            "topic": delivery.topic,
            "kind": delivery.kind,
            "external": delivery.external,
            "number": number,
            "received": stamp(delivery.received),
            "state": delivery.state,
            "size": len(delivery.body),
            "body": self._tx.vault.seal(delivery.workspace, None, delivery.body) if kept else None,
            "why": delivery.why,
        }
