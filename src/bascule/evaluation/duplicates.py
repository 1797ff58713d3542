"""Duplicates: of the pairs that are one person how many are found, and of those found how many are."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from bascule.errors import InputError
from bascule.match.likeness import CROWD, Verdict, blocks, compare, person

from .made_up import BASELINE, Fields, plain_keys, plain_mean, population
from .sets import files
from .tables import Section, Table
from .vectors import Vectors

PEOPLE = 4000
PATTERN = "duplicate_pairs*.csv"
FIELDS = ("first_name", "last_name", "emails", "phones", "company", "title")
MANY = frozenset({"emails", "phones"})
Pairs = set[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Records, the pairs of them that were judged (by place), and those of them that are one person."""

    records: Sequence[Fields]
    judged: Pairs | None  # None: everybody with everybody
    same: Pairs


def measure(folder: Path, vectors: Vectors) -> Section:
    """Labelled pairs of the folder; where it has none, people who are made up."""
    labelled = own(folder)
    made = labelled is None
    if labelled is None:
        people, again = population(PEOPLE)
        labelled = Labelled(people, None, {(one, other) for other, one in again.items()})
    vectors.say(f"comparing {len(labelled.records)} records")
    systems = {"Bascule: likely or certain": set[tuple[int, int]](), "of these, certain": set[tuple[int, int]]()}
    everything, certain = systems.values()
    known = [person(one) for one in labelled.records]
    keys = [blocks(one) for one in known]
    holders = Counter(key for mine in keys for key in mine)
    for a, b in _met(keys, labelled.judged):
        verdict = compare(known[a], known[b], lambda key: holders[key]).verdict
        if verdict is not Verdict.NO:
            everything.add((a, b))
        if verdict is Verdict.CERTAIN:
            certain.add((a, b))
    plain = [plain_keys(one) for one in labelled.records]
    systems["keys and a weighted mean of spellings"] = {
        (a, b) for a, b in _met(plain, labelled.judged)
        if plain_mean(labelled.records[a], labelled.records[b]) >= BASELINE
    }  # fmt: skip
    figures = {name: _right(found, labelled.same) for name, found in systems.items()}
    rows = [
        [name, str(len(found)), *(f"{figures[name][each]:.3f}" for each in ("precision", "recall"))]
        for name, found in systems.items()
    ]
    judged = f"{len(labelled.judged):,} pairs" if labelled.judged is not None else "everybody with everybody"
    title = f"{len(labelled.records):,} records, {judged}, of which {len(labelled.same):,} pairs are one person"
    table = Table(title, ("", "pairs found", "precision", "recall"), rows)
    notes = (
        f"These people are made up, and the rules were written by those who made them up; `{PATTERN}` in the folder "
        "measures yours.",
    )  # fmt: skip
    return Section(tables=(table,), notes=notes if made else (), figures={
        "records": len(labelled.records), "made_up": made, "same": len(labelled.same), "systems": figures})  # fmt: skip


def _met(keys: Sequence[Sequence[str]], judged: Pairs | None) -> Pairs:
    """The pairs that share a key which does not belong to a crowd, or of these the judged ones."""
    lists: defaultdict[str, list[int]] = defaultdict(list)
    for at, mine in enumerate(keys):
        for key in dict.fromkeys(mine):
            lists[key].append(at)
    met = {pair for some in lists.values() if len(some) <= CROWD for pair in combinations(some, 2)}
    return met if judged is None else met & judged


def _right(found: Pairs, same: Pairs) -> dict[str, float]:
    right = len(found & same)
    return {"precision": right / max(1, len(found)), "recall": right / max(1, len(same)), "found": len(found)}


def own(folder: Path) -> Labelled | None:
    """The labelled pairs of a folder, None where it has none. Raises InputError, which names file and line.

    A line holds `same` (1 or 0) and both records: `a_first_name`, `b_first_name` and so on; several addresses or
    numbers are separated by `;`."""
    records: dict[tuple[tuple[str, object], ...], int] = {}
    judged, same = Pairs(), Pairs()
    paths = files(folder, PATTERN)
    for path in paths:
        for line, row in enumerate(_rows(path), 2):
            two = [_record(row, side) for side in "ab"]
            if row["same"] not in ("0", "1") or not all(two) or two[0] == two[1]:
                raise InputError(f"{path.name}, line {line}: no labelled pair.",
                                 hint="`same` is 1 or 0, and both records say something of their own.")  # fmt: skip
            a, b = sorted(records.setdefault(tuple(sorted(one.items())), len(records)) for one in two)
            judged.add((a, b))
            if row["same"] == "1":
                same.add((a, b))
    return Labelled([dict(one) for one in records], judged, same) if paths else None  # type: ignore[arg-type]


def _rows(path: Path) -> list[dict[str, str]]:
    wanted = {"same", *(f"{side}_{name}" for side in "ab" for name in FIELDS)}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            told = csv.DictReader(file, restval="")
            lacks = sorted(wanted - set(told.fieldnames or ()))
            if lacks:
                raise InputError(f"{path.name}, line 1: there is no column {lacks[0]!r}.",
                                 hint=f"The columns are: {', '.join(sorted(wanted))}.")  # fmt: skip
            return list(told)
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}, byte {error.start}: not UTF-8.", hint="Save the file as UTF-8.") from None


def _record(row: dict[str, str], side: str) -> dict[str, object]:
    """What is said of one of the two."""
    split: Callable[[str], tuple[str, ...]] = lambda text: tuple(filter(None, map(str.strip, text.split(";"))))  # noqa: E731
    said = {name: row[f"{side}_{name}"].strip() for name in FIELDS}
    return {name: split(text) if name in MANY else text for name, text in said.items() if text}
