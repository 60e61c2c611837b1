"""What of a document is no content, as `app.toml` says it."""

from __future__ import annotations

from pydantic import Field

from nlu.strict import StrictSettings
from nlu.text.noise.debris import DEBRIS
from nlu.text.noise.noise import NoiseReason
from nlu.text.noise.signatures import FEWEST_PAGES


class NoiseSettings(StrictSettings):
    """Which noise is kept from the model: all of it but the reasons that `content` names.

    `debris`: from which share of broken characters on a sentence is one; `repeated`: from how many pages on a
    line at the edge of a page counts as repeated.
    """

    content: tuple[NoiseReason, ...] = ()
    debris: float = Field(default=0.6, ge=DEBRIS, le=1)
    repeated: int = Field(default=3, ge=FEWEST_PAGES)
