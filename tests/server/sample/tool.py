"""An AI tool that is a few changes behind."""

from __future__ import annotations

from bascule.server.views.connection import ConnectionRow
from bascule.server.views.parts import Fact, Lag, Link
from bascule.server.views.tool import ToolPage

from .parts import IN_STEP, ago

TOOL = ToolPage(
    row=ConnectionRow("quill", "aitool", "live", "live", IN_STEP, Lag(), last_read=ago(minutes=2)),
    behind=3,
    held=412,
    unconfirmed=1,
    paused=False,
    owner="u-1",
    sees=(
        Fact("Jobs", "Backend Engineer, Staff Nurse"),
        Fact("Names, addresses, numbers", "no"),
        Fact("CV", "yes"),
        Fact("Screening answers", "no"),
    ),
    fields=(("greenhouse", ("Bascule quill score", "Bascule quill reasons"), ("Quill skills", "Quill status")),),
    facts=(
        Fact("Door", "https://bascule.example/api/tools/v1"),
        Fact("Told of news at", "https://quill.example/hooks/bascule"),
        Fact("Keys that are good", 1),
    ),
    users=(Link("Olga Owner", "u-1"),),
    jobs=(("j-1", "Backend Engineer", True), ("j-2", "Staff Nurse", False)),
    switches=(("contact", "Names, addresses, numbers", False), ("resume", "CV", True)),
    hook="https://quill.example/hooks/bascule",
    may=True,
)
