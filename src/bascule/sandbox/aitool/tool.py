"""The tool: what it holds, how it follows its door, and what it sends."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .door import Answer, Door, Send
from .faults import Faults
from .scoring import judge
from .signing import genuine

TABLES = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS applications (
    id TEXT PRIMARY KEY, version TEXT NOT NULL, body TEXT NOT NULL, cv TEXT NOT NULL DEFAULT '',
    cv_version TEXT NOT NULL DEFAULT '', judged TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '', number INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0, problem TEXT NOT NULL DEFAULT '',
    taken INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS ended (id TEXT PRIMARY KEY, state TEXT NOT NULL, confirmed INTEGER NOT NULL DEFAULT 0);
"""
AGAIN = 2.0  # seconds until what got no answer is tried again, at first ...
MOST = 300.0  # ... and at most
BUSY = frozenset({0, 429, 500, 502, 503, 504})
ENDED = {403: "withdrawn", 410: "gone"}  # what the door says of an application that is ours no longer


@dataclass
class Options:
    """How the tool is to be. `propose`: from this score on the next stage is proposed; none: never."""

    door: str
    key: str
    secret: str = ""  # of its hints
    client_id: str = ""  # with it, the key is exchanged for tokens (OAuth)
    database: str = ":memory:"
    every: float = 30.0  # seconds between two looks when nothing is heard
    page: int = 100
    propose: float | None = None
    notes: bool = False
    faults: Sequence[Mapping[str, Any]] = ()


class Tool:
    """One tool. Nothing happens by itself before `run`: `turn` does everything that is due."""

    def __init__(
        self,
        options: Options,
        send: Send,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.options = options
        self.faults = Faults(options.faults)
        self.heard = 0  # hints let in
        self.refused = 0  # hints that were not ours
        self.asked: list[float] = []  # when the door was asked
        self._now = now
        self._sleep = sleep
        self._door = Door(options.door, options.key, self._counting(send), options.client_id)
        self._db = sqlite3.connect(options.database, check_same_thread=False)
        self._db.executescript(TABLES)
        self._news = asyncio.Event()
        self._not_before = 0.0
        self._missed = 0

    def _counting(self, send: Send) -> Send:
        async def counted(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
            self.asked.append(self._now())
            return await send(method, url, headers, body)

        return counted

    def close(self) -> None:
        self._db.close()

    # ------------------------------------------------------------------------------------------------ what it holds

    @property
    def cursor(self) -> str:
        row = self._db.execute("SELECT value FROM state WHERE name = 'cursor'").fetchone()
        return row[0] if row else ""

    def held(self) -> dict[str, dict[str, Any]]:
        """Every application it holds, by id, with what it says of each."""
        rows = self._db.execute(
            "SELECT id, body, cv, result, number, sent, problem, taken FROM applications ORDER BY id"
        ).fetchall()
        return {
            id: {**json.loads(body), "cv": cv, "result": json.loads(result) if result else None, "number": number,
                 "sent": sent, "problem": problem, "taken": taken}
            for id, body, cv, result, number, sent, problem, taken in rows
        }  # fmt: skip

    def ended(self) -> dict[str, tuple[str, bool]]:
        """What it was told to forget: how it ended, and whether it has said so."""
        return {id: (state, bool(done)) for id, state, done in self._db.execute("SELECT * FROM ended")}

    def job(self, id: str) -> dict[str, Any]:
        row = self._db.execute("SELECT body FROM jobs WHERE id = ?", [id]).fetchone()
        return json.loads(row[0]) if row else {}

    def text(self) -> str:
        """All that it has on disk or in memory of anybody, as one text: what an auditor would search."""
        return "\n".join(str(row) for table in ("applications", "jobs", "ended", "state")
                         for row in self._db.execute(f"SELECT * FROM {table}"))  # fmt: skip

    # -------------------------------------------------------------------------------------------------------- its work

    async def turn(self) -> bool:
        """Everything that is due: pull to the end, judge, send, confirm. False where the door asked for patience."""
        if self._now() < self._not_before:
            return False
        return await self._pull() and await self._fetch() and await self._send() and await self._confirm()

    async def run(self) -> None:
        """Follow the door until cancelled: at every hint, and by the clock."""
        while True:
            self._news.clear()
            await self.turn()
            rest = max(self._not_before - self._now(), 0.0) or self.options.every
            try:
                await asyncio.wait_for(self._news.wait(), rest)
            except TimeoutError:
                continue
            await self._sleep(max(self._not_before - self._now(), 0.0))

    async def _pull(self) -> bool:
        while True:
            answer = await self._door.applications(self.cursor, self.options.page)
            if not self._well(answer) or answer.status != 200:
                return False
            page = answer.json
            with self._db:  # the page and the cursor behind it: both or neither
                for id, job in page["jobs"].items():
                    self._db.execute("INSERT OR REPLACE INTO jobs VALUES (?, ?)", [id, json.dumps(job)])
                for one in page["items"]:
                    self._take(one)
                self._db.execute("INSERT OR REPLACE INTO state VALUES ('cursor', ?)", [page["next"]])
            if not page["more"]:
                return True

    def _take(self, one: Mapping[str, Any]) -> None:
        id = str(one["id"])
        if one["state"] != "live":
            self._forget(id, str(one["state"]))
            return
        self._db.execute("DELETE FROM ended WHERE id = ?", [id])
        if not one["ai"]["allowed"]:
            self._db.execute("DELETE FROM applications WHERE id = ?", [id])
            return
        known = self._db.execute("SELECT version FROM applications WHERE id = ?", [id]).fetchone()
        if known is not None and known[0] == one["version"]:
            return
        self._db.execute(
            "INSERT INTO applications (id, version, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "version = excluded.version, body = excluded.body, taken = taken + 1",
            [id, one["version"], json.dumps(one)],
        )

    def _forget(self, id: str, state: str) -> None:
        """Everything of it goes; what stays is that it went."""
        self._db.execute("DELETE FROM applications WHERE id = ?", [id])
        self._db.execute(
            "INSERT INTO ended (id, state) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state",
            [id, state],
        )
        self._db.execute("DELETE FROM jobs WHERE id NOT IN (SELECT json_extract(body, '$.job') FROM applications)")

    async def _fetch(self) -> bool:
        """CVs that are new, and what follows from them."""
        fresh = "SELECT id, body, cv_version FROM applications WHERE judged <> version ORDER BY id"
        for id, body, version in self._db.execute(fresh).fetchall():
            one = json.loads(body)
            resume = one.get("resume")
            if resume is not None and resume["version"] != version:
                answer = await self._door.resume(id)
                if not self._well(answer):
                    return False
                if answer.status == 200:
                    text = answer.body.decode("utf-8", "ignore")
                    with self._db:
                        self._db.execute(
                            "UPDATE applications SET cv = ?, cv_version = ? WHERE id = ?", [text, resume["version"], id]
                        )
                elif answer.status in ENDED:
                    with self._db:
                        self._forget(id, ENDED[answer.status])
                    continue
            self._judge(id, one)
            with self._db:
                self._db.execute("UPDATE applications SET judged = ? WHERE id = ?", [one["version"], id])
        return True

    def _judge(self, id: str, one: Mapping[str, Any]) -> None:
        row = self._db.execute("SELECT cv, result FROM applications WHERE id = ?", [id]).fetchone()
        if row is None or not row[0]:
            return
        job = self.job(str(one["job"]))
        found = judge(str(job.get("title") or ""), str(job.get("description") or ""), row[0])
        said: dict[str, Any] = {"score": found.score, "reasons": found.reasons, "skills": found.skills,
                                "status": "compared" if found.score is not None else "nothing to compare"}  # fmt: skip
        if self.options.notes:
            said["note"] = found.reasons[0]
        stage = self._next_stage(one, job)
        if stage and self.options.propose is not None and (found.score or 0.0) >= self.options.propose:
            said["stage_proposal"] = stage
        made = json.dumps(said, sort_keys=True)
        if made == row[1]:
            return
        fault = self.faults.met("late")
        due = self._now() + (fault.seconds if fault is not None else 0.0)
        with self._db:
            self._db.execute(
                "UPDATE applications SET result = ?, number = number + 1, due = ?, problem = '' WHERE id = ?",
                [made, due, id],
            )

    @staticmethod
    def _next_stage(one: Mapping[str, Any], job: Mapping[str, Any]) -> str:
        """The stage behind the one that an active application is in, of the first only."""
        stages = [str(each["id"]) for each in job.get("stages", ())]
        here = str((one.get("stage") or {}).get("id"))
        first = len(stages) > 1 and stages[0] == here and one.get("status") == "active"
        return stages[1] if first else ""

    async def _send(self) -> bool:
        waiting = self._db.execute(
            "SELECT id, result, number FROM applications WHERE number > sent AND due <= ? AND problem = '' ORDER BY id",
            [self._now()],
        ).fetchall()
        for id, result, number in waiting:
            if self.faults.met("malformed") is not None:
                await self._door.result(id, {"version": number, "score": "very high"})
            said = {"version": number, **json.loads(result)}
            answer = await self._door.result(id, said)
            if not self._well(answer):
                return False
            with self._db:
                self._settle(id, number, answer)
            if answer.status == 200 and self.faults.met("duplicate") is not None:
                await self._door.result(id, said)
            if answer.status == 200 and number > 1 and self.faults.met("stale") is not None:
                await self._door.result(id, {**said, "version": number - 1, "score": 1, "status": "stale"})
        return True

    def _settle(self, id: str, number: int, answer: Answer) -> None:
        if answer.status in (200, 409):
            told = answer.json.get("title", "") if answer.status == 409 else ""
            self._db.execute("UPDATE applications SET sent = ?, problem = ? WHERE id = ?", [number, told, id])
        elif answer.status in ENDED:
            self._forget(id, ENDED[answer.status])
        else:
            self._db.execute("UPDATE applications SET problem = ? WHERE id = ?", [f"the door said {answer.status}", id])

    async def _confirm(self) -> bool:
        for id, _ in self._db.execute("SELECT id, state FROM ended WHERE confirmed = 0 ORDER BY id").fetchall():
            if self.faults.met("forgetful") is not None:
                continue
            answer = await self._door.forgotten(id)
            if not self._well(answer):
                return False
            if answer.status in (200, 404):
                with self._db:
                    self._db.execute("UPDATE ended SET confirmed = 1 WHERE id = ?", [id])
        return True

    def _well(self, answer: Answer) -> bool:
        """Whether the door answered; else when to come again: as it says, else ever more rarely."""
        if answer.status not in BUSY:
            self._missed = 0
            return True
        self._missed += 1
        rest = answer.wait if answer.wait is not None else min(AGAIN * 2 ** (self._missed - 1), MOST)
        self._not_before = self._now() + rest
        return False

    # ---------------------------------------------------------------------------------------------------------- hints

    async def hear(self, headers: Mapping[str, str], body: bytes) -> int:
        """A hint has come: the status to answer. It only ever makes the tool look."""
        if not genuine(self.options.secret, headers, body, self._now()):
            self.refused += 1
            return 401
        slow = self.faults.met("slow")
        if slow is not None:
            await self._sleep(slow.seconds)
        refuses = self.faults.met("refuses")
        if refuses is not None:
            return refuses.status
        self.heard += 1
        self._news.set()
        return 204
