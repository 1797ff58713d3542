"""A scenario that was found can be kept, changed by hand and played again; what cannot be one is refused, saying where."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bascule.simulation import draw, draw_flow, draw_mixed
from bascule.simulation.written import read, written


def test_what_is_read_is_what_was_written() -> None:
    for seed in range(200):
        for scenario in (draw(seed), draw_mixed(seed), draw_flow(seed)):
            assert read(written(scenario)) == scenario


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"systems": ["a", "nowhere"]}, "systems: name some of a, b, c"),
        ({"systems": []}, "systems"),
        ({"processes": 0}, "processes: 1 or more"),
        ({"acts": [{"at": 20, "where": "a", "what": "dance", "n": 1}]}, "acts.0: nobody can do 'dance'"),
        ({"acts": [{"at": 20, "where": "a", "what": "replay", "n": 1}]}, "acts.0: 'replay' happens at ours"),
        ({"acts": [{"at": "soon", "where": "a", "what": "title", "n": 1}]}, "acts.0.at"),
        ({"faults": [{"kind": "flood", "at": "a", "start": 20, "seconds": 3}]}, "faults.0: there is no fault 'flood'"),
        ({"faults": [{"kind": "reset", "at": "", "start": 20, "seconds": 3}]}, "faults.0: 'reset' is at 'a', 'b'"),
        ({"faults": [{"kind": "reset", "at": "a", "start": 20, "seconds": 0}]}, "faults.0"),
        ({"dice": 3}, "no 'dice'"),
    ],
)
def test_what_cannot_be_one_says_where(changed: dict[str, Any], says: str) -> None:
    given = {
        "seed": "1",
        "systems": ["a", "b"],
        "populated": 1,
        "acts": [],
        "faults": [],
        "processes": 1,
        "mixed": False,
    }
    assert read(json.dumps(given)).systems == ("a", "b")
    with pytest.raises(ValueError, match=r".") as refused:
        read(json.dumps({**given, **changed}))
    assert says in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "3", "{}"])
def test_what_is_no_scenario_at_all(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|whole|seed"):
        read(text)
