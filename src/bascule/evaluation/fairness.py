"""Twins: resumes beside the same text of somebody else, scored for the advert of their category."""

import random
from collections import Counter, defaultdict
from pathlib import Path

from bascule.match import Matcher, Person
from bascule.match.probe import Probed, Resume, probe

from .ranking import AS_OF
from .sets import adverts, resumes
from .tables import Section, Table
from .vectors import Vectors

MOST = 240
"""Resumes that are probed with: each is scored some thirty times."""


def measure(folder: Path, vectors: Vectors) -> Section:
    """A sample of the folder's resumes, always the same one."""
    jobs = {job.category: job for job in adverts(folder)}
    people = [one for one in resumes(folder) if one.category in jobs]
    if not people:
        return Section(skipped="category_queries*.jsonl and category_resumes*.jsonl of the same categories not found")
    sample = random.Random(7).sample(people, min(MOST, len(people)))
    vectors.say(f"scoring {len(sample)} resumes beside their twins")
    matcher = Matcher()
    rows: defaultdict[tuple[str, bool], list[Probed]] = defaultdict(list)
    misses: Counter[str] = Counter()
    for category in sorted({one.category for one in sample}):
        job = jobs[category]
        mine = [Resume(one.text, Person(), AS_OF) for one in sample if one.category == category]
        found = probe(matcher, matcher.rubric_for(job.title, job.text), mine)
        for row in found.rows:
            rows[row.attribute, row.written].append(row)
        misses.update({miss.kind: miss.times for miss in found.misses})
    told = [_together(some) for some in rows.values()]
    tables = (
        Table(
            "What moves a score",
            ("attribute", "how", "pairs", "differ", "by at most", "on average", "must be 0"),
            [
                (
                    row.attribute,
                    "a line added to both" if row.written else "exchanged",
                    str(row.pairs),
                    str(row.differ),
                    f"{row.most / 10:.1f}",
                    f"{row.mean / 10:.2f}",
                    "yes" if row.exact else "reported",
                )
                for row in told
            ],
        ),
        Table(
            "What a second look finds after blanking",
            ("kind", "times", f"of {len(sample)} resumes"),
            [(kind, str(times), "") for kind, times in misses.most_common()],
        ),
    )
    notes = (
        "Twins are made by word lists of their own, not by what blanks personal particulars before scoring.",
        "The resumes name nobody, so names are added to both twins; differences are in points of 100.",
        "A miss need not be one: “disability services” is an employer's trade as often as somebody's particular.",
    )
    figures = {
        "rows": [
            {"attribute": row.attribute, "written": row.written, "pairs": row.pairs, "differ": row.differ,
             "most": row.most / 10, "mean": row.mean / 10, "exact": row.exact}
            for row in told
        ],
        "misses": dict(misses),
    }  # fmt: skip
    return Section(tables=tables, notes=notes, figures=figures)


def _together(rows: list[Probed]) -> Probed:
    first, pairs = rows[0], sum(row.pairs for row in rows)
    mean = sum(row.mean * row.pairs for row in rows) / pairs
    return Probed(
        first.attribute, first.written, first.exact, pairs, sum(row.differ for row in rows),
        max(row.most for row in rows), mean,
    )  # fmt: skip
