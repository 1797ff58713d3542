"""By which stages an applicant came, where the key's user may see what Odoo has tracked; else since when they stand.

The tracked changes stand on the messages of the applicant, and are shown to users with Settings rights only.
"""

from __future__ import annotations

from collections.abc import Iterable

from bascule.connectors.lens import instant
from bascule.connectors.spec import Moved, StageHistory, Tenant
from bascule.model import Json, Kind

from .calls import APPLICANT, TRACKED
from .reads import application, reads
from .values import moment, ref

_C, _A = Kind.CANDIDATE, Kind.APPLICATION


def standing(raw: Json, tenant: Tenant) -> Iterable[Moved]:
    id, stage = str(raw["id"]), ref(raw.get("stage_id"))
    entered, hired = instant(moment(raw.get("date_last_stage_update"))), instant(moment(raw.get("date_closed")))
    if stage and entered is not None:
        yield Moved(id, entered, stage)
        if hired is not None:
            yield Moved(id, max(hired, entered), ended="hired")


def only_moves(tenant: Tenant) -> bool:
    """From 19 on the time moves with the colour of the card as well, which is no stage."""
    return tenant.facts.get("version", "").startswith(("17.", "18."))


def tracked(raw: Json, tenant: Tenant) -> Iterable[Moved]:
    """Each change names the stage before and after it: before the first one it is where the applicant was put."""
    changes = sorted(raw["items"], key=lambda one: int(one["id"]))
    first = changes[0].get("old_value_integer") if changes else None
    if first:
        yield Moved(raw["applicant"], None, str(first))
    for one in changes:
        at = instant(moment(one.get("create_date")))
        if at is not None:
            yield Moved(raw["applicant"], at, str(one.get("new_value_integer") or ""))


STAGE_HISTORY = StageHistory(
    reads(
        _A, TRACKED, "stage_changes", application, _C, _A, ("old_value_integer", "new_value_integer"),
        of="mail_message_id.res_id", batch=1, asked="applicant", group="applicant", every=None, sweep=None, scopes=(),
        domain=[["mail_message_id.model", "=", APPLICANT], ["field_id.name", "=", "stage_id"]],
    ),
    tracked,
    says="what Odoo has tracked of the stage, where the key's user has Settings rights",
    of_job=True,
    where=lambda tenant: tenant.facts.get("tracked") == "yes",
    otherwise=StageHistory(
        reads(
            _A, APPLICANT, "stage_times", application, _C, _A, ("stage_id", "date_last_stage_update", "date_closed"),
            every=None, sweep=None,
        ),
        standing,
        says="date_last_stage_update of the applicant, in Odoo 17 and 18",
        of_job=True,
        whole=False,
        where=only_moves,
    ),
)  # fmt: skip
