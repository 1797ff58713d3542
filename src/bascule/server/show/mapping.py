"""The mapping document as a page: every value of ours once, then what of the ATS is not used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bascule.core.mapping import ABSENT, MISSING, OFF, Difference, Document
from bascule.core.stages import By, Ladder, Rung
from bascule.engine.connections import Connected
from bascule.engine.remap import Effect
from bascule.model import StageType, Value
from bascule.office.counterparts import Pair, Thing
from bascule.office.mapping_file import StageName
from bascule.office.mappings import Preview
from bascule.store import Tx
from bascule.store.mappings import Version

from ..views.mapping import (
    DryRun,
    EffectRow,
    LadderRow,
    MappingPage,
    MappingRow,
    PairRow,
    PairTable,
    RungRow,
    StageRow,
    UnmappedRow,
    VersionRow,
)
from . import connection, words

NOT_A_GAP = (OFF, MISSING, ABSENT)


def page(
    tx: Tx,
    at: Connected,
    document: Document,
    stages: Sequence[StageName],
    ladders: Sequence[Ladder],
    history: Sequence[tuple[Version, Sequence[Difference]]],
    file: str,
) -> MappingPage:
    """The document with live gaps, the owner's switches for what Bascule writes, the types of stages, every version,
    and the whole as a file to edit."""
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
        on = switches.get((one.kind, one.field))
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
                on=on is not False,
                switch="" if on is None else f"{one.kind}.{one.field}",
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
        stages=stage_rows(stages),
        types=tuple(StageType),
        ladders=ladder_rows(ladders),
        history=versions(history, words.people(tx, row.workspace)),
        file=file,
    )


PAIRS = 50  # shown of one other connection, unless all are asked for


def pairs(other: str, mine: Sequence[Pair], left: Sequence[Thing], *, every: bool = False) -> PairTable:
    """What of a connection is what of another: those that people wait for first."""
    rows = tuple(
        PairRow(
            one.one.record,
            str(one.one.kind).replace("_", " "),
            ", ".join(text for text in (one.one.name, one.one.place) if text),
            ", ".join(text for text in (one.other.name, one.other.place) if text) if one.other is not None else "",
            f"Proposed: the same {one.why}" if one.why else "Paired" if one.chosen else "No counterpart",
            "in-step" if one.chosen else "waiting" if one.why or one.one.waiting else "quiet",
            one.one.waiting,
        )
        for one in sorted(mine, key=lambda pair: (-pair.one.waiting, not pair.why, pair.chosen, not pair.one.open))
    )
    free = tuple((str(one.kind).replace("_", " "), one.record, one.name) for one in left)
    shown = rows if every else rows[:PAIRS]
    return PairTable(other, shown, len(rows) - len(shown), sum(bool(one.why) for one in mine), free[:500])


def effects(tx: Tx, workspace: str, found: Sequence[Effect]) -> tuple[EffectRow, ...]:
    """Values that would change, as people read them."""
    names = tx.pages.names([one.family for one in found])
    records = tx.families.records(workspace, {one.record for one in found})
    wanted = {text for one in found for value in (one.before, one.after) for text in _texts(value)}
    known = tx.families.records(workspace, wanted)
    return tuple(
        EffectRow(
            record=one.record,
            kind=str(one.kind),
            name=names.get(one.family) or words.title(records.get(one.record)),
            href=f"/records/{one.record}/history?field={one.field}",
            field=one.field,
            label=words.label(one.kind, one.field),
            before=words.shown(one.kind, one.field, one.before, known),
            after=words.shown(one.kind, one.field, one.after, known),
        )
        for one in found
    )


def _texts(value: Value) -> tuple[str, ...]:
    values = value if isinstance(value, tuple) else (value,)
    return tuple(one for one in values if isinstance(one, str) and len(one) == words.UUID_LENGTH)


def versions(
    found: Sequence[tuple[Version, Sequence[Difference]]], people: Mapping[str, str]
) -> tuple[VersionRow, ...]:
    return tuple(
        VersionRow(one.number, one.at, words.actor(one.actor, people), one.why, tuple(changed), index == 0)
        for index, (one, changed) in enumerate(found)
    )


def dry(
    tx: Tx,
    workspace: str,
    preview: Preview,
    *,
    text: str = "",
    version: int = 0,
    rule: tuple[str, str, str] | None = None,
) -> DryRun:
    """A dry run as a page. `text`, `version` or `rule` is what would be applied."""
    found = preview.effects
    return DryRun(
        differences=tuple(preview.differences),
        families=found.families,
        records=found.records,
        by_field=tuple(found.by_field.most_common()),
        rows=effects(tx, workspace, found.effects),
        unlike=tuple(found.unlike.most_common()),
        ended=tuple(found.ended.most_common()),
        dropped=found.dropped,
        text=text,
        version=version,
        rule=rule,
        jobs=found.jobs,
    )


def stage_rows(found: Sequence[StageName]) -> tuple[StageRow, ...]:
    return tuple(StageRow(one.name, one.jobs, str(one.type or ""), str(one.proposed or "")) for one in found)


RULES: Mapping[By, str] = {
    By.JOB: "For this job",
    By.NAME: "By its name",
    By.KIND: "The ATS says so",
    By.WORDS: "Proposed from its words",
    By.ORDER: "Proposed from its place",
}
"""Which rule gives a stage its type, in words."""


def ladder_rows(found: Sequence[Ladder]) -> tuple[LadderRow, ...]:
    return tuple(
        LadderRow(
            tuple(_rung(rung) for rung in one.rungs),
            one.jobs,
            tuple((apart.title or apart.job, apart.name, str(apart.type)) for apart in one.exceptions),
        )
        for one in found
    )


def _rung(rung: Rung) -> RungRow:
    said = rung.answer or rung.suggested
    if said is None:
        return RungRow(rung.step.name, "", "No rule says", rung.step.active)
    return RungRow(rung.step.name, str(said.type), RULES[said.by], not said.certain)
