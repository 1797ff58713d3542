"""Triggers and messages, as their pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bascule.core.messages import Template
from bascule.core.triggers import Do
from bascule.hiring.messages import name_of
from bascule.model import Family, Kind, Record
from bascule.office.interviews import INVITATION
from bascule.store import Tx
from bascule.store.messages import END, Message
from bascule.store.triggers import Firing

from ..views.flow import FiringRow, LeavingRows, MessageRow
from ..views.parts import Paging

LIMIT = 50
OF_INTERVIEWS = frozenset({"interview_time", "interviewers", "interview_place"})
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
    rows = tuple(_row(one, records.get(one.application), names, _effect(tx, workspace, one)) for one in shown)
    base = f"/triggers?trigger={trigger}&" if trigger else "/triggers?"
    more = f"{base}before={shown[-1].id}#fired" if len(found) > LIMIT else ""
    return rows, Paging(next=more, first="/triggers#fired" if before else "", total=None)


def _row(one: Firing, record: Record | None, names: dict[str, str], effect: str) -> FiringRow:
    saw = ", ".join(f"{name} {value}" for name, value in one.facts.items())
    subject = names.get(record.family, "") if record is not None else "name removed"
    href = f"/candidates/{record.parent}" if record is not None else ""
    return FiringRow(
        one.trigger, one.at, DID[Do(one.action)], str(one.state), one.why, saw, subject, href, one.version, effect
    )  # fmt: skip


def _effect(tx: Tx, workspace: str, one: Firing) -> str:
    """The page of what a rule's deed came to, "" where nothing can be looked at (any more)."""
    if not one.effect:
        return ""
    message = tx.messages.one(workspace, one.effect)
    if message is not None:
        return f"/candidates/{message.candidate}#message-{message.id}"
    if tx.pages.review(workspace, one.effect) is not None:
        return f"/review/{one.effect}"
    return f"/records/{one.effect}/history" if tx.families.records(workspace, [one.effect]) else ""


def messages(tx: Tx, workspace: str, state: str, before: str) -> tuple[tuple[MessageRow, ...], Paging]:
    """Messages, the newest first, with names."""
    found = tx.messages.list(workspace, state=state, before=before or END, limit=LIMIT + 1)
    shown = found[:LIMIT]
    base = f"/messages?state={state}&" if state else "/messages?"
    more = f"{base}before={shown[-1].id}" if len(found) > LIMIT else ""
    return named(tx, workspace, shown), Paging(next=more, first="/messages" if before else "", total=None)


def leaving(tx: Tx, workspace: str) -> LeavingRows:
    """What is to be sent and can be taken back."""
    rows = named(tx, workspace, tx.messages.leaving(workspace, limit=LIMIT))
    rules = Counter(row.rule for row in rows if row.rule)
    return LeavingRows(rows, {rule: many for rule, many in rules.items() if many > 1})


def named(tx: Tx, workspace: str, shown: Sequence[Message]) -> tuple[MessageRow, ...]:
    """Messages with whom they are with."""
    records = tx.families.records(workspace, {one.candidate for one in shown})
    names = tx.pages.names(sorted({record.family for record in records.values()}))
    rules = {one.id: tx.triggers.one(workspace, one.firing) for one in shown if one.firing}
    return tuple(
        MessageRow(
            one,
            names.get(records[one.candidate].family, "") if one.candidate in records else "",
            f"/candidates/{one.candidate}",
            rule.trigger if (rule := rules.get(one.id)) is not None else "",
            rule.version if rule is not None else 0,
        )
        for one in shown
    )


def with_one(tx: Tx, workspace: str, family: Family) -> tuple[MessageRow, ...]:
    """All messages with one person, the newest first."""
    candidates = [one.id for one in family.records.values() if one.kind is Kind.CANDIDATE]
    return named(tx, workspace, sorted(tx.messages.of(candidates), key=lambda one: one.created, reverse=True))


def about(tx: Tx, workspace: str, candidate: str, application: str) -> tuple[str, str, str]:
    """Whom a message is to, and about what: the candidate, their name, the job's title."""
    records = tx.families.records(workspace, [candidate, application])
    job = str(records[application].fields.get("job") or "")
    titles = tx.families.records(workspace, [job]) if job else {}
    return candidate, name_of(records[candidate]), str(titles[job].fields.get("title") or "") if job in titles else ""


def writable(templates: Mapping[str, Template], link: str) -> tuple[str, ...]:
    """The templates that a person can write with: whatever speaks of an interview leaves from the interview, and one
    with a link needs a screening form."""
    kept = (
        name for name, one in templates.items()
        if not one.at_once and not one.asks & OF_INTERVIEWS and name != INVITATION and (link or "link" not in one.asks)
    )  # fmt: skip
    return tuple(sorted(kept))
