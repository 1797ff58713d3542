"""What somebody is found by: a vector of what they have done, and the words they are told in.

The vector is made from the redacted text, so that name, age or gender make nobody alike. Words are those of the text as
it stands, names and places included, without what nobody is to be looked for by (`NEVER`). Skills and kinds of work
stand among the words as marks of their own, so that "k8s" finds who wrote "Kubernetes".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from .embed import Vector
from .phrases import split

NEVER = frozenset({"birth date", "age", "gender", "pronoun", "marital status", "nationality", "photo", "phone"})
"""Particulars whose words find nobody."""
_SHORTEST, _SHORTEST_NUMBER = 2, 5  # a postal code is a place; a year is nothing to be found by


@dataclass(frozen=True, slots=True)
class Traits:
    """`vector` is all zeros where there is nothing to compare. `words` are folded, and marks."""

    vector: Vector
    words: frozenset[str]


def fold(text: str) -> str:
    """How words are compared: no accents, no case."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def words_of(text: str) -> list[str]:
    """The words of a text that somebody can be found by, in its order."""
    return [word for word in split(fold(text)).words if findable(word)]


def findable(word: str) -> bool:
    return len(word) >= (_SHORTEST_NUMBER if word.isdigit() else _SHORTEST)


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text without these stretches, each a space."""
    kept: list[str] = []
    last = 0
    for start, end in sorted(spans):
        kept.append(text[last : max(last, start)])
        last = max(last, end)
    return " ".join([*kept, text[last:]])


def skill_mark(id: str) -> str:
    """Stands among the words for a skill of the taxonomy."""
    return f"\x00skill {id}"


def work_mark(code: str) -> str:
    """Stands among the words for an occupation that was held (its O*NET-SOC code, without what comes after the dot)."""
    return f"\x00work {code[:7]}"
