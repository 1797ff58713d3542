"""Models of others: what is chosen, how it stands, and what was asked last."""

from __future__ import annotations

from bascule.models.choice import LOCAL, PURPOSES, VENDORS
from bascule.office.models import Standing
from bascule.store.modelcalls import ModelCall

from ..rendering import count
from ..views.models import CallRow, ModelsPart
from ..views.parts import Choice, Fact

LAST = 10
HERE = "this machine"
GOOD = frozenset({"answered", "open"})


def part(found: Standing, calls: list[ModelCall]) -> ModelsPart:
    """The section of the settings."""
    chosen = found.choice
    return ModelsPart(
        chosen, found.key, _facts(found) if chosen.on else (),
        tuple(Choice(name, vendor.label, name is chosen.provider) for name, vendor in VENDORS.items()),
        tuple(Choice(name, said, name in chosen.purposes) for name, said in PURPOSES.items()),
        found.troubles, found.installed,
        tuple(
            CallRow(one.at, one.purpose, one.model, one.prompt, one.tokens_in + one.tokens_out, one.cost / 1_000_000,
                    one.outcome, one.outcome in GOOD, one.dropped)
            for one in calls
        ),
    )  # fmt: skip


def _facts(found: Standing) -> tuple[Fact, ...]:
    chosen, used = found.choice, found.used
    money = f"{used.cost / 1_000_000:.2f} {chosen.currency}"
    if chosen.cost is not None:
        money = f"{used.cost / 1_000_000:.2f} of {chosen.cost:.2f} {chosen.currency}"
    return (
        Fact("Requests go to", chosen.address),
        Fact("Worked on in", HERE if chosen.works_in == LOCAL else chosen.works_in, note=chosen.data_use),
        Fact("This month", f"{count(used.calls, 'request')}, {used.tokens:,} of {chosen.tokens:,} tokens, {money}"),
        Fact("Dropped", f"{used.dropped:,} sentences and quotes that did not hold against the CV"),
    )
