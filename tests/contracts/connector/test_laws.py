"""The laws of a lens: what was rendered parses back, and what was seen renders back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bascule.connectors import registry
from bascule.connectors.spec import Connector
from bascule.core.digest import same
from bascule.model import FIELDS, Direction, Family, FieldMap, FieldType, Kind, Record, Refs, Unmappable, Value, Waits

from .recorded import items, tenant, with_fields

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CONNECTION = "c1"


class _Back(dict[Any, Any]):
    """Every external id is known, as the record "r:" + id."""

    def get(self, key: Any, default: Any = None) -> Any:
        return f"r:{key[2]}"

    def __contains__(self, key: object) -> bool:
        return True


class _There(dict[Any, Any]):
    def get(self, key: Any, default: Any = None) -> Any:
        return str(key[1]).removeprefix("r:")


REFS = Refs(_There(), _Back(), {})


def record(kind: Kind, fields: dict[str, Value]) -> Record:
    return Record("r1", "w", kind, "f", None, fields, {}, CONNECTION, NOW)


def family(one: Record) -> Family:
    return Family("f", "w", Kind.CANDIDATE, 0, "salt", records={one.id: one})


def mapped(connector: Connector) -> list[FieldMap]:
    return [
        each
        for each in connector.fields(with_fields(connector, "application"), CONNECTION)
        if each.direction is not Direction.OUT
    ]


def test_what_a_recording_shows_renders_back_the_same(connector: Connector) -> None:
    lenses = {(each.kind, each.name): each for each in mapped(connector)}
    met = 0
    known = tenant(connector)
    for reads in connector.reads:
        for item in items(connector, reads):
            for part in reads.parse(item, known):
                for name, seen in part.seen.items():
                    lens = lenses.get((part.kind, name))
                    fields = lens.parse(seen, record(part.kind, {}), REFS) if lens else None
                    if lens is None or isinstance(fields, Unmappable) or fields is None:
                        continue
                    held = record(part.kind, dict(fields))
                    assert same(lens, lens.render(held, family(held), REFS), seen), f"{reads.title}.{name}: {seen!r}"
                    met += 1
    assert met > 50


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.TEXT: TEXT,
    FieldType.LONG_TEXT: TEXT,
    FieldType.NUMBER: st.integers(-9999, 9999),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.TIME: st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda d: d.isoformat() + "Z"),
    FieldType.DATE: st.dates().map(str),
    FieldType.SET: st.lists(TEXT, max_size=3, unique_by=str.casefold).map(tuple),
    FieldType.LIST: st.lists(TEXT, max_size=3).map(tuple),
    FieldType.REFERENCE: TEXT.map(lambda text: f"r:{text}"),
    FieldType.REFERENCES: st.lists(TEXT.map(lambda text: f"r:{text}"), max_size=3, unique=True).map(tuple),
    FieldType.DOCUMENT: st.dictionaries(TEXT, TEXT, max_size=2),
}


@pytest.mark.parametrize("name", registry.names())
@given(data=st.data())
def test_what_is_rendered_parses_back_and_keeps_our_spelling(name: str, data: st.DataObject) -> None:
    connector = registry.load(name)
    lens = data.draw(st.sampled_from(mapped(connector)))
    spec = FIELDS[lens.kind][lens.canonical[0]]
    words = set(spec.choices)
    value = data.draw(st.sampled_from(sorted(words)) if words else VALUES[spec.type])
    held = record(lens.kind, {spec.name: value})
    rendered = lens.render(held, family(held), REFS)
    assert not isinstance(rendered, Waits)
    parsed = lens.parse(rendered, held, REFS)
    if isinstance(parsed, Unmappable):
        pytest.fail(f"{lens.name} cannot read what it wrote: {rendered!r}")
    after = record(lens.kind, {**held.fields, **parsed})
    assert same(lens, lens.render(after, family(after), REFS), rendered)
    if lens.is_set:
        assert set(parsed[spec.name]) == set(value)  # type: ignore[arg-type]
    else:
        assert parsed[spec.name] == value


def test_a_reference_that_is_not_there_yet_is_waited_for(connector: Connector) -> None:
    nowhere = Refs()
    for lens in mapped(connector):
        spec = FIELDS[lens.kind][lens.canonical[0]]
        if spec.type is FieldType.REFERENCE and lens.call:
            held = record(lens.kind, {spec.name: "r:1"})
            assert lens.render(held, family(held), nowhere) == Waits(spec.of, "r:1")  # type: ignore[arg-type]


def test_an_unknown_reference_or_word_is_a_gap(connector: Connector) -> None:
    nowhere = Refs()
    for lens in mapped(connector):
        spec = FIELDS[lens.kind][lens.canonical[0]]
        if spec.type in (FieldType.REFERENCE, FieldType.CHOICE):
            assert isinstance(lens.parse("never-seen-before", record(lens.kind, {}), nowhere), Unmappable), lens.name
