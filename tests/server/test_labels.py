"""Whatever names a connection says what stands at its other end: a simulator, a vendor's sandbox, or the live system."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.routing import APIRoute
from tests.databases import both_databases

from bascule.model import Label
from bascule.server import pages

from .conftest import SOMEBODY, Bench
from .test_pages import dead_write

LABELS = {"acme": "live", "greenhouse": "simulator", "trial": "vendor sandbox"}
SHOWN = {**LABELS, "acme": "live account"}  # beside a mode that is called live
FILES = (
    "/audit/export", "/candidates.csv", "/people.csv", "/jobs.csv", "/jobs/{id}.csv", "/kpis.csv", "/login",
    "/login/oidc", "/login/oidc/callback", "/quiet/{thread}",
    "/api/v1/events/samples/{type}",
)  # fmt: skip


async def furnished(bench: Bench) -> dict[str, str]:
    """One connection of each label, a failure, a notice, an outage; what stands for an address's parameter."""
    write, person = await dead_write(bench)
    for name, label in (("acme", Label.LIVE), ("trial", Label.VENDOR_SANDBOX)):
        await bench.connection(name, label)
    trial, now = bench.app.connections.named("trial"), bench.app.runtime.now()

    def unit(tx: Any) -> None:
        tx.notices.put(bench.app.workspace, "drift", "one", "Something changed.", now=now, connection=trial.id)
        tx.audit.record(
            workspace=bench.app.workspace, at=now, action="paused", actor=SOMEBODY, connection=trial.id, detail={}
        )

    await bench.app.store.write(unit)
    return {"/failures": write, "/candidates": person, "/records": person}


def addresses(paths: Iterable[str], ids: dict[str, str]) -> list[str]:
    """Everything that can be looked at, of things that are there."""
    found: list[str] = []
    for path in paths:
        bare = path.removeprefix("/api/v1")
        id = next((id for start, id in ids.items() if bare.startswith(start)), "")
        if path not in FILES and ("{id}" not in path or id):
            filled = path.replace("{name}", "trial").replace("{id}", id).replace("{system}", "greenhouse")
            found.append(filled.replace("{finding}", "titles").replace("{remedy}", "titles"))
    return found


def chips(page: str) -> dict[str, str]:
    """Name -> label, as a page's frame shows them."""
    frame = page.split('<ul class="systems"')[1].split("</ul>")[0]
    return dict(re.findall(r">([^<]+)</a> <span class=\"label-chip[^>]*>([^<]+)</span>", frame))


@both_databases
async def test_every_page_shows_each_connection_with_its_label(inside: Bench) -> None:
    ids = await furnished(inside)
    shown = 0
    routes = [route for router in pages.routers() for route in router.routes if isinstance(route, APIRoute)]
    for path in addresses((route.path for route in routes if "GET" in (route.methods or ())), ids):
        answer = await inside.browser.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        assert chips(answer.text) == SHOWN, path
        shown += 1
    assert shown >= 14
    assert chips((await inside.browser.get("/nowhere")).text) == SHOWN


def named(answer: Any) -> Iterator[str]:
    """Every connection that an answer names, at any depth."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            if key == "connection" and isinstance(value, str) and value:
                yield value
            yield from named(value)
    elif isinstance(answer, list):
        for one in answer:
            yield from named(one)


@both_databases
async def test_every_answer_that_names_a_connection_says_its_label(bench: Bench) -> None:
    ids, local = await furnished(bench), {"authorization": f"Bearer {bench.app.local_key}"}
    told: set[str] = set()
    paths = bench.server.openapi()["paths"]
    calls = {path: methods for path, methods in paths.items() if path.startswith("/api/v1/")}  # a tool has its own key
    for path in addresses((path for path, methods in calls.items() if "get" in methods), ids):
        answer = await bench.browser.get(
            path,
            params={
                "target": "trial",
                "source": "acme",
                "first": "acme",
                "second": "trial",
                "from": "2026-01-01T00:00:00Z",
                "q": "nurse",
            },
            headers=local,
        )
        if path.endswith("/resume"):
            assert answer.status_code == 404, "nobody here has a CV"
            continue
        if path == "/api/v1/connections/trial/data/findings/titles":
            assert answer.status_code == 404, "nobody has checked the data there"
            continue
        assert answer.status_code == 200, (path, answer.text)
        body = answer.json()
        if path in ("/api/v1/status", "/api/v1/connections"):
            rows = body["connections" if path.endswith("status") else "items"]
            assert {row["name"]: row["label"] for row in rows} == LABELS
        elif path == "/api/v1/connections/trial":
            assert body["label"] == "vendor sandbox"
        elif any(named(body)) or "connections" in body:
            assert body["connections"] == LABELS, path
            told.add(path.removeprefix("/api/v1"))
    person = ids["/candidates"]
    assert told >= {
        "/health", "/tasks", "/failures", "/failures/groups", f"/failures/{ids['/failures']}", "/incidents", "/reviews",
        "/candidates", f"/candidates/{person}", f"/records/{person}/history", "/audit", "/audit/export",
        "/connections/trial/mapping", "/connections/trial/rhythm",
        "/connections/trial/data", "/connections/trial/parity", "/copies", "/copies/preview", "/counterparts",
    }  # fmt: skip


async def test_reports_say_the_label(inside: Bench) -> None:
    await furnished(inside)
    rows = list(csv.DictReader(io.StringIO((await inside.browser.get("/mapping/trial?format=csv")).text)))
    assert {(row["connection"], row["label"]) for row in rows} == {("trial", "vendor sandbox")}
    file = (await inside.browser.get("/mapping/acme?format=toml")).text
    assert file.startswith("# The mapping of acme (Greenhouse, live).")
    await inside.app.trail.verify()  # seals what the worker would have sealed
    audit = (await inside.browser.get("/audit/export?from=2026-01-01")).json()
    assert audit["connections"] == LABELS
    (paused,) = [one["entry"] for one in audit["entries"] if one["entry"]["action"] == "paused"]
    assert audit["connection_ids"][paused["connection"]] == "trial"
