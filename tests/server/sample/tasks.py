"""Tasks: due, overdue, escalated, asleep."""

from __future__ import annotations

from datetime import timedelta

from bascule.server.views.parts import Choice, Paging, State, Tone
from bascule.server.views.tasks import TaskList, TaskRow

from .parts import NOW, ago

TASKS = TaskList(
    (
        TaskRow(
            "failures:g|value",
            "Failures",
            "Value refused",
            "greenhouse",
            "Ida Administrator",
            ago(days=3),
            ago(days=2),
            State("Escalated", Tone.FAILING, ago(days=2), "Nobody did it in time."),
            "Correct the value here or what the ATS allows there, then replay.",
            "/failures?connection=greenhouse",
            12,
        ),
        TaskRow(
            "notice:7",
            "Notice",
            "greenhouse-emea: the rights granted lack harvest:notes:create, which the mapping needs.",
            "greenhouse-emea",
            "Jo Deputy",
            ago(days=1, hours=3),
            ago(hours=3),
            State("Overdue", Tone.FAILING),
            "Mend what it says, then end it here.",
            "/connections/greenhouse-emea",
            3,
            "Done",
        ),
        TaskRow(
            "gap:3",
            "Mapping gap",
            "The mapping does not know application stage “Take-home v2”",
            "greenhouse",
            "Ida Administrator",
            ago(minutes=40),
            NOW + timedelta(days=3),
            State("Due", Tone.WAITING),
            "Choose what it is in the mapping.",
            "/mapping/greenhouse",
        ),
        TaskRow(
            "mapping:g",
            "Mapping to look at",
            "The mapping of greenhouse is to be looked at every 90 days",
            "greenhouse",
            "Ida Administrator",
            ago(days=1),
            NOW + timedelta(days=13),
            State("Due", Tone.WAITING),
            "Look through the mapping, then say so here.",
            "/mapping/greenhouse",
            ends="Looked at",
            sleeps=NOW + timedelta(days=2),
        ),
    ),
    4,
    2,
    1,
    Paging(total=4),
    (Choice("failures", "Failures"), Choice("notice", "Notice")),
    (Choice("greenhouse", "greenhouse"), Choice("greenhouse-emea", "greenhouse-emea")),
    (Choice("u1", "Ida Administrator"), Choice("u2", "Jo Deputy")),
    may=True,
    ending=True,
)
