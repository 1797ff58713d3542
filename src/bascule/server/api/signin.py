"""`/api/v1/sign-in`: the provider of identities that people sign in by."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bascule.office.signin import Standing, stored

from .caller import KEY, Admin

router = APIRouter(prefix="/api/v1", dependencies=[Depends(KEY)], tags=["admin"])


class Mapped(BaseModel):
    """A value of the claim, and the role it gives."""

    value: str
    role: str


class SignInChoice(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    on: bool = Field(default=False, description="Whether people sign in by it.")
    label: str = Field(default="", description="What the button calls it.")
    issuer: str = Field(default="", description="Exactly as the provider writes it.")
    client_id: str = ""
    secret: SecretStr = Field(default=SecretStr(""), description='Kept sealed, never shown again. "": forget it.')
    scopes: list[str] = ["openid", "email", "profile"]
    claim: str = Field(default="groups", description="The claim that gives the role.")
    roles: list[Mapped] = Field(default=[], description="The first value that somebody has counts.")
    default: str = Field(default="", description='The role of whoever has none of them; "": they are refused.')
    trust_email: bool = Field(default=False, description="Its addresses count as verified though it does not say so.")
    local: bool = Field(default=True, description="Login links let everybody in, not administrators only.")


class SignInStanding(BaseModel):
    """What is chosen."""

    on: bool
    label: str
    issuer: str
    client_id: str
    secret: bool = Field(description="Whether one is kept.")
    fixed: bool = Field(description="Issuer, client and secret come from the environment.")
    redirect_uri: str = Field(description="To be registered at the provider.")
    scopes: list[str]
    claim: str
    roles: list[Mapped]
    default: str
    trust_email: bool
    local: bool


def _standing(found: Standing) -> SignInStanding:
    roles = [{"value": value, "role": role} for value, role in found.choice.roles]
    said = {**stored(found.choice), "scopes": list(found.choice.scopes), "roles": roles}
    return SignInStanding.model_validate(
        {**said, "secret": found.secret, "fixed": found.fixed, "redirect_uri": found.redirect_uri}
    )


@router.get("/sign-in", summary="How people sign in")
async def sign_in(at: Admin) -> SignInStanding:
    return _standing(await at.app.sign_in.told())


@router.patch("/sign-in", summary="Choose the provider of identities, or change the choice")
async def choose_sign_in(at: Admin, body: SignInChoice) -> SignInStanding:
    """It is asked what it says of itself before anything is kept; login links of administrators go on working."""
    given = body.model_dump(include=body.model_fields_set - {"secret"}, mode="json")
    if "roles" in given:
        given["roles"] = [(one.value, one.role) for one in body.roles]
    secret = body.secret.get_secret_value().strip() if "secret" in body.model_fields_set else None
    return _standing(await at.app.sign_in.choose(given, at.program.actor, secret=secret))
