"""What a connection's data will cost."""

from __future__ import annotations

from bascule.server.views.datacheck import BatchRow, CountRow, DataPage, FindingPage, FoundRow, RemedyRow
from bascule.server.views.parts import Fact, Paging

from .parts import ago

AT = "/connections/greenhouse/data"
DATA = DataPage(
    "greenhouse", True, ago(minutes=12), True, 12_400, 51_230, "", "about 7 hours",
    (Fact("Candidates", 51_000), Fact("Jobs", 230), Fact("Pairs to decide", 318, href="/duplicates"), Fact("Mapping gaps", 0)),
    (
        RemedyRow("Join 96 pairs that are hardly in doubt", "Both keep their history. Whether they are merged in the ATS too is asked for each.", 96, "/duplicates/certain", "Look at them"),
        RemedyRow("Normalise 34 titles", "Each goes into a field of its own here. The title itself stays as it is.", 34, f"{AT}/titles", "See what would change"),
        RemedyRow("Archive 81 requisitions", "They leave the lists here and are found by searching.", 81, f"{AT}/closed", "See what would change"),
    ),
    (
        CountRow("May be one person with another", 318, 51_000, "/duplicates"),
        CountRow("Without an e-mail address", 1204, 51_000, f"{AT}/no-email", "A duplicate of theirs is found by other signs only."),
        CountRow("No contact for two years", 20_011, 51_000, f"{AT}/stale", "Look at your retention: how long may they be kept?"),
        CountRow("Nothing dated", 0, 51_000, "", "Nobody can say how old what is kept of them is."),
    ),
    (CountRow("Titles to normalise", 34, 230, f"{AT}/titles", "Requisition numbers, marks of gender, shouting, short words."),),
    (CountRow("candidate.preferred_working_language_of_the_candidate", 41_000, 51_000), CountRow("application.salary", 12, 0)),
    (Fact("Answering duplicates", "3.7 h"), Fact("Looking over titles", "6.8 min")),
    (Fact("a pair that is in doubt", "1 min"),),
    (BatchRow("b1", "12 titles normalised", ago(hours=2), "Ida Administrator"),),
    True, AT,
)  # fmt: skip
NEVER = DataPage("greenhouse", True, may=True, at=AT)
UNREAD = DataPage("greenhouse", False, may=True, at=AT)
STOPPED = DataPage("greenhouse", True, error="The disk is full.", may=True, at=AT)
TITLES = FindingPage(
    "greenhouse", "Titles to normalise", "title", 34,
    (
        FoundRow("SR. SOFTWARE ENGINEER (m/w/d) REQ-1234", "/jobs/j1", "REQ-1234, Malmö, opened 3 Mar 2024", "", "Senior Software Engineer"),
        FoundRow("backend dev", "/jobs/j2", "London", "Backend Developer", ""),
    ),
    Paging(next=f"{AT}/titles?after=j2", total=34), "Requisition numbers, marks of gender, shouting, short words.",
    "titles", "Normalise 34 titles", "Each goes into a field of its own here. The title itself stays as it is.", 0, True, AT,
)  # fmt: skip
STALE = FindingPage(
    "greenhouse", "No contact for two years", "candidate", 20_011,
    (FoundRow("Aleksandra Petrović", "/candidates/c1"),), Paging(total=20_011), "Look at your retention.", kept=10_000, at=AT,
)  # fmt: skip
