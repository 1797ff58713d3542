"""Made-up people, and the moments at which they came. Everything is drawn from seeded dice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from . import names
from .tenant import Tenant

# How far back the people of a new tenant reach.
HISTORY = timedelta(days=540)


@dataclass(frozen=True)
class Person:
    first: str
    last: str
    email: str
    phone: str
    company: str
    title: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


def somebody(random: Random, number: int) -> Person:
    """Somebody whose e-mail address has the number in it, so that it is nobody else's."""
    given, family, prefix = random.choice(names.CULTURES)
    first, last = random.choice(given), random.choice(family)
    company, title = random.choice(names.COMPANIES), random.choice(names.TITLES)
    email = f"{ascii_of(first)}.{ascii_of(last)}.{number}@mail.example".lower()
    return Person(first, last, email, f"{prefix} {random.randrange(10**6):06d}", company, title)


def resume(name: str, title: str | None, company: str | None, city: str | None) -> bytes:
    """A short CV as text."""
    return names.RESUME.format(name=name, title=title, company=company, city=city).encode()


def ascii_of(text: str) -> str:
    """Only the letters and digits of ASCII, for addresses and file names."""
    kept = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("Ł", "L").replace("ł", "l"))
    return "".join(one for one in kept if one.isascii() and one.isalnum())


def arrivals(tenant: Tenant[Any], count: int) -> Iterator[tuple[Random, int, datetime]]:
    """(dice, number, moment) for each of `count` people to be filled in, oldest first over the past year and a half.

    Between two of them nothing is logged or sent, and `now()` is the moment at which that person came. The number goes
    on from how many people there are.
    """
    before = tenant.people()
    random = Random(f"people-{tenant.options.seed}-{before}")
    start = tenant.now() - HISTORY
    with tenant.history():
        for number in range(count):
            moment = start + HISTORY * (number / count) + timedelta(seconds=random.randrange(600))
            tenant.db.pretend = moment
            yield random, before + number, moment
