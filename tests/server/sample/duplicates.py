"""Records that may be one person."""

from __future__ import annotations

from bascule.server.views.duplicates import (
    BatchRow,
    CertainList,
    CertainRow,
    DuplicateList,
    PairLine,
    PairRow,
    PairSide,
    Said,
)
from bascule.server.views.parts import Paging

from .parts import ago

ALEX = PairSide("c1", "Aleksandra Petrović", "/candidates/c1", ago(days=400), "greenhouse", True)
ALEXA = PairSide("c2", "Alexandra Petrovic", "/candidates/c2", ago(minutes=9), "greenhouse, greenhouse-emea")
SURE = PairRow(
    "r1",
    (ALEX, ALEXA),
    (
        PairLine("E-mail", ((Said("aleksandra.petrovic.belgrade@old.example"),), (Said("a.petrovic@new.example"),)), "differs"),
        PairLine("Phone", ((Said("+381 11 555 0101"),), (Said("+381 11 555 0199"),)), "differs"),
        PairLine("Web", ((Said("https://www.linkedin.com/in/apetrovic", True),), (Said("linkedin.com/in/apetrovic", True),)), "same"),
        PairLine("Current title", ((Said("Backend Developer"),), ()), "on one side"),
        PairLine("Applied for", ((Said("Backend Engineer, rejected"),), (Said("Data Engineer, active"),)), "differs"),
    ),
    ("the same profile on the web", "the same name, which hardly anybody else here has"),
    True,
    ago(minutes=4),
)  # fmt: skip
SEVERAL = PairRow(
    "r2",
    tuple(PairSide(f"c{n}", name, f"/candidates/c{n}", None, "greenhouse") for n, name in enumerate(("Nguyễn Minh", "Minh Nguyen", "M. Nguyen"), 5)),
    (PairLine("E-mail", tuple((Said(f"minh{n}@mail.example"),) for n in range(3)), "differs"),),
    (),
    False,
    ago(hours=3),
)  # fmt: skip
PAIRS = DuplicateList(
    (SURE, SEVERAL), 23, 8, Paging(next="/duplicates?before=r2", total=23), 1000, 2,
    (BatchRow("b1", ago(minutes=50), "Ida Administrator", 34), BatchRow("b2", ago(days=2), "Olga Owner", 1)), True, True,
)  # fmt: skip
NO_PAIRS = DuplicateList((), 0, 0, Paging(), may=True)
CERTAIN = CertainList(
    tuple(
        CertainRow(
            f"r{n}", ALEX, ALEXA, ("aleksandra.petrovic.belgrade@old.example; +381 11 555 0101", "a.petrovic@new.example"),
            ("the same profile on the web",),
        )
        for n in range(3)
    ),
    420,
    True,
)  # fmt: skip
