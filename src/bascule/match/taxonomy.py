"""The shipped skills and occupations: ESCO and O*NET ids, their labels, and the phrases that name them.

Built by `tools/taxonomy.py`; notices in `data/NOTICE.md`. Loaded once a process, on first use.
"""

import gzip
import io
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import cast

import numpy as np

from .phrases import PhraseTable, Vocabulary


@dataclass(frozen=True, slots=True)
class Concept:
    """One skill, piece of knowledge or technology."""

    id: str
    """ESCO concept URI, or `onet-tech:<name>` where only O*NET knows it."""
    label: str
    scheme: str
    """`ESCO` or `O*NET`."""
    kind: str
    """skill, knowledge or technology."""
    weight: float
    """How much its mention says: 1.0 for something particular, 0.1 for what is asked of everyone."""
    also: str
    """The id in the other scheme where both know it."""


@dataclass(frozen=True, slots=True)
class Occupation:
    """One O*NET occupation; `code` is its O*NET-SOC code."""

    code: str
    title: str


class Taxonomy:
    """Concepts and occupations by row, and the tables that find them in a text."""

    def __init__(
        self, version: str, concepts: tuple[Concept, ...], occupations: tuple[Occupation, ...],
        vocabulary: Vocabulary, skills: PhraseTable, titles: PhraseTable,
    ) -> None:  # fmt: skip
        self.version = version
        self.concepts = concepts
        self.occupations = occupations
        self.occupation_titles = {occupation.code: occupation.title for occupation in occupations}
        self.vocabulary = vocabulary
        """The words of all phrases: what both tables share of a text's reading."""
        self.skills = skills
        """Rows are twice the concept's number, plus one where the phrase alone is not enough (ambiguous)."""
        self.titles = titles
        """Rows are numbers of occupations; one title may belong to several."""

    @classmethod
    @cache
    def load(cls) -> "Taxonomy":
        version = cast(dict[str, str], json.loads(_file("version.json")))["version"]
        concepts = tuple(
            Concept(row[0], row[1], row[2], row[3], float(row[4]), row[5]) for row in _rows("concepts.tsv.gz")
        )
        occupations = tuple(Occupation(code, title) for code, title in _rows("occupations.tsv.gz"))
        words = gzip.decompress(_file("words.txt.gz")).decode().split("\n")
        vocabulary = Vocabulary({word: number for number, word in enumerate(words)})
        with np.load(io.BytesIO(_file("phrases.npz"))) as arrays:
            tables = [
                PhraseTable(vocabulary, arrays[f"{name}_keys"], arrays[f"{name}_rows"]) for name in ("skill", "title")
            ]
        return cls(version, concepts, occupations, vocabulary, *tables)


def _file(name: str) -> bytes:
    return (resources.files("bascule.match") / "data" / name).read_bytes()


def _rows(name: str) -> list[list[str]]:
    # Split on "\n" alone: labels may hold other characters that str.splitlines takes for line ends.
    return [line.split("\t") for line in gzip.decompress(_file(name)).decode().split("\n") if line]
