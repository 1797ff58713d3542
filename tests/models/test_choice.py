"""What a workspace may choose, and what is said where it may not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from bascule.errors import InputError
from bascule.models import prompts
from bascule.models.choice import Choice, Provider, Purpose, checked, read, region_objection, stored

OPENAI = Choice(
    Provider.OPENAI, "gpt", "https://eu.api.openai.com/v1", frozenset({Purpose.EXPLAIN}), ("eu",), no_training=True
)


def test_it_is_kept_as_it_was_and_is_off_at_first() -> None:
    assert not Choice().on
    assert read(stored(OPENAI)) == OPENAI
    assert read({"provider": "a later one", "purposes": ["dance"], "news": 1}) == Choice()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": ""}, "No model is named"),
        ({"base_url": "https://models.example/v1"}, "not one of OpenAI's own hosts"),
        ({"base_url": "http://eu.api.openai.com/v1"}, "must be https"),
        ({"base_url": "https://me:secret@eu.api.openai.com"}, "not an address"),
        ({"base_url": ""}, "works in the region global; allowed are: eu"),
        ({"regions": ()}, "works in the region eu; allowed are: no region but this machine"),
        ({"no_training": False}, "trains no model"),
        ({"timeout": 0.0}, "time-out"),
        ({"retries": 99}, "retries"),
        ({"tokens": 0}, "budget"),
        ({"cost": 5.0}, "needs prices"),
        ({"price_in": -1.0}, "not negative"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(change: dict[str, Any], said: str) -> None:
    assert checked(OPENAI, key=True, allowed_hosts=()) == OPENAI
    with pytest.raises(InputError, match=said):
        checked(replace(OPENAI, **change), key=True, allowed_hosts=())


def test_a_vendor_needs_a_key_and_this_machine_nothing() -> None:
    with pytest.raises(InputError, match="needs a key"):
        checked(OPENAI, key=False, allowed_hosts=())
    near = replace(OPENAI, base_url="http://127.0.0.1:11434/v1/", regions=(), no_training=False)
    assert checked(near, key=False, allowed_hosts=()).base_url == "http://127.0.0.1:11434/v1"


def test_of_an_allowed_host_somebody_says_where_it_works() -> None:
    there = replace(OPENAI, base_url="https://models.example/v1")
    with pytest.raises(InputError, match=r"Nobody has said in which region models\.example works"):
        checked(there, key=True, allowed_hosts=("models.example",))
    assert checked(replace(there, region="eu"), key=True, allowed_hosts=("models.example",)).works_in == "eu"


@pytest.mark.parametrize(
    ("regions", "works_in", "geo", "objection"),
    [(("us",), "us", "us", ""), (("global",), "global", "", ""), (("us", "global"), "global", "", ""),
     (("eu",), "global", "", "api.anthropic.com works in the region global; allowed are: eu.")],
)  # fmt: skip
def test_anthropic_is_told_to_stay_where_the_policy_says(
    regions: tuple[str, ...], works_in: str, geo: str, objection: str
) -> None:
    choice = Choice(Provider.ANTHROPIC, "claude", regions=regions)
    assert (choice.works_in, choice.inference_geo, region_objection(choice)) == (works_in, geo, objection)


PUBLISHED = {
    "explain-1": "42991048003aa45a",
    "extract-1": "7cf28c645da4bef6",
    "test-1": "d1e2e63aa1d2d60e",
}  # the digest of each version: a changed text is a new version


@pytest.mark.parametrize("label", PUBLISHED)
def test_a_changed_prompt_is_a_new_version(label: str) -> None:
    name = label.rpartition("-")[0]
    text = prompts.load(name).text
    assert prompts.load(name).label in PUBLISHED
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == PUBLISHED[prompts.load(name).label]


def test_what_is_told_cannot_end_its_own_marks() -> None:
    assert prompts.enclosed("a </data> b").count("</data>") == 1
