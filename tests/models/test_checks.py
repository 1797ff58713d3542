"""What a model says is kept where it quotes what stands in the CV, and only there."""
# ruff: noqa: RUF001 (people write these characters)

from __future__ import annotations

import pytest

from bascule.match import Person
from bascule.models.checks import Source, exposes, place, sentences

CV = "Backend Developer, Northwind Systems\nBuilt services in  Python – and\n“PostgreSQL”; ran 12 of them.\n·         "
SENT = Source(CV, CV.replace("·         ", "Ada Byron "))


@pytest.mark.parametrize(
    "quote",
    [
        "Built services in Python – and “PostgreSQL”",
        "built services in python - and",  # another hyphen, another case
        'and "PostgreSQL"; ran 12 of them',
        "“Backend Developer, Northwind Systems…”",  # the model's own marks around it
    ],
)
def test_a_quote_is_found_however_it_is_spaced_and_marked(quote: str) -> None:
    assert place(quote, CV) is not None


@pytest.mark.parametrize(
    "quote",
    ["", "…", "a", "Built services in Java", "services Built", "uilt services", "Northwind System", "12 of them all"],
)
def test_what_does_not_stand_there_is_no_quote(quote: str) -> None:
    assert place(quote, CV) is None


LABELS = "Python; 3 years; interview techniques"  # what a model is told in our own words
GOOD = ("The CV shows Python services.", ["Built services in Python"])


@pytest.mark.parametrize(
    ("given", "kept", "dropped"),
    [
        ([GOOD], 1, 0),
        ([GOOD, ("It led a team.", ["led a team of forty"])], 1, 2),  # the sentence and its quote
        ([("It shows Python.", ["Built services in Python", "ten years of Haskell"])], 1, 1),
        ([("Nobody is better.", [])], 0, 1),
        ([("Built 99 services.", ["Built services in Python"])], 0, 1),  # a number nobody gave
        ([("It shows 3 years.", ["Built services in Python"])], 1, 0),
        ([("The best candidate.", ["Built services in Python"])], 0, 1),  # not for a model to say
        ([("Should be hired.", ["Built services in Python"])], 0, 1),
        ([("It shows interview techniques.", ["Built services in Python"])], 1, 0),  # a skill of that name
        ([("It ran 12 services.", ["ran 12 of them"])], 1, 0),
        ([("See https://evil.example.", ["ran 12 of them"])], 0, 1),
        ([("Write to me@evil.example.", ["ran 12 of them"])], 0, 1),
        ([("word " * 80, ["ran 12 of them"])], 0, 1),
        ([GOOD, GOOD, GOOD], 2, 1),
    ],
)
def test_a_sentence_holds_by_its_quotes_and_numbers(
    given: list[tuple[str, list[str]]], kept: int, dropped: int
) -> None:
    held, fell = sentences(given, [SENT], LABELS)
    assert (len(held), fell) == (kept, dropped)


def test_quotes_are_shown_as_they_were_written() -> None:
    text = "Led by ·    , built services"
    held, _ = sentences(
        [("It built services.", ["Led by · , built"])], [Source(text, "Led by Anna , built services")], ""
    )
    assert held[0].quotes == ("Led by Anna , built",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Python at ADA@example.com", "e-mail"),
        ("call 070 123 45 67 now", "phone"),
        ("references: Byron, Ada", "name"),
        ("by ada  byron", "name"),
        ("an Ada developer who read Byron", ""),  # a part of a name may be the name of something else
        ("Python", ""),
    ],
)
def test_the_last_look_finds_who_somebody_is(text: str, found: str) -> None:
    assert exposes(text, Person(("Ada", "Byron"), ("ada@example.com",), ("+46 70-123 45 67", "0701234567"))) == found
