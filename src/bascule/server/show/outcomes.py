"""How scores stood to what people decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..views.outcomes import Figures, OutcomesPage, Remedied, ShareView


def page(told: Mapping[str, Any], title: str, version: int, *, may_edit: bool) -> OutcomesPage:
    """The page of a job, or of all of them."""
    return OutcomesPage(
        id=told["job"],
        title=title,
        all=figures("All decisions", told["all"]),
        versions=tuple(
            figures(f"Version {one['version']}, {one['scorer']}, from {one['threshold']:g}", one)
            for one in told["versions"]
        ),
        months=tuple(figures(one["month"], one) for one in told["months"]),
        jobs=tuple(figures(one["title"], one, f"/jobs/{one['job']}/outcomes") for one in told["jobs"]),
        corrections=told["corrections"],
        log=tuple(
            Remedied(
                one["at"], one["by"], one["version"], one["seen"], one["changed"],
                (figures("Before", one["before"]), figures("After", one["after"])),
            )
            for one in told["remediations"]
        ),
        version=version,
        may_edit=may_edit,
        shortlists=figures("Shortlists", told["shortlists"]) if told["shortlists"]["decided"] else None,
        maybe=told["shortlists"]["maybe"],
    )  # fmt: skip


def figures(name: str, one: Mapping[str, Any], href: str = "") -> Figures:
    """One row of measures."""
    return Figures(
        name, one["decided"], one["forward"], one["rejected"], one["hired"], one["unscored"], _share(one["precision"]),
        _share(one["false_positives"]), _share(one["missed"]), "" if one["order"] is None else f"{one['order']:.2f}",
        href,
    )  # fmt: skip


def _share(one: Mapping[str, Any]) -> ShareView:
    if one["share"] is None:
        return ShareView("", "", False)
    between = f"{one['low']:.2f} to {one['high']:.2f}, {one['many']} of {one['of']}"
    return ShareView(f"{one['share']:.2f}", between, one["few"])
