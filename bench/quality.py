"""What we claim about quality, measured: `make bench-quality`, which writes QUALITY.md.

The labelled data is not part of Bascule; `--data` names the folder that holds it. Baselines are measured in the same
run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bascule.errors import BasculeError
from bascule.evaluation import Section, evaluate, markdown
from bascule.evaluation.vectors import Vectors

from . import machine

RESULTS = Path(__file__).with_name("QUALITY.md")


def main() -> None:
    line = argparse.ArgumentParser(prog="python -m bench.quality", description="What we claim about quality, measured.")
    line.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder with the labelled data")
    line.add_argument("--keep", type=Path, help="a folder for the strong model's vectors between runs")
    line.add_argument("--fast", action="store_true", help="leave out the strong model; nothing is written")
    given = line.parse_args()
    try:
        sections = evaluate(given.data, Vectors(strong=not given.fast, kept=given.keep, say=_say))
    except BasculeError as error:
        sys.exit(f"{error} The data is described in docs/matching.md; another folder: make bench-quality DATA=FOLDER")
    written = markdown(sections)
    sys.stdout.write(written + "\n")
    if not given.fast:
        RESULTS.write_text(page(sections, written), "utf-8")
        _say(f"Written to {RESULTS}")


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


def page(sections: tuple[Section, ...], tables: str) -> str:
    """What QUALITY.md says."""
    at = machine.describe()
    took = ", ".join(f"{section.title.lower()} {section.seconds:.0f} s" for section in sections)
    return f"""# How well it does

Written by `make bench-quality`. Any part by itself, on data of your own: `bascule evaluate --data FOLDER`.

{tables}
Measured on {at["date"]}: {at["cores"]} cores, {at["memory"]}, Python {at["python"]}, Bascule {at["bascule"]}; {took}.

How to read it:

- **Every baseline ran beside ours**, on the same data, in the same run. The difference is the result.
- **The labels are thin.** No set at hand says which of two people fits a job better and can be trusted: in the one with
  two annotators they agreed hardly better than chance. So the order is judged by the category a resume was filed
  under, which is coarse, and no score is called calibrated.
- **The score was tuned on this data**, with few numbers, each explained in the code and in
  [the decision](../docs/decisions/0014-ranking.md), which also says how it did on adverts that nothing was tuned on.
  The adverts are made from O*NET's occupations and bear their titles; a real one says less plainly what it wants, so
  expect less of both, and most of what knows the occupation by its title.
- **Reading**: in the Word files at hand the dashes of date ranges were lost when they were anonymised; two dates with a
  gap between them are read as a range. Of the seven in which no position is found, five date none.
"""


if __name__ == "__main__":
    main()
