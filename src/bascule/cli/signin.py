"""`bascule sign-in`: the provider of identities that people sign in by, beside login links."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import DATA, JSON, emit, fail, out, reached, table
from .reach import Reach

app = typer.Typer(no_args_is_help=True, help="How people sign in: by a provider of identities, and by login links.")


@app.command("show")
def signin_show(data: DATA = None, as_json: JSON = False) -> None:
    """What is chosen, and the redirect address to register at the provider."""
    found = reached(data, lambda reach: reach.get("/sign-in"))
    emit(found, as_json, lambda: _show(found))


@app.command("set")
def signin_set(
    issuer: Annotated[str | None, typer.Option(help="The provider's issuer, exactly as it writes it.")] = None,
    client_id: Annotated[str | None, typer.Option(help="What it knows Bascule by.")] = None,
    secret: Annotated[str | None, typer.Option(help='Its secret; "-" asks for it without showing it.')] = None,
    label: Annotated[str | None, typer.Option(help="What the button calls it.")] = None,
    claim: Annotated[str | None, typer.Option(help="The claim that gives the role.")] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="VALUE=ROLE of that claim, the first counts; may be repeated.")
    ] = None,
    default: Annotated[str | None, typer.Option(help='The role of whoever has none of them; "" refuses them.')] = None,
    scope: Annotated[list[str] | None, typer.Option(help="What is asked for; may be repeated.")] = None,
    trust_email: Annotated[
        bool | None,
        typer.Option("--trust-email/--verified-email", help="Addresses count as verified though it does not say so."),
    ] = None,
    local: Annotated[
        bool | None, typer.Option("--links/--links-for-administrators", help="Whom login links let in.")
    ] = None,
    on: Annotated[bool, typer.Option("--on/--off", help="Whether people sign in by it.")] = True,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Choose the provider (OpenID Connect), or change the choice. What is not given stays. The provider is asked what
    it says of itself first; a login link of an administrator (`bascule login`) always lets them in."""
    given: dict[str, Any] = {
        "on": on, "issuer": issuer, "client_id": client_id, "label": label, "claim": claim, "default": default,
        "scopes": scope, "trust_email": trust_email, "local": local,
        "roles": None if role is None else [_pair(one) for one in role],
    }  # fmt: skip
    body = {name: value for name, value in given.items() if value is not None}
    if secret is not None:
        body["secret"] = typer.prompt("secret", hide_input=True) if secret == "-" else secret
    found = reached(data, lambda reach: reach.patch("/sign-in", body))
    emit(found, as_json, lambda: _show(found))


@app.command("off")
def signin_off(data: DATA = None, as_json: JSON = False) -> None:
    """Let nobody sign in by the provider any more. The choice stays; login links let everybody in."""
    found = reached(data, lambda reach: reach.patch("/sign-in", {"on": False}))
    emit(found, as_json, lambda: _show(found))


@app.command("visibility")
def signin_visibility(
    team_only: Annotated[
        bool | None, typer.Option("--team-only/--everybody", help="Who sees a candidate, besides those exempt by role.")
    ] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Which colleagues see a candidate: all with the right, or only the hiring team of a job they applied to, as the
    ATS names it. With an option, choose. Says whom the ATS knows as whom."""

    async def work(reach: Reach) -> Any:
        if team_only is None:
            return await reach.get("/visibility")
        return await reach.put("/visibility", {"team_only": team_only})

    found = reached(data, work)

    def show() -> None:
        who = "the hiring team of a job they applied to" if found["team_only"] else "every colleague with the right"
        out.print(f"A candidate is seen by {who}. Confidential jobs and private candidates: by the team alone.")
        rows = table("name", "e-mail", "role", "in the ATS")
        for one in found["items"]:
            known = "sees everybody" if one["everybody"] else "known" if one["users"] else "nobody: on no team"
            rows.add_row(one["name"], one["email"], one["role"], known)
        out.print(rows)

    emit(found, as_json, show)


def _pair(text: str) -> dict[str, str]:
    value, equals, role = text.rpartition("=")
    if not equals:
        fail(f"{text!r} names no role. Write it as VALUE=ROLE, for example hr=recruiter.")
    return {"value": value, "role": role}


def _show(found: Any) -> None:
    links = "everybody" if found["local"] or not found["on"] else "administrators only"
    lines = [
        f"People sign in with {found['label'] or found['issuer']}." if found["on"] else "No provider is in use.",
        f"Login links let in {links}.",
        f"Redirect address to register there: {found['redirect_uri']}",
    ]
    if found["issuer"]:
        where = " (from the environment)" if found["fixed"] else ""
        secret = "with a secret" if found["secret"] else "without a secret"
        lines.insert(1, f"Issuer {found['issuer']}, client {found['client_id']}, {secret}{where}.")
        roles = ", ".join(f"{one['value']}: {one['role']}" for one in found["roles"]) or "none"
        lines.insert(2, f"Roles by {found['claim']}: {roles}; else {found['default'] or 'refused'}.")
    for line in lines:
        out.print(line, markup=False, highlight=False)
