"""A field from its label and value as they are printed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.document import Box, Field, Line
from ocr.script.item_marks import without_mark
from ocr.values.numbers import is_unit

UNIT_LABEL = "単位"  # whose value is a unit
SPECKS = "-‐–—_.,·:：|'`~・、。"  # at the ends of a label these are dirt and pieces of rulings
_SPECK_AT_END = re.compile(r"(?<=[^\x00-\x7f])[.,'`|、]$")  # no value in Japanese ends so
_FULL_STOP = "。"  # between a value and the sentence that follows it


def printed_value(text: str, *, ended: bool) -> str:
    """The value without a speck behind it, and without the full stop where it has `ended`."""
    bare = _SPECK_AT_END.sub("", text)
    return bare.removesuffix(_FULL_STOP) if ended else bare


def printed_field(
    label: str, value: str, start: int, names: Sequence[Line], values: Sequence[Line], room: Box
) -> Field:
    """The field with its label and value as they are printed, the value at offset `start`.

    `names` and `values` are the lines that they stand on, `room` where an empty value would stand. A value
    that is nothing but its unit is still to be filled in.
    """
    name = _label(label)
    unit = value if is_unit(value) and UNIT_LABEL not in name else ""
    return Field(
        name=name,
        value="" if unit else value,
        name_box=Box.around(line.box for line in names),
        value_box=Box.around(line.box for line in values) if values and not unit else room,
        confidence=min(line.confidence for line in (*names, *values)),
        start=start,
        end=start + (0 if unit else len(value)),
        unit=unit,
    )


def _label(printed: str) -> str:
    """The label without its bullet or number and without specks; the stop of No. is none."""
    bare = without_mark(printed).strip(SPECKS) or printed
    return f"{bare}." if printed.endswith(f"{bare}.") and bare.endswith("No") else bare
