"""What is counted, for Prometheus and for the owner: deliveries, requests, writes, failures, and lag.

One registry per App, so that two Apps in one process (tests) do not share counts.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from statistics import quantiles

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder

from bascule.model import Kind

from .http import Observation

REMEMBERED = 1000  # lags of which percentiles are told
BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 300)


class Metrics:
    """The counters of one App. Names end as promtool wants them; labels never carry personal data.

    Connections are told by their id; `named` says the name that people know them by, which the label `connection` has.
    """

    def __init__(self, named: Callable[[str], str] = str) -> None:
        self._named = named
        self.registry = CollectorRegistry()
        self._deliveries = Counter(
            "bascule_deliveries",
            "Webhook deliveries by system and what became of them",
            ["system", "outcome"],
            registry=self.registry,
        )
        self._requests = Counter(
            "bascule_requests",
            "Requests to connected systems",
            ["system", "method", "endpoint", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "bascule_request_seconds", "Time to a system's answer", ["system"], buckets=BUCKETS, registry=self.registry
        )
        self._writes = Counter(
            "bascule_writes",
            "Writes sent, by call and whether they were answered well",
            ["system", "call", "outcome"],
            registry=self.registry,
        )
        self._failures = Counter(
            "bascule_unforeseen_failures", "Work that failed in a way nobody foresaw", ["what"], registry=self.registry
        )
        self._lost = Counter(
            "bascule_leases_lost",
            "Work whose lease another worker had taken over: its outcome was dropped",
            ["what"],
            registry=self.registry,
        )
        self._lag = Histogram(
            "bascule_lag_seconds",
            "From a change being known to its being in the system; without what waited for a person or an outage",
            ["connection"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._freshness = Histogram(
            "bascule_freshness_seconds",
            "From a change in the system to its being in the record, at most, by list",
            ["connection", "object"],
            buckets=(*BUCKETS, 900, 3600),
            registry=self.registry,
        )
        self._waiting = Gauge(
            "bascule_waiting_lanes", "Lanes waiting by connection", ["connection"], registry=self.registry
        )
        self._dead = Gauge(
            "bascule_failures_waiting", "Failures that wait for a person", ["connection"], registry=self.registry
        )
        self._recent: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))
        self._fresh: defaultdict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))
        self._asked: defaultdict[tuple[str, str], deque[bool]] = defaultdict(lambda: deque(maxlen=REMEMBERED))
        self._uptime = Gauge(
            "bascule_uptime_ratio",
            "Half minutes of 28 days in which the system could be asked and nothing waited long",
            ["connection"],
            registry=self.registry,
        )
        self._budget_left = Gauge(
            "bascule_error_budget_left_ratio",
            "What is left of the error budget; below 0 the objective is missed",
            ["connection"],
            registry=self.registry,
        )
        self._by_kind: defaultdict[tuple[str, Kind], deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def delivery(self, system: str, outcome: str) -> None:
        self._deliveries.labels(system, outcome).inc()

    def request(self, system: str, seen: Observation) -> None:
        self._requests.labels(system, seen.method, seen.endpoint, str(seen.status)).inc()
        self._seconds.labels(system).observe(seen.seconds)

    def written(self, system: str, connection: str, kind: Kind, call: str, ok: bool, lag: float | None) -> None:
        """A call has ended; `lag` is in seconds from the write being due to its answer, None where it waited for a
        person, a stop or an outage."""
        self._writes.labels(system, call, "ok" if ok else "failed").inc()
        if ok and lag is not None:
            seconds = max(0.0, lag)
            self._lag.labels(self._named(connection)).observe(seconds)
            self._recent[connection].append(seconds)
            self._by_kind[connection, kind].append(seconds)

    def lost(self, what: str) -> None:
        self._lost.labels(what).inc()

    def seen(self, connection: str, name: str, seconds: float) -> None:
        """A change of that list's objects is in the record, at most so long after it was made."""
        age = max(0.0, seconds)
        self._freshness.labels(self._named(connection), name).observe(age)
        self._fresh[connection, name].append(age)

    def freshness(self, connection: str, name: str) -> tuple[float, float, float] | None:
        """p50, p95 and p99 of the last thousand changes of a list, in seconds; None before the first."""
        recent = self._fresh.get((connection, name))
        if not recent:
            return None
        cuts = quantiles(recent, n=100, method="inclusive") if len(recent) > 1 else [recent[0]] * 99
        return cuts[49], cuts[94], cuts[98]

    def answered(self, connection: str, name: str, ok: bool) -> None:
        """A request of a connection has ended, well or not; `name` is the list it asked, empty for anything else."""
        self._asked[connection, ""].append(ok)
        if name:
            self._asked[connection, name].append(ok)

    def error_rate(self, connection: str, name: str = "") -> float | None:
        """Which part of the last thousand requests of a connection (of one list) failed; None before the first."""
        recent = self._asked.get((connection, name))
        return round(1 - sum(recent) / len(recent), 4) if recent else None

    def up(self, connection: str, share: float | None, left: float | None) -> None:
        """How a connection stands to its objective."""
        if share is not None and left is not None:
            self._uptime.labels(self._named(connection)).set(share)
            self._budget_left.labels(self._named(connection)).set(left)

    def told(self, accept: str, waiting: Mapping[str, tuple[int, int]]) -> tuple[bytes, str]:
        """Everything, and its media type: Prometheus' text format, or OpenMetrics for whoever accepts that (a header
        `Accept`). `waiting`: lanes and failures that wait now, by connection; of one that is gone nothing is told."""
        self._waiting.clear()
        self._dead.clear()
        for connection, (lanes, failures) in waiting.items():
            self._waiting.labels(self._named(connection)).set(lanes)
            self._dead.labels(self._named(connection)).set(failures)
        encode, media = choose_encoder(accept)
        return encode(self.registry), media

    def failure(self, what: str) -> None:
        self._failures.labels(what.split()[0]).inc()

    def lag(self, connection: str, kind: Kind | None = None) -> tuple[float | None, float | None]:
        """p50 and p95 of the last thousand lags of a connection (of one kind), in seconds; None before the first."""
        recent = self._recent.get(connection) if kind is None else self._by_kind.get((connection, kind))
        if not recent:
            return None, None
        if len(recent) == 1:
            return recent[0], recent[0]
        cuts = quantiles(recent, n=20)
        return cuts[9], cuts[18]
