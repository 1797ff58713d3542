"""Who may be one person: what two people must share, and what is never enough."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bascule.match.likeness import Likeness, Sign, Verdict, blocks, compare, having_read, number, person, worth_a_look
from bascule.model import Value

Fields = Mapping[str, Value]
ADA: Fields = {
    "first_name": "William", "last_name": "Åkerström", "emails": ("w.akerstrom84@example.org",),
    "phones": ("+46 (0)70-123 45 67",), "company": "Northwind AB", "title": "Senior Welder",
    "links": ("https://www.linkedin.com/in/wakerstrom?x=1",),
}  # fmt: skip


def bare(**more: Value) -> Fields:
    return {"first_name": "William", "last_name": "Åkerström", **more}


def between(a: Fields, b: Fields, crowd: Mapping[str, int] | None = None) -> Likeness:
    """What follows where everything is held by just these two, but for `crowd` (by the letter of the key)."""
    one, other = person(a), person(b)
    told = compare(one, other, lambda key: (crowd or {}).get(key[0], 2))
    assert compare(other, one, lambda key: (crowd or {}).get(key[0], 2)).verdict is told.verdict
    assert compare(one, other, lambda key: (crowd or {}).get(key[0], 2)) == told
    return told


@pytest.mark.parametrize(
    ("other", "sign"),
    [
        (bare(first_name="Bill", emails=("W.Akerstrom84@Example.org ",)), Sign.EMAIL),
        (bare(first_name="Will", last_name="AKERSTROM", phones=("0046701234567",)), Sign.PHONE),
        (bare(links=("linkedin.com/in/WAkerstrom/",)), Sign.PROFILE),
    ],
)
def test_one_address_number_or_profile_held_by_two_of_one_name_is_certain(other: Fields, sign: Sign) -> None:
    assert between(ADA, other) == Likeness(Verdict.CERTAIN, (sign, Sign.NAME))


def test_a_contact_that_many_share_proves_nothing() -> None:
    agency = between(bare(emails=("jobs@agency.example",)), bare(emails=("jobs@agency.example",)), {"e": 40, "n": 9})
    assert agency.verdict is Verdict.NO
    family = between(bare(phones=("+46701234567",)), bare(first_name="Kerstin", phones=("+46701234567",)))
    assert family.verdict is Verdict.NO


def test_a_name_an_employer_and_a_place_are_never_enough() -> None:
    there = {"company": "Northwind", "city": "Malmö"}
    assert between(bare(**there), bare(**there)).verdict is Verdict.NO
    assert between(bare(), bare()).verdict is Verdict.NO
    common = {**there, "title": "Welder"}
    assert between(bare(**common), bare(**common), {"n": 12}).verdict is Verdict.NO


def test_two_strong_signs_are_for_a_person_to_look_at() -> None:
    job = bare(company="NORTHWIND", title="Welder, senior")
    assert between(ADA, job) == Likeness(Verdict.LIKELY, (Sign.JOB, Sign.NAME))
    moved = bare(emails=("wakerstrom84@elsewhere.example",))
    assert between(ADA, moved) == Likeness(Verdict.LIKELY, (Sign.HANDLE, Sign.NAME))
    national = between(ADA, bare(phones=("070-123 45 67",), company="Northwind", title="senior welder"), {"n": 30})
    assert set(national.signs) == {Sign.NUMBER, Sign.JOB, Sign.COMMON}
    assert national.verdict is Verdict.LIKELY


def test_what_stands_before_the_at_counts_only_where_it_says_more_than_the_name() -> None:
    plain = bare(emails=("william.akerstrom@a.example",)), bare(emails=("w.akerstrom@b.example",))
    assert Sign.HANDLE not in between(*plain).signs
    same = bare(emails=("william.akerstrom@a.example",)), bare(emails=("william.akerstrom@b.example",))
    assert between(*same).verdict is Verdict.NO


def test_another_profile_or_family_name_keeps_it_from_being_certain() -> None:
    profiles = {**ADA, "links": ("linkedin.com/in/somebody-else",)}
    assert between(ADA, profiles).verdict is Verdict.LIKELY
    married = between(ADA, {**ADA, "last_name": "Berg", "links": ()})
    assert married.verdict is Verdict.LIKELY


def test_two_cvs_that_are_nearly_one_text_are_a_strong_sign() -> None:
    text = " ".join(f"word{n} did thing{n % 17} at place{n % 29}" for n in range(300))
    first = having_read(person(bare()), text)
    second = having_read(person(bare()), text.replace("word7 did", "word7 never did"))
    third = having_read(person(bare()), " ".join(f"other{n} text{n % 13}" for n in range(300)))
    assert set(compare(first, second, lambda _: 2).signs) == {Sign.TEXT, Sign.NAME}
    assert compare(first, third, lambda _: 2).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("+44 (0)20 7946 0001", "+442079460001"),
        ("0044 20 7946 0001", "+442079460001"),
        ("+44 20 7946 0001 ext. 12", "+442079460001"),
        ("+46701234567", "+46701234567"),
        ("070-123 45 67", "701234567"),
        ("call me", ""),
        ("+999", ""),
    ],
)
def test_numbers_are_read_as_they_are_dialled(written: str, read: str) -> None:
    assert number(written) == read


def test_whoever_can_be_alike_is_found_under_a_key_of_both() -> None:
    mine = set(blocks(person(ADA)))
    for other in (
        bare(first_name="Bill", company="Northwind", title="welder"),
        bare(first_name="Kim", last_name="Lee", phones=("070 123 45 67",)),
        bare(last_name="Akerstrum", company="Northwind", emails=("wakerstrom84@b.example",)),
    ):
        assert worth_a_look(mine & set(blocks(person(other))), lambda _: 50)
    assert not worth_a_look(mine & set(blocks(person(bare()))), lambda _: 50)
    assert worth_a_look(mine & set(blocks(person(bare()))), lambda _: 2)  # a rare name: their CVs may tell
