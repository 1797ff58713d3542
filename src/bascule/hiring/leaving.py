"""Whether a letter that is about to leave still makes sense. Hours may lie between a person's yes and it, and in
them its form is filled in, its interview is off or at another time, or its candidate stands elsewhere."""

from __future__ import annotations

import re

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
_LINK = re.compile(rf"/{Purpose.INTERVIEW}/([A-Za-z0-9_-]+)")
_EVENT = re.compile(r"(?m)^(UID|SEQUENCE):([^\r\n@]+)")


def outdated(tx: Tx, workspace: str, message: Message, application: Record, template: Template) -> str:
    """Why a message says what is not so any more, "" where it does not."""
    if message.event:
        return NEWER if is_older(tx, message.event) else ""
    firing = tx.triggers.behind(message.id)
    if firing is not None and firing.action == Do.INVITE:
        form = tx.screenings.of([application.id]).get(application.id)
        if form is None or form.state not in ASKED:
            return f"the form is {form.state if form is not None else 'gone'}"
    if _is_off(tx, workspace, message):
        return "the interview that it asks for is off, or has another link"
    if firing is not None and not template.closed and _elsewhere(tx, workspace, firing, application):
        return MOVED_ON
    return ""


def is_older(tx: Tx, event: str) -> bool:
    """Whether the interview of a calendar event has changed since the event was made."""
    told = dict(_EVENT.findall(event))
    one = tx.interviews.get(told.get("UID", ""))
    return one is not None and one.sequence > int(told.get("SEQUENCE", "0"))


def _is_off(tx: Tx, workspace: str, message: Message) -> bool:
    """Whether the message brings the link of an interview, and the link works no more."""
    found = _LINK.search(message.text)
    if found is None:
        return False
    told = opens(tx.vault.derived(workspace, b"links"), Purpose.INTERVIEW, found[1])
    one: Interview | None = tx.interviews.get(told.id) if told is not None else None
    return one is None or told is None or one.issue != told.issue or one.state == "cancelled"


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
