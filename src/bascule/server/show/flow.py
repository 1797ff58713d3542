"""Triggers and messages, as their pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bascule.core.triggers import Do
from bascule.model import Record
from bascule.store import Tx
from bascule.store.messages import END, Message
from bascule.store.triggers import Firing

from ..views.flow import FiringRow, MessageRow
from ..views.parts import Paging

LIMIT = 50
DID: Mapping[Do, str] = {
    Do.MESSAGE: "wrote a message",
    Do.INVITE: "invited to the screening",
    Do.SCHEDULE: "asked for a time for an interview",
    Do.NOTIFY: "told a colleague",
    Do.PROPOSE: "proposed a step",
    Do.SHORTLIST: "proposed for a shortlist",
    Do.NOTE: "added a note",
    Do.TAG: "added a tag",
    Do.TELL: "told subscribers",
}


def fired(tx: Tx, workspace: str, trigger: str, before: str) -> tuple[tuple[FiringRow, ...], Paging]:
    """What rules have done, the newest first, with names."""
    found = tx.triggers.list(workspace, trigger=trigger, before=before or END, limit=LIMIT + 1)
    shown = found[:LIMIT]
    records = tx.families.records(workspace, {one.application for one in shown})
    names = tx.pages.names(sorted({record.family for record in records.values()}))
    rows = tuple(_row(one, records.get(one.application), names) for one in shown)
    base = f"/triggers?trigger={trigger}&" if trigger else "/triggers?"
    more = f"{base}before={shown[-1].id}#fired" if len(found) > LIMIT else ""
    return rows, Paging(next=more, first="/triggers#fired" if before else "", total=None)


def _row(one: Firing, record: Record | None, names: dict[str, str]) -> FiringRow:
    saw = ", ".join(f"{name} {value}" for name, value in one.facts.items())
    subject = names.get(record.family, "") if record is not None else "name removed"
    href = f"/candidates/{record.parent}" if record is not None else ""
    return FiringRow(one.trigger, one.at, DID[Do(one.action)], str(one.state), one.why, saw, subject, href)


def messages(tx: Tx, workspace: str, state: str, before: str) -> tuple[tuple[MessageRow, ...], Paging]:
    """Messages, the newest first, with names."""
    found = tx.messages.list(workspace, state=state, before=before or END, limit=LIMIT + 1)
    shown = found[:LIMIT]
    base = f"/messages?state={state}&" if state else "/messages?"
    more = f"{base}before={shown[-1].id}" if len(found) > LIMIT else ""
    return named(tx, workspace, shown), Paging(next=more, first="/messages" if before else "", total=None)


def named(tx: Tx, workspace: str, shown: Sequence[Message]) -> tuple[MessageRow, ...]:
    """Messages with whom they are with."""
    records = tx.families.records(workspace, {one.candidate for one in shown})
    names = tx.pages.names(sorted({record.family for record in records.values()}))
    return tuple(
        MessageRow(
            one,
            names.get(records[one.candidate].family, "") if one.candidate in records else "",
            f"/candidates/{one.candidate}",
        )
        for one in shown
    )
