"""A system's own schema has changed, or what its answers show: what that means for the mapping, said to the owner, one
notice a change.

Nothing else follows from it. The mapping is compiled from the schema as it is now, so that only the field itself is
affected; what is proposed is in the notice, and a person does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bascule.connectors.drift import Drift, What
from bascule.connectors.spec import Tenant
from bascule.core import stages
from bascule.core.mapping import Chosen
from bascule.model import Family, History, HistoryKind, Kind
from bascule.store import Tx

from .connections import Connected

DRIFT = "schema drift"  # the kind of notice
MOST = 1000
VISIBILITY = "visibility lost"  # the kind of notice about a field that objects do not show any more


def tell(tx: Tx, at: Connected, drifts: Sequence[Drift], tenant: Tenant, now: datetime, *, ours: bool = False) -> None:
    """One notice a change, none where it is our own doing (`ours`). What is gone explains why its objects do not show
    it, and what is there again ends the notice that it was gone."""
    workspace = at.row.workspace
    for one in drifts:
        if one.what is What.REMOVED:
            tx.notices.close(workspace, VISIBILITY, lost_about(at.id, one.object, one.field), now=now)
        if one.what is What.NEW:
            tx.notices.close(workspace, DRIFT, about(at, What.REMOVED, one), now=now)
        if not ours:
            told = text(at, one, tenant)
            tx.notices.put(workspace, DRIFT, about(at, one.what, one), told, now=now, connection=at.id)


def drifted(tx: Tx, at: Connected) -> tuple[str, ...]:
    """What was told of this account's schema and is not dealt with yet, the newest first."""
    told = tx.notices.list(at.row.workspace, limit=MOST)
    return tuple(one.text for one in told if one.kind == DRIFT and one.connection == at.id)


def about(at: Connected, what: What, drift: Drift) -> str:
    """What its notice is known by: one a field and a change. A field that is made again has another id."""
    return f"{at.id}|{what}|{drift.object}|{drift.field if what is What.REMOVED else drift.id}"


def lost_about(connection: str, kind: str, field: str) -> str:
    """What the notice is known by that objects do not show a field any more."""
    return f"{connection}|{kind}|{field}"


def lost_text(system: str, kind: str, field: str) -> str:
    """The notice itself."""
    return (
        f"{system} has stopped showing {field.removeprefix('custom.')} of {_a(kind)}, or of several. What differs "
        f"there is not written until it is shown again. Look whether the field was removed or made private there, or "
        f"the credential lost a right: bascule connections rights {system}"
    )


def _a(kind: str) -> str:
    """ "an application" """
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind.replace('_', ' ')}"


def text(at: Connected, drift: Drift, tenant: Tenant) -> str:
    """What happened, what it means here, what is proposed. `at` is the connection before, `tenant` the account now."""
    happened, meaning = _happened(drift), _meaning(at, drift, tenant)
    return f"{at.row.name}: {happened} {meaning}".rstrip()


def _happened(drift: Drift) -> str:
    of = f"{drift.object.replace('_', ' ')} field"
    match drift.what:
        case What.RENAMED:
            return f"the {of} “{drift.was}” is called “{drift.now}” now."
        case What.REMOVED:
            return f"the {of} “{drift.name}” is gone."
        case What.NEW:
            return f"there is a new {of} “{drift.name}” ({drift.now})."
        case What.REQUIRED:
            return f"the {of} “{drift.name}” is required now."
        case What.RETYPED:
            return f"the {of} “{drift.name}” is of the type {drift.now} now, and was {drift.was}."
        case What.CHOICES:
            told = [f"offers {drift.now}"] if drift.now else []
            told += [f"does not offer {drift.was} any more"] if drift.was else []
            return f"the {of} “{drift.name}” {' and '.join(told)}."
        case What.SHOWN:
            return f"{_objects(drift)} show a new field “{drift.name}”."
        case What.HIDDEN:
            return f"{_objects(drift)} do not show “{drift.name}” any more."


def _objects(drift: Drift) -> str:
    return f"{drift.object.replace('_', ' ')}s"


def _meaning(at: Connected, drift: Drift, tenant: Tenant) -> str:
    ours = _canonical(at, drift)
    match drift.what:
        case What.RENAMED:
            return "It is the same field, and is carried as before."
        case What.REMOVED if ours:
            return (
                f"{ours} is not written there any more; everything else goes on. Create it again "
                f"(bascule connections fields {at.row.name}), or switch it off in the mapping."
            )
        case What.REMOVED:
            return "Its values leave the records here as their objects are read again; the history keeps them."
        case What.NEW | What.SHOWN:
            return _carried(at, drift, tenant)
        case What.REQUIRED:
            made = {str(kind) for kind in at.connector.creates}
            if drift.object in made:
                made_there = _a(drift.object)
                return (
                    f"{made_there[0].upper()}{made_there[1:]} that Bascule creates there may be refused without it: "
                    "give it a default there."
                )
            return "Bascule creates nothing of this kind there, so that nothing of ours is refused."
        case What.RETYPED if ours:
            return f"Look whether {ours} is still accepted; what is refused is kept as a failure."
        case What.RETYPED | What.CHOICES:
            return "Its values are carried as they are."
        case What.HIDDEN if ours:
            return f"{ours} keeps what was read last: what is not shown is never taken for empty."
        case What.HIDDEN:
            return ""


def _canonical(at: Connected, drift: Drift) -> str:
    """Our names of what this very field carried."""
    carried = {(drift.object, drift.field)} | {
        (str(one.kind), one.into)
        for one in at.connector.schema(at.tenant)
        if one.object == drift.object and one.name == drift.field and one.kind is not None
    }
    maps = [each for some in at.view.fields.values() for each in some]
    names = [n for each in maps if (each.kind, each.name) in carried for n in each.canonical]
    return ", ".join(name.replace("_", " ") for name in dict.fromkeys(names))


def _carried(at: Connected, drift: Drift, tenant: Tenant) -> str:
    """Whether something carries a new field, and if not, why."""
    named = {f"custom: {drift.field.removeprefix('custom.')}", drift.name}
    one = next((s for s in at.connector.schema(tenant) if s.object == drift.object and s.name in named), None)
    if one is None or one.why:
        return f"It is not carried: {one.why if one else 'this connector does not know it'}."
    return "It is carried among the customer's own fields; no value of ours holds it by itself."


def renamed_stage(at: Connected, family: Family, line: History) -> tuple[str, str] | None:
    """(what its notice is known by, the notice) where a stage whose type a person has said is called otherwise now."""
    record = family.records.get(line.record)
    if record is None or record.kind is not Kind.STAGE or line.field != "name" or line.kind is not HistoryKind.CHANGED:
        return None
    rules, was, now = Chosen.read(at.row.choices).rules(), str(line.old or ""), str(line.new or "")
    job, kind = record.parent, str(record.fields.get("kind") or "")
    said = rules.certain(was, job=job, kind=kind)
    if said is None or rules.certain(now, job=job, kind=kind) is not None:
        return None
    given = said.type
    say = f'bascule mapping stages {at.row.name} --set "{now}={given}"'
    text = f"{at.row.name}: the stage “{was}” is called “{now}” now. It keeps its type, {given}; confirm it for the new"
    return stage_about(at.id, now), f"{text} name ({say}), so that new stages of that name have it too."


def stage_about(connection: str, name: str) -> str:
    return f"{connection}|stage|{stages.fold(name)}"
