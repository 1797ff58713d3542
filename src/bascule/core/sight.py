"""Who may see a candidate: the hiring team of a job, as the ATS names it. Pure.

The store says the same as a condition of its lists and look-ups (`store/sight.py`); a test holds the two against each
other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bascule.model import Role

EXEMPT = frozenset({Role.OWNER, Role.COMPLIANCE, Role.ADMINISTRATOR})
"""Who sees everybody: whoever keeps the bridge running, and whoever answers for what is done with people's data."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One application. `team`: the users of the ATS named on its job, or on it; `confidential`: the job is."""

    team: frozenset[str]
    confidential: bool = False


def sees(users: frozenset[str], applied: Sequence[Applied], *, private: bool = False, team_only: bool = False) -> bool:
    """Whether somebody who is not exempt, and is these `users` of the ATS, may see a candidate.

    On the team of a job they applied to: yes. Else as the workspace has chosen (`team_only`: no), and never a private
    candidate. Whoever applied to a confidential job is seen by that job's team alone, whatever else they applied to.
    """
    mine = [bool(users & one.team) for one in applied]
    if any(one.confidential and not on for one, on in zip(applied, mine, strict=True)):
        return False
    return any(mine) or not (team_only or private)
