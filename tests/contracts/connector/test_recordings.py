"""Recorded answers: all of them parse, and a part that is missing in one is unseen, never removed."""

from __future__ import annotations

import copy
import json
from typing import Any

from bascule.connectors.spec import Connector, Reads, Tenant
from bascule.model import Part, Presence

from .accounts import of
from .recorded import hooks, items, tenant


def parsed(reads: Reads, item: Any, known: Tenant) -> dict[tuple[str, str], Part]:
    return {(part.kind, part.external): part for part in reads.parse(item, known)}


def test_every_list_has_a_recording_and_every_recording_parses(connector: Connector) -> None:
    known = tenant(connector)
    for reads in connector.reads:
        recorded = items(connector, reads)
        assert recorded, reads.title
        found = [part for item in recorded for part in reads.parse(item, known)]
        assert any(part.kind is reads.kind for part in found), f"{reads.title} shows nothing of {reads.kind}"
        for part in found:
            assert part.external
            assert part.external.strip() == part.external


def test_every_field_shown_can_be_mapped(connector: Connector) -> None:
    known = tenant(connector)
    mapped = {(each.kind, each.name) for each in connector.fields(known, "c1")}
    for reads in connector.reads:
        for item in items(connector, reads):
            for part in reads.parse(item, known):
                unknown = {
                    name for name in part.seen if (part.kind, name) not in mapped and not name.startswith("custom.")
                }
                assert not unknown, f"{reads.title} shows {unknown}, which no lens reads"


def test_a_part_cut_out_of_an_answer_removes_nothing(connector: Connector) -> None:
    known = tenant(connector)
    for reads in connector.reads:
        for item in items(connector, reads):
            whole = parsed(reads, item, known)
            for path, cut in without_one(
                item, keep={"id", reads.group, reads.asked, *(f"{kind}_id" for kind in reads.by)}
            ):
                for key, part in parsed(reads, cut, known).items():
                    if key not in whole or part.presence is not Presence.HERE:
                        continue
                    for name, value in part.seen.items():
                        said = f"{reads.title}: without {path}, {name} reads as {value!r}"
                        assert value == whole[key].seen.get(name) or value not in (None, (), "", {}), said


def without_one(item: dict[str, Any], keep: set[str]) -> list[tuple[str, dict[str, Any]]]:
    """The item with each optional key left out in turn, also those of gathered items."""
    found: list[tuple[str, dict[str, Any]]] = []
    gathered: list[Any] = item.get("items", []) if set(item) - {"items"} <= keep else []
    for index, inner in enumerate(gathered):
        for key in inner.keys() - keep - {"application_id", "interview_id", "job_id"}:
            cut = copy.deepcopy(item)
            del cut["items"][index][key]
            found.append((f"items[{index}].{key}", cut))
    for key in item.keys() - keep - {"items"}:
        found.append((key, {name: value for name, value in item.items() if name != key}))
    return found


def test_nothing_protected_gets_through(connector: Connector) -> None:
    known = tenant(connector)
    words = ("female", "gender", "photo", "images.example")
    for reads in connector.reads:
        for item in items(connector, reads):
            for part in reads.parse(item, known):
                shown = repr((dict(part.seen), part.presence)).casefold()
                assert not any(word in shown for word in words), f"{reads.title}: {shown}"


def test_somebody_anonymised_shows_no_field(connector: Connector) -> None:
    known = tenant(connector)
    gone = [
        part
        for reads in connector.reads
        for item in items(connector, reads)
        for part in reads.parse(item, known)
        if part.presence is Presence.ANONYMISED
    ]
    assert gone or not of(connector.name).can("anonymise")
    assert all(not part.seen for part in gone)


def test_every_recorded_event_is_understood(connector: Connector) -> None:
    assert bool(connector.webhook) == bool(hooks(connector))
    if connector.webhook is None:
        return
    for name, body in hooks(connector).items():
        assert connector.webhook.topic(body) == name
        found = list(connector.webhook.hints(body))
        for hint in found:
            assert hint.topic == name
            assert hint.ping == (name == "ping")
            assert hint.ping or hint.root is None or hint.external
            for part in hint.parts:
                assert part.presence in (Presence.DELETED, Presence.MERGED, Presence.ANONYMISED)
                assert not part.seen


def test_an_event_nobody_knows_means_nothing(connector: Connector) -> None:
    if connector.webhook is not None:
        for name, body in hooks(connector).items():
            strange = json.loads(json.dumps(body).replace(json.dumps(name), '"something_new_in_2031"'))
            assert list(connector.webhook.hints(strange)) == []
