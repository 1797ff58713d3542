"""`bascule subscriptions`, `bascule events`, `bascule slack`: one command each, exit codes a script can trust."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from .test_commands import bascule


class Slack(BaseHTTPRequestHandler):
    """An incoming webhook that answers as Slack does."""

    words, status = "ok", 200
    heard: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).heard.append(json.loads(body))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.words.encode())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("BASCULE_ALLOWED_HOSTS", '["127.0.0.1"]')
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slack)
    Slack.heard = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/services/T0/B0/canary"
    server.shutdown()
    server.server_close()


def test_stage_changes_reach_slack_by_one_command(tmp_path: Path, slack: str) -> None:
    code, said = bascule(tmp_path, "slack", "stage-changes", slack)
    assert (code, said.startswith("Stage changes are posted. End it: bascule subscriptions remove ")) == (0, True)
    [told] = Slack.heard
    assert told["text"].startswith("(a test) *An applicant*, Backend Engineer: Application Review → *Phone Screen*")
    code, said = bascule(tmp_path, "subscriptions", "list", "--json")
    [one] = json.loads(said)
    assert (one["format"], one["events"], one["state"]) == ("slack", ["application.stage_changed"], "active")
    assert "canary" not in said
    assert bascule(tmp_path, "subscriptions", "test", one["id"])[0] == 0
    assert bascule(tmp_path, "subscriptions", "pause", one["id"])[1].strip().endswith("paused")
    assert bascule(tmp_path, "subscriptions", "remove", one["id"])[0] == 0
    assert bascule(tmp_path, "subscriptions", "show", one["id"])[0] == 2


def test_an_address_that_slack_does_not_know_sets_nothing_up(
    tmp_path: Path, slack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slack, "words", "no_service")
    monkeypatch.setattr(Slack, "status", 404)
    code, _ = bascule(tmp_path, "slack", "stage-changes", slack)
    assert code == 1
    assert json.loads(bascule(tmp_path, "subscriptions", "list", "--json")[1]) == []


def test_a_subscriber_is_added_with_what_it_wants(tmp_path: Path, slack: str) -> None:
    code, said = bascule(
        tmp_path, "subscriptions", "add", slack, "--event", "job.*", "--event", "note.added", "--department", "Care",
        "--min-score", "70", "--name", "My flow", "--json",
    )  # fmt: skip
    made = json.loads(said)
    assert (code, made["secret"][:6]) == (0, "whsec_")
    assert made["filter"] == {"departments": ["Care"], "min_score": 70.0}
    assert bascule(tmp_path, "subscriptions", "add", "https://10.0.0.7/x")[0] == 2
    assert bascule(tmp_path, "subscriptions", "replay", made["id"])[0] == 2
    assert json.loads(bascule(tmp_path, "events", "list", "--json")[1])["items"] == []
    assert "application.stage_changed" in bascule(tmp_path, "events", "types")[1]
