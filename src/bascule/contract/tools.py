"""What every AI tool promises to the door, as tests that a tool's own makers run.

They need `bascule[contract]`. Write a `ToolAccount` that starts your tool against a door and says what it holds, set
`ToolAccount.on`, and `from bascule.contract.tools import *` in a test of your own. The door here is a small one that
keeps to docs/ai-tools.md, in this process: it hands out made-up people, and remembers all that was asked of it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from bascule.contract.account import Clock
from bascule.engine.wire import AsgiApp, AsgiTransport, WireRequest

DOOR = "http://bascule.test/api/tools/v1"
JOB: Mapping[str, Any] = {
    "id": "job-1", "title": "Backend Engineer", "status": "open", "department": "Engineering",
    "description": "You build services in Python and PostgreSQL and run them with Docker and Kubernetes.",
    "stages": [{"id": "s-1", "name": "Review", "type": "applied"}, {"id": "s-2", "name": "Call", "type": "screen"}],
}  # fmt: skip
CV = "Backend developer at {company}: services in Python and PostgreSQL, run with Docker. Marker {marker}."


@dataclass
class Entry:
    """One application, as the door shows it."""

    id: str
    marker: str
    body: dict[str, Any]
    cv: str
    position: int = 0


@dataclass(frozen=True)
class Asked:
    """One request of the tool's, and what it was answered."""

    at: float
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    status: int


@dataclass
class Rules:
    """What the door does otherwise than usual: the answers it gives next, instead of carrying anything out."""

    answers: list[tuple[int, Mapping[str, str]]] = field(default_factory=lambda: [])


class FakeDoor:
    """A door that keeps to the contract and forgets nothing."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.key = f"bst_{secrets.token_urlsafe(12)}"
        self.entries: dict[str, Entry] = {}
        self.results: dict[str, list[dict[str, Any]]] = {}  # by application, as they were taken
        self.confirmed: list[str] = []
        self.asked: list[Asked] = []
        self.rules = Rules()
        self._position = 1000

    # --------------------------------------------------------------------------------------------- what happens there

    def applies(self, marker: str = "") -> Entry:
        """Somebody applies. The marker stands in their name and CV."""
        marker = marker or f"mk{secrets.token_hex(6)}"
        id = f"app-{len(self.entries) + 1}"
        body: dict[str, Any] = {
            "id": id, "state": "live", "job": JOB["id"],
            "candidate": {"id": f"c-{id}", "first_name": marker, "tags": []}, "stage": JOB["stages"][0],
            "status": "active", "applied_at": "2026-11-20T09:00:00Z", "tags": [],
            "ai": {"allowed": True, "why": ""}, "answers": None, "into": None,
            "resume": {"url": f"/api/tools/v1/applications/{id}/resume", "version": "1"},
        }  # fmt: skip
        entry = self.entries[id] = Entry(id, marker, body, CV.format(company="Northwind", marker=marker))
        self.changes(id)
        return entry

    def changes(self, id: str, **fields: Any) -> None:
        """Something of an application changes: it moves to the end."""
        entry = self.entries[id]
        self._position += 1
        entry.position = self._position
        entry.body |= fields
        entry.body["version"] = hashlib.sha256(
            json.dumps({k: v for k, v in entry.body.items() if k != "version"}, sort_keys=True).encode()
        ).hexdigest()[:16]

    def ends(self, id: str, state: str = "erased") -> None:
        """It is erased, or out of the tool's scope."""
        self.entries[id].body = {"id": id}
        self.entries[id].cv = ""
        self.changes(id, state=state)

    def said(self, id: str) -> dict[str, Any] | None:
        """The result that stands."""
        return self.results[id][-1] if self.results.get(id) else None

    # ------------------------------------------------------------------------------------------------------ answering

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        message = await receive()
        raw = message.get("body", b"")
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        path = scope["path"].removeprefix("/api/tools/v1")
        try:
            body = json.loads(raw) if raw and "json" in headers.get("content-type", "") else None
        except ValueError:
            body = None
        status, more, answer = self._answer(scope["method"], path, query, headers, body, raw)
        self.asked.append(Asked(self.clock().timestamp(), scope["method"], path, query, body, status))
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        sent = [(b"content-type", b"application/octet-stream" if isinstance(answer, bytes) else b"application/json")]
        sent += [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": data})

    def _answer(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Any, raw: bytes
    ) -> tuple[int, Mapping[str, str], Any]:
        if path == "/oauth/token":
            form = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
            good = form.get("client_secret") == self.key
            return (200, {}, {"access_token": self.key, "token_type": "Bearer", "expires_in": 3600}) if good else (
                401, {}, {"error": "invalid_client"})  # fmt: skip
        if headers.get("authorization") != f"Bearer {self.key}":
            return 401, {}, _problem(401, "A key is needed.")
        if self.rules.answers:
            status, more = self.rules.answers.pop(0)
            return status, more, _problem(status, "Not now.")
        parts = path.strip("/").split("/")
        if (method, parts) == ("GET", ["applications"]):
            return 200, {}, self._page(query)
        entry = self.entries.get(parts[1]) if len(parts) > 1 and parts[0] == "applications" else None
        if entry is None:
            return 404, {}, _problem(404, "There is no such application.")
        ended = entry.body["state"] != "live"
        if method == "DELETE" and len(parts) == 2:
            if not ended:
                return 409, {}, _problem(409, "It has not ended.")
            self.confirmed.append(entry.id)
            return 200, {}, {"id": entry.id, "state": entry.body["state"], "confirmed": self.clock().isoformat()}
        if ended:
            status = 403 if entry.body["state"] == "withdrawn" else 410
            return status, {}, _problem(status, "It has ended.")
        if (method, parts[2:]) == ("GET", ["resume"]):
            return 200, {}, entry.cv.encode()
        if (method, parts[2:]) == ("PUT", ["result"]):
            return self._take(entry, body)
        return 405, {}, _problem(405, "This cannot be done here.")

    def _page(self, query: Mapping[str, str]) -> dict[str, Any]:
        after, limit = int(query.get("after", "0").removeprefix("c")), int(query.get("limit", "100"))
        rows = sorted((e for e in self.entries.values() if e.position > after), key=lambda e: e.position)
        shown = rows[: min(limit, 3)]  # small pages, so that there are several
        jobs = {JOB["id"]: JOB} if any(one.body["state"] == "live" for one in shown) else {}
        place = shown[-1].position if shown else after
        return {"items": [one.body for one in shown], "jobs": jobs, "next": f"c{place}", "more": len(rows) > len(shown)}

    def _take(self, entry: Entry, body: Any) -> tuple[int, Mapping[str, str], Any]:
        good = isinstance(body, dict) and isinstance(body.get("version"), int) and body["version"] >= 1
        score = body.get("score") if isinstance(body, dict) else None
        known = {"version", "score", "reasons", "skills", "status", "note", "stage_proposal"}
        if (
            not good
            or set(body) - known
            or not (score is None or (isinstance(score, int | float) and 0 <= score <= 100))
        ):
            return 422, {}, _problem(422, "The result cannot be taken.")
        if not entry.body["ai"]["allowed"]:
            return 409, {}, _problem(409, "No AI may look at this person.")
        stands = self.said(entry.id)
        if stands is not None and body["version"] <= stands["version"]:
            same = body == stands
            return (200, {}, _taken(entry.id, body, changed=False)) if same else (409, {}, _problem(409, "Older."))
        self.results.setdefault(entry.id, []).append(body)
        return 200, {}, _taken(entry.id, body, changed=True)


def _problem(status: int, title: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": title, "status": status, "where": "", "hint": ""}


def _taken(id: str, body: Mapping[str, Any], *, changed: bool) -> dict[str, Any]:
    return {"application": id, "version": body["version"], "changed": changed, "note": None, "stage_proposal": None}


# --------------------------------------------------------------------------------------------------- what is tested


class ToolAccount(ABC):
    """Your tool, as the contract sees it. Its clock is `clock`, and its way out is `send` where it can be given one;
    else it reaches the door over the network, and `clock` is the real time."""

    on: ClassVar[Sequence[type[ToolAccount]]] = ()
    """The tools that this test run is for."""
    hook: ClassVar[str] = "http://tool.test/hooks/bascule"
    """Where its hints arrive."""
    app: AsgiApp  # what answers there, in this process

    @abstractmethod
    def __init__(self, door: str, key: str, secret: str, app: AsgiApp, clock: Clock) -> None:
        """A tool that is set up for this door and holds nothing yet. `app` is the door in this process; `secret` is
        what hints are signed with."""

    @abstractmethod
    async def work(self) -> None:
        """Do everything that is due at this moment of the clock: pull, judge, send, confirm."""

    @abstractmethod
    async def restart(self) -> None:
        """End without warning, and start again with what was kept."""

    @abstractmethod
    def holds(self) -> Mapping[str, int]:
        """The applications it holds, and how often it has taken each for a new one or a change."""

    @abstractmethod
    def everything(self) -> str:
        """All that it keeps of anybody, anywhere, as one text."""

    @abstractmethod
    def looks(self) -> int:
        """How often it was made to look by a hint."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of everything."""


@dataclass
class Trial:
    """One tool at one door."""

    door: FakeDoor
    tool: ToolAccount
    clock: Clock
    secret: str

    async def hint(self, *, secret: str = "", age: float = 0.0, id: str = "", signature: str = "") -> int:
        """Send a hint as the door does; the status it was answered with."""
        body = json.dumps({"type": "applications.changed", "timestamp": "", "data": {"tool": "acme"}}).encode()
        id, stamp = id or f"msg_{secrets.token_hex(6)}", str(int(self.clock().timestamp() - age))
        key = base64.b64decode((secret or self.secret).removeprefix("whsec_"))
        made = base64.b64encode(hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
        headers = {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": signature or f"v1,{made}"}
        transport = AsgiTransport({urlsplit(self.tool.hook).netloc: self.tool.app})
        answer = await transport.send(WireRequest("POST", self.tool.hook, headers, body), 10)
        return answer.status

    async def until(self, done: Any, turns: int = 60, seconds: float = 10.0) -> None:
        """Let the tool work, time passing, until something holds."""
        for _ in range(turns):
            await self.tool.work()
            if done():
                return
            self.clock.move(seconds=seconds)
            await asyncio.sleep(0)
        raise AssertionError(
            f"not within {turns} turns of {seconds} s; the door was last asked: {self.door.asked[-5:]}"
        )


def whsec() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


@pytest_asyncio.fixture
async def trial(request: pytest.FixtureRequest) -> AsyncIterator[Trial]:
    clock, secret = Clock(), whsec()
    door = FakeDoor(clock)
    made = request.param(DOOR, door.key, secret, door, clock)
    yield Trial(door, made, clock, secret)
    await made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every promise, for each tool of this test run."""
    if "trial" in metafunc.fixturenames:
        metafunc.parametrize("trial", ToolAccount.on, indirect=True, ids=lambda one: one.__name__)


# ------------------------------------------------------------------------------------------------------ the promises


async def test_it_takes_every_application_once(trial: Trial) -> None:
    entries = [trial.door.applies() for _ in range(7)]
    await trial.until(lambda: set(trial.tool.holds()) == {one.id for one in entries})
    for _ in range(3):
        trial.clock.move(seconds=120)
        await trial.tool.work()
    assert set(trial.tool.holds().values()) == {1}
    trial.door.changes(entries[2].id, status="rejected")
    await trial.until(lambda: trial.tool.holds()[entries[2].id] == 2)
    assert sum(trial.tool.holds().values()) == 8


async def test_it_goes_on_from_its_cursor_after_a_restart(trial: Trial) -> None:
    entries = [trial.door.applies() for _ in range(5)]
    await trial.until(lambda: len(trial.tool.holds()) == 5)
    await trial.tool.restart()
    late = trial.door.applies()
    before = len(trial.door.asked)
    await trial.until(lambda: late.id in trial.tool.holds())
    fresh = [one for one in trial.door.asked[before:] if one.path == "/applications"]
    assert fresh[0].query.get("after"), "it began from the beginning"
    assert {one.id for one in entries} <= set(trial.tool.holds())
    assert set(trial.tool.holds().values()) == {1}


async def test_an_entry_that_has_not_changed_is_no_news(trial: Trial) -> None:
    entry = trial.door.applies()
    await trial.until(lambda: entry.id in trial.tool.holds())
    trial.door.changes(entry.id)
    for _ in range(4):
        trial.clock.move(seconds=120)
        await trial.tool.work()
    assert trial.tool.holds()[entry.id] == 1


async def test_its_results_are_taken_and_their_versions_grow(trial: Trial) -> None:
    entry = trial.door.applies()
    await trial.until(lambda: trial.door.said(entry.id) is not None)
    said = trial.door.said(entry.id)
    assert said is not None
    assert 0 <= said["score"] <= 100
    assert said["reasons"]
    entry.cv = "Gardener: roses, trees, lawns and glasshouses."
    trial.door.changes(entry.id, resume={**entry.body["resume"], "version": "2"})
    await trial.until(lambda: len(trial.door.results[entry.id]) == 2)
    versions = [one["version"] for one in trial.door.results[entry.id]]
    assert versions == sorted(set(versions))
    assert trial.door.results[entry.id][1]["score"] != said["score"]
    refused = [one for one in trial.door.asked if one.status == 422]
    assert not refused, f"results that nobody can take: {[one.body for one in refused]}"


async def test_a_result_whose_answer_was_lost_is_sent_again_and_counts_once(trial: Trial) -> None:
    entry = trial.door.applies()
    await trial.until(lambda: entry.id in trial.tool.holds() or bool(trial.door.results))
    await trial.until(lambda: trial.door.said(entry.id) is not None)
    trial.door.changes(entry.id, status="rejected")
    before = trial.door.said(entry.id)
    trial.door.rules.answers = [(503, {"retry-after": "1"})]
    for _ in range(6):
        trial.clock.move(seconds=30)
        await trial.tool.work()
    assert trial.door.said(entry.id) is not None
    assert trial.door.results[entry.id][0] == before
    sent = [one.body["version"] for one in trial.door.asked if one.method == "PUT" and one.status == 200]
    assert sent == sorted(sent)


@pytest.mark.parametrize("status", [429, 503])
async def test_it_waits_as_it_is_told(trial: Trial, status: int) -> None:
    await trial.tool.work()
    trial.door.applies()
    trial.clock.move(seconds=300)
    trial.door.rules.answers = [(status, {"retry-after": "120"})]
    await trial.tool.work()
    assert not trial.door.rules.answers, "it did not ask"
    met, many = trial.clock().timestamp(), len(trial.door.asked)
    for _ in range(11):
        trial.clock.move(seconds=10)
        await trial.tool.work()
    assert len(trial.door.asked) == many, f"it asked before {met + 120}"
    await trial.until(lambda: len(trial.tool.holds()) == 1)


async def test_it_looks_at_a_hint_that_is_ours(trial: Trial) -> None:
    before = trial.tool.looks()
    assert 200 <= await trial.hint() < 300
    assert trial.tool.looks() == before + 1


async def test_it_refuses_a_hint_that_is_forged_or_stale(trial: Trial) -> None:
    before = trial.tool.looks()
    assert await trial.hint(secret=whsec()) >= 400
    assert await trial.hint(signature="v1,AAAA") >= 400
    assert await trial.hint(signature="v2,AAAA") >= 400
    assert await trial.hint(age=3600) >= 400
    assert await trial.hint(age=-3600) >= 400
    assert trial.tool.looks() == before


async def test_losing_every_hint_loses_nothing(trial: Trial) -> None:
    entry = trial.door.applies()
    await trial.until(lambda: entry.id in trial.tool.holds())


async def test_who_is_erased_is_forgotten_and_that_is_confirmed(trial: Trial) -> None:
    entry, other = trial.door.applies(), trial.door.applies()
    await trial.until(lambda: len(trial.door.results) == 2)
    assert entry.marker in trial.tool.everything()
    trial.door.ends(entry.id)
    await trial.until(lambda: entry.id in trial.door.confirmed)
    assert entry.marker not in trial.tool.everything()
    assert other.marker in trial.tool.everything()
    assert set(trial.tool.holds()) == {other.id}
    many = len(trial.door.results[entry.id])
    await trial.tool.restart()
    for _ in range(3):
        trial.clock.move(seconds=120)
        await trial.tool.work()
    assert len(trial.door.results[entry.id]) == many, "it went on sending results for somebody erased"
    assert entry.marker not in trial.tool.everything()


async def test_what_leaves_its_scope_is_given_up(trial: Trial) -> None:
    entry = trial.door.applies()
    await trial.until(lambda: trial.door.said(entry.id) is not None)
    trial.door.ends(entry.id, "withdrawn")
    await trial.until(lambda: entry.id in trial.door.confirmed)
    assert entry.marker not in trial.tool.everything()
    assert not trial.tool.holds()


async def test_whom_no_ai_may_look_at_is_not_scored(trial: Trial) -> None:
    entry = trial.door.applies()
    trial.door.changes(entry.id, ai={"allowed": False, "why": "opted out"}, candidate={"id": "c-1"}, resume=None)
    for _ in range(4):
        await trial.tool.work()
        trial.clock.move(seconds=60)
    assert not [one for one in trial.door.asked if one.method == "PUT"]
