"""What `bascule connections add` says about webhooks: who makes their secret, and what a person does with it."""

from __future__ import annotations

import pytest

from bascule.cli.connections import to_enter
from bascule.connectors.registry import load, names

URL = "https://bascule.example/hooks/acme"
MADE_THERE = {"lever": "signature token", "smartrecruiters": "secret key", "teamtailor": "signature key"}


@pytest.mark.parametrize("name", [one for one in names() if load(one).webhook is not None])
def test_a_secret_that_the_system_makes_is_copied_from_there_and_never_entered_there(name: str) -> None:
    connector, theirs = load(name), name in MADE_THERE
    address = f"{URL}/<secret>" if name == "odoo" else URL
    made = {"name": "acme", "hook_url": address, "hook_secret": "" if theirs else "5ecret"}
    said = "\n".join(to_enter(connector, made))
    assert URL in said
    assert "<secret>" not in said
    assert ("5ecret" in said) is not theirs
    if theirs:
        assert f"Copy the {MADE_THERE[name]} that {connector.label} shows" in said
        assert "bascule connections credentials acme --set webhook_secret=-" in said
        assert to_enter(connector, {**made, "hook_secret": "tok"}) == [said.splitlines()[0]], "entered already"


def test_a_system_without_webhooks_has_nothing_to_enter() -> None:
    assert to_enter(load("workday"), {"hook_url": URL, "hook_secret": ""}) == []
