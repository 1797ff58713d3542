"""What speaks against a letter, in the moment in which it leaves: asked of what is stored then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bascule.core.triggers import Do, Name, Trigger
from bascule.hiring.messages import templates_of
from bascule.hiring.triggers import load, rules_of
from bascule.model import Family, Record, ScreeningStatus
from bascule.store import Tx
from bascule.store.messages import Message
from bascule.store.triggers import Firing

from .faults import PAUSE
from .relay import Taken
from .scenario import LEASE

if TYPE_CHECKING:
    from .flow import Flow

LEEWAY = 2.0  # seconds between the commit that hands a letter over and the beginning of its conversation
OPEN = frozenset({ScreeningStatus.INVITED, ScreeningStatus.STARTED})


def objection(world: Flow, tx: Tx, letter: Taken) -> str:
    """Why this letter must not leave as things are now, and have been for a moment; "" where nothing speaks against
    it."""
    if not letter.whose or world.app is None:
        return ""
    workspace = world.app.workspace
    message = next(iter(tx.messages.of_mails(workspace, [letter.id])), None)
    leeway = timedelta(seconds=LEEWAY + LEASE * any(fault.kind == PAUSE for fault in world.scenario.faults))
    late = letter.date - leeway
    if message is None:
        return "" if "interview" in letter.subject.casefold() else "a letter that nobody knows of"
    quiet = world.quiet.get(letter.to)
    if quiet is not None and quiet < late:
        return "written to somebody who wants no more"
    loaded = load(tx, message.application or "")
    if loaded is None:
        gone = [one.at for one in world.erasures if letter.whose in one.whose]
        return "written to somebody erased" if gone and letter.began - min(gone) > leeway.total_seconds() else ""
    template = templates_of(tx, workspace)[message.template]
    return _closed(tx, loaded[1], late, closed=template.closed) or _no_more(tx, message, loaded, late, template.closed)


def _closed(tx: Tx, record: Record, late: datetime, *, closed: bool) -> str:
    status = record.fields.get("status")
    if status not in (None, "active") and not closed and record.sources["status"].at < late:
        return f"written to somebody who is {status}"
    job = tx.families.records(record.workspace, [str(record.fields.get("job"))]).get(str(record.fields.get("job")))
    if job is not None and job.fields.get("status") == "closed" and job.sources["status"].at < late and not closed:
        return "written to about a closed job"
    return ""


def _no_more(tx: Tx, message: Message, loaded: tuple[Family, Record], late: datetime, closed: bool) -> str:
    """What a rule's letter is about has been answered, or its person stands elsewhere."""
    firing = tx.triggers.behind(message.id)
    rule = rule_of(tx, message, firing)
    if firing is None or rule is None:
        return ""
    record = loaded[1]
    form = tx.screenings.of([record.id]).get(record.id)
    if rule.do is Do.INVITE and form is not None and form.state not in OPEN:
        since = form.completed or form.opted_out
        if since is None or since < late:
            return f"asked to answer what is {form.state}"
    stage = rule.test(Name.STAGE)
    held = tx.families.records(record.workspace, [str(record.fields.get("stage"))])
    now = next(iter(held.values()), None)
    if stage is None or closed or now is None or now.fields.get("type") in stage.among:
        return ""
    return "written to somebody who has moved on" if record.sources["stage"].at < late else ""


def rule_of(tx: Tx, message: Message | None, firing: Firing | None) -> Trigger | None:
    if firing is None:
        return None
    version = tx.triggers.version(_workspace(tx), firing.version)
    found = rules_of(version.text) if version is not None else ()
    return next((one for one in found if one.name == firing.trigger), None)


def _workspace(tx: Tx) -> str:
    return tx.workspaces.list()[0].id
