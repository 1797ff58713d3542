"""One frozen settings object; the only reader of the environment.

Every setting may be given as an environment variable `BASCULE_<NAME>` or in a file named by `BASCULE_ENV_FILE`; the
command line's `--data` wins over both.
"""

from __future__ import annotations

import base64
import os
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from .errors import ConfigurationError


class Settings(BaseSettings):
    """How this installation runs."""

    model_config = SettingsConfigDict(env_prefix="BASCULE_", frozen=True, extra="forbid", secrets_dir=None)

    data: Path = Field(default=Path("data"), description="Folder of the database, the sealed files and the master key.")
    database: str = Field(default="", description="Database URL. Empty: a SQLite file in the data folder.")
    host: str = Field(default="127.0.0.1", description="Address the server listens on.")
    port: int = Field(default=8400, ge=0, le=65535, description="Port the server listens on (0: a free one).")
    public_url: str = Field(default="", description="Address at which people and systems reach this server.")
    trusted_proxies: tuple[str, ...] = Field(
        default=(),
        description="Addresses (or networks) of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. "
        "Empty: this machine's own, 127.0.0.1.",
    )
    master_key: SecretStr | None = Field(
        default=None, description="Base64 of 32 bytes that wrap all other keys. Empty: a file in the data folder."
    )
    workspace: str = Field(
        default="", description="Which workspace a command is about. Empty: the one of the data folder itself."
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts besides the vendors' own and loopback that a connection may talk to, "
        "and hosts that are not public which events may be sent to.",
    )
    raw_retention_days: int = Field(
        default=30,
        ge=0,
        description="Days raw payloads and CVs are kept in a new workspace (0: transit only, nothing is kept).",
    )
    stage_history_days: int = Field(
        default=730,
        ge=0,
        description="How many days back applications may have been made whose way through the stages is read from the "
        "ATS's own history, for figures (0: of none).",
    )
    request_timeout: float = Field(default=20.0, gt=0, description="Seconds to wait for an answer of a system.")
    lease: float = Field(
        default=90.0,
        gt=0,
        description="Seconds after which another process takes over the work of one that stopped answering.",
    )
    workers: int = Field(default=16, ge=1, le=256, description="Pieces of work under way at once in one process.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="What is logged.")
    log_json: bool = Field(default=False, description="Log lines as JSON.")
    max_hook_bytes: int = Field(default=2_000_000, ge=1_000, description="Largest webhook body that is accepted.")
    undo_seconds: int = Field(
        default=60,
        ge=0,
        le=3600,
        description="Seconds for which a message that a person has sent can be taken back before it leaves (0: it "
        "leaves at once).",
    )
    session_hours: int = Field(default=12, ge=1, description="How long a log-in lasts.")
    session_idle_minutes: int = Field(
        default=120, ge=0, description="Minutes after which a log-in that nobody uses ends (0: not because of that)."
    )
    oidc_issuer: str = Field(
        default="",
        description="Issuer of an OpenID Connect provider that people sign in by. Empty: as chosen on the page.",
    )
    oidc_client_id: str = Field(default="", description="What that provider knows Bascule by.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="The secret of that client. Empty: it has none."
    )
    openapi: bool = Field(default=True, description="Serve the description of the API at /api/v1/openapi.json.")

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            ip_network(one, strict=False)  # its ValueError says what is wrong; a name, or "*", would trust strangers
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _an_issuer(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with https:// (http:// on this machine only)")
        return value

    @model_validator(mode="after")
    def _with_client(self) -> Settings:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("BASCULE_OIDC_ISSUER needs BASCULE_OIDC_CLIENT_ID beside it")
        return self

    @model_validator(mode="after")
    def _outlives(self) -> Settings:
        if self.lease < 2 * self.request_timeout:
            raise ValueError("BASCULE_LEASE must be at least twice BASCULE_REQUEST_TIMEOUT")
        return self

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'bascule.db'}"

    @property
    def address(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def given_key(self) -> bytes | None:
        """The master key that the environment gives; None: it is kept in a file. ConfigurationError if it is none."""
        if self.master_key is None:
            return None
        try:
            key = base64.b64decode(self.master_key.get_secret_value(), validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise ConfigurationError(
                "BASCULE_MASTER_KEY must be the base64 of 32 bytes.", hint="Make one: openssl rand -base64 32"
            )
        return key


def traces_wanted() -> bool:
    """Whether the standard OTEL_* settings ask for traces (an OTLP endpoint, or `OTEL_TRACES_EXPORTER=otlp`) and
    nothing switches them off. ConfigurationError for what is not spoken here."""
    environ = os.environ
    exporter = environ.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    named = environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or exporter == "none" or not (exporter or named):
        return False
    if exporter not in ("", "otlp"):
        raise ConfigurationError(f"OTEL_TRACES_EXPORTER={exporter} is not known here.", hint="Take otlp, or none.")
    protocol = environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if protocol not in (None, "", "http/protobuf"):
        hint = "Take http/protobuf; the collector's port for it is usually 4318."
        raise ConfigurationError(f"Traces are not sent by the OTLP protocol {protocol}.", hint=hint)
    return True


def load(**overrides: object) -> Settings:
    """Settings from the environment, a file and these overrides. Raises ConfigurationError, one line a mistake."""
    env_file = os.environ.get("BASCULE_ENV_FILE")
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(_env_file=env_file, **given)  # type: ignore[arg-type]
    except SettingsError as error:
        raise ConfigurationError(
            f"{error}.", hint="Lists are written as JSON: BASCULE_ALLOWED_HOSTS='[\"ats.example\"]'."
        ) from None
    except ValidationError as error:
        lines = [
            f"BASCULE_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}" for item in error.errors()
        ]
        raise ConfigurationError(
            "; ".join(lines), hint="Mend the setting and start again; docs/operate.md lists all of them."
        ) from None
