"""Since when an application is in its step, as the candidates' own answer shows it."""

from __future__ import annotations

from collections.abc import Iterable

from bascule.connectors.lens import instant
from bascule.connectors.spec import Moved, StageHistory, Tenant
from bascule.model import Json

from . import objects
from .objects import application_id, ids


def moves(raw: Json, tenant: Tenant) -> Iterable[Moved]:
    """The time is that of the step, or, where there is one, that of the disposition."""
    id, to = application_id(raw), objects.to(raw)
    step, at = ids(to.get("Workflow_Step_Reference")).get("WID"), instant(to.get("Status_Timestamp"))
    if id and step and at is not None and not to.get("Disposition_Reference"):
        yield Moved(id, at, step)


STAGE_HISTORY = StageHistory(
    None,
    moves,
    says="Status_Timestamp of the job application",
    shown_by=frozenset({"applications"}),
    of_job=True,
    whole=False,
)
