"""Finding skills: ours and what anybody would try first, on sentences of adverts whose skills are labelled."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bascule.errors import InputError
from bascule.match import Matcher
from bascule.match.embed import Vector
from bascule.match.phrases import Words, split

from .measures import Numbers, draws
from .skill_sets import Asked, Tagged, asked, skill_files, tagged
from .tables import Section, Table
from .vectors import Vectors

DEPTH = 5
LEAST_PRECISION = 0.5
OURS, GAZETTEER, EMBEDDING = "Bascule", "plain gazetteer", "plain embedding link"
_SOURCES = ("esco_skills_en.jsonl.gz", "onet_technology_skills.jsonl.gz")
_LONGEST_LABEL, _LONGEST_RUN = 10, 4
_AT_ONCE = 300
_FEWEST = 100
"""Sentences from which on a file is judged, those left out that Bascule was taught on."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """What a system says of one sentence: the skills it asks for, and a ranking of skills, by label."""

    skills: frozenset[str]
    ranking: Sequence[str]


def measure(folder: Path, vectors: Vectors) -> Section:
    """Every `esco_*.csv` and `skillspan_*.json` of the folder."""
    labelled = {path.stem: asked(path) for path in skill_files(folder, "esco_*.csv")}
    words = {path.stem: tagged(path) for path in skill_files(folder, "skillspan_*.json")}
    absent = [name for name, found in (("esco_*.csv", labelled), ("skillspan_*.json", words)) if not found]
    skipped = f"{' and '.join(absent)} not found" if absent else ""
    if not labelled and not words:
        return Section(skipped=skipped)
    matcher = Matcher()
    gazetteer = Gazetteer.read(folder, matcher)
    near = Nearest(matcher)
    tables: list[Table] = []
    figures: dict[str, Any] = {}
    for name, sentences in labelled.items():
        vectors.say(f"{name}: {len(sentences)} sentences")
        table, figures[name] = _asked(name, sentences, matcher, gazetteer, near)
        tables.append(table)
    unseen = {
        name: [one for one in sentences if not matcher.skill_words.was_taught(one.text)]
        for name, sentences in words.items()
    }
    for name, sentences in unseen.items():
        if len(sentences) >= _FEWEST:
            vectors.say(f"{name}: {len(sentences)} sentences")
            table, figures[name] = _tagged(name, sentences, matcher, gazetteer, near)
            tables.append(table)
    taught = {name: len(words[name]) - len(sentences) for name, sentences in unseen.items()}
    return Section(
        tables=tuple(tables), notes=_notes(gazetteer, taught) if tables else (), figures=figures, skipped=skipped
    )


def _notes(gazetteer: "Gazetteer", taught: dict[str, int]) -> tuple[str, ...]:
    left_out = [f"{many} of {name}" for name, many in taught.items() if many]
    return (
        f"The plain gazetteer is the longest match of {gazetteer.what}, in any place. The plain embedding link "
        "compares WordLlama's vector of the sentence (or of each run of one to four words) with that of every ESCO "
        "label; its thresholds were chosen on these very sentences, in its favour.",
        "Asked for is what the annotators linked, by ESCO's preferred label; a sentence may ask for none. Labels that "
        "the shipped ESCO list lacks count as missed. RP@5 and MRR are over the sentences that ask for something.",
        "A run of words found is right where it touches a labelled one, of knowledge or of a skill; knowledge found is "
        "the share of labelled runs of knowledge that it touches.",
        "Intervals: 95 of 100 samples of the sentences, drawn with replacement.",
        "The dozen weights of meaning were fitted to the validation halves of TECH and HOUSE: on these the figure "
        "flatters by about a hundredth; the cross-validated one is in docs/decisions/0015-skill-link.md.",
        *([f"Left out, because Bascule was taught on them: {', '.join(left_out)} sentences."] if left_out else []),
    )


# ------------------------------------------------------------------------------------------ which skills are asked for


def _asked(
    name: str, sentences: Sequence[Asked], matcher: Matcher, gazetteer: "Gazetteer", near: "Nearest"
) -> tuple[Table, dict[str, Any]]:
    systems = {
        OURS: [_ours(matcher, one.text) for one in sentences],
        GAZETTEER: [_found(gazetteer.skills(one.text)) for one in sentences],
        EMBEDDING: near.best(sentences),
    }
    samples = draws(len(sentences))
    scores = {system: Scores(found, sentences) for system, found in systems.items()}
    rows = [[system, *score.row()] for system, score in scores.items()]
    rows += [
        [f"{OURS} / {other}", "", "", *(scores[OURS].ratio(scores[other], samples, of) for of in ("f1", "rp")), ""]
        for other in (GAZETTEER, EMBEDDING)
    ]
    labels = sum(len(one.labels) for one in sentences)
    columns = ["system", "precision", "recall", "F1", f"RP@{DEPTH}", "MRR"]
    title = f"{name}: which ESCO skills {len(sentences)} sentences ask for ({labels} in all)"
    return Table(title, columns, rows), {system: score.figures() for system, score in scores.items()}


def _ours(matcher: Matcher, text: str) -> Found:
    """What the text asks for, by ESCO's labels; O*NET's names are in another scheme."""
    found = matcher.asked.hits(text)
    return Found(
        frozenset(hit.label for hit in found if hit.scheme == "ESCO"),
        [one.concept.label for one in matcher.meanings.ranking(text, matcher.skills.hits(text), 20)],
    )


def _found(labels: Sequence[str]) -> Found:
    return Found(frozenset(labels), list(dict.fromkeys(labels)))


class Scores:
    """The measures of one system, sentence by sentence."""

    def __init__(self, found: Sequence[Found], sentences: Sequence[Asked]) -> None:
        pairs = list(zip(found, sentences, strict=True))
        self.right = np.array([len(one.skills & sentence.labels) for one, sentence in pairs], float)
        self.found = np.array([len(one.skills) for one, _ in pairs], float)
        self.there = np.array([len(sentence.labels) for _, sentence in pairs], float)
        self.share = np.array([_share(one.ranking, sentence.labels) for one, sentence in pairs])
        self.first = np.array([_first(one.ranking, sentence.labels) for one, sentence in pairs])

    def f1(self, at: Any = slice(None)) -> float:
        return float(2 * self.right[at].sum() / max(self.found[at].sum() + self.there[at].sum(), 1))

    def rp(self, at: Any = slice(None)) -> float:
        return _mean(self.share[at])

    def figures(self) -> dict[str, float]:
        return {
            "precision": float(self.right.sum() / max(self.found.sum(), 1)),
            "recall": float(self.right.sum() / max(self.there.sum(), 1)),
            "F1": self.f1(),
            f"RP@{DEPTH}": self.rp(),
            "MRR": _mean(self.first),
        }

    def row(self) -> list[str]:
        return [f"{value:.3f}" for value in self.figures().values()]

    def ratio(self, other: "Scores", samples: NDArray[np.int64], of: str) -> str:
        """How many times as good, with its interval."""
        mine, theirs = getattr(self, of), getattr(other, of)
        many = [mine(sample) / theirs(sample) for sample in samples if theirs(sample)]
        if not many or not theirs():
            return "-"
        low, high = np.percentile(many, [2.5, 97.5])
        return f"{mine() / theirs():.2f} ({low:.2f} to {high:.2f})"


def _mean(values: Numbers) -> float:
    """Of those that are numbers; 0 where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def _share(ranking: Sequence[str], labels: frozenset[str]) -> float:
    """R-precision of the first five: of those that could be right, how many are."""
    if not labels:
        return float("nan")
    return sum(label in labels for label in ranking[:DEPTH]) / min(DEPTH, len(labels))


def _first(ranking: Sequence[str], labels: frozenset[str]) -> float:
    if not labels:
        return float("nan")
    return max((1 / place for place, label in enumerate(ranking, 1) if label in labels), default=0.0)


# ---------------------------------------------------------------------------------------------- which words name them


def _tagged(
    name: str, sentences: Sequence[Tagged], matcher: Matcher, gazetteer: "Gazetteer", near: "Nearest"
) -> tuple[Table, dict[str, Any]]:
    systems: dict[str, list[list[Span]]] = {
        OURS: [[(hit.start, hit.end) for hit in matcher.asked.hits(one.text)] for one in sentences],
        GAZETTEER: [gazetteer.places(one.text) for one in sentences],
        EMBEDDING: near.spans(sentences),
    }
    scores = {system: SpanScores(found, sentences) for system, found in systems.items()}
    samples = draws(len(sentences))
    rows = [[system, *score.row()] for system, score in scores.items()]
    rows += [
        [f"{OURS} / {other}", "", scores[OURS].ratio(scores[other], samples), ""] for other in (GAZETTEER, EMBEDDING)
    ]
    many = sum(len(one.knowledge) for one in sentences)
    columns = ["system", "precision", "knowledge found", "skill phrases found"]
    title = f"{name}: which words of {len(sentences)} sentences name knowledge ({many} runs of words)"
    return Table(title, columns, rows), {system: score.figures() for system, score in scores.items()}


class SpanScores:
    """How the runs of words found lie on the labelled ones, sentence by sentence."""

    def __init__(self, found: Sequence[Sequence[Span]], sentences: Sequence[Tagged]) -> None:
        rows: list[tuple[int, ...]] = []
        for spans, one in zip(found, sentences, strict=True):
            knowledge, skills = (places(one, runs) for runs in (one.knowledge, one.skills))
            rows.append(
                (
                    sum(_touches(span, (*knowledge, *skills)) for span in spans), len(spans),
                    sum(_touches(span, spans) for span in knowledge), len(knowledge),
                    sum(_touches(span, spans) for span in skills), len(skills),
                )
            )  # fmt: skip
        self.counts = np.array(rows, float)

    def shares(self, at: Any = slice(None)) -> list[float]:
        """Precision, knowledge found, skill phrases found."""
        right, found, known, knowledge, met, skills = self.counts[at].sum(axis=0).tolist()
        return [right / max(found, 1), known / max(knowledge, 1), met / max(skills, 1)]

    def figures(self) -> dict[str, float]:
        return dict(zip(("precision", "knowledge", "skills"), self.shares(), strict=True))

    def row(self) -> list[str]:
        return [f"{share:.3f}" for share in self.shares()]

    def ratio(self, other: "SpanScores", samples: NDArray[np.int64]) -> str:
        pairs = [(self.shares(sample)[1], other.shares(sample)[1]) for sample in samples]
        many = [mine / theirs for mine, theirs in pairs if theirs]
        if not many or not other.shares()[1]:
            return "-"
        low, high = np.percentile(many, [2.5, 97.5])
        return f"{self.shares()[1] / other.shares()[1]:.2f} ({low:.2f} to {high:.2f})"


def places(one: Tagged, runs: Sequence[Span]) -> list[Span]:
    """Runs of words as places in the sentence's text."""
    starts = [0]
    for word in one.words:
        starts.append(starts[-1] + len(word) + 1)
    return [(starts[first], starts[last] - 1) for first, last in runs]


def _touches(span: Span, others: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


# ------------------------------------------------------------------------------------------------------- the baselines


class Gazetteer:
    """The longest label at every place, taken at its word."""

    def __init__(self, labels: dict[str, tuple[str, str]], what: str) -> None:
        """`labels` has for each phrase its scheme and the preferred label."""
        self._labels = labels
        self.what = what

    @classmethod
    def read(cls, folder: Path, matcher: Matcher) -> "Gazetteer":
        """All labels of ESCO and O*NET, from the folder's `skills` where they are, else preferred labels only."""
        for place in (folder, folder / "skills", folder.parent / "skills"):
            if all((place / name).is_file() for name in _SOURCES):
                return cls(_labels(place), "all labels and alternative labels of ESCO and all names of O*NET")
        concepts = [(one.label, (one.scheme, one.label)) for one in matcher.taxonomy.concepts]
        known = {_phrase(label.split(" (")[0]): named for label, named in reversed(concepts)}
        return cls(known, f"the preferred labels of ESCO and O*NET (alternative ones need {' and '.join(_SOURCES)})")

    def skills(self, text: str) -> list[str]:
        return [label for _, _, (scheme, label) in self._matches(split(text)) if scheme == "ESCO"]

    def places(self, text: str) -> list[Span]:
        words = split(text)
        return [(words.starts[first], words.ends[last - 1]) for first, last, _ in self._matches(words)]

    def _matches(self, words: Words) -> list[tuple[int, int, tuple[str, str]]]:
        found: list[tuple[int, int, tuple[str, str]]] = []
        at = 0
        while at < len(words):
            for last in range(min(at + _LONGEST_LABEL, len(words)), at, -1):
                label = self._labels.get(" ".join(words.words[at:last]))
                if label and not any(words.broken[at + 1 : last]):
                    found.append((at, last, label))
                    at = last - 1
                    break
            at += 1
        return found


def _phrase(text: str) -> str:
    return " ".join(split(text).words)


def _labels(folder: Path) -> dict[str, tuple[str, str]]:
    esco, onet = (_rows(folder / name) for name in _SOURCES)
    found: dict[str, tuple[str, str]] = {}
    for named in ("preferred", "alt", "plain"):
        for row in esco:
            label = str(row["preferred"])
            forms = row["alt"] if named == "alt" else [label if named == "preferred" else label.split(" (")[0]]
            for form in forms:
                found.setdefault(_phrase(form), ("ESCO", label))
    for row in onet:
        found.setdefault(_phrase(str(row["preferred"])), ("O*NET", str(row["preferred"])))
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            return [json.loads(line) for line in stream]
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path.name}: {error}.", hint="Expected gzipped JSON lines.") from None


class Nearest:
    """The nearest of ESCO's preferred labels, by WordLlama's vectors with the mean removed."""

    def __init__(self, matcher: Matcher) -> None:
        self._labels = [one.label for one in matcher.taxonomy.concepts if one.id.startswith("http://data.europa.eu")]
        self._embedder = matcher.embedder
        self._vectors = self._rows(self._labels)

    def best(self, sentences: Sequence[Asked]) -> list[Found]:
        """With the threshold and the number of labels that give the best F1 on these very sentences."""
        alike = self._embedder.vectors([one.text for one in sentences]) @ self._vectors.T
        order = np.argsort(-alike, axis=1)[:, :20]
        values = np.take_along_axis(alike, order, axis=1)
        names = [[self._labels[at] for at in row] for row in order.tolist()]

        def found(least: float, many: int) -> list[Found]:
            return [
                Found(frozenset(np.array(row[:many])[value[:many] >= least].tolist()), row)
                for row, value in zip(names, values, strict=True)
            ]

        tried = [(least, many) for least in np.arange(0.2, 0.8, 0.02).tolist() for many in (1, 2, 3, 5)]
        return found(*max(tried, key=lambda one: Scores(found(*one), sentences).f1()))

    def spans(self, sentences: Sequence[Tagged]) -> list[list[Span]]:
        """Runs of words that are near some label, with the threshold at which most knowledge is found on these very
        sentences while half of what is found is right."""
        runs = [_runs(one.text) for one in sentences]
        texts = list(dict.fromkeys(one.text[a:b] for one, found in zip(sentences, runs, strict=True) for a, b in found))
        near = dict(zip(texts, self._nearest(texts), strict=True))
        ranked = [
            sorted(((near[one.text[a:b]], (a, b)) for a, b in found), reverse=True)
            for one, found in zip(sentences, runs, strict=True)
        ]

        def kept(least: float) -> list[list[Span]]:
            return [_apart([span for value, span in found if value >= least]) for found in ranked]

        scores = {least: SpanScores(kept(least), sentences).shares() for least in np.arange(0.3, 1.0, 0.02).tolist()}
        good = [least for least in scores if scores[least][0] >= LEAST_PRECISION] or [
            max(scores, key=lambda t: scores[t][0])
        ]
        return kept(max(good, key=lambda least: scores[least][1]))

    def _rows(self, texts: Sequence[str]) -> Vector:
        """Some at a time: the work grows with the square of how many there are."""
        return np.vstack([self._embedder.vectors(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)])

    def _nearest(self, texts: Sequence[str]) -> list[float]:
        """How near the nearest label is to each."""
        found: list[float] = []
        for at in range(0, len(texts), _AT_ONCE):
            rows = self._embedder.vectors(texts[at : at + _AT_ONCE])
            found += (rows @ self._vectors.T).max(axis=1).tolist()
        return found


def _runs(text: str) -> list[Span]:
    words = split(text)
    return [
        (words.starts[first], words.ends[last - 1])
        for first in range(len(words))
        for last in range(first + 1, min(first + _LONGEST_RUN, len(words)) + 1)
        if not any(words.broken[first + 1 : last])
    ]


def _apart(spans: Sequence[Span]) -> list[Span]:
    """The spans that overlap none before them."""
    kept: list[Span] = []
    for span in spans:
        if not _touches(span, kept):
            kept.append(span)
    return kept
