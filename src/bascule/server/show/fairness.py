"""What came of a job's fairness probe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..views.job import FairnessPage, ProbedRow
from ..views.parts import Fact


def page(id: str, title: str, told: Mapping[str, Any]) -> FairnessPage:
    """The page of a probe that was taken."""
    return FairnessPage(
        id=id,
        title=title,
        taken=True,
        resumes=told["resumes"],
        rubric=told["rubric"],
        broken=told["broken"],
        rows=tuple(ProbedRow(**one) for one in told["attributes"]),
        left=tuple(
            Fact(one["kind"].capitalize(), f"{one['times']} times in {one['resumes']} CVs") for one in told["left"]
        ),
    )
