"""Disturbances as incidents: when each began, whose changes waited for it, and when it was over.

An outage, refused credentials and rate limits begin with an answer, a stop and a pause with who orders them, silence of
webhooks with what polls find instead, Bascule's own absence with its return. Twice a minute each is looked at again
(`look`), so that one that nobody saw begin or end is kept all the same. Of two that are one, the graver is kept: while
a system is down or refuses us, it is neither silent nor limiting besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bascule.model import Kind, Value
from bascule.store import Tx
from bascule.store.connections import Connection
from bascule.store.incidents import Cause, Incident

SHORT = timedelta(seconds=30)  # what is over sooner is a hiccup, and told to nobody
LIMITING = timedelta(minutes=3)  # so long must rate limits have let nothing through
AWAY = timedelta(minutes=10)  # so long must Bascule have been away; when it is back it compares everything
CATCH_UP = timedelta(minutes=10)  # what polls find first so soon after its return was late because of it
CALM = timedelta(minutes=20)  # so soon after a graver one silence is still part of it
GRAVER = (Cause.OUTAGE, Cause.CREDENTIALS)
NOTICE: Mapping[Cause, str] = {
    Cause.OUTAGE: "outage",
    Cause.CREDENTIALS: "disconnected",
    Cause.STOP: "writes stopped",
    Cause.WEBHOOKS: "webhooks silent",
    Cause.LIMITS: "rate limits",
}
"""The kind of notice that tells of one while it lasts."""
REFUSALS = "refusals"  # the cursor: since when rate limits have let nothing through, and when they last refused
LATE = "late"  # the cursor: what polls have found first since Bascule is back
MOST = 500  # objects that are remembered as found late


def begins(tx: Tx, row: Connection, cause: Cause, why: str, *, since: datetime) -> Incident:
    """It lasts; it began at `since` where nobody knew yet. Whose work waits is looked at."""
    incident = tx.incidents.open(row.id, cause)
    if incident is None:
        incident = tx.incidents.begin(row.workspace, row.id, cause, why, now=since)
    tx.incidents.lasts(incident)
    return incident


def over(tx: Tx, connection: str, *causes: Cause, now: datetime) -> None:
    """These do not last any more. To be called before what waited goes on: what waits is what it has made late."""
    for cause in causes:
        incident = tx.incidents.open(connection, cause)
        if incident is None:
            continue
        if now - incident.began < SHORT:
            tx.incidents.drop(incident)
        else:
            tx.incidents.end(incident, now=now)
        if cause is Cause.LIMITS:
            tx.notices.close(incident.workspace, NOTICE[cause], connection, now=now)


def look(tx: Tx, row: Connection, answered: datetime | None, now: datetime) -> None:
    """Begin what has begun, end what has ended, and see whose work waits. `answered`: when the system last let
    something through, as far as this process knows."""
    if not row.paused:
        over(tx, row.id, Cause.CREDENTIALS, Cause.PAUSE, now=now)
    else:
        told = tx.notices.is_open(row.workspace, NOTICE[Cause.CREDENTIALS], row.id)
        refused = told or tx.incidents.open(row.id, Cause.CREDENTIALS) is not None
        begins(tx, row, Cause.CREDENTIALS if refused else Cause.PAUSE, row.paused, since=now)
    if row.stopped is not None:
        begins(tx, row, Cause.STOP, row.stopped.words, since=row.stopped.at)
    else:
        over(tx, row.id, Cause.STOP, now=now)
    limited = tx.incidents.open(row.id, Cause.LIMITS)
    if limited is not None:
        last = _refusals(tx, row.id)[1]
        if answered is not None and last is not None and answered > last:
            over(tx, row.id, Cause.LIMITS, now=answered)
        else:
            tx.incidents.lasts(limited)
    _found_late(tx, row, now)


# ------------------------------------------------------------------------------------------------------- rate limits


def throttled(tx: Tx, row: Connection, wait: timedelta, answered: datetime | None, now: datetime) -> None:
    """Its rate limits have refused us and are to be waited for. When they have let nothing through for minutes, or will
    not for minutes, that is an incident."""
    since, last = _refusals(tx, row.id)
    if since is None or last is None or (answered is not None and answered > last) or now - last > CALM:
        since = now
    tx.connections.set_cursor(row.id, REFUSALS, {"since": since.isoformat(), "last": now.isoformat()}, now=now)
    if now + wait - since < LIMITING or any(tx.incidents.open(row.id, cause) for cause in GRAVER):
        return
    why = f"Its rate limits let nothing through since {since:%Y-%m-%d %H:%M} UTC (429)."
    begins(tx, row, Cause.LIMITS, why, since=since)
    text = f"{row.name}: {why[0].lower()}{why[1:]} What is read and written there waits, and goes on by itself."
    tx.notices.put(row.workspace, NOTICE[Cause.LIMITS], row.id, text, now=now, connection=row.id)


def _refusals(tx: Tx, connection: str) -> tuple[datetime | None, datetime | None]:
    kept = tx.connections.cursor(connection, REFUSALS)
    if not isinstance(kept, Mapping):
        return None, None
    told: Mapping[str, Any] = kept
    return datetime.fromisoformat(told["since"]), datetime.fromisoformat(told["last"])


# ------------------------------------------------------------------------------------------------ silence of webhooks


def silence(tx: Tx, row: Connection, why: str, since: datetime, found: Iterable[Any], now: datetime) -> None:
    """Webhooks tell of nothing since polls found the first of these objects instead: (kind, external id)."""
    if tx.incidents.open(row.id, Cause.WEBHOOKS) is None:
        graver = [one for one in tx.incidents.list(row.workspace, connection=row.id, limit=10) if _hides_silence(one)]
        if any(one.ended is None or now - one.ended < CALM for one in graver):
            return
        since = max([since, *(one.ended for one in graver if one.ended is not None)])
    incident = begins(tx, row, Cause.WEBHOOKS, why, since=since)
    tx.incidents.add(incident, _families(tx, row.id, found))


def _hides_silence(incident: Incident) -> bool:
    return incident.cause in (*GRAVER, Cause.PAUSE, Cause.ABSENCE)


# --------------------------------------------------------------------------------------------- Bascule's own absence


def returned(tx: Tx, workspace: str, alive: datetime | None, now: datetime) -> bool:
    """Bascule works again and was last seen working at `alive` (None: never, or nothing was to be done). Where that is
    long ago, one incident tells of it, for every connection, also where an earlier start did no work. Whether it is."""
    if alive is None or now - alive <= AWAY:
        return False
    before = tx.incidents.list(workspace, limit=10)
    incident = next((one for one in before if one.cause is Cause.ABSENCE and one.began == alive), None)
    if incident is None:
        incident = tx.incidents.begin(workspace, "", Cause.ABSENCE, "Bascule was not running.", now=alive)
    tx.incidents.end(incident, now=now)
    return True


def found_first(tx: Tx, row: Connection, kind: Kind, externals: Iterable[str], now: datetime) -> None:
    """Polls have found these objects before anything told of them: late, where Bascule has just come back."""
    if _absence(tx, row, now) is None:
        return
    kept = (*remembered(tx.connections.cursor(row.id, LATE)), *((str(kind), one) for one in externals))
    tx.connections.set_cursor(row.id, LATE, kept[:MOST], now=now)


def _found_late(tx: Tx, row: Connection, now: datetime) -> None:
    """Who that was, once they have been read."""
    found = remembered(tx.connections.cursor(row.id, LATE))
    if not found:
        return
    absence = _absence(tx, row, now)
    if absence is not None:
        tx.incidents.add(absence, _families(tx, row.id, found))
    else:
        tx.connections.drop_cursor(row.id, LATE)


def _absence(tx: Tx, row: Connection, now: datetime) -> Incident | None:
    ended = tx.incidents.ended(row.workspace, since=now - CATCH_UP - SHORT)
    return next((one for one in ended if one.cause is Cause.ABSENCE), None)


def remembered(kept: Value) -> list[tuple[str, str]]:
    """Objects found late, as a cursor keeps them: (kind, external id)."""
    return [(str(one[0]), str(one[1])) for one in kept] if isinstance(kept, list | tuple) else []  # type: ignore[index]


def _families(tx: Tx, connection: str, found: Iterable[Any]) -> set[str]:
    known = tx.families.resolve(connection, [(Kind(kind), external) for kind, external in found])
    return {one.family for one in known.values()}
