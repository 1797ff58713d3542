"""The n8n recipe: the calls of a trigger node, a webhook node that behaves as n8n's does, and the workflow's own
expressions on what arrives.

The receiver answers as n8n does: 200 with a line of JSON for an active workflow; 404 for one that is not; and it hands
the workflow an item of headers, params, query, body, webhookUrl and executionMode.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from tests.engine.kit import OWNER
from tests.subscribers.conftest import Scene
from tests.subscribers.test_delivery import MOVED, moved

RECIPE = Path(__file__).parents[2] / "docs" / "recipes" / "n8n-stage-changes.json"
HOST = "127.0.0.1:5678"


class N8n:
    """A webhook node of a workflow that can be switched on and off."""

    def __init__(self, path: str) -> None:
        self.active = True
        self.items: list[dict[str, Any]] = []
        self.path = path
        self.url = f"http://{HOST}/webhook/{path}"

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/webhook/{path}")
        async def hook(path: str, request: Request) -> JSONResponse:
            if path != self.path or not self.active:
                what = f'The requested webhook "POST {path}" is not registered.'
                return JSONResponse({"code": 404, "message": what}, 404)
            self.items.append(
                {
                    "headers": dict(request.headers), "params": {}, "query": dict(request.query_params),
                    "body": await request.json(), "webhookUrl": self.url, "executionMode": "production",
                }
            )  # fmt: skip
            return JSONResponse({"message": "Workflow was started"})

        return app


def evaluated(expression: str, item: Any) -> Any:
    """An expression of the one form that the recipe uses: a path of plain names. KeyError where it leads nowhere."""
    found = re.fullmatch(r"=\{\{ \$json((?:\.[A-Za-z_]\w*)+) \}\}", expression)
    assert found, f"{expression!r} is more than a path"
    for name in found[1].strip(".").split("."):
        item = item[name]
    return item


def test_the_workflow_is_one_that_n8n_can_import() -> None:
    recipe = json.loads(RECIPE.read_text("utf-8"))
    names = [node["name"] for node in recipe["nodes"]]
    assert len(set(names)) == len(names)
    for node in recipe["nodes"]:
        assert set(node) >= {"id", "name", "type", "typeVersion", "position", "parameters"}
        assert node["type"].startswith("n8n-nodes-base.")
    for start, outputs in recipe["connections"].items():
        assert start in names
        assert all(to["node"] in names for output in outputs["main"] for to in output)
    assert "credentials" not in RECIPE.read_text("utf-8")


async def test_the_recipe_reads_what_arrives(scene: Scene) -> None:
    webhook, only, last = json.loads(RECIPE.read_text("utf-8"))["nodes"]
    n8n = N8n(webhook["parameters"]["path"])
    scene.house.transport.serve(HOST, n8n.app())
    await scene.subscribe("application.*", url=n8n.url)
    ada = await moved(scene, "Phone Screen")
    [condition] = only["parameters"]["conditions"]["conditions"]
    kept = [item for item in n8n.items if evaluated(condition["leftValue"], item) == condition["rightValue"]]
    assert len(kept) == 1 < len(n8n.items)
    assigned = {one["name"]: (one["type"], evaluated(one["value"], kept[0])) for one in last["parameters"]["assignments"]["assignments"]}  # fmt: skip
    assert {name: value for name, (_, value) in assigned.items() if name in ("job", "from", "to")} == {
        "job": "Backend Engineer", "from": "Application Review", "to": "Phone Screen",
    }  # fmt: skip
    assert assigned["application"][1] == await scene.place.id(ada)
    for kind, value in assigned.values():
        assert isinstance(value, str if kind == "string" else (int, float))


async def test_a_workflow_that_is_switched_off_misses_nothing(scene: Scene) -> None:
    n8n = N8n("x")
    scene.house.transport.serve(HOST, n8n.app())
    one, _ = await scene.subscribe(MOVED, url=n8n.url)
    n8n.active = False
    await moved(scene, "Phone Screen")
    assert (await scene.deliveries(one))[0].words == "answered 404"
    n8n.active = True
    await scene.house.leap(400, step=30)
    assert len(n8n.items) == 1
    await scene.house.app.subscriptions.remove(one.id, OWNER)


async def test_a_trigger_node_finds_makes_and_removes_its_subscription(scene: Scene) -> None:
    """checkExists, create, delete, as n8n calls them when a workflow is switched on and off."""
    ask, headers = scene.place.browser, {"authorization": f"Bearer {scene.house.app.local_key}"}
    url = f"http://{HOST}/webhook/trigger"

    async def exists() -> list[str]:
        found = await ask.get("/api/v1/subscriptions", params={"target_url": url}, headers=headers)
        return [one["id"] for one in found.json()["items"] if MOVED in one["events"]]

    assert await exists() == []
    body = {"target_url": url, "events": [MOVED]}
    made = (await ask.post("/api/v1/subscriptions", json=body, headers=headers)).json()
    assert await exists() == [made["id"]]
    assert (await ask.delete(f"/api/v1/subscriptions/{made['id']}", headers=headers)).status_code == 204
    assert await exists() == []
