"""Both databases understand every statement there is: no table, column, function or type in it is unknown to either.

What runs a statement is tested where it is used, for the most part on SQLite alone; this is why that will do.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import bascule
from bascule.store import Store, Tx
from bascule.store.sql import Sql
from bascule.store.statements import LOCK, NUMBER_POSTGRESQL

POSTGRESQL_ONLY = {NUMBER_POSTGRESQL.text, LOCK.text}
NAME, PARAMETER = re.compile(r":([a-z_][a-z0-9_]*)"), re.compile(r"%\((\w+)\)s")


def statements() -> dict[str, Sql]:
    """By their text: every one that a module has, alone or in a collection."""
    found: dict[str, Sql] = {}
    for module in pkgutil.walk_packages(bascule.__path__, "bascule."):
        if module.name.startswith(("bascule.store.", "bascule.server.show.")) and ".migrations." not in module.name:
            found |= {sql.text: sql for sql in within(vars(import_module(module.name)).values())}
    return found


def within(values: Any) -> Iterator[Sql]:
    for value in values:
        if isinstance(value, Sql):
            yield value
        elif isinstance(value, Mapping):
            yield from within(value.values())
        elif isinstance(value, (list, tuple)):
            yield from within(value)


def understand(tx: Tx, sql: Sql) -> None:
    """Have a statement read and checked, and not run. Raises what the database has against it."""
    if tx.dialect == "sqlite":
        tx._connection.execute(f"EXPLAIN {sql.sqlite}", dict.fromkeys(NAME.findall(sql.sqlite)))
        return
    numbers: dict[str, int] = {}
    text = PARAMETER.sub(lambda match: f"${numbers.setdefault(match[1], len(numbers) + 1)}", sql.postgresql)
    tx._connection.execute(f"PREPARE one AS {text.replace('%%', '%')}")
    tx._connection.execute("DEALLOCATE one")


def test_every_statement_is_understood(store: Store) -> None:
    found = statements()
    assert len(found) > 300
    if store.dialect == "sqlite":
        found = {text: sql for text, sql in found.items() if text not in POSTGRESQL_ONLY}
    refused: dict[str, str] = {}

    def unit(tx: Tx) -> None:
        for text, sql in found.items():
            try:
                with tx.savepoint():
                    understand(tx, sql)
            except Exception as error:
                refused[text] = str(error)

    store.transact(unit)
    assert refused == {}
