"""Field types that the messages share, every one of them bounded."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$")]
"""Of a pack, an answer, a part, a version."""
Line = Annotated[str, StringConstraints(max_length=300)]
"""For people."""
Whole = Annotated[int, Field(ge=0, le=2**53 - 1)]
Counter = Annotated[int, Field(ge=1, le=2**53 - 1)]
Seconds = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
"""Since 1970, UTC, by the sender's clock, which may be wrong."""


class Body(BaseModel):
    """A message. Fields that a newer version added are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)
