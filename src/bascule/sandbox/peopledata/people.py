"""Whom the provider knows, and which of them is asked for."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]

TITLES = ("staff nurse", "backend developer", "tax adviser", "warehouse manager", "data analyst", "chef de partie")
COMPANIES = ("Fabrikam Health", "Adventure Works", "Tailspin Logistics", "Wingtip Foods", "Proseware")
PLACES = ("malmö, skåne, sweden", "leeds, england, united kingdom", "lyon, auvergne-rhône-alpes, france")
KNOWN = 0.8  # of those it is asked about, where it makes them up


def invented(name: str, key: str) -> Record | None:
    """Somebody whom only their own address, number or profile leads to; None for one in five."""
    number = zlib.crc32(key.casefold().encode())
    if not name or number % 100 >= KNOWN * 100:
        return None
    first, *rest = name.casefold().split()
    last = rest[-1] if rest else first
    plain = re.sub(r"[^a-z]", "", f"{first}{last}") or "somebody"
    slug = f"{plain}{number % 1000}"
    seen = f"202{number % 7}-0{1 + number % 9}-15"
    return {
        "id": f"{number:x}_0000", "full_name": name.casefold(), "first_name": first, "last_name": last,
        "birth_year": 1970 + number % 30, "sex": None, "linkedin_url": f"linkedin.com/in/{slug}", "github_url": None,
        "work_email": f"{slug}@work.example", "recommended_personal_email": f"{slug}@post.example",
        "personal_emails": [f"{slug}@post.example"],
        "emails": [
            {"address": f"{slug}@post.example", "type": "personal", "first_seen": "2015-01-01", "last_seen": seen,
             "num_sources": 2},
            {"address": f"{slug}@work.example", "type": "current_professional", "first_seen": "2020-01-01",
             "last_seen": seen, "num_sources": 4},
        ],
        "mobile_phone": f"+4470{number % 100_000_000:08d}", "phone_numbers": [f"+4470{number % 100_000_000:08d}"],
        "job_title": TITLES[number % len(TITLES)], "job_company_name": COMPANIES[number % len(COMPANIES)].casefold(),
        "job_last_verified": seen, "location_name": PLACES[number % len(PLACES)], "location_last_updated": seen,
    }  # fmt: skip


def matched(
    people: Sequence[Record], asked: Mapping[str, Sequence[str]], *, made_up: bool
) -> tuple[Record, int] | None:
    """(record, likelihood) of the best match; None where there is nobody."""
    found = [(one, likely) for one in people if (likely := likelihood(one, asked))]
    if found:
        return max(found, key=lambda each: each[1])
    keys = [*asked.get("email", ()), *asked.get("profile", ()), *asked.get("phone", ())]
    name = " ".join(asked.get("name", ())[:1])
    record = invented(name, keys[0]) if made_up and keys else None
    return (record, 8) if record is not None else None


def likelihood(one: Record, asked: Mapping[str, Sequence[str]]) -> int:
    """1 to 10; 0 for no match. A key with the name is nearly certain, without it likely; names are common."""
    named = any(_words(name) <= _words(one.get("full_name")) for name in asked.get("name", ()))
    mails = {str(each["address"]).casefold() for each in one.get("emails") or ()}
    mails |= {str(each).casefold() for each in one.get("personal_emails") or ()}
    numbers = {_digits(each) for each in (*(one.get("phone_numbers") or ()), one.get("mobile_phone") or "")} - {""}
    keyed = bool(mails & {mail.casefold() for mail in asked.get("email", ())})
    keyed = keyed or bool(numbers & {_digits(number) for number in asked.get("phone", ())})
    keyed = keyed or str(one.get("linkedin_url") or "-") in {_profile(each) for each in asked.get("profile", ())}
    if keyed:
        return 9 if named else 4 if asked.get("name") else 7
    place = str(one.get("location_name") or "")
    there = any(_words(each) & _words(place) for each in asked.get("location", ()))
    works = any(_words(each) == _words(one.get("job_company_name")) for each in asked.get("company", ()))
    return (5 if works else 3) if named and (works or there) else 0


def has(record: Record, required: str) -> bool:
    """Whether a record has what `required` says: fields, AND, OR, brackets. ValueError where it cannot be read."""
    tokens = re.findall(r"[()]|\w+(?:\.\w+)*", required)
    value, rest = _either(record, tokens)
    if rest:
        raise ValueError(f"required: {rest[0]!r} is not understood")
    return value


def _either(record: Record, tokens: list[str]) -> tuple[bool, list[str]]:
    value, rest = _both(record, tokens)
    while rest and rest[0] == "OR":
        other, rest = _both(record, rest[1:])
        value = value or other
    return value, rest


def _both(record: Record, tokens: list[str]) -> tuple[bool, list[str]]:
    value, rest = _one(record, tokens)
    while rest and rest[0] == "AND":
        other, rest = _one(record, rest[1:])
        value = value and other
    return value, rest


def _one(record: Record, tokens: list[str]) -> tuple[bool, list[str]]:
    if not tokens or tokens[0] in ("AND", "OR", ")"):
        raise ValueError("required: a field is missing")
    if tokens[0] == "(":
        value, rest = _either(record, tokens[1:])
        if not rest or rest[0] != ")":
            raise ValueError("required: a bracket is not closed")
        return value, rest[1:]
    return bool(record.get(tokens[0])), tokens[1:]


def shown(record: Record, include: str, *, titlecase: bool) -> dict[str, Any]:
    """A record as it is answered: the fields asked for (or all but those with a minus), in title case if wished."""
    names = [one.strip() for one in include.split(",") if one.strip()]
    less = {one[1:] for one in names if one.startswith("-")}
    kept = {name: value for name, value in record.items() if name not in less}
    if wanted := {one for one in names if not one.startswith("-")}:
        kept = {name: value for name, value in kept.items() if name in wanted}
    cased = ("full_name", "first_name", "last_name", "job_title", "job_company_name", "location_name")
    return {name: value.title() if titlecase and name in cased and isinstance(value, str) else value
            for name, value in kept.items()}  # fmt: skip


def _words(text: object) -> set[str]:
    return set(re.findall(r"\w+", str(text or "").casefold()))


def _digits(number: object) -> str:
    return re.sub(r"\D", "", str(number))[-10:]


def _profile(link: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", link.strip().casefold()).rstrip("/")
