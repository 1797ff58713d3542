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
    wider: tuple[str, ...] = ()
    """The ids of what whoever works with this works with: SQL and databases for PostgreSQL. None for most."""


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
            Concept(id, label, scheme, kind, float(weight), also, tuple(wider.split("|")) if wider else ())
            for id, label, scheme, kind, weight, also, wider in _rows("concepts.tsv.gz")
        )
        occupations = tuple(Occupation(code, title) for code, title in _rows("occupations.tsv.gz"))
        words = gzip.decompress(_file("words.txt.gz")).decode().split("\n")
        numbers = {word: number for number, word in enumerate(words)}
        forms = {form: int(number) for form, number in _rows("forms.tsv.gz")}
        vocabulary = Vocabulary(numbers, numbers | forms)
        with np.load(io.BytesIO(_file("phrases.npz"))) as arrays:
            skills = PhraseTable(vocabulary, arrays["skill_keys"], arrays["skill_rows"], plain=True)
            titles = PhraseTable(vocabulary, arrays["title_keys"], arrays["title_rows"])
        return cls(version, concepts, occupations, vocabulary, skills, titles)


def _file(name: str) -> bytes:
    return (resources.files("bascule.match") / "data" / name).read_bytes()


def _rows(name: str) -> list[list[str]]:
    # Split on "\n" alone: labels may hold other characters that str.splitlines takes for line ends.
    return [line.split("\t") for line in gzip.decompress(_file(name)).decode().split("\n") if line]
