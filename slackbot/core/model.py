"""The base of every frozen model of the house."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, refuses unknown fields; change one by `model_copy(update=…)`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
