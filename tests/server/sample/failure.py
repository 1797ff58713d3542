"""Failures of one reason."""

from __future__ import annotations

from bascule.server.views.failure import FailureGroup, FailureList, FailurePage, FailureRow
from bascule.server.views.parts import Exchange, Fact, Paging, State, Tone

from .parts import ago

FAILURE_ROWS = (
    FailureRow(
        "w1",
        ago(minutes=12),
        "greenhouse",
        "Add the tag “referral”",
        "Aleksandra Petrović",
        "/candidates/c4",
        "Refused for good",
        "422: Tag is not on the list of permitted tags",
        1,
    ),
    FailureRow(
        "w2",
        ago(minutes=9),
        "greenhouse",
        "Add the tag “referral”",
        "Zhang Wei",
        "/candidates/c3",
        "Refused for good",
        "422: Tag is not on the list of permitted tags",
        1,
    ),
)
FAILURES = FailureList(
    (
        FailureGroup(
            "Refused for good",
            "greenhouse",
            2,
            ago(minutes=12),
            "The ATS will never accept this as it is. Read its words, mend the value or the list there, then replay.",
            FAILURE_ROWS,
            "value",
        ),
    ),
    2,
    Paging(),
    "",
    ("greenhouse", "greenhouse-emea"),
)
FAILURE = FailurePage(
    FAILURE_ROWS[0],
    "Add the tag to the list of permitted tags in Greenhouse under Configure, or take the tag away here. Then replay.",
    (Fact("Tags", ("referral",)),),
    (Exchange("PATCH", "/v3/candidates/77", 422, 30, "req-11", ago(minutes=12)),),
    "Ida Administrator (person)",
    "edit 0199",
    State("Failed", Tone.FAILING),
    True,
    "/records/c1/history",
    mendable=(Fact("First name", "Aleksandra", why="first_name"),),
)
