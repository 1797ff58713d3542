"""A CV's values: whose they are, how sure, and the words they stand in."""

from __future__ import annotations

from datetime import date

from bascule.hiring.found import found_in
from bascule.match import Matcher

CV = """Ada Byron
London, United Kingdom
+44 20 7946 0321 | linkedin.com/in/adabyron

Experience
Backend Developer, Northwind Systems, January 2020 - present
Built services; see https://northwind.example/docs and write to support@northwind.example.
Reach me at ada.byron@post.example.

References
Charles Babbage, Analytical Engines, charles@engines.example, +44 20 7946 0999
"""
WRITTEN = date(2026, 11, 20)


def test_what_is_the_persons_own_is_sure_and_a_referees_is_left_out(matcher: Matcher) -> None:
    resume = matcher.resume(CV, WRITTEN)
    found = {one.value: one for one in found_in(CV, resume, ("Ada", "Byron"), WRITTEN, WRITTEN)}
    assert {value: (one.field, one.confidence) for value, one in found.items()} == {
        "+442079460321": ("phones", 0.95),
        "linkedin.com/in/adabyron": ("links", 0.95),
        "Backend Developer": ("title", 0.95),
        "Northwind Systems": ("company", 0.95),
        "ada.byron@post.example": ("emails", 0.75),
        "support@northwind.example": ("emails", 0.5),
        "London, United Kingdom": ("location", 0.5),
    }
    assert found["ada.byron@post.example"].quote == "Reach me at ada.byron@post.example."
    assert found["Northwind Systems"].quote.startswith("Backend Developer, Northwind Systems")


def test_what_an_old_cv_calls_current_is_a_guess(matcher: Matcher) -> None:
    resume = matcher.resume(CV, WRITTEN)
    found = found_in(CV, resume, ("Ada", "Byron"), WRITTEN, date(2029, 1, 1))
    assert [one.confidence for one in found if one.field in ("title", "company")] == [0.5, 0.5]
