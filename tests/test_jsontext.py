"""Quick JSON says what the standard library says, also where the quick way refuses."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bascule.jsontext import dumps, dumps_sorted, loads

WHOLE = st.none() | st.booleans() | st.integers() | st.text(st.characters())  # half surrogate pairs too
VALUES = st.recursive(WHOLE, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner))


@given(VALUES)
def test_every_value_comes_back_as_it_was(value: object) -> None:
    assert loads(dumps(value)) == value
    assert json.loads(dumps(value)) == value
    assert loads(json.dumps(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_exact(value: float) -> None:
    assert loads(dumps(value)) == json.loads(dumps(value)) == value


@given(VALUES)
def test_sorted_text_is_the_standard_librarys(value: object) -> None:
    told = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        expected = told.encode()
    except UnicodeEncodeError:
        expected = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    assert dumps_sorted(value) == expected


def test_tuples_and_read_only_mappings_are_lists_and_objects() -> None:
    assert dumps({"a": (1, MappingProxyType({"b": ()}))}) == '{"a":[1,{"b":[]}]}'


@pytest.mark.parametrize("text", ["", "{", "[1,]", b"\xff", "nothing"])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        loads(text)
