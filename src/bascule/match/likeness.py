"""May two records be one person? What is compared, under which keys people are looked up, and what may be concluded.

Two people may be one only with an e-mail address, a telephone number or a profile in common, or with two strong
signs: a name hardly anybody else here has, the same employer and title, the same unusual part before the @, the same
CV. A name with an employer is never enough, whoever's it is: among a million people it is chance. What a sign is worth
depends on how many people here share it, so that the same rules hold for a thousand people and for a million.

Nothing is decided here: whoever is alike is shown to a person. English first names and their short forms are those of
the package `nicknames` (Apache-2.0); numbers are read by `phonenumbers`, spellings compared by `rapidfuzz`.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, lru_cache

import phonenumbers
from nicknames import NickNamer
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from bascule.model import Value

FEW = 3  # people who share something: more, and it says little
CROWD = 50  # people under one key who are looked at: more, and the key tells nobody apart
FORMS, ALIKE = 3, 50.0  # names that one may be short for; of 100, spelt alike
SPELT = 0.92  # Jaro-Winkler of two spellings of one name
TITLED = 85.0  # of 100, of two wordings of one title
SHINGLE, SKETCH = 4, 64  # words of a piece of a text, pieces that stand for it
SAME_TEXT = 0.7  # of the pieces of two CVs
LEAST_HANDLE, OWN = 6, 2  # letters before the @, and of them those that are no part of the name
LEGAL = set("ab ag aps as bv co company corp corporation gmbh inc limited llc llp ltd nv oy plc sa sarl srl".split())  # noqa: SIM905
ROLES = set("admin apply career careers contact hello info jobs mail me noreply office recruiting work".split())  # noqa: SIM905
_PLAIN = str.maketrans({"ø": "o", "œ": "oe", "æ": "ae", "ß": "ss", "ł": "l", "đ": "d", "ð": "d"})
_WORD = re.compile(r"[^\W_]+")
_SIMPLE = re.compile(r"\+[1-9]{5}\d{3,10}")  # no zero where a trunk prefix could stand
_PROFILE = re.compile(r"(?:https?://)?(?:[\w-]+\.)*?(linkedin\.com/in|github\.com|xing\.com/profile)/([^/?#\s]+)", re.I)


class Sign(StrEnum):
    """What two people have in common. The value is what a page says."""

    EMAIL = "the same e-mail address"
    PHONE = "the same telephone number"
    PROFILE = "the same profile on the web"
    NUMBER = "the same telephone number, on one side without its country"
    NAME = "the same name, which hardly anybody else here has"
    COMMON = "the same name"
    JOB = "the same employer and title"
    HANDLE = "the same unusual part before the @"
    TEXT = "nearly the same CV"


CONTACT = frozenset({Sign.EMAIL, Sign.PHONE, Sign.PROFILE})
STRONG = frozenset({Sign.NUMBER, Sign.NAME, Sign.JOB, Sign.HANDLE, Sign.TEXT})


class Verdict(StrEnum):
    CERTAIN = "certain"  # may be answered in bulk
    LIKELY = "likely"  # a person looks at the two
    NO = "no"


@dataclass(frozen=True, slots=True)
class Likeness:
    """What follows from the signs that two people share."""

    verdict: Verdict
    signs: tuple[Sign, ...] = ()


NOT = Likeness(Verdict.NO)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as they are compared: everything folded. `names` are (first names with what they are short for,
    last name); `numbers` are telephone numbers without a country, `sketch` stands for the text of a CV."""

    names: frozenset[tuple[frozenset[str], str]] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()
    jobs: frozenset[tuple[str, str]] = frozenset()  # employer, title
    sketch: tuple[int, ...] = field(default=(), compare=False)

    def also(self, other: Person) -> Person:
        """The two taken for one: a person and those who were merged into them."""
        return Person(
            self.names | other.names, self.emails | other.emails, self.phones | other.phones,
            self.numbers | other.numbers, self.profiles | other.profiles, self.jobs | other.jobs,
            self.sketch or other.sketch,
        )  # fmt: skip


def person(fields: Mapping[str, Value]) -> Person:
    """A candidate's fields as they are compared."""
    last = "".join(_words(fields.get("last_name")))
    firsts = [word for name in ("first_name", "preferred_name") for word in _words(fields.get(name))[:1]]
    whole = frozenset(form for first in firsts for form in forms(first))
    company, title = employer(_text(fields.get("company"))), " ".join(_words(fields.get("title")))
    told = [number(one) for one in _texts(fields.get("phones"))]
    return Person(
        names=frozenset({(whole, last)}) if whole and last else frozenset(),
        emails=frozenset(one for one in map(_email, _texts(fields.get("emails"))) if one),
        phones=frozenset(one for one in told if one.startswith("+")),
        numbers=frozenset(one for one in told if one and not one.startswith("+")),
        profiles=frozenset(one for one in map(_profile, _texts(fields.get("links"))) if one),
        jobs=frozenset({(company, title)}) if company else frozenset(),
    )


def having_read(one: Person, text: str) -> Person:
    """The same with the text of their CV."""
    return replace(one, sketch=sketch(text))


# ---------------------------------------------------------------------------------------------------------- folding


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, tuple) else ()


def plain(text: str) -> str:
    """Without case and accents: 'Åkerström' and 'AKERSTROM' are the same."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    bare = unicodedata.normalize("NFKD", folded.translate(_PLAIN))
    return "".join(c for c in bare if not unicodedata.combining(c))


def _words(value: Value) -> list[str]:
    return _WORD.findall(plain(_text(value)))


@cache
def _nicknames() -> NickNamer:
    return NickNamer()


@lru_cache(20_000)
def forms(first: str) -> frozenset[str]:
    """A first name, and the names it is most likely short for: few, spelt alike before all, and common ones."""
    known = _nicknames()
    short = {one: len(known.nicknames_of(one)) for one in {first, *known.canonicals_of(first)}}
    longer = [one for one in short if short[one] > short[first]]
    longer.sort(key=lambda one: (fuzz.ratio(one, first) < ALIKE, -short[one], one))
    return frozenset({first, *longer[:FORMS]})


def employer(text: str) -> str:
    """An employer's name without its legal form."""
    words = [word for word in _WORD.findall(plain(text)) if word not in LEGAL]
    return " ".join(words)


def _email(text: str) -> str:
    folded = text.strip().casefold()
    return folded if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", folded) else ""


def _profile(text: str) -> str:
    found = _PROFILE.search(text)
    return f"{found[1]}/{found[2]}".casefold() if found else ""


def number(text: str) -> str:
    """A telephone number: international (+ and digits, its trunk prefix and extension left out), else the digits of a
    national one without leading zeros; "" for what is none."""
    kept = re.sub(r"[\s().\-/]", "", text)
    if _SIMPLE.fullmatch(kept):
        return kept
    kept = f"+{kept[2:]}" if kept.startswith("00") else text.strip()
    if kept.startswith("+"):
        try:
            read = phonenumbers.parse(kept, None)
        except phonenumbers.NumberParseException:
            return ""
        return f"+{read.country_code}{read.national_number}" if phonenumbers.is_possible_number(read) else ""
    digits = re.sub(r"\D", "", re.split(r"[;x]|ext", text.casefold())[0]).lstrip("0")
    return digits if 7 <= len(digits) <= 12 else ""


def handle(email: str) -> str:
    """What stands before the @, as a person would recognise it elsewhere; "" for an office's or a very short one."""
    before = re.sub(r"[._\-]", "", email.partition("@")[0].partition("+")[0])
    return before if len(before) >= LEAST_HANDLE and before not in ROLES else ""


def _own(told: str, one: Person) -> bool:
    """Whether a handle holds more than the name: ada.byron says no more than the name does, ada.byron1815 does."""
    rest = told
    for firsts, last in one.names:
        for known in sorted((*firsts, last), key=len, reverse=True):
            rest = rest.replace(known, "")
        if rest and rest[0] in {first[0] for first in firsts}:
            rest = rest[1:]
    return len(rest) >= OWN


def sketch(text: str) -> tuple[int, ...]:
    """The smallest digests of the pieces of a text: of two texts, about as many are the same as of the pieces."""
    words = _WORD.findall(plain(text))
    pieces = {
        zlib.crc32(" ".join(words[n : n + SHINGLE]).encode("utf-8", "replace"))
        for n in range(max(0, len(words) - SHINGLE + 1))
    }
    return tuple(sorted(pieces)[:SKETCH])


def overlap(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """About how many of the pieces of two texts are the same, from their sketches. 0 where there is hardly a text."""
    if min(len(a), len(b)) < SKETCH // 2:
        return 0.0
    lowest = sorted({*a, *b})[:SKETCH]
    return len(set(lowest) & set(a) & set(b)) / len(lowest)


# ------------------------------------------------------------------------------------------------------------- keys


def blocks(one: Person) -> tuple[str, ...]:
    """The keys under which somebody is found: who shares none of them with anybody is nobody's double. The letter says
    of what kind: e-mail, phone, profile (web), name, handle, last or first name with employer."""
    found = {f"e:{mail}" for mail in one.emails} | {f"w:{at}" for at in one.profiles}
    found |= {f"p:{tail(at)}" for at in one.phones | one.numbers}
    found |= {f"h:{told}" for mail in one.emails if (told := handle(mail))}
    employers = {company for company, _ in one.jobs}
    for firsts, last in one.names:
        found |= {name_key(first, last) for first in firsts} | {f"l:{last}:{company}" for company in employers}
        found |= {f"f:{first}:{company}" for first in firsts for company in employers}
    return tuple(sorted(found))


def tail(phone: str) -> str:
    """The end of a number, by which one with and one without its country are found together."""
    return phone[-8:]


def name_key(first: str, last: str) -> str:
    return f"n:{first}:{last}"


ALONE = frozenset("ewp")
"""Kinds of keys that suffice to look at two people; of the others it takes two kinds, or a name of very few."""
Holders = Callable[[str], int]
"""How many people here are found under a key (as far as they are counted: more than `CROWD` is many)."""


def worth_a_look(shared: Iterable[str], holders: Holders) -> bool:
    """Whether what two people are both found under could come to anything."""
    kinds = {key[0] for key in shared}
    return bool(kinds & ALONE) or len(kinds) >= 2 or any(key[0] == "n" and holders(key) <= FEW for key in shared)


# ------------------------------------------------------------------------------------------------------- comparing


def compare(a: Person, b: Person, holders: Holders) -> Likeness:
    """What two people share, and what follows. The order of the two does not matter."""
    named = _names(a, b)
    signs = _contact(a, b, holders) + _strong(a, b, holders)
    if named is _Named.SAME:
        signs.append(_name(a, b, holders))
    contact, strong = CONTACT & set(signs), STRONG & set(signs)
    told = tuple(dict.fromkeys(signs))
    apart = bool(a.profiles and b.profiles and not a.profiles & b.profiles)
    if named is _Named.OTHER:  # a family's number, an office's address; somebody who has changed their name shares more
        return Likeness(Verdict.LIKELY, told) if len(contact) + len(strong) >= 2 and contact and not apart else NOT
    if contact:
        sole = named is _Named.SAME and not apart and _alone(a, b, holders)
        return Likeness(Verdict.CERTAIN if sole else Verdict.LIKELY, told)
    if len(strong) >= 2 and not apart:
        return Likeness(Verdict.LIKELY, told)
    return NOT


class _Named(StrEnum):
    SAME = "same"
    HALF = "half"  # one of the two names: people marry, and are known by another first name
    OTHER = "other"


def _names(a: Person, b: Person) -> _Named:
    best = _Named.OTHER
    for firsts, last in a.names:
        for others, other in b.names:
            first_same = bool(firsts & others) or any(_one_first(x, y) for x in firsts for y in others)
            if first_same and _last(last, other):
                return _Named.SAME
            if first_same:
                best = _Named.HALF
    return best


def _one_first(a: str, b: str) -> bool:
    return _spelt(a, b) or _short(a, b)


@lru_cache(20_000)
def _short(a: str, b: str) -> bool:
    return b in _nicknames().nicknames_of(a) or a in _nicknames().nicknames_of(b)


def _spelt(a: str, b: str) -> bool:
    if 1 in (len(a), len(b)):
        return a[0] == b[0]
    return min(len(a), len(b)) >= 4 and JaroWinkler.similarity(a, b, score_cutoff=SPELT) > 0


def _last(a: str, b: str) -> bool:
    shorter, longer = sorted((a, b), key=len)
    return a == b or _spelt(a, b) or (len(shorter) >= 4 and (longer.startswith(shorter) or longer.endswith(shorter)))


def _contact(a: Person, b: Person, holders: Holders) -> list[Sign]:
    """What is shared by more than a few is an office's or an agency's, and nobody's."""
    found: list[Sign] = []
    if any(holders(f"e:{mail}") <= FEW for mail in a.emails & b.emails):
        found.append(Sign.EMAIL)
    if any(holders(f"p:{tail(one)}") <= FEW for one in a.phones & b.phones):
        found.append(Sign.PHONE)
    if any(holders(f"w:{one}") <= FEW for one in a.profiles & b.profiles):
        found.append(Sign.PROFILE)
    return found


def _strong(a: Person, b: Person, holders: Holders) -> list[Sign]:
    found: list[Sign] = []
    if any(one.endswith(short) for x, y in ((a, b), (b, a)) for one in x.phones | x.numbers for short in y.numbers):
        found.append(Sign.NUMBER)
    told = {handle(mail) for mail in a.emails - b.emails} & {handle(mail) for mail in b.emails - a.emails} - {""}
    if any(holders(f"h:{one}") <= FEW and _own(one, a) and _own(one, b) for one in told):
        found.append(Sign.HANDLE)
    if _job(a, b, holders):
        found.append(Sign.JOB)
    if overlap(a.sketch, b.sketch) >= SAME_TEXT:
        found.append(Sign.TEXT)
    return found


def _job(a: Person, b: Person, holders: Holders) -> bool:
    """One employer and one title, where hardly anybody of that name works there."""
    alike = {
        company
        for company, title in a.jobs
        for other, theirs in b.jobs
        if company == other and title and theirs and fuzz.token_sort_ratio(title, theirs) >= TITLED
    }
    keys = [f"l:{last}:{company}" for company in alike for _, last in (*a.names, *b.names)]
    return bool(keys) and min(map(holders, keys)) <= FEW


def _name(a: Person, b: Person, holders: Holders) -> Sign:
    shared = {
        name_key(x, last)
        for firsts, last in a.names
        for others, same in b.names
        if same == last
        for x in firsts & others
    }
    return Sign.NAME if shared and max(map(holders, shared)) <= FEW - 1 else Sign.COMMON


def _alone(a: Person, b: Person, holders: Holders) -> bool:
    """Whether an e-mail address, number or profile is held by just these two."""
    keys = [f"e:{one}" for one in a.emails & b.emails] + [f"w:{one}" for one in a.profiles & b.profiles]
    keys += [f"p:{tail(one)}" for one in a.phones & b.phones]
    return any(holders(key) <= 2 for key in keys)
