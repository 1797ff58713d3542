"""Teach vectors what ESCO's skills are called, and make the tables that `match/meanings.py` reads.

    python -m tools.skill_meanings --source DIR --data DIR [--target src/bascule/match/data]

`DIR` of `--source` holds `esco_skills_en.jsonl.gz`, as for `tools.taxonomy`, which must have run before. Token vectors
are taught so that each alternative label, and each description, lies nearest to the preferred label of its own skill
among 256 drawn at random (the usual contrastive loss, in steps of Adam); no labelled sentence is used for that. The
dozen weights that say how likely a skill is meant are fitted to labelled sentences, `esco_*validation.csv` below the
folder of `--data`, and judged by cross-validation, which is printed. Needs two minutes and numpy alone.
"""

import argparse
import gzip
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bascule.evaluation.skill_sets import Asked, asked, skill_files
from bascule.match.embed import load_table, unit
from bascule.match.meanings import FIGURES, FILE, LIKELY, NAMED, Meanings, taught
from bascule.match.phrases import split
from bascule.match.skills import SkillLinker
from bascule.match.taxonomy import Taxonomy

from .taxonomy import esco_rows, plain

STEPS, BATCH, RATE, DESCRIPTIONS, LONGEST = 1260, 256, 1e-3, 0.25, 60
"""Steps, pairs a step, Adam's rate, the share of steps on descriptions, and tokens of one that are read."""
FOLDS = 10
BETWEEN = 0.5
"""A skill's vector lies so far from its preferred label towards the mean of all its labels."""
DATA = Path(__file__).parents[1] / "src" / "bascule" / "match" / "data"
NUMBER = re.compile(r"\d+")

Float = NDArray[np.float32]
Double = NDArray[np.float64]


class Adam:
    """One array under Adam; rows without a gradient stay."""

    def __init__(self, value: Float, rate: float) -> None:
        self.value, self._rate = value, rate
        self._mean, self._square, self._step = np.zeros_like(value), np.zeros_like(value), 0

    def step(self, rows: Any, gradient: Float) -> None:
        self._step += 1
        self._mean[rows] = 0.9 * self._mean[rows] + 0.1 * gradient
        self._square[rows] = 0.999 * self._square[rows] + 0.001 * gradient**2
        mean, square = self._mean[rows] / (1 - 0.9**self._step), self._square[rows] / (1 - 0.999**self._step)
        self.value[rows] -= self._rate * mean / (np.sqrt(square) + 1e-8)


class Bags:
    """Texts as rows of token numbers, filled up with -1."""

    def __init__(self, texts: Sequence[list[int]]) -> None:
        self.tokens = np.full((len(texts), max(map(len, texts))), -1, np.int32)
        for at, tokens in enumerate(texts):
            self.tokens[at, : len(tokens)] = tokens

    def __getitem__(self, rows: Any) -> NDArray[np.int32]:
        return self.tokens[rows]


class Model:
    """The token vectors, their weights (as logarithms), the mean and how sharp the comparison is, and their
    gradients."""

    def __init__(self, vectors: Float, weights: Float, mean: Float) -> None:
        self.vectors = Adam(vectors, RATE)
        self.weights = Adam(np.log(np.maximum(weights, 0.3)), 5 * RATE)
        self.mean = Adam(mean.copy(), 0.3 * RATE)
        self.sharp = Adam(np.array([np.log(20.0)], np.float32), 0.01)

    def forward(self, tokens: NDArray[np.int32]) -> tuple[Float, tuple[Any, ...]]:
        """A text's vector as `Embedder` makes it, and what the way back needs."""
        there = tokens >= 0
        rows = np.where(there, tokens, 0)
        weight = np.exp(self.weights.value[rows]) * there
        values = self.vectors.value[rows]
        summed = np.einsum("nt,ntd->nd", weight, values)
        length = np.linalg.norm(summed, axis=1, keepdims=True) + 1e-9
        moved = summed / length - self.mean.value
        apart = np.linalg.norm(moved, axis=1, keepdims=True) + 1e-9
        out = moved / apart
        return out, (there, rows, weight, values, summed / length, length, apart, out)

    def backward(self, gradient: Float, seen: tuple[Any, ...]) -> tuple[Any, Float, Float, Float]:
        """Gradients of the tokens met: their rows, of their vectors, of their weights; and of the mean."""
        there, rows, weight, values, direction, length, apart, out = seen
        moved = (gradient - out * (out * gradient).sum(axis=1, keepdims=True)) / apart
        summed = (moved - direction * (direction * moved).sum(axis=1, keepdims=True)) / length
        return (
            rows[there],
            (weight[..., None] * summed[:, None])[there],
            (weight * np.einsum("ntd,nd->nt", values, summed))[there],
            -moved.sum(axis=0),
        )

    def learn(self, texts: NDArray[np.int32], labels: NDArray[np.int32], owners: NDArray[np.int64]) -> float:
        """One step: each text is nearest to its own label among all of these."""
        left, seen_left = self.forward(texts)
        right, seen_right = self.forward(labels)
        sharp = np.exp(self.sharp.value[0])
        raw = left @ right.T
        same = (owners[:, None] == owners[None]) & ~np.eye(len(owners), dtype=bool)
        scores = np.where(same, -1e4, raw * sharp)
        diagonal = np.arange(len(owners))
        loss, slope = 0.0, np.zeros_like(scores)
        for axis in (0, 1):
            shifted = np.exp(scores - scores.max(axis=axis, keepdims=True))
            share = shifted / shifted.sum(axis=axis, keepdims=True)
            loss -= float(np.log(share[diagonal, diagonal] + 1e-12).mean())
            share[diagonal, diagonal] -= 1
            slope += share / len(owners)
        slope[same] = 0
        parts = [self.backward(sharp * slope @ right, seen_left), self.backward(sharp * slope.T @ left, seen_right)]
        rows, place = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
        vectors = np.zeros((len(rows), left.shape[1]), np.float32)
        np.add.at(vectors, place, np.concatenate([part[1] for part in parts]))
        weights = np.bincount(place, np.concatenate([part[2] for part in parts]), len(rows)).astype(np.float32)
        self.vectors.step(rows, vectors)
        self.weights.step(rows, weights)
        self.mean.step(slice(None), parts[0][3] + parts[1][3])
        self.sharp.step(slice(None), np.array([(raw * slope).sum() * sharp], np.float32))
        return loss


def teach(rows: Sequence[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    """The taught tokens: numbers, vectors, weights of all tokens, and the mean."""
    table, tokenizer = load_table()
    statistics = np.load(DATA / "tokens.npz")

    def tokens(text: str) -> list[int]:
        pieces = NUMBER.sub(" ", text).split()
        return [token for piece in pieces for token in tokenizer.encode(piece, add_special_tokens=False).ids] or [0]

    labels = Bags([tokens(row["preferred"]) for row in rows])
    alternatives = [(tokens(label), at) for at, row in enumerate(rows) for label in row["alt"]]
    told = [(tokens(row["description"])[:LONGEST], at) for at, row in enumerate(rows) if row["description"]]
    sets = [(Bags([text for text, _ in found]), np.array([at for _, at in found])) for found in (alternatives, told)]
    met = np.unique(np.concatenate([bags.tokens.ravel() for bags in (labels, *(bags for bags, _ in sets))]))
    model = Model(table.astype(np.float32), statistics["idf"].astype(np.float32), statistics["mean"])
    random = np.random.default_rng(0)
    for step in range(STEPS):
        bags, owners = sets[int(random.random() < DESCRIPTIONS)]
        drawn = random.integers(0, len(owners), BATCH)
        texts, named = bags[drawn], labels[owners[drawn]]
        loss = model.learn(
            texts[:, : (texts >= 0).sum(axis=1).max()], named[:, : (named >= 0).sum(axis=1).max()], owners[drawn]
        )
        if step % 100 == 0:
            print(f"step {step}: loss {loss:.3f}, sharpness {np.exp(model.sharp.value[0]):.1f}", flush=True)
    met = met[met >= 0]
    scales = np.abs(model.vectors.value[met]).max(axis=1) / 127
    return {
        "tokens": met.astype(np.int32),
        "token_vectors": np.round(model.vectors.value[met] / scales[:, None]).astype(np.int8),
        "token_scales": scales.astype(np.float32),
        "token_weights": np.exp(model.weights.value).astype(np.float16),
        "mean": model.mean.value,
    }


def whole(vectors: Float) -> NDArray[np.int8]:
    """Directions as whole numbers."""
    return np.round(vectors * (127 / np.abs(vectors).max(axis=1, keepdims=True))).astype(np.int8)


def tables(rows: Sequence[dict[str, Any]], arrays: dict[str, NDArray[Any]], taxonomy: Taxonomy) -> dict[str, Any]:
    """The vector of each skill, the words of its labels, how rare each word is, and what kind of skill it is."""
    embedder = taught(arrays)
    named = [list(dict.fromkeys([plain(row["preferred"]), *row["alt"]])) for row in rows]
    own = embedder.vectors([row["preferred"] for row in rows])
    every = np.array([unit(embedder.vectors(labels).mean(axis=0)[None])[0] for labels in named])
    kinds = [
        (row["type"] == "knowledge", row["reuse"] == "transversal", row["reuse"] == "cross-sector") for row in rows
    ]
    spelled = gzip.decompress((DATA / "words.txt.gz").read_bytes()).decode().split("\n")
    number_of = dict[str, int]()

    def numbers(label: str) -> list[int]:
        """Our own numbers of the plain words of a label."""
        known = [number for number in taxonomy.vocabulary.plain(split(label).words) if number >= 0]
        return sorted({number_of.setdefault(spelled[number], len(number_of)) for number in known})

    words = [[numbers(label) for label in labels] for labels in named]
    flat = [label for labels in words for label in labels]
    owners = np.repeat(np.arange(len(rows)), [len(labels) for labels in words])
    padded = np.full((len(owners), max(map(len, flat))), -1, np.int16)
    for at, label in enumerate(flat):
        padded[at, : len(label)] = label
    holding = np.zeros(len(number_of))
    for labels in words:
        holding[sorted({number for label in labels for number in label})] += 1
    return arrays | {
        "ids": np.array([row["id"] for row in rows]),
        "vectors": whole(unit((1 - BETWEEN) * own + BETWEEN * every)),
        "kinds": np.array(kinds, np.int8),
        "words": np.array(list(number_of)),
        "label_words": padded,
        "label_owners": owners.astype(np.int32),
        "rarity": np.log(1 + (len(rows) - holding + 0.5) / (holding + 0.5)).astype(np.float16),
    }


@dataclass
class Judged:
    """Every candidate of some sentences: its figures, whether it is asked for, its sentence's number, its label and its
    place."""

    figures: Double
    right: Double
    of: NDArray[np.int64]
    labels: list[str]
    places: list[tuple[int, int]]

    @classmethod
    def read(cls, meanings: Meanings, linker: SkillLinker, sentences: Sequence[Asked]) -> "Judged":
        found = [meanings.candidates(one.text, linker.hits(one.text)) for one in sentences]
        labels = [[meanings.concept(row).label for row in one.rows.tolist()] for one in found]
        right = [[label in one.labels for label in names] for names, one in zip(labels, sentences, strict=True)]
        return cls(
            np.vstack([one.figures for one in found]).astype(float),
            np.concatenate(right).astype(float),
            np.repeat(np.arange(len(found)), [len(one.rows) for one in found]),
            [label for names in labels for label in names],
            [place for one in found for place in one.places],
        )

    def likely(self, weights: Double, which: Any = slice(None)) -> Double:
        return 1 / (1 + np.exp(-(self.figures[which] @ weights[1:] + weights[0])))

    def fitted(self, which: Any = slice(None), ridge: float = 3.0) -> Double:
        """Weights of a logistic, the constant first, by Newton's method on figures brought to one scale."""
        figures, right = self.figures[which], self.right[which]
        middle, spread = figures.mean(axis=0), figures.std(axis=0) + 1e-9
        scaled = np.column_stack([np.ones(len(figures)), (figures - middle) / spread])
        weights, penalty = np.zeros(scaled.shape[1]), np.diag([0.0] + [ridge] * figures.shape[1])
        for _ in range(30):
            likely = 1 / (1 + np.exp(-scaled @ weights))
            slope = scaled.T @ (likely - right) + penalty @ weights
            bend = (scaled * (likely * (1 - likely))[:, None]).T @ scaled + penalty
            weights -= np.linalg.solve(bend, slope)
        own = weights[1:] / spread
        return np.concatenate([[weights[0] - own @ middle], own])

    def held_out(self) -> Double:
        """How likely each candidate is by weights that were fitted without its sentence."""
        likely = np.zeros(len(self.right))
        for fold in range(FOLDS):
            out = self.of % FOLDS == fold
            likely[out] = self.likely(self.fitted(~out), out)
        return likely

    def said(self, likely: Double, sentences: Sequence[Asked]) -> str:
        """Precision, recall, F1 and RP@5 of candidates taken as `Meanings` takes them."""
        least = np.where(self.figures[:, FIGURES.index("named")] > 0, NAMED, LIKELY)
        right = found = 0
        shares: list[float] = []
        for at, sentence in enumerate(sentences):
            order = np.flatnonzero(self.of == at)
            order = order[np.argsort(-likely[order], kind="stable")].tolist()
            if sentence.labels:
                first = sum(self.labels[one] in sentence.labels for one in order[:5])
                shares.append(first / min(5, len(sentence.labels)))
            taken: list[int] = []
            for one in order:
                start, end = self.places[one]
                clear = not any(start < self.places[o][1] and self.places[o][0] < end for o in taken)
                if clear and likely[one] >= least[one]:
                    taken.append(one)
            found += len(taken)
            right += sum(self.labels[one] in sentence.labels for one in taken)
        there = sum(len(one.labels) for one in sentences)
        return (
            f"precision {right / found:.3f}, recall {right / there:.3f}, F1 {2 * right / (found + there):.3f}, "
            f"RP@5 {np.mean(shares):.3f}"
        )


def main(source: Path, data: Path, target: Path) -> None:
    rows, taxonomy = esco_rows(source), Taxonomy.load()
    arrays = tables(rows, teach(rows), taxonomy)
    arrays["weights"] = np.zeros(len(FIGURES) + 1)
    linker = SkillLinker(taxonomy)
    meanings = Meanings(taxonomy, packed(arrays))
    sets = {path.name: asked(path) for path in skill_files(data, "esco_*validation.csv")}
    sentences = [one for found in sets.values() for one in found]
    judged = Judged.read(meanings, linker, sentences)
    arrays["weights"] = judged.fitted()
    (target / FILE).write_bytes(packed(arrays))
    likely, first = judged.held_out(), 0
    for name, found in sets.items():
        of = (judged.of >= first) & (judged.of < first + len(found))
        one = Judged.read(meanings, linker, found)
        print(f"{name}, weights fitted without the sentence: {one.said(likely[of], found)}")
        first += len(found)
    for name, weight in zip(("constant", *FIGURES), arrays["weights"], strict=True):
        print(f"{name:>16} {weight:8.3f}")


def packed(arrays: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Teach vectors what skills are called, and make their tables.")
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--target", type=Path, default=DATA)
    given = parser.parse_args()
    main(given.source, given.data, given.target)
