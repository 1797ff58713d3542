"""Reviews of several kinds."""

from __future__ import annotations

from dataclasses import replace

from bascule.server.views.parts import Fact, Paging
from bascule.server.views.review import Answer, Letter, ReviewList, ReviewPage, ReviewRow

from .parts import ago

REVIEW_ROWS = (
    ReviewRow(
        "r1",
        "conflict",
        "Both sides changed the e-mail",
        "Aleksandra Petrović",
        "/candidates/c4",
        "greenhouse",
        ago(minutes=4),
    ),
    ReviewRow(
        "r2", "identity", "May be somebody we know", "Hannah Weiß", "/candidates/c5", "greenhouse", ago(minutes=31)
    ),
    ReviewRow(
        "r3", "mapping gap", "Unknown stage “Take-home v2”", "Backend Engineer", "/jobs/j1", "greenhouse", ago(hours=2)
    ),
)
REVIEWS = ReviewList(REVIEW_ROWS, (("conflict", 1), ("identity", 1), ("mapping gap", 1)), Paging(), "", 3)
REVIEW = ReviewPage(
    REVIEW_ROWS[0],
    "Which e-mail is right?",
    (
        Fact("When last settled", ("a.petrovic@old.example",)),
        Fact("In the ATS", ("petrovic@mail.example",)),
        Fact("In Bascule", ("aleksandra@new.example",), note="proposed"),
    ),
    (Fact("Changed in the ATS", "22 Nov 2026, 13:58 UTC"),),
    (
        Answer("theirs", "Take the ATS's", "Bascule takes petrovic@mail.example.", True),
        Answer("ours", "Write ours", "aleksandra@new.example is written to greenhouse."),
        Answer("value", "Use another", "Your value is written to both sides.", asks="E-mail"),
    ),
    "Bascule",
    None,
    "/records/c4/history?field=emails",
)
REVIEW_MESSAGE = replace(
    REVIEW, row=replace(REVIEW_ROWS[0], kind="candidate message", what="A message waits to be sent"), sides=(),
    question="Should this be sent?", evidence=(Fact("Why it waits", "thank-for-application: everybody hears."),),
    letter=Letter("priya@mail.example", "Your application for Platform Engineer", "Dear Priya,\n\nthank you.\n", True),
)  # fmt: skip
