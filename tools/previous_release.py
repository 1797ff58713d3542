"""A data folder as an earlier version left it, with work that waits: for the test that upgrades it.

    python -m tools.previous_release COMMIT tests/upgrade/0002

checks out that commit beside this tree, and lets its own code connect to its own sandbox, score people, change the
mapping and then stop with webhooks, reads, writes, a call without an answer and a failure on the way. Written are
`bascule.sql` (the SQLite database as text), `tenant.json` (the sandbox's tables at that moment) and `told.json` (what
must still be so after the upgrade). The master key is the tests' own. Everybody in it is made up.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent


def main(commit: str, out: Path) -> None:
    """Run `build` with the code of that commit."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        tree, git = Path(folder) / "tree", ["git", "-C", str(HERE), "worktree"]
        subprocess.run([*git, "add", "--detach", "--quiet", str(tree), commit], check=True)
        try:
            env = {**os.environ, "PYTHONPATH": f"{tree / 'src'}:{tree}"}
            subprocess.run([sys.executable, __file__, "--build", str(out.resolve())], check=True, cwd=tree, env=env)
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


RULES = """
look-at-them:
  on: yes
  why: Whoever has a score is looked at.
  owner: robin@tenant.example
  when: {score: over 1}
  do: propose
  with: {stage: interview}
"""


async def build(out: Path) -> None:
    """Live a while, stop in the middle, write down what is there. Uses nothing newer than the commit."""
    from tests.engine.kit import JOBS, ROBIN, Workbench, builder

    from bascule.core.mapping import Choice
    from bascule.model import Kind, StageType
    from bascule.sandbox.greenhouse import people

    bench = Workbench()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        async with builder(f"sqlite:///{data / 'bascule.db'}", data, bench) as made:
            house = await made.house()
            ada = await house.apply("Ada", "Byron", "ada@example.org")
            grace = await house.apply("Grace", "Hopper", "grace@example.org", job="Staff Nurse")
            await house.pass_time(90)
            owner = await house.person("Robin Falk", 4_012_003)
            await house.app.mappings.confirm(house.name, {"Onsite": StageType.INTERVIEW}, owner)
            await house.app.mappings.choose(house.name, Kind.CANDIDATE, "company", Choice(on=False), owner)
            if hasattr(house.app, "trigger_desk"):  # versions before had no rules
                await house.app.trigger_desk.save(RULES, owner)
            await house.pass_time(10)

            refuse = {"kind": "answer", "method": "PATCH", "path": "candidates", "status": 422, "times": 1}
            house.sandbox.faults.add(refuse)
            one = await house.record(Kind.CANDIDATE, grace.candidate)
            await house.app.changes.edit(one.id, {"title": "Refused there"}, owner)
            await house.pass_time(10)

            house.sandbox.faults.add({"kind": "lost_answer", "method": "POST", "path": "notes"})
            record = await house.record(Kind.CANDIDATE, ada.candidate)
            await house.app.changes.add_note(record.id, "The answer to this one was lost", "private", owner)
            await house.app.worker.step()  # sent, without an answer
            await house.app.runtime.settle()

            await house.app.changes.edit(record.id, {"title": "Edited before the upgrade"}, owner)
            await house.app.changes.add_note(record.id, "Written before the upgrade", "private", owner)
            await house.apply("Hedy", "Kiesler", "hedy@example.org")
            people.update(house.sandbox, ROBIN, ada.candidate, {"last_name": "Lovelace"})
            await house.sandbox.hooks.deliver_due()  # taken in, and nothing done about it
            told = {
                "clock": house.clock.at.isoformat(), "secret": house.secret, "jobs": len(JOBS),
                "mapping": await house.app.mappings.export(house.name), "mapping_version": house.at.row.mapping_version,
                "ada": ada.candidate, "grace": grace.candidate,
            }  # fmt: skip
            if hasattr(house.app, "trigger_desk"):
                told["rules"] = (await house.app.trigger_desk.shown()).text
            tenant = {kind: list(table.rows.values()) for kind, table in house.sandbox.db.tables.items() if len(table)}
            await house.app.store.close()
            with sqlite3.connect(data / "bascule.db") as database:
                (out / "bascule.sql").write_text("\n".join(database.iterdump()) + "\n", encoding="utf-8")
                told |= {name: _count(database, query) for name, query in COUNTED.items()}
                told["revision"] = database.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            stored = [one for one in (data / "files").rglob("*") if one.is_file()]
            assert not stored, "something was too large for the database: the fixture would lack it"
    await bench.close()
    (out / "tenant.json").write_text(json.dumps(tenant, default=packed, indent=1) + "\n", encoding="utf-8")
    (out / "told.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


COUNTED = {
    "deliveries_waiting": "SELECT count(*) FROM inbox WHERE state = 'accepted'",
    "reads_waiting": "SELECT count(*) FROM read_lanes WHERE kinds > 0",
    "writes_due": "SELECT count(*) FROM writes WHERE state IN ('due', 'waiting')",
    "calls_open": "SELECT count(*) FROM attempts WHERE ended IS NULL",
    "failures": "SELECT count(*) FROM writes WHERE state = 'dead'",
    "records": "SELECT count(*) FROM records",
    "audit": "SELECT count(*) FROM audit",
}


def _count(database: sqlite3.Connection, query: str) -> int:
    return database.execute(query).fetchone()[0]


def packed(value: object) -> Any:
    """What JSON has no words for."""
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    if sys.argv[1] == "--build":
        asyncio.run(build(Path(sys.argv[2])))
    else:
        main(sys.argv[1], Path(sys.argv[2]))
