"""`python -m bascule.match.sweeping`: lines "token<TAB>person" in, lines "person<TAB>person<TAB>probability" out.

A token is the letter of its kind and a keyed digest. Everything stays in memory: DuckDB is given no folder to spill to,
and fails clearly where `--memory` does not suffice.
"""

from __future__ import annotations

import argparse
import logging
import sys

import duckdb
from splink import DuckDBAPI, Linker

from bascule.match.likeness import CROWD, FEW
from bascule.match.sweeping.model import SURE, M, settings

TWICE = 0.1  # of the people, how many are expected to be there twice: only for the share of pairs that are one person


def main() -> None:
    line = argparse.ArgumentParser(prog="python -m bascule.match.sweeping")
    line.add_argument("--memory", type=int, default=2500, help="megabytes that DuckDB may take")
    line.add_argument("--threads", type=int, default=2)
    given = line.parse_args()
    logging.getLogger("splink").setLevel(logging.ERROR)
    database = duckdb.connect(":memory:")
    database.execute(f"SET memory_limit = '{given.memory}MB'")
    database.execute(f"SET threads = {given.threads}")
    database.execute("SET temp_directory = ''")
    database.execute("SET preserve_insertion_order = false")
    many = load(database)
    if many:
        out(database, pairs(database, many))


def load(database: duckdb.DuckDBPyConnection) -> int:
    """Fill `people` with those who share a telling key with anybody; how many people there are in all."""
    database.execute("""
        CREATE TABLE told AS
        SELECT * FROM read_csv('/dev/stdin', delim = '\t', header = false, quote = '',
            columns = {'token': 'VARCHAR', 'person': 'VARCHAR'})""")
    many = database.execute("SELECT count(DISTINCT person) FROM told").fetchone()
    database.execute(f"""
        CREATE TABLE shared AS
        SELECT token, left(token, 1) AS kind, count(*) AS holders FROM told
        GROUP BY token HAVING count(*) BETWEEN 2 AND {CROWD}""")
    lists = ", ".join(
        f"list(token) FILTER (kind = '{kind}') AS {kind}" if kind != "r" else
        f"list(token) FILTER (kind = 'n' AND holders <= {FEW}) AS r"
        for kind in M
    )  # fmt: skip
    database.execute(f"""
        CREATE TABLE people AS
        SELECT person AS unique_id, {lists} FROM told JOIN shared USING (token) GROUP BY person""")
    database.execute("DROP TABLE told")
    return int(many[0]) if many else 0


def pairs(database: duckdb.DuckDBPyConnection, many: int) -> str:
    """Weigh the pairs; the name of the table that holds those who are likely one person."""
    counted = database.execute("SELECT kind, holders, count(*) FROM shared GROUP BY kind, holders").fetchall()
    strangers = dict.fromkeys(M, 0.0)
    for kind, holders, times in counted:
        likely = times * holders * (holders - 1) / (many * max(1, many - 1))
        strangers[kind] = strangers.get(kind, 0.0) + likely
        if kind == "n" and holders <= FEW:
            strangers["r"] += likely
    api = DuckDBAPI(connection=database)
    linker = Linker(api.register("people"), settings(strangers, 2 * TWICE / max(2, many)))
    return linker.inference.predict(threshold_match_probability=SURE).physical_name


def out(database: duckdb.DuckDBPyConnection, table: str) -> None:
    found = database.execute(f"""
        SELECT unique_id_l, unique_id_r, match_probability FROM {table} ORDER BY match_probability DESC""")
    while rows := found.fetchmany(10_000):
        sys.stdout.writelines(f"{one}\t{other}\t{sure:.6f}\n" for one, other, sure in rows)


if __name__ == "__main__":
    main()
