"""People who are made up, some of whom apply twice, with the truth known; and what a script would compare them by.

`AGAIN` of them apply a second time, with a short first name, a slip of the pen, another address, number, employer or
title, as `Pool.again` says. Names are drawn as they occur: few are very common, most are rare.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from bascule.model import Value

AGAIN = 0.15
BASELINE = 0.75  # the mean that does best of 0.6, 0.65, ..., 0.8 among 30,000
SHORT = {
    "william": "Bill", "robert": "Bob", "elizabeth": "Liz", "margaret": "Peggy", "richard": "Dick", "james": "Jim",
    "thomas": "Tom", "joseph": "Joe", "michael": "Mike", "david": "Dave", "daniel": "Dan", "jennifer": "Jenny",
    "christopher": "Chris", "anthony": "Tony", "rebecca": "Becky", "deborah": "Debbie", "edward": "Ted",
}  # fmt: skip
SYLLABLES = [a + b for a in "bdklmnrstvw" for b in "aeo"]
TITLES = ("Nurse", "Welder", "Accountant", "Backend Developer", "Data Analyst", "Teacher", "Cook", "Driver", "Buyer")

Fields = Mapping[str, Value]


class Pool:
    """Names, employers and numbers, drawn the way they occur."""

    def __init__(self, chance: random.Random, many: int) -> None:
        self.chance = chance
        self.firsts = [*map(str.title, SHORT), *(self._made(2, 3) for _ in range(900))]
        self.lasts = [self._made(2, 4) for _ in range(max(2000, many // 12))]
        self.employers = [f"{self._made(2, 3)} {kind}" for kind in ("Ltd", "AB", "GmbH") for _ in range(many // 150)]
        self.weights = {len(names): self._zipf(len(names)) for names in (self.firsts, self.lasts)}

    def _made(self, least: int, most: int) -> str:
        return "".join(self.chance.choices(SYLLABLES, k=self.chance.randint(least, most))).title()

    @staticmethod
    def _zipf(many: int) -> list[float]:
        total, sums = 0.0, []
        for n in range(many):
            total += 1 / (n + 12)
            sums.append(total)
        return sums

    def name(self, names: list[str]) -> str:
        return self.chance.choices(names, cum_weights=self.weights[len(names)])[0]

    def phone(self) -> str:
        return f"+46{self.chance.randrange(700_000_000, 799_999_999)}"

    def person(self) -> dict[str, Value]:
        first, last = self.name(self.firsts), self.name(self.lasts)
        said: dict[str, Value] = {
            "first_name": first, "last_name": last, "company": self.chance.choice(self.employers),
            "title": self.chance.choice(TITLES), "emails": (self.email(first, last),),
        }  # fmt: skip
        if self.chance.random() < 0.85:
            said["phones"] = (self.phone(),)
        return said

    def email(self, first: str, last: str) -> str:
        n = self.chance.randrange(3000)
        way = self.chance.choice((f"{first}.{last}", f"{first[0]}{last}", f"{first}{last}{n}", f"{last}{n}"))
        return f"{way}@{self.chance.choice(('a', 'b', 'c', 'd'))}mail.example".lower()

    def again(self, one: Mapping[str, Value]) -> dict[str, Value]:
        """The same person, who applies anew."""
        said, chance = dict(one), self.chance
        first, last = str(one["first_name"]), str(one["last_name"])
        if chance.random() < 0.3:
            said["first_name"] = SHORT.get(first.lower(), first[0] if chance.random() < 0.2 else first)
        if chance.random() < 0.12:
            at = chance.randrange(1, len(last))
            said["last_name"] = last[:at] + chance.choice("aeiou") + last[at + 1 :]
        if chance.random() < 0.45:
            old = str(one["emails"][0])  # type: ignore[index]
            local = old.partition("@")[0] if chance.random() < 0.5 else self.email(first, last).partition("@")[0]
            said["emails"] = (f"{local}@{chance.choice(('e', 'f'))}mail.example",)
        if chance.random() < 0.3:
            said["phones"] = (self.phone(),)
        elif "phones" in said and chance.random() < 0.3:
            said["phones"] = (f"0{str(said['phones'][0])[3:]}",)  # type: ignore[index]
        if chance.random() < 0.35:
            said |= {"company": chance.choice(self.employers), "title": chance.choice(TITLES)}
        return said


def population(many: int, seed: int = 5) -> tuple[list[Fields], dict[int, int]]:
    """So many people, and of those who apply again (number of the second record) the number of the first."""
    pool = Pool(random.Random(seed), many)
    first = [pool.person() for _ in range(int(many * (1 - AGAIN)))]
    twice = pool.chance.sample(range(len(first)), many - len(first))
    return [*first, *(pool.again(first[n]) for n in twice)], {len(first) + k: n for k, n in enumerate(twice)}


# ---------------------------------------------------------------------------------------------------------- baseline


def plain_keys(fields: Fields) -> list[str]:
    """Under what a script would look two people up."""
    first, last, company = (str(fields.get(name) or "").lower() for name in ("first_name", "last_name", "company"))
    return [
        *map(str, fields.get("emails") or ()), *map(str, fields.get("phones") or ()), f"{first[:1]}|{last}",  # type: ignore[arg-type]
        f"{last}|{company}", f"{first}|{company}",
    ]  # fmt: skip


def plain_mean(a: Fields, b: Fields) -> float:
    """A weighted mean of spellings, 0 to 1."""

    def alike(name: str) -> float:
        return JaroWinkler.similarity(str(a.get(name) or ""), str(b.get(name) or ""))

    mails = [str(next(iter(one.get("emails") or ()), "")) for one in (a, b)]  # type: ignore[arg-type]
    mail = JaroWinkler.similarity(*mails) if all(mails) else 0.0
    phone = 1.0 if set(a.get("phones") or ()) & set(b.get("phones") or ()) else 0.0  # type: ignore[arg-type]
    title = fuzz.token_sort_ratio(str(a.get("title")), str(b.get("title"))) / 100
    return (
        0.15 * alike("first_name") + 0.25 * alike("last_name") + 0.25 * mail + 0.2 * phone + 0.1 * alike("company")
        + 0.05 * title
    )  # fmt: skip
