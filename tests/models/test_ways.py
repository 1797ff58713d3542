"""Choosing a model by API, command and page: what is said, what is refused, and that a key is never shown."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest
from tests.server.conftest import Bench, bench
from typer.testing import CliRunner

from bascule.cli.commands import app as cli
from bascule.engine.wire import AsgiTransport
from bascule.sandbox.llm import Server, create_app
from bascule.server.roles import Role

__all__ = ["bench"]
LOCAL = {"provider": "openai", "model": "small", "base_url": "http://127.0.0.1:7/v1", "purposes": ["explain"]}
CANARY = "sk-canary-word"


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bascule.db'}"


@pytest.fixture
async def api(bench: Bench) -> httpx2.AsyncClient:
    server = Server()
    bench.app.runtime.transport = AsgiTransport({"127.0.0.1:7": create_app(server)})
    bench.browser.headers["authorization"] = f"Bearer {bench.app.local_key}"
    return bench.browser


async def test_it_is_off_until_it_is_chosen_tested_and_listed(api: httpx2.AsyncClient) -> None:
    off = (await api.get("/api/v1/models")).json()
    assert (off["provider"], off["key"], off["used"]["calls"], off["room"]) == (None, False, 0, True)
    assert (await api.post("/api/v1/models/test")).status_code == 422
    chosen = (await api.patch("/api/v1/models", json={**LOCAL, "key": "sk-sandbox"})).json()
    assert (chosen["works_in"], chosen["key"], chosen["address"]) == ("local", True, LOCAL["base_url"])
    assert "sk-sandbox" not in json.dumps(chosen)
    tested = (await api.post("/api/v1/models/test")).json()
    assert tested["ok"], tested
    (call,) = (await api.get("/api/v1/models/calls")).json()["items"]
    assert (call["purpose"], call["prompt"], call["outcome"]) == ("test", "test-1", "answered")
    changed = (await api.patch("/api/v1/models", json={"model": "large"})).json()
    assert (changed["model"], changed["key"], changed["purposes"]) == ("large", True, ["explain"])
    tested = (await api.post("/api/v1/models/test")).json()
    assert not tested["ok"]
    assert "The model `large` does not exist." in tested["what"]
    moved = (await api.patch("/api/v1/models", json={"base_url": "http://127.0.0.2:7/v1"})).json()
    assert not moved["key"], "a key is for the host it was given for"
    assert (await api.delete("/api/v1/models")).json()["provider"] is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**LOCAL, "base_url": "https://models.example/v1"}, "not one of OpenAI's own hosts"),
        ({**LOCAL, "base_url": "https://api.openai.com/v1", "key": CANARY}, "works in the region global"),
        ({**LOCAL, "base_url": "", "regions": ["global"]}, "needs a key"),
        ({**LOCAL, "base_url": "", "regions": ["global"], "key": CANARY}, "trains no model"),
        ({**LOCAL, "provider": "somebody"}, ""),
        ({**LOCAL, "colour": "red"}, ""),
        ({**LOCAL, "cost": 5}, "needs prices"),
    ],
)
async def test_what_cannot_be_changes_nothing(api: httpx2.AsyncClient, body: dict[str, object], said: str) -> None:
    answer = await api.patch("/api/v1/models", json=body)
    assert answer.status_code == 422
    assert said in answer.text
    assert CANARY not in answer.text
    found = (await api.get("/api/v1/models")).json()
    assert (found["provider"], found["key"]) == (None, False)


async def test_the_page_chooses_tests_and_switches_off(bench: Bench, api: httpx2.AsyncClient) -> None:
    del api.headers["authorization"]
    await bench.enter(Role.ADMINISTRATOR)
    assert "off: nothing leaves this machine" in (await api.get("/settings")).text
    form = {"provider": "openai", "model": "small", "base_url": LOCAL["base_url"], "purpose": "explain",
            "regions": "eu, us", "tokens": "5000", "cost": "", "timeout": "10", "key": CANARY}  # fmt: skip
    assert (await bench.post("/settings/models", **form)).status_code == 303
    page = (await api.get("/settings")).text
    assert "5,000 tokens" in page
    assert 'value="eu, us"' in page
    assert CANARY not in page
    await bench.post("/settings/models/test")
    assert "refuses the key" in (await api.get("/settings")).text
    await bench.post("/settings/models", **{**form, "key": "sk-sandbox"})
    await bench.post("/settings/models/test")
    page = (await api.get("/settings")).text
    assert "small answered in" in page
    assert "test-1" in page
    assert "No model is asked until" not in page, "what was wrong is over"
    await bench.post("/settings/models", **{**form, "tokens": "many"})
    assert "is no number" in (await api.get("/settings")).text
    await bench.post("/settings/models/off")
    assert "off: nothing leaves this machine" in (await api.get("/settings")).text


async def test_only_an_administrator_chooses(bench: Bench, api: httpx2.AsyncClient) -> None:
    del api.headers["authorization"]
    await bench.enter(Role.OWNER)
    local = {**LOCAL, "purposes": []}
    await bench.post("/settings/models", **local)
    assert not (await bench.app.choices.told()).choice.on
    assert (await api.get("/api/v1/models")).status_code == 401


def test_the_commands_say_the_same(tmp_path: Path) -> None:
    def bascule(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["models", *arguments, "--data", str(tmp_path / "data")])
        return done.exit_code, done.output

    assert bascule("show")[1].startswith("No model of others is asked.")
    code, said = bascule("set", "--provider", "openai", "--model", "small")
    assert code == 2
    assert "works in the region global" in said
    code, said = bascule(
        "set", "--provider", "anthropic", "--model", "small", "--base-url", "http://127.0.0.1:9", "--for", "explain"
    )
    assert code == 0
    assert ": this machine." in said
    code, said = bascule("test")
    assert code == 1
    assert "cannot be reached" in said
    code, said = bascule("calls", "--json")
    assert [one["outcome"] for one in json.loads(said)] == ["unreachable"]
    assert bascule("off")[1].startswith("No model of others is asked.")
