"""The one door by which an AI's result enters the record: the built-in matcher's, and every other tool's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bascule.core.draft import value_of
from bascule.core.rollout import AI
from bascule.engine.connections import Connected, Connections
from bascule.engine.reconcile import Reconcile
from bascule.errors import ForbiddenError, InputError, StaleError
from bascule.model import (
    EMPTY,
    Actor,
    Edit,
    Family,
    FamilyState,
    Fields,
    Kind,
    LinkState,
    Record,
    RecordState,
    ReviewKind,
    ReviewState,
    ScreeningStatus,
)
from bascule.store import Tx

WAITS, THERE, REFUSED = "waits for a person", "is there already", "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """What an AI says of an application: canonical fields of its own, a note, and a stage it would move it to."""

    fields: Fields = field(default_factory=lambda: EMPTY)
    note: str | None = None
    stage: str = ""  # a stage's record; "": it proposes none


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of it. `proposal` is one of WAITS, THERE and REFUSED, "" where none was made."""

    changed: tuple[str, ...] = ()
    noted: bool = False
    proposal: str = ""
    review: str = ""
    why: str = ""
    next: str = ""


def enter(
    tx: Tx, reconcile: Reconcile, ids: Callable[[], str], application_id: str, result: Result, actor: Actor
) -> Entered:
    """Bring a result into the record, inside a unit that knows that the application stands (`stands`). What has not
    changed changes nothing. What a gate refuses of the proposal is told, and the rest enters all the same."""
    family_id = tx.families.record_family(application_id)
    assert family_id is not None
    application = tx.families.family(family_id).records[application_id]
    cause, edits = ids(), list[Edit]()
    changed = {name: value for name, value in result.fields.items() if value_of(application, name) != value}
    if changed:
        edits.append(Edit(ids(), application.id, changed, actor, cause))
    if result.note is not None:
        said = {"body": result.note, "visibility": "private", "application": application.id}
        edits.append(Edit(ids(), application.parent or "", said, actor, cause, create=Kind.NOTE))
    if edits:
        reconcile.edit_in(tx, family_id, edits)
    told = Entered(tuple(sorted(changed)), result.note is not None)
    return told if not result.stage else _propose(tx, reconcile, ids, family_id, application_id, result, told, actor)


def _propose(
    tx: Tx, reconcile: Reconcile, ids: Callable[[], str], family: str, application: str, result: Result,
    told: Entered, actor: Actor,
) -> Entered:  # fmt: skip
    """A stage that the AI would move the application to: a person decides, and a gate says what nobody is asked."""
    edit = Edit(ids(), application, {"stage": result.stage}, actor, ids())
    try:
        planned = reconcile.edit_in(tx, family, [edit])
    except (ForbiddenError, InputError) as error:
        why = str(error).removesuffix(error.hint).strip()
        return Entered(told.changed, told.noted, REFUSED, why=why, next=error.hint)
    asked = next(
        (
            one.id
            for one in planned.family.reviews.values()
            if (one.kind, one.state, one.record, one.field)
            == (ReviewKind.PROPOSAL, ReviewState.OPEN, application, "stage")
            and one.detail.get("proposed") == result.stage
        ),
        "",
    )
    return Entered(told.changed, told.noted, WAITS if asked else THERE, asked)


def stands(tx: Tx, family: str, record: str) -> bool:
    """Whether what was made of somebody can still be kept: not when they are being erased, or have been, or have opted
    out meanwhile. StaleError where the record has become another person's: it is to be loaded again."""
    now = tx.families.family(family)
    if now.state is not FamilyState.LIVE:
        return False
    if record not in now.records:
        raise StaleError("The application has become another record's meanwhile.")
    return not opted_out(now.records[record])


# ------------------------------------------------------------------------------------------- whether an AI may look


def shown_by(connections: Connections, family: Family) -> Iterator[Connected]:
    """The systems that show this person now."""
    for link in family.links.values():
        if link.kind is Kind.CANDIDATE and link.state is LinkState.LIVE:
            at = connections.known(link.connection)
            if at is not None:
                yield at


def switched_on(at: Connected) -> bool:
    """AI is a switch of its own, per connection."""
    return bool(at.row.settings.get(AI, True))


def opted_out(application: Record) -> bool:
    """Whether its person has asked that no AI looks at it."""
    return application.fields.get("screening_status") == ScreeningStatus.OPTED_OUT


def objection(connections: Connections, family: Family, application: Record | None = None) -> str:
    """Why no AI may look at this person, or at one application of theirs; "" where it may. They have opted out (of any
    application, where none is named), or every system that shows them has AI switched off."""
    among = family.records.values() if application is None else (application,)
    if any(opted_out(one) for one in among if one.kind is Kind.APPLICATION and one.state is RecordState.LIVE):
        return "They have asked that only people look at their application."
    shown = list(shown_by(connections, family))
    if not shown or any(map(switched_on, shown)):
        return ""
    return f"AI is switched off at {', '.join(sorted(at.row.name for at in shown))}."
