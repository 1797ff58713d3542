"""Tricks: what a resume gains by them over its honest twin, and whether the recruiter is told."""

import re
from pathlib import Path

from bascule.match import Matcher, Person

from .ranking import AS_OF
from .tables import Section, Table
from .trick_set import ADVERT, FLAGGED, HONEST, NAME, TITLE, TOLD_ELSEWHERE, TRICKS
from .vectors import Vectors

_WORD = re.compile(r"[^\W\d_]{3,}")


def measure(folder: Path, vectors: Vectors) -> Section:
    """A set that ships with Bascule; no file of the folder is needed."""
    vectors.say(f"scoring {len(TRICKS)} tricks")
    matcher, person = Matcher(), Person((NAME,))
    rubric = matcher.rubric_for(TITLE, ADVERT)
    before, plainly = matcher.score(HONEST, rubric, person, AS_OF).value, _words(HONEST)
    gains: dict[str, dict[str, float]] = {"Bascule's score": {}, "the share of the advert's words": {}}
    untold: list[str] = []
    for name, text in TRICKS.items():
        score = matcher.score(text, rubric, person, AS_OF)
        gains["Bascule's score"][name] = score.value - before
        gains["the share of the advert's words"][name] = _words(text) - plainly
        if name not in TOLD_ELSEWHERE and FLAGGED[name.split(" ")[0]] not in {flag.kind for flag in score.flags}:
            untold.append(name)
    rows = [
        [system, f"{sum(of.values()) / len(of):.1f}", f"{max(of.values()):.1f}", max(of, key=lambda one: of[one]),
         str(sum(gain > 1 for gain in of.values()))]
        for system, of in gains.items()
    ]  # fmt: skip
    asked = len(TRICKS) - len(TOLD_ELSEWHERE)
    table = Table(
        f"{len(TRICKS)} tricks, each added to one honest resume that hardly fits (points of 100)",
        ("", "gained on average", "at most", "by", "tricks that gain more than a point"), rows,
    )  # fmt: skip
    notes = (
        f"{asked - len(untold)} of {asked} tricks are told to the recruiter by what they are"
        + (f"; not: {', '.join(untold)}." if untold else ".")
        + f" Not counted: {', '.join(sorted(TOLD_ELSEWHERE))}, which are told as repeated text.",
        "The set is of those who wrote the score; a trick that nobody thought of is not in it.",
    )
    return Section(tables=(table,), notes=notes, figures={"gains": gains, "untold": untold})


def _words(text: str) -> float:
    """The share of an advert's words that a text has, of 100: what anybody would try first."""
    asked = set(_WORD.findall(ADVERT.lower()))
    return 100 * len(asked & set(_WORD.findall(text.lower()))) / len(asked)
