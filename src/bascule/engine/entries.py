"""What the commit of a plan enters besides the family itself: audit entries, notices to the owner, gaps that close."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from bascule.core.events import events
from bascule.core.plan import Plan
from bascule.model import ROOT_OF, Event, Exchange, Family, History, HistoryKind, Kind, Read, Value
from bascule.store import Tx
from bascule.store.lanes import Hint

from . import drift
from .connections import Connections

ANNOUNCE = "announce"  # the task that gives events their numbers and has them sent


def audit(tx: Tx, planned: Plan, now: datetime, read: Read | None) -> None:
    """One entry per actor and cause: which fields of which record moved, and by what request it was shown. Values
    enter only as keyed digests."""
    groups: dict[tuple[str, str, str], list[History]] = {}
    for line in planned.history:
        if line.kind is not HistoryKind.SEEN:
            groups.setdefault((line.record, line.cause, str(line.kind)), []).append(line)
    for lines in groups.values():
        record = planned.family.records.get(lines[0].record)
        asked = None
        if read is not None and record is not None and lines[0].cause == read.id:
            asked = read.asked.get(record.kind)
        tx.audit.record(
            workspace=planned.family.workspace,
            at=now,
            action=str(lines[0].kind),
            actor=lines[0].actor,
            family=planned.family.id,
            record=lines[0].record,
            connection=lines[0].connection,
            detail={"cause": lines[0].cause, "why": _reason(lines[0]), **(exchange_detail(asked) if asked else {})},
            values={line.field: line.new for line in lines if line.field},
        )


def tell(
    tx: Tx, connections: Connections, before: Family | None, planned: Plan, now: datetime, *, live: bool,
    elsewhere: Collection[str],
) -> None:  # fmt: skip
    """What a commit of a family has brought about, into the log of events."""
    family = planned.family
    shown = [at for one in family.links.values() if (at := connections.known(one.connection)) is not None]
    met = live and (not shown or any(at.row.crawled for at in shown))  # what a first crawl meets is old
    told = events(before, planned, now, live=met, elsewhere=elsewhere)
    log(tx, family.workspace, told, now)


def log(tx: Tx, workspace: str, told: Sequence[Event], now: datetime) -> None:
    """These are in the log with this commit, and are sent to whoever subscribes."""
    if told:
        tx.events.add(workspace, told)
        if tx.subscriptions.any(workspace):
            tx.tasks.put(workspace, ANNOUNCE, "all", due=now)


def exchange_detail(made: Exchange) -> dict[str, Value]:
    """A request as an audit entry keeps it."""
    return {"endpoint": made.endpoint, "status": made.status, "ms": made.ms, "request": made.request}


def _reason(line: History) -> str:
    """Why, as the audit may keep it for ever: a system's own words, which may quote a value, stay in the history."""
    return "" if line.kind is HistoryKind.REFUSED else line.why


def visibility(tx: Tx, connections: Connections, planned: Plan, now: datetime) -> None:
    """Fields that a system shows no more, and those that it shows again: one notice a field, not one a person."""
    workspace = planned.family.workspace
    for connection, kind, name in planned.shown:
        tx.notices.close(workspace, drift.VISIBILITY, drift.lost_about(connection, kind, name), now=now)
    for connection, kind, name in planned.lost:
        text = drift.lost_text(connections.get(connection).row.name, kind, name)
        about = drift.lost_about(connection, kind, name)
        tx.notices.put(workspace, drift.VISIBILITY, about, text, now=now, connection=connection)


def stages_renamed(tx: Tx, connections: Connections, planned: Plan, now: datetime) -> None:
    """The owner is told where a person's word about a stage's name does not reach its new name."""
    for line in planned.history:
        at = connections.known(line.connection or "")
        told = drift.renamed_stage(at, planned.family, line) if at is not None else None
        if at is not None and told is not None:
            tx.notices.put(at.row.workspace, drift.DRIFT, told[0], told[1], now=now, connection=at.id)


def close_gaps(tx: Tx, planned: Plan, now: datetime) -> None:
    """A new job or stage may be what others waited for: their gaps close and they are read again."""
    for connection, record_id in planned.linked:
        record = planned.family.records.get(record_id)
        if record is None or record.kind in (Kind.CANDIDATE, Kind.APPLICATION, Kind.NOTE, Kind.ATTACHMENT):
            continue
        external = next(
            (
                link.external
                for link in planned.family.links.values()
                if link.record == record_id and link.connection == connection
            ),
            None,
        )
        if external is None:
            continue
        for gap in tx.gaps.list(planned.family.workspace, connection=connection):
            if gap.value != external:
                continue
            tx.gaps.close(gap.connection, gap.kind, gap.field, gap.value)
            family = tx.families.record_family(gap.record) if gap.record else None
            root = root_external(tx.families.family(family), connection) if family else None
            if root is not None:
                tx.reads.wanted([Hint(connection, ROOT_OF.get(gap.kind, gap.kind), root)], now=now)


def root_external(family: Family, connection: str) -> str | None:
    link = family.link_of(family.root.id, connection)
    return link.external if link else None
