"""Blank out what must never reach the scorer: who a person is, not what they can do.

What `particulars` finds is overwritten character for character, so that every place in the result is the same place in
the resume and a quote can cite it. A word with a gendered form becomes its common form, filled up to the same
length. Whatever stood there, what remains reads the same to the scorer: exchange the name, the pronouns or the age
and the score cannot change."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from .particulars import Person, Span, compound, personal
from .phrases import Words, split

MARK = "\u00b7"
"""Stands first in every blanked stretch, so that the words around it do not run together."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text of the original's length without personal particulars, cut into words. `spans` do not overlap and are
    in order."""

    words: Words
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        return self.words.text

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted({span.kind for span in self.spans}))

    def touches(self, start: int, end: int) -> bool:
        """Whether any blanked stretch reaches into text[start:end]."""
        at = bisect_right(self.spans, start, key=lambda span: span.end)
        return at < len(self.spans) and self.spans[at].start < end


_COMMON_FORMS = {
    "waitress": "waiter", "actress": "actor", "stewardess": "steward", "hostess": "host", "manageress": "manager",
    "salesman": "sales",
    "saleswoman": "sales", "businessman": "business", "businesswoman": "business", "chairman": "chair",
    "chairwoman": "chair",
    "policeman": "police", "policewoman": "police", "fireman": "fire", "cameraman": "camera", "foreman": "fore",
    "forewoman": "fore",
    "craftsman": "craft", "craftswoman": "craft", "spokesman": "spokes", "spokeswoman": "spokes",
    "krankenschwester": "krankenpfleger",
    "pflegefachfrau": "pflegefach", "pflegefachmann": "pflegefach", "kauffrau": "kauf", "kaufmann": "kauf",
    "fachfrau": "fach",
    "fachmann": "fach", "infirmière": "infirmier", "développeuse": "développeur", "directrice": "directeur",
    "vendeuse": "vendeur",
    "conseillère": "conseiller", "cuisinière": "cuisinier", "ouvrière": "ouvrier", "formatrice": "formateur",
    "animatrice": "animateur",
    "administratrice": "administrateur", "rédactrice": "rédacteur", "assistante": "assistant",
    "consultante": "consultant",
    "étudiante": "étudiant", "chargée": "chargé", "employée": "employé", "diplômée": "diplômé",
    "ingénieure": "ingénieur",
    "contrôleuse": "contrôleur", "technicienne": "technicien", "aide-soignante": "aide-soignant",
    "comptabilière": "comptable",
    "sjuksköterskan": "sjuksköterska", "lärarinna": "lärare",
}  # fmt: skip
_PROFESSIONS = (
    "entwickler|leiter|halter|berater|pfleger|arbeiter|techniker|prüfer|verkäufer|manager|lehrer|ingenieur|assistent|"
    "analyst|referent|spezialist|administrator|koch|informatiker|betreuer|trainer|designer|tester|architekt"
)
_GERMAN_IN = re.compile(rf"\b((?:[A-ZÄÖÜ][\wäöüß-]*)?(?i:{_PROFESSIONS}))(in(?:nen)?|\*in|:in|/in)\b")
_FEMININE = tuple(f"{word}{ending}" for word in _PROFESSIONS.split("|") for ending in ("in", "innen"))
_BOTH = ("*in", ":in", "/in")
_COMMON_WORDS = frozenset(_COMMON_FORMS) | {"soignante"}


def redact(text: str, person: Person, keep: frozenset[str] = frozenset()) -> Redacted:
    """Blank personal particulars. `keep` are words (lower case) that are also names of skills: such a word is blanked
    only inside the full name, not where it stands alone.
    """
    return redact_words(split(text), person, keep)


def redact_words(words: Words, person: Person, keep: frozenset[str] = frozenset(), *, named: bool = True) -> Redacted:
    """The same for a text that is already cut into words. `named` is False where the first line is known to be no
    name."""
    merged = _merge(words.text, personal(words, person, keep, named))
    common = _common_forms(words)
    text = _blank(common, merged)
    if common == words.text:
        return Redacted(words.blanked(text, [(span.start, span.end) for span in merged]), merged)
    return Redacted(split(text), merged)


def _merge(text: str, spans: list[Span]) -> tuple[Span, ...]:
    """In order, overlapping or touching stretches as one. Only white space between two makes them touch."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if span.start >= span.end:
            continue
        if merged and (span.start <= merged[-1].end or not text[merged[-1].end : span.start].strip(" \t")):
            last = merged[-1]
            merged[-1] = Span(last.start, max(last.end, span.end), last.kind)
        else:
            merged.append(span)
    return tuple(merged)


def _common_forms(words: Words) -> str:
    """The text with gendered words in their common form, each filled up to its length; itself if there are none."""
    text = words.text
    pieces: list[str] = []
    last = 0
    feminine = any(both in text for both in _BOTH)
    for at, word in enumerate(words.words):
        if word in _COMMON_WORDS:
            first, after = compound(words, at)
            start, end = words.starts[first], words.ends[after - 1]
            if form := _COMMON_FORMS.get(text[start:end].lower()):
                form = form.capitalize() if text[start].isupper() else form
                pieces += [text[last:start], form.ljust(end - start)]
                last = end
        elif not feminine and word[-1] == "n" and word.endswith(_FEMININE):
            feminine = True
    text = "".join([*pieces, text[last:]]) if pieces else text
    # Looking for German endings is dear, and most texts have none.
    return _GERMAN_IN.sub(lambda found: found[1] + " " * len(found[2]), text) if feminine else text


def _blank(text: str, spans: tuple[Span, ...]) -> str:
    pieces: list[str] = []
    last = 0
    for span in spans:
        pieces += [text[last : span.start], MARK, re.sub(r"[^\n]", " ", text[span.start + 1 : span.end])]
        last = span.end
    return "".join([*pieces, text[last:]])
