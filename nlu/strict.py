"""Settings that know what they are asked for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class StrictSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
