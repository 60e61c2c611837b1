"""Letters as curves: what a PDF says of a text that was turned into paths."""

from __future__ import annotations

from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath, text_to_path


def outlined(text: str, x: float, y: float, size: float, paint: bytes = b"f") -> bytes:
    """PDF operators that draw `text` letter by letter from its base line at (`x`, `y`) on."""
    face = FontProperties(size=size)
    starts = (
        text_to_path.get_text_width_height_descent(text[:at], face, False)[0] for at in range(len(text))
    )
    return b"\n".join(
        _path(TextPath((x + start, y), letter, prop=face)) + paint
        for letter, start in zip(text, starts, strict=True)
        if letter.strip()
    )


def _path(path: Path) -> bytes:
    operators = []
    current = (0.0, 0.0)
    for points, code in path.iter_segments(simplify=False):
        values = [float(value) for value in points]
        if code == Path.MOVETO:
            operators.append(b"%.2f %.2f m" % tuple(values))
        elif code == Path.LINETO:
            operators.append(b"%.2f %.2f l" % tuple(values))
        elif code == Path.CURVE3:  # a parabola as a cubic
            (x0, y0), (cx, cy, x1, y1) = current, values
            first = (x0 + 2 / 3 * (cx - x0), y0 + 2 / 3 * (cy - y0))
            second = (x1 + 2 / 3 * (cx - x1), y1 + 2 / 3 * (cy - y1))
            operators.append(b"%.2f %.2f %.2f %.2f %.2f %.2f c" % (*first, *second, x1, y1))
        elif code == Path.CURVE4:
            operators.append(b"%.2f %.2f %.2f %.2f %.2f %.2f c" % tuple(values))
        else:
            operators.append(b"h")
            continue
        current = (values[-2], values[-1])
    return b"\n".join(operators) + b"\n"
