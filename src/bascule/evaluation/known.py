"""What is understood of the demo's CVs, whose truth was written down beside them."""

import re
from collections.abc import Callable
from statistics import mean
from typing import Any

from bascule.demo.material import Application, Kind, load
from bascule.match import Matcher, ResumeReader

from .ranking import AS_OF
from .tables import Table

WITHIN = 1.0  # years: what was written down is true to about that
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def measure(matcher: Matcher) -> tuple[Table, dict[str, Any]]:
    """The share of CVs in which the truth was found, ours and what anybody would try first."""
    every = [one for one in load().applications if one.kind is not Kind.BROKEN_PDF]
    reader = ResumeReader()
    try:
        texts = [reader.read_now(one.file.read_bytes(), one.file.name).text for one in every]
    finally:
        reader.stop()
    profiles = [matcher.profile(text, AS_OF) for text in texts]
    plain = [_plain(text) for text in texts]
    shares = {
        "the title": _both(every, lambda at, one: (_same(profiles[at].title, one.title or ""),
                                                   _same(plain[at][0], one.title or ""))),
        "the employer": _both(every, lambda at, one: (_same(profiles[at].employer, one.employer), None)),
        "years of work, to one": _both(every, lambda at, one: (abs(profiles[at].years - one.years) <= WITHIN,
                                                               abs(plain[at][1] - one.years) <= WITHIN)),
        "a skill": _skills(every, texts, matcher),
    }  # fmt: skip
    rows = [[name, *("" if share is None else f"{share:.2f}" for share in two)] for name, two in shares.items()]
    title = f"Of {len(every)} CVs of the demo in four languages, whose truth is known, the share in which it was found"
    table = Table(title, ("", "Bascule", "what anybody would try first"), rows)
    return table, {name: {"Bascule": ours, "baseline": theirs} for name, (ours, theirs) in shares.items()}


def _both(
    every: list[Application], found: Callable[[int, Application], tuple[bool, bool | None]]
) -> tuple[float, float | None]:
    told = [found(at, one) for at, one in enumerate(every)]
    theirs = [bool(plain) for _, plain in told if plain is not None]
    return mean([ours for ours, _ in told]), mean(theirs) if theirs else None


def _skills(every: list[Application], texts: list[str], matcher: Matcher) -> tuple[float, float]:
    """Of the skills that were written down and have a name in the tables, those found; and those whose words stand
    there."""
    ours, plain = list[bool](), list[bool]()
    for one, text in zip(every, texts, strict=True):
        here = {hit.id for hit in matcher.skills.hits(text)}
        for skill in one.skills:
            if ids := {hit.id for hit in matcher.skills.hits(skill)}:
                ours.append(bool(ids & here))
                plain.append(skill.casefold() in text.casefold())
    return mean(ours), mean(plain)


def _plain(text: str) -> tuple[str, float]:
    """The second line, and the years from the first that is named to the last day."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    years = [int(one) for one in _YEAR.findall(text) if int(one) <= AS_OF.year]
    return lines[1] if len(lines) > 1 else "", AS_OF.year - min(years, default=AS_OF.year)


def _same(one: str, other: str) -> bool:
    """Equal but for case, spaces and punctuation."""
    return re.sub(r"\W+", "", one.casefold()) == re.sub(r"\W+", "", other.casefold())
