"""Whether a letter that is about to leave still makes sense. Hours may lie between a person's yes and it, and in
them its form is filled in, its interview is off or at another time, or its candidate stands elsewhere."""

from __future__ import annotations

import re
from datetime import datetime

from bascule.core.interviews import News
from bascule.core.messages import Template
from bascule.core.triggers import Do, Name, said
from bascule.model import Record, ScreeningStatus
from bascule.store import Tx
from bascule.store.interviews import Interview
from bascule.store.messages import Message
from bascule.store.triggers import Firing

from .links import Purpose, opens
from .triggers import MOVED_ON, facts_of, rules_of

ASKED = frozenset({ScreeningStatus.INVITED, ScreeningStatus.STARTED})
NEWER = "a newer letter says how the interview is now"
TOO_LATE = "the time of the interview has come"
UNTOLD = "interview letters"  # the notice that somebody was not written to about an interview
_LINK = re.compile(rf"/({Purpose.INTERVIEW}|{Purpose.SCREENING})/([A-Za-z0-9_-]+)")
_EVENT = re.compile(r"(?m)^(UID|SEQUENCE):([^\r\n@]+)")


def outdated(
    tx: Tx, workspace: str, message: Message, application: Record, template: Template, now: datetime
) -> str:  # fmt: skip
    """Why a message says what is not so any more, "" where it does not."""
    if message.event:
        return NEWER if is_older(tx, message.event) else TOO_LATE if _has_begun(tx, message.event, now) else ""
    firing = tx.triggers.behind(message.id)
    if firing is not None and firing.action == Do.INVITE:
        form = tx.screenings.of([application.id]).get(application.id)
        if form is None or form.state not in ASKED:
            return f"the form is {form.state if form is not None else 'gone'}"
    if why := _ended(tx, workspace, message):
        return why
    if firing is not None and not template.closed and _elsewhere(tx, workspace, firing, application):
        return MOVED_ON
    return ""


def is_older(tx: Tx, event: str) -> bool:
    """Whether the interview of a calendar event has changed since the event was made."""
    told = dict(_EVENT.findall(event))
    one = tx.interviews.get(told.get("UID", ""))
    return one is not None and one.sequence > int(told.get("SEQUENCE", "0"))


def withheld(tx: Tx, workspace: str, why: str, now: datetime) -> None:
    """The owner is told of somebody whom no letter reaches in time any more."""
    if why == TOO_LATE:
        text = "A candidate was not written to about an interview before its time. See that they know."
        tx.notices.put(workspace, UNTOLD, "all", text, now=now)


def _has_begun(tx: Tx, event: str, now: datetime) -> bool:
    one = tx.interviews.get(dict(_EVENT.findall(event)).get("UID", ""))
    return one is not None and one.starts is not None and one.starts <= now


def link_in(text: str) -> tuple[Purpose, str] | None:
    """What the link is for that a message brings to a candidate, and its secret part."""
    found = _LINK.search(text)
    return (Purpose(found[1]), found[2]) if found is not None else None


def _ended(tx: Tx, workspace: str, message: Message) -> str:
    """Why the link that the message brings opens nothing any more, or nothing that is still to be done."""
    found = link_in(message.text)
    if found is None:
        return ""
    purpose, secret = found
    told = opens(tx.vault.derived(workspace, b"links"), purpose, secret)
    if purpose is Purpose.SCREENING:
        form = tx.screenings.get(told.id) if told is not None else None
        if form is None or told is None or form.issue != told.issue:
            return "the form that it asks for has another link"
        return "" if form.state in ASKED else f"the form is {form.state}"
    one: Interview | None = tx.interviews.get(told.id) if told is not None else None
    if one is None or told is None or one.issue != told.issue or one.state == "cancelled":
        return "the interview that it asks for is off, or has another link"
    chosen = one.state == "booked" and message.template not in set(News)
    return "they have chosen a time already" if chosen else ""


def _elsewhere(tx: Tx, workspace: str, firing: Firing, application: Record) -> bool:
    """Whether the application has left the stage that its rule, as it was when it fired, asks for."""
    version = tx.triggers.version(workspace, firing.version)
    rule = next((one for one in rules_of(version.text) if one.name == firing.trigger), None) if version else None
    tests = [test for test in rule.when if test.name in (Name.STAGE, Name.STAGE_NAMED)] if rule is not None else []
    if not tests:
        return False
    stages = tx.families.records(application.workspace, [str(application.fields.get("stage") or "")])
    facts = facts_of(application, stages, {})
    return any(test.name not in facts or said(test.name, facts[test.name].value) not in test.among for test in tests)
