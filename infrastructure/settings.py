"""What the environment says, read once and typed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_folder() -> Path:
    """Where files live when nobody says: a place that the unprivileged user of a root installation can reach."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/gongduan")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "gongduan"


class Settings(BaseSettings):
    """Settings of every process: GONGDUAN_DATABASE_URL, GONGDUAN_OWNER_URL, GONGDUAN_DATA, and so on."""

    model_config = SettingsConfigDict(env_prefix="GONGDUAN_", extra="ignore")

    environment: Literal["sandbox", "production"] = "sandbox"
    database_url: SecretStr | None = Field(default=None, description="for the service or the worker")
    owner_url: SecretStr | None = Field(default=None, description="for migrations")
    data: Path = Field(default_factory=default_data_folder, description="evidence, keys, embedded database")
    host: str = "127.0.0.1"
    port: int = Field(default=8400, ge=0, le=65535)
    payments_url: str | None = Field(default=None, description="the platform's payment service")
    payments_token: SecretStr = SecretStr("")
    payments_timeout_s: float = Field(default=20.0, gt=0, description="how long an answer of it is waited for")
    jobs_stalled_s: float = Field(default=30.0, gt=0, description="a worker silent for so long is taken for dead")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _production_waits(self) -> Self:
        """Personal data is not encrypted yet, so nothing real may be stored."""
        if self.environment == "production":
            msg = "this release is not for production: personal data is not encrypted; leave GONGDUAN_ENVIRONMENT unset"
            raise ValueError(msg)
        return self
