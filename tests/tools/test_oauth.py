"""A token for a key: OAuth 2, client credentials, for makers who want nothing long-lived on the wire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.databases import both_databases
from tests.engine.kit import OWNER
from tests.tools.conftest import Place, Tool

PATH = "/api/tools/v1/oauth/token"


async def ask(place: Place, tool: Tool, **more: str) -> Any:
    form = {"grant_type": "client_credentials", "client_id": tool.name, "client_secret": tool.key, **more}
    return await place.browser.post(PATH, data=form)


async def test_a_key_gets_a_token_that_opens_the_door_for_an_hour(place: Place) -> None:
    tool = await place.tool()
    answer = await ask(place, tool)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    told = answer.json()
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 3600)
    key, tool.key = tool.key, told["access_token"]
    assert (await tool.get("/applications")).status_code == 200
    assert (await ask(place, tool)).status_code == 401  # a token gets no token
    place.house.clock.move(3601)
    assert (await tool.get("/applications")).status_code == 401
    tool.key = key
    basic = await place.browser.post(PATH, data={"grant_type": "client_credentials"}, auth=(tool.name, tool.key))
    assert basic.status_code == 200


async def test_the_door_describes_itself(place: Place) -> None:
    told = (await place.browser.get("/api/tools/v1/openapi.json")).json()
    paths = {path.removeprefix("/api/tools/v1") for path in told["paths"]}
    assert paths == {"/applications", "/applications/{id}", "/applications/{id}/resume", "/applications/{id}/result",
                     "/oauth/token"}  # fmt: skip
    verdict = told["components"]["schemas"]["Verdict"]
    assert set(verdict["properties"]) == {"version", "score", "reasons", "skills", "status", "note", "stage_proposal"}
    assert verdict["required"] == ["version"]


async def test_who_is_somebody_else_gets_none(place: Place) -> None:
    tool, other = await place.tool(), await place.tool("hawk")
    for more, status, error in (
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": other.name}, 401, "invalid_client"),
    ):
        answer = await ask(place, tool, **more)
        assert (answer.status_code, answer.json()["error"]) == (status, error)


@both_databases
async def test_a_key_that_ends_now_takes_its_tokens_along(place: Place) -> None:
    tool = await place.tool()
    tool.key = (await ask(place, tool)).json()["access_token"]
    assert (await tool.get("/applications")).status_code == 200
    await place.house.app.aitools.new_key(tool.name, OWNER, overlap=timedelta(0))
    assert (await tool.get("/applications")).status_code == 401
