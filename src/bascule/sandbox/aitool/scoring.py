"""A simple and honest score: how many of the words that a job's text uses stand in the CV, and which."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d_][\w+#.]*[\w+#]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMON = _words("""about after also and any are been being both but can could each for from had has have her here him
    his how into its just least like more most must not off one only our out over own per should some such than that the
    their them then there these they this those through under using very was well were what when where which while who
    will with work would you your years year experience job role team able build run plus speak""")


@dataclass(frozen=True)
class Verdict:
    """A score, why, and which words earned it."""

    score: float | None
    reasons: list[str]
    skills: list[str]


def plain(text: str) -> str:
    """Text without mark-up."""
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def words(text: str) -> dict[str, str]:
    """The words that say something, folded -> as written first."""
    found: dict[str, str] = {}
    for one in WORD.findall(plain(text)):
        folded = one.casefold()
        if len(folded) > 2 and folded not in COMMON:
            found.setdefault(folded, one)
    return found


def judge(title: str, description: str, cv: str) -> Verdict:
    """Score a CV against a job's text. Without either there is no score."""
    wanted, shown = words(f"{title} {description}"), words(cv)
    if not wanted or not shown:
        return Verdict(None, ["There is no text to compare."], [])
    both = sorted(folded for folded in wanted if folded in shown)
    names = [wanted[one] for one in both]
    score = round(100 * len(both) / len(wanted), 1)
    said = f"{len(both)} of {len(wanted)} words of the job's text stand in the CV"
    return Verdict(score, [said, *([f"Among them: {', '.join(names[:12])}"] if names else [])],
                   [one for one in names if one[:1].isupper()][:20])  # fmt: skip
