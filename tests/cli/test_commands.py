"""Commands speak to scripts: JSON, exit codes, and a doctor that waits for what only the vendor can do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import typer
from typer.testing import CliRunner

from bascule.cli.commands import app
from bascule.cli.doctor import listen
from bascule.cli.reach import Reach
from bascule.model import Label
from bascule.sandbox.greenhouse import sign
from bascule.server.run import listening
from bascule.settings import Settings
from bascule.store import Tx
from bascule.store.connections import Connection

SECRET = "hook-secret"


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name, one in below.items():
        yield from commands(one, (*path, name))


ALL = list(commands(typer.main.get_command(app)))


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_has_json(path: tuple[str, ...], command: Any) -> None:
    assert any("--json" in one.opts for one in command.params), path


def bascule(data: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*arguments, "--data", str(data)])
    return done.exit_code, done.stdout


def test_json_comes_with_an_exit_code_that_a_script_can_trust(tmp_path: Path) -> None:
    code, said = bascule(tmp_path, "failures", "list", "--json")
    assert (code, json.loads(said)["items"]) == (0, [])
    code, said = bascule(tmp_path, "tasks", "list", "--json")
    assert (code, json.loads(said)) == (0, {"items": [], "overdue": 0, "next": None, "connections": {}})
    assert bascule(tmp_path, "tasks", "done", "notice:1")[0] == 2
    code, said = bascule(tmp_path, "status", "--json")
    assert (code, json.loads(said)["state"]) == (1, "nothing connected")
    code, said = bascule(tmp_path, "failures", "replay", "no-such-failure", "--json")
    assert (code, list(json.loads(said)["refused"])) == (1, ["no-such-failure"])
    code, said = bascule(tmp_path, "failures", "replay", "no-such-failure")
    assert (code, "on the way" in said) == (1, False)
    assert bascule(tmp_path, "failures", "replay")[0] == 2


def test_a_mapping_file_that_nobody_can_mean_is_refused(tmp_path: Path) -> None:
    assert bascule(tmp_path, "mapping", "export", "nowhere")[0] == 2
    file = tmp_path / "mapping.toml"
    for text in ("on = perhaps", "version = 1", 'connection = "nowhere"'):
        file.write_text(text, "utf-8")
        assert bascule(tmp_path, "mapping", "import", str(file), "--dry-run")[0] == 2, text
    assert bascule(tmp_path, "mapping", "stages", "nowhere", "--set", "Onsite=lunch")[0] == 2


def test_a_real_host_is_not_called_a_simulator(tmp_path: Path) -> None:
    code, _ = bascule(tmp_path, "connections", "add", "acme", "greenhouse", "--label", "simulator",
                      "--set", "client_id=x", "--set", "client_secret=y")  # fmt: skip
    assert code == 2
    assert json.loads(bascule(tmp_path, "connections", "list", "--json")[1]) == []


async def test_the_doctor_waits_for_the_ping_of_the_vendor(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=0, log_level="error")
    async with (
        listening(settings, work=False, announce=True) as running,
        Reach.open(settings) as reach,
        httpx2.AsyncClient() as vendor,
    ):
        at = running.app
        row = Connection(
            "01900000-0000-7000-8000-000000000001", at.workspace, "acme", "greenhouse", Label.VENDOR_SANDBOX,
            "http://127.0.0.1:9/v3", at.runtime.now(), settings={"client_id": "x"},
        )  # fmt: skip

        def add(tx: Tx) -> None:
            tx.connections.add(row)
            tx.connections.set_credentials(row.id, {"client_secret": "y", "webhook_secret": SECRET})

        await at.store.write(add)
        await at.connections.refresh()
        told: asyncio.Queue[str] = asyncio.Queue()
        waiting = asyncio.create_task(listen(reach, 60, told.put_nowait))
        assert f"{running.url}/hooks/acme" in await told.get()
        assert not waiting.done()
        body = b'{"action": "ping"}'
        answer = await vendor.post(f"{running.url}/hooks/acme", content=body, headers={"Signature": sign(SECRET, body)})
        assert answer.status_code == 200
        await waiting
        assert (await reach.get("/connections/acme/hooks"))["arrives"]
        await listen(reach, 60, told.put_nowait)
        assert told.empty()
