"""An AI tool as a connection: it is never polled, as it comes to our door; what is sent to it is that there is news."""

from __future__ import annotations

from collections.abc import Generator

from bascule.connectors.spec import Connector, InBody, LinkHeader, Request, Response, Tenant, retry_after
from bascule.errors import RejectedError, RemoteError, ThrottledError, UnavailableError

SYSTEM = "aitool"
NOWHERE = "http://localhost"  # the address of a tool that wants no hints: nothing is ever sent there


def discover() -> Generator[Request, Response, Tenant]:
    """Nothing is asked of a tool."""
    yield from ()
    return Tenant()


def errors(request: Request, response: Response) -> RemoteError | None:
    status = response.status
    if status < 400:
        return None
    if status == 429:
        return ThrottledError(
            "The AI tool asks for fewer hints.", status=status, retry_after=retry_after(response.headers)
        )
    if status >= 500:
        return UnavailableError(f"The AI tool answered {status} to a hint.", status=status)
    return RejectedError(
        f"The AI tool answered {status} to a hint.", status=status, hint="Look at its address and its signing secret."
    )


CONNECTOR = Connector(
    name=SYSTEM,
    label="AI tool",
    base_url=NOWHERE,
    hosts=(),
    auth=InBody(needs=()),
    settings=(
        ("contact", "yes: the tool is shown names, addresses and numbers", False),
        ("resume", "no: the tool cannot have the CV", False),
        ("answers", "yes: the tool is shown screening answers", False),
        ("webhook_secret", "secret its hints are signed with (made where none is given)", True),
    ),
    pages=LinkHeader(),
    rates={},
    reads=(),
    sends={},
    creates={},
    deletes={},
    fields=lambda _tenant, _connection: (),
    discover=discover,
    setup=lambda _tenant, _wanted: (),
    create_field=lambda _wanted: (_ for _ in ()),  # type: ignore[arg-type,return-value]
    errors=errors,
    optional=frozenset({"contact", "resume", "answers"}),
)
