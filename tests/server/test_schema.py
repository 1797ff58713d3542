"""The whole API as its own description promises it: each operation is called with what the description allows and with
what it does not, and every answer is one that the description names. `BASCULE_SCHEMA_EXAMPLES` calls each more often.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from bascule.connectors.aitool import SYSTEM
from bascule.model import Actor, ActorKind
from bascule.office.accounts import NewConnection
from bascule.server.run import listening
from bascule.settings import Settings

EXAMPLES = int(os.environ.get("BASCULE_SCHEMA_EXAMPLES", "1"))
KEPT = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
TOOLS = "/api/tools/"
BACKUP = "/api/v1/backup"  # writes a file wherever it is told
SETUP = Actor(ActorKind.PERSON, "set-up", "set-up")


@pytest.fixture
def nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made up as an address is looked up nowhere and called by nobody."""
    known = socket.getaddrinfo

    def only_here(host: Any, *more: Any, **options: Any) -> Any:
        if host not in ("127.0.0.1", "localhost", b"127.0.0.1"):
            raise socket.gaierror(socket.EAI_NONAME, "there is nobody of that name")
        return known(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", only_here)


async def test_every_operation_keeps_what_the_description_of_the_api_says(tmp_path: Path, nowhere_else: None) -> None:
    async with listening(Settings(data=tmp_path / "data", port=0, log_level="error")) as running:
        _, tool = await running.app.aitools.connect(NewConnection("quill", SYSTEM), SETUP)
        keys = {TOOLS: tool, "": running.app.local_key}
        answered, wrong = await asyncio.to_thread(_called, f"{running.url}/api/v1/openapi.json", keys)
    assert wrong == [], "\n".join(wrong)
    assert {200, 404, 422} <= answered  # it was let in, and asked for what is there and what is not


def _called(address: str, keys: Mapping[str, str]) -> tuple[set[int], list[str]]:
    """Every status that was answered, and what was wrong, a line each."""
    schema = schemathesis.openapi.from_url(address)
    checks = [CHECKS.get_one(name) for name in KEPT]
    answered, wrong = set[int](), list[str]()

    def call(case: Any) -> None:
        key = next(key for path, key in keys.items() if case.operation.path.startswith(path))
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {key}"}
        answer = case.call(timeout=20)
        answered.add(answer.status_code)
        case.validate_response(answer, checks=checks)

    often = settings(
        max_examples=EXAMPLES, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path == BACKUP:
            continue
        for mode in GenerationMode:
            try:
                often(given(case=operation.as_strategy(generation_mode=mode))(call))()
            except Unsatisfiable:
                continue  # everything that can be sent is allowed
            except FailureGroup as error:
                wrong.append(f"{operation.label} ({mode.name.lower()}): {error}")
    return answered, wrong
