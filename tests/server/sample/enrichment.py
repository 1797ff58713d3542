"""What was found of people, in every state."""

from __future__ import annotations

from bascule.enrichment.choice import Choice as Chosen
from bascule.server.views.enrichment import (
    EnrichPage,
    FoundPage,
    FoundPart,
    FoundRow,
    LookupRow,
    ManyPart,
    ProposalRow,
    ProviderPart,
    ProvidersPart,
    Source,
)
from bascule.server.views.parts import Choice, Fact, State, Tone

from .parts import ago

LINE = "priya.v@post.example · +46 70 123 45 67 · linkedin.com/in/priya-venkataraman-a-rather-long-profile-name"
ROWS = (
    FoundRow("E-mail", "priya.v@post.example", "the CV", "2026-11-20", 95, State("added beside", Tone.IN_STEP), LINE),
    FoundRow("Phone", "+46701234567", "People Data Labs", "2026-08-01", 90, State("entered", Tone.IN_STEP)),
    FoundRow("Web", "https://linkedin.com/in/priya-venkataraman-a-rather-long-profile-name", "the CV", "2026-11-20", 95,
             State("there already", Tone.IN_STEP), LINE),
    FoundRow("Current title", "Principal Backend Engineer", "People Data Labs", "2026-09-15", 85,
             State("waits for a yes", Tone.WAITING, None, "it differs from what is there"), href="/review/r9",
             replaces=("Backend Engineer",)),
    FoundRow("Location", "Malmö, Sweden", "the CV", "2026-11-20", 50, State("declined", Tone.QUIET)),
)  # fmt: skip
PART = FoundPart(ROWS, ("the CV of 2026-11-20 gives another phone number",), ("Current employer", "Location"))
ENRICH = EnrichPage(
    "c1", "Priya Venkataraman", ("Current employer", "Location"), ("no contact since 2024-05-02",),
    ago(days=900), True, ROWS, 3,
    (
        Source("peopledata", "People Data Labs", "", "0.25 USD if they know them", "12.50 of 50.00 USD used this month"),
        Source("other", "Another provider", "Looked up on 2026-11-02: again after 180 days."),
    ),
    True,
)  # fmt: skip
NOTHING = EnrichPage("c1", "Priya Venkataraman", (), (), None, False, (), 0, (), False)
FOUND = FoundPage(
    (
        ProposalRow("/review/r9", "/candidates/c1", "Priya Venkataraman", "Current title", "Backend Engineer",
                    "Principal Backend Engineer", "People Data Labs", "2026-09-15", 85, ""),
        ProposalRow("/review/r8", "/candidates/c2", "Zoë Mac an tSaoi-Ó Briain", "E-mail", ("zoe@old.example",),
                    "zoe.mac-an-tsaoi@a-rather-long-host-name.example", "the CV", "2026-11-20", 75, LINE),
    ),
    120, (Choice("emails", "E-mail", True), Choice("title", "Current title")),
    (Choice("resume", "the CV"), Choice("peopledata", "People Data Labs")), "75", "", True, True,
    (Choice("greenhouse", "greenhouse", True),), (Choice("phones", "Phone", True),), True,
    (Choice("peopledata", "People Data Labs", True),),
    ManyPart(42, "42 people: 30 gaps to fill, 12 values to add beside, 7 to wait for a yes.",
             ("People Data Labs: 20 would be looked up, for 5.00 USD at most.",),
             ("22 would not be: May not be looked up: have not agreed to be considered again.",)),
)  # fmt: skip
NOBODY = FoundPage((), 0, (), (), "", "", False, False, (), (), False, ())
PROVIDERS = ProvidersPart(
    (
        ProviderPart(
            "peopledata", "People Data Labs", Chosen(on=True, price=0.25, cost=50.0, regions=("global",)), True,
            (
                Fact("Requests go to", "https://api.peopledatalabs.com/v5"), Fact("Worked on in", "global"),
                Fact("A look-up", "0.25 USD", note="Where somebody is found."),
                Fact("Spent this month", "50.00 of 50.00 USD",
                     note="Used up: nobody is looked up until the next month."),
                Fact("Look-ups this month", 214), Fact("Asked about", "who has agreed"),
            ),
            ("This month's budget for People Data Labs is used up.",),
        ),
    ),
    (Choice("greenhouse", "greenhouse", True), Choice("greenhouse-emea", "greenhouse-emea")),
    (
        LookupRow(ago(minutes=3), "People Data Labs", "Priya Venkataraman", "name, emails", 0.25, "found", True, 3),
        LookupRow(ago(hours=3), "People Data Labs", "erased", "name, phones", 0.0, "nobody like that", True, 0),
        LookupRow(ago(hours=4), "People Data Labs", "Zoë Ó Briain", "name, emails", 0.25, "unanswered", False, 0),
    ),
)  # fmt: skip
