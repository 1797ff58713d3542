"""Audit entries as a page: who did what to whom, by which request, newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta

from bascule.errors import InputError
from bascule.model import Actor, Record
from bascule.store import Tx
from bascule.store.audit import Line
from bascule.store.codec import stamp
from bascule.store.inbox import LAST

from ..rendering import count, number, query
from ..views.audit import AuditList, AuditRow
from ..views.parts import Paging, State, Tone
from . import sql, words
from .review import subject_href

LIMIT = 50
READ, SCAN = 100, 2000  # entries read at once, and looked at for one filtered page
PULL, EVERYTHING = "pull", "everything"
UNORDERED = timedelta(minutes=1)  # entries are numbered as they are committed, which may be that much later
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
        toggle=query("/audit", base, action="" if action else EVERYTHING) if action in ("", EVERYTHING) else "",
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
    read = _source(tx, workspace, action, actor, candidate)
    place = int(before) if before.isdigit() else _newest(tx, workspace, until)
    found: list[Line] = []
    for _ in range(SCAN // READ):
        some = read(place)
        for line in some:
            if since is not None and line.at < since - UNORDERED:
                return found, 0
            if _wanted(line, workspace, action, actor, since, until):
                found.append(line)
                if len(found) == LIMIT:
                    return found, line.id
        if len(some) < READ:
            return found, 0
        place = some[-1].id
    return found, place


def _source(tx: Tx, workspace: str, action: str, actor: str, candidate: str) -> Callable[[int], list[Line]]:
    """The narrowest list that an index serves, before an id: of a candidate, an action, an actor, or all."""
    if candidate:
        family = tx.families.record_family(candidate) or candidate
        return lambda before: tx.audit.of_family(family, before=before, limit=READ)
    if action not in ("", EVERYTHING):
        return lambda before: tx.audit.of_action(workspace, action, before=before, limit=READ)
    if actor and action != EVERYTHING:
        return lambda before: tx.audit.of_actor(workspace, actor, before=before, limit=READ)
    list_of = tx.audit.page if action == EVERYTHING else tx.audit.told
    return lambda before: list_of(workspace, before=before, limit=READ)


def _newest(tx: Tx, workspace: str, until: datetime | None) -> int:
    """An id behind the last entry of a time. Entries of one moment may have been numbered in another order."""
    if until is None:
        return LAST
    last = tx.row(sql.AUDIT_PLACE, workspace=workspace, before=stamp(until + UNORDERED))
    return int(last[0]) + 1 if last else 0


def _wanted(
    line: Line, workspace: str, action: str, actor: str, since: datetime | None, until: datetime | None
) -> bool:
    return (
        line.workspace == workspace
        and (line.action == action or action == EVERYTHING or (not action and line.action != PULL))
        and actor in ("", line.actor_kind)
        and (since is None or line.at >= since)
        and (until is None or line.at < until)
    )


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
