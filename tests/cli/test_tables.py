"""What a command prints where its table does not fit."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from bascule.cli import table

LONG = "the system has no field for it, and nobody has chosen one"


def printed(width: int) -> str:
    rows = table("field", "ATS field", "gap")
    rows.add_row("candidate.first_name", "first_name", "")
    rows.add_row("candidate.consent", "", LONG)
    console = Console(file=StringIO(), width=width)
    console.print(rows)
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_a_table_that_fits_is_one() -> None:
    head, first, *_ = printed(120).splitlines()
    assert head.split() == ["field", "ATS", "field", "gap"]
    assert first.rindex("first_name") == head.index("ATS field")


def test_a_long_sentence_folds_in_its_column() -> None:
    lines = printed(80).splitlines()
    assert lines[0].startswith("field")
    assert not any(LONG in line for line in lines)


@pytest.mark.parametrize("width", [30, 50])
def test_a_table_that_does_not_fit_is_told_row_by_row(width: int) -> None:
    text = printed(width)
    first, second = text.split("candidate.consent")
    assert [line.split() for line in first.strip().splitlines()] == [
        ["candidate.first_name"], ["ATS", "field", "first_name"]
    ]  # fmt: skip
    assert "ATS field" not in second  # an empty cell says nothing
    assert " ".join(second.split()) == f"gap {LONG}"
