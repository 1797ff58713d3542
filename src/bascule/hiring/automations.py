"""What an ATS does by itself, as its interface shows it, in the words of our own rules: so that the two can be held
against each other. It is learned with the account, every hour, and is gone here once it is gone there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bascule.connectors.spec import HIDDEN_AUTOMATIONS, Automation
from bascule.core.stages import fold
from bascule.core.triggers import Do, Name, Reach, Test, Trigger
from bascule.engine.connections import Connected
from bascule.model import Kind, Record, Status
from bascule.store import Tx


@dataclass(frozen=True, slots=True)
class Native:
    """What one account does by itself, when that was read, and what of it is not shown there."""

    connection: str
    label: str
    does: tuple[Automation, ...]
    read: datetime | None
    hidden: str = ""


def natives(connections: Iterable[Connected], workspace: str) -> tuple[Native, ...]:
    """Of every account whose interface shows it, or says that it shows less than all."""
    found = [
        Native(at.row.name, at.connector.label, at.tenant.automations, at.tenant.learned,
               at.tenant.facts.get(HIDDEN_AUTOMATIONS, ""))
        for at in connections
        if at.row.workspace == workspace and not at.is_tool
    ]  # fmt: skip
    return tuple(one for one in found if one.does or one.hidden)


def as_rules(tx: Tx, connections: Iterable[Connected], workspace: str) -> tuple[Trigger, ...]:
    """What these accounts send to candidates by themselves, as rules that are theirs."""
    return tuple(
        _rule(tx, at, one)
        for at in connections
        if at.row.workspace == workspace and not at.is_tool
        for one in at.tenant.automations
        if one.writes
    )


def _rule(tx: Tx, at: Connected, one: Automation) -> Trigger:
    tests: list[Test] = []
    if one.stage:
        tests.append(Test(Name.STATUS, frozenset({str(Status.ACTIVE)})))
        tests.append(Test(Name.STAGE_NAMED, frozenset({fold(one.stage)})))
        known = _records(tx, at, Kind.STAGE, one.stages)
        types = {str(each.fields.get("type") or "") for each in known}  # "": no rule that asks for a type holds there
        tests += [Test(Name.STAGE, frozenset(types))] if known else []
    elif one.status:
        tests.append(Test(Name.STATUS, frozenset({one.status})))
    jobs = _records(tx, at, Kind.JOB, one.jobs)
    names = {str(name) for job in jobs for name in (job.id, job.fields.get("requisition")) if name}
    departments = {str(job.fields.get("department") or "") for job in jobs}
    reach = Reach(
        frozenset({at.row.name}), frozenset(names), frozenset(departments) if "" not in departments else frozenset()
    )
    return Trigger(
        one.name, one.what, at.row.owner, tuple(tests), Do.MESSAGE, by=at.row.name, reach=reach, on=True, learned=True
    )


def _records(tx: Tx, at: Connected, kind: Kind, externals: Sequence[str]) -> list[Record]:
    """Those of them that are known here."""
    found = tx.families.resolve(at.id, [(kind, one) for one in externals])
    ids = [one.record for one in found.values()]
    return list(tx.families.records(at.row.workspace, ids).values()) if ids else []
