"""Erasures: asked for, begun, done, and due by the rule."""

from __future__ import annotations

from bascule.server.views.erasure import DuePage, DueRow, ErasePage, ErasureList, ErasurePage, ErasureRow
from bascule.server.views.parts import Fact, State, Tone

from .parts import ago

ERASURES = (
    ErasureRow("e3", "0193d2c0-7f00-7000-8000-00000000c0de", "Ida Administrator", ago(minutes=1), None, 0),
    ErasureRow("e2", "0193d2c0-7f00-7000-8000-00000000beef", "greenhouse", ago(days=3), ago(days=3), 1),
)
ERASED_PLACES = (
    Fact("greenhouse (Greenhouse, live)", "anonymised there: the record and its applications stay, without the data"),
    Fact("greenhouse-emea (Greenhouse, live)", "a task for the owner: the system refused it", note="by hand"),
    Fact("records", "7 removed"),
    Fact("key", "1 removed"),
    Fact("backups", "the last that holds this person expires on 2026-12-20; restoring one erases again", note="later"),
)
ERASE = ErasePage(
    "c1",
    "Aleksandra Petrović",
    "Aleksandra Petrović",
    (
        Fact("greenhouse (Greenhouse, live)", "It is asked at once: anonymised there."),
        Fact("greenhouse-emea (Greenhouse, live)", "The owner gets the task to erase by hand.", note="by hand"),
    ),
    ago(days=-30),
)
ERASURE_LIST = ErasureList(ERASURES, "Off: nobody is erased by a rule.")
DUE = DuePage(
    "Off: nobody is erased by a rule.",
    False,
    True,
    12,
    True,
    False,
    "Talent pool",
    "",
    1204,
    (
        DueRow("Aleksandra Petrović", "/candidates/c4", ago(days=400)),
        DueRow("Zhang Wei", "/c", ago(days=399)),
    ),
    True,
)
ERASURE = ErasurePage(
    ERASURES[1],
    State("Erased here; a system is left to a person", Tone.WAITING, ago(days=3), "A task for its owner."),
    ERASED_PLACES,
    (Fact("Candidate", ERASURES[1].candidate), Fact("Signature", "9f" * 64)),
)
