"""What a CV says of whom it is of, as values: each with the words it stands in and how sure it is. Pure.

A CV names other people too: referees, customers, a school's switchboard. What stands among the first lines is the
person's own; what stands further down is theirs surely only where it bears their name, and what stands by a referee
never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bascule.match.resume import GUESSED, LIKELY, SURE, Resume, Said

OLD = timedelta(days=730)  # of a CV: what it calls current is a guess
LONGEST = 200  # characters of a quote
ABOVE = 3  # lines above, in which a referee is announced
_REFEREE = re.compile(r"\breferen(?:ces?|zen|ser|s)\b|\breferees?\b|\bréférences?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """One value of a CV."""

    field: str
    value: str
    confidence: float
    quote: str


def found_in(text: str, resume: Resume, names: Sequence[str], written: date, today: date) -> list[Found]:
    """The values, each once, the surest reading first. `written`: the day the CV is of."""
    head = min([one.start for one in resume.positions] + [one.start for one in resume.education], default=len(text))
    made = [
        *_contacts("emails", text, resume.emails, head, names),
        *_contacts("phones", text, resume.phones, head, names),
        *(Found("links", one.value, one.confidence, quote(text, one)) for one in resume.links if one.end <= head),
        *_work(text, resume, today - written > OLD),
    ]
    if resume.location is not None:
        made.append(Found("location", resume.location.value, resume.location.confidence, quote(text, resume.location)))
    made.sort(key=lambda one: -one.confidence)
    return list({(one.field, one.value.casefold()): one for one in reversed(made)}.values())[::-1]


def _contacts(name: str, text: str, said: Sequence[Said], head: int, names: Sequence[str]) -> Iterator[Found]:
    for one in said:
        if one.end <= head:
            yield Found(name, one.value, one.confidence, quote(text, one))
        elif not _REFEREE.search(_before(text, one.start)):
            own = name == "emails" and any(len(part) > 2 and part in one.value.casefold() for part in _parts(names))
            yield Found(name, one.value, min(one.confidence, LIKELY if own else GUESSED), quote(text, one))


def _work(text: str, resume: Resume, old: bool) -> Iterator[Found]:
    """Title and employer of the position that goes on."""
    now = next((one for one in resume.positions if not one.last and one.title == resume.title), None)
    if now is None:
        return
    sure = min(now.confidence, GUESSED if old else SURE)
    for name, said in (("title", now.title), ("company", now.employer)):
        if said is not None:
            yield Found(name, said.value, sure, quote(text, said))


def quote(text: str, one: Said) -> str:
    """The line that a value stands in."""
    start = text.rfind("\n", 0, one.start) + 1
    end = text.find("\n", one.start)
    line = " ".join(text[start : len(text) if end < 0 else end].split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _before(text: str, place: int) -> str:
    """The line of a place, and some above it."""
    lines = text[: text.find("\n", place) if "\n" in text[place:] else len(text)].split("\n")
    return "\n".join(lines[-ABOVE - 1 :])


def _parts(names: Sequence[str]) -> Iterator[str]:
    return (part for name in names for part in name.casefold().split())
