"""Models of others: what is chosen, how it stands, and what was asked last."""

from __future__ import annotations

from bascule.models.choice import LOCAL, PURPOSES, VENDORS, Order
from bascule.office.models import Standing
from bascule.store.modelcalls import ModelCall

from ..rendering import count
from ..views.models import CallRow, ModelsPart
from ..views.parts import Choice, Fact

LAST = 10
HERE = "this machine"
ORDERS = {
    Order.SCORE: "the score alone",
    Order.MINILM: "score and MiniLM, on this machine",
    Order.REMOTE: "score and the provider's embedding model",
}
GOOD = frozenset({"answered", "open"})


def part(found: Standing, calls: list[ModelCall]) -> ModelsPart:
    """The section of the settings."""
    chosen = found.choice
    return ModelsPart(
        chosen, found.key, _facts(found) if chosen.on else (),
        tuple(Choice(name, vendor.label, name is chosen.provider) for name, vendor in VENDORS.items()),
        tuple(Choice(name, said, name in chosen.purposes) for name, said in PURPOSES.items()),
        tuple(Choice(name, said, name is chosen.order) for name, said in ORDERS.items()), _lists(found),
        found.troubles, found.installed,
        tuple(
            CallRow(one.at, one.purpose, one.model, one.prompt, one.tokens_in + one.tokens_out, one.cost / 1_000_000,
                    one.outcome, one.outcome in GOOD, one.dropped)
            for one in calls
        ),
    )  # fmt: skip


def _lists(found: Standing) -> str:
    now = f"The top of lists is ordered by score and {found.ordered_by}." if found.ordered_by else ""
    if not found.ordered_next:
        return now
    left = f"Vectors of {found.ordered_next} are being made: {count(found.jobs_left, 'job is', 'jobs are')} left."
    return f"{now} {left}".strip()


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
