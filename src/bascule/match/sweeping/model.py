"""What Splink is told of people: which keys they share, and how much each says. The one place where that is written.

A person is a row with lists of keyed digests, one list for each kind of key (`likeness.blocks`), so that no name and
no address is in it. `M` is about how often two records of one person share a kind of key, where both have one, in
people made up with known truth (`bench/duplicates.py`). How often two strangers do is counted anew in every sweep.

The comparisons are Splink's own and name no database: the same model runs on its Spark backend.
"""

from __future__ import annotations

from collections.abc import Mapping

import splink.comparison_library as compare
from splink import SettingsCreator, block_on

M: Mapping[str, float] = {"e": 0.55, "p": 0.6, "w": 0.8, "h": 0.75, "l": 0.6, "f": 0.6, "r": 0.7, "n": 0.85}
"""By kind: e-mail, phone, profile, handle, last name with employer, first name with employer, rare name, name."""
ALONE = ("e", "p", "w", "r")
"""Kinds of which one shared key makes a pair that is weighed; of the others it takes two."""
TWO = (("h", "l"), ("h", "f"), ("h", "n"), ("l", "f"))
SURE = 0.9  # the least probability at which two people are looked at
LEAST, MOST = 1e-9, 0.3  # how often strangers share a key, as far as that can be counted


def settings(strangers: Mapping[str, float], share: float) -> SettingsCreator:
    """`strangers`: by kind, how often two people at random share a key; `share`: of all pairs, those of one person."""
    told = {kind: min(MOST, max(LEAST, strangers.get(kind, LEAST))) for kind in M}
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            compare.ArrayIntersectAtSizes(kind, [1]).configure(
                m_probabilities=[M[kind], 1 - M[kind]], u_probabilities=[told[kind], 1 - told[kind]]
            )
            for kind in M
            if kind != "n"  # a common name says next to nothing
        ],
        blocking_rules_to_generate_predictions=[
            *(block_on(kind, arrays_to_explode=[kind]) for kind in ALONE),
            *(block_on(*pair, arrays_to_explode=list(pair)) for pair in TWO),
        ],
        probability_two_random_records_match=share,
        retain_matching_columns=False,
    )
