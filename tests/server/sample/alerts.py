"""Alerts: addresses that work and one that does not."""

from __future__ import annotations

from datetime import timedelta

from bascule.office.alerts import Place, Told
from bascule.server.views.alerts import AlertsPage

from .parts import NOW, ago

ALERTS = AlertsPage(
    (
        Place(1, "mailto://olga:****@mail.example/", True, ago(hours=2), "alert"),
        Place(2, "slack://****/****/****/%23recruiting-systems-on-call-and-whoever-else-wants-to-know", False, ago(hours=2), "alert"),
        Place(3, "json://somebody:****@hooks.example:8443/bascule"),
    ),
    (
        Told(
            ago(hours=2), "Harvest refuses the credentials of greenhouse-emea: the secret has ended.", "greenhouse-emea",
            "Olga Owner", NOW + timedelta(hours=22), "Enter new credentials. bascule connections credentials greenhouse-emea --set client_secret=-",
            "/connections/greenhouse-emea", 1, 2,
        ),
        Told(
            ago(days=3), "4 writes are refused: permission", "greenhouse", "", ago(days=2), "Grant the right, then replay the class.",
            "/failures", 2, 2,
        ),
        Told(
            ago(days=5), "No webhook since 18 Nov 09:12 UTC, and polls find changes that none told of.", "greenhouse", "Olga Owner",
            ago(days=4), "Look at its webhook form.", "/connections/greenhouse", 2, 2, open=False,
        ),
    ),
    (("two weeks", "For two weeks after the first address was entered"), ("daily", "Every day"), ("never", "Never")),
    "two weeks", NOW + timedelta(days=4), {"greenhouse": "vendor sandbox", "greenhouse-emea": "live"},
)  # fmt: skip
