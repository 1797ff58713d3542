"""One change is one trace, from the webhook that told of it to the write that answers it, over everything that waits in
the database between; and no span says anything about a person."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.databases import both_databases

from bascule.engine.traces import Traces, exported
from bascule.errors import ConfigurationError
from bascule.model import Kind
from bascule.sandbox.greenhouse import people
from bascule.settings import traces_wanted

from .kit import ROBIN, Builder, House

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def traced(house: House) -> InMemorySpanExporter:
    """What this house's spans end in."""
    memory = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    house.app.runtime.traces.use(provider)
    return memory


def trees(spans: tuple[ReadableSpan, ...]) -> dict[int, list[ReadableSpan]]:
    """By trace. Every one has one root, and every span's parent is a span of its own trace that began no later."""
    found: defaultdict[int, list[ReadableSpan]] = defaultdict(list)
    for span in spans:
        assert span.context is not None
        found[span.context.trace_id].append(span)
    for mine in found.values():
        by_id = {span.context.span_id: span for span in mine if span.context}
        assert len([span for span in mine if span.parent is None]) == 1, [span.name for span in mine]
        for span in mine:
            if span.parent is not None:
                above = by_id[span.parent.span_id]
                assert (above.start_time or 0) <= (span.start_time or 0)
    return dict(found)


def line(span: ReadableSpan, spans: list[ReadableSpan]) -> list[str]:
    """The names from the root to this span."""
    by_id = {one.context.span_id: one for one in spans if one.context}
    names, at = [span.name], span
    while at.parent is not None:
        at = by_id[at.parent.span_id]
        names.append(at.name)
    return names[::-1]


def said(spans: tuple[ReadableSpan, ...]) -> str:
    """Everything that would be sent of them."""
    return "\n".join(span.to_json() for span in spans)


@both_databases
async def test_one_webhook_is_one_trace_through_restart_score_and_write(build: Builder) -> None:
    house = await build.house()
    memory = traced(house)
    applied = await house.apply("Canaria", "Quetzalcoatl", "canaria@example.org", phone="+44 20 7946 0991")
    hooks = await house.sandbox.hooks.deliver_due()
    assert hooks
    await build.restart(house)  # everything it led to waits in the database, and another process goes on
    assert not house.app.runtime.traces.on
    after = traced(house)
    await house.pass_time(60)
    assert house.written("applications"), "the score is there"
    spans = (*memory.get_finished_spans(), *after.get_finished_spans())
    found = [mine for mine in trees(spans).values() if any(s.name == "score" for s in mine)]
    assert len(found) == 1
    (mine,) = found
    lines = {tuple(line(span, mine)) for span in mine}
    assert ("receive", "read", "plan", "score", "plan", "write") in lines
    sent = [span for span in mine if span.name == "write"]
    attributes = dict(sent[0].attributes or {})
    assert {
        "bascule.connection",
        "bascule.lane",
        "bascule.write",
        "bascule.attempt",
        "bascule.ms",
        "bascule.call",
    } <= attributes.keys()
    assert all(dict(span.attributes or {})["http.response.status_code"] in range(200, 300) for span in sent)
    told = said(spans)
    for word in ("Canaria", "Quetzalcoatl", "canaria@", "7946", "Backend", house.secret, "client_secret", "cv.txt"):
        assert word.lower() not in told.lower(), word
    assert applied.application


@on_sqlite
async def test_an_edit_made_here_is_a_trace_of_its_own_and_what_was_lost_is_looked_for_in_it(house: House) -> None:
    applied = await house.apply()
    await house.pass_time(40)
    memory = traced(house)
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    robin = await house.person("Robin Falk", 4_012_003)
    house.sandbox.faults.add({"kind": "answer", "method": "POST", "path": "notes", "status": 502})
    await house.app.changes.add_note(record.id, "Canary in a note", "private", robin)
    await house.pass_time(15)
    await house.leap(360)
    await house.pass_time(15)
    (mine,) = [m for m in trees(memory.get_finished_spans()).values() if any(s.name == "write" for s in m)]
    assert {("plan", "write"), ("plan", "look")} <= {tuple(line(span, mine)) for span in mine}
    writes = [dict(span.attributes or {}) for span in mine if span.name == "write"]
    assert [one["http.response.status_code"] for one in writes] == [502, 201]
    assert len({one["bascule.write"] for one in writes}) == 1
    assert len({one["bascule.attempt"] for one in writes}) == 2
    assert "Canary" not in said(memory.get_finished_spans())


@on_sqlite
async def test_what_several_deliveries_ask_for_together_continues_the_first_and_links_to_the_others(
    house: House,
) -> None:
    applied = await house.apply()
    await house.pass_time(40)
    memory = traced(house)
    for title in ("Gardener", "Florist"):
        people.update(house.sandbox, ROBIN, applied.candidate, {"title": title})
    await house.pass_time(5)
    received = [span for span in memory.get_finished_spans() if span.name == "receive"]
    (read,) = [span for span in memory.get_finished_spans() if span.name == "read"]
    assert len(received) == 2
    assert [link.context.trace_id for link in read.links] == [received[1].context.trace_id]  # type: ignore[union-attr]


@on_sqlite
async def test_nothing_is_kept_or_started_until_somebody_switches_traces_on(house: House) -> None:
    await house.apply()
    await house.pass_time(40)
    assert not house.app.runtime.traces.on
    assert await house.app.store.read(lambda tx: tx.traces.of([])) == {}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, False),
    ],
)
def test_the_standard_settings_switch_traces_on(
    given: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert traces_wanted() is wanted


@pytest.mark.parametrize(
    "given",
    [{"OTEL_TRACES_EXPORTER": "zipkin"}, {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}],
)
def test_what_is_not_spoken_is_refused_at_the_start(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError):
        traces_wanted()


def test_spans_are_sent_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """To a real receiver of OTLP over HTTP on this machine, before the process ends."""
    got: list[tuple[str, str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append((self.path, str(self.headers["content-type"]), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=bascule-of-acme")
        traces = Traces(lambda: datetime.now(UTC))
        traces.use(exported("1.2.3"))
        traces.end(traces.start("write", connection="c-1", status=200))
        traces.close(5)
        server.shutdown()
    ((path, kind, body),) = got
    assert (path, kind) == ("/v1/traces", "application/x-protobuf")
    for word in (b"bascule-of-acme", b"1.2.3", b"bascule.connection", b"c-1", b"http.response.status_code"):
        assert word in body
