"""The codec: a value comes back equal, whatever is in it, and small values stay small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bascule import model as m
from bascule.store.codec import codec, dumps, loads, moment, stamp
from bascule.store.sql import Sql

from .people import NOW, families, pairs, values


@given(values)
def test_any_value_comes_back_equal(value: m.Value) -> None:
    assert loads(dumps(value)) == value


@given(pairs)
def test_any_pair_comes_back_equal(pair: m.Pair) -> None:
    shape = codec(m.Pair)
    assert shape.read(shape.text(pair)) == pair


@given(families())
def test_any_family_comes_back_equal(family: m.Family) -> None:
    shape = codec(m.Family)
    assert shape.read(shape.text(family)) == family


@given(st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=st.timezones()))
def test_a_stamp_keeps_the_instant_and_the_order(at: datetime) -> None:
    instant = at.astimezone(UTC)  # a time in the hour a clock repeats equals no time of another zone
    assert moment(stamp(at)) == instant
    assert stamp(instant) < stamp(instant + timedelta(microseconds=1))


def test_a_time_of_another_zone_is_the_same_instant() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    shape = codec(m.Source)
    source = m.Source("ours", m.BASCULE, "c", there)
    assert shape.read(shape.text(source)) == source
    assert "+00:00" in shape.text(source)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        stamp(datetime(2026, 1, 1))


def test_what_equals_its_default_takes_no_room() -> None:
    assert codec(m.Pair).text(m.Pair("a", "b")) == '{"theirs":"a","ours":"b"}'
    assert codec(m.Pair).text(m.Pair(None, False, has_ours=False)) == '{"theirs":null,"ours":false,"has_ours":false}'


def test_one_text_serves_both_back_ends() -> None:
    sql = Sql("SELECT a::text, '50%' FROM ROWS(:r, a text, b bigint) AS r WHERE a IN :xs AND b = :b FOR UPDATE")
    assert sql.sqlite == (
        "SELECT a::text, '50%' FROM (SELECT json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b "
        "FROM json_each(:r)) AS r WHERE a IN (SELECT value FROM json_each(:xs)) AND b = :b"
    )
    assert sql.postgresql == (
        "SELECT a::text, '50%%' FROM (SELECT * FROM unnest(%(r_0)s::text[], %(r_1)s::bigint[]) AS given(a, b)) AS r "
        "WHERE a = ANY(%(xs)s::text[]) AND b = %(b)s FOR UPDATE"
    )
    bound = sql.bind("postgresql", {"r": [("x", 1), ("y", 2)], "xs": {"z"}, "b": 3})
    assert bound == {"r_0": ["x", "y"], "r_1": [1, 2], "xs": ["z"], "b": 3}
