"""Ranking: our score and the baselines on the same adverts and resumes, with intervals over resampled adverts."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bascule.match import Matcher, Person, best_first, job_vector, resume_vector
from bascule.match.ranking import resume_texts

from . import baselines
from .measures import Labels, Numbers, auc, draws, ndcg, precision, spread
from .sets import Advert, Resume, adverts, resumes
from .tables import Section, Table
from .vectors import Vectors

AS_OF = date(2026, 11, 1)
"""The day that "present" means in the resumes, so that a run can be repeated."""
OURS, OURS_STRONG = "Bascule's score", "Bascule's score, MiniLM-L6 at the top"
WEIGHTED, STRONG = "WordLlama, rarity, log count, mean removed", "MiniLM-L6 int8, plain"
MEASURES = {"AUC": auc, "nDCG@10": ndcg, "P@10": precision}


def measure(folder: Path, vectors: Vectors) -> Section:
    """Every system on every advert and resume of the folder."""
    jobs, people = adverts(folder), resumes(folder)
    labels = np.array([[one.category == job.category for one in people] for job in jobs])
    judged = [at for at, row in enumerate(labels) if row.any() and not row.all()] if people else []
    if not judged:
        return Section(
            skipped="category_queries*.jsonl and category_resumes*.jsonl with adverts that some resumes fit and others "
            "do not were not found"
        )
    jobs = [jobs[at] for at in judged]
    systems = _systems(jobs, people, vectors)
    by_query = {name: _by_query(scores, labels[judged]) for name, scores in systems.items()}
    return _section(by_query, jobs, people, vectors.why_not)


def _systems(jobs: Sequence[Advert], people: Sequence[Resume], vectors: Vectors) -> dict[str, Numbers]:
    matcher = Matcher()
    vectors.say(f"reading {len(people)} resumes")
    evidence = [matcher.read(one.text, Person(), AS_OF) for one in people]
    rubrics = [matcher.rubric_for(job.title, job.text) for job in jobs]
    vectors.say(f"scoring them for {len(jobs)} adverts")
    scores = np.array([[matcher.weigh(one, rubric, Person()).value for one in evidence] for rubric in rubrics])
    found = {
        OURS: scores,
        "BM25": baselines.bm25(jobs, people),
        "canonical skills, overlap": baselines.skill_overlap(jobs, evidence, matcher),
        "WordLlama, plain mean": baselines.static_mean(jobs, people),
        WEIGHTED: baselines.static_weighted(jobs, people, matcher.embedder),
    }
    if vectors.why_not:
        return found
    model = vectors.strong()
    found[STRONG] = baselines.strong_mean(jobs, people, model)
    model.vectors([text for one in evidence for text in resume_texts(one)])
    known = {at: resume_vector(one, model) for at, one in enumerate(evidence)}
    orders = [
        best_first(row.tolist(), known, job_vector(rubric, model)) for row, rubric in zip(scores, rubrics, strict=True)
    ]
    return {OURS: scores, OURS_STRONG: np.array([_places(order) for order in orders])} | found


def _places(order: Sequence[int]) -> list[float]:
    """The best first, as numbers that are higher the better."""
    place = dict(zip(order, range(len(order), 0, -1), strict=True))
    return [float(place[at]) for at in range(len(order))]


def _by_query(scores: Numbers, labels: Labels) -> dict[str, Numbers]:
    pairs = list(zip(scores, labels, strict=True))
    return {name: np.array([of(row, label) for row, label in pairs]) for name, of in MEASURES.items()}


def _section(
    by_query: dict[str, dict[str, Numbers]], jobs: Sequence[Advert], people: Sequence[Resume], why_not: str
) -> Section:
    samples = draws(len(jobs))
    rows = [[name, *(str(spread(by_query[name][measure], samples)) for measure in MEASURES)] for name in by_query]
    compared = [(OURS, name) for name in by_query if not name.startswith("Bascule")]
    compared += [(OURS_STRONG, name) for name in (OURS, STRONG) if OURS_STRONG in by_query]
    gaps = [
        [f"{better} - {than}", *(spread(by_query[better][m] - by_query[than][m], samples).signed for m in MEASURES)]
        for better, than in compared
    ]
    figures: dict[str, Any] = {
        "adverts": len(jobs),
        "resumes": len(people),
        "systems": {name: {m: values.tolist() for m, values in found.items()} for name, found in by_query.items()},
    }
    return Section(
        tables=(
            Table(f"{len(jobs)} adverts, each against {len(people)} resumes", ["system", *MEASURES], rows),
            Table("Differences, by the same samples", ["", *MEASURES], gaps),
        ),
        notes=(
            "Relevant is a resume filed under the advert's category. That is a noisy label: a resume under ADVOCATE "
            "is often a patient's advocate, and the advert asks for a lawyer. Compare systems; a figure alone says "
            "little.",
            "Median and 95 % interval over 200 samples of the adverts, drawn with replacement, the same for every "
            "system. A difference whose interval lies on one side of 0 would be seen again with adverts like these.",
            "Bascule's score is the number people see, 0 to 100 in tenths; nothing else orders it.",
            *([f"Without the strong model: {why_not}."] if why_not else []),
        ),
        figures=figures,
    )
