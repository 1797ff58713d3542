"""Erasures: what one will do, how far one is, and its certificate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bascule.core.retention import Rule
from bascule.model import Status
from bascule.office.erasures import Plan
from bascule.office.retention import Waiting
from bascule.store import Tx
from bascule.store.erasure import Erased
from bascule.trust.retiring import rule_of

from ..rendering import count
from ..views.erasure import DuePage, DueRow, ErasePage, ErasureList, ErasurePage, ErasureRow
from ..views.parts import Fact, State, Tone
from . import words

LIMIT = 200
BY_HAND, LATER = "by hand", "later"
NAMELESS = "erase"  # what is typed for somebody without a name


def asking(id: str, plan: Plan) -> ErasePage:
    """What will happen, before anybody confirms it."""
    systems = tuple(Fact(one.system, one.outcome, note=BY_HAND if one.by_hand else "") for one in plan.systems)
    return ErasePage(id, plan.name, plan.name or NAMELESS, systems, plan.backups)


def rows(tx: Tx, workspace: str) -> ErasureList:
    """The newest first."""
    people, connections = words.people(tx, workspace), words.connection_names(tx, workspace)
    known = people | connections
    found = tuple(_row(one, known) for one in tx.erasure.list(workspace, limit=LIMIT))
    return ErasureList(found, said(rule_of(tx, workspace)))


def said(rule: Rule) -> str:
    """A rule in words."""
    if not rule.on:
        return "Off: nobody is erased by a rule."
    statuses = " or ".join(sorted(rule.statuses))
    months = count(rule.months, "month")
    return f"On: whose applications are all {statuses} for {months} is erased, looked at once a day."


def due(waiting: Waiting, in_force: Rule, *, may_set: bool) -> DuePage:
    """Who would be erased by a rule now."""
    rule = waiting.rule
    same = replace(rule, on=in_force.on, agreed=in_force.agreed) == in_force
    return DuePage(
        in_force=said(in_force),
        on=in_force.on,
        same=same,
        months=rule.months,
        rejected=Status.REJECTED in rule.statuses,
        withdrawn=Status.WITHDRAWN in rule.statuses,
        tags=", ".join(rule.tags),
        field=rule.field,
        count=waiting.count,
        rows=tuple(
            DueRow(one.name or "name removed", f"/candidates/{one.record}", one.closed) for one in waiting.first
        ),
        may_set=may_set,
    )


def page(tx: Tx, workspace: str, id: str) -> ErasurePage:
    """One erasure. NotFoundError if there is none."""
    erased = tx.erasure.get(id)
    known = words.people(tx, workspace) | words.connection_names(tx, workspace)
    row = _row(erased, known)
    places = tuple(
        Fact(
            str(one["place"]), str(one["outcome"]), note="" if one["done"] else BY_HAND if "object" in one else "later"
        )
        for one in _places(erased)
    )
    facts = [Fact("Candidate", erased.record), Fact("Asked by", row.asked_by)]
    if erased.certificate is not None:
        facts += [Fact("Signature", erased.certificate["signature"]), Fact("Key", erased.certificate["key"])]
    return ErasurePage(row, _state(row), places, tuple(facts))


def _places(erased: Erased) -> list[dict[str, Any]]:
    return [] if erased.certificate is None else list(erased.certificate["certificate"]["places"])


def _there(place: dict[str, Any]) -> bool:
    """Whether a place is a connected system."""
    return "object" in place


def _row(erased: Erased, known: dict[str, str]) -> ErasureRow:
    left = sum(not one["done"] and _there(one) for one in _places(erased))
    who = known.get(erased.actor_id) or erased.actor_id or erased.actor_kind
    return ErasureRow(erased.id, erased.record, who, erased.begun, erased.ended, left)


def _state(row: ErasureRow) -> State:
    if row.ended is None:
        why = "The systems are asked first; then everything here goes in one step. It goes on by itself, over restarts."
        return State("Being erased", Tone.CATCHING_UP, row.begun, why)
    if row.left:
        why = "What a system cannot or will not do is a task for its owner, by the id there."
        return State("Erased here; a system is left to a person", Tone.WAITING, row.ended, why)
    return State("Erased", Tone.IN_STEP, row.ended)
