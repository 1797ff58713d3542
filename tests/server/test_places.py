"""Whoever is on a page is sent to a page: no command is named there that a page can do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bascule
from bascule.connectors.aitool import SYSTEM
from bascule.office.accounts import NewConnection
from bascule.office.places import PLACES, Place, parts, place_of, said
from bascule.office.tasks import TaskKind
from bascule.server import pages
from bascule.server.rendering import environment
from bascule.server.show.tasks import KINDS
from bascule.store import Tx

from .conftest import SOMEBODY, Bench

SOURCE = Path(bascule.__file__).parent
TYPED = {
    "backup", "connectors", "copies", "demo", "keys rotate", "login", "sandbox", "simulate", "up", "workspace",
    "workspaces", "doctor", "taxonomy", "push", "slack stage-changes",
}  # fmt: skip
"""What only the machine's own terminal does, and texts that are no command."""
ELSEWHERE = ("cli", "sandbox", "demo", "simulation", "evaluation", "contract", "core/audit.py", "store/vault.py")


def test_every_command_that_is_named_anywhere_has_its_page_or_is_the_machines_own() -> None:
    named = re.compile(r"\bbascule ([a-z][a-z-]+(?: [a-z][a-z-]+)?)")
    without: set[str] = set()
    for path in (*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")):
        if str(path.relative_to(SOURCE)).startswith(ELSEWHERE):
            continue
        for command in named.findall(path.read_text()):
            typed = command in TYPED or command.partition(" ")[0] in TYPED
            if not typed and place_of(f"{command} {{name}}") is None and place_of(command) is None:
                without.add(f"{path.relative_to(SOURCE)}: {command}")
    assert not without


def test_every_page_that_is_named_is_there() -> None:
    routes = [route.path_regex for router in pages.routers() for route in router.routes if "GET" in route.methods]  # pyright: ignore
    for place in PLACES.values():
        path = place.href.partition("?")[0].partition("#")[0].replace("{0}", "ats")
        assert any(route.match(path) for route in routes), place


@pytest.mark.parametrize(
    ("text", "as_said", "hrefs"),
    [
        (
            "Enter new ones before: bascule connections credentials ats",
            "Enter new ones before: Set-up of ats, Credentials",
            ["/connections/ats/setup?step=credentials"],
        ),
        (
            "Look at it, then: bascule connections promote ats --set data='what was decided'",
            "Look at it, then: Roll-out of ats", ["/connections/ats/rollout"],
        ),
        ("`bascule connections list` names them.", "Connections names them.", ["/connections"]),
        (
            "See: bascule connections list, or bascule failures list --class 'value' --connection ats.",
            "See: Connections, or Failures.", ["/connections", "/failures"],
        ),
        ("Is a worker running? bascule up", "Is a worker running? bascule up", []),
        ("Add one: bascule alerts add mailto://...", "Add one: Alerts", ["/alerts"]),
        ("bascule failures replay ID --set FIELD=VALUE", "Failures", ["/failures"]),
        ("There (bascule connections fields my.ats), or not.", "There (Set-up of my.ats, Fields for the output), or not.",
         ["/connections/my.ats/setup?step=fields"]),
        ("bascule connections resume ats", "The page of ats", ["/connections/ats"]),
        ("It has the field bascule match score.", "It has the field bascule match score.", []),
    ],
)  # fmt: skip
def test_a_text_names_the_page_instead(text: str, as_said: str, hrefs: list[str]) -> None:
    assert said(text) == as_said
    assert [part.href for part in parts(text) if isinstance(part, Place)] == hrefs


def test_on_a_page_it_is_a_link_and_the_rest_stays_text() -> None:
    shown = environment().filters["linked"]("<b> is paused: bascule connections resume a&b.")
    assert shown == '&lt;b&gt; is paused: <a href="/connections/a&amp;b">the page of a&amp;b</a>.'


async def test_what_is_told_of_a_connection_leads_to_the_step_that_mends_it(inside: Bench) -> None:
    row = await inside.connection()
    text = "greenhouse: the credentials were refused. Enter new ones: bascule connections credentials greenhouse"

    def put(tx: Tx) -> None:
        tx.notices.put(inside.app.workspace, "disconnected", "x", text, connection=row.id, now=row.created)

    await inside.app.store.write(put)
    for path in ("/tasks", "/", "/alerts", "/connections/greenhouse"):
        page = (await inside.browser.get(path)).text
        assert "bascule connections" not in page, path
    assert (await inside.browser.get("/doctor")).text.count("/connections/greenhouse/setup?step=reading") == 1


async def test_what_an_ai_tool_is_shown_is_chosen_on_its_page(inside: Bench) -> None:
    await inside.app.aitools.connect(NewConnection("quill", SYSTEM), SOMEBODY)
    await inside.post("/connections/quill/tool", resume="yes", hook="")
    kept = inside.app.connections.named("quill").row.settings
    assert {name: kept[name] for name in ("contact", "resume", "answers")} == {
        "contact": "no", "resume": "yes", "answers": "no",
    }  # fmt: skip
    page = (await inside.browser.get("/connections/quill")).text
    assert 'name="resume" value="yes" checked' in page
    assert 'name="contact" value="yes" checked' not in page


def test_every_kind_of_task_has_its_word() -> None:
    assert KINDS.keys() == set(TaskKind)
