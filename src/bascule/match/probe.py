"""Does a score depend on who somebody is? Resumes beside their twins, scored by the same rubric; and what the blanking
of personal particulars has left standing."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .matcher import Matcher
from .particulars import Person
from .phrases import split
from .redaction import redact_words
from .rubric import Rubric
from .twins import EXACT, Attribute, twins


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of one attribute: `pairs` of twins, how many `differ`, and by how many tenths of a point at most and on
    average. `exact`: not one may differ."""

    attribute: Attribute
    written: bool
    exact: bool
    pairs: int
    differ: int
    most: int
    mean: float

    @property
    def broken(self) -> bool:
        return self.exact and self.differ > 0


@dataclass(frozen=True, slots=True)
class Miss:
    """What a second look finds after blanking: a kind of word, how often, and in how many resumes."""

    kind: str
    times: int
    resumes: int


@dataclass(frozen=True, slots=True)
class Probe:
    """A whole probe. `resumes`: how many could be scored."""

    resumes: int
    rows: tuple[Probed, ...]
    misses: tuple[Miss, ...]

    @property
    def broken(self) -> bool:
        return any(row.broken for row in self.rows)


@dataclass(frozen=True, slots=True)
class Resume:
    """One resume to be probed with."""

    text: str
    person: Person
    as_of: date
    answers: Mapping[str, str] = field(default_factory=dict[str, str])


_LEFT: Mapping[str, re.Pattern[str]] = {
    "pronoun": re.compile(r"\b(?:he|she|his|hers|himself|herself|hennes|elle)\b", re.IGNORECASE),
    "title": re.compile(r"\b(?:Mr|Mrs|Ms|Herr|Frau|Madame|Monsieur)\b\.?"),
    "age": re.compile(r"\b\d{2}[ -](?:years?[ -]old|Jahre alt|år gammal)\b", re.IGNORECASE),
    "birth": re.compile(r"\b(?:date of birth|born (?:in|on)|geboren am|född)\b", re.IGNORECASE),
    "family": re.compile(
        r"\b(?:married|unmarried|divorced|widowed|verheiratet|geschieden|gift|mother of|father of)\b", re.IGNORECASE
    ),
    "nationality": re.compile(
        r"\b(?:nationality|citizenship|citizen of|staatsangehörigkeit|medborgare)\b", re.IGNORECASE
    ),
    "faith or group": re.compile(
        r"\b(?:christian|muslim|jewish|hindu|buddhist|african[- ]american|hispanic|latino|latina|caucasian|"
        r"sorority|fraternity|lgbtq?\+?|disabled|disability|veteran)\b",
        re.IGNORECASE,
    ),
}  # fmt: skip
"""What tells of a person, looked for by words of its own. A miss need not be one: "born in 2004" may be a company."""


def probe(matcher: Matcher, rubric: Rubric, resumes: Iterable[Resume]) -> Probe:
    """Score every resume beside its twins. What cannot be scored is left out of the count."""
    differences: defaultdict[tuple[Attribute, bool], list[int]] = defaultdict(list)
    misses: Counter[str] = Counter()
    among: Counter[str] = Counter()
    many = 0
    for one in resumes:
        left = missed(one.text, one.person)
        misses.update(left)
        among.update(left.keys())
        if not matcher.score(one.text, rubric, one.person, one.as_of, one.answers).scored:
            continue
        many += 1
        for pair in twins(one.text, one.person):
            first = matcher.score(pair.first, rubric, pair.first_person, one.as_of, one.answers)
            second = matcher.score(pair.second, rubric, pair.second_person, one.as_of, one.answers)
            differences[pair.attribute, pair.written].append(abs(first.tenths - second.tenths))
    order = {attribute: at for at, attribute in enumerate(Attribute)}
    found = sorted(differences.items(), key=lambda row: (order[row[0][0]], row[0][1]))
    rows = (
        Probed(
            attribute, written, attribute in EXACT, len(tenths), sum(map(bool, tenths)), max(tenths),
            round(sum(tenths) / len(tenths), 2),
        )
        for (attribute, written), tenths in found
    )  # fmt: skip
    return Probe(many, tuple(rows), tuple(Miss(kind, misses[kind], among[kind]) for kind in _LEFT if misses[kind]))


def missed(text: str, person: Person) -> Counter[str]:
    """What tells of a person and is still there after blanking: kind -> how often."""
    left = redact_words(split(text), person).text
    found = {kind: len(pattern.findall(left)) for kind, pattern in _LEFT.items()}
    return Counter({kind: many for kind, many in found.items() if many})
