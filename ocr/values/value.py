"""What every reader of values gives back."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.document import ValueKind


@dataclass(frozen=True, slots=True)
class Value:
    """`normalized` is one form for all spellings: ISO 8601 for dates, times and intervals, a plain decimal
    with its sign for amounts and numbers, digits and hyphens for telephones and postal codes, the chosen
    options joined by 、, digits (with T before them) for registrations. `unit` is what the number counts, or
    what is remarked beside it.
    """

    kind: ValueKind
    normalized: str
    unit: str = ""
