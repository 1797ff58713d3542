"""One trace follows one change: receive, read, plan, write, look; for OpenTelemetry, off until somebody switches it on.

Work waits in the database between these steps, so each leaves the trace it belongs to there (`tx.traces`), as a W3C
`traceparent` under the name of what it wants done; whoever takes that up goes on with it, in whichever process. What
several changes wanted together continues the first one's trace and links to the others'.

Spans hold ids, calls, statuses and counts: no value, no name, no error's words, no address.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from typing import TypeVar

from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags, Tracer

from bascule.errors import ConfigurationError

T = TypeVar("T")
U = TypeVar("U")
Id = str | int
NONE = trace.INVALID_SPAN


def read_of(connection: str, kind: str, external: str) -> str:
    """The name under which a wanted read's trace waits."""
    return f"read|{connection}|{kind}|{external}"


def write_of(write: str) -> str:
    """The name under which a write's trace waits."""
    return f"write|{write}"


def task_of(name: str, key: str) -> str:
    """The name under which a task's trace waits."""
    return f"task|{name}|{key}"


class Traces:
    """Starts and ends spans by the App's own clock. Until `use`, everything here does nothing and stores nothing."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._provider: trace.TracerProvider | None = None
        self._tracer: Tracer | None = None

    def use(self, provider: trace.TracerProvider) -> None:
        """Switch on."""
        self._provider = provider
        self._tracer = provider.get_tracer("bascule")

    def close(self, within: float) -> None:
        """Hand over what has not been sent yet, for at most so many seconds."""
        shutdown = getattr(self._provider, "shutdown", None)
        if shutdown is not None:
            thread = Thread(target=shutdown, name="traces", daemon=True)
            thread.start()
            thread.join(within)

    @property
    def on(self) -> bool:
        return self._tracer is not None

    def start(
        self, name: str, parents: Sequence[str] = (), *, kind: SpanKind = SpanKind.INTERNAL, **ids: Id | None
    ) -> Span:
        """A span that goes on with the first of `parents` (traceparents) and links to the rest; without any, with the
        current span, else a new trace. `ids` become its attributes, those that are None or empty do not."""
        if self._tracer is None:
            return NONE
        contexts = [found for one in parents if (found := context_of(one)) is not None]
        above = trace.set_span_in_context(trace.NonRecordingSpan(contexts[0])) if contexts else None
        return self._tracer.start_span(
            name, above, kind, _attributes(ids), [Link(one) for one in contexts[1:]], self._stamp(),
            record_exception=False, set_status_on_exception=False,
        )  # fmt: skip

    def end(self, span: Span, *, ok: bool = True, **ids: Id | None) -> None:
        """It ends now; well, or not."""
        if span is NONE:
            return
        span.set_attributes(_attributes(ids))
        if not ok:
            span.set_status(Status(StatusCode.ERROR))
        span.end(self._stamp())

    @contextmanager
    def inside(self, span: Span) -> Generator[None]:
        """What is started inside belongs to it."""
        if span is NONE:
            yield
            return
        with trace.use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False):
            yield

    def carry(self, unit: Callable[[U], T]) -> Callable[[U], T]:
        """The unit of work, with the caller's current span in whichever thread it runs."""
        if self._tracer is None:
            return unit
        here = contextvars.copy_context()
        return lambda tx: here.copy().run(unit, tx)

    def _stamp(self) -> int:
        """Nanoseconds since 1970."""
        now = self._now()
        return int(now.timestamp()) * 1_000_000_000 + now.microsecond * 1000


def parent(span: Span | None = None) -> str:
    """The traceparent (W3C Trace Context, version 00) of a span, or of the current one; empty where there is none."""
    at = (trace.get_current_span() if span is None else span).get_span_context()
    return f"00-{at.trace_id:032x}-{at.span_id:016x}-{int(at.trace_flags):02x}" if at.is_valid else ""


def context_of(traceparent: str) -> SpanContext | None:
    """What a traceparent of ours says."""
    parts = traceparent.split("-")
    if len(parts) != 4:
        return None
    _, trace_id, span_id, flags = parts
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def exported(version: str) -> trace.TracerProvider:
    """Spans by OTLP over HTTP, sent, sampled and named as the standard OTEL_* settings say (opentelemetry.io, "SDK
    environment variables"). ConfigurationError where what sends them is not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        hint = "Install it: pip install 'bascule[traces]'. Or take the OTEL_* settings away."
        raise ConfigurationError("Traces are asked for, and what sends them is not installed.", hint=hint) from None
    ours = Resource({"service.name": "bascule", "service.version": version})
    provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _attributes(ids: dict[str, Id | None]) -> dict[str, Id]:
    standard = {"status": "http.response.status_code"}
    return {standard.get(name, f"bascule.{name}"): one for name, one in ids.items() if one not in (None, "")}
