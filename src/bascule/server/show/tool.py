"""The page of an AI tool: how far it is, what it is shown, where its results stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bascule.engine.connections import Connected
from bascule.engine.health import came
from bascule.hiring.tools import Policy, hinted
from bascule.model import TOOL_FIELDS, FieldMap, Kind, RecordState, tool_field
from bascule.store import Tx
from bascule.store.connections import Connection

from ..rendering import stamp
from ..views.parts import Fact, Lag, Link
from ..views.tool import ToolPage
from .connection import Etas, row
from .words import title

MOST_JOBS = 500


def page(
    tx: Tx,
    at: Connected,
    others: Sequence[Connected],
    lags: Mapping[str, Lag],
    now: datetime,
    door: str,
    etas: Etas,
    *,
    may: bool,
) -> ToolPage:
    """Everything about one tool. `others` are the connections it may have fields at."""
    row_of = tx.connections.get(at.id)
    counts = tx.pages.overview([at.id], objects=False)[at.id]
    users = tx.people.users(row_of.workspace)
    how, policy = came(tx, row_of), Policy.of(row_of)
    jobs = tx.families.records(row_of.workspace, sorted(row_of.scope.jobs))
    shown = (
        ("contact", "Names, addresses, numbers", policy.contact), ("resume", "CV", policy.resume),
        ("answers", "Screening answers", policy.answers),
    )  # fmt: skip
    keys = tx.tools.keys(at.id, now=now)
    used = [one.last_used for one in keys if one.last_used is not None]
    found = [(one, *_fields(one, at.row.name)) for one in others]
    return ToolPage(
        row=row(tx, row_of, counts, lags, now, etas),
        behind=how.behind,
        held=how.held,
        unconfirmed=how.unconfirmed,
        paused=bool(row_of.paused),
        owner=row_of.owner,
        sees=(
            Fact("Jobs", ", ".join(sorted(map(title, jobs.values()))) if jobs else "every open job"),
            *(Fact(words, "yes" if on else "no") for _, words, on in shown),
        ),
        fields=tuple((ats.row.name, there, missing) for ats, there, missing in found if there or missing),
        facts=(
            Fact("Door", door),
            Fact("Told of news at", row_of.base_url if hinted(at) else "nowhere: it asks by itself"),
            Fact("Keys that are good", len(keys)),
            Fact("Key last used", stamp(max(used)) if used else "never"),
            Fact("Label", str(row_of.label)),
            Fact("Connected", stamp(row_of.created)),
        ),
        users=tuple(Link(user.name or user.email, user.id) for user in users if user.disabled is None),
        jobs=_jobs(tx, row_of),
        switches=shown,
        hook=row_of.base_url if hinted(at) else "",
        may=may,
    )


def _jobs(tx: Tx, row_of: Connection) -> tuple[tuple[str, str, bool], ...]:
    """Open jobs, as far as a list of them can be read, and those that are chosen, by title."""
    chosen = row_of.scope.jobs
    known = tx.families.records(row_of.workspace, sorted(chosen))
    known |= {
        one.id: one
        for one in tx.pages.of_kind(row_of.workspace, Kind.JOB, MOST_JOBS)
        if one.state is RecordState.LIVE and one.fields.get("status") == "open"
    }
    rows = ((id, title(one), id in chosen) for id, one in known.items())
    return tuple(sorted(rows, key=lambda row: row[1].casefold()))


def _fields(ats: Connected, tool: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the tool's fields there, what it could have there)"""
    mine = {tool_field(tool, name) for name in TOOL_FIELDS}
    proposed: list[FieldMap] = [each for each in ats.connector.fields(ats.tenant, ats.id) if each.canonical[0] in mine]
    there = tuple(dict.fromkeys(each.label or each.name for each in proposed if not each.missing))
    return there, tuple(dict.fromkeys(each.label or each.name for each in proposed if each.missing))
