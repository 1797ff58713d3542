"""The left navigation: the pages that exist, in the order of a day's work."""

from __future__ import annotations

from .views.frame import NavGroup, NavItem

TRUST = (NavItem("Audit", "/audit", "audit", "a"), NavItem("Erasure", "/erasures", "erasure", "e"))


def navigation(
    *,
    reviews: int = 0,
    overdue: int = 0,
    failures: int = 0,
    gaps: int = 0,
    candidates: bool = True,
    alerts: bool = True,
    audit: bool = True,
    settings: bool = True,
) -> tuple[NavGroup, ...]:
    """The four groups, with what waits counted beside the page where it waits; only what this person may open. Tasks
    hold what waits on the other pages too, so that only the overdue ones are counted there."""
    groups = (
        NavGroup(
            "Work",
            (
                NavItem("Overview", "/", "overview", "o"),
                NavItem("Tasks", "/tasks", "tasks", "t", overdue, urgent=True),
                NavItem("Review", "/review", "review", "r", reviews),
                NavItem("Candidates", "/candidates", "candidates", "c"),
                NavItem("Jobs", "/jobs", "jobs", "j"),
                *((NavItem("Interviews", "/interviews", "interviews", "v"),) if candidates else ()),
                *((NavItem("Messages", "/messages", "messages", "g"),) if candidates else ()),
            ),
        ),
        NavGroup(
            "Bridge",
            (
                NavItem("Connections", "/connections", "connections", "n"),
                NavItem("Mapping", "/mapping", "mapping", "m", gaps),
                NavItem("Failures", "/failures", "failures", "f", failures, urgent=True),
                *((NavItem("Triggers", "/triggers", "triggers", "i"),) if candidates else ()),
                *((NavItem("Subscribers", "/subscribers", "subscribers", "u"),) if alerts else ()),
                *((NavItem("Alerts", "/alerts", "alerts", "l"),) if alerts else ()),
            ),
        ),
        NavGroup(
            "Trust",
            (NavItem("Audit", "/audit", "audit", "a"), NavItem("Erasure", "/erasures", "erasure", "e"))
            if audit
            else (),
        ),
        NavGroup("", (NavItem("Settings", "/settings", "settings", "s"),) if settings else ()),
    )
    return tuple(group for group in groups if group.items)
