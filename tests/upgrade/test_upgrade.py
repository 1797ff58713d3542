"""A data folder of an earlier version, with work that waits, is opened by this one and goes on; a newer one is refused.

The folder of each earlier revision was made by that version's own code (`tools/previous_release.py`).
"""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from tests.databases import Cluster
from tests.engine.kit import HOST, JOBS, MASTER, PLENTY, Builder, Clock, House, Wire, Workbench, builder

from bascule.errors import ConfigurationError
from bascule.model import Kind, ReviewKind
from bascule.sandbox import greenhouse
from bascule.store import migrate, open_store
from bascule.store.schema import metadata

HERE = Path(__file__).parent
REVISIONS = sorted(path.name for path in HERE.iterdir() if (path / "told.json").exists())


@dataclass(frozen=True)
class Left:
    """What the earlier version left behind."""

    revision: str

    @property
    def told(self) -> dict[str, Any]:
        return json.loads((HERE / self.revision / "told.json").read_text("utf-8"))

    def tenant(self) -> Mapping[str, list[dict[str, Any]]]:
        """The sandbox's rows, by table."""
        return json.loads((HERE / self.revision / "tenant.json").read_text("utf-8"), object_hook=_unpacked)

    def sqlite(self, path: Path) -> None:
        with sqlite3.connect(path) as database:
            database.executescript((HERE / self.revision / "bascule.sql").read_text("utf-8"))

    def postgresql(self, url: str, folder: Path) -> None:
        """The same rows in PostgreSQL, in the tables of that revision."""
        path = folder / "rows.db"
        self.sqlite(path)
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.begin() as there, sqlite3.connect(path) as here:
            migrate.make(there, self.revision)
            raw: psycopg.Connection[Any] = there.connection.driver_connection  # type: ignore[assignment]
            kinds = dict(
                raw.execute("SELECT table_name || '.' || column_name, data_type FROM information_schema.columns")
            )
            for (table,) in here.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ):
                if table in ("alembic_version", "counters"):
                    continue
                cursor = here.execute(f'SELECT * FROM "{table}"')
                names = [one[0] for one in cursor.description]
                truth = [kinds[f"{table}.{name}"] == "boolean" for name in names]
                insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(names)),
                )  # fmt: skip
                rows = [[bool(v) if t else v for v, t in zip(row, truth, strict=True)] for row in cursor]
                raw.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                raw.cursor().executemany(insert, rows)
            (number,) = here.execute("SELECT value FROM counters WHERE name = 'number'").fetchone()
            raw.execute("SELECT setval('number', %s)", [number])
            serials = raw.execute(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
                "AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL"
            ).fetchall()
            for table, column in serials:
                raw.execute(
                    sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), GREATEST(max({}), 1)) FROM {}").format(
                        sql.Literal(table), sql.Literal(column), sql.Identifier(column), sql.Identifier(table)
                    )
                )
        engine.dispose()


def _unpacked(found: dict[str, Any]) -> Any:
    if "$time" in found:
        return datetime.fromisoformat(found["$time"])
    return base64.b64decode(found["$bytes"]) if "$bytes" in found else found


@pytest.fixture(params=REVISIONS)
def left(request: pytest.FixtureRequest) -> Left:
    return Left(request.param)


@pytest.fixture(params=["sqlite", "postgresql"])
def found(request: pytest.FixtureRequest, left: Left, tmp_path: Path) -> Iterator[str]:
    """The address of a database as it was left."""
    (tmp_path / "data").mkdir()
    if request.param == "sqlite":
        left.sqlite(tmp_path / "data" / "bascule.db")
        yield f"sqlite:///{tmp_path / 'data' / 'bascule.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url:
        left.postgresql(url, tmp_path)
        yield url


@pytest.fixture
async def upgraded(found: str, left: Left, tmp_path: Path, bench: Workbench) -> AsyncIterator[House]:
    """Today's version on that folder and that ATS, started and nothing done yet."""
    async with builder(found, tmp_path / "data", bench) as made:
        yield await _opened(made, left)


async def _opened(made: Builder, left: Left) -> House:
    told, failures = left.told, list[tuple[str, Exception]]()
    clock = Clock(datetime.fromisoformat(told["clock"]))
    house: House | None = None

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert house is not None
        return int(await house.app.ingest.deliver(url.rsplit("/", 1)[1], headers, body))

    options = greenhouse.Options(rate=PLENTY, token_rate=PLENTY, jobs=JOBS)
    sandbox = greenhouse.Sandbox(options, now=clock, deliver=post, sleep=clock.sleep)
    tenant = left.tenant()
    for kind, table in sandbox.db.tables.items():
        for id in list(table.rows):
            table.remove(id)
        for row in tenant.get(kind, ()):
            table.insert({name: _by_number(value) for name, value in row.items()})
    transport = Wire({HOST: greenhouse.create_app(sandbox)}, clock)
    app = made.app(clock, transport, failures)
    house = House(app, sandbox, transport, clock, told["secret"], failures)
    await app.start(work=False)
    made.stack.push_async_callback(made.leave, house)
    house.mark()
    return house


def _by_number(value: Any) -> Any:
    """JSON has no numbers for keys; the sandbox's custom fields are kept by theirs."""
    if isinstance(value, dict) and value and all(str(key).isdecimal() for key in value):
        return {int(key): one for key, one in value.items()}
    return value


async def count(house: House, query: str) -> int:
    from bascule.store.sql import Sql

    (row,) = await house.app.store.read(lambda tx: tx.rows(Sql(query)))
    return int(row[0])


async def test_what_waited_goes_on_and_mappings_and_rules_are_as_they_were(upgraded: House, left: Left) -> None:
    house, told = upgraded, left.told
    assert told["revision"] == left.revision
    assert (await house.app.trail.verify()).ok
    assert await count(house, "SELECT count(*) FROM inbox WHERE state = 'accepted'") == told["deliveries_waiting"] > 0
    assert await count(house, "SELECT count(*) FROM attempts WHERE ended IS NULL") == told["calls_open"] > 0
    due = "SELECT count(*) FROM writes WHERE state IN ('due', 'waiting')"
    assert await count(house, due) == told["writes_due"] > 0
    assert await count(house, "SELECT count(*) FROM records") == told["records"]
    assert house.at.row.mapping_version == told["mapping_version"]
    _unchanged(told["mapping"], await house.app.mappings.export(house.name))

    await house.pass_time(60)
    await house.leap(360)
    await house.pass_time(20)
    assert await count(house, "SELECT count(*) FROM inbox WHERE state = 'accepted'") == 0
    assert await count(house, "SELECT count(*) FROM attempts WHERE ended IS NULL") == 0
    assert await count(house, due) == 0
    there = house.candidate(told["ada"])
    assert there["title"] == "Edited before the upgrade"
    bodies = [note["body"].splitlines()[0] for note in house.notes(told["ada"])]
    assert bodies.count("The answer to this one was lost") == bodies.count("Written before the upgrade") == 1
    assert await house.value(Kind.CANDIDATE, told["ada"], "last_name") == "Lovelace"
    hedy = next(row for row in house.sandbox.db["candidates"] if row["first_name"] == "Hedy")
    (application,) = house.sandbox.db["applications"].where("candidate_id", hedy["id"])
    record = await house.record(Kind.APPLICATION, application["id"])
    assert float(house.custom(application)["bascule_match_score"]) == record.fields["match_score"]
    await _goes_on_by_its_rules(house, told, record.id)
    (failure,) = await house.open_failures()
    assert failure.write.fields == {"title"}
    assert house.at.row.mapping_version == told["mapping_version"]
    _unchanged(told["mapping"], await house.app.mappings.export(house.name))
    assert (await house.app.mappings.stages(house.name)) is not None
    await house.pass_time(10)
    verdict = await house.app.trail.verify()
    assert verdict.ok
    assert await count(house, "SELECT count(*) FROM audit") > told["audit"]


async def _goes_on_by_its_rules(house: House, told: Mapping[str, Any], applied: str) -> None:
    """The rules are as they were, and hold for who applied in between."""
    if "rules" not in told:  # that version had none
        return
    assert (await house.app.trigger_desk.shown()).text == told["rules"]
    asked = [one.review for one in await house.open_reviews() if one.review.kind is ReviewKind.PROPOSAL]
    assert [one.record for one in asked] == [applied]


def _unchanged(before: str, after: str) -> None:
    """All that a mapping file said is said today; a newer version may know more of a field, and asks for it."""
    was, now = tomllib.loads(before), tomllib.loads(after)
    assert was.keys() == now.keys()
    for of, said in was.items():
        if not isinstance(said, dict):
            assert now[of] == said, of
            continue
        for name, one in said.items():
            mine = now[of][name]
            assert (mine if not isinstance(one, dict) else {key: mine[key] for key in one}) == one, f"{of}.{name}"


def test_the_tables_are_this_versions_own(left: Left, tmp_path: Path) -> None:
    """An upgraded SQLite file has exactly the tables, columns and indexes of a new one."""
    left.sqlite(tmp_path / "old.db")
    shapes: list[dict[str, Any]] = []
    for name in ("old.db", "new.db"):
        asyncio.run(open_store(f"sqlite:///{tmp_path / name}", master=MASTER, files=tmp_path / "files").close())
        engine = sa.create_engine(f"sqlite:///{tmp_path / name}")
        look = sa.inspect(engine)
        shapes.append({
            table: (sorted(c["name"] for c in look.get_columns(table)), sorted(str(i["name"]) for i in look.get_indexes(table)))
            for table in metadata.tables
        })  # fmt: skip
        engine.dispose()
    assert shapes[0] == shapes[1]


def test_a_folder_of_a_newer_version_is_refused_and_left_as_it_is(left: Left, tmp_path: Path) -> None:
    path = tmp_path / "bascule.db"
    left.sqlite(path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="schema 9999, which this version does not know") as refused:
        open_store(f"sqlite:///{path}", master=MASTER, files=tmp_path / "files")
    assert "newer version" in refused.value.hint
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
        assert database.execute("SELECT count(*) FROM records").fetchone()[0] == left.told["records"]
    assert path.stat().st_size == len(before)
