"""A connection's roll-out and its pilots, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bascule.core.pilots import WORDS, Check
from bascule.core.rollout import Item, Line, Result
from bascule.engine.connections import Connected
from bascule.engine.remap import families_after
from bascule.hiring import disclosure
from bascule.model import Fields, Kind, RecordState, Scope
from bascule.office.rollouts import LABELS, Preview, Standing
from bascule.store import Tx
from bascule.store.pilots import Phase, Pilot

from ..views.parts import State, Tone
from ..views.rollout import GateLine, PilotLine, PilotPage, PilotRow, RolloutPage, WriteRow
from .connection import DOES

MOST_JOBS = 200
SAID: Mapping[Item, str] = {
    Item.ORDER: "One mode after the other",
    Item.READ: "Everything there was read once",
    Item.OWNER: "An owner with duties, and a deputy",
    Item.CONTACTS: "Support and escalation",
    Item.ALERT: "An alert has reached somebody",
    Item.DAYS: "Clean days",
    Item.GAPS: "Every value is mapped",
    Item.DATA: "The data were checked, and somebody decided",
    Item.TRIGGERS: "Triggers do not clash",
    Item.RIGHTS: "The credential may do no more than needed",
    Item.PILOT: "A pilot in the customer’s own system",  # noqa: RUF001
    Item.DISCLOSURE: "What applicants are told is confirmed",
}
STATES: Mapping[Result, State] = {
    Result.PASS: State("passes", Tone.IN_STEP),
    Result.FAIL: State("fails", Tone.FAILING),
    Result.WAIVED: State("waived", Tone.WAITING),
}
VERDICTS: Mapping[str, State] = {
    "pass": State("pass", Tone.IN_STEP),
    "fail": State("fail", Tone.FAILING),
    "not tried": State("not tried", Tone.QUIET),
}


MENDED: Mapping[Item, tuple[str, str]] = {
    Item.READ: ("How far it is", "/connections/{name}/setup?step=reading"),
    Item.OWNER: ("Enter them under Who answers", "#contacts"),
    Item.CONTACTS: ("Enter them under Who answers", "#contacts"),
    Item.ALERT: ("Say where alerts go, and send one to try", "/alerts"),
    Item.GAPS: ("Say what each means, in the mapping", "/mapping/{name}"),
    Item.DATA: ("Check them, and look at what was found", "/connections/{name}/data"),
    Item.TRIGGERS: ("Look at the triggers", "/triggers"),
    Item.RIGHTS: ("Compare them in the set-up", "/connections/{name}/setup?step=rights"),
    Item.PILOT: ("Begin one in the set-up", "/connections/{name}/setup?step=pilot"),
    Item.DISCLOSURE: ("Read the draft of what applicants are told, and confirm it", "/screening"),
}
"""Where a line that fails is mended: what to do, and the page."""


def page(tx: Tx, at: Connected, found: Standing, preview: Preview | None, *, may: bool, may_waive: bool) -> RolloutPage:
    """Everything about one connection's roll-out."""
    pilots = tx.pilots.of(at.id)
    held, check = disclosure.newest(tx, at.row.workspace, ""), tx.findings.newest(at.id)
    unconfirmed = any(one.item is Item.DISCLOSURE and one.result is Result.FAIL for one in found.lines)
    users = {user.id: user.name or user.email for user in tx.people.users(at.row.workspace)}
    jobs = _jobs(tx, at, found.scope)
    return RolloutPage(
        name=found.connection, label=found.label, mode=str(found.mode), since=found.since,
        to=str(found.to) if found.to else "", exempt=found.exempt, ready=found.ready,
        lines=tuple(_line(one, found.connection) for one in found.lines),
        contacts=tuple((name, words.capitalize(), found.contacts[name]) for name, words in LABELS.items()),
        owner=users.get(found.owner, ""), jobs=jobs, departments="\n".join(sorted(found.scope.departments)),
        offices="\n".join(sorted(found.scope.offices)), limited=not found.scope.whole,
        scope=_scope(found.scope, {id: title for id, title, _ in jobs}), ai=found.ai,
        pilots=tuple(_row(one) for one in pilots), piloting=bool(found.scope.pilot),
        checked=check is not None and check.ended is not None,
        disclosure=held.version if held is not None and unconfirmed else 0, may=may, may_waive=may_waive,
        preview=None if preview is None else _preview(preview), does=DOES[found.to] if found.to else "",
    )  # fmt: skip


def _line(one: Line, name: str) -> GateLine:
    fails = one.result is Result.FAIL
    next, href = MENDED[one.item] if fails and one.item in MENDED else (one.next, "")
    return GateLine(
        str(one.item), SAID[one.item], STATES[one.result], one.why, next, fails and not one.firm, href.format(name=name)
    )


def _jobs(tx: Tx, at: Connected, scope: Scope) -> tuple[tuple[str, str, bool], ...]:
    """Its open jobs and those that are chosen, by title."""
    page = families_after(tx, at.id, Kind.JOB, "", MOST_JOBS)
    found = [one.root for one in tx.families.families({id for _, id in page}).values() if one.records]
    found = [one for one in found if one.fields.get("status") != "closed" or one.id in scope.jobs]
    live = [one for one in found if one.state is RecordState.LIVE]
    rows = [(one.id, str(one.fields.get("title") or one.id), one.id in scope.jobs) for one in live]
    return tuple(sorted(rows, key=lambda row: row[1].casefold()))


def _scope(scope: Scope, titles: Mapping[str, str]) -> str:
    if scope.pilot:
        return "the test candidates of the pilot, and nobody else"
    said = [titles.get(one, one) for one in sorted(scope.jobs)]
    said += [f"department {one}" for one in sorted(scope.departments)]
    said += [f"office {one}" for one in sorted(scope.offices)]
    return ", ".join(said) or "everybody"


def _preview(found: Preview) -> tuple[tuple[str, tuple[WriteRow, ...]], ...]:
    def rows(of: Mapping[tuple[str, str], tuple[int, Any]]) -> tuple[WriteRow, ...]:
        return tuple(
            WriteRow(kind.replace("_", " "), name.replace("_", " "), many, since)
            for (kind, name), (many, since) in sorted(of.items())
        )

    return (("Of records that go on", rows(found.open)), ("Of records that were closed before", rows(found.history)))


def state_of(one: Pilot) -> State:
    if one.phase != Phase.DONE:
        return State("under way", Tone.CATCHING_UP)
    return State("passed", Tone.IN_STEP) if one.passed else State("not passed", Tone.FAILING)


def _row(one: Pilot) -> PilotRow:
    return PilotRow(one.id, state_of(one), one.began, len(one.people), one.rehearsal)


def pilot(at: Connected, one: Pilot, *, may: bool) -> PilotPage:
    """One pilot, line by line."""
    lines = tuple(
        PilotLine(
            WORDS[Check(str(line["check"]))], VERDICTS[str(line["verdict"])],
            *(str(line[name]) for name in ("of", "candidate", "field", "expected", "found", "next")),
        )
        for line in one.lines
    )  # fmt: skip
    running = one.phase == Phase.RUNNING
    moves = tuple(
        (str(person["name"]), str(person["asked_name"]))
        for person in one.people
        if running and person.get("asked_name") and person.get("state") != "done"
    )
    return PilotPage(
        at.row.name, str(at.row.label), state_of(one), one.rehearsal, one.began, one.ended, one.tag,
        one.actor.get("name", ""), len(one.people), lines, moves, running, one.until,
        tuple((str(person["name"]), _far(person)) for person in one.people) if running else (),
        one.phase != Phase.DONE, may,
    )  # fmt: skip


def _far(person: Fields) -> State:
    """How far a test candidate is."""
    if person.get("state") == "done":
        return State(str(person.get("problem") or "through"), Tone.WAITING if person.get("problem") else Tone.IN_STEP)
    if person.get("asked_name"):
        return State(f"waits to be moved to {person['asked_name']} there", Tone.WAITING)
    if person.get("moved"):
        return State("moved on here; it is to arrive there", Tone.CATCHING_UP)
    return State("made there, applies, and is scored", Tone.CATCHING_UP)
