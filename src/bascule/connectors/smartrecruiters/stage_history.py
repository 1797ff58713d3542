"""By which statuses somebody came to where they stand on a job."""

from __future__ import annotations

from collections.abc import Iterable

from bascule.connectors.lens import instant
from bascule.connectors.spec import Moved, Request, StageHistory, Tenant
from bascule.model import Json, Kind

from .objects import ACTIVE, STATUS, path
from .reads import beside, details


def moves(raw: Json, tenant: Tenant) -> Iterable[Moved]:
    """A status that an application came to: of those that are none of its stages it left the last one for."""
    at, status = instant(raw.get("changedOn")), str(raw.get("status") or "")
    if at is None or not status:
        return
    if status in ACTIVE:
        sub = str(raw.get("subStatus") or "")
        yield Moved(raw["application"], at, f"{status}/{sub}" if sub else status)
    else:
        yield Moved(raw["application"], at, ended=STATUS.get(status, ""))


STAGE_HISTORY = StageHistory(
    beside(
        Kind.APPLICATION, "status/history", details, group="", budget="default",
        ask=lambda asked: Request("GET", f"{path(asked.ids[0])}/status/history"),
    ),
    moves,
    says="the status history of the candidate on the job",
    of_job=True,
)  # fmt: skip
