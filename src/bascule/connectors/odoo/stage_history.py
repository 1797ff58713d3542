"""Since when an applicant stands in their stage. The stages before are told only to whoever may see all settings."""

from __future__ import annotations

from collections.abc import Iterable

from bascule.connectors.lens import instant
from bascule.connectors.spec import Moved, StageHistory, Tenant
from bascule.model import Json, Kind

from .calls import APPLICANT
from .reads import application, reads
from .values import moment, ref


def moves(raw: Json, tenant: Tenant) -> Iterable[Moved]:
    id, stage = str(raw["id"]), ref(raw.get("stage_id"))
    entered, hired = instant(moment(raw.get("date_last_stage_update"))), instant(moment(raw.get("date_closed")))
    if stage and entered is not None:
        yield Moved(id, entered, stage)
        if hired is not None:
            yield Moved(id, max(hired, entered), ended="hired")


def only_moves(tenant: Tenant) -> bool:
    """From 19 on the time moves with the colour of the card as well, which is no stage."""
    return tenant.facts.get("version", "").startswith(("17.", "18."))


STAGE_HISTORY = StageHistory(
    reads(
        Kind.APPLICATION, APPLICANT, "stage_times", application, Kind.CANDIDATE, Kind.APPLICATION,
        ("stage_id", "date_last_stage_update", "date_closed"), every=None, sweep=None,
    ),
    moves,
    says="date_last_stage_update of the applicant, in Odoo 17 and 18",
    of_job=True,
    whole=False,
    where=only_moves,
)  # fmt: skip
