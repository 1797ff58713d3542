"""What somebody is found by, from a text and from what was made of it for a score."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from bascule.match import Matcher, Person, Reading
from bascule.match.traits import Traits
from bascule.match.tricks import Flag

DAY = date(2026, 11, 20)
ADA = Person(("Ada", "Byron"), ("ada@post.example",), ())
CV = """Ada Byron
ada@post.example

Experience
Backend Developer, Northwind Systems, January 2020 - present
Built services in Python on PostgreSQL and Kubernetes.
"""


def read(text: str, flags: tuple[Flag, ...] = ()) -> Reading:
    return Reading("read", text, "", 1, "en", flags, "")


@pytest.mark.parametrize("flags", [(), (Flag("hidden text", "Words in white."),)])
def test_a_kept_study_finds_somebody_by_the_same_as_their_text(matcher: Matcher, flags: tuple[Flag, ...]) -> None:
    kept = matcher.unpacked(matcher.packed(matcher.study(read(CV, flags), ADA, DAY)))
    assert kept is not None

    def traits(*study: object) -> Traits:
        return matcher.traits(CV, ("Developer",), ("Met in Oslo",), ADA, DAY, *study)  # pyright: ignore[reportArgumentType]

    by_text, by_study = traits(), traits(kept)
    assert np.array_equal(by_text.vector, by_study.vector)
    assert by_text.words == by_study.words
    assert {"byron", "northwind", "oslo"} <= by_study.words


def test_a_study_spares_reading_the_text(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    study = matcher.study(read(CV), ADA, DAY)
    monkeypatch.setattr(matcher, "read", None)
    assert "kubernetes" in matcher.traits(CV, (), (), ADA, DAY, study).words
