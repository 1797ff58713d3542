"""Teach which words of an advert's sentence name knowledge or a skill: the table that `match/skill_words.py` reads.

    python -m tools.skill_words --data DIR [--target src/bascule/match/data]

`DIR` holds `skillspan_dev*.json` and `skillspan_train*.json` (SkillSpan, Zhang and others 2022, MIT licence), itself or
in `matching/skill_ie`. Every fifth document of the former is held out, and so is every sentence of an `esco_*.csv`
there: on those it can be judged. What it was taught on is kept in the table as numbers that tell a sentence met again
and nothing else. Printed is a cross-validation by document. Needs two minutes and numpy alone.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bascule.evaluation.skill_sets import Tagged, asked, skill_files, tagged
from bascule.match.embed import Embedder
from bascule.match.skill_words import FILE, figures, fingerprint
from bascule.match.skills import SkillLinker
from bascule.match.taxonomy import Taxonomy

from .skill_meanings import DATA, Adam

HIDDEN, ROUNDS, BATCH, RATE, DECAY, DROPPED = 32, 6, 512, 2e-3, 1e-4, 0.3
FOLDS = 5

Float = NDArray[np.float32]


class Network:
    """One hidden layer and two answers, with a part of the inputs and of the hidden layer dropped while it learns."""

    def __init__(self, size: int, random: np.random.Generator) -> None:
        def start(rows: int, columns: int) -> Adam:
            bound = 1 / np.sqrt(rows)
            return Adam(random.uniform(-bound, bound, (rows, columns)).astype(np.float32), RATE)

        self.hidden, self.out = start(size, HIDDEN), start(HIDDEN, 2)
        self.hidden_bias, self.out_bias = Adam(np.zeros(HIDDEN, np.float32), RATE), Adam(np.zeros(2, np.float32), RATE)
        self._random = random

    def likely(self, seen: Float) -> Float:
        hidden = np.maximum(seen @ self.hidden.value + self.hidden_bias.value, 0)
        return 1 / (1 + np.exp(-(hidden @ self.out.value + self.out_bias.value)))

    def learn(self, seen: Float, right: Float) -> None:
        """One step of Adam on the cross-entropy of the answers."""
        seen = seen * self._kept(seen.shape)
        raw = seen @ self.hidden.value + self.hidden_bias.value
        kept = self._kept(raw.shape)
        hidden = np.maximum(raw, 0) * kept
        answer = 1 / (1 + np.exp(-(hidden @ self.out.value + self.out_bias.value)))
        slope = (answer - right) / right.size
        back = (slope @ self.out.value.T) * kept * (raw > 0)
        for part, gradient in (
            (self.out, hidden.T @ slope),
            (self.out_bias, slope.sum(axis=0)),
            (self.hidden, seen.T @ back),
            (self.hidden_bias, back.sum(axis=0)),
        ):
            part.value *= 1 - RATE * DECAY
            part.step(slice(None), gradient)

    def _kept(self, shape: tuple[int, ...]) -> Float:
        return (self._random.random(shape, np.float32) >= DROPPED) / np.float32(1 - DROPPED)


def trained(seen: Sequence[Float], right: Sequence[Float]) -> Network:
    """A network taught on sentences: rows of figures, and for each word whether it is of knowledge, and of a skill."""
    random = np.random.default_rng(0)
    rows, answers = np.vstack(list(seen)), np.vstack(list(right))
    network = Network(rows.shape[1], random)
    for _ in range(ROUNDS):
        order = random.permutation(len(rows))
        for at in range(0, len(order), BATCH):
            network.learn(rows[order[at : at + BATCH]], answers[order[at : at + BATCH]])
    return network


def read(path: Path) -> list[tuple[str, Tagged]]:
    """Sentences with the name of their document."""
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]
    return [(f"{path.name} {row['source']} {row['idx']}", one) for row, one in zip(rows, tagged(path), strict=True)]


def answers(one: Tagged) -> Float:
    found = np.zeros((len(one.words), 2), np.float32)
    for column, runs in enumerate((one.knowledge, one.skills)):
        for first, last in runs:
            found[first:last, column] = 1
    return found


def places(one: Tagged) -> list[tuple[int, int]]:
    starts = np.cumsum([0, *(len(word) + 1 for word in one.words)])
    return [(int(start), int(start) + len(word)) for start, word in zip(starts, one.words, strict=False)]


def overlap(sentences: Sequence[Tagged], likely: Sequence[Float], least: float) -> tuple[float, float]:
    """Precision (of the runs found, those that touch a labelled one) and recall of knowledge."""
    right = found = met = there = 0
    for one, row in zip(sentences, likely, strict=True):
        named = [at for at in range(len(row)) if row[at, 0] >= least and any(map(str.isalnum, one.words[at]))]
        runs = [(at, at + 1) for at in named]
        joined: list[tuple[int, int]] = []
        for first, last in runs:
            if joined and joined[-1][1] == first:
                joined[-1] = (joined[-1][0], last)
            else:
                joined.append((first, last))
        found += len(joined)
        right += sum(touches(run, (*one.knowledge, *one.skills)) for run in joined)
        there += len(one.knowledge)
        met += sum(touches(run, joined) for run in one.knowledge)
    return right / max(found, 1), met / max(there, 1)


def touches(run: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(run[0] < last and first < run[1] for first, last in others)


def main(data: Path, target: Path) -> None:
    linker, embedder = SkillLinker(Taxonomy.load()), Embedder.load()
    kept = {fingerprint(one.text) for path in skill_files(data, "esco_*.csv") for one in asked(path)}
    paths = [path for kind in ("dev", "train") for path in skill_files(data, f"skillspan_{kind}*.json")]
    rows = [row for path in paths for row in read(path)]
    rows = [(document, one) for document, one in rows if fingerprint(one.text) not in kept]
    seen = [figures(one.text, places(one), linker.hits(one.text), embedder) for _, one in rows]
    right = [answers(one) for _, one in rows]
    documents = list(dict.fromkeys(document for document, _ in rows))
    fold = {document: at % FOLDS for at, document in enumerate(documents)}
    folds = np.array([fold[document] for document, _ in rows])
    likely: dict[int, Float] = {}
    for number in range(FOLDS):
        network = trained(*_chosen(seen, right, folds != number))
        likely |= {int(at): network.likely(seen[at]) for at in np.flatnonzero(folds == number)}
    for source in dict.fromkeys(one.source for _, one in rows):
        of = [at for at, (_, one) in enumerate(rows) if one.source == source]
        for least in (0.2, 0.3, 0.4, 0.5):
            precision, recall = overlap([rows[at][1] for at in of], [likely[at] for at in of], least)
            print(f"{source}, {len(of)} sentences, from {least}: precision {precision:.3f}, knowledge {recall:.3f}")
    held = np.array(["dev" in document and fold[document] == 0 for document, _ in rows])
    network = trained(*_chosen(seen, right, ~held))
    arrays: dict[str, Any] = {
        "hidden": network.hidden.value.astype(np.float16),
        "hidden_bias": network.hidden_bias.value,
        "out": network.out.value,
        "out_bias": network.out_bias.value,
        "seen": np.array(sorted({fingerprint(one.text) for (_, one), out in zip(rows, held, strict=True) if not out})),
    }
    np.savez_compressed(target / FILE, **arrays)
    print(f"taught on {int((~held).sum())} sentences; {int(held.sum())} are held out")


def _chosen(seen: Sequence[Float], right: Sequence[Float], which: Any) -> tuple[list[Float], list[Float]]:
    at = np.flatnonzero(which)
    return [seen[one] for one in at], [right[one] for one in at]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Teach which words of an advert name knowledge or a skill.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--target", type=Path, default=DATA)
    given = parser.parse_args()
    main(given.data, given.target)
