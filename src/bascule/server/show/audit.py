"""Audit entries as a page: who did what to whom, by which request, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from bascule.errors import InputError
from bascule.model import Actor, Record
from bascule.store import Tx
from bascule.store.audit import Line

from ..rendering import count, number, query
from ..views import AuditList, AuditRow, Paging, State, Tone
from . import sql, words
from .review import subject_href

LIMIT = 50
SCAN = 2000  # entries looked at for one filtered page
LATE = timedelta(minutes=1)
SHOWN_APART = ("endpoint", "status", "model", "rubric", "version", "rubric_digest", "cause")


def day(text: str, *, end: bool = False) -> datetime | None:
    """A day of a form as a time, its end exclusive. InputError if it is none."""
    if not text:
        return None
    try:
        at = datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
    except ValueError:
        raise InputError(f"{text!r} is not a day.", hint="Write it like 2026-11-22.") from None
    return at + timedelta(days=1) if end else at


def page_of(
    tx: Tx,
    workspace: str,
    now: datetime,
    *,
    action: str,
    actor: str,
    candidate: str,
    since: str,
    until: str,
    before: str,
) -> AuditList:
    """Entries that match, and how the chain stands."""
    start, stop = day(since), day(until, end=True)
    lines, more = _lines(tx, workspace, action, actor, candidate, start, stop, before)
    records = tx.families.records(workspace, {line.record for line in lines if line.record})
    names, people = words.connection_names(tx, workspace), words.people(tx, workspace)
    base = {"action": action, "actor": actor, "candidate": candidate, "from": since, "to": until}
    sealed, _ = tx.audit.tip()
    waiting, oldest = tx.audit.backlog()
    return AuditList(
        rows=tuple(_row(line, records, names, people) for line in lines),
        paging=Paging(
            next=query("/audit", base, before=str(more)) if more else "",
            first=query("/audit", base) if before else "",
            export=query("/audit/export", {"candidate": candidate, "from": since, "to": until}),
        ),
        actions=tuple(str(name) for (name,) in tx.rows(sql.AUDIT_ACTIONS, workspace=workspace)),
        seal=_seal(sealed, waiting, oldest, now),
        total=sealed + waiting,
        action=action,
        actor=actor,
        candidate=candidate,
        since=since,
        until=until,
    )


def _seal(sealed: int, waiting: int, oldest: datetime | None, now: datetime) -> State:
    if oldest is not None and now - oldest > LATE:
        return State(
            "The audit is not being sealed",
            Tone.FAILING,
            oldest,
            f"{count(waiting, 'entry', 'entries')} wait for over a minute. Is a worker running? See bascule doctor.",
        )
    if not sealed and not waiting:
        return State("Nothing has happened yet", Tone.QUIET)
    words_of = f"Sealed up to entry {number(sealed)}" if sealed else "Not sealed yet"
    return State(
        words_of,
        Tone.IN_STEP,
        None,
        f"{count(waiting, 'entry', 'entries')} will join the chain within seconds." if waiting else "",
    )


def _lines(
    tx: Tx,
    workspace: str,
    action: str,
    actor: str,
    candidate: str,
    since: datetime | None,
    until: datetime | None,
    before: str,
) -> tuple[list[Line], int]:
    """A page of entries, and the id to go on from (0 at the end)."""
    found: list[Line] = []
    place = int(before) if before.isdigit() else 1 << 62
    family = tx.families.record_family(candidate) or candidate if candidate else ""
    for _ in range(SCAN // 200):
        some = (
            tx.audit.of_family(family, before=place, limit=200)
            if family
            else tx.audit.page(workspace, before=place, limit=200)
        )
        for line in some:
            if since is not None and line.at < since:
                return found, 0
            if (
                (not action or line.action == action)
                and (not actor or line.actor_kind == actor)
                and (until is None or line.at < until)
                and line.workspace == workspace
            ):
                found.append(line)
                if len(found) == LIMIT:
                    return found, line.id
        if len(some) < 200:
            return found, 0
        place = some[-1].id
    return found, place


def _row(
    line: Line, records: Mapping[str, Record], connections: Mapping[str, str], people: Mapping[str, str]
) -> AuditRow:
    detail = line.detail
    record = records.get(line.record or "")
    version = ", ".join(
        f"{key} {detail[key]}" for key in ("model", "rubric", "version") if detail.get(key) not in (None, "")
    )
    status = detail.get("status")
    told = {key: value for key, value in detail.items() if key not in SHOWN_APART and value not in (None, "")}
    return AuditRow(
        seq=line.position or line.id,
        at=line.at,
        action=line.action,
        actor=words.actor(Actor(line.actor_kind, line.actor_id, people.get(line.actor_id, "")), people),
        subject=words.title(record) or ("erased" if line.record else ""),
        subject_href=subject_href(record),
        connection=connections.get(line.connection or "", ""),
        endpoint=str(detail.get("endpoint") or ""),
        status=status if isinstance(status, int) and not isinstance(status, bool) else None,
        fields=tuple(sorted(line.values)),
        version=version,
        digest=line.digest,
        sealed=line.position is not None,
        detail=", ".join(f"{key.replace('_', ' ')}: {words.text(value)}" for key, value in sorted(told.items())),
    )
