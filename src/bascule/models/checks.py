"""What holds of a model's answer, and what must not be in a question. Pure.

A model is believed where it quotes: what it says is kept only with a quote that stands in the CV. A number must stand
in that quote or in what it was told, and a judgement of the person is never kept: a CV may have asked for it.
"""

# ruff: noqa: RUF001 (people write these characters)

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bascule.match import Person

SHORTEST = 3  # letters and digits of a quote: less is found in any text
MOST_SENTENCES, LONGEST = 2, 320
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ADDRESS = re.compile(r"https?://|www\.|[\w.+-]+@[\w-]+\.\w", re.IGNORECASE)
_JUDGES = re.compile(
    r"\b(?:candidates?|applicants?|hir(?:e|ed|es|ing)|reject(?:ed|s|ing)?|shortlist\w*|interview(?:ed|s)?|recommend\w*|"
    r"points?|scor(?:e|ed|es|ing)|rank(?:ed|s|ing)?|rat(?:e|ed|es|ing)|best|ideal|perfect|strongest|outstanding)\b",
    re.IGNORECASE,
)
_EDGES = " \t\n\r.…\"'“”‘’«»„`"
_ALIKE = {"'": "['’‘`]", '"': '["“”„«»]', "-": "[-‐‑‒–—−]"}
_SAME = {sign: pattern for pattern in _ALIKE.values() for sign in pattern[1:-1]}


@dataclass(frozen=True, slots=True)
class Source:
    """A text that may be quoted: as it was sent, and as it was written, each at the same places."""

    sent: str
    written: str


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that holds, with the quotes it rests on, as they were written."""

    text: str
    quotes: tuple[str, ...]


def place(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands in a text: the same words in the same order, however they are spaced and whatever quotation
    marks and hyphens they have. None where it does not."""
    words = quote.strip(_EDGES).split()
    if sum(character.isalnum() for word in words for character in word) < SHORTEST:
        return None
    pattern = r"\s+".join("".join(_SAME.get(sign) or re.escape(sign) for sign in word) for word in words)
    before = r"(?<!\w)" if words[0][0].isalnum() else ""
    after = r"(?!\w)" if words[-1][-1].isalnum() else ""
    found = re.search(before + pattern + after, text, re.IGNORECASE)
    return found.span() if found else None


def quoted(quote: str, sources: Iterable[Source]) -> str:
    """A quote as it was written; "" where it stands in none of the texts."""
    for source in sources:
        if (span := place(quote, source.sent)) is not None:
            return " ".join(source.written[span[0] : span[1]].split())
    return ""


def numbers(text: str) -> set[str]:
    """The numbers in a text."""
    return set(_NUMBER.findall(text))


def sentences(
    given: Sequence[tuple[str, Sequence[str]]], sources: Sequence[Source], labels: str
) -> tuple[tuple[Said, ...], int]:
    """Of a model's sentences with their quotes, those that hold, and how many sentences and quotes were dropped.
    `labels` is what it was told besides quotes, in our own words."""
    kept: list[Said] = []
    dropped = 0
    for text, quotes in given:
        found = [quoted(quote, sources) for quote in quotes]
        held = tuple(dict.fromkeys(one for one in found if one))
        dropped += sum(not one for one in found)
        plain = " ".join(text.split())
        if held and len(kept) < MOST_SENTENCES and not _objection(plain, held, labels):
            kept.append(Said(plain, held))
        else:
            dropped += 1
    return tuple(kept), dropped


def _objection(text: str, quotes: Sequence[str], labels: str) -> str:
    """Why a sentence is not kept, "" where it is."""
    if not text or len(text) > LONGEST:
        return "length"
    if _ADDRESS.search(text):
        return "address"
    if numbers(text) - numbers(" ".join(quotes)) - numbers(labels):
        return "number"
    ours = labels.casefold()
    return "judgement" if any(word.casefold() not in ours for word in _JUDGES.findall(text)) else ""


def exposes(text: str, person: Person) -> str:
    """What of a person's name or contact data stands in a text that is to leave ("e-mail", "phone", "name"); "" where
    nothing does. The text was blanked before; this is the last look."""
    folded = " ".join(text.casefold().split())
    digits = re.sub(r"\D", "", text)
    if any(mail.casefold() in folded for mail in person.emails if mail):
        return "e-mail"
    if any(len(number) > 6 and number in digits for number in (re.sub(r"\D", "", one) for one in person.phones)):
        return "phone"
    first, *others = [" ".join(name.casefold().split()) for name in person.names if name.strip()] or [""]
    whole = [name for name in (first, *others) if " " in name] + [f"{first} {other}" for other in others]
    whole += [f"{other}, {first}" for other in others]
    return "name" if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded) for name in whole) else ""
