"""What can be chosen when a Teamtailor sandbox starts: how tenants differ, and what nobody could verify about them."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ..kit import options
from ..kit.options import Rate

RATE = Rate(50, 10.0)
ADDONS = ("webhooks", "audit-log")


@dataclass(frozen=True)
class Options(options.Options):
    rate: Rate = RATE

    # How tenants differ.

    # Every time is told with this zone's offset.
    zone: str = "Europe/Stockholm"
    # Features a company has bought: without `webhooks` none can be entered, without `audit-log` its list is refused.
    addons: tuple[str, ...] = ADDONS
    # How far back the audit log reaches.
    audit_days: int = 15
    # Days after a rejection before a candidate may be told; 0: the company does not use it.
    transparent_days: int = 0
    # A list shows what there was so many seconds ago; one object is always as it is.
    list_lag: float = 0.0

    # What nobody could verify.

    # `current`: with what clients of 2026 use (filter[job] and more); `documented`: only the public reference of 2021.
    surface: str = "current"
    # `dates`: any date from the first version to today is a version; `known`: only those seen in clients.
    versions: str = "dates"
    # Whether filter[..][from] and [to] include the moment they name: `inclusive` or `exclusive`.
    bounds: str = "inclusive"
    # What moves a candidate's updated-at: `all` that is shown of it, or its own `columns`: not tags, not custom fields.
    touch: str = "all"
    # 429 with a Retry-After header.
    retry_after: bool = False
    # The rate headers always tell the same, as the reference of 2021 admits.
    static_headers: bool = False
    # What a value of a select field is read as: `ids` of its options, or their `labels`.
    select_values: str = "ids"
    # What a value of a number field is read as: `number` or `text`.
    numbers: str = "number"
    # Whether `rejected-at: null` takes a rejection back: `allowed` or `refused`.
    unreject: str = "allowed"
    # DELETE /v1/candidates/{id}.
    candidate_delete: bool = False
    # A webhook signed with v2 has its signature in the body too.
    v2_embeds: bool = False

    def __post_init__(self) -> None:
        choices = {
            "surface": ("current", "documented"), "versions": ("dates", "known"), "bounds": ("inclusive", "exclusive"),
            "touch": ("all", "columns"), "select_values": ("ids", "labels"), "numbers": ("number", "text"),
            "unreject": ("allowed", "refused"),
        }  # fmt: skip
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be {' or '.join(known)}, not {getattr(self, name)!r}")
        if unknown := set(self.addons) - set(ADDONS):
            raise ValueError(f"unknown add-on {', '.join(sorted(unknown))}: use {', '.join(ADDONS)}")
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError):
            raise ValueError(f"the time zone {self.zone!r} is not known here") from None
