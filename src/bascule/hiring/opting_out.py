"""Somebody asks that no AI looks at their application: what AI has said of it goes, here and in the ATS.

Nothing of it is scored, ranked or shown to an AI tool from then on; the field that says so is Bascule's own, so that no
system can take it back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bascule.core.draft import is_empty
from bascule.engine.reconcile import Reconcile
from bascule.model import (
    FIELDS,
    Actor,
    ActorKind,
    AiStatus,
    Edit,
    Family,
    FieldClass,
    Kind,
    Record,
    RecordState,
    ScreeningStatus,
    Value,
)
from bascule.store import Tx

RANK = "rank"


def withdraw(
    tx: Tx,
    reconcile: Reconcile,
    ids: Callable[[], str],
    family: Family,
    application: Record,
    actor: Actor,
    now: datetime,
) -> int:
    """Take away all that AI has said of an application, in one commit; how many of its notes are in a system, where no
    interface has a call to delete them."""
    cause = ids()
    notes = _notes(family, application)
    edits = [Edit(ids(), application.id, _emptied(application), actor, cause)]
    edits += [Edit(ids(), note.id, {}, actor, cause, remove=True) for note in notes]
    reconcile.edit_in(tx, family.id, edits)
    tx.scores.drop(application.id)
    tx.fits.drop(family.id)
    files = [one.id for one in family.records.values() if one.kind is Kind.ATTACHMENT]
    tx.vectors.drop(files)
    for file in files:
        tx.stored.release(file, "study")
    tx.indexed.mark_families([family.id])
    job = application.fields.get("job")
    if isinstance(job, str):
        tx.tasks.put(family.workspace, RANK, job, due=now)
    return sum(any(link.record == note.id and link.open for link in family.links.values()) for note in notes)


def _emptied(application: Record) -> dict[str, Value]:
    """Every output of AI as it is without any."""
    gone: dict[str, Value] = {
        name: {} if name == "tools" else False if name == "top_ten" else None
        for name, spec in FIELDS[Kind.APPLICATION].items()
        if spec.cls is FieldClass.AI_OUTPUT and not is_empty(application.fields.get(name))
    }
    return {**gone, "ai_status": AiStatus.NOT_SCORED, "screening_status": ScreeningStatus.OPTED_OUT}


def _notes(family: Family, application: Record) -> list[Record]:
    """What AI has written of it as notes."""
    return [
        one
        for one in family.records.values()
        if one.kind is Kind.NOTE
        and one.state is RecordState.LIVE
        and one.origin == "ours"
        and one.fields.get("application") == application.id
        and any(source.actor.kind is ActorKind.AI for source in one.sources.values())
    ]
