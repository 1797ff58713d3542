"""The set-up of one connection, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping

from bascule.engine.connections import Connected
from bascule.engine.remap import families_after
from bascule.model import Kind, Label, LinkState, RecordState, StageType
from bascule.office.setting_up import Is, Step, StepState, Walk
from bascule.store import Tx

from ..views.parts import Choice, State, Tone
from ..views.wizard import StageRow, StepRow, WizardPage
from . import words

PAGE, USERS = 200, 500
TITLES: Mapping[Step, str] = {
    Step.CREDENTIALS: "Credentials",
    Step.RIGHTS: "Rights",
    Step.READING: "Reading what is there",
    Step.WEBHOOKS: "Webhooks",
    Step.STAGES: "Stages",
    Step.VALUES: "Values",
    Step.AI: "AI",
    Step.YOU: "You in the ATS",
    Step.SHADOW: "As far as shadow",
    Step.FIELDS: "Fields for the output",
    Step.PILOT: "Pilot",
    Step.LIVE: "Live for the first job",
}
TONES: Mapping[Is, Tone] = {
    Is.DONE: Tone.IN_STEP,
    Is.WRONG: Tone.FAILING,
    Is.NOW: Tone.WAITING,
    Is.RUNS: Tone.CATCHING_UP,
    Is.OPEN: Tone.QUIET,
    Is.LATER: Tone.QUIET,
}


def page(
    tx: Tx,
    at: Connected,
    walk: Walk,
    hook_url: str,
    *,
    step: str = "",
    secret: str = "",
    practice: str = "",
    may_administer: bool,
    back: str = "",
) -> WizardPage:
    """`step`: one that is to be open; `secret`: a webhook secret that was made just now; `practice`: the practice
    system's address, if this is it."""
    here, standing = walk.here, walk.standing
    opened = {here or Step.LIVE, Step.WEBHOOKS if secret else None, next((one for one in Step if one == step), None)}
    rows = tuple(_row(one, walk, one.step in opened) for one in walk.steps)
    return WizardPage(
        name=walk.name, label=str(walk.label), at=f"/connections/{walk.name}/setup", guide=walk.guide,
        base_url=at.row.base_url,
        answer=_answer(walk), rest=f"{walk.done} of {len(walk.steps)} steps are done.", steps=rows,
        types=tuple(StageType),
        stages=tuple(
            StageRow(s.name, s.jobs, str(s.type or ""), str(s.proposed or ""))
            for s in sorted(walk.stages, key=lambda s: (s.type is not None, s.proposed is not None))
        ),
        entered="\n".join(walk.rights.granted if walk.rights.told_by == "owner" else ()),
        missing=walk.rights.missing, unwaived=walk.rights.unwaived if walk.rights.told_by else (),
        waivable=bool(walk.rights.unwaived), told=walk.rights.told_by == "system", hook_url=hook_url,
        hook_secret=secret, hook_checked=walk.reached.at if walk.reached is not None else None,
        users=_users(tx, at), may_administer=may_administer, lacking=walk.lacking_fields, by_hand=walk.by_hand,
        pilot=f"/connections/{walk.name}/pilots/{walk.pilot.id}" if walk.pilot is not None else "",
        for_pilot=walk.for_pilot,
        rehearsal=walk.label is Label.SIMULATOR, to=str(standing.to or ""), ready=standing.ready,
        jobs=_jobs(tx, at), runs=any(one.state is Is.RUNS for one in walk.steps), practice=practice,
        back=back,
    )  # fmt: skip


def _row(one: StepState, walk: Walk, asked: bool) -> StepRow:
    acts = one.state not in (Is.LATER, Is.RUNS)
    state = State(one.words, TONES[one.state])
    return StepRow(one.step, _title(one, walk), state, one.next, asked or one.state is Is.RUNS, acts)


def _title(one: StepState, walk: Walk) -> str:
    return "Rehearsal" if one.step is Step.PILOT and walk.label is Label.SIMULATOR else TITLES[one.step]


def _answer(walk: Walk) -> State:
    """What waits for a person, else what goes on; names are listed in the step."""
    here = next((one for one in walk.steps if one.step is walk.here), None)
    runs = next((one for one in walk.steps if one.state is Is.RUNS), None)
    if (one := here or runs) is not None:
        said = one.words.partition(": ")[0].removesuffix(".")
        return State(f"{_title(one, walk)}: {said}", TONES[one.state])
    return State(f"{walk.name} is set up", Tone.IN_STEP)


def _users(tx: Tx, at: Connected) -> tuple[Choice, ...]:
    """Active users of the system, by name."""
    records = {record.id: record for record in tx.pages.of_kind(at.row.workspace, Kind.USER, USERS)}
    families = tx.families.families({record.family for record in records.values()})
    found = [
        Choice(link.external, words.title(records[link.record]))
        for family in families.values()
        for link in family.links.values()
        if link.connection == at.id
        and link.kind is Kind.USER
        and link.state is LinkState.LIVE
        and link.record in records
        and records[link.record].fields.get("active") is not False
    ]
    return tuple(sorted(found, key=lambda one: one.words))


def _jobs(tx: Tx, at: Connected) -> tuple[Choice, ...]:
    """Open jobs of the connection, as far as a list of them can be read."""
    first = {family for _, family in families_after(tx, at.id, Kind.JOB, "", PAGE)}
    roots = [one.root for one in tx.families.families(first).values() if one.records]
    found = [
        Choice(one.id, str(one.fields.get("title") or one.id))
        for one in roots
        if one.state is RecordState.LIVE and one.fields.get("status") == "open"
    ]
    return tuple(sorted(found, key=lambda one: one.words))
