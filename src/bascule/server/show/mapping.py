"""The mapping document as a page: every value of ours once, then what of the ATS is not used."""

from __future__ import annotations

from bascule.core.mapping import Document
from bascule.engine.connections import Connected
from bascule.model import FieldClass, Kind, RecordState
from bascule.store import Tx

from ..views import MappingPage, MappingRow, StageRow, UnmappedRow
from . import connection, words

NOT_A_GAP = ("switched off by the owner", "the system has no field for it")
JOBS = 40  # whose stages are shown


def page(tx: Tx, at: Connected, document: Document) -> MappingPage:
    """The document with live gaps, and the owner's switches for what Bascule writes."""
    row = tx.connections.get(at.id)
    switches = connection.switches(row, at.connector)
    gaps = tx.gaps.list(row.workspace, connection=at.id)
    open_gaps: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        open_gaps.setdefault((str(gap.kind), gap.field), []).append(
            f"unknown value “{gap.value}”, met {gap.times} times"
        )
    rows: list[MappingRow] = []
    for one in document.rows:
        vendor = [name.strip() for name in one.ats.split(",")]
        found = [text for name in (one.field, *vendor) for text in open_gaps.pop((str(one.kind), name), [])]
        plain = one.gap in NOT_A_GAP
        key, on = switches.get((str(one.kind), one.field), ("", True))
        rows.append(
            MappingRow(
                kind=str(one.kind),
                canonical=one.field,
                label=words.label(one.kind, one.field),
                ats=one.ats_label or one.ats,
                type=" / ".join(dict.fromkeys(text for text in (one.type, one.ats_type) if text)),
                cls=str(one.cls),
                direction=one.direction,
                authority=one.authority,
                promised=one.promised,
                measured=one.measured,
                gaps=tuple(found) + (() if plain or not one.gap or found else (one.gap,)),
                note=". ".join(text for text in (one.gap if plain else "", one.note) if text),
                on=on,
                switch=f"{one.kind}.{one.field}" if key and one.cls is FieldClass.AI_OUTPUT else "",
            )
        )
    names = [each.name for each in tx.connections.list(row.workspace)]
    return MappingPage(
        connection=row.name,
        system=at.connector.label,
        label=row.label,
        version=str(row.mapping_version),
        at=None,
        rows=tuple(rows),
        unmapped=tuple(UnmappedRow(one.object, one.name, one.type, one.why) for one in document.unmapped),
        gaps=len(gaps),
        connections=tuple(names),
        kinds=tuple(dict.fromkeys(one.kind for one in rows)),
        stages=_stages(tx, row.workspace),
    )


def _stages(tx: Tx, workspace: str) -> tuple[StageRow, ...]:
    found: list[StageRow] = []
    jobs = [one.job for one in tx.pages.jobs(workspace, limit=JOBS)]
    families = tx.families.families([job.family for job in jobs])
    for job in jobs:
        stages = [one for one in families[job.family].children(job.id, Kind.STAGE) if one.state is RecordState.LIVE]
        for stage in sorted(stages, key=words.place):
            source = stage.sources.get("type")
            confirmed = source is not None and source.actor.kind == "person"
            kind = words.stage_type(stage).removesuffix(", proposed")
            found.append(StageRow(words.title(job), words.title(stage), kind, confirmed))
    return tuple(found)
