"""Runs img2table in its own environment: `python img2table_peer.py FOLDER COUNT`.

FOLDER holds `0.png`, `0.json` ([[text, [x0, y0, x1, y1], confidence]...], pixels) and so on; prints, a page
each, its tables as JSON lists of [[x0, y0, x1, y1], text].
"""

import json
import sys
from pathlib import Path

from img2table.document import Image
from img2table.ocr._types import OCRData, OCRInstance


class ReadAlready(OCRInstance):
    """Lines that another engine has read."""

    def __init__(self, lines):
        self._lines = lines

    def of(self, document):
        records = [
            {
                "id": f"word_{number}",
                "parent": f"word_{number}",
                "value": text,
                "confidence": min(int(100 * confidence), 99),
                **dict(zip(("x1", "y1", "x2", "y2"), box, strict=True)),
            }
            for number, (text, box, confidence) in enumerate(self._lines)
        ]
        return OCRData(records={0: records}) if records else None


def tables_of(folder, number):
    lines = json.loads(Path(folder, f"{number}.json").read_text(encoding="utf-8"))
    document = Image(Path(folder, f"{number}.png"))
    found = document.extract_tables(ocr=ReadAlready(lines), borderless_tables=True, min_confidence=1)
    tables = []
    for table in found:
        cells = {
            (cell.bbox.x1, cell.bbox.y1, cell.bbox.x2, cell.bbox.y2): cell.value or ""
            for row in table.content.values()
            for cell in row
        }
        tables.append([[list(box), text] for box, text in cells.items()])
    return tables


if __name__ == "__main__":
    json.dump([tables_of(sys.argv[1], number) for number in range(int(sys.argv[2]))], sys.stdout)
