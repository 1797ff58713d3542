"""What `/metrics` says is well formed for every program that reads it, and names connections as people do."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable

import httpx2
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from bascule.server.application import create_server

from .kit import Builder, House

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # counted in memory
OPEN = "application/openmetrics-text; version=1.0.0"
UNITS = r"(milli|micro|nano)seconds|minutes?|hours?|days?|weeks?|(kilo|mega|giga|kibi|mebi)bytes?|bits|percent|millis|ms|secs?"


async def scraped(house: House, accept: str = "") -> str:
    """The answer to Prometheus, after something of everything has happened."""
    transport = httpx2.ASGITransport(create_server(house.app))
    async with httpx2.AsyncClient(transport=transport, base_url="http://bascule.test") as browser:
        answer = await browser.get("/metrics", headers={"accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(accept.split(";")[0] or "text/plain")
    return answer.text


def faults(families: Iterable[Metric]) -> list[str]:
    """What promtool's linter says of names, help and labels (github.com/prometheus/client_golang, `promlint`)."""
    found: list[str] = []
    for family in families:
        name = family.name + ("_total" if family.type == "counter" else "")
        if not family.documentation:
            found.append(f"{name}: no help")
        if family.type != "counter" and name.endswith("_total"):
            found.append(f"{name}: only counters end so")
        if re.search(r"_(count|sum|bucket|info)$", name):
            found.append(f"{name}: the end is reserved")
        if re.search(r"_(counter|gauge|histogram|summary|metric)(_|$)", name) or re.search(r"[A-Z:]", name):
            found.append(f"{name}: a type, a capital or a colon in the name")
        if re.search(rf"_({UNITS})(_|$)", name):
            found.append(f"{name}: not a base unit")
        for sample in family.samples:
            reserved = {"le", "quantile"} & sample.labels.keys()
            if reserved and not (family.type == "histogram" and sample.name.endswith("_bucket")):
                found.append(f"{name}: reserved label {reserved}")
            found += [
                f"{name}: label {label}" for label in sample.labels if not re.fullmatch(r"[a-z][a-z0-9_]*", label)
            ]
    return found


@on_sqlite
async def test_metrics_are_well_formed_complete_and_say_the_names_of_connections(build: Builder) -> None:
    house = await build.house()
    await house.apply()
    await house.pass_time(70)
    house.app.metrics.failure("plan acme")
    house.app.metrics.lost("read")
    told = await scraped(house)
    families = list(text_string_to_metric_families(told))
    strict = list(openmetrics.text_string_to_metric_families(await scraped(house, OPEN)))
    begun = {f.name for f in families if f.name.endswith("_created")}  # the older format tells these as gauges
    assert {f.name for f in families} - begun == {f.name for f in strict}
    assert faults(families) == []
    assert [family.name for family in families if not family.samples] == []
    assert {s.labels["connection"] for f in families for s in f.samples if "connection" in s.labels} == {"acme"}
    assert house.at.id not in told
    if promtool := shutil.which("promtool"):
        checked = subprocess.run(
            [promtool, "check", "metrics"], input=told, capture_output=True, text=True, check=False
        )
        assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@on_sqlite
async def test_of_a_connection_that_is_gone_nothing_waits_any_more(build: Builder) -> None:
    house = await build.house(None)
    house.app.metrics.told("", {"gone": (3, 1)})
    assert 'connection="gone"' not in await scraped(house)


def test_the_linter_of_this_test_finds_what_promtool_finds() -> None:
    bad = """# TYPE bascule_wait_ms gauge
bascule_wait_ms 1
# HELP bascule_things_total Things
# TYPE bascule_things_total gauge
bascule_things_total 1
# HELP bascule_things_gauge Things
# TYPE bascule_things_gauge gauge
bascule_things_gauge{le="1"} 1
"""
    found = faults(text_string_to_metric_families(bad))
    assert len({one.split(":")[0] for one in found}) == 3
    assert len(found) == 5
