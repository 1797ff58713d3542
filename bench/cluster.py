"""A PostgreSQL of our own that is as careful as a real one: what it has answered survives a power cut."""

from __future__ import annotations

from tests.databases import Cluster


class Durable(Cluster):
    """The tests' throw-away cluster, with `fsync` and full pages on. Its data is still thrown away with it."""

    def __init__(self) -> None:
        super().__init__()
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' -c max_connections=100"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-l", log, "-o", options, "-m", "fast", "-w", "restart")

    @property
    def pid(self) -> int:
        """The server's first process; the others are below it."""
        return int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])

    def version(self) -> str:
        import psycopg

        with psycopg.connect(self.url("postgres")) as connection:
            found = connection.execute("SHOW server_version").fetchone()
            assert found is not None
            return str(found[0]).split()[0]
