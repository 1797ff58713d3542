"""Title variants: does the same work under another title count as the same, in four languages?

The pairs ship with Bascule (`data/titles.tsv`); of a folder, files `title_variants*.tsv` are used instead: language,
title in an advert, title on a resume, between tabs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from bascule.errors import InputError
from bascule.match import Matcher
from bascule.match.titles import nearness

from .sets import files
from .tables import Section, Table
from .vectors import Vectors

NEAR = 0.5
"""From the same minor group of occupations on, a role counts as the same kind."""
ALIKE = 0.5
"""Similarity of two titles' vectors from which on they count as alike."""
APART = 37
"""How far apart in the list the titles of a pair stand that is of different work."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One advert's title and one resume's title, of the same work."""

    language: str
    asked: str
    held: str


def measure(folder: Path, vectors: Vectors) -> Section:
    """False negatives on the pairs, and false positives on as many that do not belong together."""
    pairs = _pairs(folder)
    matcher = Matcher()
    strangers = [Pair(one.language, one.asked, pairs[(at + APART) % len(pairs)].held) for at, one in enumerate(pairs)]
    systems: dict[str, Callable[[Pair], bool]] = {
        "Bascule's occupations": lambda pair: _near(matcher, pair) >= NEAR,
        "BM25: any word in common": lambda pair: bool(_words(pair.asked) & _words(pair.held)),
        "WordLlama, titles alike": lambda pair: _alike(matcher, pair) >= ALIKE,
    }
    languages = sorted({pair.language for pair in pairs})
    rows: list[Sequence[str]] = []
    figures: dict[str, dict[str, float]] = {}
    for name, same in systems.items():
        missed = [pair for pair in pairs if not same(pair)]
        wrong = sum(map(same, strangers))
        by_language = [_share(missed, pairs, language) for language in languages]
        rows.append([name, f"{len(missed)} of {len(pairs)}", *by_language, f"{wrong} of {len(strangers)}"])
        figures[name] = {"false_negatives": len(missed), "pairs": len(pairs), "false_positives": wrong}
    table = Table(
        "The same work under another title",
        ("system", "false negatives", *(f"… in {language}" for language in languages), "false positives"),
        rows,
    )
    notes = (
        "The pairs that ship were written before they were measured; 65 of 140 were missed then, and everyday titles "
        "in four languages were added to the tables since, by the same hands. Look at pairs of your own.",
        "False positives are pairs put together from different places of the list; a few are near all the same.",
    )
    return Section(tables=(table,), notes=notes, figures=figures)


def _pairs(folder: Path) -> list[Pair]:
    """Those of the folder, else those that ship. Raises InputError for a malformed line."""
    own = files(folder, "title_variants*.tsv")
    shipped = resources.files("bascule.evaluation") / "data" / "titles.tsv"
    texts = [(path.name, path.read_text("utf-8")) for path in own] or [("titles.tsv", shipped.read_text("utf-8"))]
    found: list[Pair] = []
    for name, text in texts:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip() and not line.startswith("#"):
                cells = [cell.strip() for cell in line.split("\t")]
                if len(cells) != 3 or not all(cells):
                    raise InputError(
                        f"{name}, line {number}: {len(cells)} cells.",
                        hint="Expected language, title in an advert and title on a resume, between tabs.",
                    )
                found.append(Pair(*cells))
    if len(found) < 2:
        raise InputError(f"{texts[0][0]}: fewer than two pairs.", hint="Give at least two, better a hundred.")
    return found


def _near(matcher: Matcher, pair: Pair) -> float:
    return nearness(matcher.titles.codes(pair.asked), matcher.titles.codes(pair.held))


def _alike(matcher: Matcher, pair: Pair) -> float:
    first, second = matcher.embedder.vectors([pair.asked, pair.held])
    return float(first @ second)


def _words(title: str) -> set[str]:
    return {word for word in title.lower().replace("-", " ").split() if len(word) > 2}


def _share(missed: Sequence[Pair], pairs: Sequence[Pair], language: str) -> str:
    of = sum(pair.language == language for pair in pairs)
    return f"{sum(pair.language == language for pair in missed)} of {of}"
