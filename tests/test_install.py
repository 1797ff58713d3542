"""What the installation page promises: its files fit the program and each other, and its scripts do what they say."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import typer

from bascule.app import running
from bascule.cli.commands import app
from bascule.errors import ConfigurationError, InputError
from bascule.server.run import listening
from bascule.settings import Settings, load
from bascule.trust.backup import restore
from bascule.workspaces import add, inside

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
PAGES = [ROOT / "docs" / name for name in ("install.md", "workspaces.md")]
UNITS = sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer"))


def test_every_setting_in_the_files_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {f"BASCULE_{name.upper()}" for name in Settings.model_fields} | {"BASCULE_ENV_FILE"}
    for path in (ROOT / "Containerfile", *PAGES, *DEPLOY.iterdir()):
        assert set(re.findall(r"BASCULE_[A-Z_]+[A-Z]", path.read_text("utf-8"))) <= known, path.name
    monkeypatch.setenv("BASCULE_ENV_FILE", str(DEPLOY / "bascule.env"))
    assert load().public_url == "https://bascule.example"


def test_a_proxy_is_named_by_address_in_the_way_the_file_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DEPLOY / "bascule.env").read_text("utf-8").replace("#BASCULE_TRUSTED", "BASCULE_TRUSTED")
    (tmp_path / "env").write_text(text, "utf-8")
    monkeypatch.setenv("BASCULE_ENV_FILE", str(tmp_path / "env"))
    assert load().trusted_proxies == ("10.0.0.7",)
    for wrong in ('["*"]', '["proxy.example"]'):
        monkeypatch.setenv("BASCULE_TRUSTED_PROXIES", wrong)
        with pytest.raises(ConfigurationError, match="BASCULE_TRUSTED_PROXIES"):
            load()


def test_every_command_on_the_pages_exists() -> None:
    root = typer.main.get_command(app)
    for page in PAGES:
        blocks = re.findall(r"```\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        lines = re.findall(
            r"^(?:\S*/)?(?:BASCULE_\w+=\S+ |podman exec bascule )?(?:\S*/)?bascule ([^\n]*)",
            "\n".join(blocks),
            re.MULTILINE,
        )
        assert lines, page.name
        for line in lines:
            words, at = line.removeprefix("--workspace acme ").split(), root
            while words and hasattr(at, "commands"):
                assert words[0] in at.commands, f"{page.name}: bascule {line}"  # pyright: ignore[reportAttributeAccessIssue]
                at = at.commands[words.pop(0)]  # pyright: ignore[reportAttributeAccessIssue]
            options = {name for one in at.params for name in one.opts}
            assert {word for word in words if word.startswith("--")} <= options, f"{page.name}: bascule {line}"


def test_the_image_is_made_of_what_is_there_and_of_nothing_else() -> None:
    text = (ROOT / "Containerfile").read_text("utf-8")
    copied = {name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for name in line.split()}
    assert all((ROOT / name).exists() for name in copied)
    kept = {line[1:] for line in (ROOT / ".containerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert kept == copied, "what is copied is let into the build, and no more: no data folder, no .git"
    assert re.search(r"^USER bascule$", text, re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_understood_and_confined(unit: Path, tmp_path: Path) -> None:
    assert shutil.which("systemd-analyze"), "systemd-analyze is missing. Type: sudo apt-get install systemd"
    for one in UNITS:  # the programs they start stand in the folder of the test
        text = (
            one.read_text("utf-8")
            .replace("/opt/bascule/current/bin/bascule", sys.executable)
            .replace("/opt/bascule/backup.sh", sys.executable)
        )
        (tmp_path / one.name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / unit.name], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
    if unit.suffix == ".service":
        said = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", tmp_path / unit.name],
            capture_output=True,
            text=True,
            check=False,
        )
        level = re.search(r"exposure level for \S+: ([\d.]+)", said.stdout)
        assert level is not None, said.stderr
        assert float(level[1]) < 3


def script(name: str, *arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """A script of deploy/, with a `bascule` that is this one."""
    environment: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BASCULE_")}, **settings,
        "PATH": f"{settings.pop('bin')}:{os.environ['PATH']}",
    }  # fmt: skip
    return subprocess.run([DEPLOY / name, *arguments], capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def programs(tmp_path: Path) -> str:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "bascule").write_text(
        f"#!/bin/sh\nexec {sys.executable} -c 'from bascule.cli import main; main()' \"$@\"\n"
    )
    (folder / "bascule").chmod(0o755)
    (folder / "python3").symlink_to(sys.executable)
    return str(folder)


async def test_the_nightly_backup_holds_every_workspace_and_the_drill_tells_good_from_bad(
    tmp_path: Path, programs: str
) -> None:
    data, kept = tmp_path / "data", tmp_path / "backups"
    settings = Settings(data=data, database="", port=0, log_level="error")
    async with running(inside(settings, add(settings, "acme", "Acme", "http://acme.localhost")), work=False) as own:
        await own.store.write(lambda tx: tx.vault.seal(own.workspace, None, b"a secret"))
    kept.mkdir()
    old = kept / "main-2020-01-01T00-00-00Z.tar.gz"
    old.touch()
    os.utime(old, (0, 0))
    async with listening(settings, work=False, announce=True):  # as at night: the server runs, and writes the files
        done = await asyncio.to_thread(script, "backup.sh", kept, "30", bin=programs, BASCULE_DATA=str(data))
    assert done.returncode == 0, done.stderr
    made = sorted(kept.iterdir())
    assert [one.name.partition("-")[0] for one in made] == ["acme", "main"]
    assert all(one.stat().st_mode & 0o077 == 0 for one in made)
    acme, main = made
    good = await asyncio.to_thread(
        script, "restore-drill.sh", main, data / "master.key", bin=programs, TMPDIR=str(tmp_path)
    )
    assert good.returncode == 0, good.stderr
    assert "the chain holds" in good.stdout
    wrong = await asyncio.to_thread(
        script, "restore-drill.sh", acme, data / "master.key", bin=programs, TMPDIR=str(tmp_path)
    )
    assert wrong.returncode != 0, "acme's backup does not open by main's key"
    main.write_bytes(main.read_bytes()[:-4000])
    broken = await asyncio.to_thread(
        script, "restore-drill.sh", main, data / "master.key", bin=programs, TMPDIR=str(tmp_path)
    )
    assert broken.returncode != 0
    assert not list(tmp_path.glob("tmp.*")), "a drill leaves nothing behind"
    nowhere = await asyncio.to_thread(script, "backup.sh", "/proc/nowhere", "30", bin=programs, BASCULE_DATA=str(data))
    assert nowhere.returncode == 1


@pytest.mark.parametrize("filters", [True, False])
def test_a_backup_writes_nowhere_but_where_it_is_unpacked(
    tmp_path: Path, filters: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on a Python without filters for archives, as Debian 12 has it."""
    if not filters:
        monkeypatch.delattr(tarfile, "data_filter")
    link = tarfile.TarInfo("files")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    for number, evil in enumerate((tarfile.TarInfo("../evil"), tarfile.TarInfo("/evil"), link)):
        file = tmp_path / f"{number}.tar.gz"
        told = json.dumps({"format": "bascule-backup-1"}).encode()
        good = tarfile.TarInfo("backup.json")
        good.size = len(told)
        with tarfile.open(file, "w:gz") as tar:
            tar.addfile(good, io.BytesIO(told))
            tar.addfile(evil)
        with pytest.raises(InputError, match="no backup"):
            restore(tmp_path / "data" / str(number), file)
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize(("trusted", "shut"), [((), False), (("10.9.9.0/24",), True)])
async def test_forwarded_addresses_are_believed_from_named_proxies_only(
    tmp_path: Path, trusted: tuple[str, ...], shut: bool
) -> None:
    """Wrong keys from ever new addresses: who is no proxy is one and the same client, whatever it says."""
    import httpx2

    settings = Settings(data=tmp_path, database="", port=0, log_level="error", trusted_proxies=trusted)
    async with (
        listening(settings, work=False, announce=True) as server,
        httpx2.AsyncClient(base_url=server.url) as client,
    ):
        for number in range(11):
            headers = {
                "authorization": "Bearer wrong",
                "x-forwarded-for": f"192.0.2.{number}",
                "x-forwarded-host": "evil.example",
            }
            answer = await client.get("/api/v1/status", headers=headers)
            assert answer.status_code == 401
        own = {"authorization": f"Bearer {server.app.local_key}"}
        assert (await client.get("/api/v1/status", headers=own)).status_code == 200, "commands are never shut out"
    assert ("Too many" in answer.text) == shut
