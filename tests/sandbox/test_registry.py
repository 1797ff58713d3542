"""Every sandbox that has a name can be started, and starting none of them costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from bascule.cli.commands import app
from bascule.sandbox import calendars, llm, peopledata
from bascule.sandbox.aitool.app import create_app as create_aitool
from bascule.sandbox.aitool.door import Http
from bascule.sandbox.aitool.tool import Options as ToolOptions
from bascule.sandbox.aitool.tool import Tool
from bascule.sandbox.kit.server import options_of, own_arguments
from bascule.sandbox.mail.app import create_app as create_mail
from bascule.sandbox.mail.letters import Mailroom
from bascule.sandbox.registry import SANDBOXES, load

from .conftest import Clock


@pytest.mark.parametrize("name", SANDBOXES)
async def test_a_sandbox_is_filled_and_tells_what_it_was_asked(name: str, tmp_path: Path) -> None:
    vendor = load(name)
    faults = tmp_path / "faults.yaml"
    faults.write_text("[{kind: answer, status: 503, path: nowhere}]")
    own = own_arguments(vendor, [], name)
    options = options_of(vendor, {"candidates": 3, "seed": 7, "faults": faults, **own})
    tenant = vendor.make(options, now=Clock())
    assert (vendor.name, tenant.people(), tenant.options.seed) == (name, 3, 7)
    assert tenant.db.log == [], "what is filled in is not a change"
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(vendor.app(tenant)), base_url="http://ats.test"
    ) as http:
        told = (await http.get("/sandbox/faults")).json()["faults"]
        assert [(one["kind"], one["status"]) for one in told] == [("answer", 503)]
        state = (await http.get("/sandbox/state")).json()
        assert len(state["tables"]["candidates"]) == 3
    assert vendor.told("http://ats.test", tenant)


def test_the_command_line_lists_them_all() -> None:
    said = CliRunner().invoke(app, ["sandbox", "list"])
    assert said.exit_code == 0
    assert all(name in said.output for name in SANDBOXES)
    unknown = CliRunner().invoke(app, ["sandbox", "nobody"])
    assert unknown.exit_code == 2
    assert all(name in unknown.output for name in SANDBOXES)


def test_naming_them_loads_none_of_them() -> None:
    program = (
        "import sys, bascule.sandbox.registry; print(*(n for n in sys.modules if n.startswith('bascule.sandbox.')))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["bascule.sandbox.registry"]


@pytest.mark.parametrize("name", ["calendars", "peopledata", "llm", "aitool", "mail"])
async def test_what_is_no_ats_says_which_faults_it_has(name: str) -> None:
    made = {
        "calendars": lambda: calendars.create_app(calendars.Server()),
        "peopledata": lambda: peopledata.create_app(peopledata.Server()),
        "llm": lambda: llm.create_app(llm.Server()),
        "aitool": lambda: create_aitool(Tool(ToolOptions("http://127.0.0.1:9", "key"), Http())),
        "mail": lambda: create_mail(Mailroom()),
    }[name]()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(made), base_url="http://it.test") as http:
        told = (await http.get("/sandbox/faults/kinds")).json()
        kinds = [one["kind"] for one in told["kinds"]]
        if name == "mail":
            assert (kinds, "--gone" in told["says"]) == ([], True)
            return
        assert kinds
        assert (await http.post("/sandbox/faults", json={"kind": kinds[0]})).json()["faults"][0]["kind"] == kinds[0]
        assert (await http.post("/sandbox/faults", json={"kind": "merge"})).status_code == 422
