"""What is given wrongly at the command line: one line that says what, where and the next step; nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bascule.cli.commands import app

ADD = ("connections", "add", "acme", "greenhouse", "--set", "client_id=x", "--set", "client_secret=y")


def told(data: Path, *arguments: str) -> str:
    """What a command that cannot be carried out says: one line, and no trace of a program."""
    own = () if arguments[0] in ("sandbox", "simulate") else ("--data", str(data))
    done = CliRunner().invoke(app, [*arguments, *own])
    assert done.exit_code == 2, done.output
    said = done.stderr.strip()
    assert said.startswith("bascule: ")
    assert "Traceback" not in done.output
    assert len(said.splitlines()) == 1
    return said


@pytest.mark.parametrize(
    ("arguments", "says", "then"),
    [
        ((*ADD, "--base-url", "http://127.0.0.1:1/v3"), "127.0.0.1 cannot be reached", "http://127.0.0.1:1/v3"),
        ((*ADD, "--base-url", "nowhere"), "'nowhere' is not an address", "Give another base URL"),
        ((*ADD, "--base-url", "http://ats.example/v3"), "must be https", "Give another base URL"),
        ((*ADD, "--owner", "no@one.example"), "'no@one.example'", "stands on the page Settings"),
        (("connections", "add", "acme", "nosuch"), "no connector 'nosuch'", "Name one of these"),
        (("connections", "add", "a b", "greenhouse"), "[a-z0-9]", "Mend the values named"),  # brackets are no markup
        (("connections", "mode", "nosuch", "live"), "no connection named 'nosuch'", "bascule connections list"),
        (("mapping", "show", "nosuch"), "no connection named 'nosuch'", "bascule connections list"),
        (("candidates", "show", "nobody"), "no such candidate", "Search by name"),
        (("candidates", "apart", "nobody"), "no record nobody", "erased"),
        (("reviews", "decide", "nothing", "approve"), "no such open review item", "decided"),
        (("backup", "/no such folder/x"), "cannot be written", "Name a file in a folder"),
        (("restore", "/no such file"), "There is no file", ""),
        (("sandbox", "nosuch"), "no sandbox for 'nosuch'", "aitool, calendars, llm, mail, peopledata"),
        (("sandbox", "greenhouse", "--faults", "missing.yaml"), "missing.yaml cannot be read", "Name a YAML"),
        (("sandbox", "greenhouse", "--jobs", "missing.json"), "missing.json cannot be read", "Name a JSON"),
        (("simulate", "--seed", "-3"), "begin at 0", ""),
        (("simulate", "--seeds", "2", "--diary"), "--diary", "leave --seeds out"),
        (("simulate", "--scenario", "missing.json"), "missing.json cannot be read", ""),
        ((*ADD, "--set", "webhook_secret=@missing.txt"), "missing.txt cannot be read: No such file", "Name a file"),
        (("connections", "credentials", "acme", "--set", "webhook_secret=@/"), "/ cannot be read", "Name a file"),
        (("calendars", "set", "--secret", "missing.txt"), "missing.txt cannot be read: No such file", "Name a file"),
        (("audit", "export", "--from", "2026-01-01", "-o", "/no such folder/x"), "cannot be written", "Name a file"),
        (("simulate", "--save", "/no such folder/x"), "no such folder", "Name a file"),
    ],
)
def test_it_says_what_where_and_what_next(tmp_path: Path, arguments: tuple[str, ...], says: str, then: str) -> None:
    said = told(tmp_path / "data", *arguments)
    assert says in said
    assert then in said


def test_a_file_that_is_no_text_is_named_and_nothing_of_it_is_shown(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "old.txt"
    file.write_bytes("Schlüssel".encode("utf-16"))
    for arguments in (
        (*ADD, "--set", f"webhook_secret=@{file}"),
        ("mapping", "import", str(file), "--connection", "acme"),
        ("duplicates", "merge", str(file)),
        ("triggers", "check", str(file)),
        ("calendars", "set", "--secret", str(file)),
        ("messages", "templates", "invitation", "--set", str(file)),
    ):
        said = told(data, *arguments)
        assert f"{file} cannot be read" in said, arguments
        assert "UTF-8" in said, arguments
        assert "0x" not in said, arguments


def test_what_could_not_be_connected_is_not_kept(tmp_path: Path) -> None:
    told(tmp_path, *ADD, "--base-url", "http://127.0.0.1:1/v3")
    done = CliRunner().invoke(app, ["connections", "list", "--json", "--data", str(tmp_path)])
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("content", [b"garbage", b"", b"\x1f\x8b\x08\x00cut short"])
def test_a_file_that_is_no_backup_replaces_nothing(tmp_path: Path, content: bytes) -> None:
    CliRunner().invoke(app, ["status", "--data", str(tmp_path)])
    before = (tmp_path / "bascule.db").read_bytes()
    (tmp_path / "b.tar.gz").write_bytes(content)
    assert "no backup of Bascule" in told(tmp_path, "restore", str(tmp_path / "b.tar.gz"), "--replace")
    assert (tmp_path / "bascule.db").read_bytes() == before


def test_a_data_folder_that_is_a_file_and_a_database_that_is_none_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("garbage")
    assert str(tmp_path / "file") in told(tmp_path / "file", "status")
    monkeypatch.setenv("BASCULE_DATABASE", f"sqlite:///{tmp_path}/file")
    assert "no SQLite database" in told(tmp_path / "data", "status")
    assert (tmp_path / "file").read_text() == "garbage"
