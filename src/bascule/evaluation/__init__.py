"""How well reading, ranking and linking do on data with labels: ours and the baselines, side by side in one run.

`evaluate` reads a folder and gives one `Section` for each thing that can be measured there. A section is tables and
what must be known to read them; where its files are absent it says which, and the rest goes on.
"""

from .report import Section, Table, evaluate, markdown, plain

__all__ = ["Section", "Table", "evaluate", "markdown", "plain"]
